# The block of an instance (runtime/instance.py): where native code finds its parts by fixed offsets.
#
#     Instance | its own globals | pointers to globals | ... as instance.py says
#
# A global that the module defines needs no pointer; one that it imports is reached through its pointer.

from libc.stddef cimport size_t
from libc.stdint cimport uint32_t

from wasmine.binary.module cimport ModuleDesc
from wasmine.runtime.vm cimport Global, Instance

cdef inline bint is_own_global(const ModuleDesc* desc, uint32_t index) noexcept nogil:
    return index >= desc.n_imported_globals

# Offsets from the Instance.
cdef inline size_t own_global_at(const ModuleDesc* desc, uint32_t index) noexcept nogil:
    return ((sizeof(Instance) + 15) & ~<size_t> 15) + (index - desc.n_imported_globals) * sizeof(Global)

cdef inline size_t global_pointer_at(const ModuleDesc* desc, uint32_t index) noexcept nogil:
    return own_global_at(desc, desc.n_globals) + index * sizeof(void*)
