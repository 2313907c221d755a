# A store: owns everything that instances refer to, and the context that Wasm runs with.

cimport cython
from libc.stdint cimport int64_t, uint32_t, uint64_t

from wasmine.runtime.vm cimport FuncInst, Global, Tag, VMContext, host_entry_t, poll_t, run_t
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
    #           max_tables=None, max_stack=..., fuel=None, timeout=None, small_memory=False)
    # Sizes in bytes, timeout in seconds for each outermost call; None is no limit.
    cdef VMContext ctx
    cdef readonly TypeRegistry registry
    cdef list kept                  # what lives until the store is closed: tables, host functions
    cdef list memories              # MemoryCore, closed with the store
    cdef list handles               # Python objects that are externrefs
    cdef object pending             # the exception of a host function, on its way through Wasm frames
    cdef list types                 # what keeps types and codes alive: until the store itself goes
    cdef unsigned long owner        # ident of the thread that is inside, 0 when idle
    cdef readonly bint closed
    cdef readonly bint small_memory
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
    # Keeps `value` (a core, a host function) until the store is closed; a type or a code until it is freed.
    cdef int keep(self, object value) except -1
    cdef int keep_type(self, object value) except -1
    # The value of an externref for `value`, and back.
    cdef uint64_t intern_object(self, object value) except 0
    cdef object object_of(self, uint64_t ref)
    # Counts a new instance against the limits; raises ResourceError.
    cdef int count_instance(self, uint64_t memories, uint64_t tables) except -1
    cdef Global* new_global(self, uint32_t type, bint mutable)
    cdef Tag* new_tag(self, TypeDef* type)
    # Also def methods: close(), interrupt() -> bool (any thread), fuel (property, None when not metered), set_fuel(int)

# The tier that new stores run functions with, and the entry of host functions: set once, when those modules load.
cdef void set_run(run_t run) noexcept
cdef void set_call_host(host_entry_t entry) noexcept
# As StoreCore.alloc; NULL when memory is exhausted. By the thread that is inside.
cdef void* arena_alloc(VMContext* ctx, size_t size) noexcept nogil
cdef void set_poll(poll_t poll) noexcept
# Makes the activation of `ctx` poll soon, for POLL_* `reason`. From any thread.
cdef void request_poll(VMContext* ctx, uint32_t reason) noexcept nogil
