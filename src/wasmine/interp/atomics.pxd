from libc.stdint cimport uint32_t, uint64_t

from wasmine.ir.func cimport Instr
from wasmine.runtime.vm cimport Instance, VMContext

# Executes the atomic instruction at `pc` (ir/groups.pxd). Returns TRAP_*. memory.atomic.wait blocks: the GIL must have
# been released, and the frame be stored in the context.
cdef uint32_t atomic(VMContext* ctx, Instance* inst, Instr* pc, uint64_t* fp) noexcept nogil

# The compiler's atomics. They take their width from the type of the pointer, which must not be void*.
cdef extern from *:
    enum:
        SEQ_CST "__ATOMIC_SEQ_CST"
    uint64_t load "__atomic_load_n"(const void*, int) nogil
    void store "__atomic_store_n"(void*, uint64_t, int) nogil
    uint64_t fetch_add "__atomic_fetch_add"(void*, uint64_t, int) nogil
    uint64_t fetch_sub "__atomic_fetch_sub"(void*, uint64_t, int) nogil
    uint64_t fetch_and "__atomic_fetch_and"(void*, uint64_t, int) nogil
    uint64_t fetch_or "__atomic_fetch_or"(void*, uint64_t, int) nogil
    uint64_t fetch_xor "__atomic_fetch_xor"(void*, uint64_t, int) nogil
    uint64_t exchange "__atomic_exchange_n"(void*, uint64_t, int) nogil
    bint compare_exchange "__atomic_compare_exchange_n"(void*, void*, uint64_t, bint, int, int) nogil
    void fence "__atomic_thread_fence"(int) nogil
