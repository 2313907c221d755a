# What memory, globals and sizes hold, by versions: two reads at the same version give the same.

from libc.stdint cimport uint32_t

from wasmine.jit.ssa.function cimport Inst, SsaFunc

cdef enum:
    # Classes of state; whatever is written changes the version of one or all of them.
    CLASS_MEMORY = 0        # contents of memories
    CLASS_SIZES = 1         # sizes of memories, sizes and elements of tables
    CLASS_OBJECTS = 2       # contents of GC objects
    CLASS_GLOBALS = 3       # mutable globals, spread over the rest
    N_CLASSES = 16
    ALL_CLASSES = 0xFFFF

# The classes that an instruction writes, as a mask.
cdef uint32_t written_by(const Inst* inst) noexcept nogil

# The class that an instruction without effects reads, N_CLASSES for none.
cdef uint32_t read_by(const Inst* inst) noexcept nogil

# For each header of a loop: the classes that the loop writes. NULL when memory is exhausted. Needs loops. The caller frees it.
cdef uint32_t* written_classes(SsaFunc* f) noexcept nogil
