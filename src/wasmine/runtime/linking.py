"""Matching of imports (core specification, section 3.4.14, External Types)."""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.binary.module import (
    EXT_FUNC,
    EXT_GLOBAL,
    EXT_MEMORY,
    EXT_TABLE,
    EXT_TAG,
    GlobalDesc,
    ImportDesc,
    MemoryDesc,
    ModuleDesc,
    TableDesc,
)
from cython.cimports.wasmine.runtime.code import ModuleCodeCore
from cython.cimports.wasmine.runtime.extern import Extern
from cython.cimports.wasmine.runtime.memory import MemoryCore
from cython.cimports.wasmine.runtime.table import TableCore
from cython.cimports.wasmine.runtime.vm import Global
from cython.cimports.wasmine.spec.types import TypeDef, is_heap_subtype, is_subtype

from wasmine.spec.errors import LinkError
from wasmine.spec.types import value_type_name

KINDS: tuple = cython.declare(tuple, ("function", "table", "memory", "global", "tag"))


@cython.cfunc
@cython.exceptval(-1, check=False)
def check_import(code: ModuleCodeCore, position: uint32_t, extern: Extern) -> cython.int:
    desc: cython.pointer[ModuleDesc] = code.code.desc
    wanted: cython.pointer[ImportDesc] = desc.imports + position
    if extern is None:
        raise LinkError(f"unknown import: {import_name(code, wanted)} is not provided")
    if wanted.kind != extern.kind or not is_match(desc, wanted, extern):
        raise LinkError(
            f"incompatible import type: {import_name(code, wanted)} must be "
            f"{describe_import(desc, wanted)}, but {describe_extern(extern)} is provided"
        )
    return 0


@cython.cfunc
def import_name(code: ModuleCodeCore, wanted: cython.pointer[ImportDesc]) -> str:
    return f"{code.data.text(wanted.module)}.{code.data.text(wanted.name)}"


@cython.cfunc
@cython.exceptval(check=False)
def is_match(
    desc: cython.pointer[ModuleDesc], wanted: cython.pointer[ImportDesc], extern: Extern
) -> cython.bint:
    if wanted.kind == EXT_FUNC:
        return is_heap_subtype(desc.defs, extern.func.type_id, desc.func_types[wanted.index])
    elif wanted.kind == EXT_TABLE:
        return table_matches(desc.tables + wanted.index, extern.table)
    elif wanted.kind == EXT_MEMORY:
        return memory_matches(desc.memories + wanted.index, extern.memory)
    elif wanted.kind == EXT_GLOBAL:
        return global_matches(desc, desc.globals + wanted.index, extern.glob)
    elif wanted.kind == EXT_TAG:
        return extern.tag.type_id == desc.tags[wanted.index]
    return False


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def limits_match(
    size: uint64_t,
    has_max: cython.bint,
    maximum: uint64_t,
    wanted_min: uint64_t,
    wanted_has_max: cython.bint,
    wanted_max: uint64_t,
) -> cython.bint:
    return size >= wanted_min and (not wanted_has_max or (has_max and maximum <= wanted_max))


@cython.cfunc
@cython.exceptval(check=False)
def table_matches(wanted: cython.pointer[TableDesc], core: TableCore) -> cython.bint:
    return (
        core.table.type == wanted.type
        and core.table.is64 == wanted.is64
        and limits_match(
            core.table.size, core.has_max, core.type_max, wanted.minimum, wanted.has_max, wanted.maximum
        )
    )


@cython.cfunc
@cython.exceptval(check=False)
def memory_matches(wanted: cython.pointer[MemoryDesc], core: MemoryCore) -> cython.bint:
    return (
        core.mem.is64 == wanted.is64
        and core.mem.shared == wanted.shared
        and core.mem.page_log2 == wanted.page_log2
        and limits_match(
            core.mem.pages, core.has_max, core.type_max, wanted.minimum, wanted.has_max, wanted.maximum
        )
    )


