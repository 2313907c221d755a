# cython: nonecheck=True
"""Tables, globals and tags as Python sees them."""

import cython
from cython.cimports.libc.stdint import int64_t, uint32_t, uint64_t
from cython.cimports.wasmine.api.describe import (
    code_of,
    def_of,
    describe_func,
    describe_table,
    describe_value,
    intern_func,
)
from cython.cimports.wasmine.api.native import PyNumber_AsSsize_t
from cython.cimports.wasmine.binary.module import EXT_GLOBAL, EXT_TABLE, EXT_TAG
from cython.cimports.wasmine.runtime.extern import Extern, register_class
from cython.cimports.wasmine.runtime.store import StoreCore
from cython.cimports.wasmine.runtime.table import TableCore, new_table, table_grow
from cython.cimports.wasmine.runtime.values import from_slots, to_slots
from cython.cimports.wasmine.spec.types import RecGroup

from wasmine.api.types import I64, GlobalType, TableType, TagType
from wasmine.spec.errors import ResourceError, StoreClosed


@cython.cfunc
@cython.exceptval(-1, check=False)
def check_store(store: StoreCore) -> cython.int:
    """Raise unless a new object can be made in `store`."""
    if store is None:
        raise TypeError("store must be a Store, not None")
    return store.check()


@cython.final
@cython.cclass
class Table(Extern):
    """A table of references (core specification, section 4.2.7).

    It is a sequence of fixed size: `len(table)`, `table[0]`, `table[0] = func`, iteration. An element is a
    `Func` or None in a table of functions, any object in one of externref.

    Args:
        store: the store to live in.
        type: its size now and at most and what its elements are, a `TableType`.
        init: what its elements are at first.

    Attributes:
        store: the `Store` that it lives in.

    Raises:
        TypeError: `init` is no reference of that type.
        ResourceError: a limit of the store forbids that size, or memory is exhausted.
        StoreClosed, StoreBusy: the store is closed, or another thread runs in it; so does every use of the
        table.
    """

    def __init__(self, store: StoreCore, type, init=None):
        if not isinstance(type, TableType):
            raise TypeError(f"type must be a TableType, not {type.__class__.__name__}")
        check_store(store)
        if store.n_tables >= store.max_tables:
            raise ResourceError(f"the store is limited to {store.max_tables} tables")
        element: uint32_t = code_of(store.registry, type.element)
        value: uint64_t = 0
        to_slots(store, element, init, cython.address(value))
        has_max: cython.bint = type.maximum is not None
        maximum: uint64_t = type.maximum if has_max else 0
        is64: cython.bint = type.address == I64
        core: TableCore = new_table(
            cython.address(store.ctx), element, is64, type.minimum, has_max, maximum, value
        )
        store.keep_table(core, cython.address(core.table))
        store.keep_type(type)
        store.n_tables += 1
        self.store = store
        self.kind = EXT_TABLE
        self.table = core

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check_made(self) -> cython.int:
        """Raise unless there is a table, in a store that can be used now."""
        if self.table is None:
            raise TypeError("this Table refers to no table: make one with Table(store, type)")
        self.store.check()
        return 0

    @cython.cfunc
    def slot(self, key) -> cython.pointer[uint64_t]:
        """Return the address of an element; it may move when the table grows."""
        index: cython.Py_ssize_t = PyNumber_AsSsize_t(key, cython.NULL)
        self.check_made()
        size: cython.Py_ssize_t = self.table.table.size
        position: cython.Py_ssize_t = index + size if index < 0 else index
        if not 0 <= position < size:
            raise IndexError(f"index {key} is not inside a table of {size} elements")
        return self.table.table.elems + position

    def __len__(self) -> cython.Py_ssize_t:
        self.check_made()
        return self.table.table.size

    def __getitem__(self, index):
        element: cython.pointer[uint64_t] = self.slot(index)
        return from_slots(self.store, self.table.table.type, element)

    def __setitem__(self, index, value):
        self.check_made()
        ref: uint64_t = 0
        to_slots(self.store, self.table.table.type, value, cython.address(ref))
        self.slot(index)[0] = ref

    def get(self, index):
        """Return the element at `index`, the same as `table[index]` (section 4.6.6, table.get).

        Raises:
            IndexError: there is no such element.
        """
        return self[index]

    def set(self, index, value) -> None:
        """Assign the element at `index`, the same as `table[index] = value` (table.set).

        Raises:
            IndexError: there is no such element.
            TypeError: `value` is no reference of the table's type, or one of another store.
        """
        self[index] = value

    def grow(self, delta, init=None) -> int64_t:
        """Make the table larger by `delta` elements, each `init`, and return how many it had (table.grow).

        Raises:
            ResourceError: its maximum or a limit of the store forbids that size, or memory is exhausted.
            TypeError: `init` is no reference of the table's type.
            ValueError: `delta` is negative.
        """
        count: cython.Py_ssize_t = PyNumber_AsSsize_t(delta, cython.NULL)
        if count < 0:
            raise ValueError(f"a table cannot shrink: delta is {delta}")
        self.check_made()
        ref: uint64_t = 0
        to_slots(self.store, self.table.table.type, init, cython.address(ref))
        before: int64_t = table_grow(
            cython.address(self.store.ctx), cython.address(self.table.table), count, ref
        )
        if before < 0:
            raise ResourceError(f"a table of {self.table.table.size} elements cannot grow by {count}")
        return before

    @property
    def type(self):
        """Its type, a `TableType`, whose minimum is its present size."""
        self.check_made()
        core: TableCore = self.table
        return describe_table(
            self.store.registry,
            core.table.type,
            core.table.is64,
            core.table.size,
            core.has_max,
            core.type_max,
        )

    def __repr__(self):
        if self.table is None:
            return "<Table of nothing>"
        if self.store.closed:
            return "<Table, closed>"
        size = self.table.table.size
        kind = describe_value(self.store.registry, self.table.table.type)
        most = f", at most {self.table.type_max}" if self.table.has_max else ""
        return f"<Table of {size} {kind}{most}>"


