# Makes the exceptions of traps, with the Wasm frames that led to them.

from libc.stdint cimport uint32_t

from wasmine.runtime.store cimport StoreCore

# The exception for TRAP_* `code`, with the frames of the innermost activation.
cdef object make_trap(StoreCore store, uint32_t code)
