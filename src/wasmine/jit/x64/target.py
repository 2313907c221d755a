"""x86-64, as the compiler sees it; see backend/target.pxd."""

import cython
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer, emit_align
from cython.cimports.wasmine.jit.backend.target import Target
from cython.cimports.wasmine.jit.backend.targets import add_target
from cython.cimports.wasmine.jit.x64.abi import (
    emit_common,
    emit_enter,
    emit_load,
    emit_to_func,
    emit_to_interp,
)
from cython.cimports.wasmine.jit.x64.assembler import INT3
from cython.cimports.wasmine.jit.x64.bridges import make_bridges
from cython.cimports.wasmine.jit.x64.convention import registers
from cython.cimports.wasmine.jit.x64.emit import emit_x64
from cython.cimports.wasmine.jit.x64.features import ALL_FEATURES, find_features
from cython.cimports.wasmine.jit.x64.select import select_x64
from cython.cimports.wasmine.jit.x64.stubs import make_stubs

machine = cython.declare(Target)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def pad(code: cython.pointer[CodeBuffer]) -> cython.void:
    emit_align(code, 16, INT3)


machine.name = b"x64"
machine.return_bytes = 8
machine.pushes = True
machine.all_features = ALL_FEATURES
machine.find_features = find_features
machine.select = select_x64
machine.registers = registers
machine.emit = emit_x64
machine.pad = pad
machine.emit_common = emit_common
machine.emit_enter = emit_enter
machine.emit_to_func = emit_to_func
machine.emit_to_interp = emit_to_interp
machine.emit_load = emit_load
machine.make_stubs = make_stubs
machine.make_bridges = make_bridges
add_target(cython.address(machine))
