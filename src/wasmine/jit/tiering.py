"""Native code of modules: when functions are compiled, what became of each, and what owns the code.

With `Config(tier="jit")`, each function is compiled at its first call, by the thread that calls it. A
function that the compiler refuses stays with the interpreter; `outcomes` says which and why. (That there are
such is for the time being.)
"""

import cython
from cython.cimports.libc.stdint import int64_t, uint8_t, uint32_t, uint64_t
from cython.cimports.libc.stdlib import calloc, free
from cython.cimports.wasmine.ir.func import ENTRY_NATIVE, IrFunc
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer, emit_align, free_code
from cython.cimports.wasmine.jit.codemap import (
    MAP_ADAPTER,
    MAP_ENTER,
    MAP_FUNCTION,
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
    COMPILED,
    NO_MEMORY,
    REFUSED_HANDLERS,
    REFUSED_IR,
    REFUSED_OP,
    REFUSED_SIZE,
    Result,
    compile_function,
)
from cython.cimports.wasmine.jit.tiering import NOT_TRIED, Adapters, NativeModule, Outcome
from cython.cimports.wasmine.jit.x64.abi import (
    Common,
    emit_common,
    emit_enter,
    emit_to_func,
    emit_to_interp,
)
from cython.cimports.wasmine.jit.x64.assembler import INT3
from cython.cimports.wasmine.jit.x64.bridges import make_bridges
from cython.cimports.wasmine.jit.x64.features import find_features
from cython.cimports.wasmine.runtime.clib import (
    ATOMIC_ACQUIRE,
    ATOMIC_RELEASE,
    atomic_exchange_u32,
    atomic_store_u32,
    atomic_store_u64,
    monotonic_ns,
    sched_yield,
)
from cython.cimports.wasmine.runtime.code import ModuleCodeCore
from cython.cimports.wasmine.runtime.stack import enlarge_stacks, stubs
from cython.cimports.wasmine.runtime.vm import Instance, ModuleCode, VMContext
from cython.cimports.wasmine.spec.types import KIND_FUNC, TypeDef

from wasmine.jit.ssa.ops import OPS
from wasmine.jit.stubs import install

enter_t = cython.typedef(
    "unsigned int (*enter_t)(void *, void *, void *, unsigned long long *, void *) noexcept nogil"
)
REASONS = {
    COMPILED: "compiled",
    NO_MEMORY: "no memory",
    REFUSED_OP: "instruction",
    REFUSED_SIZE: "too large",
    REFUSED_HANDLERS: "catches exceptions",
    REFUSED_IR: "no SSA form",
    NOT_TRIED: "not called",
}


@cython.final
@cython.cclass
class NativeCode:
    """The native code of one module; lives as long as its ModuleCodeCore."""

    def __cinit__(self, core: ModuleCodeCore) -> None:
        module: cython.pointer[NativeModule] = cython.address(self.module)
        i: uint32_t
        self.code = cython.address(core.code)
        module.code = self.code
        module.tier.compile = compile_now
        module.tier.run = run_native
        module.tier.expand = expand_place
        module.features = find_features()
        make_bridges()
        module.outcomes = cython.cast(
            cython.pointer[Outcome], calloc(self.code.n_funcs or 1, cython.sizeof(Outcome))
        )
        module.n_adapters = 8
        while module.n_adapters < 2 * self.code.desc.n_types:
            module.n_adapters *= 2
        module.adapters = cython.cast(
            cython.pointer[Adapters], calloc(module.n_adapters, cython.sizeof(Adapters))
        )
        if module.outcomes == cython.NULL or module.adapters == cython.NULL:
            raise MemoryError
        for i in range(self.code.n_funcs):
            module.outcomes[i].status = NOT_TRIED
        make_adapters(module)
        for i in range(self.code.n_funcs):
            self.code.funcs[i].native = adapters_of(module, self.code.funcs[i].type_id).to_interp

    def __dealloc__(self) -> None:
        free_pool(cython.address(self.module.pool))
        free(self.module.outcomes)
        free(self.module.adapters)

    def outcomes(self) -> list:
        """What became of each function that the module defines: position, reason, bytes of code, seconds."""
        result: list = []
        i: uint32_t
        for i in range(self.code.n_funcs):
            outcome: cython.pointer[Outcome] = self.module.outcomes + i
            reason = REASONS[outcome.status]
            if outcome.status == REFUSED_OP:
                reason = f"instruction {OPS[outcome.op].name}"
            result.append((i, reason, outcome.bytes, outcome.nanoseconds * 1e-9))
        return result

    def machine_code(self, position: int) -> bytes:
        """The machine code of a function that was compiled, given its position among those defined."""
        if self.module.outcomes[position].status != COMPILED:
            raise ValueError("the function has no native code")
        start: cython.pointer[uint8_t] = cython.cast(
            cython.pointer[uint8_t], self.code.funcs[position].native
        )
        return start[: self.module.outcomes[position].bytes]


