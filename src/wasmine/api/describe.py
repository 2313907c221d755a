# cython: nonecheck=True
"""Between the types of the engine (`spec/types.pxd`) and those that users see (`api/types.py`)."""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.binary.module import (
    EXT_FUNC,
    EXT_GLOBAL,
    EXT_MEMORY,
    EXT_TABLE,
    ExportDesc,
    GlobalDesc,
    ImportDesc,
    MemoryDesc,
    ModuleData,
    ModuleDesc,
    TableDesc,
)
from cython.cimports.wasmine.spec.types import (
    KIND_ARRAY,
    KIND_FUNC,
    KIND_STRUCT,
    T_ABSTRACT,
    T_I8,
    T_I16,
    T_ID_MASK,
    T_NULLABLE,
    T_REF,
    FieldDef,
    RecGroup,
    TypeDef,
    TypeRegistry,
)

from wasmine.api import types

BY_CODE = {t._code: t for t in types._BY_NAME.values()}


# Engine to user


@cython.cfunc
def describe_value(registry: TypeRegistry, code: uint32_t):
    """Return the value type of a code."""
    known = BY_CODE.get(code)
    if known is not None:
        return known
    return types.RefType(describe_heap(registry, code & T_ID_MASK), (code & T_NULLABLE) != 0)


@cython.cfunc
def describe_heap(registry: TypeRegistry, type_id: uint32_t):
    """Return the heap type of a defined type."""
    group: RecGroup = group_of(registry, type_id)
    text = definition_text(cython.address(group.defs[type_id - group.base]))
    return types.HeapType._of_definition(group, type_id, text)


@cython.cfunc
def group_of(registry: TypeRegistry, type_id: uint32_t) -> RecGroup:
    """Return the recursion group of a defined type."""
    group: RecGroup
    for reference in list(registry.groups.values()):
        group = reference()
        if group is not None and group.base <= type_id < group.base + group.count:
            return group
    raise RuntimeError(f"type {type_id} is not in the engine's registry")


@cython.cfunc
def definition_text(definition: cython.pointer[TypeDef]) -> str:
    """Return a defined type in the words of the text format, without the defined types in it."""
    words: list = []
    i: uint32_t
    if definition.kind == KIND_FUNC:
        words.append("func")
        if definition.n_params != 0:
            names = [code_text(definition.params[i]) for i in range(definition.n_params)]
            words.append(f"(param {' '.join(names)})")
        if definition.n_results != 0:
            names = [code_text(definition.results[i]) for i in range(definition.n_results)]
            words.append(f"(result {' '.join(names)})")
    elif definition.kind == KIND_STRUCT or definition.kind == KIND_ARRAY:
        words.append("struct" if definition.kind == KIND_STRUCT else "array")
        for i in range(definition.n_fields):
            text = code_text(definition.fields[i].type)
            words.append(f"(mut {text})" if definition.fields[i].mutable else text)
    return f"({' '.join(words)})"


@cython.cfunc
def code_text(code: uint32_t) -> str:
    """Return the name of a storage type; a defined type is left out."""
    known = BY_CODE.get(code)
    if known is not None:
        return known.name
    if code == T_I8:
        return "i8"
    if code == T_I16:
        return "i16"
    return "(ref null ...)" if code & T_NULLABLE else "(ref ...)"


@cython.cfunc
def describe_func(registry: TypeRegistry, definition: cython.pointer[TypeDef]):
    """Return a function type, which remembers the defined type that it is when there are others like it."""
    params = [describe_value(registry, definition.params[i]) for i in range(definition.n_params)]
    results = [describe_value(registry, definition.results[i]) for i in range(definition.n_results)]
    func_type = types.FuncType(params, results)
    if intern_func(registry, func_type).base == definition.id:
        return func_type
    # Not the plain type of these parameters and results: it is open, has a supertype or came with other
    # types.
    group: RecGroup = group_of(registry, definition.id)
    return types.FuncType._of_definition(group, definition.id, func_type.params, func_type.results)


@cython.cfunc
def describe_definition(registry: TypeRegistry, type_id: uint32_t, names: object = None, index: uint32_t = 0):
    """Describe a defined type; with the names that a module gives to its type `index`."""
    definition: cython.pointer[TypeDef] = registry.defs[type_id]
    field: cython.pointer[FieldDef]
    fields: list = []
    i: uint32_t
    if definition.kind == KIND_FUNC:
        return describe_func(registry, definition)
    from wasmine.api.definitions import ArrayType, FieldType, StructType

    group: RecGroup = group_of(registry, type_id)
    type_name = None if names is None else names.get("type", index)
    for i in range(definition.n_fields):
        field = definition.fields + i
        name = None if names is None else names.get("field", index, i)
        fields.append(FieldType(describe_storage(registry, field.type), field.mutable != 0, name))
    if definition.kind == KIND_STRUCT:
        return StructType._of_definition(group, type_id, tuple(fields), type_name)
    return ArrayType._of_definition(group, type_id, fields[0], type_name)


@cython.cfunc
def describe_storage(registry: TypeRegistry, code: uint32_t):
    from wasmine.api.definitions import I8, I16

    if code == T_I8:
        return I8
    return I16 if code == T_I16 else describe_value(registry, code)


def definition_of(group: RecGroup, type_id: cython.uint):
    """Describe type `type_id`, which is one of a group."""
    return describe_definition(group.registry, type_id)


def module_types(data: ModuleData) -> tuple:
    """Describe the types that a module defines, in its order."""
    from wasmine.binary.names import Names

    names = Names(data.data, data.customs)
    return tuple(
        [describe_definition(data.registry, data.desc.types[i], names, i) for i in range(data.desc.n_types)]
    )


