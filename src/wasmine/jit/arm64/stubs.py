"""The stubs that switch between the thread's stack and a stack of Wasm (AAPCS64 calling convention).

A switch is a call: caller-saved registers are lost, the callee-saved ones (x19-x29, d8-d15) come back. They
are all pushed, with the return address, on the stack that is left, also where the C code that is called would
save them, so that a computation can be left for good at a host call and taken up again later with nothing but
its stack pointer.

The float environment (FPCR) changes with the stack: WebAssembly rounds to nearest, keeps subnormals and the
payloads of NaNs, whatever the thread has set, and a host function finds what the thread has set.
"""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.assembler import (
    COND_EQ,
    LR,
    SP,
    X0,
    X1,
    X2,
    X3,
    X4,
    X5,
    X9,
    X10,
    X19,
    X20,
    emit_access,
    emit_add64_imm,
    emit_branch,
    emit_call,
    emit_load64,
    emit_mov64,
    emit_ret,
    emit_store64,
    land,
)
from cython.cimports.wasmine.jit.arm64.encode import emit_dn, emit_dnm, emit_pair_before, emit_pair_behind
from cython.cimports.wasmine.jit.arm64.saved import pop_saved, push_saved
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.backend.stubs import publish_stubs
from cython.cimports.wasmine.runtime.stack import Stubs
from cython.cimports.wasmine.runtime.vm import VMContext

Code = cython.typedef(cython.pointer[CodeBuffer])


@cython.cfunc
@cython.exceptval(-1, check=False)
def make_stubs(stubs: cython.pointer[Stubs]) -> cython.int:
    code = cython.declare(CodeBuffer)
    code.bytes = cython.NULL
    code.size = code.capacity = code.failed = 0
    emit_enter(cython.address(code))
    plain: uint32_t = code.size
    emit_call_plain(cython.address(code))
    thread: uint32_t = code.size
    emit_call_thread(cython.address(code))
    return publish_stubs(cython.address(code), plain, thread, stubs)


@cython.cfunc
@cython.exceptval(check=False)
def emit_enter(code: Code) -> cython.void:
    """enter(x0 ctx, x1 top, x2 run, x3 inst, x4 func, x5 fp): run(ctx, inst, func, fp) on that stack."""
    ctx: cython.pointer[VMContext] = cython.NULL
    push_saved(code)
    emit_mov64(code, X19, X0)
    emit_add64_imm(code, X9, SP, 0)
    emit_store64(code, X0, offset(cython.address(ctx.native_sp)), X9)
    emit_dn(code, a.A_MRS_FPCR, X9, 0)
    emit_access(code, a.A_STR32, X9, X0, offset(cython.address(ctx.native_mxcsr)))
    emit_access(code, a.A_LDR32, X10, X0, offset(cython.address(ctx.wasm_mxcsr)))
    change_float_mode(code)
    emit_add64_imm(code, SP, X1, 0)
    shift_arguments(code)
    emit_call(code, X9)
    emit_load64(code, X9, X19, offset(cython.address(ctx.native_sp)))
    emit_add64_imm(code, SP, X9, 0)
    emit_access(code, a.A_LDR32, X10, X19, offset(cython.address(ctx.native_mxcsr)))
    emit_dn(code, a.A_MRS_FPCR, X9, 0)
    change_float_mode(code)
    pop_saved(code)
    emit_ret(code)


@cython.cfunc
@cython.exceptval(check=False)
def emit_call_plain(code: Code) -> cython.void:
    """The same arguments, on the stack it is called on."""
    ctx: cython.pointer[VMContext] = cython.NULL
    emit_pair_before(code, a.A_STP64, X20, LR, SP, -16)
    emit_dn(code, a.A_MRS_FPCR, X9, 0)
    emit_mov64(code, X20, X9)
    emit_access(code, a.A_LDR32, X10, X0, offset(cython.address(ctx.wasm_mxcsr)))
    change_float_mode(code)
    shift_arguments(code)
    emit_call(code, X9)
    emit_dn(code, a.A_MRS_FPCR, X9, 0)
    emit_mov64(code, X10, X20)
    change_float_mode(code)
    emit_pair_behind(code, a.A_LDP64, X20, LR, SP, 16)
    emit_ret(code)


@cython.cfunc
@cython.exceptval(check=False)
def emit_call_thread(code: Code) -> cython.void:
    """call_thread(x0 ctx, x1 entry, x2 arg0, x3 arg1): entry(ctx, arg0, arg1) on the thread's stack."""
    ctx: cython.pointer[VMContext] = cython.NULL
    push_saved(code)
    emit_mov64(code, X19, X0)
    emit_add64_imm(code, X9, SP, 0)
    emit_store64(code, X0, offset(cython.address(ctx.wasm_sp)), X9)
    emit_load64(code, X9, X0, offset(cython.address(ctx.native_sp)))
    emit_add64_imm(code, SP, X9, 0)
    emit_dn(code, a.A_MRS_FPCR, X9, 0)
    emit_access(code, a.A_LDR32, X10, X0, offset(cython.address(ctx.native_mxcsr)))
    change_float_mode(code)
    emit_mov64(code, X9, X1)
    emit_mov64(code, X1, X2)
    emit_mov64(code, X2, X3)
    emit_call(code, X9)
    # The host may have changed the thread's environment: that is what the thread gets back in the end.
    emit_dn(code, a.A_MRS_FPCR, X9, 0)
    emit_access(code, a.A_STR32, X9, X19, offset(cython.address(ctx.native_mxcsr)))
    emit_access(code, a.A_LDR32, X10, X19, offset(cython.address(ctx.wasm_mxcsr)))
    change_float_mode(code)
    emit_load64(code, X9, X19, offset(cython.address(ctx.wasm_sp)))
    emit_add64_imm(code, SP, X9, 0)
    pop_saved(code)
    emit_ret(code)


@cython.cfunc
@cython.exceptval(check=False)
def change_float_mode(code: Code) -> cython.void:
    """From that in x9 to that in x10: mostly they are the same, and writing FPCR takes long."""
    same: uint32_t
    emit_dnm(code, a.A_CMP64, 0, X9, X10)
    same = emit_branch(code, a.A_B_IF, COND_EQ)
    emit_dn(code, a.A_MSR_FPCR, X10, 0)
    land(code, same)


@cython.cfunc
@cython.exceptval(check=False)
def shift_arguments(code: Code) -> cython.void:
    """From (ctx, native_top, run, inst, func, fp) to run in x9 and (ctx, inst, func, fp)."""
    emit_mov64(code, X9, X2)
    emit_mov64(code, X1, X3)
    emit_mov64(code, X2, X4)
    emit_mov64(code, X3, X5)
