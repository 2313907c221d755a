# What is known to be equal where: the table of global value numbering (gvn.py), and the versions of the state that reads depend on.

from libc.stdint cimport uint32_t, uint64_t

from wasmine.jit.ssa.function cimport Inst, SsaFunc
from wasmine.jit.ssa.state cimport N_CLASSES

# What is the same is equal in all of this, and then has `value`, valid where `block` dominates.
cdef struct Entry:
    uint32_t op
    uint32_t a
    uint32_t b
    uint32_t c
    uint64_t imm
    uint32_t aux
    uint32_t version
    uint32_t value
    uint32_t block

# A place in the hash table; free while it has no entry.
cdef struct Slot:
    uint32_t hash
    uint32_t entry

# A version of the state: the store that made it, and the version before; `store` is 0 for others.
cdef struct Version:
    uint32_t before
    uint32_t store

cdef struct Numbering:
    SsaFunc* f
    uint32_t* alias
    Slot* table
    uint32_t mask
    Entry* entries
    uint32_t n_entries
    uint32_t max_entries
    Version* versions
    uint32_t n_versions
    uint32_t max_versions
    uint32_t* state         # block -> the row of the versions at its end
    uint32_t* rows          # row, class -> version; from 1. Blocks that write nothing share those of others
    uint32_t n_rows
    uint32_t max_rows
    bint is_own             # the current block has a row of its own
    uint32_t* written       # block -> classes that are written in the loop of which it is the header
    uint32_t block          # the current one

# The version of a class where the numbering is.
cdef inline uint32_t version_of(Numbering* n, uint32_t c) noexcept nogil:
    return n.rows[n.state[n.block] * N_CLASSES + c]

# Sets the value of an entry, new or old, in the current block.
cdef void enter(Numbering* n, Entry* key, uint32_t value) noexcept nogil
# The value of an entry that holds here, or 0.
cdef uint32_t value_of(Numbering* n, Entry* key) noexcept nogil
# The entry of an instruction with at most three operands, but for the version.
cdef Entry key_of(Numbering* n, Inst* inst) noexcept nogil

# The versions at the start of the current block.
cdef void enter_state(Numbering* n) noexcept nogil
# Whether the store that made a version is known not to write what an instruction reads.
cdef bint is_elsewhere(Numbering* n, uint32_t version, Inst* read) noexcept nogil
# New versions of what an instruction writes; what a load finds behind a store, and in a new structure.
cdef void note_write(Numbering* n, uint32_t id) noexcept nogil
cdef void note_structure(Numbering* n, uint32_t id) noexcept nogil