@cython.final
@cython.cclass
class Global(Extern):
    """A global variable (core specification, section 4.2.9).

    Args:
        store: the store to live in.
        type: type of its value and whether it may be assigned, a `GlobalType`.
        value: its first value, as an argument of that type would be given to a `Func`.

    Attributes:
        store: the `Store` that it lives in.

    Raises:
        TypeError: `value` is of the wrong type.
        OverflowError: `value` is an integer out of range.
        StoreClosed, StoreBusy: the store is closed, or another thread runs in it; so does every use of the
        global.
    """

    def __init__(self, store: StoreCore, type, value):
        if not isinstance(type, GlobalType):
            raise TypeError(f"type must be a GlobalType, not {type.__class__.__name__}")
        check_store(store)
        slots = cython.declare(uint64_t[2])
        slots[1] = 0
        kind: uint32_t = code_of(store.registry, type.value)
        to_slots(store, kind, value, slots)
        store.check()
        self.glob = store.new_global(kind, type.mutable)
        self.glob.value[0] = slots[0]
        self.glob.value[1] = slots[1]
        store.keep_type(type)
        self.store = store
        self.kind = EXT_GLOBAL

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check_made(self) -> cython.int:
        """Raise unless there is a global, in a store that can be used now."""
        if self.glob == cython.NULL:
            raise TypeError("this Global refers to no global: make one with Global(store, type, value)")
        self.store.check()
        return 0

    @property
    def value(self):
        """Its value, converted as a result of a `Func` is. Only a mutable global can be assigned.

        Assigning raises:
            AttributeError: the global is immutable.
            TypeError: the value is of the wrong type.
            OverflowError: the value is an integer out of range.
        """
        self.check_made()
        return from_slots(self.store, self.glob.type, self.glob.value)

    @value.setter
    def value(self, value):
        self.check_made()
        if not self.glob.mutable:
            raise AttributeError("an immutable global cannot be assigned")
        slots = cython.declare(uint64_t[2])
        slots[1] = 0
        to_slots(self.store, self.glob.type, value, slots)
        self.check_made()
        self.glob.value[0] = slots[0]
        self.glob.value[1] = slots[1]

    @property
    def type(self):
        """Its type, a `GlobalType`."""
        self.check_made()
        return GlobalType(describe_value(self.store.registry, self.glob.type), self.glob.mutable != 0)

    def __repr__(self):
        if self.glob == cython.NULL:
            return "<Global of nothing>"
        if self.store.closed:
            return "<Global, closed>"
        kind = describe_value(self.store.registry, self.glob.type)
        value = from_slots(self.store, self.glob.type, self.glob.value)
        return f"<Global {'mut ' if self.glob.mutable else ''}{kind} = {value!r}>"


@cython.final
@cython.cclass
class Tag(Extern):
    """A tag: one kind of exception (core specification, section 4.2.10).

    Two tags differ even when their types agree.

    Args:
        store: the store to live in.
        type: types of the values that its exceptions carry: a `TagType`, or the types.

    Attributes:
        store: the `Store` that it lives in.

    Raises:
        StoreClosed, StoreBusy: the store is closed, or another thread runs in it.
    """

    def __init__(self, store: StoreCore, type=()):
        if not isinstance(type, TagType):
            type = TagType(type)
        check_store(store)
        group: RecGroup = intern_func(store.registry, type.type)
        store.keep_type(group)
        self.tag = store.new_tag(def_of(group, type.type))
        self.store = store
        self.kind = EXT_TAG

    @property
    def type(self):
        """Its type, a `TagType`."""
        if self.tag == cython.NULL:
            raise TypeError("this Tag refers to no tag: make one with Tag(store, type)")
        if self.store.closed:
            raise StoreClosed("the store is closed")
        return TagType(describe_func(self.store.registry, self.tag.type))

    def __repr__(self):
        if self.tag == cython.NULL:
            return "<Tag of nothing>"
        if self.store.closed:
            return "<Tag, closed>"
        return f"<Tag ({', '.join(map(str, self.type.params))})>"


register_class(EXT_TABLE, Table)
register_class(EXT_GLOBAL, Global)
register_class(EXT_TAG, Tag)
