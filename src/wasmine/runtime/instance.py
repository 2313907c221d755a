"""Instances and their making (core specification, section 4.7.2).

The tables that running code reads are one block in the store's arena:

    Instance | own globals | globals | tables | memories | imports | tags | elems | datas

Globals that the module defines are in it themselves; `globals` points to those and to imported ones.

Nothing in it is made per defined function, so that an instance of a large module costs as little as one of
a small one.
"""

import cython
from cython.cimports.libc.stdint import uint8_t, uint32_t, uint64_t
from cython.cimports.wasmine.binary.module import (
    EXT_FUNC,
    EXT_GLOBAL,
    EXT_MEMORY,
    EXT_TABLE,
    EXT_TAG,
    SEG_ACTIVE,
    SEG_PASSIVE,
    DataDesc,
    ElemDesc,
    GlobalDesc,
    ImportDesc,
    MemoryDesc,
    ModuleDesc,
    Span,
    TableDesc,
)
from cython.cimports.wasmine.runtime.call import invoke
from cython.cimports.wasmine.runtime.code import ModuleCodeCore
from cython.cimports.wasmine.runtime.constexpr import evaluate
from cython.cimports.wasmine.runtime.extern import (
    Extern,
    extern_func,
    extern_global,
    extern_memory,
    extern_table,
    extern_tag,
)
from cython.cimports.wasmine.runtime.funcref import func_ref
from cython.cimports.wasmine.runtime.layout import global_pointer_at, own_global_at
from cython.cimports.wasmine.runtime.linking import check_import
from cython.cimports.wasmine.runtime.memory import MemoryCore, may_be_guarded, memory_init, new_memory
from cython.cimports.wasmine.runtime.store import StoreCore
from cython.cimports.wasmine.runtime.table import TableCore, new_table
from cython.cimports.wasmine.runtime.traps import plain_trap
from cython.cimports.wasmine.runtime.vm import (
    Activation,
    DataSegment,
    ElemSegment,
    FuncInst,
    Global,
    Instance,
    Memory,
    Table,
    Tag,
)
from cython.cimports.wasmine.spec.traps import TRAP_NONE, TRAP_OUT_OF_BOUNDS_TABLE_ACCESS

from wasmine.spec.errors import LinkError

Bytes = cython.typedef(cython.pointer[uint8_t])


@cython.final
@cython.cclass
class InstanceCore:
    """An instance; made by `instantiate`."""

    @cython.cfunc
    def export(self, name: str) -> Extern:
        if self.code.export_index is None:
            self.code.index_exports()
        position = self.code.export_index.get(name)
        if position is None:
            return None
        i: uint32_t = position
        desc: cython.pointer[ModuleDesc] = self.code.code.desc
        return self.extern_of(desc.exports[i].kind, desc.exports[i].index)

    @cython.cfunc
    def extern_of(self, kind: uint32_t, index: uint32_t) -> Extern:
        func: cython.pointer[FuncInst]
        if kind == EXT_FUNC:
            func = func_ref(self.inst, index)
            if func == cython.NULL:
                raise MemoryError
            return extern_func(self.store, func)
        elif kind == EXT_TABLE:
            return extern_table(self.store, self.tables[index])
        elif kind == EXT_MEMORY:
            return extern_memory(self.store, self.memories[index])
        elif kind == EXT_GLOBAL:
            return extern_global(self.store, cython.cast(cython.pointer[Global], self.inst.globals[index]))
        return extern_tag(self.store, self.inst.tags[index])

    def export_names(self) -> list[str]:
        """The names of the exports, in the module's order."""
        if self.code.export_index is None:
            self.code.index_exports()
        return list(self.code.export_index)


