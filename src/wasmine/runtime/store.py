"""Stores: they own all that instances refer to (core specification, section 4.2.3)."""

import cython
from cython.cimports.libc.stdint import int64_t, uint8_t, uint32_t, uint64_t
from cython.cimports.libc.stdlib import calloc, free, realloc
from cython.cimports.wasmine.runtime.clib import PyThread_get_thread_ident
from cython.cimports.wasmine.runtime.floats import WASM_FLOAT_MODE
from cython.cimports.wasmine.runtime.heap import heap_close, heap_collect, heap_open
from cython.cimports.wasmine.runtime.memory import MemoryCore
from cython.cimports.wasmine.runtime.store import HOST_REF_SHIFT, ArenaChunk
from cython.cimports.wasmine.runtime.vm import (
    POLL_STOP,
    Global,
    Instance,
    Table,
    Tag,
    VMContext,
    host_entry_t,
    poll_t,
    run_t,
)
from cython.cimports.wasmine.spec.types import TypeDef, TypeRegistry, holds_objects

from wasmine.spec.errors import ResourceError, StoreBusy, StoreClosed

UNLIMITED = cython.declare(cython.const[uint64_t], 0x7FFFFFFFFFFFFFFF)
HOST_REF_TAG = cython.declare(cython.const[uint64_t], 0x4000000000000002)
INDEX_MASK = cython.declare(cython.const[uint64_t], 0xFFFFFFFFFFF)
DEFAULT_STACK = cython.declare(cython.const[uint64_t], 0x400000)  # 4 MiB: some 50,000 small frames
DEFAULT_GC_HEAP = cython.declare(cython.const[uint64_t], 0x100000000)  # 4 GiB: as much as a 32-bit memory
FIRST_HANDLE_BUDGET = cython.declare(cython.const[uint32_t], 10_000)
DEFAULT_TABLE_ELEMS = cython.declare(cython.const[uint64_t], 10_000_000)  # as the web's engines
FIRST_CHUNK = cython.declare(cython.const[cython.size_t], 2048)
LARGEST_CHUNK = cython.declare(cython.const[cython.size_t], 65536)

default_run = cython.declare(run_t, cython.NULL)
default_call_host = cython.declare(host_entry_t, cython.NULL)
default_poll = cython.declare(poll_t, cython.NULL)


@cython.cfunc
@cython.exceptval(check=False)
def set_run(run: run_t) -> cython.void:
    global default_run
    default_run = run


@cython.cfunc
@cython.exceptval(check=False)
def set_call_host(entry: host_entry_t) -> cython.void:
    global default_call_host
    default_call_host = entry


@cython.cfunc
@cython.exceptval(check=False)
def set_poll(poll: poll_t) -> cython.void:
    global default_poll
    default_poll = poll


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def request_poll(ctx: cython.pointer[VMContext], reason: uint32_t) -> cython.void:
    # The flag first: a poll restores the limit before it takes the flag, so none is lost.
    if ctx.interrupt < reason:
        ctx.interrupt = reason
    ctx.stack_limit = cython.NULL
    ctx.native_limit = cython.cast(cython.p_void, ~cython.cast(cython.size_t, 0))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def arena_alloc(ctx: cython.pointer[VMContext], size: cython.size_t) -> cython.p_void:
    size = (size + 15) & ~cython.cast(cython.size_t, 15)
    head: cython.size_t = (cython.sizeof(ArenaChunk) + 15) & ~cython.cast(cython.size_t, 15)
    chunk: cython.pointer[ArenaChunk] = cython.cast(cython.pointer[ArenaChunk], ctx.arena)
    capacity: cython.size_t = FIRST_CHUNK
    if chunk == cython.NULL or size > chunk.size - chunk.used:
        if chunk != cython.NULL:
            capacity = min(2 * chunk.size, LARGEST_CHUNK)
        capacity = max(capacity, head + size)
        chunk = cython.cast(cython.pointer[ArenaChunk], calloc(1, capacity))
        if chunk == cython.NULL:
            return cython.NULL
        chunk.size = capacity
        chunk.used = head
        chunk.next = cython.cast(cython.pointer[ArenaChunk], ctx.arena)
        ctx.arena = chunk
    where: cython.p_void = cython.cast(cython.pointer[uint8_t], chunk) + chunk.used
    chunk.used += size
    return where


def limit(value: object, name: str, default: uint64_t) -> object:
    """Checks a limit given by the user: None, or an integer that is not negative."""
    if value is None:
        return default
    number = value.__index__()
    if number < 0:
        raise ValueError(f"{name} must not be negative, is {number}")
    return min(number, UNLIMITED)


