# How native code of ARM64 uses registers and the stack.
#
#     x28     VMContext*
#     x27     Instance*
#     x26     base of its memory 0
#     x16, x17, v31   scratch: no value stays there from one instruction to the next
#     x18     the platform's: never touched
#     x30     return address: allocated to no value
#     sp      in the native part of the Wasm stack; always 16-aligned
#
# All others are allocated, and lost in a call. Integers and references are passed in x0 to x7, floats and vectors in v0 to v7 (vectors
# whole), in the order of the parameters; the rest on the stack, 8 or 16 bytes each, the first one lowest. Results are returned in the
# same way; those on the stack replace the arguments. An i32 has zeros in its upper half, everywhere. A frame:
#
#     high    arguments and results on the stack
#             return address, and 8 bytes that nobody uses
#             spill slots
#     sp      arguments and results of the functions that it calls
#
# Code that calls nothing and spills nothing has no frame (its size is 0), and its return address stays in x30; it is put on the stack only
# where such code leaves for what may trap, so that who walks the frames finds it there.
#
# A call through IrFunc.native finds its IrFunc in x16, one through a reference its FuncInst in x8.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.machine cimport Registers
from wasmine.jit.backend.places cimport Places

cdef enum:
    CONTEXT = 28
    INSTANCE = 27
    MEMORY = 26
    SCRATCH = 16
    SCRATCH2 = 17
    FLOAT_SCRATCH = 63
    CALLEE = 8              # register of the FuncInst* in a call through a reference
    FRAME = 8               # register of the interpreter's frame, where code is entered in a loop
    SLOTS = 3               # register of the slots in a call of a helper

cdef void start_places(Places* places) noexcept nogil
cdef const Registers* registers() noexcept nogil
