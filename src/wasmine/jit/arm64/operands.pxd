# Operands of machine instructions: registers, slots, memory; and the instructions that are made of them alone.
#
# An operand's role says where the encoder has it: ROLE_REG is d, ROLE_SECOND n, ROLE_RM m, ROLE_MASK a; of an access to memory, ROLE_BASE
# is n and ROLE_INDEX m, extended as MachInst.scale says.

from libc.stdint cimport int32_t, uint32_t

from wasmine.jit.backend.emit cimport Emit
from wasmine.jit.backend.machine cimport MachInst, Move

cdef enum:
    # MachInst.scale of an access with an index: EXTEND_* (encode.pxd), and whether the index counts accesses, not bytes
    INDEX_SCALED = 8

# The register of operand k, as it is numbered in backend/machine.pxd.
cdef uint32_t operand_reg(Emit* e, const MachInst* inst, uint32_t k) noexcept nogil
# A load or store at [sp + disp], however far; in code that has a frame, unless it is near.
cdef void emit_at_sp(Emit* e, uint32_t op, uint32_t reg, int32_t disp) noexcept nogil
# An instruction of ops.py that is no pseudo instruction.
cdef void emit_plain(Emit* e, const MachInst* inst) noexcept nogil
# Two moves between registers and slots that are neighbours, by one instruction; False if they are not such.
cdef bint emit_two_moves(Emit* e, const Move* one, const Move* other) noexcept nogil
# A move between locations.
cdef void emit_one_move(Emit* e, uint32_t src, uint32_t dst, uint32_t type, uint32_t no_scratch) noexcept nogil
