# How an instruction of a group is laid out: `simd`, `memop`, `atomic` (ops.py). Each group is one call from the main
# loop; `x` of the first word is the id of the WebAssembly instruction (spec/opcodes.pxd). Slots:
#
#                         x     a        b         c         |  slot          extra
#     simd                id    result   1st       2nd          3rd           lane immediate
#     load                id    result   address   memory       vector (1)    lane immediate
#     store               id    value    address   memory       -             lane immediate
#     atomic rmw          id    result   address   memory       operand       -
#     cmpxchg             id    result   address   memory       expected      replacement
#     wait32, wait64      id    result   address   memory       expected      timeout
#     notify              id    result   address   memory       count         -
#
# `memory` is an index, everything else a slot. (1) of v128.loadN_lane, whose other lanes come from there.
#
# A memop or an atomic always has a second word, atomic.fence included; a simd instruction when `simd_words` says 2.
# That word is never dispatched on. It is a DataWord, except for v128.const and i8x16.shuffle, where its 16 bytes are
# the immediate.

from libc.stdint cimport uint32_t

cdef struct DataWord:
    uint32_t slot
    uint32_t offset_low     # the memarg's offset
    uint32_t offset_high
    uint32_t extra
