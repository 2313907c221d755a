# Instruction selection for GC objects, references and tables.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.lower cimport Lower, Place

cdef enum:
    # P_IS_INSTANCE: aux
    IS_NULLABLE = 1         # null is an instance
    IS_NOT_NULL = 2         # the reference is known not to be null
    IS_POINTER = 4          # it is known to be a pointer, or null

# Lowers one instruction; False when it is of another family.
cdef bint lower_object(Lower* s, uint32_t id) noexcept nogil
# Emits what decides a `ref.is`; the condition under which it is true.
cdef uint32_t emit_ref_is(Lower* s, uint32_t id) noexcept nogil
# Emits the test whether a reference is of a defined type; the condition under which it is.
cdef uint32_t emit_is_type(Lower* s, uint32_t ref, uint32_t type, uint32_t known) noexcept nogil

# Into a virtual register what is at a place.
cdef void load_place(Lower* s, uint32_t access, uint32_t dst, const Place* place) noexcept nogil
# The place in the table of an instruction, once the index has been checked.
cdef void find_element(Lower* s, uint32_t id, uint32_t index, uint32_t trap, Place* place) noexcept nogil
