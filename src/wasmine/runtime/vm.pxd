# The structs that run-time code works on: what an interpreter arm, and later native code, reads by fixed offsets.
#
# A reference in a slot, a table or a global is 64 bits:
#
#     0                        null
#     ...1                     i31: the value in bits 1..31
#     0x4000 index(44 bits) 2  a Python object: index into the store's handle table (HOST_REF | index << 2)
#     anything else            a pointer: FuncInst for funcref; a GC object otherwise (8-aligned)

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from wasmine.binary.module cimport ModuleDesc
from wasmine.ir.func cimport Instr, IrFunc
from wasmine.spec.types cimport TypeDef

cdef enum:
    FUNC_WASM = 0
    FUNC_HOST = 1

    # VMContext.interrupt: why the next poll must leave the fast path
    POLL_NONE = 0
    POLL_TICK = 1           # look for signals and deadlines
    POLL_STOP = 2           # a deadline has passed or somebody called Store.interrupt

    MAX_PASSED = 64         # frames that a backtrace shows
    MAX_INLINED = 16        # functions that one of native code stands for

cdef struct Memory:
    uint8_t* base           # never moves
    uint64_t size           # accessible bytes
    uint64_t pages
    uint64_t max_pages      # the smallest of type, address type and store limit
    uint64_t reserved       # bytes of address space mapped, guard included
    uint32_t page_log2
    uint8_t is64
    uint8_t shared
    uint8_t guarded         # 32-bit indices cannot leave the reservation: native code needs no check
    uint8_t closed
    uint32_t lock           # spin lock for growing a shared memory

cdef struct Table:
    uint64_t* elems         # moves when the table grows
    uint64_t size
    uint64_t capacity
    uint64_t maximum
    uint32_t type           # reference type code
    uint8_t is64
    Table* next             # in the list of those that may hold objects (runtime/heap.pxd)

cdef struct Global:
    uint64_t value[2]       # 16-aligned
    uint32_t type
    uint32_t mutable
    Global* next            # in the list of those that may hold objects

cdef struct FuncInst:       # what a funcref points to
    uint32_t type_id
    uint32_t kind           # FUNC_*
    IrFunc* ir              # FUNC_WASM
    Instance* inst          # FUNC_WASM: the instance it closes over; FUNC_HOST: NULL
    void* host              # FUNC_HOST: the HostFunc object, borrowed: the store holds it
    TypeDef* type
    uint32_t index          # function index in its instance
    uint32_t flags

cdef struct ElemSegment:
    uint64_t* refs
    uint32_t count          # 0 once dropped
    uint32_t type           # reference type code
cdef struct DataSegment:
    const uint8_t* data
    uint32_t size           # 0 once dropped

cdef struct Tag:            # identity is the address
    uint32_t type_id
    uint32_t unused
    TypeDef* type

# The start of an exception object, whose GC header is the first word (runtime/heap.pxd); the values follow as slots of the
# tag's types.
cdef struct Exn:
    uint64_t header
    Tag* tag

# Runs a Wasm function whose arguments are at fp; results replace them. Returns TRAP_*.
ctypedef uint32_t (*run_t)(VMContext* ctx, Instance* inst, IrFunc* func, uint64_t* fp) noexcept nogil
# Counts a call of a function that has been lowered, and decides what runs it from now on: while it counts, it leaves
# entry_slots ENTRY_NEW.
ctypedef void (*called_t)(ModuleCode* code, IrFunc* func) noexcept nogil
# The counter of the loop.count at `loop` has run out: sets it again, or replaces the instruction by another loop op.
ctypedef void (*looped_t)(ModuleCode* code, IrFunc* func, Instr* loop) noexcept nogil
# Goes on in native code at a loop.enter, in the frame at fp; returns when the function does, its results at fp.
ctypedef uint32_t (*enter_loop_t)(VMContext* ctx, Instance* inst, IrFunc* func, uint64_t* fp, Instr* loop) noexcept nogil
# The module goes: nobody compiles functions of it any more.
ctypedef void (*close_t)(ModuleCode* code) noexcept

# A place in a function, for backtraces.
cdef struct FramePlace:
    IrFunc* func
    uint32_t pos            # of its register IR

# What functions a frame of native code stands for, innermost first: one, and those that are inlined there. `map` and `at` are those of
# a PassedFrame. Returns how many there are; fills in the first MAX_INLINED at most.
ctypedef uint32_t (*expand_t)(const void* map, uint64_t at, FramePlace* places) noexcept nogil

# What the interpreter knows of native code: a function that has some has entry_slots ENTRY_NATIVE.
cdef struct NativeTier:
    called_t called
    looped_t looped
    run_t run
    expand_t expand
    enter_loop_t enter_loop
    close_t close

# The code of one module, shared by all its instances.
cdef struct ModuleCode:
    IrFunc* funcs           # defined functions only: function index - n_imported_funcs
    uint32_t n_funcs
    uint32_t n_imported_funcs
    ModuleDesc* desc
    TypeDef** defs          # the registry's table
    uint32_t* fixed         # of the only table, if it never changes: function index + 1 of each element, 0 for null; or NULL
    uint32_t n_fixed        # its size, if it does not grow either
    uint32_t metered        # lower with fuel instructions
    uint32_t guarded        # native code does not check accesses of guarded memories: of all that are 32-bit with pages of 64 KiB
    uint32_t counted        # lower loops that count, after this many trips less one; 0: loops that do not
    NativeTier* native      # NULL: functions are only interpreted
    void* owner             # the ModuleCodeCore object, borrowed

