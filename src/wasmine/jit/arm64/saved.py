"""Registers on the stack; see saved.pxd."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.assembler import FP, SP, V0, X18, X19, emit_add64_imm
from cython.cimports.wasmine.jit.arm64.encode import emit_mem, emit_pair
from cython.cimports.wasmine.jit.arm64.saved import SAVED_ALL, SAVED_INTS
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer

Code = cython.typedef(cython.pointer[CodeBuffer])

PUSHED_INTS = cython.declare(cython.const[uint32_t], 96)
PUSHED = cython.declare(cython.const[uint32_t], 160)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def push_saved(code: Code) -> cython.void:
    k: uint32_t
    emit_add64_imm(code, SP, SP, -160)
    for k in range(6):
        emit_pair(code, a.A_STP64, X19 + 2 * k, X19 + 2 * k + 1, SP, 16 * k)
    for k in range(4):
        emit_pair(code, a.A_STP_D, V0 + 8 + 2 * k, V0 + 9 + 2 * k, SP, PUSHED_INTS + 16 * k)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def pop_saved(code: Code) -> cython.void:
    k: uint32_t
    for k in range(6):
        emit_pair(code, a.A_LDP64, X19 + 2 * k, X19 + 2 * k + 1, SP, 16 * k)
    for k in range(4):
        emit_pair(code, a.A_LDP_D, V0 + 8 + 2 * k, V0 + 9 + 2 * k, SP, PUSHED_INTS + 16 * k)
    emit_add64_imm(code, SP, SP, PUSHED)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def save_registers(code: Code) -> cython.void:
    k: uint32_t
    emit_add64_imm(code, SP, SP, -SAVED_ALL)
    for k in range(0, 30, 2):
        emit_pair(code, a.A_STP64, k, k + 1, SP, 8 * k)
    for k in range(0, 32, 2):
        emit_pair(code, a.A_STP_Q, V0 + k, V0 + k + 1, SP, SAVED_INTS + 16 * k)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def restore_registers(code: Code) -> cython.void:
    k: uint32_t
    for k in range(0, 32, 2):
        emit_pair(code, a.A_LDP_Q, V0 + k, V0 + k + 1, SP, SAVED_INTS + 16 * k)
    for k in range(0, X18, 2):
        emit_pair(code, a.A_LDP64, k, k + 1, SP, 8 * k)
    emit_mem(code, a.A_LDR64, X19, SP, 8 * X19)
    for k in range(X19 + 1, FP, 2):
        emit_pair(code, a.A_LDP64, k, k + 1, SP, 8 * k)
    emit_add64_imm(code, SP, SP, SAVED_ALL)
