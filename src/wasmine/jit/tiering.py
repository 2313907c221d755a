"""Which functions are compiled and when; what became of each, and what owns the code.

With `Config(tier="jit")`, a function is compiled at its first call, by the thread that calls it. With
`tier="auto"` it is interpreted until it has been called often enough for its size; a trip of one of its loops
counts as part of a call. Then it waits for the thread that compiles (worker.pxd), and is interpreted
meanwhile. A loop that goes on and on in one call gets code that begins in that loop and takes over the
interpreter's frame.

While calls of a function are counted, its `entry_slots` send each of them through the interpreter's slow
path, so that nothing is paid later on. A loop that is counted is another instruction than one that is not,
and has its counter in its own word. Threads that count at the same time may lose a few.

A function that the compiler refuses stays with the interpreter; `history` says which and why.
"""

import cython
from cython.cimports.libc.stdint import int32_t, int64_t, uint8_t, uint32_t, uint64_t
from cython.cimports.libc.stdlib import calloc, free, malloc
from cython.cimports.libc.string import strdup
from cython.cimports.wasmine.ir import ops as ir
from cython.cimports.wasmine.ir.func import ENTRY_NATIVE, ENTRY_NEW, IR_FAULTS, Instr, IrFunc
from cython.cimports.wasmine.jit.adapters import (
    NativeModule,
    Record,
    Unit,
    enter_loop,
    prepare_module,
    run_native,
)
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer, free_code
from cython.cimports.wasmine.jit.backend.target import Links
from cython.cimports.wasmine.jit.codemap import (
    MAP_FUNCTION,
    NOTE_FAULT,
    CodeMap,
    Notes,
    add_map,
    expand_place,
    free_notes,
    init_notes,
    new_map,
)
from cython.cimports.wasmine.jit.codespace import free_pool, publish_code
from cython.cimports.wasmine.jit.compile import (
    CANCELLED,
    COMPILED,
    NO_MEMORY,
    REFUSED_ENTRY,
    REFUSED_IR,
    REFUSED_OP,
    REFUSED_SIZE,
    Result,
    compile_function,
)
from cython.cimports.wasmine.jit.host import host_target
from cython.cimports.wasmine.jit.perf import find_wish, note_code
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.build import NO_ENTRY
from cython.cimports.wasmine.jit.ssa.info import IR_KIND
from cython.cimports.wasmine.jit.ssa.scan import words_of
from cython.cimports.wasmine.jit.tiering import (
    AFTER_CALLS,
    AFTER_TRIPS,
    AT_FIRST_CALL,
    NOT_TRIED,
    PENDING,
)
from cython.cimports.wasmine.jit.worker import (
    Job,
    add_job,
    begin_job,
    cancel_jobs,
    cancelled,
    count_jobs,
    end_job,
    lock_code,
    unlock_code,
)
from cython.cimports.wasmine.runtime.clib import (
    ATOMIC_ACQUIRE,
    ATOMIC_RELEASE,
    atomic_load_u32,
    atomic_store_u16,
    atomic_store_u32,
    atomic_store_u64,
    compare_exchange_u32,
    monotonic_ns,
    usleep,
)
from cython.cimports.wasmine.runtime.code import ModuleCodeCore
from cython.cimports.wasmine.runtime.stack import enlarge_stacks, stubs
from cython.cimports.wasmine.runtime.vm import ModuleCode

from wasmine.jit import stubs as thread_stubs

Module = cython.typedef(cython.pointer[NativeModule])
Func = cython.typedef(cython.pointer[IrFunc])
Code = cython.typedef(cython.pointer[ModuleCode])

CALLS = cython.declare(cython.const[uint32_t], 8)  # a small function is compiled after so many
CALLS_PER_INSTR = cython.declare(cython.const[uint32_t], 8)  # and after one more for so many instructions
TRIPS = cython.declare(cython.const[uint32_t], 128)  # a loop is looked at after so many
TRIPS_OF_CALL = cython.declare(cython.const[uint32_t], 16)  # that weigh as much as a call
LONG_LOOP = cython.declare(
    cython.const[uint32_t], 64
)  # trips for each call that make code for the loop worth while
MOST_ENTRIES = cython.declare(cython.const[uint32_t], 8)  # loops of a function that get code of their own

STATUS = {
    COMPILED: "compiled",
    NO_MEMORY: "no memory",
    REFUSED_OP: "instruction",
    REFUSED_SIZE: "too large",
    REFUSED_IR: "no SSA form",
    REFUSED_ENTRY: "cannot be entered there",
    NOT_TRIED: "not called",
    PENDING: "waiting",
}
REASON = {AT_FIRST_CALL: "first call", AFTER_CALLS: "calls", AFTER_TRIPS: "loop"}

