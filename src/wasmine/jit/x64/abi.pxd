# The ways between the interpreter, native code and C functions: emitted once for a module, or once for a type of its functions.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.codebuffer cimport CodeBuffer
from wasmine.spec.types cimport TypeDef

# Where each part starts in the buffer.
cdef struct Common:
    uint32_t leave          # pops what an `enter` adapter pushed, returns eax
    # From anywhere in native code, with a trap code in eax and a return address that has a note (codemap.pxd) on the stack: goes to the
    # handler of an exception, else the innermost `enter` returns the code.
    uint32_t trap_exit
    uint32_t poll           # called: keeps all registers; goes to trap_exit, or returns
    uint32_t limit          # the same, for a stack pointer below the limit

cdef void emit_common(CodeBuffer* code, Common* common) noexcept nogil
# From the interpreter: enter(ctx, inst, func, fp, entry, top): arguments from the slots at fp, results to there; the slots from top on
# are free. Code that is entered in a loop finds fp in FRAME. Returns TRAP_*.
cdef void emit_enter(CodeBuffer* code, TypeDef* type, const Common* common) noexcept nogil
# From native code to a FuncInst in r10, by way of slots.
cdef void emit_to_func(CodeBuffer* code, TypeDef* type, const Common* common) noexcept nogil
# From native code to the IrFunc in r11, which has no native code.
cdef void emit_to_interp(CodeBuffer* code, TypeDef* type, const Common* common) noexcept nogil
