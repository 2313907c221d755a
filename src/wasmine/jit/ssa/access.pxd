# Register IR becomes SSA: accesses of memory, and the groups (ir/groups.pxd).

from libc.stdint cimport uint32_t, uint64_t

from wasmine.ir.func cimport Instr
from wasmine.jit.ssa.build cimport Build

# The type of addresses of a memory.
cdef uint32_t address_type(Build* b, uint32_t memory) noexcept nogil

# A load whose value is returned, or a store of `value`, at the address in a slot; `value` is also the vector of which a load replaces a
# lane. 0 for none.
cdef uint32_t access(Build* b, uint32_t op, uint32_t memory, uint32_t lane, uint32_t slot, uint64_t offset, uint32_t value) noexcept nogil

# A scalar store to memory 0, of what slot `slot` holds.
cdef void store(Build* b, uint32_t op, uint32_t slot, uint32_t address, uint32_t offset) noexcept nogil

# An instruction of a group; `two`: it has a second word.
cdef void memop(Build* b, const Instr* instr) noexcept nogil
cdef void atomic(Build* b, const Instr* instr) noexcept nogil
cdef void simd(Build* b, const Instr* instr, bint two) noexcept nogil
cdef void bulk(Build* b, const Instr* instr) noexcept nogil
