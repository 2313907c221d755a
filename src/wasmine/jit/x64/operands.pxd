# Operands of machine instructions: registers, slots, memory; and the instructions that are made of them alone.

from libc.stdint cimport int32_t, int64_t, uint32_t

from wasmine.jit.backend.machine cimport MachInst
from wasmine.jit.backend.emit cimport Emit
from wasmine.jit.x64.encode cimport Address

# The register of operand k, as its encoding has it.
cdef uint32_t operand_reg(Emit* e, const MachInst* inst, uint32_t k) noexcept nogil
# An instruction with an operand at [base + disp], the same with an immediate, and one at [base + index * 2^scale + disp].
cdef void emit_mem(Emit* e, uint32_t op, uint32_t reg, uint32_t base, int32_t disp) noexcept nogil
cdef void emit_mem_imm(Emit* e, uint32_t op, uint32_t base, int32_t disp, int64_t imm) noexcept nogil
cdef void emit_scaled(Emit* e, uint32_t op, uint32_t reg, uint32_t base, uint32_t index, uint32_t scale, int32_t disp) noexcept nogil
# Between registers, or with memory: in the VEX encoding where the instruction has one and the code uses that.
cdef void put_rr(Emit* e, uint32_t op, uint32_t reg, uint32_t rm, int64_t imm) noexcept nogil
cdef void put_rmem(Emit* e, uint32_t op, uint32_t reg, Address* address, int64_t imm) noexcept nogil
# Operand k, in a register or slot, as the r/m of an instruction.
cdef void emit_with_rm(Emit* e, uint32_t op, uint32_t reg, const MachInst* inst, uint32_t k, int64_t imm) noexcept nogil
# An instruction of ops.py that is no pseudo instruction.
cdef void emit_plain(Emit* e, const MachInst* inst) noexcept nogil
# A move between locations.
cdef void emit_one_move(Emit* e, uint32_t src, uint32_t dst, uint32_t type, uint32_t no_scratch) noexcept nogil
