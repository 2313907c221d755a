# What native code of a module needs besides the code of each function.

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from wasmine.ir.func cimport Instr, IrFunc
from wasmine.jit.backend.target cimport Links
from wasmine.jit.codespace cimport CodePool
from wasmine.runtime.vm cimport Instance, ModuleCode, NativeTier, VMContext

# x64/abi.pxd: emit_enter.
ctypedef uint32_t (*enter_t)(VMContext* ctx, Instance* inst, IrFunc* func, uint64_t* fp, void* entry, uint64_t* top) noexcept nogil

# The ways into and out of native code for one type of functions.
cdef struct Adapters:
    uint32_t type_id
    uint32_t used
    void* enter
    void* to_func
    void* to_interp
    void* load              # Target.emit_load

# One compilation.
cdef struct Record:
    Record* next            # the one before
    uint32_t position       # of the function in ModuleCode.funcs
    uint32_t at             # where it is entered: position of a loop, or NO_ENTRY for its start
    uint8_t reason
    uint8_t status          # of compile.pxd
    uint16_t op             # REFUSED_OP: of ssa/ops.py
    uint32_t bytes          # of machine code
    uint32_t calls          # of the function so far, and trips of its loops, as far as they were counted
    uint32_t trips
    int64_t started         # on the monotonic clock, in nanoseconds
    int64_t nanoseconds     # that compiling took
    void* place

# One function.
cdef struct Unit:
    uint32_t status         # of its code that begins at the start
    uint32_t entering       # status of its code that begins in a loop: NOT_TRIED, PENDING, or that of the newest
    uint32_t trips          # of its loops
    uint32_t n_entries      # pieces of code that begin in a loop
    Record* record          # of its code that begins at the start

# What native code of a module needs; the tier comes first, for ModuleCode.native points to it.
cdef struct NativeModule:
    NativeTier tier
    ModuleCode* code
    CodePool pool
    Links links
    Adapters* adapters      # hash table, by type id
    uint32_t n_adapters     # a power of two
    uint32_t ready          # adapters are there: 0 before the first compilation
    uint32_t threads        # 0: who wants code compiles it
    uint32_t calls          # a function is compiled after that many; 0: at its first call, and loops do not count
    uint32_t trips          # a loop counts so many before it is looked at
    uint32_t exact          # `calls` and `trips` are meant literally, not adapted to the function
    Unit* units             # by position in ModuleCode.funcs
    Record* records         # the newest first; guarded by lock_code
    char** names            # of the functions, for `perf`; NULL when it is not asked for
    uint32_t n_names

# Makes the adapters, once. False when there is no memory for them.
cdef bint prepare_module(NativeModule* module) noexcept nogil
# The adapter `load` of the type of a function that has native code.
cdef void* loader_of(IrFunc* func) noexcept nogil
# A run_t for functions with native code, and an enter_loop_t.
cdef uint32_t run_native(VMContext* ctx, Instance* inst, IrFunc* func, uint64_t* fp) noexcept nogil
cdef uint32_t enter_loop(VMContext* ctx, Instance* inst, IrFunc* func, uint64_t* fp, Instr* loop) noexcept nogil
