# Instruction selection for what stands in objects and tables: the machine's part of backend/objects.py (SelectionOf).

from libc.stdint cimport int32_t, uint32_t

from wasmine.jit.backend.lower cimport Lower, Place, Target

cdef void find_in_object(Lower* s, uint32_t op, const Place* place, Target* target) noexcept nogil
cdef void store_place(Lower* s, uint32_t value, const Place* place) noexcept nogil
cdef uint32_t compare_ref(Lower* s, uint32_t ref, uint32_t meant) noexcept nogil
cdef void set_condition(Lower* s, uint32_t dst, uint32_t condition) noexcept nogil
cdef void check_index(Lower* s, uint32_t index, uint32_t base, int32_t disp, uint32_t trap) noexcept nogil
