# Tables whose contents are known before the module runs.

from wasmine.runtime.vm cimport ModuleCode

# Sets `fixed` and `n_fixed` of a module that has been validated, if its only table is its own, nobody else sees it, and nothing writes
# it but segments at known places. Raises MemoryError.
cdef int fix_table(ModuleCode* code) except -1
