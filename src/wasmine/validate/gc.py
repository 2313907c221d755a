"""Checks instructions on references, structures, arrays and casts (core specification, section 3.4)."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.spec import limits
from cython.cimports.wasmine.spec import opcodes as ops
from cython.cimports.wasmine.spec.types import (
    H_ANY,
    H_ARRAY,
    H_EQ,
    H_EXTERN,
    H_I31,
    KIND_ARRAY,
    KIND_STRUCT,
    T_BOTTOM,
    T_I8,
    T_I16,
    T_I32,
    T_NULLABLE,
    T_REF,
    FieldDef,
    TypeDef,
    is_subtype,
    top_of,
)
from cython.cimports.wasmine.validate import faults
from cython.cimports.wasmine.validate.checker import (
    CheckerRef,
    TypeList,
    check_index,
    fail_index,
    fail_type,
    is_spent,
    match_lists,
    pop,
    pop_list,
    pop_ref,
    push,
    push_list,
    read_byte,
    read_data_index,
    read_heap_type,
    read_index,
    read_label,
    read_type_index,
    read_u32,
)


def check_gc(c: CheckerRef, op: uint32_t) -> cython.bint:
    """Check one instruction on references."""
    if op == ops.REF_NULL or op == ops.REF_TEST or op == ops.REF_TEST_NULL:
        return check_heap_immediate(c, op)
    elif op == ops.REF_CAST or op == ops.REF_CAST_NULL:
        return check_heap_immediate(c, op)
    elif op == ops.REF_FUNC:
        return check_ref_func(c)
    elif op == ops.REF_IS_NULL or op == ops.REF_AS_NON_NULL:
        return check_null(c, op)
    elif op == ops.REF_EQ:
        return convert(c, T_REF | T_NULLABLE | H_EQ, T_BOTTOM) and convert(
            c, T_REF | T_NULLABLE | H_EQ, T_I32
        )
    elif op == ops.REF_I31:
        return convert(c, T_I32, T_REF | H_I31)
    elif op == ops.I31_GET_S or op == ops.I31_GET_U:
        return convert(c, T_REF | T_NULLABLE | H_I31, T_I32)
    elif op == ops.ARRAY_LEN:
        return convert(c, T_REF | T_NULLABLE | H_ARRAY, T_I32)
    elif op == ops.ANY_CONVERT_EXTERN:
        return check_conversion(c, H_EXTERN, H_ANY)
    elif op == ops.EXTERN_CONVERT_ANY:
        return check_conversion(c, H_ANY, H_EXTERN)
    elif op == ops.BR_ON_CAST or op == ops.BR_ON_CAST_FAIL:
        return check_branch_on_cast(c, op)
    elif op == ops.STRUCT_NEW or op == ops.STRUCT_NEW_DEFAULT:
        return check_struct_new(c, op)
    elif op == ops.STRUCT_GET or op == ops.STRUCT_GET_S or op == ops.STRUCT_GET_U or op == ops.STRUCT_SET:
        return check_struct_access(c, op)
    else:
        return check_array(c, op)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def convert(c: CheckerRef, operand: uint32_t, result: uint32_t) -> cython.bint:
    """Pop one operand and push one result, or none where `result` is T_BOTTOM."""
    if not pop(c, operand):
        return False
    if result != T_BOTTOM:
        push(c, result)
    return True


# References and casts


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_heap_immediate(c: CheckerRef, op: uint32_t) -> cython.bint:
    """`ref.null`, `ref.test` and `ref.cast`: a test takes any reference of the type's hierarchy."""
    heap: uint32_t = 0
    type: uint32_t
    if not read_heap_type(c, cython.address(heap)):
        return False
    type = T_REF | heap
    if op == ops.REF_NULL:
        push(c, type | T_NULLABLE)
        return True
    if not pop(c, T_REF | T_NULLABLE | top_of(c.module.defs, heap)):
        return False
    if op == ops.REF_TEST or op == ops.REF_TEST_NULL:
        push(c, T_I32)
    elif op == ops.REF_CAST:
        push(c, type)
    else:
        push(c, type | T_NULLABLE)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_ref_func(c: CheckerRef) -> cython.bint:
    """`ref.func`: in a body, only of a function that the module names elsewhere (section 3.4.7)."""
    index: uint32_t = 0
    if not read_index(c, cython.address(index), c.module.n_funcs, faults.FAULT_UNKNOWN_FUNCTION):
        return False
    if not c.constant and not c.module.func_declared[index]:
        return fail_index(c, faults.FAULT_UNDECLARED_FUNCTION, index, 0)
    push(c, T_REF | c.module.func_types[index])
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_null(c: CheckerRef, op: uint32_t) -> cython.bint:
    """`ref.is_null` and `ref.as_non_null`."""
    type: uint32_t = 0
    if not pop_ref(c, cython.address(type)):
        return False
    push(c, T_I32 if op == ops.REF_IS_NULL else type & ~T_NULLABLE)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_conversion(c: CheckerRef, source: uint32_t, target: uint32_t) -> cython.bint:
    """`any.convert_extern` and its inverse: null stays null, what is not null stays so."""
    type: uint32_t = 0
    if not pop_ref(c, cython.address(type)):
        return False
    if not is_subtype(c.module.defs, type, T_REF | T_NULLABLE | source):
        return fail_type(c, faults.FAULT_TYPE_MISMATCH, T_REF | T_NULLABLE | source, type)
    push(c, T_REF | target | (type & T_NULLABLE))
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_branch_on_cast(c: CheckerRef, op: uint32_t) -> cython.bint:
    """`br_on_cast` and `br_on_cast_fail`: one way has the target type, the other the rest."""
    flags: uint32_t = 0
    source: uint32_t = 0
    target: uint32_t = 0
    rest: uint32_t
    label = cython.declare(TypeList)
    if not read_byte(c, cython.address(flags)):
        return False
    if flags > 3:
        return fail_index(c, faults.FAULT_CAST_FLAGS, flags, 0)
    if (
        not read_label(c, cython.address(label))
        or not read_heap_type(c, cython.address(source))
        or not read_heap_type(c, cython.address(target))
    ):
        return False
    source |= T_REF | T_NULLABLE if flags & 1 else T_REF
    target |= T_REF | T_NULLABLE if flags & 2 else T_REF
    if not is_subtype(c.module.defs, target, source):
        return fail_type(c, faults.FAULT_TYPE_MISMATCH, source, target)
    if not pop(c, source):
        return False
    rest = source & ~T_NULLABLE if target & T_NULLABLE else source
    if op == ops.BR_ON_CAST:
        return branch_with(c, label, target, rest)
    return branch_with(c, label, rest, target)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def branch_with(c: CheckerRef, label: TypeList, taken: uint32_t, left: uint32_t) -> cython.bint:
    """A conditional branch that takes a reference `taken` along, and leaves it as `left` when not taken."""
    others: uint32_t = label.count - 1
    if label.count == 0:
        return fail_index(c, faults.FAULT_ARITY, 0, 1)
    if not match_lists(c, cython.address(taken), label.types + others, 1):
        return False
    if not pop_list(c, label.types, others) or not push_list(c, label.types, others):
        return False
    push(c, left)
    return True


