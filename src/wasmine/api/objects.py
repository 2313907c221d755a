# cython: nonecheck=True
"""Structures, arrays and exceptions of the GC heap as Python sees them."""

import cython
from cython.cimports.cpython.bytes import PyBytes_FromStringAndSize
from cython.cimports.libc.stdint import uint8_t, uint16_t, uint32_t, uint64_t
from cython.cimports.libc.string import memcpy
from cython.cimports.wasmine.api.describe import def_of, describe_definition, intern_definition
from cython.cimports.wasmine.api.native import PyNumber_AsSsize_t
from cython.cimports.wasmine.api.store import Store
from cython.cimports.wasmine.runtime.code import ModuleCodeCore
from cython.cimports.wasmine.runtime.extern import extern_tag
from cython.cimports.wasmine.runtime.heap import (
    ARRAY_ELEMENTS,
    OBJ_ARRAY,
    OBJ_EXN,
    OBJ_STRUCT,
    OBJECT_HEADER,
    GcArray,
    GcObject,
    SlotSpan,
    array_size,
    close_span,
    heap_new_array,
    heap_new_struct,
    open_span,
)
from cython.cimports.wasmine.runtime.reference import ObjectRef, register_object_class
from cython.cimports.wasmine.runtime.store import StoreCore
from cython.cimports.wasmine.runtime.traps import plain_trap
from cython.cimports.wasmine.runtime.values import from_slots, to_slots
from cython.cimports.wasmine.runtime.vm import Exn
from cython.cimports.wasmine.spec.traps import TRAP_ALLOCATION_TOO_LARGE, TRAP_GC_HEAP_EXHAUSTED
from cython.cimports.wasmine.spec.types import (
    T_I8,
    T_I16,
    FieldDef,
    RecGroup,
    TypeDef,
    is_defaultable,
    is_ref,
    slots_of,
)

from wasmine.api.definitions import ArrayType, StructType
from wasmine.runtime.reference import I31  # noqa: F401

Bytes = cython.typedef(cython.pointer[uint8_t])

MAX_LENGTH = cython.declare(cython.const[cython.Py_ssize_t], 0xFFFFFFFF)


# --- fields and elements


@cython.cfunc
def load_field(store: StoreCore, field: cython.pointer[FieldDef], at: Bytes):
    """Read a field or an element."""
    slots = cython.declare(uint64_t[2])
    if field.type == T_I8:
        return at[0]
    elif field.type == T_I16:
        return cython.cast(cython.pointer[uint16_t], at)[0]
    slots[0] = 0
    memcpy(slots, at, field.size)
    return from_slots(store, field.type, slots)


@cython.cfunc
@cython.exceptval(-1, check=False)
def convert_field(
    store: StoreCore, field: cython.pointer[FieldDef], value, slots: cython.pointer[uint64_t]
) -> cython.int:
    """Write what a field or an element is to be into slots, whose low bytes it takes."""
    bits: cython.int
    if field.type != T_I8 and field.type != T_I16:
        return to_slots(store, field.type, value, slots)
    bits = 8 if field.type == T_I8 else 16
    number = value.__index__() if hasattr(value, "__index__") else None
    if number is None:
        raise TypeError(f"an integer is required, not {value.__class__.__name__}")
    if not -(1 << (bits - 1)) <= number < 1 << bits:
        raise OverflowError(f"{value!r} is out of range for i{bits}")
    slots[0] = cython.cast(uint64_t, number & 0xFFFF)
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def store_field(store: StoreCore, field: cython.pointer[FieldDef], at: Bytes, value) -> cython.int:
    """Assign a field or an element."""
    slots = cython.declare(uint64_t[2])
    if not field.mutable:
        raise TypeError("it is immutable")
    convert_field(store, field, value, slots)
    # The conversion may have run Python code.
    store.check()
    memcpy(at, slots, field.size)
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def check_default(type: cython.pointer[TypeDef]) -> cython.int:
    """Raise unless every field has a default value."""
    i: uint32_t
    for i in range(type.n_fields):
        if not is_defaultable(type.fields[i].type):
            raise TypeError(f"field {i} has no default value: null is no value of its type")
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def check_type(store: StoreCore, type, wanted) -> cython.int:
    if store is None:
        raise TypeError("store must be a Store, not None")
    if not isinstance(type, wanted):
        raise TypeError(f"type must be a {wanted.__name__}, not {type.__class__.__name__}")
    return store.check()


