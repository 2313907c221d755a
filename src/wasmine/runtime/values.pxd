# Wasm values <-> Python values.
#
#     i32, i64    int: in, anything with __index__ in -2**(n-1) .. 2**n - 1; out, signed
#     f32, f64    float: in, float or int; out, float (an f32 widened exactly, NaN payload kept)
#     v128        bytes of length 16, little-endian lanes
#     funcref     the Python face's Func, or None
#     externref   any Python object; None is null. An ObjectRef or I31 stands for the same in the hierarchy `any`
#     anyref      ObjectRef for structures and arrays, I31; in, also an int; any other Python object, as itself
#     exnref      ObjectRef for exceptions

from libc.stdint cimport uint32_t, uint64_t

from wasmine.runtime.store cimport StoreCore

# Writes one slot, two for a v128. Raises TypeError (wrong type), OverflowError (integer out of range).
cdef int to_slots(StoreCore store, uint32_t type, object value, uint64_t* slots) except -1
cdef object from_slots(StoreCore store, uint32_t type, const uint64_t* slots)
