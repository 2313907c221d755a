"""The calling convention of native code; see convention.pxd."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.backend.machine import (
    FLOAT_REGS,
    VT_F32,
    VT_F64,
    VT_I32,
    VT_I64,
    VT_V128,
    Registers,
)
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.assembler import R8, R9, R14, R15, RAX, RBX, RCX, RDI, RDX, RSI, RSP
from cython.cimports.wasmine.jit.x64.convention import FLOAT_SCRATCH, ON_STACK, SCRATCH, Places
from cython.cimports.wasmine.spec.types import T_F32, T_F64, T_I32, T_V128

N_ARGS = cython.declare(cython.const[uint32_t], 8)
INT_ARGS = cython.declare(uint32_t[8], [RAX, RCX, RDX, RBX, RSI, RDI, R8, R9])
machine = cython.declare(Registers)
machine.ints = 0xFFFF & ~(1 << RSP | 1 << SCRATCH | 1 << R14 | 1 << R15)
machine.floats = 0x7FFF
machine.int_scratch = SCRATCH
machine.float_scratch = FLOAT_SCRATCH


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def start_places(places: cython.pointer[Places]) -> cython.void:
    places.ints = 0
    places.floats = 0
    places.bytes = 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def next_place(places: cython.pointer[Places], type: uint32_t) -> uint32_t:
    if type < VT_F32:
        if places.ints < N_ARGS:
            places.ints += 1
            return INT_ARGS[places.ints - 1]
    elif places.floats < N_ARGS:
        places.floats += 1
        return FLOAT_REGS + places.floats - 1
    if type == VT_V128:
        places.bytes = (places.bytes + 15) & ~cython.cast(uint32_t, 15)
        places.bytes += 16
        return ON_STACK + places.bytes - 16
    places.bytes += 8
    return ON_STACK + places.bytes - 8


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def registers() -> cython.pointer[cython.const[Registers]]:
    return cython.address(machine)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def value_type(type: uint32_t) -> uint32_t:
    if type == T_I32:
        return VT_I32
    elif type == T_F32:
        return VT_F32
    elif type == T_F64:
        return VT_F64
    elif type == T_V128:
        return VT_V128
    return VT_I64


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def value_store(type: uint32_t) -> uint32_t:
    if type < VT_F32:
        return x.X_STORE64
    elif type == VT_F32:
        return x.X_STORESS
    elif type == VT_F64:
        return x.X_STORESD
    return x.X_STOREUPS


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def value_load(type: uint32_t) -> uint32_t:
    if type < VT_F32:
        return x.X_MOV64
    elif type == VT_F32:
        return x.X_MOVSS
    elif type == VT_F64:
        return x.X_MOVSD
    return x.X_MOVUPS
