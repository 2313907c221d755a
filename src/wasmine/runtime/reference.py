"""GC objects as Python holds them, and i31; see reference.pxd."""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.runtime.heap import OBJ_EXN, GcObject, heap_drop, heap_hold
from cython.cimports.wasmine.runtime.store import StoreCore

classes: list = cython.declare(list, [None] * (OBJ_EXN + 1))
loader: object = cython.declare(object, None)


class I31(int):
    """An unboxed integer of 31 bits as a reference (core specification, section 2.3.3: i31)."""

    __slots__ = ()

    def __new__(cls, value):  # noqa: D102  # documented by the class
        number = value.__index__()
        if not -0x40000000 <= number <= 0x7FFFFFFF:
            raise OverflowError(f"{value!r} is out of range for i31")
        return int.__new__(cls, number - 0x80000000 if number > 0x3FFFFFFF else number)

    def __repr__(self) -> str:
        return f"I31({int(self)})"


@cython.no_gc_clear
@cython.cclass
class ObjectRef:
    """A structure, array or exception of a store; see reference.pxd."""

    def __cinit__(self) -> None:
        self.place = -1

    def __dealloc__(self) -> None:
        if self.place >= 0:
            heap_drop(cython.address(self.store.heap), cython.cast(uint32_t, self.place))

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def hold(self, store: StoreCore, ref: uint64_t) -> cython.int:
        self.place = heap_hold(cython.address(store.heap), ref)
        self.store = store
        self.ref = ref
        return 0

    def __eq__(self, other: object) -> bool:
        """Whether both are the same object (section 4.6.5, ref.eq)."""
        if not isinstance(other, ObjectRef):
            return NotImplemented
        that: ObjectRef = other
        return self is that or (self.place >= 0 and self.ref == that.ref and self.store is that.store)

    def __hash__(self) -> int:
        return cython.cast(cython.size_t, self.ref) >> 3


@cython.cfunc
@cython.exceptval(-1, check=False)
def register_object_class(kind: uint32_t, cls: type) -> cython.int:
    if kind > OBJ_EXN or not issubclass(cls, ObjectRef):
        raise TypeError(f"{cls!r} cannot stand for objects of kind {kind}")
    classes[kind] = cls
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def set_class_loader(load: object) -> cython.int:
    global loader
    loader = load
    return 0


@cython.cfunc
def object_ref(store: StoreCore, ref: uint64_t) -> ObjectRef:
    kind: uint32_t = cython.cast(cython.pointer[GcObject], ref).kind
    # Held from here on, since making the wrapper may run Python code, and so a collection.
    place: cython.longlong = heap_hold(cython.address(store.heap), ref)
    found: ObjectRef
    try:
        if classes[kind] is None and loader is not None:
            loader()
        cls = classes[kind]
        found = ObjectRef.__new__(ObjectRef) if cls is None else cls.__new__(cls)
    except BaseException:
        heap_drop(cython.address(store.heap), cython.cast(uint32_t, place))
        raise
    found.place = place
    found.store = store
    found.ref = ref
    return found
