"""The code of bridges, and the way to them: see bridges.pxd."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.interp.loop import HAND_BACK
from cython.cimports.wasmine.jit.adapters import loader_of
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.abi import LOADED, emit_far_call, emit_near, emit_reload_memory
from cython.cimports.wasmine.jit.arm64.assembler import (
    BRK,
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
    X11,
    X12,
    X21,
    emit_add64_imm,
    emit_branch,
    emit_jump,
    emit_load64,
    emit_mov64,
    emit_pop,
    emit_push,
    emit_ret,
    land,
)
from cython.cimports.wasmine.jit.arm64.bridges import CROSS_ABOVE, CROSS_BYTES, CROSS_WORDS
from cython.cimports.wasmine.jit.arm64.convention import CALLEE, CONTEXT, INSTANCE, SCRATCH2
from cython.cimports.wasmine.jit.arm64.encode import EXTEND_LSL, emit_dni, emit_indexed, emit_mem
from cython.cimports.wasmine.jit.arm64.saved import SAVED_ALL, restore_registers, save_registers, saved_at
from cython.cimports.wasmine.jit.backend.bridges import (
    BRIDGE_CODE,
    BRIDGE_RECORD,
    BRIDGE_ROOM,
    BRIDGES,
    bridge_code,
    bridge_room,
    place_arguments,
    publish_bridges,
    take_over,
)
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer, emit_u32, free_code
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.runtime.vm import VMContext

Code = cython.typedef(cython.pointer[CodeBuffer])

LINK_BYTES = cython.declare(cython.const[uint32_t], 16)  # of a return address on the stack


@cython.cfunc
@cython.exceptval(-1, check=False)
def make_bridges() -> cython.int:
    code = cython.declare(CodeBuffer)
    start: uint32_t
    if bridge_code() != 0:
        return 0
    code.bytes = cython.NULL
    code.size = code.capacity = code.failed = 0
    emit_bridges(cython.address(code))
    start = code.size
    emit_cross(cython.address(code))
    try:
        if code.failed:
            raise MemoryError
        publish_bridges(cython.address(code), start, LINK_BYTES)
    finally:
        free_code(cython.address(code))
    return 0


@cython.cfunc
@cython.exceptval(check=False)
def emit_bridges(code: Code) -> cython.void:
    """Where callees return to: the registers with results stay, those on the stack are copied up."""
    k: uint32_t
    again: uint32_t
    done: uint32_t
    for k in range(BRIDGES):
        emit_add64_imm(code, X9, SP, bridge_room(k))
        # All go on behind the last one.
        emit_near(code, a.A_B, 0, BRIDGES * BRIDGE_CODE)
        while code.size < (k + 1) * BRIDGE_CODE and not code.failed:
            emit_u32(code, BRK)
    emit_load64(code, INSTANCE, X9, 0)
    emit_load64(code, X10, X9, 8)
    emit_add64_imm(code, X11, X9, BRIDGE_RECORD)
    again = code.size
    done = emit_branch(code, a.A_CBZ64, X10)
    emit_dni(code, a.A_SUB_IMM64, X10, X10, 8)
    emit_indexed(code, a.A_LDR64, X12, SP, X10, EXTEND_LSL, False)
    emit_indexed(code, a.A_STR64, X12, X11, X10, EXTEND_LSL, False)
    emit_near(code, a.A_B, 0, again)
    land(code, done)
    emit_load64(code, LR, X9, BRIDGE_RECORD - LINK_BYTES)
    emit_add64_imm(code, SP, X11, 0)
    emit_reload_memory(code)
    emit_ret(code)


@cython.cfunc
@cython.exceptval(check=False)
def emit_cross(code: Code) -> cython.void:
    """See bridges.pxd. The registers are saved below all that may be written."""
    emit_add64_imm(code, SP, SP, -BRIDGE_ROOM)
    save_registers(code)
    emit_mov64(code, X0, CROSS_ABOVE)
    emit_add64_imm(code, X1, SP, SAVED_ALL + BRIDGE_ROOM)
    emit_mov64(code, X2, CROSS_BYTES)
    emit_mov64(code, X3, CROSS_WORDS)
    emit_mov64(code, X4, INSTANCE)
    emit_mov64(code, X5, CALLEE)
    emit_far_call(code, cython.cast(cython.p_void, place_arguments))
    emit_mem(code, a.A_STR64, X0, SP, saved_at(CROSS_ABOVE))
    restore_registers(code)
    emit_add64_imm(code, SP, CROSS_ABOVE, 0)
    emit_pop(code, LR)
    emit_jump(code, SCRATCH2)


# --- tail calls that the interpreter hands back


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_unusual(code: Code, trap_exit: uint32_t) -> uint32_t:
    ctx: cython.pointer[VMContext] = cython.NULL
    start: uint32_t = code.size
    handed: uint32_t
    emit_dni(code, a.A_CMP_IMM32, 0, X0, HAND_BACK)
    handed = emit_branch(code, a.A_B_IF, COND_EQ)
    emit_near(code, a.A_B, 0, trap_exit)
    land(code, handed)
    emit_push(code, LR)
    emit_add64_imm(code, SP, SP, -BRIDGE_ROOM)
    emit_load64(code, X0, CONTEXT, offset(cython.address(ctx.tail_func)))
    emit_far_call(code, cython.cast(cython.p_void, loader_of))
    emit_mov64(code, X21, X0)
    emit_mov64(code, X0, CONTEXT)
    emit_add64_imm(code, X1, SP, BRIDGE_ROOM)
    emit_mov64(code, X2, INSTANCE)
    emit_far_call(code, cython.cast(cython.p_void, take_over))
    emit_add64_imm(code, SP, X0, 0)
    emit_pop(code, LR)
    emit_load64(code, INSTANCE, CONTEXT, offset(cython.address(ctx.tail_inst)))
    emit_load64(code, LOADED, CONTEXT, offset(cython.address(ctx.tail_func)))
    emit_reload_memory(code)
    emit_jump(code, X21)
    return start
