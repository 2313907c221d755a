# Whether the handler of faults in native code (jit/faults.pxd) is known to be the first one, without asking the system, which may
# take longer than a whole call.

# It was, when it was last looked at, and nothing speaks against it since.
cdef bint is_settled() noexcept nogil
cdef void settle() noexcept nogil
cdef void unsettle() noexcept nogil
# Before native code runs, with the GIL held: sees whether Python code has installed another handler meanwhile. What else may have is found
# out by looking again now and then.
cdef void notice_handlers() noexcept
