"""Frames that stand for the caller of a tail call: see bridges.pxd."""

import cython
from cython.cimports.libc.stdint import uint8_t, uint32_t, uint64_t
from cython.cimports.libc.string import memmove
from cython.cimports.wasmine.jit.backend.bridges import (
    BRIDGE_CODE,
    BRIDGE_RECORD,
    BRIDGES,
)
from cython.cimports.wasmine.jit.backend.calls import TAIL_FITS, TAIL_REFERENCE
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer
from cython.cimports.wasmine.jit.backend.places import stack_bytes
from cython.cimports.wasmine.jit.codemap import MAP_BRIDGE, CodeMap, add_map, add_range, new_map
from cython.cimports.wasmine.jit.codespace import CodeSpace
from cython.cimports.wasmine.runtime.vm import FUNC_WASM, FuncInst, Instance, VMContext
from cython.cimports.wasmine.spec.types import TypeDef

Slots = cython.typedef(cython.pointer[uint64_t])

# The largest one has room for as many parameters as a function may have, all of them vectors.
SIZES = cython.declare(uint32_t[6], [0, 128, 512, 2048, 8192, 16384])

# Never freed: threads may be inside when the interpreter ends.
space: CodeSpace = cython.declare(CodeSpace, None)
bridges = cython.declare(uint64_t, 0)
cross_at = cython.declare(uint64_t, 0)
back_bytes = cython.declare(uint64_t, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def bridge_code() -> uint64_t:
    return bridges


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def cross_code() -> uint64_t:
    return cross_at


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
def publish_bridges(code: cython.pointer[CodeBuffer], cross: uint32_t, return_bytes: uint32_t) -> cython.int:
    global space, bridges, cross_at, back_bytes
    if space is None:
        space = CodeSpace()
    bridges = cython.cast(uint64_t, cython.cast(cython.size_t, space.publish(code.bytes, code.size)))
    cross_at = bridges + cross
    back_bytes = return_bytes
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
@cython.nogil
@cython.exceptval(check=False)
def place_arguments(
    above: uint64_t,
    arguments: cython.pointer[cython.const[cython.void]],
    bytes: uint64_t,
    words: uint64_t,
    inst: cython.pointer[Instance],
    callee: cython.pointer[FuncInst],
) -> uint64_t:
    number: uint64_t = words & 0xFF
    back: uint64_t = cython.cast(Slots, above)[0]
    stays: cython.bint = True
    if words >> 8 & TAIL_REFERENCE:
        # What is called by its adapter leaves the instance alone.
        stays = callee.kind != FUNC_WASM or callee.inst == inst or callee.ir.native == cython.NULL
    if (stays and words >> 8 & TAIL_FITS) or is_bridge(back, number):
        memmove(cython.cast(cython.p_void, above + back_bytes), arguments, bytes)
        return above
    memmove(cython.cast(cython.p_void, above + back_bytes - BRIDGE_RECORD - SIZES[number]), arguments, bytes)
    return build_bridge(above, number, inst, words >> 16)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_bridge(back: uint64_t, number: uint64_t) -> cython.bint:
    return bridges + number * BRIDGE_CODE <= back < bridges + BRIDGES * BRIDGE_CODE


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def build_bridge(
    above: uint64_t, number: uint64_t, inst: cython.pointer[Instance], results: uint64_t
) -> uint64_t:
    """Below the return address at `above`, for a frame of `inst`."""
    record: Slots = cython.cast(Slots, above + back_bytes - BRIDGE_RECORD)
    record[0] = cython.cast(uint64_t, inst)
    record[1] = results
    above -= BRIDGE_RECORD + SIZES[number]
    cython.cast(Slots, above)[0] = bridges + number * BRIDGE_CODE
    return above


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def take_over(ctx: cython.pointer[VMContext], above: Slots, inst: cython.pointer[Instance]) -> uint64_t:
    type: cython.pointer[TypeDef] = ctx.defs[ctx.tail_func.type_id]
    bytes: uint32_t = stack_bytes(type.params, type.n_params)
    results: uint32_t = stack_bytes(type.results, type.n_results)
    number: uint32_t = bridge_class(bytes if bytes > results else results)
    if (ctx.tail_inst == inst and bytes == 0) or is_bridge(above[0], number):
        return cython.cast(uint64_t, above)
    return build_bridge(cython.cast(uint64_t, above), number, inst, results)