never = cython.declare(cython.bint, False)  # for compilations that nobody stops


@cython.final
@cython.cclass
class NativeCode:
    """The native code of one module; lives as long as its ModuleCodeCore.

    `calls`, `trips`: how often a function is called, and a loop gone through, before it is compiled; with
    `exact`, these very numbers. No calls: functions are compiled at their first call.
    """

    def __cinit__(self, core: ModuleCodeCore, threads: int, calls: int, trips: int, exact: bool) -> None:
        module: Module = cython.address(self.module)
        i: uint32_t
        module.code = cython.address(core.code)
        module.tier.called = called
        module.tier.looped = looped
        module.tier.run = run_native
        module.tier.expand = expand_place
        module.tier.enter_loop = enter_loop
        module.tier.close = close
        module.links.features = host_target().find_features()
        host_target().make_bridges()
        module.threads = threads
        module.calls = calls
        module.trips = trips
        module.exact = exact
        module.units = cython.cast(
            cython.pointer[Unit], calloc(module.code.n_funcs or 1, cython.sizeof(Unit))
        )
        if module.units == cython.NULL:
            raise MemoryError
        for i in range(module.code.n_funcs):
            module.units[i].status = NOT_TRIED
            module.units[i].entering = NOT_TRIED

    def __dealloc__(self) -> None:
        record: cython.pointer[Record]
        i: uint32_t
        if self.module.code != cython.NULL and self.module.code.native != cython.NULL:
            close(self.module.code)
        while self.module.records != cython.NULL:
            record = self.module.records
            self.module.records = record.next
            free(record)
        if self.module.names != cython.NULL:
            for i in range(self.module.n_names):
                free(self.module.names[i])
            free(self.module.names)
        free_pool(cython.address(self.module.pool))
        free(self.module.units)
        free(self.module.adapters)

    def without_guards(self, core: ModuleCodeCore) -> ModuleCodeCore:
        """The same module with native code that checks each access."""
        if self.checked is None:
            checked = ModuleCodeCore(core.data, core.code.metered)
            tier_up = (self.module.calls, self.module.trips) if self.module.exact else None
            attach(checked, self.module.threads, tier_up)
            self.checked = checked
        return self.checked

    def outcomes(self) -> list:
        """What became of each function that the module defines: position, status, bytes of code, seconds."""
        result: list = []
        i: uint32_t
        unit: cython.pointer[Unit]
        for i in range(self.module.code.n_funcs):
            unit = self.module.units + i
            if unit.record == cython.NULL:
                result.append((i, STATUS[unit.status], 0, 0.0))
            else:
                result.append(
                    (i, status_text(unit.record), unit.record.bytes, unit.record.nanoseconds * 1e-9)
                )
        return result

    def history(self) -> list:
        """All compilations, in their order; see the .pyi file."""
        result: list = []
        record: cython.pointer[Record]
        lock_code()
        record = self.module.records
        unlock_code()
        while record != cython.NULL:
            result.append(
                (
                    record.position,
                    None if record.at == NO_ENTRY else record.at,
                    REASON[record.reason],
                    status_text(record),
                    record.bytes,
                    record.calls,
                    record.trips,
                    record.started * 1e-9,
                    record.nanoseconds * 1e-9,
                )
            )
            record = record.next
        result.reverse()
        return result

    def is_native(self, position: int) -> bool:
        """Whether the next call of a function, given its position among those defined, runs machine code."""
        return atomic_load_u32(cython.address(self.module.units[position].status), ATOMIC_ACQUIRE) == COMPILED

    def compile(self, position: int) -> None:
        """Compiles a function that has been lowered, given its position among those defined."""
        place: uint32_t = position
        request(cython.address(self.module), self.module.code.funcs + place, AT_FIRST_CALL)

    def machine_code(self, position: int, at: object = None) -> bytes:
        """The machine code of a function that was compiled, given its position among those defined.

        `at`: the position of a loop, for the code that begins there.
        """
        wanted: uint32_t = NO_ENTRY if at is None else at
        record: cython.pointer[Record]
        lock_code()
        record = self.module.records
        unlock_code()
        while record != cython.NULL:
            if record.position == position and record.at == wanted and record.status == COMPILED:
                return cython.cast(cython.pointer[uint8_t], record.place)[: record.bytes]
            record = record.next
        raise ValueError("the function has no such native code")


