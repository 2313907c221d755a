"""Lowering of the instructions on structures and arrays, and of casts (core specification, section 4.6.6).

Accesses to fields and elements become instructions of their own, by the width of what is accessed; so do
tests and casts. What allocates, or works on many elements, is the `gc` group: operands in adjacent slots from
a on, the result in their place.

    x                                    b              c
    struct.new, struct.new_default       type id        -
    array.new, array.new_default         type id        -
    array.new_fixed                      type id        number of elements
    array.new_data, array.new_elem       type id        segment
    array.fill, array.copy               type id        -
    array.init_data, array.init_elem     type id        segment
"""

import cython
from cython.cimports.libc.stdint import int64_t, uint8_t, uint32_t
from cython.cimports.wasmine.ir import ops as o
from cython.cimports.wasmine.ir.builder import (
    NO_INSTR,
    Builder,
    Condition,
    branch_if,
    emit,
    pop,
    pop_slot,
    push,
    read_s64,
    read_u32,
    settle,
    slot_of,
)
from cython.cimports.wasmine.runtime.heap import OBJECT_HEADER
from cython.cimports.wasmine.spec import opcodes as w
from cython.cimports.wasmine.spec.types import (
    T_ABSTRACT,
    T_F32,
    T_I8,
    T_I16,
    T_I32,
    T_V128,
    FieldDef,
    TypeDef,
)

Building = cython.typedef(cython.pointer[Builder])

