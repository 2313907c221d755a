# Machine code between the stacks.

from wasmine.runtime.stack cimport Stubs

# Emits the stubs; what they are is said in runtime/stack.pxd. Raises OSError where memory cannot be made executable.
cdef int make_stubs(Stubs* stubs) except -1
