"""ARM64, as the compiler sees it; see backend/target.pxd."""

import cython
from cython.cimports.wasmine.jit.arm64.abi import (
    emit_common,
    emit_enter,
    emit_load,
    emit_to_func,
    emit_to_interp,
)
from cython.cimports.wasmine.jit.arm64.assembler import BRK
from cython.cimports.wasmine.jit.arm64.bridges import make_bridges
from cython.cimports.wasmine.jit.arm64.convention import registers
from cython.cimports.wasmine.jit.arm64.emit import emit_arm64
from cython.cimports.wasmine.jit.arm64.features import ALL_FEATURES, find_features
from cython.cimports.wasmine.jit.arm64.select import select_arm64
from cython.cimports.wasmine.jit.arm64.stubs import make_stubs
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer, emit_u32
from cython.cimports.wasmine.jit.backend.target import Target
from cython.cimports.wasmine.jit.backend.targets import add_target

machine = cython.declare(Target)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def pad(code: cython.pointer[CodeBuffer]) -> cython.void:
    while code.size & 15 != 0 and not code.failed:
        emit_u32(code, BRK)


machine.name = b"arm64"
machine.return_bytes = 16
machine.pushes = False
machine.all_features = ALL_FEATURES
machine.find_features = find_features
machine.select = select_arm64
machine.registers = registers
machine.emit = emit_arm64
machine.pad = pad
machine.emit_common = emit_common
machine.emit_enter = emit_enter
machine.emit_to_func = emit_to_func
machine.emit_to_interp = emit_to_interp
machine.emit_load = emit_load
machine.make_stubs = make_stubs
machine.make_bridges = make_bridges
add_target(cython.address(machine))
