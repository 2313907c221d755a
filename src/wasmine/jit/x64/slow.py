"""The routine of slow calls; see slow.pxd."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer, emit_align
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.backend.slow import do_slowly
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.abi import (
    emit_far,
    emit_mem,
    restore_registers,
    save_registers,
    saved_at,
)
from cython.cimports.wasmine.jit.x64.assembler import (
    INT3,
    R8,
    R11,
    RAX,
    RBP,
    RCX,
    RDI,
    RDX,
    RSI,
    RSP,
    emit_ret,
)
from cython.cimports.wasmine.jit.x64.convention import INSTANCE
from cython.cimports.wasmine.jit.x64.encode import emit_rr
from cython.cimports.wasmine.runtime.vm import Instance


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_slow(code: cython.pointer[CodeBuffer]) -> uint32_t:
    inst: cython.pointer[Instance] = cython.NULL
    start: uint32_t
    emit_align(code, 16, INT3)
    start = code.size
    save_registers(code)
    emit_mem(code, x.X_MOV64, RDI, INSTANCE, offset(cython.address(inst.ctx)))
    emit_rr(code, x.X_MOV64, RSI, INSTANCE, 0)
    emit_rr(code, x.X_MOV64, RDX, R11, 0)
    emit_rr(code, x.X_MOV64, RCX, RBP, 0)
    emit_rr(code, x.X_MOV64, R8, RSP, 0)
    emit_far(code, x.X_CALL, cython.cast(cython.p_void, do_slowly))
    emit_mem(code, x.X_STORE64, RAX, RBP, saved_at(R11))
    restore_registers(code)
    emit_ret(code)
    return start
