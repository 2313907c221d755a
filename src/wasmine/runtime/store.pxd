# A store: owns everything that instances refer to, and the context that Wasm runs with.

cimport cython
from libc.stdint cimport int64_t, uint32_t, uint64_t

from wasmine.runtime.heap cimport Heap
from wasmine.runtime.vm cimport FuncInst, Global, Instance, Table, Tag, VMContext, host_entry_t, poll_t, run_t
from wasmine.spec.types cimport TypeDef, TypeRegistry

cdef enum:
    # A Python object as a reference: HOST_REF_TAG | index << 2 (runtime/vm.pxd)
    HOST_REF_SHIFT = 2

cdef struct ArenaChunk:
    ArenaChunk* next
    size_t size
    size_t used

cdef class StoreCore:
    # StoreCore(registry, *, max_memory=None, max_table_elements=None, max_instances=None, max_memories=None,
    #           max_tables=None, max_stack=..., max_gc_heap=..., fuel=None, timeout=None, small_memory=False,
    #           gc_stress=False)
    # Sizes in bytes, timeout in seconds for each outermost call; None is no limit.
    cdef VMContext ctx
    cdef Heap heap
    cdef readonly TypeRegistry registry
    cdef list kept                  # what lives until the store is closed: instances, tables
    cdef list callables             # what host functions call, until the store is closed
    cdef list memories              # MemoryCore, closed with the store
    cdef list handles               # Python objects that are references; None at a free place
    cdef list free_handles          # free places
    cdef dict handle_index          # id of such an object -> its place in `handles`
    cdef uint32_t handle_capacity   # of heap.handle_marks
    cdef uint32_t handle_budget     # so many may there be before the next collection
    cdef object pending             # the exception of a host function, on its way through Wasm frames
    cdef list types                 # what keeps types and codes alive: until the store itself goes
    cdef unsigned long owner        # ident of the thread that is inside, 0 when idle
    cdef readonly bint closed
    cdef readonly bint small_memory
    cdef bint guards                # an instance has a guarded memory: native code may fault
    cdef bint metered
    cdef int64_t timeout_ns         # 0: none
    cdef uint64_t stack_bytes       # value stack of one activation
    cdef uint64_t n_instances, n_memories, n_tables
    cdef uint64_t max_instances, max_memories, max_tables
    cdef object __weakref__

    # Raises StoreClosed, or StoreBusy when another thread is inside.
    cdef int check(self) except -1
    # Zeroed, 16-aligned, freed with the store.
    cdef void* alloc(self, size_t size)
    # Keeps `value` (an instance, a table) until the store is closed; a type, a code or a host function until the store is
    # freed, since references in its arena point to it. The latter must not refer to the store.
    cdef int keep(self, object value) except -1
    cdef int keep_type(self, object value) except -1
    # Keeps a table like `keep`; what is in it is reachable.
    cdef int keep_table(self, object core, Table* table) except -1
    # Makes what is in the element segments of an instance reachable.
    cdef void root_instance(self, Instance* inst) noexcept
    # The reference to a Python object, and back. It may collect.
    cdef uint64_t intern_object(self, object value) except 0
    cdef int64_t new_handle(self, object value) except -1
    # Lets go of the Python objects that the last collection did not reach, where dead_handles says that there may be some.
    cdef int release_handles(self) except -1
    cdef int collect(self) except -1
    cdef object object_of(self, uint64_t ref)
    # Counts a new instance against the limits; raises ResourceError.
    cdef int count_instance(self, uint64_t memories, uint64_t tables) except -1
    cdef Global* new_global(self, uint32_t type, bint mutable)
    # A record of zeros that lives as long as the store becomes a global.
    cdef void init_global(self, Global* glob, uint32_t type, bint mutable) noexcept
    cdef Tag* new_tag(self, TypeDef* type)
    # Also def methods: close(), gc(), interrupt() -> bool (any thread), fuel (property, None when not metered), set_fuel(int)

# The tier that new stores run functions with, and the entry of host functions: set once, when those modules load.
cdef void set_run(run_t run) noexcept
cdef void set_call_host(host_entry_t entry) noexcept
# As StoreCore.alloc; NULL when memory is exhausted. By the thread that is inside.
cdef void* arena_alloc(VMContext* ctx, size_t size) noexcept nogil
cdef void set_poll(poll_t poll) noexcept
# Makes the activation of `ctx` poll soon, for POLL_* `reason`. From any thread.
cdef void request_poll(VMContext* ctx, uint32_t reason) noexcept nogil
