"""What tail calls become: arguments in registers are in place; of those on the stack, see bridges.pxd.

The flags TAIL_* are in scale, the bytes of arguments on the stack in disp, the type id in aux, the bytes of
results on the stack in label. Nothing is live behind, so all registers without an argument are free.
"""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.ir.func import IrFunc
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.abi import emit_near, emit_reload_memory
from cython.cimports.wasmine.jit.arm64.assembler import (
    COND_EQ,
    COND_LO,
    COND_NE,
    LR,
    SP,
    emit_access,
    emit_add64_imm,
    emit_branch,
    emit_jump,
    emit_load64,
    emit_mov64,
    emit_pop,
    emit_push,
    land,
)
from cython.cimports.wasmine.jit.arm64.bridges import CROSS_ABOVE, CROSS_BYTES, CROSS_WORDS
from cython.cimports.wasmine.jit.arm64.convention import CALLEE, INSTANCE, SCRATCH, SCRATCH2
from cython.cimports.wasmine.jit.arm64.encode import emit_const, emit_dni, emit_dnm
from cython.cimports.wasmine.jit.backend.bridges import (
    BRIDGE_CODE,
    BRIDGES,
    bridge_class,
    bridge_code,
    cross_code,
)
from cython.cimports.wasmine.jit.backend.calls import TAIL_FITS
from cython.cimports.wasmine.jit.backend.emit import STUB_TAIL, Emit, Stub, adapter, add_stub
from cython.cimports.wasmine.jit.backend.machine import MachInst
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.backend.pseudo import P_TAIL_FUNCREF, P_TAIL_NATIVE
from cython.cimports.wasmine.runtime.vm import FUNC_WASM, FuncInst

Emitting = cython.typedef(cython.pointer[Emit])
Made = cython.typedef(cython.pointer[cython.const[MachInst]])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_tail_call(e: Emitting, inst: Made) -> cython.bint:
    if inst.op == P_TAIL_NATIVE:
        tail_native(e, inst)
    elif inst.op == P_TAIL_FUNCREF:
        tail_funcref(e, inst)
    else:
        return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def leave_frame(e: Emitting) -> cython.void:
    """The return address is in x30, as at the entry."""
    if e.frame != 0:
        emit_add64_imm(e.code, SP, SP, e.frame)
        emit_pop(e.code, LR)


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
        emit_near(e.code, a.A_B, 0, 0)
        return
    emit_const(e.code, SCRATCH, inst.imm)
    emit_load64(e.code, SCRATCH2, SCRATCH, offset(cython.address(func.native)))
    emit_jump(e.code, SCRATCH2)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def tail_funcref(e: Emitting, inst: Made) -> cython.void:
    """To the function in CALLEE."""
    func: cython.pointer[FuncInst] = cython.NULL
    ir: cython.pointer[IrFunc] = cython.NULL
    stub: cython.pointer[Stub]
    same: uint32_t
    if inst.disp != 0:
        cross_over(e, inst.disp, inst.scale, inst.label)
        jump_anywhere(e, inst.aux)
        return
    emit_load64(e.code, SCRATCH, CALLEE, offset(cython.address(func.inst)))
    emit_dnm(e.code, a.A_CMP64, 0, SCRATCH, INSTANCE)
    same = emit_branch(e.code, a.A_B_IF, COND_EQ)
    stub = add_stub(e, STUB_TAIL, emit_branch(e.code, a.A_B, 0))
    land(e.code, same)
    if stub != cython.NULL:
        stub.type_id = inst.aux
        stub.words[0] = inst.scale
        stub.words[1] = inst.label
    leave_frame(e)
    emit_load64(e.code, SCRATCH, CALLEE, offset(cython.address(func.ir)))
    emit_load64(e.code, SCRATCH2, SCRATCH, offset(cython.address(ir.native)))
    emit_jump(e.code, SCRATCH2)


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
    done: uint32_t
    number: uint32_t = bridge_class(stub.words[1])
    emit_access(e.code, a.A_LDR32, SCRATCH, CALLEE, offset(cython.address(func.kind)))
    emit_dni(e.code, a.A_CMP_IMM32, 0, SCRATCH, FUNC_WASM)
    host = emit_branch(e.code, a.A_B_IF, COND_NE)
    emit_load64(e.code, SCRATCH, CALLEE, offset(cython.address(func.ir)))
    emit_load64(e.code, SCRATCH, SCRATCH, offset(cython.address(ir.native)))
    interpreted = emit_branch(e.code, a.A_CBZ64, SCRATCH)
    emit_const(e.code, SCRATCH2, bridge_code() + number * BRIDGE_CODE)
    if e.frame != 0:
        emit_load64(e.code, CROSS_ABOVE, SP, e.frame)
    else:
        emit_mov64(e.code, CROSS_ABOVE, LR)
    emit_dnm(e.code, a.A_SUB64, CROSS_ABOVE, CROSS_ABOVE, SCRATCH2)
    emit_dni(e.code, a.A_CMP_IMM64, 0, CROSS_ABOVE, (BRIDGES - number) * BRIDGE_CODE)
    again = emit_branch(e.code, a.A_B_IF, COND_LO)
    cross_over(e, 0, stub.words[0], stub.words[1])
    done = emit_branch(e.code, a.A_B, 0)
    land(e.code, again)
    land(e.code, host)
    land(e.code, interpreted)
    leave_frame(e)
    land(e.code, done)
    jump_anywhere(e, stub.type_id)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def cross_over(e: Emitting, bytes: uint32_t, flags: uint32_t, results: uint32_t) -> cython.void:
    """Puts arguments in place, under a bridge if need be; leaves the frame."""
    at: uint32_t
    number: uint32_t = bridge_class(bytes if bytes > results else results)
    if e.frame == 0:
        # Where `cross` wants it. Without a frame there are no arguments on the stack.
        emit_push(e.code, LR)
    emit_add64_imm(e.code, CROSS_ABOVE, SP, e.frame)
    emit_const(e.code, CROSS_BYTES, bytes)
    emit_const(e.code, CROSS_WORDS, number | flags << 8 | cython.cast(uint64_t, results) << 16)
    emit_const(e.code, SCRATCH, cross_code())
    at = emit_branch(e.code, a.A_ADR, SCRATCH2)
    emit_jump(e.code, SCRATCH)
    land(e.code, at)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def jump_anywhere(e: Emitting, type_id: uint32_t) -> cython.void:
    """To the function in CALLEE, of whatever instance, or of the host; the frame is left."""
    func: cython.pointer[FuncInst] = cython.NULL
    ir: cython.pointer[IrFunc] = cython.NULL
    host: uint32_t
    interpreted: uint32_t
    emit_access(e.code, a.A_LDR32, SCRATCH, CALLEE, offset(cython.address(func.kind)))
    emit_dni(e.code, a.A_CMP_IMM32, 0, SCRATCH, FUNC_WASM)
    host = emit_branch(e.code, a.A_B_IF, COND_NE)
    emit_load64(e.code, SCRATCH, CALLEE, offset(cython.address(func.ir)))
    emit_load64(e.code, SCRATCH2, SCRATCH, offset(cython.address(ir.native)))
    interpreted = emit_branch(e.code, a.A_CBZ64, SCRATCH2)
    emit_load64(e.code, INSTANCE, CALLEE, offset(cython.address(func.inst)))
    emit_reload_memory(e.code)
    emit_jump(e.code, SCRATCH2)
    land(e.code, host)
    land(e.code, interpreted)
    emit_const(e.code, SCRATCH2, adapter(e, type_id))
    emit_jump(e.code, SCRATCH2)
