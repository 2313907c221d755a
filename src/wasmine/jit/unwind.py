"""Traps and exceptions on their way out of native code; see unwind.pxd."""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.jit.backend.bridges import BRIDGE_RECORD
from cython.cimports.wasmine.jit.codemap import (
    MAP_ADAPTER,
    MAP_BRIDGE,
    MAP_FUNCTION,
    NOTE_ENTRY,
    CodeMap,
    Landing,
    Note,
    find_landings,
    find_map,
    find_note,
)
from cython.cimports.wasmine.jit.host import host_target
from cython.cimports.wasmine.jit.ssa.function import CATCH_ALL
from cython.cimports.wasmine.runtime.frames import forget_passed, pass_native
from cython.cimports.wasmine.runtime.vm import Exn, Instance, Tag, VMContext
from cython.cimports.wasmine.spec.traps import TRAP_CALL_STACK_EXHAUSTED, TRAP_UNCAUGHT_EXCEPTION

Map = cython.typedef(cython.pointer[cython.const[CodeMap]])
Words = cython.typedef(cython.pointer[uint64_t])
Landings = cython.typedef(cython.pointer[cython.const[Landing]])

# A native frame: what code it runs, where in it, its stack pointer, and its instance.
Walk = cython.struct(map=Map, offset=uint32_t, sp=Words, inst=cython.pointer[Instance])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def leave_native(
    ctx: cython.pointer[VMContext], inst: cython.pointer[Instance], sp: Words, trap: uint32_t
) -> cython.pointer[cython.const[cython.void]]:
    """See unwind.pxd."""
    walk = cython.declare(Walk)
    landing: Landings
    walk.sp = sp
    walk.inst = inst
    if trap != TRAP_CALL_STACK_EXHAUSTED:
        pass_entered(ctx, sp)
    if trap == TRAP_UNCAUGHT_EXCEPTION:
        while next_frame(cython.address(walk)):
            landing = landing_of(ctx, cython.address(walk))
            if landing != cython.NULL:
                ctx.landing_sp = walk.sp
                ctx.landing_inst = walk.inst
                forget_passed(ctx)
                return walk.map.start + landing.target
            walk.sp += walk.map.frame >> 3
        walk.sp = sp
    while next_frame(cython.address(walk)):
        pass_native(ctx, walk.map.func, walk.map, walk.offset)
        walk.sp += walk.map.frame >> 3
    return cython.NULL


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def pass_entered(ctx: cython.pointer[VMContext], sp: Words) -> cython.void:
    """A function that was interrupted before it had its frame is shown: it may be the only one."""
    note = cython.declare(Note)
    map: Map = find_map(cython.cast(cython.p_void, cython.cast(cython.size_t, sp[0])))
    offset: uint32_t
    if map == cython.NULL or map.kind != MAP_FUNCTION:
        return
    offset = cython.cast(uint32_t, sp[0] - cython.cast(uint64_t, cython.cast(cython.size_t, map.start)))
    if find_note(map, offset, cython.address(note)) and note.kind == NOTE_ENTRY:
        pass_native(ctx, map.func, map, offset)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def next_frame(walk: cython.pointer[Walk]) -> cython.bint:
    """Goes from the return address at `sp` to the frame above it; False at the end."""
    note = cython.declare(Note)
    while True:
        walk.map = find_map(cython.cast(cython.p_void, cython.cast(cython.size_t, walk.sp[0])))
        if walk.map == cython.NULL:
            return False
        walk.offset = cython.cast(
            uint32_t, walk.sp[0] - cython.cast(uint64_t, cython.cast(cython.size_t, walk.map.start))
        )
        walk.sp += host_target().return_bytes >> 3
        if walk.map.kind == MAP_FUNCTION:
            if not find_note(walk.map, walk.offset, cython.address(note)) or note.kind != NOTE_ENTRY:
                return True
        elif walk.map.kind == MAP_BRIDGE:
            walk.sp += walk.map.frame >> 3
            walk.inst = cython.cast(
                cython.pointer[Instance], cython.cast(cython.p_void, cython.cast(cython.size_t, walk.sp[0]))
            )
            walk.sp += (BRIDGE_RECORD - host_target().return_bytes) >> 3
        elif walk.map.kind != MAP_ADAPTER:
            return False


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def landing_of(ctx: cython.pointer[VMContext], walk: cython.pointer[Walk]) -> Landings:
    """The handler that takes the exception in a frame, or NULL."""
    tag: cython.pointer[Tag] = cython.cast(cython.pointer[Exn], ctx.exception).tag
    n: uint32_t = 0
    i: uint32_t
    found: Landings
    if walk.map.n_landings == 0:
        return cython.NULL
    found = find_landings(walk.map, walk.offset, cython.address(n))
    for i in range(n):
        if found[i].kind == CATCH_ALL or walk.inst.tags[found[i].tag] == tag:
            return found + i
    return cython.NULL
