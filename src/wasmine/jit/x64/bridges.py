"""Frames that stand for the caller of a tail call: see bridges.pxd."""

import cython
from cython.cimports.libc.stdint import int32_t, uint8_t, uint32_t, uint64_t
from cython.cimports.libc.string import memmove
from cython.cimports.wasmine.interp.loop import HAND_BACK
from cython.cimports.wasmine.jit.adapters import loader_of
from cython.cimports.wasmine.jit.backend.calls import TAIL_FITS, TAIL_REFERENCE
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer, emit_align, emit_u8, free_code
from cython.cimports.wasmine.jit.backend.places import stack_bytes
from cython.cimports.wasmine.jit.codemap import MAP_BRIDGE, CodeMap, add_map, add_range, new_map
from cython.cimports.wasmine.jit.codespace import CodeSpace
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.abi import (
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
    R10,
    R11,
    R12,
    R13,
    RAX,
    RBP,
    RDI,
    RDX,
    RSI,
    RSP,
    emit_ret,
)
from cython.cimports.wasmine.jit.x64.bridges import BRIDGE_CODE, BRIDGE_FRAME, BRIDGES
from cython.cimports.wasmine.jit.x64.convention import INSTANCE
from cython.cimports.wasmine.jit.x64.encode import NO_REG, Address, emit_rmem, emit_rr
from cython.cimports.wasmine.jit.x64.lower import CC_E, CC_NE
from cython.cimports.wasmine.runtime.vm import FUNC_WASM, FuncInst, Instance, VMContext
from cython.cimports.wasmine.spec.types import TypeDef

Code = cython.typedef(cython.pointer[CodeBuffer])
Slots = cython.typedef(cython.pointer[uint64_t])

# The largest one has room for as many parameters as a function may have, all of them vectors.
SIZES = cython.declare(uint32_t[6], [0, 128, 512, 2048, 8192, 16384])
# What `cross` leaves free below itself, where a new bridge may come to stand.
ROOM = cython.declare(cython.const[uint32_t], 16384 + 256)

