"""The stubs that switch between the thread's stack and a stack of Wasm (System V AMD64 calling convention).

A switch is a call: caller-saved registers are lost, the callee-saved ones (rbx, rbp, r12-r15) come back.
All six are pushed on the stack that is left, also where the C code that is called would save them, so that
a computation can be left for good at a host call and taken up again later with nothing but its stack
pointer.

The float environment (MXCSR) changes with the stack: WebAssembly rounds to nearest and keeps subnormals,
whatever the thread has set, and a host function finds what the thread has set. Nothing here touches the x87
control word.
"""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer, emit_align
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.backend.stubs import publish_stubs
from cython.cimports.wasmine.jit.x64.assembler import (
    INT3,
    R8,
    R9,
    R12,
    R13,
    R14,
    R15,
    RAX,
    RBP,
    RBX,
    RCX,
    RDI,
    RDX,
    RSI,
    RSP,
    emit_add64_imm,
    emit_call,
    emit_ldmxcsr,
    emit_load64,
    emit_mov64,
    emit_pop,
    emit_push,
    emit_ret,
    emit_stmxcsr,
    emit_store64,
)
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
    emit_align(cython.address(code), 16, INT3)
    plain: uint32_t = code.size
    emit_call_plain(cython.address(code))
    emit_align(cython.address(code), 16, INT3)
    thread: uint32_t = code.size
    emit_call_thread(cython.address(code))
    return publish_stubs(cython.address(code), plain, thread, stubs)


@cython.cfunc
@cython.exceptval(check=False)
def emit_enter(code: Code) -> cython.void:
    """enter(rdi ctx, rsi top, rdx run, rcx inst, r8 func, r9 fp): run(ctx, inst, func, fp) on that stack."""
    ctx: cython.pointer[VMContext] = cython.NULL
    push_saved(code)
    emit_add64_imm(code, RSP, -8)  # aligned as a call needs it, for call_thread
    emit_store64(code, RDI, offset(cython.address(ctx.native_sp)), RSP)
    emit_stmxcsr(code, RDI, offset(cython.address(ctx.native_mxcsr)))
    emit_ldmxcsr(code, RDI, offset(cython.address(ctx.wasm_mxcsr)))
    emit_mov64(code, RSP, RSI)
    emit_mov64(code, RBX, RDI)
    shift_arguments(code)
    emit_call(code, RAX)
    emit_load64(code, RSP, RBX, offset(cython.address(ctx.native_sp)))
    emit_ldmxcsr(code, RBX, offset(cython.address(ctx.native_mxcsr)))
    emit_add64_imm(code, RSP, 8)
    pop_saved(code)
    emit_ret(code)


@cython.cfunc
@cython.exceptval(check=False)
def emit_call_plain(code: Code) -> cython.void:
    """The same arguments, on the stack it is called on."""
    ctx: cython.pointer[VMContext] = cython.NULL
    emit_add64_imm(code, RSP, -24)
    emit_stmxcsr(code, RSP, 0)
    emit_ldmxcsr(code, RDI, offset(cython.address(ctx.wasm_mxcsr)))
    shift_arguments(code)
    emit_call(code, RAX)
    emit_ldmxcsr(code, RSP, 0)
    emit_add64_imm(code, RSP, 24)
    emit_ret(code)


@cython.cfunc
@cython.exceptval(check=False)
def emit_call_thread(code: Code) -> cython.void:
    """call_thread(rdi ctx, rsi entry, rdx arg0, rcx arg1): entry(ctx, arg0, arg1) on the thread's stack."""
    ctx: cython.pointer[VMContext] = cython.NULL
    push_saved(code)
    emit_store64(code, RDI, offset(cython.address(ctx.wasm_sp)), RSP)
    emit_load64(code, RSP, RDI, offset(cython.address(ctx.native_sp)))
    emit_ldmxcsr(code, RDI, offset(cython.address(ctx.native_mxcsr)))
    emit_mov64(code, RBX, RDI)
    emit_mov64(code, RAX, RSI)
    emit_mov64(code, RSI, RDX)
    emit_mov64(code, RDX, RCX)
    emit_call(code, RAX)
    # The host may have changed the thread's environment: that is what the thread gets back in the end.
    emit_stmxcsr(code, RBX, offset(cython.address(ctx.native_mxcsr)))
    emit_ldmxcsr(code, RBX, offset(cython.address(ctx.wasm_mxcsr)))
    emit_load64(code, RSP, RBX, offset(cython.address(ctx.wasm_sp)))
    pop_saved(code)
    emit_ret(code)


@cython.cfunc
@cython.exceptval(check=False)
def shift_arguments(code: Code) -> cython.void:
    """From (ctx, native_top, run, inst, func, fp) to run in rax and (ctx, inst, func, fp)."""
    emit_mov64(code, RAX, RDX)
    emit_mov64(code, RSI, RCX)
    emit_mov64(code, RDX, R8)
    emit_mov64(code, RCX, R9)


@cython.cfunc
@cython.exceptval(check=False)
def push_saved(code: Code) -> cython.void:
    emit_push(code, RBP)
    emit_push(code, RBX)
    emit_push(code, R12)
    emit_push(code, R13)
    emit_push(code, R14)
    emit_push(code, R15)


@cython.cfunc
@cython.exceptval(check=False)
def pop_saved(code: Code) -> cython.void:
    emit_pop(code, R15)
    emit_pop(code, R14)
    emit_pop(code, R13)
    emit_pop(code, R12)
    emit_pop(code, RBX)
    emit_pop(code, RBP)
