"""Wasm values <-> Python values; see values.pxd."""

import cython
from cython.cimports.cpython.bytes import PyBytes_FromStringAndSize
from cython.cimports.cpython.float import PyFloat_AS_DOUBLE, PyFloat_CheckExact
from cython.cimports.cpython.long import PyLong_Check, PyLong_CheckExact
from cython.cimports.libc.stdint import int32_t, int64_t, uint32_t, uint64_t
from cython.cimports.libc.string import memcpy
from cython.cimports.wasmine.binary.module import EXT_FUNC
from cython.cimports.wasmine.runtime.clib import PyLong_AsLongLongAndOverflow
from cython.cimports.wasmine.runtime.extern import Extern, extern_func
from cython.cimports.wasmine.runtime.heap import OBJ_EXN, REF_HOST_BIT, REF_I31_BIT, GcObject, is_instance
from cython.cimports.wasmine.runtime.reference import ObjectRef, object_ref
from cython.cimports.wasmine.runtime.store import StoreCore
from cython.cimports.wasmine.runtime.vm import FuncInst
from cython.cimports.wasmine.spec.types import (
    H_ANY,
    H_EXN,
    H_FUNC,
    T_F32,
    T_F64,
    T_HEAP_MASK,
    T_I32,
    T_I64,
    T_NULLABLE,
    T_V128,
    is_heap_subtype,
    top_of,
)

from wasmine.runtime.reference import I31
from wasmine.spec.types import value_type_name

LOW_HALF = cython.declare(cython.const[uint64_t], 0xFFFFFFFF)


@cython.cfunc
@cython.exceptval(-1, check=False)
def to_slots(store: StoreCore, type: uint32_t, value: object, slots: cython.pointer[uint64_t]) -> cython.int:
    if type == T_I32:
        return i32_to_slot(value, slots)
    elif type == T_I64:
        return i64_to_slot(value, slots)
    elif type == T_F32:
        return f32_to_slot(value, slots)
    elif type == T_F64:
        return f64_to_slot(value, slots)
    elif type == T_V128:
        return v128_to_slots(value, slots)
    return ref_to_slot(store, type, value, slots)


@cython.cfunc
def from_slots(store: StoreCore, type: uint32_t, slots: cython.pointer[cython.const[uint64_t]]) -> object:
    single: cython.float = 0
    double: cython.double = 0
    if type == T_I32:
        return cython.cast(int32_t, slots[0])
    elif type == T_I64:
        return cython.cast(int64_t, slots[0])
    elif type == T_F32:
        memcpy(cython.address(single), slots, 4)
        return widen(single, cython.cast(uint32_t, slots[0]))
    elif type == T_F64:
        memcpy(cython.address(double), slots, 8)
        return double
    elif type == T_V128:
        return PyBytes_FromStringAndSize(cython.cast(cython.p_char, slots), 16)
    return ref_from_slot(store, type, slots[0])


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def i32_to_slot(value: object, slot: cython.pointer[uint64_t]) -> cython.int:
    overflow: cython.int = 0
    number: int64_t = as_int64(value, cython.address(overflow))
    if overflow != 0 or number < -0x80000000 or number > cython.cast(int64_t, LOW_HALF):
        raise OverflowError(f"{value!r} is out of range for i32")
    slot[0] = cython.cast(uint32_t, number)
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def i64_to_slot(value: object, slot: cython.pointer[uint64_t]) -> cython.int:
    overflow: cython.int = 0
    number: int64_t = as_int64(value, cython.address(overflow))
    if overflow == 0:
        slot[0] = number
        return 0
    number_object = value.__index__()
    if overflow < 0 or number_object >> 64:
        raise OverflowError(f"{value!r} is out of range for i64")
    slot[0] = number_object
    return 0


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=True)
def as_int64(value: object, overflow: cython.pointer[cython.int]) -> int64_t:
    if not PyLong_CheckExact(value):
        if not hasattr(value, "__index__"):
            raise TypeError(f"an integer is required, not {type(value).__name__!r}")
        value = value.__index__()
    return PyLong_AsLongLongAndOverflow(value, overflow)


@cython.cfunc
@cython.exceptval(-1, check=False)
def f64_to_slot(value: object, slot: cython.pointer[uint64_t]) -> cython.int:
    number: cython.double = as_double(value)
    memcpy(slot, cython.address(number), 8)
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def f32_to_slot(value: object, slot: cython.pointer[uint64_t]) -> cython.int:
    number: cython.double = as_double(value)
    slot[0] = narrow(number)
    return 0


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=True)
def as_double(value: object) -> cython.double:
    if PyFloat_CheckExact(value):
        return PyFloat_AS_DOUBLE(value)
    # An int has __float__; a str has not, so that "1.5" is refused.
    if not hasattr(value, "__float__") and not hasattr(value, "__index__"):
        raise TypeError(f"a number is required, not {type(value).__name__!r}")
    return float(value)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def narrow(number: cython.double) -> uint32_t:
    """The bits of the nearest f32. A NaN keeps sign, quietness and the upper bits of its payload."""
    single: cython.float
    bits: uint64_t = 0
    narrow_bits: uint32_t = 0
    if number == number:
        single = cython.cast(cython.float, number)
        memcpy(cython.address(narrow_bits), cython.address(single), 4)
        return narrow_bits
    # A conversion in hardware would set the quiet bit.
    memcpy(cython.address(bits), cython.address(number), 8)
    narrow_bits = cython.cast(uint32_t, bits >> 32) & cython.cast(uint32_t, 0x80000000)
    narrow_bits |= 0x7F800000 | cython.cast(uint32_t, bits >> 29) & 0x7FFFFF
    if narrow_bits & 0x7FFFFF == 0:
        narrow_bits |= 0x400000
    return narrow_bits


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def widen(single: cython.float, bits: uint32_t) -> cython.double:
    """The exact f64; a NaN keeps sign, quietness and payload."""
    wide: uint64_t
    number: cython.double = 0
    if single == single:
        return single
    wide = cython.cast(uint64_t, bits & cython.cast(uint32_t, 0x80000000)) << 32
    wide |= cython.cast(uint64_t, 0x7FF) << 52 | cython.cast(uint64_t, bits & 0x7FFFFF) << 29
    memcpy(cython.address(number), cython.address(wide), 8)
    return number


