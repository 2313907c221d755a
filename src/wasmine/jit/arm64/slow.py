"""The routine of slow calls; see slow.pxd."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.abi import emit_far_call
from cython.cimports.wasmine.jit.arm64.assembler import (
    LR,
    SP,
    X0,
    X1,
    X2,
    X3,
    X4,
    emit_add64_imm,
    emit_mov64,
    emit_pop,
    emit_push,
    emit_ret,
)
from cython.cimports.wasmine.jit.arm64.convention import CONTEXT, INSTANCE, SCRATCH
from cython.cimports.wasmine.jit.arm64.encode import emit_mem
from cython.cimports.wasmine.jit.arm64.saved import SAVED_INTS, restore_registers, save_registers, saved_at
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer
from cython.cimports.wasmine.jit.backend.slow import do_slowly


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_slow(code: cython.pointer[CodeBuffer]) -> uint32_t:
    start: uint32_t = code.size
    emit_push(code, LR)
    save_registers(code)
    emit_mov64(code, X0, CONTEXT)
    emit_mov64(code, X1, INSTANCE)
    emit_mov64(code, X2, SCRATCH)
    emit_add64_imm(code, X3, SP, 0)
    emit_add64_imm(code, X4, SP, SAVED_INTS)
    emit_far_call(code, cython.cast(cython.p_void, do_slowly))
    emit_mem(code, a.A_STR64, X0, SP, saved_at(SCRATCH))
    restore_registers(code)
    emit_pop(code, LR)
    emit_ret(code)
    return start
