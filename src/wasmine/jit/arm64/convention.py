"""The calling convention of native code; see convention.pxd."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.arm64.convention import (
    CONTEXT,
    FLOAT_SCRATCH,
    INSTANCE,
    MEMORY,
    SCRATCH,
    SCRATCH2,
)
from cython.cimports.wasmine.jit.backend.machine import Registers
from cython.cimports.wasmine.jit.backend.places import Places, start_places_in

INT_ARGS = cython.declare(uint32_t[8], [0, 1, 2, 3, 4, 5, 6, 7])
X18 = cython.declare(cython.const[uint32_t], 18)
X30 = cython.declare(cython.const[uint32_t], 30)

machine = cython.declare(Registers)
machine.ints = 0x7FFFFFFF & ~(
    1 << SCRATCH | 1 << SCRATCH2 | 1 << X18 | 1 << MEMORY | 1 << INSTANCE | 1 << CONTEXT | 1 << X30
)
machine.floats = 0x7FFFFFFF
machine.int_scratch = SCRATCH
machine.float_scratch = FLOAT_SCRATCH


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def start_places(places: cython.pointer[Places]) -> cython.void:
    start_places_in(places, INT_ARGS)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def registers() -> cython.pointer[cython.const[Registers]]:
    return cython.address(machine)