@cython.cfunc
@cython.exceptval(-1, check=False)
def v128_to_slots(value: object, slots: cython.pointer[uint64_t]) -> cython.int:
    view: bytes
    try:
        view = bytes(memoryview(value))
    except TypeError:
        raise TypeError(f"16 bytes are required for a v128, not {type(value).__name__!r}") from None
    if len(view) != 16:
        raise TypeError(f"16 bytes are required for a v128, not {len(view)}")
    memcpy(slots, cython.cast(cython.p_char, view), 16)
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def ref_to_slot(
    store: StoreCore, type: uint32_t, value: object, slot: cython.pointer[uint64_t]
) -> cython.int:
    heap: uint32_t = type & T_HEAP_MASK
    top: uint32_t
    if value is None:
        if type & T_NULLABLE == 0:
            raise TypeError("None is no value of a reference type without null")
        slot[0] = 0
        return 0
    top = top_of(store.ctx.defs, heap)
    if top == H_FUNC:
        slot[0] = cython.cast(uint64_t, func_of(store, type, value))
        return 0
    slot[0] = object_to_ref(store, top, heap, value)
    if slot[0] == 0 or not is_instance(store.ctx.defs, slot[0], heap, False):
        raise TypeError(f"{value!r} is no value of type {value_type_name(type)}")
    return 0


@cython.cfunc
@cython.exceptval(0, check=True)
def object_to_ref(store: StoreCore, top: uint32_t, heap: uint32_t, value: object) -> uint64_t:
    """The reference to a Python object in the hierarchy of `top`; 0 when it has none there."""
    if isinstance(value, ObjectRef) and is_exception(value) == (top == H_EXN):
        return ref_of(store, value)
    if top == H_EXN:
        return 0
    if PyLong_Check(value) and (isinstance(value, I31) or (top == H_ANY and is_i31(heap, value))):
        return cython.cast(uint32_t, cython.cast(int64_t, value) << 1) | 1
    # In the hierarchy `any`, too, only its top has them.
    return store.intern_object(value) if heap == top else 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def is_i31(heap: uint32_t, value: object) -> cython.bint:
    """Whether an int stands for an i31 where a reference of a heap type in the hierarchy `any` is expected.

    As in the web's engines, one that is too large stays an object of the host where there may be one.
    """
    if not PyLong_CheckExact(value):
        return False
    overflow: cython.int = 0
    number: int64_t = PyLong_AsLongLongAndOverflow(value, cython.address(overflow))
    if overflow == 0 and -0x40000000 <= number <= 0x3FFFFFFF:
        return True
    if heap == H_ANY:
        return False
    raise OverflowError(f"{value!r} is out of range for i31")


@cython.cfunc
@cython.exceptval(-1, check=False)
def is_exception(value: ObjectRef) -> cython.bint:
    """Whether the object is in the hierarchy `exn`, rather than in `any` and `extern`."""
    if value.place < 0:
        raise TypeError(f"{value!r} cannot be given to WebAssembly")
    # The kind of an object of a closed store cannot be read any more.
    value.store.check()
    return cython.cast(cython.pointer[GcObject], value.ref).kind == OBJ_EXN


@cython.cfunc
@cython.exceptval(0, check=True)
def ref_of(store: StoreCore, value: ObjectRef) -> uint64_t:
    if value.store is not store:
        raise ValueError("the object belongs to another store")
    return value.ref


@cython.cfunc
def func_of(store: StoreCore, type: uint32_t, value: object) -> cython.pointer[FuncInst]:
    if not isinstance(value, Extern) or cython.cast(Extern, value).kind != EXT_FUNC:
        raise TypeError(f"a WebAssembly function or None is required, not {value!r}")
    extern: Extern = value
    if extern.store is not store:
        raise ValueError("the function belongs to another store")
    if not is_heap_subtype(store.ctx.defs, extern.func.type_id, type & T_HEAP_MASK):
        raise TypeError("the function has another type")
    return extern.func


@cython.cfunc
def ref_from_slot(store: StoreCore, type: uint32_t, value: uint64_t) -> object:
    top: uint32_t
    if value == 0:
        return None
    top = top_of(store.ctx.defs, type & T_HEAP_MASK)
    if top == H_FUNC:
        return extern_func(store, cython.cast(cython.pointer[FuncInst], value))
    if value & REF_I31_BIT:
        return I31(cython.cast(int32_t, value) >> 1)
    if value & REF_HOST_BIT:
        return store.object_of(value)
    return object_ref(store, value)
