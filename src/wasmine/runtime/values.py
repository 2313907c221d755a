"""Wasm values <-> Python values; see values.pxd."""

import cython
from cython.cimports.cpython.bytes import PyBytes_FromStringAndSize
from cython.cimports.cpython.float import PyFloat_AS_DOUBLE, PyFloat_CheckExact
from cython.cimports.cpython.long import PyLong_CheckExact
from cython.cimports.libc.stdint import int32_t, int64_t, uint32_t, uint64_t
from cython.cimports.libc.string import memcpy
from cython.cimports.wasmine.binary.module import EXT_FUNC
from cython.cimports.wasmine.runtime.clib import PyLong_AsLongLongAndOverflow
from cython.cimports.wasmine.runtime.extern import Extern, extern_func
from cython.cimports.wasmine.runtime.store import StoreCore
from cython.cimports.wasmine.runtime.vm import FuncInst
from cython.cimports.wasmine.spec.types import (
    H_EXTERN,
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
    top: uint32_t
    if value is None:
        if type & T_NULLABLE == 0:
            raise TypeError("None is no value of a reference type without null")
        slot[0] = 0
        return 0
    top = top_of(store.ctx.defs, type & T_HEAP_MASK)
    if top == H_FUNC:
        slot[0] = cython.cast(uint64_t, func_of(store, type, value))
        return 0
    elif top == H_EXTERN and type & T_HEAP_MASK == H_EXTERN:
        slot[0] = store.intern_object(value)
        return 0
    raise TypeError(f"{value!r} is no value of this reference type")


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
    elif top == H_EXTERN:
        return store.object_of(value)
    raise NotImplementedError("GC references cannot be handed to Python yet")