CAST_TO_NULL = cython.declare(cython.const[uint32_t], 2)  # flag of a cast: null is a value of the target type


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def read_type(b: Building) -> cython.pointer[TypeDef]:
    """A type index, as the type."""
    return b.desc.defs[b.desc.types[read_u32(b)]]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def read_heap_type(b: Building) -> uint32_t:
    """A heap type, as its code in the registry."""
    heap: int64_t = read_s64(b)
    if heap < 0:
        return T_ABSTRACT | (cython.cast(uint32_t, heap) & 0x7F)
    return b.desc.types[heap]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def get_op(type: uint32_t, signed: cython.bint) -> uint32_t:
    """The op that reads a field of a storage type; that for elements is as far from `array.get8_s`."""
    if type == T_I8:
        return o.STRUCT_GET8_S if signed else o.STRUCT_GET8_U
    elif type == T_I16:
        return o.STRUCT_GET16_S if signed else o.STRUCT_GET16_U
    elif type in (T_I32, T_F32):
        return o.STRUCT_GET32
    elif type == T_V128:
        return o.STRUCT_GET128
    return o.STRUCT_GET64


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def set_op(type: uint32_t) -> uint32_t:
    """The op that writes a field of a storage type; that for elements is as far from `array.get8_s`."""
    if type == T_I8:
        return o.STRUCT_SET8
    elif type == T_I16:
        return o.STRUCT_SET16
    elif type in (T_I32, T_F32):
        return o.STRUCT_SET32
    elif type == T_V128:
        return o.STRUCT_SET128
    return o.STRUCT_SET64


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_field(b: Building, id: uint32_t) -> cython.void:
    """struct.get, struct.get_s, struct.get_u, struct.set."""
    type: cython.pointer[TypeDef] = read_type(b)
    field: cython.pointer[FieldDef] = type.fields + read_u32(b)
    offset: uint32_t = OBJECT_HEADER + field.offset
    object: uint32_t
    value: uint32_t
    if id == w.STRUCT_SET:
        value = pop_slot(b)
        object = pop_slot(b)
        emit(b, set_op(field.type), 0, value, object, offset)
        b.last = NO_INSTR
    else:
        object = pop_slot(b)
        emit(b, get_op(field.type, id == w.STRUCT_GET_S), 0, push(b, field.type == T_V128), object, offset)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_element(b: Building, id: uint32_t) -> cython.void:
    """array.get, array.get_s, array.get_u, array.set."""
    type: uint32_t = read_type(b).fields[0].type
    op: uint32_t = set_op(type) if id == w.ARRAY_SET else get_op(type, id == w.ARRAY_GET_S)
    value: uint32_t = pop_slot(b) if id == w.ARRAY_SET else 0
    index: uint32_t = pop_slot(b)
    array: uint32_t = pop_slot(b)
    op += o.ARRAY_GET8_S - o.STRUCT_GET8_S
    if id == w.ARRAY_SET:
        emit(b, op, 0, value, array, index)
        b.last = NO_INSTR
    else:
        emit(b, op, 0, push(b, type == T_V128), array, index)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_group(
    b: Building, id: uint32_t, operands: uint32_t, results: uint32_t, x: uint32_t, y: uint32_t
) -> cython.void:
    """An instruction of the group: operands in adjacent slots, the result in their place."""
    base: uint32_t = b.next_home
    i: uint32_t
    settle(b, operands)
    for i in range(operands):
        base = pop(b).home
    if results:
        push(b, 0)
    emit(b, o.GC, id, base, x, y)
    b.last = NO_INSTR
    b.bounded = 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_test(b: Building, nullable: cython.bint) -> cython.void:
    """ref.test."""
    heap: uint32_t = read_heap_type(b)
    source: uint32_t = pop_slot(b)
    emit(b, o.REF_TEST, nullable, push(b, 0), source, heap)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_cast(b: Building, nullable: cython.bint) -> cython.void:
    """ref.cast: the value stays where it is."""
    heap: uint32_t = read_heap_type(b)
    emit(b, o.REF_CAST, nullable, 0, slot_of(b, b.values + b.height - 1), heap)
    b.last = NO_INSTR


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_branch_on_cast(b: Building, when: cython.bint) -> cython.void:
    """br_on_cast, br_on_cast_fail: branches when the test is `when`. The reference stays on top."""
    flags: uint8_t = b.at[0]
    b.at += 1
    depth: uint32_t = read_u32(b)
    read_heap_type(b)
    heap: uint32_t = read_heap_type(b)
    source: uint32_t = slot_of(b, b.values + b.height - 1)
    condition: Condition
    condition.op = o.I32_NE_IMM if when else o.I32_EQ_IMM
    condition.a = b.next_home
    condition.b = 0
    if b.frame_slots == condition.a:
        b.frame_slots += 1
    emit(b, o.REF_TEST, flags & CAST_TO_NULL != 0, condition.a, source, heap)
    branch_if(b, cython.address(condition), depth)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_many(b: Building, id: uint32_t) -> cython.bint:
    """The instructions of the group; False for others."""
    n: uint32_t
    if id < w.STRUCT_NEW or id > w.ARRAY_INIT_ELEM:
        return False
    type: cython.pointer[TypeDef] = read_type(b)
    if id == w.STRUCT_NEW:
        lower_group(b, id, type.n_fields, 1, type.id, 0)
    elif id == w.STRUCT_NEW_DEFAULT:
        lower_group(b, id, 0, 1, type.id, 0)
    elif id == w.ARRAY_NEW:
        lower_group(b, id, 2, 1, type.id, 0)
    elif id == w.ARRAY_NEW_DEFAULT:
        lower_group(b, id, 1, 1, type.id, 0)
    elif id == w.ARRAY_NEW_FIXED:
        n = read_u32(b)
        lower_group(b, id, n, 1, type.id, n)
    elif id == w.ARRAY_NEW_DATA or id == w.ARRAY_NEW_ELEM:
        lower_group(b, id, 2, 1, type.id, read_u32(b))
    elif id == w.ARRAY_FILL:
        lower_group(b, id, 4, 0, type.id, 0)
    elif id == w.ARRAY_COPY:
        read_u32(b)
        lower_group(b, id, 5, 0, type.id, 0)
    else:
        # array.init_data, array.init_elem
        lower_group(b, id, 4, 0, type.id, read_u32(b))
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_object(b: Building, id: uint32_t) -> cython.bint:
    """See objects.pxd."""
    source: uint32_t
    if id == w.STRUCT_GET or id == w.STRUCT_GET_S or id == w.STRUCT_GET_U or id == w.STRUCT_SET:
        lower_field(b, id)
    elif id == w.ARRAY_GET or id == w.ARRAY_GET_S or id == w.ARRAY_GET_U or id == w.ARRAY_SET:
        lower_element(b, id)
    elif id == w.ARRAY_LEN:
        source = pop_slot(b)
        emit(b, o.ARRAY_LEN, 0, push(b, 0), source, 0)
    elif id == w.REF_TEST or id == w.REF_TEST_NULL:
        lower_test(b, id == w.REF_TEST_NULL)
    elif id == w.REF_CAST or id == w.REF_CAST_NULL:
        lower_cast(b, id == w.REF_CAST_NULL)
    elif id == w.BR_ON_CAST or id == w.BR_ON_CAST_FAIL:
        lower_branch_on_cast(b, id == w.BR_ON_CAST)
    else:
        return lower_many(b, id)
    return True
