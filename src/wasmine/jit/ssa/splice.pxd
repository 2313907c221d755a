# The code of a callee put in the place of a call.

from libc.stdint cimport uint32_t

from wasmine.jit.ssa.function cimport SsaFunc
from wasmine.spec.types cimport TypeDef

# Copies `g`, a function of the given type that catches no exceptions, into `f` in the place of a call that stands in no try. The call's
# results are replaced in `alias` (function.pxd, resolve), which has room for all values of `f`; analyses are stale afterwards.
cdef void splice(SsaFunc* f, SsaFunc* g, TypeDef* type, uint32_t call, uint32_t* alias) noexcept nogil

# What `spread` (indirect.py) and `splice` share: the copying of one callee, or of none.
cdef struct Copying:
    SsaFunc* f
    SsaFunc* g
    TypeDef* type           # of the call
    uint32_t* values        # what stands for the callee's values and blocks
    uint32_t* blocks

# Cuts the block of a call behind it, see splice.py; the number of the new block.
cdef uint32_t split(Copying* w, uint32_t id, uint32_t* alias) noexcept nogil
# A tail call at the end of a block becomes a call and a jump with its results.
cdef void call_instead(Copying* w, uint32_t block, uint32_t copy, uint32_t below) noexcept nogil
