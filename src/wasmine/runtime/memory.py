"""Linear memories: address space reserved once, made accessible as the memory grows.

The base never moves, so a view that Python holds and an address that native code keeps stay valid. Three
shapes:

* guarded, the rule for 32-bit memories with 64 KiB pages: 8 GiB and a guard are reserved, so that no sum of
  a 32-bit index and a 32-bit offset leaves the reservation; native code then needs no bounds check;
* small: what the maximum asks for, or some room to grow; always checked. Also what remains when the address
  space of the process is limited;
* 64-bit: room to grow up to the maximum; always checked.
"""

import cython
from cython.cimports.libc.stdint import int64_t, uint8_t, uint32_t, uint64_t
from cython.cimports.libc.string import memcpy, memmove, memset
from cython.cimports.wasmine.runtime.clib import (
    ATOMIC_ACQUIRE,
    ATOMIC_RELEASE,
    MAP_ANONYMOUS,
    MAP_FAILED,
    MAP_NORESERVE,
    MAP_PRIVATE,
    PROT_NONE,
    PROT_READ,
    PROT_WRITE,
    atomic_exchange_u32,
    atomic_store_u32,
    atomic_store_u64,
    mmap,
    mprotect,
    munmap,
    sched_yield,
)
from cython.cimports.wasmine.runtime.memory import is_inside, size_of
from cython.cimports.wasmine.runtime.vm import DataSegment, Memory, VMContext
from cython.cimports.wasmine.spec.traps import TRAP_NONE, TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS

from wasmine.spec.errors import ResourceError

GIB = cython.declare(cython.const[uint64_t], 0x40000000)
OS_PAGE = cython.declare(cython.const[uint64_t], 65536)  # a multiple of every page size in use
GUARD = cython.declare(cython.const[uint64_t], 65536)  # for the bytes of an access that starts inside
GUARDED_RESERVE = cython.declare(cython.const[uint64_t], 0x200000000)  # index and offset, 32 bits each
GROW_ROOM = cython.declare(cython.const[uint64_t], 0x200000000)  # of memories that may become larger than it
SMALL_ROOM = cython.declare(cython.const[uint64_t], 0x4000000)  # 64 MiB, where address space is limited
Bytes = cython.typedef(cython.pointer[uint8_t])

CHUNK = cython.declare(cython.const[uint64_t], 0x1000000)  # bulk instructions poll every 16 MiB
MAX_BYTES = cython.declare(cython.const[uint64_t], 0x800000000000)  # no process has more address space: 2**47


@cython.final
@cython.no_gc
@cython.cclass
class MemoryCore:
    """A memory instance; see memory.pxd."""

    def __dealloc__(self):
        unmap(cython.address(self.mem))

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def acquire(self) -> cython.int:
        if self.mem.closed:
            raise ValueError("the memory is closed")
        self.exports += 1
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def release(self) -> cython.void:
        self.exports -= 1
        if self.exports == 0 and self.mem.closed:
            unmap(cython.address(self.mem))

    @cython.cfunc
    @cython.exceptval(check=False)
    def close(self) -> cython.void:
        self.mem.closed = 1
        if self.exports == 0:
            unmap(cython.address(self.mem))


@cython.cfunc
def new_memory(
    ctx: cython.pointer[VMContext],
    is64: cython.bint,
    shared: cython.bint,
    page_log2: uint32_t,
    minimum: uint64_t,
    has_max: cython.bint,
    maximum: uint64_t,
    small: cython.bint,
) -> MemoryCore:
    core: MemoryCore = MemoryCore()
    mem: cython.pointer[Memory] = cython.address(core.mem)
    core.has_max = has_max
    core.type_max = maximum
    mem.page_log2 = page_log2
    mem.is64 = is64
    mem.shared = shared
    address_pages: uint64_t = (MAX_BYTES if is64 else 4 * GIB) >> page_log2
    mem.max_pages = min(maximum, address_pages) if has_max else address_pages
    if minimum > mem.max_pages:
        raise ResourceError(f"a memory of {minimum} pages is larger than this engine can make")
    if not charge(ctx, minimum << page_log2):
        raise ResourceError(f"a memory of {minimum << page_log2} bytes exceeds the store's limit")
    reserve(mem, minimum << page_log2, small)
    if mem.base == cython.NULL or not commit(mem, minimum << page_log2):
        ctx.memory_bytes -= minimum << page_log2
        raise ResourceError(f"no address space for a memory of {minimum << page_log2} bytes")
    mem.pages = minimum
    mem.size = minimum << page_log2
    return core