@cython.cfunc
def keep_group(store: Store, group: RecGroup):
    """Keep a type as long as the store: its objects name it by id."""
    if group not in store.object_groups:
        store.object_groups.add(group)
        store.keep_type(group)
    return group


@cython.cfunc
def type_of(reference: ObjectRef):
    """Describe the type of a structure or array, with names if a module of the store has some."""
    store: Store = reference.store
    id: uint32_t = cython.cast(cython.pointer[GcObject], reference.ref).type
    found = store.object_types.get(id)
    if found is None:
        found = find_type(store, id)
        store.object_types[id] = found
    return found


@cython.cfunc
def find_type(store: Store, id: uint32_t):
    code: ModuleCodeCore
    i: uint32_t
    for kept in store.types:
        if not isinstance(kept, ModuleCodeCore):
            continue
        code = kept
        for i in range(code.data.desc.n_types):
            if code.data.desc.types[i] == id:
                if code.names is None:
                    code.index_funcs()
                return describe_definition(store.registry, id, code.names, i)
    return describe_definition(store.registry, id)


@cython.cfunc
@cython.exceptval(-1, check=False)
def check_made(reference: ObjectRef) -> cython.int:
    """Raise unless there is an object, in a store that can be used now."""
    if reference.place < 0:
        raise TypeError(f"this {reference.__class__.__name__} refers to nothing")
    return reference.store.check()


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def definition(reference: ObjectRef) -> cython.pointer[TypeDef]:
    return reference.store.ctx.defs[cython.cast(cython.pointer[GcObject], reference.ref).type]


@cython.final
@cython.cclass
class StructRef(ObjectRef):
    """A structure (core specification, section 4.2.15).

    Its fields are read and assigned by position or by name: `point[0]`, `point["x"]`. Names are those of the
    name section of a module that defines the type. `len` and iteration go over the fields. Two references are
    equal when they are the same structure. The structure lives at least as long as its `StructRef`.

    Args:
        store: the store to live in.
        type: its type: of the module (`Module.types`), of another structure, or a `StructType` made for it.
        values: one for each field. Without, each is zero or null.

    Attributes:
        store: the `Store` that it lives in.

    Raises:
        TypeError: a value is of the wrong type; there is a wrong number of them; a field has no default.
        OverflowError: an integer is out of range.
        Trap: the GC heap is exhausted.
        StoreClosed, StoreBusy: the store is closed, or another thread runs in it; so does every use.

    Reading and assigning a field raises:
        IndexError, KeyError: there is no such field.
        TypeError, OverflowError: it is immutable, or the value is of the wrong type or out of range.
    """

    def __init__(self, store: StoreCore, type, values=None):
        check_type(store, type, StructType)
        group: RecGroup = keep_group(store, intern_definition(store.registry, type))
        made: cython.pointer[TypeDef] = def_of(group, type)
        if values is None:
            check_default(made)
            self.take(store, heap_new_struct(cython.address(store.ctx), made))
            return
        given: tuple = tuple(values)
        if len(given) != made.n_fields:
            raise TypeError(f"{type} has {made.n_fields} fields, {len(given)} values given")
        # Two slots for each field, so that a v128 has its place as well.
        span: cython.pointer[SlotSpan] = open_span(cython.address(store.heap), 2 * made.n_fields)
        try:
            self.fill(store, made, given, span.slots)
        finally:
            close_span(cython.address(store.heap), span)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def take(self, store: StoreCore, object: cython.pointer[GcObject]) -> cython.int:
        """Refer to a new object."""
        if object == cython.NULL:
            raise plain_trap(TRAP_GC_HEAP_EXHAUSTED)
        if self.place >= 0:
            raise TypeError("a StructRef is made once")
        return self.hold(store, cython.cast(uint64_t, object))

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def fill(
        self, store: StoreCore, made: cython.pointer[TypeDef], given: tuple, slots: cython.pointer[uint64_t]
    ) -> cython.int:
        """Make the structure of those values."""
        object: cython.pointer[GcObject]
        at: Bytes
        i: uint32_t
        for i in range(made.n_fields):
            convert_field(store, made.fields + i, given[i], slots + 2 * i)
        store.check()
        object = heap_new_struct(cython.address(store.ctx), made)
        if object != cython.NULL:
            at = cython.cast(Bytes, object) + OBJECT_HEADER
            for i in range(made.n_fields):
                memcpy(at + made.fields[i].offset, slots + 2 * i, made.fields[i].size)
        return self.take(store, object)

    @cython.cfunc
    def field(self, key) -> cython.pointer[FieldDef]:
        """Return the description of a field."""
        check_made(self)
        type: cython.pointer[TypeDef] = definition(self)
        index: cython.Py_ssize_t
        if isinstance(key, str):
            for index, field in enumerate(self.type.fields):
                if field.name == key:
                    return type.fields + index
            raise KeyError(key)
        index = PyNumber_AsSsize_t(key, cython.NULL)
        if index < 0:
            index += type.n_fields
        if not 0 <= index < type.n_fields:
            raise IndexError(f"there is no field {key} in {self.type}")
        return type.fields + index

    @cython.cfunc
    def at(self, field: cython.pointer[FieldDef]) -> Bytes:
        return cython.cast(Bytes, self.ref) + OBJECT_HEADER + field.offset

    def __len__(self) -> cython.Py_ssize_t:
        check_made(self)
        return definition(self).n_fields

    def __getitem__(self, key):
        field: cython.pointer[FieldDef] = self.field(key)
        return load_field(self.store, field, self.at(field))

    def __setitem__(self, key, value):
        field: cython.pointer[FieldDef] = self.field(key)
        store_field(self.store, field, self.at(field), value)

    @property
    def type(self):
        """Its type, a `StructType`."""
        check_made(self)
        return type_of(self)

    def __repr__(self):
        if self.place < 0:
            return "<StructRef of nothing>"
        return "<StructRef, closed>" if self.store.closed else f"<StructRef {self.type}>"


