"""Calls of functions, and what is noted of their return addresses."""

import cython
from cython.cimports.libc.stdint import int64_t, uint32_t
from cython.cimports.wasmine.ir.func import IrFunc
from cython.cimports.wasmine.jit.backend.codebuffer import emit_u8, emit_u32
from cython.cimports.wasmine.jit.backend.emit import STUB_FUNCREF, Emit, Stub, high_half, low_half, note_call
from cython.cimports.wasmine.jit.backend.machine import MachInst
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.assembler import RDI, RDX, RSI
from cython.cimports.wasmine.jit.x64.cold import new_stub, trap_on_status
from cython.cimports.wasmine.jit.x64.constants import emit_with_pool
from cython.cimports.wasmine.jit.x64.convention import CALLEE, INSTANCE, SCRATCH
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
