# Register IR becomes SSA: structures, arrays, casts (ir/objects.py).

from libc.stdint cimport uint32_t

from wasmine.ir.func cimport Instr
from wasmine.jit.ssa.build cimport Build

# Accesses to a field and to an element by the given op, a load or a store.
cdef void field(Build* b, const Instr* instr, uint32_t op) noexcept nogil
cdef void element(Build* b, const Instr* instr, uint32_t op) noexcept nogil

# The length of an array that may be null.
cdef uint32_t length_of(Build* b, uint32_t array) noexcept nogil

# ref.test and ref.cast; what makes and reads i31 references; the group that allocates.
cdef void cast_test(Build* b, const Instr* instr, bint traps) noexcept nogil
cdef void i31(Build* b, const Instr* instr) noexcept nogil
cdef void gc(Build* b, const Instr* instr) noexcept nogil