@cython.cfunc
@cython.exceptval(check=False)
def global_matches(
    desc: cython.pointer[ModuleDesc], wanted: cython.pointer[GlobalDesc], glob: cython.pointer[Global]
) -> cython.bint:
    if glob.mutable != wanted.mutable:
        return False
    if glob.mutable:
        return glob.type == wanted.type
    return is_subtype(desc.defs, glob.type, wanted.type)


@cython.cfunc
def describe_import(desc: cython.pointer[ModuleDesc], wanted: cython.pointer[ImportDesc]) -> str:
    table: cython.pointer[TableDesc]
    memory: cython.pointer[MemoryDesc]
    glob: cython.pointer[GlobalDesc]
    if wanted.kind == EXT_FUNC:
        return f"a function {describe_func(desc.defs[desc.func_types[wanted.index]])}"
    elif wanted.kind == EXT_TABLE:
        table = desc.tables + wanted.index
        return describe_table(table.type, table.is64, table.minimum, table.has_max, table.maximum)
    elif wanted.kind == EXT_MEMORY:
        memory = desc.memories + wanted.index
        return describe_memory(
            memory.is64, memory.shared, memory.page_log2, memory.minimum, memory.has_max, memory.maximum
        )
    elif wanted.kind == EXT_GLOBAL:
        glob = desc.globals + wanted.index
        return describe_global(glob.type, glob.mutable)
    return f"a tag {describe_func(desc.defs[desc.tags[wanted.index]])}"


@cython.cfunc
def describe_extern(extern: Extern) -> str:
    table: TableCore
    memory: MemoryCore
    if extern.kind == EXT_FUNC:
        return f"a function {describe_func(extern.func.type)}"
    elif extern.kind == EXT_TABLE:
        table = extern.table
        return describe_table(
            table.table.type, table.table.is64, table.table.size, table.has_max, table.type_max
        )
    elif extern.kind == EXT_MEMORY:
        memory = extern.memory
        return describe_memory(
            memory.mem.is64,
            memory.mem.shared,
            memory.mem.page_log2,
            memory.mem.pages,
            memory.has_max,
            memory.type_max,
        )
    elif extern.kind == EXT_GLOBAL:
        return describe_global(extern.glob.type, extern.glob.mutable)
    return f"a tag {describe_func(extern.tag.type)}"


@cython.cfunc
def describe_func(type: cython.pointer[TypeDef]) -> str:
    return f"{describe_list(type.params, type.n_params)} -> {describe_list(type.results, type.n_results)}"


@cython.cfunc
def describe_list(types: cython.pointer[uint32_t], count: uint32_t) -> str:
    names: list = []
    i: uint32_t
    for i in range(count):
        names.append(value_type_name(types[i]))  # noqa: PERF401  # a comprehension would have an `i` of its own
    return f"({', '.join(names)})"


@cython.cfunc
def describe_limits(minimum: uint64_t, has_max: cython.bint, maximum: uint64_t) -> str:
    return f"{minimum} to {maximum}" if has_max else f"{minimum} or more"


@cython.cfunc
def describe_table(
    type: uint32_t, is64: cython.bint, minimum: uint64_t, has_max: cython.bint, maximum: uint64_t
) -> str:
    address = "64-bit" if is64 else "32-bit"
    limits = describe_limits(minimum, has_max, maximum)
    return f"a {address} table of {limits} elements of type {value_type_name(type)}"


@cython.cfunc
def describe_memory(
    is64: cython.bint,
    shared: cython.bint,
    page_log2: uint32_t,
    minimum: uint64_t,
    has_max: cython.bint,
    maximum: uint64_t,
) -> str:
    address = "64-bit" if is64 else "32-bit"
    sharing = "shared " if shared else ""
    limits = describe_limits(minimum, has_max, maximum)
    return f"a {sharing}{address} memory of {limits} pages of {1 << page_log2} bytes"


@cython.cfunc
def describe_global(type: uint32_t, mutable: cython.bint) -> str:
    return f"a {'mutable' if mutable else 'constant'} global of type {value_type_name(type)}"