def attach(core: ModuleCodeCore) -> bool:
    """Makes the functions of a module run natively; False where the machine has no support for that.

    Before the first of them is called.
    """
    if stubs().enter == cython.NULL and not install():
        return False
    native = NativeCode(core)
    core.native = native
    enlarge_stacks()
    core.code.native = cython.address(cython.cast(NativeCode, native).module.tier)
    return True


@cython.cfunc
@cython.exceptval(-1, check=False)
def make_adapters(module: cython.pointer[NativeModule]) -> cython.int:
    """Adapters for all function types of a module, and what all its code shares."""
    code = cython.declare(CodeBuffer)
    common = cython.declare(Common)
    i: uint32_t
    entry: cython.pointer[Adapters]
    type: cython.pointer[TypeDef]
    base: cython.pointer[uint8_t]
    enters: uint32_t
    others: uint32_t
    size: uint32_t
    code.bytes = cython.NULL
    code.size = code.capacity = code.failed = 0
    emit_common(cython.address(code), cython.address(common))
    emit_align(cython.address(code), 16, INT3)
    enters = code.size
    for i in range(module.code.desc.n_types):
        type = module.code.defs[module.code.desc.types[i]]
        if type.kind != KIND_FUNC:
            continue
        entry = adapters_of(module, type.id)
        if entry.used:
            continue
        entry.used = 1
        entry.type_id = type.id
        emit_align(cython.address(code), 16, INT3)
        entry.enter = at(code.size)
        emit_enter(cython.address(code), type, cython.address(common))
    emit_align(cython.address(code), 16, INT3)
    others = code.size
    for i in range(module.n_adapters):
        entry = module.adapters + i
        if not entry.used:
            continue
        type = module.code.defs[entry.type_id]
        emit_align(cython.address(code), 16, INT3)
        entry.to_func = at(code.size)
        emit_to_func(cython.address(code), type, cython.address(common))
        emit_align(cython.address(code), 16, INT3)
        entry.to_interp = at(code.size)
        emit_to_interp(cython.address(code), type, cython.address(common))
    if code.failed:
        free_code(cython.address(code))
        raise MemoryError
    base = cython.cast(
        cython.pointer[uint8_t], publish_code(cython.address(module.pool), code.bytes, code.size)
    )
    size = code.size
    free_code(cython.address(code))
    if base == cython.NULL:
        raise OSError("the system does not let memory become executable")
    if not (
        map_code(base, enters, MAP_ADAPTER)
        and map_code(base + enters, others - enters, MAP_ENTER)
        and map_code(base + others, size - others, MAP_ADAPTER)
    ):
        raise MemoryError
    for i in range(module.n_adapters):
        entry = module.adapters + i
        if entry.used:
            entry.enter = base + cython.cast(cython.size_t, entry.enter)
            entry.to_func = base + cython.cast(cython.size_t, entry.to_func)
            entry.to_interp = base + cython.cast(cython.size_t, entry.to_interp)
    module.links.trap_exit = base + common.trap_exit
    module.links.poll = base + common.poll
    module.links.limit = base + common.limit
    module.links.slow = base + common.slow
    module.links.module = module
    module.links.adapter_of = adapter_to_func
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def map_code(start: cython.pointer[uint8_t], size: uint32_t, kind: uint32_t) -> cython.bint:
    """Tells the way out of native code what code of ours it meets."""
    map: cython.pointer[CodeMap] = new_map(start, size, kind, cython.NULL, cython.NULL)
    return map != cython.NULL and add_map(map)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def map_function(
    place: cython.p_void,
    size: uint32_t,
    func: cython.pointer[IrFunc],
    notes: cython.pointer[Notes],
) -> cython.bint:
    start: cython.pointer[uint8_t] = cython.cast(cython.pointer[uint8_t], place)
    map: cython.pointer[CodeMap] = new_map(start, size, MAP_FUNCTION, func, notes)
    return map != cython.NULL and add_map(map)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def at(offset: uint32_t) -> cython.p_void:
    """An offset, until the base is known."""
    return cython.cast(cython.p_void, cython.cast(cython.size_t, offset))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def adapters_of(module: cython.pointer[NativeModule], type_id: uint32_t) -> cython.pointer[Adapters]:
    """The adapters of a type of the module, or the place for them."""
    i: uint32_t = type_id * cython.cast(uint32_t, 0x9E3779B1)
    i &= module.n_adapters - 1
    while module.adapters[i].used and module.adapters[i].type_id != type_id:
        i = (i + 1) & (module.n_adapters - 1)
    return module.adapters + i


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def adapter_to_func(module: cython.p_void, type_id: uint32_t) -> cython.p_void:
    return adapters_of(cython.cast(cython.pointer[NativeModule], module), type_id).to_func


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compile_now(code: cython.pointer[ModuleCode], func: cython.pointer[IrFunc]) -> cython.void:
    """Compiles a function in the thread that calls it first; the others wait."""
    module: cython.pointer[NativeModule] = cython.cast(cython.pointer[NativeModule], code.native)
    outcome: cython.pointer[Outcome] = module.outcomes + (func - code.funcs)
    while atomic_exchange_u32(cython.address(module.lock), 1, ATOMIC_ACQUIRE):
        sched_yield()
    if outcome.status == NOT_TRIED:
        compile_locked(module, code, func, outcome)
    atomic_store_u32(cython.address(module.lock), 0, ATOMIC_RELEASE)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compile_locked(
    module: cython.pointer[NativeModule],
    code: cython.pointer[ModuleCode],
    func: cython.pointer[IrFunc],
    outcome: cython.pointer[Outcome],
) -> cython.void:
    buffer = cython.declare(CodeBuffer)
    result = cython.declare(Result)
    notes = cython.declare(Notes)
    place: cython.p_void = cython.NULL
    start: int64_t = monotonic_ns()
    buffer.bytes = cython.NULL
    buffer.size = buffer.capacity = buffer.failed = 0
    init_notes(cython.address(notes))
    module.links.self = func
    result = compile_function(
        cython.address(buffer),
        cython.address(notes),
        code,
        func,
        module.features,
        cython.address(module.links),
    )
    if result.status == COMPILED:
        result.status = NO_MEMORY
        place = publish_code(cython.address(module.pool), buffer.bytes, buffer.size)
        if place != cython.NULL:
            if map_function(place, buffer.size, func, cython.address(notes)):
                result.status = COMPILED
    outcome.status = result.status
    outcome.op = result.op
    outcome.bytes = buffer.size
    free_code(cython.address(buffer))
    free_notes(cython.address(notes))
    if result.status == COMPILED:
        # Native code calls it from now on; the interpreter when it sees entry_slots.
        atomic_store_u64(
            cython.cast(cython.pointer[uint64_t], cython.address(func.native)),
            cython.cast(uint64_t, cython.cast(cython.size_t, place)),
            ATOMIC_RELEASE,
        )
    atomic_store_u32(
        cython.address(func.entry_slots),
        ENTRY_NATIVE if result.status == COMPILED else func.frame_slots,
        ATOMIC_RELEASE,
    )
    outcome.nanoseconds = cython.cast(uint32_t, monotonic_ns() - start)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def run_native(
    ctx: cython.pointer[VMContext],
    inst: cython.pointer[Instance],
    func: cython.pointer[IrFunc],
    fp: cython.pointer[uint64_t],
) -> uint32_t:
    """A run_t for functions with native code."""
    module: cython.pointer[NativeModule] = cython.cast(cython.pointer[NativeModule], inst.code.native)
    enter: enter_t = cython.cast(enter_t, adapters_of(module, func.type_id).enter)
    return enter(ctx, inst, func, fp, func.native)