@cython.final
@cython.cclass
class ArrayRef(ObjectRef):
    """An array (core specification, section 4.2.15).

    It is a sequence of fixed length: `len(array)`, `array[0]`, `array[-1] = 5`, `array[2:5]` (a list),
    iteration. Two references are equal when they are the same array. The array lives at least as long as its
    `ArrayRef`.

    Args:
        store: the store to live in.
        type: its type: of the module (`Module.types`), of another array, or an `ArrayType` made for it.
        values: its elements.
        length: the number of elements instead, each zero or null.

    Attributes:
        store: the `Store` that it lives in.

    Raises:
        TypeError: a value is of the wrong type; neither or both of values and length are given; an element
            has no default.
        OverflowError: an integer is out of range.
        ValueError: the length is negative, or no array can be so long.
        Trap: the GC heap is exhausted, or too small for it.
        StoreClosed, StoreBusy: the store is closed, or another thread runs in it; so does every use.

    Reading and assigning an element raises:
        IndexError: there is no such element.
        TypeError, OverflowError: it is immutable, or the value is of the wrong type or out of range.
    """

    def __init__(self, store: StoreCore, type, values=None, *, length=None):
        check_type(store, type, ArrayType)
        if (values is None) == (length is None):
            raise TypeError("an array is made of values or of a length")
        group: RecGroup = keep_group(store, intern_definition(store.registry, type))
        made: cython.pointer[TypeDef] = def_of(group, type)
        given: tuple = None if values is None else tuple(values)
        count: cython.Py_ssize_t = (
            PyNumber_AsSsize_t(length, cython.NULL)
            if given is None
            else cython.cast(cython.Py_ssize_t, len(given))
        )
        if not 0 <= count <= MAX_LENGTH:
            raise ValueError(f"an array has from 0 to {MAX_LENGTH} elements, not {count}")
        if array_size(made, cython.cast(uint32_t, count)) > store.heap.max_bytes:
            raise plain_trap(TRAP_ALLOCATION_TOO_LARGE)
        if given is None:
            check_default(made)
        array: cython.pointer[GcArray] = heap_new_array(
            cython.address(store.ctx), made, cython.cast(uint32_t, count)
        )
        if array == cython.NULL:
            raise plain_trap(TRAP_GC_HEAP_EXHAUSTED)
        if self.place >= 0:
            raise TypeError("an ArrayRef is made once")
        # Held before the values are converted, which may run Python code.
        self.hold(store, cython.cast(uint64_t, array))
        if given is not None:
            self.fill(made.fields, given)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def fill(self, element: cython.pointer[FieldDef], given: tuple) -> cython.int:
        """Write the first values."""
        slots = cython.declare(uint64_t[2])
        i: cython.Py_ssize_t
        for i in range(len(given)):
            convert_field(self.store, element, given[i], slots)
            self.store.check()
            memcpy(self.at(i), slots, element.size)
        return 0

    @cython.cfunc
    @cython.inline
    def at(self, index: cython.Py_ssize_t) -> Bytes:
        return cython.cast(Bytes, self.ref) + ARRAY_ELEMENTS + index * definition(self).fields[0].size

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def place_of(self, key) -> cython.Py_ssize_t:
        """Return the position that an index means."""
        index: cython.Py_ssize_t = PyNumber_AsSsize_t(key, cython.NULL)
        check_made(self)
        length: cython.Py_ssize_t = cython.cast(cython.pointer[GcArray], self.ref).length
        position: cython.Py_ssize_t = index + length if index < 0 else index
        if not 0 <= position < length:
            raise IndexError(f"index {key} is not inside an array of {length} elements")
        return position

    def __len__(self) -> cython.Py_ssize_t:
        check_made(self)
        return cython.cast(cython.pointer[GcArray], self.ref).length

    def __getitem__(self, key):
        if isinstance(key, slice):
            return [self[i] for i in range(*key.indices(len(self)))]
        position: cython.Py_ssize_t = self.place_of(key)
        return load_field(self.store, definition(self).fields, self.at(position))

    def __setitem__(self, key, value):
        position: cython.Py_ssize_t = self.place_of(key)
        store_field(self.store, definition(self).fields, self.at(position), value)

    def tobytes(self) -> bytes:
        """Return the elements as bytes, each little-endian.

        Raises:
            TypeError: they are references.
        """
        check_made(self)
        field: cython.pointer[FieldDef] = definition(self).fields
        if is_ref(field.type):
            raise TypeError("references have no bytes")
        length: cython.Py_ssize_t = cython.cast(cython.pointer[GcArray], self.ref).length
        return PyBytes_FromStringAndSize(cython.cast(cython.p_char, self.at(0)), length * field.size)

    @property
    def type(self):
        """Its type, an `ArrayType`."""
        check_made(self)
        return type_of(self)

    def __repr__(self):
        if self.place < 0:
            return "<ArrayRef of nothing>"
        return (
            "<ArrayRef, closed>" if self.store.closed else f"<ArrayRef {self.type} of {len(self)} elements>"
        )


