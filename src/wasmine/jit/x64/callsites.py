"""Calls of functions, and what is noted of their return addresses."""

import cython
from cython.cimports.libc.stdint import int64_t, uint32_t, uint64_t
from cython.cimports.wasmine.ir.func import IrFunc
from cython.cimports.wasmine.jit.backend.codebuffer import emit_u8, emit_u32
from cython.cimports.wasmine.jit.backend.machine import INST_CALL, MachInst
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.codemap import NOTE_CALL, add_landing, add_note
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.assembler import RDI, RDX, RSI
from cython.cimports.wasmine.jit.x64.cold import new_stub, trap_on_status
from cython.cimports.wasmine.jit.x64.constants import emit_with_pool, high_half, low_half
from cython.cimports.wasmine.jit.x64.convention import CALLEE, INSTANCE, SCRATCH
from cython.cimports.wasmine.jit.x64.emit import STUB_FUNCREF, Emit, Stub
from cython.cimports.wasmine.jit.x64.encode import emit_const, emit_rr
from cython.cimports.wasmine.jit.x64.jumps import patch
from cython.cimports.wasmine.jit.x64.lower import CC_NE
from cython.cimports.wasmine.jit.x64.operands import emit_mem
from cython.cimports.wasmine.runtime.vm import FuncInst, Instance

Emitting = cython.typedef(cython.pointer[Emit])
Made = cython.typedef(cython.pointer[cython.const[MachInst]])
Words = cython.typedef(cython.pointer[uint32_t])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def call_native(e: Emitting, inst: Made) -> cython.void:
    """Through the callee's entry, which finds its IrFunc in the scratch register; to itself, directly."""
    func: cython.pointer[IrFunc] = cython.NULL
    if inst.imm == cython.cast(int64_t, cython.cast(cython.size_t, e.links.self)):
        emit_u8(e.code, 0xE8)
        emit_u32(e.code, 0)
        patch(e, e.code.size - 4, 0)
    else:
        emit_const(e.code, SCRATCH, inst.imm)
        emit_mem(e, x.X_CALL, 0, SCRATCH, offset(cython.address(func.native)))
    note_call(e)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def call_funcref(e: Emitting, inst: Made) -> cython.void:
    func: cython.pointer[FuncInst] = cython.NULL
    ir: cython.pointer[IrFunc] = cython.NULL
    stub: cython.pointer[Stub]
    place: uint32_t
    emit_mem(e, x.X_CMP64, INSTANCE, CALLEE, offset(cython.address(func.inst)))
    stub = new_stub(e, STUB_FUNCREF, CC_NE)
    place = e.n_stubs - 1
    emit_mem(e, x.X_MOV64, SCRATCH, CALLEE, offset(cython.address(func.ir)))
    emit_mem(e, x.X_CALL, 0, SCRATCH, offset(cython.address(ir.native)))
    note_call(e)
    if stub != cython.NULL:
        e.stubs[place].type_id = inst.aux
        e.stubs[place].back = e.code.size


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def call_helper(e: Emitting, inst: Made) -> cython.void:
    """helper(ctx, inst, instr, slots); the slots are in rcx. Traps with what it returns."""
    instance: cython.pointer[Instance] = cython.NULL
    emit_mem(e, x.X_MOV64, RDI, INSTANCE, offset(cython.address(instance.ctx)))
    emit_rr(e.code, x.X_MOV64, RSI, INSTANCE, 0)
    emit_with_pool(e, x.X_LEA64, RDX, low_half(e, inst), high_half(e, inst))
    emit_const(e.code, SCRATCH, inst.imm)
    emit_rr(e.code, x.X_CALL, 0, SCRATCH, 0)
    trap_on_status(e)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def adapter(e: Emitting, type_id: uint32_t) -> uint64_t:
    found: cython.p_void = e.links.adapter_of(e.links.module, type_id)
    if found == cython.NULL:
        e.failed = 1
    return cython.cast(uint64_t, cython.cast(cython.size_t, found))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def note_call(e: Emitting) -> cython.void:
    """See emit.pxd."""
    add_note(e.notes, e.code.size, e.at.pos, e.at.site, NOTE_CALL)
    if e.at.flags & INST_CALL:
        add_landings(e, e.at.label)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_landings(e: Emitting, handlers: uint32_t) -> cython.void:
    """Where exceptions go from the call just emitted: to blocks, until these are placed."""
    list: Words = e.m.pool + handlers
    i: uint32_t
    if handlers != 0:
        for i in range(list[0]):
            add_landing(e.notes, e.code.size, list[3 * i + 1], list[3 * i + 2], list[3 * i + 3])
