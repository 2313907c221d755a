# The machines that have been loaded.

from wasmine.jit.backend.target cimport Target

# By the module of a machine, at its import; the Target must stay.
cdef void add_target(const Target* target) noexcept
# By its name, such as "x64"; NULL for one that has not been added.
cdef const Target* find_target(const char* name) noexcept
