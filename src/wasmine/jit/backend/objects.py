"""Instruction selection for GC objects, references and tables.

SSA has made sure that references are not null and indices in bounds where that matters. The collector scans
conservatively (runtime/collect.py), so references live in registers and slots like integers. But what is
kept must be the start of an object: no address inside of one outlives the instruction that it is for.
"""

import cython
from cython.cimports.libc.stdint import int32_t, uint32_t, uint64_t
from cython.cimports.wasmine.jit.backend.accesses import (
    ACCESS_32,
    ACCESS_64,
    ACCESS_S8_32,
    ACCESS_S16_32,
    access_of_width,
)
from cython.cimports.wasmine.jit.backend.lower import (
    REF_ANY,
    REF_NONE,
    REF_NOT_NULL,
    REF_NULL,
    Lower,
    Place,
    Target,
    def_reg,
    early_reg,
    emit,
    emit_load,
    emit_load_pinned,
    fresh,
    is_const,
    result_of,
    temp_reg,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import (
    ROLE_REG,
    VT_I64,
    MachInst,
)
from cython.cimports.wasmine.jit.backend.memory import add_target
from cython.cimports.wasmine.jit.backend.objects import IS_NULLABLE, IS_POINTER
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.backend.pseudo import (
    P_IS_INSTANCE,
    P_NEW_ARRAY,
    P_NEW_OBJECT,
    P_REF_FUNC,
)
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import TYPE_F32, TYPE_F64, Inst, args_of
from cython.cimports.wasmine.runtime.heap import (
    ARRAY_ELEMENTS,
    ARRAY_LENGTH,
    OBJ_ARRAY,
    OBJ_STRUCT,
    OBJECT_HEADER,
    array_size,
)
from cython.cimports.wasmine.runtime.vm import Instance, Table
from cython.cimports.wasmine.spec.traps import TRAP_OUT_OF_BOUNDS_TABLE_ACCESS
from cython.cimports.wasmine.spec.types import (
    H_ANY,
    H_ARRAY,
    H_EQ,
    H_EXN,
    H_EXTERN,
    H_FUNC,
    H_I31,
    H_STRUCT,
    KIND_FUNC,
    T_ABSTRACT,
    TypeDef,
)

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])
At = cython.typedef(cython.pointer[cython.const[Place]])
Words = cython.typedef(cython.pointer[uint32_t])

MAX_DISP = cython.declare(cython.const[uint64_t], 0x40000000)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_object(s: Lowering, id: uint32_t) -> cython.bint:
    op: uint32_t = s.f.insts[id].op
    if o.OBJECT_LOAD8_S <= op <= o.OBJECT_LOAD128:
        load(s, id, op, False)
    elif o.ELEMENT_LOAD8_S <= op <= o.ELEMENT_LOAD128:
        load(s, id, op - o.ELEMENT_LOAD8_S + o.OBJECT_LOAD8_S, True)
    elif o.OBJECT_STORE8 <= op <= o.OBJECT_STORE128:
        store(s, id, op, 1, False)
    elif o.ELEMENT_STORE8 <= op <= o.ELEMENT_STORE128:
        store(s, id, op - o.ELEMENT_STORE8 + o.OBJECT_STORE8, 2, True)
    elif op == o.ARRAY_LENGTH:
        array_len(s, id)
    elif op == o.REF_IS:
        ref_is(s, id)
    elif op == o.STRUCT_NEW or op == o.STRUCT_NEW_DEFAULT:
        new_struct(s, id, op == o.STRUCT_NEW_DEFAULT)
    elif op == o.ARRAY_NEW_FIXED:
        new_fixed_array(s, id)
    elif op == o.ARRAY_NEW or op == o.ARRAY_NEW_DEFAULT:
        new_array(s, id, op == o.ARRAY_NEW_DEFAULT)
    elif op == o.REF_FUNC:
        ref_func(s, id)
    elif op == o.TABLE_GET:
        table_get(s, id)
    elif op == o.TABLE_SET:
        table_set(s, id)
    elif op == o.TABLE_SIZE:
        table_size(s, id)
    else:
        return False
    return True


