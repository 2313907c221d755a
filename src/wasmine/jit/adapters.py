"""The ways into and out of native code of a module, and what all its code shares."""

import cython
from cython.cimports.libc.stdint import uint8_t, uint32_t, uint64_t
from cython.cimports.libc.stdlib import calloc
from cython.cimports.libc.string import memset
from cython.cimports.wasmine.ir.func import HEADER_SLOTS, IR_FAULTS, Instr, IrFunc
from cython.cimports.wasmine.jit.adapters import Adapters, NativeModule, enter_t
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer, free_code
from cython.cimports.wasmine.jit.backend.target import Common, Target
from cython.cimports.wasmine.jit.codemap import MAP_ADAPTER, MAP_ENTER, CodeMap, add_map, new_map
from cython.cimports.wasmine.jit.codespace import publish_code
from cython.cimports.wasmine.jit.faults import watch_faults
from cython.cimports.wasmine.jit.host import host_target
from cython.cimports.wasmine.jit.worker import lock_code, unlock_code
from cython.cimports.wasmine.runtime.vm import Instance, ModuleCode, VMContext
from cython.cimports.wasmine.spec.traps import TRAP_LOWERING_FAILED
from cython.cimports.wasmine.spec.types import KIND_FUNC, TypeDef

Module = cython.typedef(cython.pointer[NativeModule])
Func = cython.typedef(cython.pointer[IrFunc])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def prepare_module(module: Module) -> cython.bint:
    """What all native code of a module shares. False when there is no memory for it."""
    i: uint32_t
    ready: cython.bint
    lock_code()
    if not module.ready:
        module.n_adapters = 8
        while module.n_adapters < 2 * module.code.desc.n_types:
            module.n_adapters *= 2
        if module.adapters == cython.NULL:
            module.adapters = cython.cast(
                cython.pointer[Adapters], calloc(module.n_adapters, cython.sizeof(Adapters))
            )
        if module.adapters != cython.NULL and make_adapters(module):
            for i in range(module.code.n_funcs):
                module.code.funcs[i].native = adapters_of(module, module.code.funcs[i].type_id).to_interp
            module.ready = 1
    ready = module.ready
    unlock_code()
    return ready


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def make_adapters(module: Module) -> cython.bint:
    """Adapters for all function types of a module, and what all its code shares."""
    code = cython.declare(CodeBuffer)
    common = cython.declare(Common)
    machine: cython.pointer[cython.const[Target]] = host_target()
    i: uint32_t
    entry: cython.pointer[Adapters]
    type: cython.pointer[TypeDef]
    base: cython.pointer[uint8_t] = cython.NULL
    enters: uint32_t
    others: uint32_t
    size: uint32_t
    code.bytes = cython.NULL
    code.size = code.capacity = code.failed = 0
    machine.emit_common(cython.address(code), cython.address(common))
    machine.pad(cython.address(code))
    enters = code.size
    memset(module.adapters, 0, module.n_adapters * cython.sizeof(Adapters))
    for i in range(module.code.desc.n_types):
        type = module.code.defs[module.code.desc.types[i]]
        if type.kind != KIND_FUNC:
            continue
        entry = adapters_of(module, type.id)
        if entry.used:
            continue
        entry.used = 1
        entry.type_id = type.id
        machine.pad(cython.address(code))
        entry.enter = at(code.size)
        machine.emit_enter(cython.address(code), type, cython.address(common))
    machine.pad(cython.address(code))
    others = code.size
    for i in range(module.n_adapters):
        entry = module.adapters + i
        if not entry.used:
            continue
        type = module.code.defs[entry.type_id]
        machine.pad(cython.address(code))
        entry.to_func = at(code.size)
        machine.emit_to_func(cython.address(code), type, cython.address(common))
        machine.pad(cython.address(code))
        entry.to_interp = at(code.size)
        machine.emit_to_interp(cython.address(code), type, cython.address(common))
        machine.pad(cython.address(code))
        entry.load = at(code.size)
        machine.emit_load(cython.address(code), type)
    if not code.failed:
        base = cython.cast(
            cython.pointer[uint8_t], publish_code(cython.address(module.pool), code.bytes, code.size)
        )
    size = code.size
    free_code(cython.address(code))
    if base == cython.NULL or not (
        map_code(base, enters, MAP_ADAPTER)
        and map_code(base + enters, others - enters, MAP_ENTER)
        and map_code(base + others, size - others, MAP_ADAPTER)
    ):
        return False
    for i in range(module.n_adapters):
        entry = module.adapters + i
        if entry.used:
            entry.enter = base + cython.cast(cython.size_t, entry.enter)
            entry.to_func = base + cython.cast(cython.size_t, entry.to_func)
            entry.to_interp = base + cython.cast(cython.size_t, entry.to_interp)
            entry.load = base + cython.cast(cython.size_t, entry.load)
    module.links.trap_exit = base + common.trap_exit
    module.links.poll = base + common.poll
    module.links.limit = base + common.limit
    module.links.slow = base + common.slow
    module.links.module = module
    module.links.adapter_of = adapter_to_func
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def map_code(start: cython.pointer[uint8_t], size: uint32_t, kind: uint32_t) -> cython.bint:
    """Tells the way out of native code what code of ours it meets."""
    map: cython.pointer[CodeMap] = new_map(start, size, kind, cython.NULL, cython.NULL)
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
def adapters_of(module: Module, type_id: uint32_t) -> cython.pointer[Adapters]:
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
    return adapters_of(cython.cast(Module, module), type_id).to_func


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_watched(ctx: cython.pointer[VMContext], func: Func) -> cython.bint:
    """Whether faults of native code will reach our handler; asked once for each activation.

    Without one, the function calls nothing: what counts is whether it may fault itself.
    """
    if ctx.activation == cython.NULL:
        return not func.flags & IR_FAULTS or watch_faults()
    if not ctx.activation.watched:
        ctx.activation.watched = watch_faults()
    return ctx.activation.watched != 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def loader_of(func: Func) -> cython.p_void:
    code: cython.pointer[ModuleCode] = cython.cast(cython.pointer[ModuleCode], func.code_module)
    return adapters_of(cython.cast(Module, code.native), func.type_id).load


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def run_native(
    ctx: cython.pointer[VMContext],
    inst: cython.pointer[Instance],
    func: Func,
    fp: cython.pointer[uint64_t],
) -> uint32_t:
    """See adapters.pxd."""
    module: Module = cython.cast(Module, inst.code.native)
    enter: enter_t = cython.cast(enter_t, adapters_of(module, func.type_id).enter)
    if not is_watched(ctx, func):
        return TRAP_LOWERING_FAILED
    return enter(ctx, inst, func, fp, func.native, fp)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def enter_loop(
    ctx: cython.pointer[VMContext],
    inst: cython.pointer[Instance],
    func: Func,
    fp: cython.pointer[uint64_t],
    loop: cython.pointer[Instr],
) -> uint32_t:
    """An enter_loop_t. The header of the frame is still needed when the function returns."""
    module: Module = cython.cast(Module, inst.code.native)
    enter: enter_t = cython.cast(enter_t, adapters_of(module, func.type_id).enter)
    place: uint64_t = loop.b | cython.cast(uint64_t, loop.c) << 32
    top: cython.pointer[uint64_t] = fp + func.header + HEADER_SLOTS
    if not is_watched(ctx, func):
        return TRAP_LOWERING_FAILED
    return enter(ctx, inst, func, fp, cython.cast(cython.p_void, cython.cast(cython.size_t, place)), top)
