"""Calls of functions, and what is noted of their return addresses."""

import cython
from cython.cimports.libc.stdint import int32_t, int64_t, uint32_t, uint64_t
from cython.cimports.wasmine.ir.func import IrFunc
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.assembler import COND_NE, X0, X1, X2, emit_load64, emit_mov64
from cython.cimports.wasmine.jit.arm64.cold import call_out, new_stub, trap_on_status
from cython.cimports.wasmine.jit.arm64.constants import emit_literal, emit_literal_address
from cython.cimports.wasmine.jit.arm64.convention import CALLEE, CONTEXT, INSTANCE, SCRATCH, SCRATCH2
from cython.cimports.wasmine.jit.arm64.encode import emit_dn, emit_dni, emit_dnm
from cython.cimports.wasmine.jit.backend.emit import (
    STUB_FUNCREF,
    Emit,
    Stub,
    adapter,
    high_half,
    low_half,
    note_call,
)
from cython.cimports.wasmine.jit.backend.machine import MachInst
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.runtime.vm import FuncInst

Emitting = cython.typedef(cython.pointer[Emit])
Made = cython.typedef(cython.pointer[cython.const[MachInst]])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def call_native(e: Emitting, inst: Made) -> cython.void:
    """Through the callee's entry, which finds its IrFunc in the scratch register; to itself, directly."""
    func: cython.pointer[IrFunc] = cython.NULL
    if inst.imm == cython.cast(int64_t, cython.cast(cython.size_t, e.links.self)):
        emit_dni(e.code, a.A_BL, 0, 0, -cython.cast(int32_t, e.code.size))
    else:
        emit_literal(e, SCRATCH, cython.cast(uint64_t, inst.imm))
        call_entry(e, offset(cython.address(func.native)))
    note_call(e)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def call_entry(e: Emitting, native: int32_t) -> cython.void:
    """Of the IrFunc in the scratch register."""
    emit_load64(e.code, SCRATCH2, SCRATCH, native)
    emit_dn(e.code, a.A_BLR, 0, SCRATCH2)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def call_import(e: Emitting, inst: Made) -> cython.void:
    call_out(e, cython.cast(cython.p_void, cython.cast(cython.size_t, adapter(e, inst.aux))))
    note_call(e)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def call_funcref(e: Emitting, inst: Made) -> cython.void:
    func: cython.pointer[FuncInst] = cython.NULL
    ir: cython.pointer[IrFunc] = cython.NULL
    stub: cython.pointer[Stub]
    place: uint32_t
    emit_load64(e.code, SCRATCH, CALLEE, offset(cython.address(func.inst)))
    emit_dnm(e.code, a.A_CMP64, 0, INSTANCE, SCRATCH)
    stub = new_stub(e, STUB_FUNCREF, a.A_B_IF, COND_NE, 0)
    place = e.n_stubs - 1
    emit_load64(e.code, SCRATCH, CALLEE, offset(cython.address(func.ir)))
    call_entry(e, offset(cython.address(ir.native)))
    note_call(e)
    if stub != cython.NULL:
        e.stubs[place].type_id = inst.aux
        e.stubs[place].back = e.code.size


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def call_helper(e: Emitting, inst: Made) -> cython.void:
    """helper(ctx, inst, instr, slots); the slots are in x3. Traps with what it returns."""
    emit_mov64(e.code, X0, CONTEXT)
    emit_mov64(e.code, X1, INSTANCE)
    emit_literal_address(e, X2, low_half(e, inst), high_half(e, inst))
    call_out(e, cython.cast(cython.p_void, cython.cast(cython.size_t, inst.imm)))
    trap_on_status(e)