@cython.no_gc_clear
@cython.cclass
class StoreCore:
    """A store; see store.pxd."""

    def __cinit__(self) -> None:
        # Closed until it is initialised: nothing can be made in it.
        self.closed = True
        self.kept = []
        self.types = []
        self.memories = []
        self.handles = []
        self.free_handles = []
        self.handle_index = {}
        self.handle_budget = FIRST_HANDLE_BUDGET
        self.callables = []

    def __init__(
        self,
        registry: TypeRegistry,
        *,
        max_memory: object = None,
        max_table_elements: object = None,
        max_instances: object = None,
        max_memories: object = None,
        max_tables: object = None,
        max_stack: object = None,
        max_gc_heap: object = None,
        fuel: object = None,
        timeout: object = None,
        small_memory: bool = False,
        gc_stress: bool = False,
    ) -> None:
        if self.registry is not None:
            raise RuntimeError("a store is initialised once")
        self.registry = registry
        self.small_memory = small_memory
        self.max_instances = limit(max_instances, "max_instances", UNLIMITED)
        self.max_memories = limit(max_memories, "max_memories", UNLIMITED)
        self.max_tables = limit(max_tables, "max_tables", UNLIMITED)
        self.stack_bytes = min(max(limit(max_stack, "max_stack", DEFAULT_STACK), 4096), 0x40000000)
        if timeout is not None:
            if not timeout > 0:
                raise ValueError(f"timeout must be positive, is {timeout}")
            self.timeout_ns = int(min(max(timeout * 1e9, 1), 4e18))
        ctx: cython.pointer[VMContext] = cython.address(self.ctx)
        ctx.memory_limit = limit(max_memory, "max_memory", UNLIMITED)
        ctx.table_limit = limit(max_table_elements, "max_table_elements", DEFAULT_TABLE_ELEMS)
        if fuel is not None:
            self.metered = True
            ctx.fuel = min(limit(fuel, "fuel", 0), 0x7FFFFFFFFFFFFFFF)
        heap_open(
            ctx, cython.address(self.heap), limit(max_gc_heap, "max_gc_heap", DEFAULT_GC_HEAP), gc_stress
        )
        ctx.run = default_run
        ctx.call_host = default_call_host
        ctx.poll = default_poll
        ctx.defs = registry.defs
        ctx.store = cython.cast(cython.p_void, self)
        ctx.wasm_mxcsr = WASM_FLOAT_MODE
        self.closed = False

    def __dealloc__(self) -> None:
        heap_close(cython.address(self.heap))
        chunk: cython.pointer[ArenaChunk] = cython.cast(cython.pointer[ArenaChunk], self.ctx.arena)
        after: cython.pointer[ArenaChunk]
        while chunk != cython.NULL:
            after = chunk.next
            free(chunk)
            chunk = after

    @cython.cfunc
    def alloc(self, size: cython.size_t) -> cython.p_void:
        where: cython.p_void = arena_alloc(cython.address(self.ctx), size)
        if where == cython.NULL:
            raise MemoryError
        return where

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def keep(self, value: object) -> cython.int:
        self.kept.append(value)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def keep_type(self, value: object) -> cython.int:
        self.types.append(value)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check(self) -> cython.int:
        if self.closed:
            raise StoreClosed("the store is closed")
        if self.owner != 0 and self.owner != PyThread_get_thread_ident():
            raise StoreBusy("the store is in use by another thread")
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def keep_table(self, core: object, table: cython.pointer[Table]) -> cython.int:
        self.keep(core)
        if holds_objects(self.ctx.defs, table.type):
            table.next = self.heap.tables
            self.heap.tables = table
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def root_instance(self, inst: cython.pointer[Instance]) -> cython.void:
        if inst.code.desc.n_elems != 0:
            inst.next = self.heap.instances
            self.heap.instances = inst

    @cython.cfunc
    @cython.exceptval(0, check=False)
    def intern_object(self, value: object) -> uint64_t:
        index: uint64_t
        # An object in the list stays alive, so that its id stays its own.
        found = self.handle_index.get(id(value))
        if found is None:
            index = self.new_handle(value)
        else:
            index = found
        # It may wait to be released, and is reachable again now.
        self.heap.handle_marks[index] = 1
        return HOST_REF_TAG | index << HOST_REF_SHIFT

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def new_handle(self, value: object) -> int64_t:
        index: uint32_t
        capacity: uint32_t
        marks: cython.p_void
        self.check()
        if not self.free_handles and self.heap.n_handles >= self.handle_budget:
            self.collect()
            self.release_handles()
            index = self.heap.n_handles - cython.cast(uint32_t, len(self.free_handles))
            self.handle_budget = max(2 * index, FIRST_HANDLE_BUDGET)
        if self.free_handles:
            index = self.free_handles.pop()
            self.handles[index] = value
        else:
            index = self.heap.n_handles
            if index == self.handle_capacity:
                capacity = max(2 * index, 64)
                marks = realloc(self.heap.handle_marks, capacity)
                if marks == cython.NULL:
                    raise MemoryError
                self.heap.handle_marks = cython.cast(cython.pointer[uint8_t], marks)
                self.handle_capacity = capacity
            self.handles.append(value)
            self.heap.n_handles = index + 1
        self.handle_index[id(value)] = index
        return index

    @cython.cfunc
    def object_of(self, ref: uint64_t) -> object:
        index: uint64_t = ref >> HOST_REF_SHIFT & INDEX_MASK
        if index >= self.heap.n_handles:
            raise SystemError(f"dangling reference 0x{ref:x}")
        return self.handles[index]

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def release_handles(self) -> cython.int:
        dead: list = []
        i: uint32_t
        self.heap.dead_handles = 0
        for i in range(self.heap.n_handles):
            if self.heap.handle_marks[i] == 0:
                value = self.handles[i]
                if value is not None:
                    dead.append(value)
                    self.handles[i] = None
                    del self.handle_index[id(value)]
                    self.free_handles.append(i)
        # Last, because what is freed here may run Python code.
        del dead
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def collect(self) -> cython.int:
        owner: cython.ulong = self.owner
        ctx: cython.pointer[VMContext] = cython.address(self.ctx)
        self.owner = PyThread_get_thread_ident()
        with cython.nogil:
            heap_collect(ctx)
        self.owner = owner
        return 0

    def gc(self) -> None:
        """Frees what is not reachable in the GC heap, and lets go of Python objects that it held.

        Raises StoreClosed, StoreBusy.
        """
        self.check()
        self.collect()
        self.release_handles()

    @property
    def gc_heap_bytes(self) -> int:
        """Bytes that the GC heap takes up, with what is free in its blocks."""
        return self.heap.block_bytes + self.heap.large_bytes + self.heap.spare_bytes

    @cython.cfunc
    def new_global(self, type: uint32_t, mutable: cython.bint) -> cython.pointer[Global]:
        glob: cython.pointer[Global] = cython.cast(cython.pointer[Global], self.alloc(cython.sizeof(Global)))
        self.init_global(glob, type, mutable)
        return glob

    @cython.cfunc
    @cython.exceptval(check=False)
    def init_global(self, glob: cython.pointer[Global], type: uint32_t, mutable: cython.bint) -> cython.void:
        glob.type = type
        glob.mutable = mutable
        if holds_objects(self.ctx.defs, type):
            glob.next = self.heap.globals
            self.heap.globals = glob

    @cython.cfunc
    def new_tag(self, type: cython.pointer[TypeDef]) -> cython.pointer[Tag]:
        tag: cython.pointer[Tag] = cython.cast(cython.pointer[Tag], self.alloc(cython.sizeof(Tag)))
        tag.type_id = type.id
        tag.type = type
        return tag

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def count_instance(self, memories: uint64_t, tables: uint64_t) -> cython.int:
        if self.n_instances >= self.max_instances:
            raise ResourceError(f"the store is limited to {self.max_instances} instances")
        if memories > self.max_memories - self.n_memories:
            raise ResourceError(f"the store is limited to {self.max_memories} memories")
        if tables > self.max_tables - self.n_tables:
            raise ResourceError(f"the store is limited to {self.max_tables} tables")
        self.n_instances += 1
        self.n_memories += memories
        self.n_tables += tables
        return 0

    @property
    def fuel(self) -> int | None:
        """What is left of the fuel, in instructions; None when the store is not metered."""
        return max(self.ctx.fuel, 0) if self.metered else None

    def set_fuel(self, fuel: int) -> None:
        """Sets the fuel of a metered store, in instructions. Raises ValueError when it is not metered."""
        self.check()
        if not self.metered:
            raise ValueError("the store was made without fuel")
        self.ctx.fuel = min(limit(fuel, "fuel", 0), 0x7FFFFFFFFFFFFFFF)

    def interrupt(self) -> bool:
        """Makes the code that runs in this store trap soon; from any thread. False when none runs."""
        if self.ctx.activation == cython.NULL:
            return False
        request_poll(cython.address(self.ctx), POLL_STOP)
        return True

    def close(self) -> None:
        """Frees memories, tables and references now. Does nothing the second time.

        Raises StoreBusy while code of the store runs.
        """
        if self.closed:
            return
        self.check()
        if self.ctx.activation != cython.NULL:
            raise StoreBusy("the store cannot be closed while its code runs")
        self.closed = True
        memory: MemoryCore
        for memory in self.memories:
            if not memory.mem.shared:
                memory.close()
        # Emptied last and through locals: what is freed here may run Python code.
        kept, callables, handles, memories = self.kept, self.callables, self.handles, self.memories
        self.kept, self.callables, self.handles, self.memories = [], [], [], []
        self.handle_index = {}
        self.pending = None
        heap_close(cython.address(self.heap))
        del kept, callables, handles, memories
