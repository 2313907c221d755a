# The seam between the compiler and a machine: what a machine gives (Target), and what the code made for it is given (Links).
#
# Nothing above the machines' own rooms names one of them but host.py, which chooses. Each machine fills one Target (x64/target.py,
# arm64/target.py); all of them are there in every process, so that code can be made for a machine that is not this one (cross.py).

from libc.stdint cimport uint32_t

from wasmine.jit.backend.codebuffer cimport CodeBuffer
from wasmine.jit.backend.machine cimport MachFunc, Registers
from wasmine.jit.codemap cimport Notes
from wasmine.jit.ssa.function cimport SsaFunc
from wasmine.runtime.stack cimport Stubs
from wasmine.runtime.vm cimport ModuleCode
from wasmine.spec.types cimport TypeDef

cdef enum:
    # What becomes of a function in instruction selection
    SELECT_DONE = 0
    SELECT_NO_MEMORY = 1
    SELECT_REFUSED = 2      # an op without translation, in *refused

# Addresses that native code refers to, and what it may use.
cdef struct Links:
    void* trap_exit         # see Common
    void* poll
    void* limit
    void* slow
    void* self              # IrFunc* of the function itself
    # type id -> what calls a FuncInst with arguments in registers
    void* (*adapter_of)(void* module, uint32_t type_id) noexcept nogil
    void* module
    uint32_t features       # of the processor, in the machine's own bits

# Where each part of what all code of a module shares starts in the buffer.
cdef struct Common:
    uint32_t leave          # pops what an `enter` adapter pushed, returns the trap code
    # From anywhere in native code, with a trap code where C functions return one and a return address that has a note (codemap.pxd) on
    # the stack: goes to the handler of an exception, else the innermost `enter` returns the code.
    uint32_t trap_exit
    uint32_t poll           # called: keeps all registers; goes to trap_exit, or returns
    uint32_t limit          # the same, for a stack pointer below the limit
    uint32_t slow           # backend of the slow calls: keeps the registers, does something in C
    uint32_t unusual        # with what a run_t returned: goes to trap_exit, or on with a tail call (bridges.pxd)

cdef struct Target:
    const char* name
    uint32_t return_bytes   # that a return address takes on the stack
    uint32_t pushes         # a call puts the return address there; else a function does that which has a frame
    uint32_t all_features   # of the newest processor that is known
    # Those of this processor, as far as they are allowed.
    uint32_t (*find_features)() except? 0xFFFFFFFF

    # Selects instructions: needs the analyses of f up to find_loops, and its uses counted. Returns SELECT_*.
    uint32_t (*select)(MachFunc* m, SsaFunc* f, ModuleCode* code, uint32_t features, uint32_t* refused) noexcept nogil
    const Registers* (*registers)() noexcept nogil
    # Appends the function's code to an empty buffer: entry first. False when memory is exhausted.
    bint (*emit)(CodeBuffer* code, MachFunc* m, const Links* links, Notes* notes) noexcept nogil
    # Fills up to a multiple of 16 bytes with what traps when it is executed.
    void (*pad)(CodeBuffer* code) noexcept nogil

    # The ways between C, the interpreter and native code: emitted once for a module, or once for a type of its functions.
    void (*emit_common)(CodeBuffer* code, Common* common) noexcept nogil
    # enter(ctx, inst, func, fp, entry, top): arguments from the slots at fp, results to there; the slots from top on are free. Code that
    # is entered in a loop finds fp in a register. Returns TRAP_*.
    void (*emit_enter)(CodeBuffer* code, TypeDef* type, const Common* common) noexcept nogil
    # From native code to a FuncInst, by way of slots.
    void (*emit_to_func)(CodeBuffer* code, TypeDef* type, const Common* common) noexcept nogil
    # From native code to an IrFunc that has no native code.
    void (*emit_to_interp)(CodeBuffer* code, TypeDef* type, const Common* common) noexcept nogil
    # A jump to a function whose arguments are in slots; its return address is on the stack.
    void (*emit_load)(CodeBuffer* code, TypeDef* type) noexcept nogil

    # Once for a process: the stubs that switch stacks, and the frames of tail calls between instances. Raise MemoryError or OSError.
    int (*make_stubs)(Stubs* stubs) except -1
    int (*make_bridges)() except -1
