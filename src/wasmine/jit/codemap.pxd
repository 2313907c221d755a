# What is known of places in native code: which function it is, where in the register IR, which inlined calls it stands in, how large the
# frame is, who catches exceptions.
#
# A place is named by an offset in the code of its function. There are notes for
#
#     the return address of each call, also of those out of line
#     each instruction that may fault: one past its start, so that no two notes are for the same offset
#
# Notes are packed, three bytes or so each; every few of them there is a mark to start reading at. `find_map` takes no lock and allocates
# nothing: a signal handler may use it.

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from wasmine.ir.func cimport IrFunc
from wasmine.jit.ssa.function cimport Site
from wasmine.runtime.vm cimport FramePlace

cdef enum:
    # Note.kind
    NOTE_CALL = 0           # return address
    NOTE_ENTRY = 1          # return address of a call made before the function has its frame: it has not begun
    NOTE_FAULT = 2          # may fault

    # CodeMap.kind
    MAP_FUNCTION = 0
    MAP_ENTER = 1           # the way in: native frames end here
    MAP_ADAPTER = 2         # no frame, and nothing to show
    MAP_BRIDGE = 3          # stands for a caller of another instance (bridges.pxd of the machine): behind `frame` bytes, the instance and two words

cdef struct Note:
    uint32_t offset
    uint32_t pos
    uint32_t site           # CodeMap.sites, as in SsaFunc.sites
    uint32_t kind           # NOTE_*

# A handler of exceptions that leave the call whose return address is at `offset`.
cdef struct Landing:
    uint32_t offset
    uint32_t kind           # CATCH_* of ssa/function.pxd
    uint32_t tag            # CATCH_TAG: tag index
    uint32_t target         # offset where the handler starts

# What the emitter finds out about a function, in the order of offsets.
cdef struct Notes:
    Note* notes
    uint32_t n_notes
    uint32_t max_notes
    Landing* landings       # of one call in the order in which they are asked
    uint32_t n_landings
    uint32_t max_landings
    Site* sites             # a copy
    uint32_t n_sites
    uint32_t frame
    uint32_t failed         # memory is exhausted

# A note to start at, and where the next one is.
cdef struct Mark:
    Note note
    uint32_t next

cdef struct CodeMap:
    uint8_t* start
    uint32_t size
    uint32_t kind           # MAP_*
    uint32_t frame          # bytes from the stack pointer to the return address
    uint32_t n_marks
    uint32_t n_bytes
    uint32_t n_landings
    uint32_t n_sites
    IrFunc* func
    const void* way_out     # MAP_FUNCTION: the common exit (Common.trap_exit)
    Mark* marks
    Landing* landings
    Site* sites
    uint8_t* bytes

# An array that grows while others read it: a larger copy takes its place, and it is freed when nobody reads any more.
cdef struct Table:
    Table* next             # in the list of those to free
    uint32_t n
    uint32_t max

# Memory that holds code, with the maps of that code in the order of addresses.
cdef struct CodeRange:
    uint8_t* start
    uint8_t* end
    Table* maps

cdef void init_notes(Notes* notes) noexcept nogil
cdef void free_notes(Notes* notes) noexcept nogil
cdef void add_note(Notes* notes, uint32_t offset, uint32_t pos, uint32_t site, uint32_t kind) noexcept nogil
cdef void add_landing(Notes* notes, uint32_t offset, uint32_t kind, uint32_t tag, uint32_t target) noexcept nogil
cdef void copy_sites(Notes* notes, const Site* sites, uint32_t n) noexcept nogil

# The map of a function's code at `start`, or, without notes, of other code. NULL when memory is exhausted.
cdef CodeMap* new_map(uint8_t* start, uint32_t size, uint32_t kind, IrFunc* func, const Notes* notes) noexcept nogil

# From now on `find_map` looks there. False when memory is exhausted.
cdef bint add_range(uint8_t* start, size_t size) noexcept nogil
# The memory is about to be unmapped: no code runs there any more. Frees its maps.
cdef void remove_range(uint8_t* start) noexcept nogil
# Adds the map of code that lies in a range, behind all that has a map there. The range owns it. False when memory is exhausted.
cdef bint add_map(CodeMap* map) noexcept nogil

# The map of the code at an address, NULL for foreign code.
cdef const CodeMap* find_map(const void* pc) noexcept nogil
# The note for an offset, False if there is none.
cdef bint find_note(const CodeMap* map, uint32_t offset, Note* found) noexcept nogil
# The note of the instruction at an offset that may fault, False if there is none.
cdef bint find_fault(const CodeMap* map, uint32_t offset, Note* found) noexcept nogil
# The handlers of a call: returns the first one and how many there are.
cdef const Landing* find_landings(const CodeMap* map, uint32_t offset, uint32_t* n) noexcept nogil
# An expand_t.
cdef uint32_t expand_place(const void* map, uint64_t at, FramePlace* places) noexcept nogil
