# The ways between the interpreter, native code and C functions: emitted once for a module, or once for a type of its functions.

from libc.stdint cimport uint32_t

from wasmine.jit.backend.codebuffer cimport CodeBuffer
from wasmine.jit.backend.target cimport Common
from wasmine.spec.types cimport TypeDef

# See backend/target.pxd. The trap code is in w0, and the return address that has a note in x30, not on the stack: the routines put it
# there. to_func calls the FuncInst in CALLEE, to_interp the IrFunc in SCRATCH, load jumps to the function in LOADED, with arguments in the
# slots at LOADED_SLOTS and its return address in x30. Code that is entered in a loop finds fp in FRAME.
cdef void emit_common(CodeBuffer* code, Common* common) noexcept nogil
cdef void emit_enter(CodeBuffer* code, TypeDef* type, const Common* common) noexcept nogil
cdef void emit_to_func(CodeBuffer* code, TypeDef* type, const Common* common) noexcept nogil
cdef void emit_to_interp(CodeBuffer* code, TypeDef* type, const Common* common) noexcept nogil
cdef void emit_load(CodeBuffer* code, TypeDef* type) noexcept nogil

cdef enum:
    LOADED = 20
    LOADED_SLOTS = 19

# Makes MEMORY what it is for the instance.
cdef void emit_reload_memory(CodeBuffer* code) noexcept nogil
# A call of a C function, by way of x17.
cdef void emit_far_call(CodeBuffer* code, void* target) noexcept nogil
# A jump by any op with a distance, to a place in the buffer; one that is too far away counts as no memory.
cdef void emit_near(CodeBuffer* code, uint32_t op, uint32_t reg, uint32_t target) noexcept nogil