# Structures


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_packed(type: uint32_t) -> cython.bint:
    """Whether the storage type is i8 or i16."""
    return type in (T_I8, T_I16)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def unpacked(type: uint32_t) -> uint32_t:
    """The value type of a field: packed ones are read and written as i32."""
    return T_I32 if is_packed(type) else type


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def read_struct(c: CheckerRef, type: cython.pointer[cython.pointer[cython.const[TypeDef]]]) -> cython.bint:
    """Read the index of a structure type."""
    index: uint32_t = 0
    if not read_type_index(c, cython.address(index), type):
        return False
    if type[0].kind != KIND_STRUCT:
        return fail_index(c, faults.FAULT_NOT_STRUCT_TYPE, index, 0)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_struct_new(c: CheckerRef, op: uint32_t) -> cython.bint:
    """`struct.new` and `struct.new_default`."""
    type: cython.pointer[cython.const[TypeDef]] = cython.NULL
    i: uint32_t = 0
    if not read_struct(c, cython.address(type)):
        return False
    if op == ops.STRUCT_NEW:
        i = type.n_fields
    elif not type.defaultable:
        return fail_type(c, faults.FAULT_NOT_DEFAULTABLE, 0, T_REF | type.id)
    while i and not is_spent(c):
        i -= 1
        if not pop(c, unpacked(type.fields[i].type)):
            return False
    push(c, T_REF | type.id)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_struct_access(c: CheckerRef, op: uint32_t) -> cython.bint:
    """`struct.get`, `struct.get_s`, `struct.get_u` and `struct.set`."""
    type: cython.pointer[cython.const[TypeDef]] = cython.NULL
    field: cython.pointer[FieldDef]
    index: uint32_t = 0
    if not read_struct(c, cython.address(type)):
        return False
    if not read_index(c, cython.address(index), type.n_fields, faults.FAULT_UNKNOWN_FIELD):
        return False
    field = cython.address(type.fields[index])
    if op == ops.STRUCT_SET:
        if not field.mutable:
            return fail_index(c, faults.FAULT_IMMUTABLE_FIELD, index, 0)
        return pop(c, unpacked(field.type)) and pop(c, T_REF | T_NULLABLE | type.id)
    if not check_extension(c, field.type, op == ops.STRUCT_GET):
        return False
    if not pop(c, T_REF | T_NULLABLE | type.id):
        return False
    push(c, unpacked(field.type))
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_extension(c: CheckerRef, type: uint32_t, is_plain: cython.bint) -> cython.bint:
    """A packed field is read with an extension, any other one without."""
    if is_plain and is_packed(type):
        return fail_type(c, faults.FAULT_PACKED, 0, type)
    if not is_plain and not is_packed(type):
        return fail_type(c, faults.FAULT_NOT_PACKED, 0, type)
    return True


