# The control flow of register IR.

from libc.stdint cimport uint32_t

from wasmine.ir.func cimport Instr
from wasmine.jit.ssa.build cimport Build
from wasmine.spec.types cimport TypeDef

# Finds the blocks and edges; arrays of `b` up to `writes`. False when memory is exhausted or a limit is passed.
cdef bint scan(Build* b) noexcept nogil

# Words that an instruction takes.
cdef uint32_t words_of(const Instr* instr) noexcept nogil

# Whether an instruction at a position may throw into a handler of its own function.
cdef bint may_throw_into(Build* b, uint32_t position) noexcept nogil

# Whether a loop, given its header, writes a slot.
cdef bint loop_writes(Build* b, uint32_t header, uint32_t slot) noexcept nogil

# The function type that a call or a tail call names.
cdef TypeDef* called_type(Build* b, const Instr* instr) noexcept nogil

# The edges of a block, from its last instruction.
cdef void make_edges(Build* b, uint32_t block) noexcept nogil
