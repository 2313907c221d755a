# The ways between the interpreter, native code and C functions: emitted once for a module, or once for a type of its functions.

from libc.stdint cimport int32_t, uint32_t

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
    uint32_t slow           # slow.pxd
    uint32_t unusual        # with what a run_t returned in eax: goes to trap_exit, or on with a tail call (bridges.pxd)

cdef void emit_common(CodeBuffer* code, Common* common) noexcept nogil
# From the interpreter: enter(ctx, inst, func, fp, entry, top): arguments from the slots at fp, results to there; the slots from top on
# are free. Code that is entered in a loop finds fp in FRAME. Returns TRAP_*.
cdef void emit_enter(CodeBuffer* code, TypeDef* type, const Common* common) noexcept nogil
# From native code to a FuncInst in r10, by way of slots.
cdef void emit_to_func(CodeBuffer* code, TypeDef* type, const Common* common) noexcept nogil
# From native code to the IrFunc in r11, which has no native code.
cdef void emit_to_interp(CodeBuffer* code, TypeDef* type, const Common* common) noexcept nogil
# A jump to the function in r12, whose arguments are in the slots at r13; its return address is on the stack.
cdef void emit_load(CodeBuffer* code, TypeDef* type) noexcept nogil
# What arguments or results take on the stack, a multiple of 16.
cdef uint32_t stack_bytes(const uint32_t* types, uint32_t n) noexcept nogil
# Keeps all registers but rsp and rbp on the stack, and aligns it; rbp points to the integers. And back.
cdef void save_registers(CodeBuffer* code) noexcept nogil
cdef void restore_registers(CodeBuffer* code) noexcept nogil
# Where an integer register is kept, from rbp.
cdef int32_t saved_at(uint32_t reg) noexcept nogil
cdef void emit_mem(CodeBuffer* code, uint32_t op, uint32_t reg, uint32_t base, int32_t disp) noexcept nogil
# A jump to a place in the buffer, on a condition (NO_REG: always).
cdef void emit_near(CodeBuffer* code, uint32_t cc, uint32_t target) noexcept nogil
# Makes r15 what it is for the instance in r14.
cdef void emit_reload_memory(CodeBuffer* code) noexcept nogil
# A call or jump to an address, by way of rax.
cdef void emit_far(CodeBuffer* code, uint32_t op, void* target) noexcept nogil
