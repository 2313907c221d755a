"""What a throw becomes; see throws.pxd."""

import cython
from cython.cimports.libc.stdint import int32_t
from cython.cimports.wasmine.jit.arm64.abi import emit_far_call
from cython.cimports.wasmine.jit.arm64.assembler import (
    SP,
    X0,
    X1,
    X2,
    emit_add64_imm,
    emit_load64,
    emit_mov64,
    emit_store64,
)
from cython.cimports.wasmine.jit.arm64.convention import CONTEXT, INSTANCE, SLOTS
from cython.cimports.wasmine.jit.arm64.encode import emit_const
from cython.cimports.wasmine.jit.backend.emit import Emit, note_call
from cython.cimports.wasmine.jit.backend.machine import MachInst
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.runtime.exception import throw_new
from cython.cimports.wasmine.runtime.vm import Instance, VMContext
from cython.cimports.wasmine.spec.traps import TRAP_UNCAUGHT_EXCEPTION


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_throw(e: cython.pointer[Emit], inst: cython.pointer[cython.const[MachInst]]) -> cython.void:
    """The way out is called: at the return address it finds who takes the exception."""
    instance: cython.pointer[Instance] = cython.NULL
    ctx: cython.pointer[VMContext] = cython.NULL
    if inst.imm < 0:
        emit_store64(e.code, CONTEXT, offset(cython.address(ctx.exception)), SLOTS)
        emit_const(e.code, X0, TRAP_UNCAUGHT_EXCEPTION)
    else:
        emit_mov64(e.code, X0, CONTEXT)
        emit_load64(e.code, X1, INSTANCE, offset(cython.address(instance.tags)))
        emit_load64(e.code, X1, X1, cython.cast(int32_t, 8 * inst.imm))
        emit_add64_imm(e.code, X2, SP, 0)
        emit_far_call(e.code, cython.cast(cython.p_void, throw_new))
    emit_far_call(e.code, e.links.trap_exit)
    note_call(e)
