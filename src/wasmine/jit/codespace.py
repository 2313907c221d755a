"""Executable memory, written before it may run and never after (W^X)."""

import cython
from cython.cimports.libc.stdint import uint8_t
from cython.cimports.libc.stdlib import free, malloc
from cython.cimports.libc.string import memcpy
from cython.cimports.wasmine.jit.codemap import add_range, remove_range
from cython.cimports.wasmine.jit.codepages import (
    CODE_FLAGS,
    CODE_PROTECTION,
    THREADS_TOGGLE,
    let_thread_write,
    see_code,
)
from cython.cimports.wasmine.jit.codespace import CodeBlock, CodePool, CodeRegion
from cython.cimports.wasmine.runtime.clib import (
    MAP_ANONYMOUS,
    MAP_FAILED,
    MAP_PRIVATE,
    MREMAP_FIXED,
    MREMAP_MAYMOVE,
    PROT_EXEC,
    PROT_READ,
    PROT_WRITE,
    mmap,
    mprotect,
    mremap,
    munmap,
    page_size,
)


@cython.final
@cython.no_gc
@cython.cclass
class CodeSpace:
    """Executable memory; see codespace.pxd."""

    def __dealloc__(self) -> None:
        block: cython.pointer[CodeBlock]
        while self.blocks != cython.NULL:
            block = self.blocks
            self.blocks = block.next
            munmap(block.map, block.size)
            free(block)

    @cython.cfunc
    def publish(self, bytes: cython.pointer[cython.const[uint8_t]], size: cython.size_t) -> cython.p_void:
        block: cython.pointer[CodeBlock] = cython.cast(
            cython.pointer[CodeBlock], malloc(cython.sizeof(CodeBlock))
        )
        if block == cython.NULL:
            raise MemoryError
        block.size = whole_pages(size)
        block.map = mmap(cython.NULL, block.size, CODE_PROTECTION, CODE_FLAGS, -1, 0)
        if block.map == MAP_FAILED:
            free(block)
            raise OSError("no memory for machine code")
        if not write_code(cython.cast(cython.pointer[uint8_t], block.map), bytes, size):
            munmap(block.map, block.size)
            free(block)
            raise OSError("the system does not let memory become executable")
        block.next = self.blocks
        self.blocks = block
        return block.map


REGION = cython.declare(cython.const[cython.size_t], 1 << 20)
ALIGNMENT = cython.declare(cython.const[cython.size_t], 64)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def publish_code(
    pool: cython.pointer[CodePool], bytes: cython.pointer[cython.const[uint8_t]], size: cython.size_t
) -> cython.p_void:
    region: cython.pointer[CodeRegion] = pool.regions
    room: cython.size_t = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1)
    place: cython.pointer[uint8_t]
    if region == cython.NULL or region.size - region.used < room:
        region = new_region(pool, whole_pages(room))
        if region == cython.NULL:
            return cython.NULL
    place = region.map + region.used
    if not write_code(place, bytes, size):
        return cython.NULL
    region.used += room
    return place


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def whole_pages(size: cython.size_t) -> cython.size_t:
    page: cython.size_t = page_size()
    return (size + page - 1) & ~(page - 1)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def write_code(
    place: cython.pointer[uint8_t], bytes: cython.pointer[cython.const[uint8_t]], size: cython.size_t
) -> cython.bint:
    """Into memory that was mapped for code, behind all that was written there before."""
    before: cython.size_t = cython.cast(cython.size_t, place) & (page_size() - 1)
    if THREADS_TOGGLE:
        let_thread_write(True)
        memcpy(place, bytes, size)
        let_thread_write(False)
    elif not (write_fresh(place, bytes, size) if before == 0 else write_behind(place, before, bytes, size)):
        return False
    see_code(place - before, before + size)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def write_fresh(
    place: cython.pointer[uint8_t], bytes: cython.pointer[cython.const[uint8_t]], size: cython.size_t
) -> cython.bint:
    """Into pages where nothing runs yet."""
    pages: cython.size_t = whole_pages(size)
    if mprotect(place, pages, PROT_READ | PROT_WRITE) != 0:
        return False
    memcpy(place, bytes, size)
    return mprotect(place, pages, PROT_READ | PROT_EXEC) == 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def write_behind(
    place: cython.pointer[uint8_t],
    before: cython.size_t,
    bytes: cython.pointer[cython.const[uint8_t]],
    size: cython.size_t,
) -> cython.bint:
    """Into a page where other threads may be running: a copy takes its place, at once for them.

    They may fetch from it the moment it is there, so the caches know of it before.
    """
    pages: cython.size_t = whole_pages(before + size)
    copy: cython.p_void = mmap(cython.NULL, pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    if copy == MAP_FAILED:
        return False
    memcpy(copy, place - before, before)
    memcpy(cython.cast(cython.pointer[uint8_t], copy) + before, bytes, size)
    if mprotect(copy, pages, PROT_READ | PROT_EXEC) == 0:
        see_code(cython.cast(cython.pointer[uint8_t], copy), before + size)
        if mremap(copy, pages, pages, MREMAP_MAYMOVE | MREMAP_FIXED, place - before) != MAP_FAILED:
            return True
    munmap(copy, pages)
    return False


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_region(pool: cython.pointer[CodePool], pages: cython.size_t) -> cython.pointer[CodeRegion]:
    size: cython.size_t = max(REGION, pages)
    map: cython.p_void
    region: cython.pointer[CodeRegion] = cython.cast(
        cython.pointer[CodeRegion], malloc(cython.sizeof(CodeRegion))
    )
    if region == cython.NULL:
        return cython.NULL
    map = mmap(cython.NULL, size, CODE_PROTECTION, CODE_FLAGS, -1, 0)
    if map == MAP_FAILED:
        free(region)
        return cython.NULL
    region.map = cython.cast(cython.pointer[uint8_t], map)
    if not add_range(region.map, size):
        munmap(map, size)
        free(region)
        return cython.NULL
    region.size = size
    region.used = 0
    region.next = pool.regions
    pool.regions = region
    return region


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def free_pool(pool: cython.pointer[CodePool]) -> cython.void:
    region: cython.pointer[CodeRegion]
    while pool.regions != cython.NULL:
        region = pool.regions
        pool.regions = region.next
        remove_range(region.map)
        munmap(region.map, region.size)
        free(region)
