# How native code of x86-64 uses registers and the stack.
#
#     r14     Instance*
#     r15     base of its memory 0
#     rsp     in the native part of the Wasm stack; 16-aligned where a call is made
#     r11, xmm15   scratch: no value stays there from one instruction to the next
#
# All others are allocated, and lost in a call. Integers and references are passed in rax, rcx, rdx, rbx, rsi, rdi, r8, r9, floats and
# vectors in xmm0 to xmm7, in the order of the parameters; the rest on the stack, 8 or 16 bytes each, the first one lowest. Results are
# returned in the same way; those on the stack replace the arguments. A frame:
#
#     high    arguments and results on the stack
#             return address
#             spill slots
#     rsp     arguments and results of the functions that it calls

from libc.stdint cimport uint32_t

from wasmine.jit.backend.machine cimport Registers
from wasmine.jit.backend.places cimport Places

cdef enum:
    INSTANCE = 14
    MEMORY = 15
    SCRATCH = 11
    FLOAT_SCRATCH = 47
    CALLEE = 10             # register of the FuncInst* in a call through a reference
    FRAME = 10              # register of the interpreter's frame, where code is entered in a loop

cdef void start_places(Places* places) noexcept nogil
cdef const Registers* registers() noexcept nogil