@cython.cfunc
def status_text(record: cython.pointer[Record]) -> str:
    if record.status == REFUSED_OP:
        from wasmine.jit.ssa.ops import OPS  # its names are needed here only

        return f"instruction {OPS[record.op].name}"
    return STATUS[record.status]


def attach(core: ModuleCodeCore, threads: int = 0, tier_up: object = (0, 0), guarded: bool = False) -> bool:
    """Makes the functions of a module run natively; False where the machine has no support for that.

    Before the first of them is called. `threads`: 0 or 1 that compile in the background. `tier_up`: calls and
    trips of loops after which a function is compiled, (0, 0) for at its first call; None for what is good.
    `guarded`: accesses of 32-bit memories are not checked; where an instance has a memory that is not
    guarded, it runs the code that `without_guards` makes.

    Raises OSError when functions are to be compiled at their first call and the system forbids executable
    memory.
    """
    if stubs().enter == cython.NULL and not thread_stubs.install():
        return False
    calls, trips = (CALLS, TRIPS) if tier_up is None else tier_up
    native = NativeCode(core, threads, calls, trips, tier_up is not None)
    core.native = native
    module: Module = cython.address(cython.cast(NativeCode, native).module)
    if calls == 0 and not prepare_module(module):
        raise OSError("the system does not let memory become executable")
    enlarge_stacks()
    if find_wish():
        name_functions(core, module)
    core.code.counted = trips
    core.code.guarded = guarded
    core.code.native = cython.address(module.tier)
    return True


@cython.cfunc
@cython.exceptval(-1, check=False)
def name_functions(core: ModuleCodeCore, module: Module) -> cython.int:
    """Names for `perf`, where the compiler finds them without Python."""
    i: uint32_t
    name: bytes
    module.names = cython.cast(
        cython.pointer[cython.p_char], calloc(module.code.n_funcs or 1, cython.sizeof(cython.p_char))
    )
    if module.names == cython.NULL:
        raise MemoryError
    module.n_names = module.code.n_funcs
    for i in range(module.code.n_funcs):
        name = core.func_name(module.code.funcs[i].index).encode(errors="replace")
        module.names[i] = strdup(name)
    return 0


def wait() -> None:
    """Waits until all that was asked for is compiled."""
    with cython.nogil:
        while count_jobs() != 0:
            usleep(100)


@cython.cfunc
@cython.exceptval(check=False)
def close(code: Code) -> cython.void:
    """A close_t."""
    cancel_jobs(code.native)
    code.native = cython.NULL