@cython.cfunc
@cython.exceptval(check=False)
def reserve(mem: cython.pointer[Memory], minimum: uint64_t, small: cython.bint) -> cython.void:
    """Sets `base`, `reserved` and `guarded`; `base` stays NULL when not even `minimum` bytes can be had.

    There is room for all that the memory may grow to, up to GROW_ROOM. Where there is not that much, other
    memories want some of what there is, too.
    """
    most: uint64_t = mem.max_pages << mem.page_log2
    guarded: cython.bint = not small and not mem.is64 and mem.page_log2 == 16
    if guarded and map_nothing(mem, GUARDED_RESERVE + GUARD):
        mem.guarded = 1
        return
    least: uint64_t = minimum + GUARD
    wanted: uint64_t = min(most, minimum + (SMALL_ROOM if guarded else GROW_ROOM)) + GUARD
    while not map_nothing(mem, (wanted + OS_PAGE - 1) & ~(OS_PAGE - 1)):
        if wanted <= least:
            return
        wanted >>= 1
        if small:
            wanted = min(wanted, least + SMALL_ROOM)
        wanted = max(least, wanted)


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def map_nothing(mem: cython.pointer[Memory], size: uint64_t) -> cython.bint:
    base: cython.p_void = mmap(
        cython.NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0
    )
    if base == MAP_FAILED:
        return False
    mem.base = cython.cast(cython.pointer[uint8_t], base)
    mem.reserved = size
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def commit(mem: cython.pointer[Memory], size: uint64_t) -> cython.bint:
    """Makes the bytes from mem.size to `size` accessible; they read as zero."""
    start: uint64_t = (mem.size + OS_PAGE - 1) & ~(OS_PAGE - 1)
    end: uint64_t = (size + OS_PAGE - 1) & ~(OS_PAGE - 1)
    if end <= start:
        return True
    if end + GUARD > mem.reserved:
        return False
    return mprotect(mem.base + start, end - start, PROT_READ | PROT_WRITE) == 0


@cython.cfunc
@cython.exceptval(check=False)
def unmap(mem: cython.pointer[Memory]) -> cython.void:
    if mem.base != cython.NULL:
        munmap(mem.base, mem.reserved)
        mem.base = cython.NULL
        mem.size = 0
        mem.pages = 0


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def charge(ctx: cython.pointer[VMContext], size: uint64_t) -> cython.bint:
    if size > ctx.memory_limit - ctx.memory_bytes:
        return False
    ctx.memory_bytes += size
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def memory_grow(ctx: cython.pointer[VMContext], mem: cython.pointer[Memory], delta: uint64_t) -> int64_t:
    if not mem.shared:
        return grow_owned(ctx, mem, delta)
    while atomic_exchange_u32(cython.address(mem.lock), 1, ATOMIC_ACQUIRE) != 0:
        sched_yield()
    old: int64_t = grow_owned(ctx, mem, delta)
    atomic_store_u32(cython.address(mem.lock), 0, ATOMIC_RELEASE)
    return old


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def grow_owned(ctx: cython.pointer[VMContext], mem: cython.pointer[Memory], delta: uint64_t) -> int64_t:
    old: uint64_t = mem.pages
    if delta == 0:
        return old
    if delta > mem.max_pages - old:
        return -1
    size: uint64_t = (old + delta) << mem.page_log2
    if not charge(ctx, delta << mem.page_log2):
        return -1
    if not commit(mem, size):
        ctx.memory_bytes -= delta << mem.page_log2
        return -1
    mem.pages = old + delta
    # Another thread that sees the new size may touch the new bytes.
    atomic_store_u64(cython.address(mem.size), size, ATOMIC_RELEASE)
    return old


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def memory_fill(
    ctx: cython.pointer[VMContext],
    mem: cython.pointer[Memory],
    start: uint64_t,
    value: uint32_t,
    count: uint64_t,
) -> uint32_t:
    if not is_inside(start, count, size_of(mem)):
        return TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS
    byte: cython.int = value & 0xFF
    trap: uint32_t
    while count > CHUNK:
        memset(mem.base + start, byte, CHUNK)
        start += CHUNK
        count -= CHUNK
        if ctx.interrupt != 0:
            trap = ctx.poll(ctx)
            if trap != TRAP_NONE:
                return trap
    memset(mem.base + start, byte, count)
    return TRAP_NONE


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def memory_copy(
    ctx: cython.pointer[VMContext],
    dst_mem: cython.pointer[Memory],
    src_mem: cython.pointer[Memory],
    dst: uint64_t,
    src: uint64_t,
    count: uint64_t,
) -> uint32_t:
    if not is_inside(dst, count, size_of(dst_mem)) or not is_inside(src, count, size_of(src_mem)):
        return TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS
    backward: cython.bint = dst_mem == src_mem and dst > src
    step: uint64_t
    trap: uint32_t
    while True:
        step = min(count, CHUNK)
        count -= step
        if backward:
            memmove(dst_mem.base + dst + count, src_mem.base + src + count, step)
        else:
            memmove(dst_mem.base + dst, src_mem.base + src, step)
            dst += step
            src += step
        if count == 0:
            return TRAP_NONE
        if ctx.interrupt != 0:
            trap = ctx.poll(ctx)
            if trap != TRAP_NONE:
                return trap


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def memory_init(
    ctx: cython.pointer[VMContext],
    mem: cython.pointer[Memory],
    segment: cython.pointer[DataSegment],
    dst: uint64_t,
    src: uint64_t,
    count: uint64_t,
) -> uint32_t:
    if not is_inside(dst, count, size_of(mem)) or not is_inside(src, count, segment.size):
        return TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS
    trap: uint32_t
    while count > CHUNK:
        memcpy(mem.base + dst, segment.data + src, CHUNK)
        dst += CHUNK
        src += CHUNK
        count -= CHUNK
        if ctx.interrupt != 0:
            trap = ctx.poll(ctx)
            if trap != TRAP_NONE:
                return trap
    memcpy(mem.base + dst, segment.data + src, count)
    return TRAP_NONE
