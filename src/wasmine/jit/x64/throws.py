"""What a throw becomes; see throws.pxd."""

import cython
from cython.cimports.libc.stdint import int32_t, uint64_t
from cython.cimports.wasmine.jit.backend.emit import Emit, note_call
from cython.cimports.wasmine.jit.backend.machine import MachInst
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.assembler import RAX, RCX, RDI, RDX, RSI, RSP
from cython.cimports.wasmine.jit.x64.cold import jump_out
from cython.cimports.wasmine.jit.x64.convention import INSTANCE, SCRATCH
from cython.cimports.wasmine.jit.x64.encode import emit_const, emit_rr
from cython.cimports.wasmine.jit.x64.operands import emit_mem
from cython.cimports.wasmine.runtime.exception import throw_new
from cython.cimports.wasmine.runtime.vm import Instance, VMContext
from cython.cimports.wasmine.spec.traps import TRAP_UNCAUGHT_EXCEPTION

Emitting = cython.typedef(cython.pointer[Emit])
Made = cython.typedef(cython.pointer[cython.const[MachInst]])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_throw(e: Emitting, inst: Made) -> cython.void:
    """The way out is called: at the return address it finds who takes the exception."""
    instance: cython.pointer[Instance] = cython.NULL
    ctx: cython.pointer[VMContext] = cython.NULL
    throw: cython.p_void = cython.cast(cython.p_void, throw_new)
    if inst.imm < 0:
        emit_mem(e, x.X_MOV64, SCRATCH, INSTANCE, offset(cython.address(instance.ctx)))
        emit_mem(e, x.X_STORE64, RCX, SCRATCH, offset(cython.address(ctx.exception)))
        emit_const(e.code, RAX, TRAP_UNCAUGHT_EXCEPTION)
    else:
        emit_mem(e, x.X_MOV64, RDI, INSTANCE, offset(cython.address(instance.ctx)))
        emit_mem(e, x.X_MOV64, RSI, INSTANCE, offset(cython.address(instance.tags)))
        emit_mem(e, x.X_MOV64, RSI, RSI, cython.cast(int32_t, 8 * inst.imm))
        emit_rr(e.code, x.X_MOV64, RDX, RSP, 0)
        emit_const(e.code, SCRATCH, cython.cast(uint64_t, cython.cast(cython.size_t, throw)))
        emit_rr(e.code, x.X_CALL, 0, SCRATCH, 0)
    jump_out(e, e.links.trap_exit, x.X_CALL)
    note_call(e)