# Never freed: threads may be inside when the interpreter ends.
space: CodeSpace = cython.declare(CodeSpace, None)
bridges = cython.declare(uint64_t, 0)
cross = cython.declare(uint64_t, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def bridge_code() -> uint64_t:
    return bridges


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def cross_code() -> uint64_t:
    return cross


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def bridge_class(bytes: uint32_t) -> uint32_t:
    number: uint32_t = 0
    while SIZES[number] < bytes:
        number += 1
    return number


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def bridge_room(number: uint32_t) -> uint32_t:
    return SIZES[number]


@cython.cfunc
@cython.exceptval(-1, check=False)
def make_bridges() -> cython.int:
    global space, bridges, cross
    code = cython.declare(CodeBuffer)
    start: uint32_t
    if bridges != 0:
        return 0
    code.bytes = cython.NULL
    code.size = code.capacity = code.failed = 0
    emit_bridges(cython.address(code))
    emit_align(cython.address(code), 16, INT3)
    start = code.size
    emit_cross(cython.address(code))
    if code.failed:
        free_code(cython.address(code))
        raise MemoryError
    if space is None:
        space = CodeSpace()
    try:
        bridges = cython.cast(uint64_t, cython.cast(cython.size_t, space.publish(code.bytes, code.size)))
    finally:
        free_code(cython.address(code))
    cross = bridges + start
    map_bridges()
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def map_bridges() -> cython.int:
    """Tells whoever walks native frames what bridges are."""
    start: cython.pointer[uint8_t] = cython.cast(
        cython.pointer[uint8_t], cython.cast(cython.p_void, cython.cast(cython.size_t, bridges))
    )
    map: cython.pointer[CodeMap]
    k: uint32_t
    done: cython.bint = add_range(start, BRIDGES * BRIDGE_CODE)
    for k in range(BRIDGES):
        if done:
            map = new_map(start + k * BRIDGE_CODE, BRIDGE_CODE, MAP_BRIDGE, cython.NULL, cython.NULL)
            if map != cython.NULL:
                map.frame = SIZES[k]
            done = map != cython.NULL and add_map(map)
    if not done:
        raise MemoryError
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
        emit_mem(code, x.X_LEA64, R11, RSP, SIZES[k])
        # All go on behind the last one.
        emit_near(code, NO_REG, BRIDGES * BRIDGE_CODE)
    emit_align(code, BRIDGE_CODE, INT3)
    emit_mem(code, x.X_MOV64, INSTANCE, R11, 0)
    emit_mem(code, x.X_MOV64, R12, R11, 8)
    emit_mem(code, x.X_LEA64, R13, R11, BRIDGE_FRAME + 8)
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
    emit_mem(code, x.X_LEA64, RSP, R11, BRIDGE_FRAME)
    emit_reload_memory(code)
    emit_ret(code)


@cython.cfunc
@cython.exceptval(check=False)
def emit_cross(code: Code) -> cython.void:
    """See bridges.pxd. The registers are saved below all that may be written."""
    emit_rr(code, x.X_SUB64_IMM, 0, RSP, ROOM)
    save_registers(code)
    emit_rr(code, x.X_MOV64, RDI, RBP, 0)
    emit_mem(code, x.X_LEA64, RSI, RBP, cython.cast(int32_t, 15 * 8 + ROOM))
    emit_rr(code, x.X_MOV64, RDX, INSTANCE, 0)
    emit_far(code, x.X_CALL, cython.cast(cython.p_void, place_arguments))
    restore_registers(code)
    emit_rr(code, x.X_MOV64, RSP, RBP, 0)
    emit_rr(code, x.X_JMP, 0, R11, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def place_arguments(ints: Slots, arguments: cython.p_void, inst: cython.pointer[Instance]) -> cython.void:
    """What `cross` does, given the saved registers; rbp becomes the stack pointer."""
    above: uint64_t = ints[saved_at(RBP) >> 3]
    bytes: uint64_t = ints[saved_at(R12) >> 3]
    words: uint64_t = ints[saved_at(R13) >> 3]
    number: uint64_t = words & 0xFF
    back: uint64_t = cython.cast(Slots, above)[0]
    stays: cython.bint = True
    callee: cython.pointer[FuncInst]
    if words >> 8 & TAIL_REFERENCE:
        callee = cython.cast(cython.pointer[FuncInst], ints[saved_at(R10) >> 3])
        # What is called by its adapter leaves the instance alone.
        stays = callee.kind != FUNC_WASM or callee.inst == inst or callee.ir.native == cython.NULL
    if (stays and words >> 8 & TAIL_FITS) or is_bridge(back, number):
        memmove(cython.cast(cython.p_void, above + 8), arguments, bytes)
        ints[saved_at(RBP) >> 3] = above
        return
    memmove(cython.cast(cython.p_void, above - BRIDGE_FRAME - SIZES[number]), arguments, bytes)
    ints[saved_at(RBP) >> 3] = build_bridge(above, number, inst, words >> 16)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_bridge(back: uint64_t, number: uint64_t) -> cython.bint:
    """Whether a return address is that of a bridge of at least a class."""
    return bridges + number * BRIDGE_CODE <= back < bridges + BRIDGES * BRIDGE_CODE


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def build_bridge(
    above: uint64_t, number: uint64_t, inst: cython.pointer[Instance], results: uint64_t
) -> uint64_t:
    """Below the return address at `above`, for a frame of `inst`; the stack pointer for the callee."""
    record: Slots = cython.cast(Slots, above - BRIDGE_FRAME)
    record[0] = cython.cast(uint64_t, inst)
    record[1] = results
    record[2] = 0
    above -= BRIDGE_FRAME + SIZES[number] + 8
    cython.cast(Slots, above)[0] = bridges + number * BRIDGE_CODE
    return above


# --- tail calls that the interpreter hands back


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_unusual(code: Code, trap_exit: uint32_t) -> uint32_t:
    """The loader's address is left below the stack pointer, where it is safe for as long as it takes."""
    inst: cython.pointer[VMContext] = cython.NULL
    start: uint32_t
    emit_align(code, 16, INT3)
    start = code.size
    emit_rr(code, x.X_CMP32_IMM, 0, RAX, HAND_BACK)
    emit_near(code, CC_NE, trap_exit)
    emit_rr(code, x.X_MOV64, RDI, R12, 0)
    emit_rr(code, x.X_MOV64, RSI, RSP, 0)
    emit_rr(code, x.X_MOV64, RDX, INSTANCE, 0)
    emit_rr(code, x.X_SUB64_IMM, 0, RSP, ROOM + 8)
    emit_far(code, x.X_CALL, cython.cast(cython.p_void, take_over))
    emit_rr(code, x.X_MOV64, RSP, RAX, 0)
    emit_mem(code, x.X_MOV64, RAX, RSP, -8)
    emit_mem(code, x.X_MOV64, INSTANCE, R12, cython.cast(cython.size_t, cython.address(inst.tail_inst)))
    emit_mem(code, x.X_MOV64, R12, R12, cython.cast(cython.size_t, cython.address(inst.tail_func)))
    emit_reload_memory(code)
    emit_rr(code, x.X_JMP, 0, RAX, 0)
    return start


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def take_over(ctx: cython.pointer[VMContext], above: Slots, inst: cython.pointer[Instance]) -> uint64_t:
    """Room for the arguments of the callee; the stack pointer for it."""
    type: cython.pointer[TypeDef] = ctx.defs[ctx.tail_func.type_id]
    bytes: uint32_t = stack_bytes(type.params, type.n_params)
    results: uint32_t = stack_bytes(type.results, type.n_results)
    number: uint32_t = bridge_class(bytes if bytes > results else results)
    sp: uint64_t = cython.cast(uint64_t, above)
    if not (ctx.tail_inst == inst and bytes == 0) and not is_bridge(above[0], number):
        sp = build_bridge(sp, number, inst, results)
    cython.cast(Slots, sp - 8)[0] = cython.cast(uint64_t, loader_of(ctx.tail_func))
    return sp
