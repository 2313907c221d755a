"""What tail calls become: arguments in registers are in place; of those on the stack, see bridges.pxd.

The flags TAIL_* are in scale, the bytes of arguments on the stack in disp, the type id in aux, the bytes of
results on the stack in label. Nothing is live behind, so all registers without an argument are free.
"""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.ir.func import IrFunc
from cython.cimports.wasmine.jit.backend import pseudo as p
from cython.cimports.wasmine.jit.backend.bridges import (
    BRIDGE_CODE,
    BRIDGES,
    bridge_class,
    bridge_code,
    cross_code,
)
from cython.cimports.wasmine.jit.backend.calls import TAIL_FITS
from cython.cimports.wasmine.jit.backend.emit import ALWAYS, STUB_TAIL, Emit, Stub, adapter
from cython.cimports.wasmine.jit.backend.machine import MachInst
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.assembler import R12, R13, RBP, RSP
from cython.cimports.wasmine.jit.x64.cold import new_stub
from cython.cimports.wasmine.jit.x64.constants import emit_with_pool
from cython.cimports.wasmine.jit.x64.convention import CALLEE, INSTANCE, MEMORY, SCRATCH
from cython.cimports.wasmine.jit.x64.encode import RIP, emit_const, emit_rr
from cython.cimports.wasmine.jit.x64.jumps import jump_back, jump_short, land, patch
from cython.cimports.wasmine.jit.x64.lower import CC_B, CC_E, CC_NE
from cython.cimports.wasmine.jit.x64.operands import emit_mem, emit_mem_imm
from cython.cimports.wasmine.runtime.vm import FUNC_WASM, FuncInst, Instance, Memory