# --- when


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def threshold(module: Module, func: Func) -> uint32_t:
    """After how many calls a function is compiled."""
    return module.calls if module.exact else module.calls + func.n_instrs // CALLS_PER_INSTR


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def called(code: Code, func: Func) -> cython.void:
    """A called_t."""
    module: Module = cython.cast(Module, code.native)
    if module.calls == 0:
        request(module, func, AT_FIRST_CALL)
        return
    func.calls += 1
    if func.calls >= threshold(module, func):
        request(module, func, AFTER_CALLS)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def looped(code: Code, func: Func, loop: cython.pointer[Instr]) -> cython.void:
    """A looped_t."""
    module: Module = cython.cast(Module, code.native)
    unit: cython.pointer[Unit] = module.units + (func - code.funcs)
    status: uint32_t = atomic_load_u32(cython.address(unit.status), ATOMIC_ACQUIRE)
    entering: uint32_t = atomic_load_u32(cython.address(unit.entering), ATOMIC_ACQUIRE)
    calls: uint32_t = func.calls
    loop.a = module.trips - 1
    unit.trips += module.trips
    if is_refused(status) or is_refused(entering) or unit.n_entries >= MOST_ENTRIES:
        atomic_store_u16(cython.address(loop.op), ir.LOOP, ATOMIC_RELEASE)
    elif entering == PENDING:
        pass
    elif module.exact:
        request_entry(module, func, loop)
    elif status == COMPILED or unit.trips // LONG_LOOP >= calls:
        if unit.trips >= module.trips + func.n_instrs // 4:
            # The next call finds it compiled from its start, or about to be.
            if calls < threshold(module, func):
                func.calls = threshold(module, func) - 1
            request_entry(module, func, loop)
    elif status == NOT_TRIED and calls + unit.trips // TRIPS_OF_CALL >= threshold(module, func):
        request(module, func, AFTER_TRIPS)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_refused(status: uint32_t) -> cython.bint:
    return status != COMPILED and status != NOT_TRIED and status != PENDING


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def claim(status: cython.pointer[uint32_t], was: uint32_t) -> cython.bint:
    """Makes something pending; of several threads, one does."""
    return compare_exchange_u32(status, cython.address(was), PENDING, False, ATOMIC_ACQUIRE, ATOMIC_ACQUIRE)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def request(module: Module, func: Func, reason: uint32_t) -> cython.void:
    """Has a function compiled; calls are not counted any more."""
    position: uint32_t = cython.cast(uint32_t, func - module.code.funcs)
    unit: cython.pointer[Unit] = module.units + position
    if claim(cython.address(unit.status), NOT_TRIED):
        start(module, position, NO_ENTRY, cython.address(unit.status), reason)
    if module.threads != 0:
        set_entry(func, func.frame_slots)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def set_entry(func: Func, slots: uint32_t) -> cython.void:
    """Lets calls of a function whose calls were counted ask for so much room."""
    new: uint32_t = ENTRY_NEW
    compare_exchange_u32(
        cython.address(func.entry_slots), cython.address(new), slots, False, ATOMIC_RELEASE, ATOMIC_ACQUIRE
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def request_entry(module: Module, func: Func, loop: cython.pointer[Instr]) -> cython.void:
    """Has code made that begins in a loop of a function."""
    position: uint32_t = cython.cast(uint32_t, func - module.code.funcs)
    unit: cython.pointer[Unit] = module.units + position
    before: uint32_t = atomic_load_u32(cython.address(unit.entering), ATOMIC_ACQUIRE)
    if before != PENDING and claim(cython.address(unit.entering), before):
        start(
            module,
            position,
            cython.cast(uint32_t, loop - func.code),
            cython.address(unit.entering),
            AFTER_TRIPS,
        )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def start(
    module: Module,
    position: uint32_t,
    at: uint32_t,
    state: cython.pointer[uint32_t],
    reason: uint32_t,
) -> cython.void:
    """Compiles, in the thread for that or here."""
    job = cython.declare(Job)
    queued: cython.pointer[Job]
    job.work = compile_for_thread
    job.module = module
    job.position = position
    job.at = at
    job.state = state
    job.idle = NOT_TRIED
    job.reason = reason
    if module.threads != 0:
        queued = cython.cast(cython.pointer[Job], malloc(cython.sizeof(Job)))
        if queued != cython.NULL:
            queued[0] = job
            if add_job(queued):
                return
            free(queued)
    begin_job(cython.address(job))
    compile_unit(cython.address(job), cython.address(never))
    end_job(cython.address(job))


# --- compiling


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compile_for_thread(job: cython.pointer[Job]) -> cython.void:
    compile_unit(job, cancelled())


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compile_unit(job: cython.pointer[Job], stop: cython.pointer[cython.bint]) -> cython.void:
    """Compiles a function and installs the code. A loop without a way in gives way to that around it."""
    module: Module = cython.cast(Module, job.module)
    code: Code = module.code
    func: Func = code.funcs + job.position
    buffer = cython.declare(CodeBuffer)
    notes = cython.declare(Notes)
    links = cython.declare(Links)
    result = cython.declare(Result)
    at: uint32_t = job.at
    started: int64_t = monotonic_ns()
    buffer.bytes = cython.NULL
    buffer.size = buffer.capacity = buffer.failed = 0
    init_notes(cython.address(notes))
    result.status = NO_MEMORY
    result.op = 0
    if prepare_module(module):
        links = module.links
        links.self = cython.cast(cython.p_void, func) if at == NO_ENTRY else cython.NULL
        while True:
            result = compile_function(
                host_target(),
                cython.address(buffer),
                cython.address(notes),
                code,
                func,
                at,
                cython.address(links),
                stop,
            )
            if result.status != REFUSED_ENTRY:
                break
            at = loop_around(func, at)
            if at == NO_ENTRY or func.code[at].op == ir.LOOP_ENTER:
                break
    if result.status != CANCELLED:
        finish(job, at, cython.address(buffer), cython.address(notes), result, started)
    free_code(cython.address(buffer))
    free_notes(cython.address(notes))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def loop_around(func: Func, at: uint32_t) -> uint32_t:
    """Position of the innermost loop around the one at a position, NO_ENTRY when there is none.

    It is the last one before it that is branched back to from behind it.
    """
    found: uint32_t = NO_ENTRY
    i: uint32_t = 0
    kind: uint32_t
    target: int64_t
    while i < func.n_instrs:
        kind = IR_KIND[func.code[i].op]
        if i > at and (
            func.code[i].op == ir.BR
            or kind == o.KIND_BRANCH
            or kind == o.KIND_BRANCH_IMM
            or kind == o.KIND_BRANCH_UNLESS
        ):
            target = i + cython.cast(int64_t, cython.cast(int32_t, func.code[i].c))
            if target < at and (found == NO_ENTRY or target > found):
                found = cython.cast(uint32_t, target)
        i += words_of(func.code + i)
    return found


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def finish(
    job: cython.pointer[Job],
    at: uint32_t,
    buffer: cython.pointer[CodeBuffer],
    notes: cython.pointer[Notes],
    result: Result,
    started: int64_t,
) -> cython.void:
    """Publishes code, notes what became of it, and lets it run."""
    module: Module = cython.cast(Module, job.module)
    func: Func = module.code.funcs + job.position
    unit: cython.pointer[Unit] = module.units + job.position
    record: cython.pointer[Record] = cython.cast(cython.pointer[Record], calloc(1, cython.sizeof(Record)))
    place: cython.p_void = cython.NULL
    lock_code()
    if record != cython.NULL:
        record.at = at if job.at != NO_ENTRY and at != NO_ENTRY else job.at
    if result.status == COMPILED:
        if record != cython.NULL:
            place = publish(module, buffer, func, record.at, notes)
        if place == cython.NULL:
            result.status = NO_MEMORY
    if record != cython.NULL:
        record.position = job.position
        record.reason = job.reason
        record.status = result.status
        record.op = result.op
        record.bytes = buffer.size
        record.calls = func.calls
        record.trips = unit.trips
        record.started = started
        record.nanoseconds = monotonic_ns() - started
        record.place = place
        record.next = module.records
        module.records = record
        if job.at == NO_ENTRY:
            unit.record = record
    if job.at == NO_ENTRY:
        install(func, place)
        atomic_store_u32(cython.address(unit.status), result.status, ATOMIC_RELEASE)
    else:
        if place != cython.NULL:
            install_entry(func.code + at, place)
            unit.n_entries += 1
        if at != job.at:
            atomic_store_u16(cython.address(func.code[job.at].op), ir.LOOP, ATOMIC_RELEASE)
        if result.status == REFUSED_ENTRY:
            # Other loops may have a way in.
            result.status = NOT_TRIED
            unit.n_entries += 1
        atomic_store_u32(cython.address(unit.entering), result.status, ATOMIC_RELEASE)
    unlock_code()


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def publish(
    module: Module,
    buffer: cython.pointer[CodeBuffer],
    func: Func,
    at: uint32_t,
    notes: cython.pointer[Notes],
) -> cython.p_void:
    """Puts code in its place, and lets who walks the frames know of it. NULL when memory is exhausted."""
    place: cython.p_void = publish_code(cython.address(module.pool), buffer.bytes, buffer.size)
    map: cython.pointer[CodeMap]
    i: uint32_t
    if place == cython.NULL:
        return place
    map = new_map(cython.cast(cython.pointer[uint8_t], place), buffer.size, MAP_FUNCTION, func, notes)
    if map == cython.NULL:
        return cython.NULL
    map.way_out = module.links.trap_exit
    if not add_map(map):
        return cython.NULL
    for i in range(notes.n_notes):
        if notes.notes[i].kind == NOTE_FAULT:
            func.flags |= IR_FAULTS
            break
    if module.names != cython.NULL:
        note_code(place, buffer.size, module.names[func - module.code.funcs], at)
    return place


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def install(func: Func, place: cython.p_void) -> cython.void:
    """Native code calls what `native` says from now on; the interpreter when it sees entry_slots."""
    if place == cython.NULL:
        set_entry(func, func.frame_slots)
        return
    atomic_store_u64(
        cython.cast(cython.pointer[uint64_t], cython.address(func.native)),
        cython.cast(uint64_t, cython.cast(cython.size_t, place)),
        ATOMIC_RELEASE,
    )
    atomic_store_u32(cython.address(func.entry_slots), ENTRY_NATIVE, ATOMIC_RELEASE)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def install_entry(loop: cython.pointer[Instr], place: cython.p_void) -> cython.void:
    """The next trip of a loop goes on in native code. Threads that count still may write to `a`."""
    bits: uint64_t = cython.cast(uint64_t, cython.cast(cython.size_t, place))
    loop.b = cython.cast(uint32_t, bits)
    loop.c = cython.cast(uint32_t, bits >> 32)
    atomic_store_u16(cython.address(loop.op), ir.LOOP_ENTER, ATOMIC_RELEASE)
