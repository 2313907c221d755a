"""Objects that WebAssembly code makes; see heap.pxd."""

import cython
from cython.cimports.libc.stdint import uint64_t
from cython.cimports.libc.string import memcpy
from cython.cimports.wasmine.runtime.store import arena_alloc
from cython.cimports.wasmine.runtime.vm import Exn, Tag, VMContext


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def heap_new_exn(
    ctx: cython.pointer[VMContext],
    tag: cython.pointer[Tag],
    slots: cython.pointer[cython.const[uint64_t]],
) -> uint64_t:
    """See heap.pxd."""
    size: cython.size_t = tag.type.param_slots * cython.sizeof(uint64_t)
    exn: cython.pointer[Exn] = cython.cast(cython.pointer[Exn], arena_alloc(ctx, cython.sizeof(Exn) + size))
    if exn == cython.NULL:
        return 0
    exn.tag = tag
    memcpy(exn + 1, slots, size)
    return cython.cast(uint64_t, exn)
