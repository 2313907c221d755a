# The ways between the interpreter, native code and C functions: emitted once for a module, or once for a type of its functions.

from libc.stdint cimport int32_t, uint32_t

from wasmine.jit.backend.codebuffer cimport CodeBuffer
from wasmine.jit.backend.target cimport Common
from wasmine.spec.types cimport TypeDef

cdef enum:
    SAVED_INTS = 128        # bytes
    SAVED_FLOATS = 256

# See backend/target.pxd. The trap code is in eax; to_func calls the FuncInst in r10, to_interp the IrFunc in r11, load jumps to the function
# in r12, with arguments in the slots at r13. Code that is entered in a loop finds fp in FRAME.
cdef void emit_common(CodeBuffer* code, Common* common) noexcept nogil
cdef void emit_enter(CodeBuffer* code, TypeDef* type, const Common* common) noexcept nogil
cdef void emit_to_func(CodeBuffer* code, TypeDef* type, const Common* common) noexcept nogil
cdef void emit_to_interp(CodeBuffer* code, TypeDef* type, const Common* common) noexcept nogil
cdef void emit_load(CodeBuffer* code, TypeDef* type) noexcept nogil
# Keeps all registers on the stack, by number, and aligns it; rbp points to the integers, rsp to the floats. And back.
cdef void save_registers(CodeBuffer* code) noexcept nogil
cdef void restore_registers(CodeBuffer* code) noexcept nogil
# Where an integer register is kept, from rbp.
cdef inline int32_t saved_at(uint32_t reg) noexcept nogil:
    return 8 * reg
cdef void emit_mem(CodeBuffer* code, uint32_t op, uint32_t reg, uint32_t base, int32_t disp) noexcept nogil
# A jump to a place in the buffer, on a condition (NO_REG: always).
cdef void emit_near(CodeBuffer* code, uint32_t cc, uint32_t target) noexcept nogil
# Makes r15 what it is for the instance in r14.
cdef void emit_reload_memory(CodeBuffer* code) noexcept nogil
# A call or jump to an address, by way of rax.
cdef void emit_far(CodeBuffer* code, uint32_t op, void* target) noexcept nogil