@cython.final
@cython.cclass
class ExnRef(ObjectRef):
    """A caught exception of WebAssembly, as a value (core specification, section 4.2.11: exnref).

    Functions return it and take it. What is thrown arrives in Python as a `WasmException` instead.

    Attributes:
        store: the `Store` that it lives in.
    """

    @property
    def tag(self):
        """Its `Tag`."""
        check_made(self)
        return extern_tag(self.store, cython.cast(cython.pointer[Exn], self.ref).tag)

    @property
    def payload(self) -> tuple:
        """The values that it carries."""
        check_made(self)
        exn: cython.pointer[Exn] = cython.cast(cython.pointer[Exn], self.ref)
        type: cython.pointer[TypeDef] = exn.tag.type
        slots: cython.pointer[uint64_t] = cython.cast(cython.pointer[uint64_t], exn + 1)
        values: list = []
        i: uint32_t
        for i in range(type.n_params):
            values.append(from_slots(self.store, type.params[i], slots))
            slots += slots_of(type.params[i])
        return tuple(values)

    def __repr__(self):
        if self.place < 0:
            return "<ExnRef of nothing>"
        return "<ExnRef, closed>" if self.store.closed else f"<ExnRef {self.tag} {self.payload}>"


register_object_class(OBJ_STRUCT, StructRef)
register_object_class(OBJ_ARRAY, ArrayRef)
register_object_class(OBJ_EXN, ExnRef)