# --- fields and elements


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_place(
    s: Lowering, id: uint32_t, width: uint32_t, element: cython.bint, place: cython.pointer[Place]
) -> cython.void:
    """Of the access `id` to an object, or to an element of it whose index is its second operand."""
    index: uint32_t
    place.disp = cython.cast(int32_t, s.f.insts[id].imm)
    place.width = width
    place.index = 0
    place.base = value_of(s, args_of(s.f, s.f.insts + id)[0])
    if element:
        index = args_of(s.f, s.f.insts + id)[1]
        if is_const(s, index) and s.f.insts[index].imm < MAX_DISP >> 4:
            place.disp += cython.cast(int32_t, s.f.insts[index].imm << width)
        else:
            place.index = value_of(s, index)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def load(s: Lowering, id: uint32_t, op: uint32_t, element: cython.bint) -> cython.void:
    place = cython.declare(Place)
    dst: uint32_t = result_of(s, id)
    find_place(s, id, width_of(op), element, cython.address(place))
    load_place(s, access_of(op, s.f.insts[id].type), dst, cython.address(place))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def load_place(s: Lowering, access: uint32_t, dst: uint32_t, place: At) -> cython.void:
    op: uint32_t = s.machine.accesses.load[access]
    target = cython.declare(Target)
    made: Made
    s.machine.find_in_object(s, op, place, cython.address(target))
    made = emit(s, op)
    def_reg(s, made, dst, ROLE_REG)
    add_target(s, made, cython.address(target))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def store(s: Lowering, id: uint32_t, op: uint32_t, k: uint32_t, element: cython.bint) -> cython.void:
    """Stores operand k."""
    place = cython.declare(Place)
    find_place(s, id, width_of(op), element, cython.address(place))
    s.machine.store_place(s, args_of(s.f, s.f.insts + id)[k], cython.address(place))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def array_len(s: Lowering, id: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    emit_load(s, ACCESS_32, dst, value_of(s, s.f.insts[id].args[0]), ARRAY_LENGTH)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def fill_in(s: Lowering, object: uint32_t, disp: int32_t, size: uint32_t, value: uint32_t) -> cython.void:
    """A field or element of a new object; new memory is zero already."""
    place = cython.declare(Place)
    if is_zero(s, value):
        return
    place.base = object
    place.index = 0
    place.width = log2(size)
    place.disp = disp
    s.machine.store_place(s, value, cython.address(place))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def width_of(op: uint32_t) -> uint32_t:
    """log2 of the bytes that an object.load or object.store moves."""
    if op == o.OBJECT_LOAD8_S or op == o.OBJECT_LOAD8_U or op == o.OBJECT_STORE8:
        return 0
    elif op == o.OBJECT_LOAD16_S or op == o.OBJECT_LOAD16_U or op == o.OBJECT_STORE16:
        return 1
    elif op == o.OBJECT_LOAD32 or op == o.OBJECT_STORE32:
        return 2
    elif op == o.OBJECT_LOAD64 or op == o.OBJECT_STORE64:
        return 3
    return 4


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def access_of(op: uint32_t, type: uint32_t) -> uint32_t:
    """ACCESS_* of an object.load of a value of type TYPE_*."""
    if op == o.OBJECT_LOAD8_S:
        return ACCESS_S8_32
    elif op == o.OBJECT_LOAD16_S:
        return ACCESS_S16_32
    return access_of_width(width_of(op), type == TYPE_F32 or type == TYPE_F64)


# --- making objects


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def log2(size: uint32_t) -> uint32_t:
    """Of 1, 2, 4, 8 or 16."""
    n: uint32_t = 0
    while size >> n > 1:
        n += 1
    return n


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def wanted(s: Lowering, id: uint32_t) -> uint32_t:
    """A register for a new object, which is made even when nobody wants it."""
    return s.vregs[id] if s.vregs[id] != 0 else fresh(s, VT_I64)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_object(
    s: Lowering,
    dst: uint32_t,
    type: cython.pointer[TypeDef],
    kind: uint32_t,
    bytes: uint64_t,
    length: uint32_t,
) -> cython.void:
    made: Made = emit(s, P_NEW_OBJECT)
    made.imm = type.id
    made.scale = kind
    made.aux = cython.cast(uint32_t, bytes)
    made.disp = cython.cast(int32_t, length)
    def_reg(s, made, dst, ROLE_REG)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_zero(s: Lowering, value: uint32_t) -> cython.bint:
    return s.f.insts[value].op == o.CONST and s.f.insts[value].imm == 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_struct(s: Lowering, id: uint32_t, default: cython.bint) -> cython.void:
    inst: cython.pointer[Inst] = s.f.insts + id
    type: cython.pointer[TypeDef] = s.code.defs[cython.cast(uint32_t, inst.imm)]
    dst: uint32_t = wanted(s, id)
    value: uint32_t
    i: uint32_t
    new_object(s, dst, type, OBJ_STRUCT, OBJECT_HEADER + cython.cast(uint64_t, type.field_bytes), 0)
    if default:
        return
    for i in range(type.n_fields):
        value = args_of(s.f, s.f.insts + id)[i]
        fill_in(s, dst, OBJECT_HEADER + type.fields[i].offset, type.fields[i].size, value)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_fixed_array(s: Lowering, id: uint32_t) -> cython.void:
    type: cython.pointer[TypeDef] = s.code.defs[cython.cast(uint32_t, s.f.insts[id].imm)]
    length: uint32_t = s.f.insts[id].n_args
    dst: uint32_t = wanted(s, id)
    size: uint32_t = type.fields[0].size
    i: uint32_t
    new_object(s, dst, type, OBJ_ARRAY, array_size(type, length), length)
    for i in range(length):
        fill_in(s, dst, ARRAY_ELEMENTS + i * size, size, args_of(s.f, s.f.insts + id)[i])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_array(s: Lowering, id: uint32_t, default: cython.bint) -> cython.void:
    """An array whose elements are all alike, of any length."""
    type: cython.pointer[TypeDef] = s.code.defs[cython.cast(uint32_t, s.f.insts[id].imm)]
    args: Words = args_of(s.f, s.f.insts + id)
    dst: uint32_t = wanted(s, id)
    length: uint32_t = value_of(s, args[0 if default else 1])
    value: uint32_t = 0
    made: Made
    if not default and not is_zero(s, args[0]):
        value = value_of(s, args[0])
    made = emit(s, P_NEW_ARRAY)
    made.imm = type.id
    made.scale = log2(type.fields[0].size)
    early_reg(s, made, dst, ROLE_REG)
    temp_reg(s, made, fresh(s, VT_I64))
    use_reg(s, made, length, ROLE_REG)
    if value != 0:
        use_reg(s, made, value, ROLE_REG)


# --- references


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def ref_is(s: Lowering, id: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    s.machine.set_condition(s, dst, emit_ref_is(s, id))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_ref_is(s: Lowering, id: uint32_t) -> uint32_t:
    heap: uint32_t = s.f.insts[id].aux
    nullable: cython.bint = s.f.insts[id].imm != 0
    ref: uint32_t = value_of(s, s.f.insts[id].args[0])
    if heap & T_ABSTRACT == 0 or heap == H_STRUCT or heap == H_ARRAY or heap == H_I31 or heap == H_EQ:
        return emit_is_type(s, ref, heap, IS_NULLABLE if nullable else 0)
    if heap == H_ANY or heap == H_FUNC or heap == H_EXTERN or heap == H_EXN:
        return s.machine.compare_ref(s, ref, REF_ANY if nullable else REF_NOT_NULL)
    # A type without values but null.
    return s.machine.compare_ref(s, ref, REF_NULL if nullable else REF_NONE)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def ref_func(s: Lowering, id: uint32_t) -> cython.void:
    made: Made = emit(s, P_REF_FUNC)
    made.aux = s.f.insts[id].aux
    made.imm = s.code.n_imported_funcs
    def_reg(s, made, wanted(s, id), ROLE_REG)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_is_type(s: Lowering, ref: uint32_t, type: uint32_t, known: uint32_t) -> uint32_t:
    made: Made = emit(s, P_IS_INSTANCE)
    made.imm = type
    made.aux = known
    made.scale = 0
    if type & T_ABSTRACT == 0:
        made.disp = s.code.defs[type].depth
        made.scale = s.code.defs[type].final
        if s.code.defs[type].kind == KIND_FUNC:
            made.aux |= IS_POINTER
    temp_reg(s, made, fresh(s, VT_I64))
    use_reg(s, made, ref, ROLE_REG)
    return s.machine.equal


# --- tables


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def table_size(s: Lowering, id: uint32_t) -> cython.void:
    table: cython.pointer[Table] = cython.NULL
    dst: uint32_t = result_of(s, id)
    emit_load(s, ACCESS_64, dst, find_table(s, id), offset(cython.address(table.size)))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_table(s: Lowering, id: uint32_t) -> uint32_t:
    inst: cython.pointer[Instance] = cython.NULL
    list: uint32_t = fresh(s, VT_I64)
    at: uint32_t = fresh(s, VT_I64)
    emit_load_pinned(s, ACCESS_64, list, s.machine.instance, offset(cython.address(inst.tables)))
    emit_load(s, ACCESS_64, at, list, 8 * cython.cast(uint32_t, s.f.insts[id].imm))
    return at


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_element(
    s: Lowering, id: uint32_t, index: uint32_t, trap: uint32_t, place: cython.pointer[Place]
) -> cython.void:
    """The place in the table, once the index has been checked."""
    table: cython.pointer[Table] = cython.NULL
    at: uint32_t = find_table(s, id)
    s.machine.check_index(s, index, at, offset(cython.address(table.size)), trap)
    place.base = fresh(s, VT_I64)
    place.index = index
    place.width = 3
    place.disp = 0
    emit_load(s, ACCESS_64, place.base, at, offset(cython.address(table.elems)))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def table_get(s: Lowering, id: uint32_t) -> cython.void:
    place = cython.declare(Place)
    dst: uint32_t = s.vregs[id]
    find_element(
        s, id, value_of(s, s.f.insts[id].args[0]), TRAP_OUT_OF_BOUNDS_TABLE_ACCESS, cython.address(place)
    )
    if dst != 0:
        load_place(s, ACCESS_64, dst, cython.address(place))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def table_set(s: Lowering, id: uint32_t) -> cython.void:
    place = cython.declare(Place)
    index: uint32_t = value_of(s, s.f.insts[id].args[0])
    find_element(s, id, index, TRAP_OUT_OF_BOUNDS_TABLE_ACCESS, cython.address(place))
    s.machine.store_place(s, s.f.insts[id].args[1], cython.address(place))
