"""The code of bridges, and the way to them: see bridges.pxd."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.interp.loop import HAND_BACK
from cython.cimports.wasmine.jit.adapters import loader_of
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
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer, emit_align, emit_u8, free_code
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.abi import (
    SAVED_INTS,
    emit_far,
    emit_mem,
    emit_near,
    emit_reload_memory,
    restore_registers,
    save_registers,
    saved_at,
)
from cython.cimports.wasmine.jit.x64.assembler import (
    INT3,
    R8,
    R9,
    R11,
    R12,
    R13,
    RAX,
    RBP,
    RBX,
    RCX,
    RDI,
    RDX,
    RSI,
    RSP,
    emit_ret,
)
from cython.cimports.wasmine.jit.x64.convention import CALLEE, INSTANCE
from cython.cimports.wasmine.jit.x64.encode import NO_REG, Address, emit_rmem, emit_rr
from cython.cimports.wasmine.jit.x64.lower import CC_E, CC_NE
from cython.cimports.wasmine.runtime.vm import VMContext

Code = cython.typedef(cython.pointer[CodeBuffer])


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
    emit_align(cython.address(code), 16, INT3)
    start = code.size
    emit_cross(cython.address(code))
    try:
        if code.failed:
            raise MemoryError
        publish_bridges(cython.address(code), start, 8)
    finally:
        free_code(cython.address(code))
    return 0


@cython.cfunc
@cython.exceptval(check=False)
def emit_bridges(code: Code) -> cython.void:
    """Where callees return to: the registers with results stay, those on the stack are copied up."""
    address = cython.declare(Address)
    k: uint32_t
    again: uint32_t
    done: uint32_t
    for k in range(BRIDGES):
        emit_align(code, BRIDGE_CODE, INT3)
        emit_mem(code, x.X_LEA64, R11, RSP, bridge_room(k))
        # All go on behind the last one.
        emit_near(code, NO_REG, BRIDGES * BRIDGE_CODE)
    emit_align(code, BRIDGE_CODE, INT3)
    emit_mem(code, x.X_MOV64, INSTANCE, R11, 0)
    emit_mem(code, x.X_MOV64, R12, R11, 8)
    emit_mem(code, x.X_LEA64, R13, R11, BRIDGE_RECORD)
    again = code.size
    emit_rr(code, x.X_TEST64, R12, R12, 0)
    emit_u8(code, 0x70 + CC_E)
    emit_u8(code, 0)
    done = code.size
    emit_rr(code, x.X_SUB64_IMM, 0, R12, 8)
    address.base = RSP
    address.index = R12
    address.scale = 0
    address.disp = 0
    emit_rmem(code, x.X_MOV64, RBP, cython.address(address), 0)
    address.base = R13
    emit_rmem(code, x.X_STORE64, RBP, cython.address(address), 0)
    emit_near(code, NO_REG, again)
    if not code.failed:
        code.bytes[done - 1] = code.size - done
    emit_mem(code, x.X_LEA64, RSP, R11, BRIDGE_RECORD - 8)
    emit_reload_memory(code)
    emit_ret(code)


@cython.cfunc
@cython.exceptval(check=False)
def emit_cross(code: Code) -> cython.void:
    """See bridges.pxd. The registers are saved below all that may be written."""
    emit_rr(code, x.X_SUB64_IMM, 0, RSP, BRIDGE_ROOM)
    save_registers(code)
    emit_mem(code, x.X_MOV64, RDI, RBP, saved_at(RBP))
    emit_mem(code, x.X_LEA64, RSI, RBP, SAVED_INTS + BRIDGE_ROOM)
    emit_rr(code, x.X_MOV64, RDX, R12, 0)
    emit_rr(code, x.X_MOV64, RCX, R13, 0)
    emit_rr(code, x.X_MOV64, R8, INSTANCE, 0)
    emit_rr(code, x.X_MOV64, R9, CALLEE, 0)
    emit_far(code, x.X_CALL, cython.cast(cython.p_void, place_arguments))
    emit_mem(code, x.X_STORE64, RAX, RBP, saved_at(RBP))
    restore_registers(code)
    emit_rr(code, x.X_MOV64, RSP, RBP, 0)
    emit_rr(code, x.X_JMP, 0, R11, 0)


# --- tail calls that the interpreter hands back


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_unusual(code: Code, trap_exit: uint32_t) -> uint32_t:
    ctx: cython.pointer[VMContext] = cython.NULL
    start: uint32_t
    emit_align(code, 16, INT3)
    start = code.size
    emit_rr(code, x.X_CMP32_IMM, 0, RAX, HAND_BACK)
    emit_near(code, CC_NE, trap_exit)
    emit_rr(code, x.X_MOV64, RBP, RSP, 0)
    emit_rr(code, x.X_SUB64_IMM, 0, RSP, BRIDGE_ROOM + 8)
    emit_mem(code, x.X_MOV64, RDI, R12, offset(cython.address(ctx.tail_func)))
    emit_far(code, x.X_CALL, cython.cast(cython.p_void, loader_of))
    emit_rr(code, x.X_MOV64, RBX, RAX, 0)
    emit_rr(code, x.X_MOV64, RDI, R12, 0)
    emit_rr(code, x.X_MOV64, RSI, RBP, 0)
    emit_rr(code, x.X_MOV64, RDX, INSTANCE, 0)
    emit_far(code, x.X_CALL, cython.cast(cython.p_void, take_over))
    emit_rr(code, x.X_MOV64, RSP, RAX, 0)
    emit_mem(code, x.X_MOV64, INSTANCE, R12, offset(cython.address(ctx.tail_inst)))
    emit_mem(code, x.X_MOV64, R12, R12, offset(cython.address(ctx.tail_func)))
    emit_reload_memory(code)
    emit_rr(code, x.X_JMP, 0, RBX, 0)
    return start
