"""External values, and the classes of the Python face that wrap them; see extern.pxd."""

import cython
from cython.cimports.cpython.object import PyObject
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.binary.module import EXT_FUNC, EXT_GLOBAL, EXT_MEMORY, EXT_TABLE, EXT_TAG
from cython.cimports.wasmine.runtime.memory import MemoryCore
from cython.cimports.wasmine.runtime.store import StoreCore
from cython.cimports.wasmine.runtime.table import TableCore
from cython.cimports.wasmine.runtime.vm import FuncInst, Global, Tag

classes: list = cython.declare(list, [None] * 5)


@cython.cclass
class Extern:
    """A function, table, memory, global or tag of a store."""

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def ready(self) -> cython.int:
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def address(self) -> cython.p_void:
        if self.kind == EXT_FUNC:
            return self.func
        elif self.kind == EXT_TABLE:
            return cython.cast(cython.pointer[PyObject], self.table)
        elif self.kind == EXT_MEMORY:
            return cython.cast(cython.pointer[PyObject], self.memory)
        elif self.kind == EXT_GLOBAL:
            return self.glob
        elif self.kind == EXT_TAG:
            return self.tag
        return cython.NULL

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Extern):
            return NotImplemented
        return self.address() == cython.cast(Extern, other).address()

    def __hash__(self) -> int:
        return cython.cast(cython.size_t, self.address()) >> 4


@cython.cfunc
@cython.exceptval(-1, check=False)
def register_class(kind: uint32_t, cls: type) -> cython.int:
    if kind > EXT_TAG or not issubclass(cls, Extern):
        raise TypeError(f"{cls!r} cannot stand for external kind {kind}")
    classes[kind] = cls
    return 0


@cython.cfunc
@cython.inline
def blank(store: StoreCore, kind: uint32_t) -> Extern:
    cls = classes[kind]
    extern: Extern = Extern.__new__(Extern) if cls is None else cls.__new__(cls)
    extern.store = store
    extern.kind = kind
    return extern


@cython.cfunc
def extern_func(store: StoreCore, func: cython.pointer[FuncInst]) -> Extern:
    extern: Extern = blank(store, EXT_FUNC)
    extern.func = func
    extern.ready()
    return extern


@cython.cfunc
def extern_global(store: StoreCore, glob: cython.pointer[Global]) -> Extern:
    extern: Extern = blank(store, EXT_GLOBAL)
    extern.glob = glob
    extern.ready()
    return extern


@cython.cfunc
def extern_tag(store: StoreCore, tag: cython.pointer[Tag]) -> Extern:
    extern: Extern = blank(store, EXT_TAG)
    extern.tag = tag
    extern.ready()
    return extern


@cython.cfunc
def extern_table(store: StoreCore, table: TableCore) -> Extern:
    extern: Extern = blank(store, EXT_TABLE)
    extern.table = table
    extern.ready()
    return extern


@cython.cfunc
def extern_memory(store: StoreCore, memory: MemoryCore) -> Extern:
    extern: Extern = blank(store, EXT_MEMORY)
    extern.memory = memory
    extern.ready()
    return extern