@cython.cfunc
def instantiate(store: StoreCore, code: ModuleCodeCore, externs: list) -> InstanceCore:
    desc: cython.pointer[ModuleDesc] = cython.address(code.data.desc)
    core: InstanceCore
    store.check()
    if code.data.registry is not store.registry:
        raise ValueError("the module belongs to another engine than the store")
    check_imports(store, code, externs)
    store.count_instance(desc.n_memories - desc.n_imported_memories, desc.n_tables - desc.n_imported_tables)
    core = new_instance(store, code)
    # From here on, references into the instance may stay behind in imported tables, even when it fails.
    store.keep(core)
    store.keep_type(code)
    store.root_instance(core.inst)
    add_imports(core, externs)
    add_memories(core)
    choose_code(core)
    add_tags(core)
    add_globals(core)
    add_tables(core)
    add_elems(core)
    add_datas(core)
    run_start(core)
    return core


@cython.cfunc
@cython.exceptval(-1, check=False)
def check_imports(store: StoreCore, code: ModuleCodeCore, externs: list) -> cython.int:
    i: uint32_t
    extern: Extern
    if cython.cast(uint32_t, len(externs)) != code.code.desc.n_imports:
        raise LinkError(
            f"unknown import: the module has {code.code.desc.n_imports}, {len(externs)} are provided"
        )
    for i in range(code.code.desc.n_imports):
        extern = externs[i]
        if extern is not None and extern.store is not store and not is_shared(extern):
            raise LinkError("incompatible import type: what is provided belongs to another store")
        check_import(code, i, extern)
    return 0


@cython.cfunc
@cython.exceptval(check=False)
def is_shared(extern: Extern) -> cython.bint:
    return extern.kind == EXT_MEMORY and extern.memory.mem.shared


@cython.cfunc
def new_instance(store: StoreCore, code: ModuleCodeCore) -> InstanceCore:
    desc: cython.pointer[ModuleDesc] = code.code.desc
    core: InstanceCore = InstanceCore()
    inst: cython.pointer[Instance]
    word: cython.size_t = cython.sizeof(cython.p_void)
    head: cython.size_t = global_pointer_at(desc, 0)
    pointers: cython.size_t = (
        desc.n_globals + desc.n_tables + desc.n_memories + desc.n_imported_funcs + desc.n_tags
    )
    size: cython.size_t = head + pointers * word
    size += desc.n_elems * cython.sizeof(ElemSegment) + desc.n_datas * cython.sizeof(DataSegment)
    at: Bytes = cython.cast(Bytes, store.alloc(size))
    inst = cython.cast(cython.pointer[Instance], at)
    at += head
    inst.globals = cython.cast(cython.pointer[cython.pointer[uint64_t]], at)
    at += desc.n_globals * word
    inst.tables = cython.cast(cython.pointer[cython.pointer[Table]], at)
    at += desc.n_tables * word
    inst.memories = cython.cast(cython.pointer[cython.pointer[Memory]], at)
    at += desc.n_memories * word
    inst.imports = cython.cast(cython.pointer[cython.pointer[FuncInst]], at)
    at += desc.n_imported_funcs * word
    inst.tags = cython.cast(cython.pointer[cython.pointer[Tag]], at)
    at += desc.n_tags * word
    inst.elems = cython.cast(cython.pointer[ElemSegment], at)
    at += desc.n_elems * cython.sizeof(ElemSegment)
    inst.datas = cython.cast(cython.pointer[DataSegment], at)
    inst.ctx = cython.address(store.ctx)
    inst.code = cython.address(code.code)
    inst.funcs = code.code.funcs
    inst.types = desc.types
    inst.owner = cython.cast(cython.p_void, core)
    core.inst = inst
    core.store = store
    core.code = code
    core.tables = []
    core.memories = []
    return core


