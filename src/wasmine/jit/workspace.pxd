# The working memory of one compilation.
#
# What a compilation knows of its function is gone when it ends, all at once, and the next one wants the same again. So memory comes in
# few large pieces, each as large as all before it, and stays for the next compilation, within bounds: to give pages back and ask for
# them again costs more than what is done with them. The first piece is address space enough for all but huge functions; the system
# gives its memory when it is touched, and what was touched beyond the bounds goes back. The others are unmapped.
#
#     piece 0                                        piece 1
#     [block][slab          ][free ][block  ][free]  [block    | not taken yet          ]
#
# A large block is cut from the first free space where it fits, and joins its neighbours when it is put back. Small ones are cut from
# slabs, which are large blocks; they are recycled by size, and not joined.

from libc.stdint cimport uint32_t, uint64_t

cdef enum:
    MAX_PIECES = 32
    SIZE_CLASSES = 48       # of small blocks: four for each power of two, from 64 bytes on

cdef struct Block:          # stands before each block, and in free ones
    size_t size             # bytes, with this; of small ones, a size class
    Block* next             # of free blocks: by address, of small ones in no order

cdef struct Piece:
    char* start
    size_t size

cdef struct Workspace:
    Piece pieces[MAX_PIECES]
    uint32_t n_pieces
    uint32_t piece          # whose memory is taken
    size_t taken            # bytes of it
    size_t used             # bytes of piece 0: from the start to the last one that was ever taken
    size_t touched          # ... that compilations before have left to the process
    size_t keep             # bytes of piece 0 to keep after the compilation
    char* slab              # what is left of it
    size_t slab_size
    Block large             # before the first free large block
    Block* small[SIZE_CLASSES]

# One for a compilation, NULL when memory is exhausted, and its way back. Whatever was taken from it is gone then.
cdef Workspace* borrow_workspace() noexcept nogil
cdef void return_workspace(Workspace* w) noexcept nogil
# Nothing is compiled for now: gives memory that was kept back to the system.
cdef void rest_workspaces() noexcept nogil

# For who has one of their own: an empty one is all zeros.
cdef void free_workspace(Workspace* w) noexcept nogil

# As malloc, calloc, realloc and free of C. NULL may be put back.
cdef void* take(Workspace* w, size_t size) noexcept nogil
cdef void* take_zeros(Workspace* w, size_t count, size_t size) noexcept nogil
cdef void* resize(Workspace* w, void* block, size_t size) noexcept nogil
cdef void put_back(Workspace* w, void* block) noexcept nogil
