"""Instruction selection for `memory.atomic.wait32`, `.wait64` and `.notify`: the interpreter does them."""

import cython
from cython.cimports.libc.stdint import int64_t, uint32_t, uint64_t
from cython.cimports.libc.string import memset
from cython.cimports.wasmine.interp.atomics import atomic
from cython.cimports.wasmine.ir.func import Instr
from cython.cimports.wasmine.ir.groups import DataWord
from cython.cimports.wasmine.jit.backend.accesses import ACCESS_32, ACCESS_64
from cython.cimports.wasmine.jit.backend.calls import find_slots
from cython.cimports.wasmine.jit.backend.lower import Lower, emit, emit_load, use_fixed, use_reg, value_of
from cython.cimports.wasmine.jit.backend.machine import (
    INST_CALL,
    ROLE_BASE,
    ROLE_REG,
    MachInst,
    take_words,
)
from cython.cimports.wasmine.jit.backend.pseudo import P_CALL_HELPER
from cython.cimports.wasmine.jit.ssa.info import WASM
from cython.cimports.wasmine.runtime.vm import Instance, VMContext

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def wait_or_notify(
    ctx: cython.pointer[VMContext],
    inst: cython.pointer[Instance],
    given: cython.pointer[Instr],
    slots: cython.pointer[uint64_t],
) -> uint32_t:
    """Runs the interpreter's function: operands and result are in slots, `given` holds memory and offset."""
    code = cython.declare(Instr[2])
    data: cython.pointer[DataWord] = cython.cast(cython.pointer[DataWord], cython.address(code[1]))
    memset(code, 0, cython.sizeof(code))
    code[0].x = given.x
    code[0].c = given.a
    data.offset_low = given.b
    data.offset_high = given.c
    data.slot = 1
    data.extra = 2
    return atomic(ctx, inst, code, slots)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_wait(s: Lowering, id: uint32_t) -> cython.void:
    slots: uint32_t = find_slots(s)
    word: uint32_t = take_words(s.m, 4)
    i: uint32_t
    value: uint32_t
    made: Made
    for i in range(s.f.insts[id].n_args):
        value = value_of(s, s.f.insts[id].args[i])
        made = emit(s, s.machine.accesses.store[ACCESS_64])
        made.disp = 8 * i
        use_reg(s, made, value, ROLE_REG)
        use_reg(s, made, slots, ROLE_BASE)
    s.m.pool[word] = cython.cast(uint32_t, WASM[s.f.insts[id].op]) << 16
    s.m.pool[word + 1] = s.f.insts[id].aux
    s.m.pool[word + 2] = cython.cast(uint32_t, s.f.insts[id].imm)
    s.m.pool[word + 3] = cython.cast(uint32_t, s.f.insts[id].imm >> 32)
    s.m.has_calls = 1
    made = emit(s, P_CALL_HELPER)
    made.flags = INST_CALL
    made.imm = cython.cast(int64_t, cython.cast(cython.size_t, cython.cast(cython.p_void, wait_or_notify)))
    made.aux = word
    use_fixed(s, made, slots, s.machine.slots)
    if s.vregs[id] != 0:
        emit_load(s, ACCESS_32, s.vregs[id], find_slots(s), 0)