@cython.cfunc
@cython.exceptval(-1, check=False)
def add_imports(core: InstanceCore, externs: list) -> cython.int:
    inst: cython.pointer[Instance] = core.inst
    desc: cython.pointer[ModuleDesc] = core.code.code.desc
    wanted: cython.pointer[ImportDesc]
    extern: Extern
    i: uint32_t
    for i in range(desc.n_imports):
        wanted = desc.imports + i
        extern = externs[i]
        if wanted.kind == EXT_FUNC:
            inst.imports[wanted.index] = extern.func
        elif wanted.kind == EXT_TABLE:
            inst.tables[wanted.index] = cython.address(extern.table.table)
            core.tables.append(extern.table)
        elif wanted.kind == EXT_MEMORY:
            inst.memories[wanted.index] = cython.address(extern.memory.mem)
            core.memories.append(extern.memory)
        elif wanted.kind == EXT_GLOBAL:
            inst.globals[wanted.index] = extern.glob.value
        elif wanted.kind == EXT_TAG:
            inst.tags[wanted.index] = extern.tag
    return 0


@cython.cfunc
@cython.exceptval(check=False)
def expect_faults(store: StoreCore) -> cython.void:
    """From the next entry on, native code asks whether faults reach our handler."""
    activation: cython.pointer[Activation] = store.ctx.activation
    store.guards = True
    while activation != cython.NULL:
        activation.watched = 0
        activation = activation.below


@cython.cfunc
@cython.exceptval(-1, check=False)
def choose_code(core: InstanceCore) -> cython.int:
    """Takes code that checks accesses, if a memory is without the guard that the usual code counts on.

    Before anything refers to the instance's functions. The usual code keeps the other one alive.
    """
    code: ModuleCodeCore
    desc: cython.pointer[ModuleDesc] = core.code.code.desc
    i: uint32_t
    if not core.code.code.guarded:
        return 0
    if desc.n_memories != 0:
        expect_faults(core.store)
    for i in range(desc.n_memories):
        if may_be_guarded(desc.memories + i) and not core.inst.memories[i].guarded:
            code = core.code.native.without_guards(core.code)
            core.inst.code = cython.address(code.code)
            core.inst.funcs = code.code.funcs
            break
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def add_memories(core: InstanceCore) -> cython.int:
    inst: cython.pointer[Instance] = core.inst
    store: StoreCore = core.store
    desc: cython.pointer[ModuleDesc] = core.code.code.desc
    type: cython.pointer[MemoryDesc]
    memory: MemoryCore
    i: uint32_t
    for i in range(desc.n_imported_memories, desc.n_memories):
        type = desc.memories + i
        memory = new_memory(
            inst.ctx,
            type.is64,
            type.shared,
            type.page_log2,
            type.minimum,
            type.has_max,
            type.maximum,
            store.small_memory,
        )
        store.memories.append(memory)
        core.memories.append(memory)
        inst.memories[i] = cython.address(memory.mem)
    if desc.n_memories != 0:
        inst.mem0 = inst.memories[0]
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def add_tags(core: InstanceCore) -> cython.int:
    desc: cython.pointer[ModuleDesc] = core.code.code.desc
    i: uint32_t
    for i in range(desc.n_imported_tags, desc.n_tags):
        core.inst.tags[i] = core.store.new_tag(desc.defs[desc.tags[i]])
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def add_globals(core: InstanceCore) -> cython.int:
    inst: cython.pointer[Instance] = core.inst
    desc: cython.pointer[ModuleDesc] = core.code.code.desc
    type: cython.pointer[GlobalDesc]
    glob: cython.pointer[Global]
    i: uint32_t
    for i in range(desc.n_imported_globals, desc.n_globals):
        type = desc.globals + i
        glob = cython.cast(cython.pointer[Global], cython.cast(Bytes, inst) + own_global_at(desc, i))
        core.store.init_global(glob, type.type, type.mutable)
        evaluate(inst, type.init, glob.value)
        inst.globals[i] = glob.value
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def add_tables(core: InstanceCore) -> cython.int:
    inst: cython.pointer[Instance] = core.inst
    store: StoreCore = core.store
    desc: cython.pointer[ModuleDesc] = core.code.code.desc
    type: cython.pointer[TableDesc]
    table: TableCore
    init = cython.declare(uint64_t[2])
    i: uint32_t
    for i in range(desc.n_imported_tables, desc.n_tables):
        type = desc.tables + i
        init[0] = 0
        if type.init.end != type.init.start:
            evaluate(inst, type.init, init)
        table = new_table(inst.ctx, type.type, type.is64, type.minimum, type.has_max, type.maximum, init[0])
        store.keep_table(table, cython.address(table.table))
        core.tables.append(table)
        inst.tables[i] = cython.address(table.table)
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def add_elems(core: InstanceCore) -> cython.int:
    """Element segments in order: an active one goes straight to its table, and so is dropped from the start.

    The standard evaluates all items before it writes any; that cannot be told apart, since no code runs in
    between.
    """
    desc: cython.pointer[ModuleDesc] = core.code.code.desc
    segment: cython.pointer[ElemSegment]
    elem: cython.pointer[ElemDesc]
    i: uint32_t
    for i in range(desc.n_elems):
        elem = desc.elems + i
        if elem.mode == SEG_ACTIVE:
            write_elem(core, elem)
        elif elem.mode == SEG_PASSIVE:
            segment = core.inst.elems + i
            segment.refs = cython.cast(
                cython.pointer[uint64_t], core.store.alloc(elem.count * cython.sizeof(uint64_t))
            )
            segment.count = elem.count
            segment.type = elem.type
            evaluate_items(core, elem, segment.refs)
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def write_elem(core: InstanceCore, elem: cython.pointer[ElemDesc]) -> cython.int:
    table: cython.pointer[Table] = core.inst.tables[elem.table]
    offset = cython.declare(uint64_t[2])
    evaluate(core.inst, elem.offset, offset)
    if elem.count > table.size or offset[0] > table.size - elem.count:
        raise plain_trap(TRAP_OUT_OF_BOUNDS_TABLE_ACCESS)
    return evaluate_items(core, elem, table.elems + offset[0])


