"""The calling convention of native code; see convention.pxd."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.backend.machine import Registers
from cython.cimports.wasmine.jit.backend.places import Places, start_places_in
from cython.cimports.wasmine.jit.x64.assembler import R8, R9, R14, R15, RAX, RBX, RCX, RDI, RDX, RSI, RSP
from cython.cimports.wasmine.jit.x64.convention import FLOAT_SCRATCH, SCRATCH

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
    start_places_in(places, INT_ARGS)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def registers() -> cython.pointer[cython.const[Registers]]:
    return cython.address(machine)
