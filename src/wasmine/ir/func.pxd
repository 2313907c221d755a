# The register IR: what the interpreter runs and what the JIT reads.
#
# An instruction is 16 bytes. `a`, `b`, `c` name 64-bit slots of the frame, or hold an immediate or a branch distance
# in instructions, as the row of the op in `ops.py` says; `x` is a small extra operand.
#
#      0        2        4            8            12           16
#      |  op    |   x    |     a      |     b      |     c      |
#
# The frame of a function, in slots from fp:
#
#      params | other locals | header (4) | operand stack ...
#      ^fp                     ^header      arguments of a call lie at the top of the caller's operand stack
#                                           and are the first slots of the callee's frame
#
#      header + 0  return address: the caller's next instruction
#             + 1  the caller's fp
#             + 2  the caller's IrFunc
#             + 3  the caller's Instance
#
# Results replace the parameters: slot 0 onwards. An i32 or f32 is kept with its upper 32 bits zero; a v128 takes two
# adjacent slots, low half first; a reference is one slot (see runtime/vm.pxd).

from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t, uint64_t

cdef struct Instr:
    uint16_t op
    uint16_t x
    uint32_t a
    uint32_t b
    uint32_t c

cdef enum:
    HEADER_SLOTS = 4

    # No stack has room for these.
    FRAME_NOT_LOWERED = 0x7FFFFFFF  # frame_slots until the code is there
    ENTRY_NEW = 0x7FFFFFFF          # entry_slots until the first call, which takes the slow path and prepares the function
    ENTRY_NATIVE = 0x7FFFFFFE       # entry_slots of a function with native code: the slow path runs that

    # IrFunc.flags
    IR_BOUNDED = 1      # no loop, call or bulk instruction: cost is bounded by the code's length
    IR_LEAF = 2         # calls nothing
    IR_FAULTS = 4       # its native code may fault: a guard checks its accesses of memory

    # Handler.kind
    HANDLE_TAG = 0      # exceptions of one tag
    HANDLE_ALL = 1
    HANDLE_DELEGATE = 2 # goes on looking at the tries outside of `outer`

# Where exceptions thrown at positions start .. end - 1 go. Those of a function are sorted so that the first one that
# covers a position and matches is the one to take.
cdef struct Handler:
    uint32_t start
    uint32_t end
    uint32_t serial         # of its try: inner ones have higher numbers
    uint32_t kind           # HANDLE_*
    uint32_t tag            # HANDLE_TAG: tag index
    uint32_t outer          # HANDLE_DELEGATE: the highest serial to go on with
    uint32_t target         # position where execution goes on
    uint32_t slot           # where the values of the exception go
    int32_t ref_slot        # where the exception itself goes, or -1

cdef struct IrFunc:
    Instr* code             # NULL until lowered
    uint32_t n_instrs
    uint32_t frame_slots    # the whole frame
    uint32_t entry_slots    # what the interpreter's calls ask room for: frame_slots, or ENTRY_*
    uint32_t header         # slot of the frame header
    uint32_t param_slots
    uint32_t zero_slots     # locals after the parameters, zeroed at entry
    uint32_t result_slots
    uint32_t flags
    uint32_t type_id
    uint32_t index          # function index in its module
    uint32_t* offsets       # instruction -> byte offset in the module (for backtraces)
    Handler* handlers
    uint32_t n_handlers
    uint32_t calls          # tier-up counter
    void* native            # entry of tier 1, NULL while there is none
    void* code_module       # ModuleCode* that it belongs to (runtime/vm.pxd)