@cython.cfunc
@cython.exceptval(-1, check=False)
def evaluate_items(
    core: InstanceCore, elem: cython.pointer[ElemDesc], refs: cython.pointer[uint64_t]
) -> cython.int:
    func: cython.pointer[FuncInst]
    where = cython.declare(Span)
    value = cython.declare(uint64_t[2])
    i: uint32_t
    for i in range(elem.count):
        if elem.is_exprs:
            where.start = elem.items[i]
            where.end = where.start  # not kept by the decoder, nor needed: `end` ends it
            evaluate(core.inst, where, value)
            refs[i] = value[0]
        else:
            func = func_ref(core.inst, elem.items[i])
            if func == cython.NULL:
                raise MemoryError
            refs[i] = cython.cast(uint64_t, func)
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def add_datas(core: InstanceCore) -> cython.int:
    """Data segments in order; what an active one wrote stays when a later one traps."""
    desc: cython.pointer[ModuleDesc] = core.code.code.desc
    segment: cython.pointer[DataSegment]
    data: cython.pointer[DataDesc]
    offset = cython.declare(uint64_t[2])
    trap: uint32_t
    i: uint32_t
    for i in range(desc.n_datas):
        data = desc.datas + i
        segment = core.inst.datas + i
        segment.data = desc.base + data.content.start
        segment.size = data.content.end - data.content.start
        if data.mode != SEG_ACTIVE:
            continue
        evaluate(core.inst, data.offset, offset)
        trap = memory_init(
            core.inst.ctx, core.inst.memories[data.memory], segment, offset[0], 0, segment.size
        )
        if trap != TRAP_NONE:
            raise plain_trap(trap)
        segment.size = 0
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def run_start(core: InstanceCore) -> cython.int:
    desc: cython.pointer[ModuleDesc] = core.code.code.desc
    slot = cython.declare(uint64_t[1])
    func: cython.pointer[FuncInst]
    if not desc.has_start:
        return 0
    func = func_ref(core.inst, desc.start)
    if func == cython.NULL:
        raise MemoryError
    return invoke(core.store, func, slot)