@cython.cfunc
def describe_table(
    registry: TypeRegistry,
    element: uint32_t,
    is64: cython.bint,
    minimum: cython.ulonglong,
    has_max: cython.bint,
    maximum: cython.ulonglong,
):
    """Return a table type."""
    address = types.I64 if is64 else types.I32
    kind = describe_value(registry, element)
    return types.TableType(kind, minimum, maximum if has_max else None, address=address)


@cython.cfunc
def describe_memory(
    is64: cython.bint,
    shared: cython.bint,
    page_log2: uint32_t,
    minimum: cython.ulonglong,
    has_max: cython.bint,
    maximum: cython.ulonglong,
):
    """Return a memory type."""
    return types.MemoryType(
        minimum,
        maximum if has_max else None,
        address=types.I64 if is64 else types.I32,
        shared=shared,
        page_size=1 << page_log2,
    )


@cython.cfunc
def describe_extern(data: ModuleData, kind: uint32_t, index: uint32_t):
    """Return the type of what a module has in one of its index spaces."""
    desc: cython.pointer[ModuleDesc] = cython.address(data.desc)
    table: cython.pointer[TableDesc]
    memory: cython.pointer[MemoryDesc]
    glob: cython.pointer[GlobalDesc]
    if kind == EXT_FUNC:
        return describe_func(data.registry, desc.defs[desc.func_types[index]])
    elif kind == EXT_TABLE:
        table = cython.address(desc.tables[index])
        return describe_table(
            data.registry, table.type, table.is64, table.minimum, table.has_max, table.maximum
        )
    elif kind == EXT_MEMORY:
        memory = cython.address(desc.memories[index])
        return describe_memory(
            memory.is64, memory.shared, memory.page_log2, memory.minimum, memory.has_max, memory.maximum
        )
    elif kind == EXT_GLOBAL:
        glob = cython.address(desc.globals[index])
        return types.GlobalType(describe_value(data.registry, glob.type), glob.mutable != 0)
    return types.TagType(describe_func(data.registry, desc.defs[desc.tags[index]]))


def import_names(data: ModuleData) -> list:
    """Return the names of what a module imports, as (module, name), in its order."""
    found: list = []
    entry: cython.pointer[ImportDesc]
    i: uint32_t
    for i in range(data.desc.n_imports):
        entry = cython.address(data.desc.imports[i])
        found.append((data.text(entry.module), data.text(entry.name)))
    return found


def import_type(data: ModuleData, position: cython.Py_ssize_t):
    """Return the type of the import at `position`."""
    if not 0 <= position < data.desc.n_imports:
        raise IndexError(position)
    entry: cython.pointer[ImportDesc] = cython.address(data.desc.imports[position])
    return describe_extern(data, entry.kind, entry.index)


def export_types(data: ModuleData) -> list:
    """Return what a module exports, as (name, type), in its order."""
    found: list = []
    entry: cython.pointer[ExportDesc]
    i: uint32_t
    for i in range(data.desc.n_exports):
        entry = cython.address(data.desc.exports[i])
        found.append((data.text(entry.name), describe_extern(data, entry.kind, entry.index)))
    return found


def counts(data: ModuleData) -> tuple:
    """Return how many imports, exports and functions a module has."""
    return data.desc.n_imports, data.desc.n_exports, data.desc.n_funcs


# User to engine


@cython.cfunc
@cython.exceptval(0, check=False)
def code_of(registry: TypeRegistry, value_type) -> uint32_t:
    """Return the code of a value type."""
    if not isinstance(value_type, types.ValType):
        raise TypeError(f"{value_type!r} is not a value type")
    code: uint32_t = value_type._code
    if code & T_REF and not code & T_ABSTRACT:
        group: RecGroup = value_type.heap._group
        if group.registry is not registry:
            raise TypeError(f"{value_type} is a type of another engine")
    return code


@cython.cfunc
def intern_func(registry: TypeRegistry, func_type) -> RecGroup:
    """Return the recursion group of a function type."""
    if func_type._group is not None:
        known: RecGroup = func_type._group
        if known.registry is registry:
            return known
    params = tuple([code_of(registry, t) for t in func_type.params])
    results = tuple([code_of(registry, t) for t in func_type.results])
    used = (*func_type.params, *func_type.results)
    groups = tuple([t.heap._group for t in used if t.is_reference and t.heap.is_defined])
    return registry.func_type(params, results, groups)


@cython.cfunc
def intern_definition(registry: TypeRegistry, definition) -> RecGroup:
    """Return the group that holds the type of a structure or an array."""
    if definition._group is not None:
        known: RecGroup = definition._group
        if known.registry is not registry:
            raise TypeError(f"{definition} is a type of another engine")
        return known
    from wasmine.api.definitions import ArrayType

    fields: list = []
    groups: list = []
    for field in definition.fields:
        storage = field.storage
        if isinstance(storage, types.ValType):
            fields.append((code_of(registry, storage), field.mutable))
            if storage.is_reference and storage.heap.is_defined:
                groups.append(storage.heap._group)
        else:
            fields.append((storage._code, field.mutable))
    return registry.field_types(isinstance(definition, ArrayType), tuple(fields), tuple(groups))


@cython.cfunc
@cython.exceptval(check=False)
def def_of(group: RecGroup, func_type) -> cython.pointer[TypeDef]:
    """Return the defined type that a function type is, in the group that `intern_func` gave."""
    if func_type._group is group:
        return group.defs + (cython.cast(uint64_t, func_type._id) - group.base)
    return group.defs
