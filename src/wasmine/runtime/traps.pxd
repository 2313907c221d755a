# Makes the exceptions of traps, with the Wasm frames that led to them.

from libc.stdint cimport uint32_t

from wasmine.runtime.store cimport StoreCore

# What to raise for TRAP_* `code` that the innermost activation ended with: a Trap with its frames, or the pending
# exception of a host function.
cdef object make_trap(StoreCore store, uint32_t code)
# A Trap without frames.
cdef object plain_trap(uint32_t code)