# Arrays


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_array(c: CheckerRef, op: uint32_t) -> cython.bint:
    """Check one instruction whose first immediate is an array type."""
    type: cython.pointer[cython.const[TypeDef]] = cython.NULL
    source: cython.pointer[cython.const[TypeDef]] = cython.NULL
    field: cython.pointer[FieldDef]
    index: uint32_t = 0
    if not read_array(c, cython.address(index), cython.address(type)):
        return False
    field = type.fields
    if op == ops.ARRAY_NEW:
        return pop(c, T_I32) and convert(c, unpacked(field.type), T_REF | type.id)
    elif op == ops.ARRAY_NEW_DEFAULT:
        if not type.defaultable:
            return fail_type(c, faults.FAULT_NOT_DEFAULTABLE, 0, T_REF | type.id)
        return convert(c, T_I32, T_REF | type.id)
    elif op == ops.ARRAY_NEW_FIXED:
        return check_array_new_fixed(c, type)
    elif op == ops.ARRAY_NEW_DATA:
        return read_data(c, field) and pop(c, T_I32) and convert(c, T_I32, T_REF | type.id)
    elif op == ops.ARRAY_NEW_ELEM:
        return read_elem(c, field) and pop(c, T_I32) and convert(c, T_I32, T_REF | type.id)
    elif op == ops.ARRAY_GET or op == ops.ARRAY_GET_S or op == ops.ARRAY_GET_U:
        return (
            check_extension(c, field.type, op == ops.ARRAY_GET)
            and pop(c, T_I32)
            and convert(c, T_REF | T_NULLABLE | type.id, unpacked(field.type))
        )
    if op == ops.ARRAY_INIT_DATA and not read_data(c, field):
        return False
    if op == ops.ARRAY_INIT_ELEM and not read_elem(c, field):
        return False
    if op == ops.ARRAY_COPY and not read_source(c, cython.address(source)):
        return False
    if not field.mutable:
        return fail_index(c, faults.FAULT_IMMUTABLE_ARRAY, index, 0)
    return check_array_write(c, op, type, source)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_array_new_fixed(c: CheckerRef, type: cython.pointer[cython.const[TypeDef]]) -> cython.bint:
    """`array.new_fixed`: the second immediate counts the operands."""
    count: uint32_t = 0
    if not read_u32(c, cython.address(count)):
        return False
    if count > limits.MAX_ARRAY_NEW_FIXED:
        return fail_index(c, faults.FAULT_LIMIT_ARRAY_NEW_FIXED, count, limits.MAX_ARRAY_NEW_FIXED)
    while count and not is_spent(c):
        if not pop(c, unpacked(type.fields.type)):
            return False
        count -= 1
    push(c, T_REF | type.id)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_array_write(
    c: CheckerRef,
    op: uint32_t,
    type: cython.pointer[cython.const[TypeDef]],
    source: cython.pointer[cython.const[TypeDef]],
) -> cython.bint:
    """Check the operands of an instruction that writes elements: array, index, what to write."""
    element: uint32_t = type.fields.type
    array: uint32_t = T_REF | T_NULLABLE | type.id
    if op == ops.ARRAY_SET:
        return pop(c, unpacked(element)) and pop(c, T_I32) and pop(c, array)
    elif op == ops.ARRAY_FILL:
        return pop(c, T_I32) and pop(c, unpacked(element)) and pop(c, T_I32) and pop(c, array)
    elif op == ops.ARRAY_INIT_DATA or op == ops.ARRAY_INIT_ELEM:
        return pop(c, T_I32) and pop(c, T_I32) and pop(c, T_I32) and pop(c, array)
    elif op == ops.ARRAY_COPY:
        if not is_storage_subtype(c, source.fields.type, element):
            return fail_type(c, faults.FAULT_ARRAY_TYPES, element, source.fields.type)
        return (
            pop(c, T_I32)
            and pop(c, T_I32)
            and pop(c, T_REF | T_NULLABLE | source.id)
            and pop(c, T_I32)
            and pop(c, array)
        )
    else:
        return fail_index(c, faults.FAULT_ILLEGAL_OPCODE, op, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_storage_subtype(c: CheckerRef, a: uint32_t, b: uint32_t) -> cython.bint:
    """Whether storage type `a` matches `b`: packed types match themselves only."""
    return a == b or (a & b & T_REF != 0 and is_subtype(c.module.defs, a, b))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def read_array(
    c: CheckerRef,
    index: cython.pointer[uint32_t],
    type: cython.pointer[cython.pointer[cython.const[TypeDef]]],
) -> cython.bint:
    """Read the index of an array type."""
    if not read_type_index(c, index, type):
        return False
    if type[0].kind != KIND_ARRAY:
        return fail_index(c, faults.FAULT_NOT_ARRAY_TYPE, index[0], 0)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def read_source(c: CheckerRef, type: cython.pointer[cython.pointer[cython.const[TypeDef]]]) -> cython.bint:
    """Read the second immediate of `array.copy`: the array type to copy from."""
    index: uint32_t = 0
    return read_array(c, cython.address(index), type)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def read_data(c: CheckerRef, field: cython.pointer[FieldDef]) -> cython.bint:
    """Read the index of a data segment that elements of a numeric, vector or packed type are made from."""
    segment: uint32_t = 0
    if not read_data_index(c, cython.address(segment)):
        return False
    if not check_index(c, segment, c.module.n_datas, faults.FAULT_UNKNOWN_DATA):
        return False
    if field.type & T_REF:
        return fail_type(c, faults.FAULT_ARRAY_NOT_NUMERIC, 0, field.type)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def read_elem(c: CheckerRef, field: cython.pointer[FieldDef]) -> cython.bint:
    """Read the index of an element segment whose references match the elements of the array."""
    segment: uint32_t = 0
    have: uint32_t
    if not read_index(c, cython.address(segment), c.module.n_elems, faults.FAULT_UNKNOWN_ELEM):
        return False
    have = c.module.elems[segment].type
    if not is_subtype(c.module.defs, have, field.type):
        return fail_type(c, faults.FAULT_TYPE_MISMATCH, field.type, have)
    return True
