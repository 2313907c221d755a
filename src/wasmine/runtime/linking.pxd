# Matching of imports (core specification, section 4.5.3 and 4.7.2).

from libc.stdint cimport uint32_t

from wasmine.runtime.code cimport ModuleCodeCore
from wasmine.runtime.extern cimport Extern

# Raises LinkError unless `extern` matches import `position` of the module.
cdef int check_import(ModuleCodeCore code, uint32_t position, Extern extern) except -1