cdef struct Instance:
    VMContext* ctx
    Memory* mem0            # NULL when the module has no memory
    IrFunc* funcs           # == code.funcs
    uint64_t** globals      # -> Global.value
    Table** tables
    Memory** memories
    FuncInst** imports      # imported functions
    FuncInst** funcrefs     # defined functions whose reference was taken, else NULL; itself NULL until one was
    ElemSegment* elems
    DataSegment* datas
    Tag** tags
    ModuleCode* code
    uint32_t* types         # type index -> id
    void* owner             # the InstanceCore object, borrowed
    Instance* next          # in the list of those whose element segments may hold objects

# Calls a host function; arguments and results at slots.
ctypedef uint32_t (*host_entry_t)(VMContext* ctx, FuncInst* func, uint64_t* slots) noexcept nogil
# Looks why the fast path must be left: 0 to go on, else TRAP_* (runtime/interrupt.py).
ctypedef uint32_t (*poll_t)(VMContext* ctx) noexcept nogil

# One computation in Wasm, on a stack of its own. While it is in a host call, this holds its part of the context, so that
# other activations of the store may come and go meanwhile, in any order (nested calls, greenlets, later coroutines).
cdef struct Activation:
    Activation* below       # the activation of the store that ran before this one; it is in a host call
    Activation* before      # list of all that are not finished; the ticker walks it
    Activation* after
    VMContext* ctx
    unsigned long thread    # ident of the thread that it runs on
    size_t thread_low       # lowest address of that thread's stack, 0 while nobody has asked
    Instr* pc
    uint64_t* fp
    IrFunc* func
    Instance* inst
    uint64_t* stack_base
    uint64_t* stack_end
    void* native_sp
    void* wasm_sp
    void* native_floor
    void* native_exit
    uint64_t* slot_top
    uint32_t native_mxcsr
    uint32_t switched
    uint32_t watched        # faults in native code reach our handler (jit/faults.pxd)

# A frame that a trap has left on its way out: what the backtrace needs of it, for its stack is used again before that is made.
cdef struct PassedFrame:
    IrFunc* func
    const void* map         # of native code, for NativeTier.expand; NULL: interpreted
    uint64_t at             # position of the register IR; offset in native code

# One for each store; a store runs one activation at a time, which may nest through host calls.
cdef struct VMContext:
    uint64_t* stack_limit   # highest slot a frame may end at; 0 makes the next call take the slow path
    uint32_t interrupt      # POLL_*: read at loop headers and by the slow path of calls
    uint32_t depth          # nested activations
    int64_t fuel            # what is left; negative: exhausted
    # the innermost frame, stored when the loop is left (trap, host call)
    Instr* pc
    uint64_t* fp
    IrFunc* func
    Instance* inst
    uint32_t trap           # TRAP_*
    uint32_t trap_detail
    uint64_t exception      # the reference that is thrown, while trap is TRAP_UNCAUGHT_EXCEPTION
    # stack switching (runtime/stack.py)
    uint64_t* stack_base    # first slot of the current value stack
    uint64_t* stack_end     # its true limit: what stack_limit is restored to
    void* native_sp         # the thread's stack pointer, while Wasm runs on a stack of its own
    void* wasm_sp
    void* thread_state      # PyThreadState* of the caller while the GIL is released, else NULL
    uint32_t switched       # Wasm runs on its own stack
    run_t run               # the tier that runs a function that has no native code
    host_entry_t call_host
    poll_t poll
    TypeDef** defs
    void* store             # the Store object, borrowed
    void* arena             # what lives as long as the store (runtime/store.py)
    void* heap              # Heap* (runtime/heap.pxd)
    Activation* activation  # the one that runs or ran last, NULL while the store is idle
    uint64_t memory_bytes   # bytes of all memories of the store, and how many they may be
    uint64_t memory_limit
    uint64_t table_elems    # elements of all tables of the store, and how many they may be
    uint64_t table_limit
    int64_t deadline        # CLOCK_MONOTONIC nanoseconds, 0: none
    # native code
    void* native_limit      # lowest stack pointer that a function may start with; all ones make the next one poll
    void* native_floor      # what it is restored to
    void* native_exit       # stack pointer of the innermost way from the interpreter into native code: where traps go
    uint64_t* slot_top      # first slot above all frames, while native code runs
    uint32_t native_mxcsr   # x86-64: the thread's float control word while Wasm runs, and Wasm's own
    uint32_t wasm_mxcsr
    void* landing_sp        # stack pointer of the native frame that catches an exception
    Instance* landing_inst  # ... and its instance
    # A tail call that the interpreter hands back to the native code that called it (jit/x64/bridges.pxd)
    uint64_t* tail_frame    # the frame that may do so: the interpreter's outermost one, called by native code
    IrFunc* tail_func       # the callee, which has native code; its arguments are at tail_frame
    Instance* tail_inst
    uint32_t n_passed       # frames that the trap on its way out has passed, innermost first; runtime/frames.pxd
    uint32_t n_omitted      # ... and how many functions there were in those beyond MAX_PASSED
    PassedFrame passed[64]
