# Faults of native code become traps.
#
# Accesses of a guarded memory are not checked: outside of the memory there is nothing mapped, as far as addresses reach. The handler of
# SIGSEGV and SIGBUS that is installed here takes a fault that
#
#     is at an instruction which a code map names as one that may fault, and
#     wanted an address in the reservation of a guarded memory of the instance that runs there.
#
# Everything else goes to the handler that was there before, as if ours was not.

from posix.signal cimport siginfo_t

ctypedef void (*action_t)(int signal, siginfo_t* info, void* context) noexcept nogil

# Makes sure that our handler is the first to see a fault on this thread: before native code runs in an activation, for others may have
# installed theirs meanwhile. False when the system refuses.
cdef bint watch_faults() noexcept nogil