Emitting = cython.typedef(cython.pointer[Emit])
Made = cython.typedef(cython.pointer[cython.const[MachInst]])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_tail_call(e: Emitting, inst: Made) -> cython.bint:
    if inst.op == p.P_TAIL_NATIVE:
        tail_native(e, inst)
    elif inst.op == p.P_TAIL_FUNCREF:
        tail_funcref(e, inst)
    else:
        return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def leave_frame(e: Emitting) -> cython.void:
    emit_rr(e.code, x.X_ADD64_IMM, 0, RSP, e.frame)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def tail_native(e: Emitting, inst: Made) -> cython.void:
    """To a function of the same instance."""
    func: cython.pointer[IrFunc] = cython.NULL
    if inst.disp == 0 or inst.scale & TAIL_FITS:
        leave_frame(e)
    else:
        cross_over(e, inst.disp, inst.scale, inst.label)
    if inst.imm == cython.cast(cython.size_t, e.links.self):
        jump_back(e, 0)
        return
    emit_const(e.code, SCRATCH, inst.imm)
    emit_mem(e, x.X_JMP, 0, SCRATCH, offset(cython.address(func.native)))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def tail_funcref(e: Emitting, inst: Made) -> cython.void:
    """To the function in r10."""
    func: cython.pointer[FuncInst] = cython.NULL
    ir: cython.pointer[IrFunc] = cython.NULL
    stub: cython.pointer[Stub]
    if inst.disp != 0:
        cross_over(e, inst.disp, inst.scale, inst.label)
        jump_anywhere(e, inst.aux)
        return
    emit_mem(e, x.X_CMP64, INSTANCE, CALLEE, offset(cython.address(func.inst)))
    stub = new_stub(e, STUB_TAIL, CC_NE)
    if stub != cython.NULL:
        stub.type_id = inst.aux
        stub.words[0] = inst.scale
        stub.words[1] = inst.label
    leave_frame(e)
    emit_mem(e, x.X_MOV64, SCRATCH, CALLEE, offset(cython.address(func.ir)))
    emit_mem(e, x.X_JMP, 0, SCRATCH, offset(cython.address(ir.native)))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_tail_stub(e: Emitting, stub: cython.pointer[cython.const[Stub]]) -> cython.void:
    """Without arguments on the stack, to another instance: under a bridge already, or with a new one."""
    func: cython.pointer[FuncInst] = cython.NULL
    ir: cython.pointer[IrFunc] = cython.NULL
    host: uint32_t
    interpreted: uint32_t
    again: uint32_t
    number: uint32_t
    done: uint32_t
    emit_mem_imm(e, x.X_CMP32_IMM, CALLEE, offset(cython.address(func.kind)), FUNC_WASM)
    host = jump_short(e, CC_NE)
    emit_mem(e, x.X_MOV64, SCRATCH, CALLEE, offset(cython.address(func.ir)))
    emit_mem_imm(e, x.X_CMP64_IMM, SCRATCH, offset(cython.address(ir.native)), 0)
    interpreted = jump_short(e, CC_E)
    emit_mem(e, x.X_MOV64, SCRATCH, RSP, e.frame)
    number = bridge_class(stub.words[1])
    emit_with_pool(e, x.X_SUB64, SCRATCH, bridge_code() + number * BRIDGE_CODE, 0)
    emit_rr(e.code, x.X_CMP64_IMM, 0, SCRATCH, (BRIDGES - number) * BRIDGE_CODE)
    again = jump_short(e, CC_B)
    cross_over(e, 0, stub.words[0], stub.words[1])
    done = jump_short(e, ALWAYS)
    land(e, again)
    land(e, host)
    land(e, interpreted)
    leave_frame(e)
    land(e, done)
    jump_anywhere(e, stub.type_id)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def cross_over(e: Emitting, bytes: uint32_t, flags: uint32_t, results: uint32_t) -> cython.void:
    """Puts arguments in place, under a bridge if need be; leaves the frame."""
    at: uint32_t
    number: uint32_t = bridge_class(bytes if bytes > results else results)
    emit_mem(e, x.X_LEA64, RBP, RSP, e.frame)
    emit_const(e.code, R12, bytes)
    emit_const(e.code, R13, number | flags << 8 | results << 16)
    emit_mem(e, x.X_LEA64, SCRATCH, RIP, 0)
    at = e.code.size - 4
    emit_with_pool(e, x.X_JMP, 0, cross_code(), 0)
    patch(e, at, e.code.size)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def jump_anywhere(e: Emitting, type_id: uint32_t) -> cython.void:
    """To the function in r10, of whatever instance, or of the host."""
    func: cython.pointer[FuncInst] = cython.NULL
    ir: cython.pointer[IrFunc] = cython.NULL
    inst: cython.pointer[Instance] = cython.NULL
    memory: cython.pointer[Memory] = cython.NULL
    host: uint32_t
    interpreted: uint32_t
    none: uint32_t
    emit_mem_imm(e, x.X_CMP32_IMM, CALLEE, offset(cython.address(func.kind)), FUNC_WASM)
    host = jump_short(e, CC_NE)
    emit_mem(e, x.X_MOV64, SCRATCH, CALLEE, offset(cython.address(func.ir)))
    emit_mem_imm(e, x.X_CMP64_IMM, SCRATCH, offset(cython.address(ir.native)), 0)
    interpreted = jump_short(e, CC_E)
    emit_mem(e, x.X_MOV64, INSTANCE, CALLEE, offset(cython.address(func.inst)))
    emit_mem(e, x.X_MOV64, MEMORY, INSTANCE, offset(cython.address(inst.mem0)))
    emit_rr(e.code, x.X_TEST64, MEMORY, MEMORY, 0)
    none = jump_short(e, CC_E)
    emit_mem(e, x.X_MOV64, MEMORY, MEMORY, offset(cython.address(memory.base)))
    land(e, none)
    emit_mem(e, x.X_JMP, 0, SCRATCH, offset(cython.address(ir.native)))
    land(e, host)
    land(e, interpreted)
    emit_const(e.code, SCRATCH, adapter(e, type_id))
    emit_rr(e.code, x.X_JMP, 0, SCRATCH, 0)
