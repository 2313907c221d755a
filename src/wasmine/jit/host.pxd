# The machines that the compiler knows, and the one that this process runs on.

from wasmine.jit.backend.target cimport Target

# NULL where the compiler has no support for the machine.
cdef const Target* host_target() noexcept nogil
# By its name, such as "x64"; NULL for one that is not known.
cdef const Target* target_named(str name) noexcept
