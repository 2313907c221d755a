"""Where a calling convention puts arguments and results; see places.pxd."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.libc.string import memset
from cython.cimports.wasmine.jit.backend.machine import (
    FLOAT_REGS,
    VT_F32,
    VT_F64,
    VT_I32,
    VT_I64,
    VT_V128,
)
from cython.cimports.wasmine.jit.backend.places import ON_STACK, Places
from cython.cimports.wasmine.spec.types import T_F32, T_F64, T_I32, T_V128

IN_REGISTERS = cython.declare(cython.const[uint32_t], 8)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def start_places_in(
    places: cython.pointer[Places], registers: cython.pointer[cython.const[uint32_t]]
) -> cython.void:
    places.registers = registers
    places.ints = 0
    places.floats = 0
    places.bytes = 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def next_place(places: cython.pointer[Places], type: uint32_t) -> uint32_t:
    if type < VT_F32:
        if places.ints < IN_REGISTERS:
            places.ints += 1
            return places.registers[places.ints - 1]
    elif places.floats < IN_REGISTERS:
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
def stack_bytes(types: cython.pointer[cython.const[uint32_t]], n: uint32_t) -> uint32_t:
    places = cython.declare(Places)
    any = cython.declare(uint32_t[8])
    i: uint32_t
    memset(any, 0, cython.sizeof(any))
    start_places_in(cython.address(places), any)
    for i in range(n):
        next_place(cython.address(places), value_type(types[i]))
    return (places.bytes + 15) & ~cython.cast(uint32_t, 15)
