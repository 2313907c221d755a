"""Instruction selection for GC objects, references and tables.

SSA has made sure that references are not null and indices in bounds where that matters. The collector scans
conservatively (runtime/collect.py), so references live in registers and slots like integers. But what is
kept must be the start of an object: no address inside of one outlives the instruction that it is for.
"""

import cython
from cython.cimports.libc.stdint import int32_t, uint32_t, uint64_t
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    def_reg,
    early_reg,
    emit,
    emit_load,
    emit_load_pinned,
    emit_move,
    fresh,
    imm_of,
    is_const,
    is_imm32,
    mod_reg,
    result_of,
    temp_reg,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import (
    ROLE_BASE,
    ROLE_INDEX,
    ROLE_REG,
    ROLE_RM,
    VT_I64,
    MachInst,
)
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import TYPE_F32, TYPE_F64, Inst, args_of
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.convention import INSTANCE
from cython.cimports.wasmine.jit.x64.lower import CC_AE, CC_E, CC_NE
from cython.cimports.wasmine.jit.x64.objects import IS_NULLABLE, IS_POINTER
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
        emit_load(s, x.X_MOV64, result_of(s, id), find_table(s, id), table_field_size())
    else:
        return False
    return True


# --- fields and elements


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
def load_op(op: uint32_t, type: uint32_t) -> uint32_t:
    if op == o.OBJECT_LOAD8_S:
        return x.X_MOVSX832
    elif op == o.OBJECT_LOAD8_U:
        return x.X_MOVZX8
    elif op == o.OBJECT_LOAD16_S:
        return x.X_MOVSX1632
    elif op == o.OBJECT_LOAD16_U:
        return x.X_MOVZX16
    elif op == o.OBJECT_LOAD32:
        return x.X_MOVSS if type == TYPE_F32 else x.X_MOV32
    elif op == o.OBJECT_LOAD64:
        return x.X_MOVSD if type == TYPE_F64 else x.X_MOV64
    return x.X_MOVUPS


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def store_op(width: uint32_t, type: uint32_t) -> uint32_t:
    """The store of 2^width bytes of a value."""
    if width == 0:
        return x.X_STORE8
    elif width == 1:
        return x.X_STORE16
    elif width == 2:
        return x.X_STORESS if type == TYPE_F32 else x.X_STORE32
    elif width == 3:
        return x.X_STORESD if type == TYPE_F64 else x.X_STORE64
    return x.X_STOREUPS


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_index(s: Lowering, id: uint32_t, width: uint32_t, disp: cython.pointer[int32_t]) -> uint32_t:
    """The register of an element's index, or 0 where `disp` holds it; for 16 bytes it is scaled already."""
    index: uint32_t = args_of(s.f, s.f.insts + id)[1]
    scaled: uint32_t
    made: Made
    if is_const(s, index) and s.f.insts[index].imm < MAX_DISP >> 4:
        disp[0] += cython.cast(int32_t, s.f.insts[index].imm << width)
        return 0
    index = value_of(s, index)
    if width < 4:
        return index
    scaled = fresh(s, VT_I64)
    emit_move(s, scaled, index)
    made = emit(s, x.X_SHL64_IMM)
    made.imm = 4
    mod_reg(s, made, scaled, ROLE_RM)
    return scaled


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_place(
    s: Lowering, made: Made, object: uint32_t, index: uint32_t, width: uint32_t, disp: int32_t
) -> cython.void:
    made.disp = disp
    use_reg(s, made, object, ROLE_BASE)
    if index != 0:
        made.scale = width & 3
        use_reg(s, made, index, ROLE_INDEX)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def load(s: Lowering, id: uint32_t, op: uint32_t, element: cython.bint) -> cython.void:
    inst: cython.pointer[Inst] = s.f.insts + id
    disp: int32_t = cython.cast(int32_t, inst.imm)
    width: uint32_t = width_of(op)
    machine: uint32_t = load_op(op, inst.type)
    dst: uint32_t = result_of(s, id)
    object: uint32_t = value_of(s, args_of(s.f, inst)[0])
    index: uint32_t = find_index(s, id, width, cython.address(disp)) if element else 0
    made: Made = emit(s, machine)
    def_reg(s, made, dst, ROLE_REG)
    add_place(s, made, object, index, width, disp)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def store(s: Lowering, id: uint32_t, op: uint32_t, k: uint32_t, element: cython.bint) -> cython.void:
    """Stores operand k."""
    inst: cython.pointer[Inst] = s.f.insts + id
    disp: int32_t = cython.cast(int32_t, inst.imm)
    value: uint32_t = args_of(s.f, inst)[k]
    width: uint32_t = width_of(op)
    object: uint32_t = value_of(s, args_of(s.f, inst)[0])
    index: uint32_t = find_index(s, id, width, cython.address(disp)) if element else 0
    put(s, object, index, disp, width, value)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def put(
    s: Lowering, object: uint32_t, index: uint32_t, disp: int32_t, width: uint32_t, value: uint32_t
) -> cython.void:
    """Stores 2^width bytes of a value; constants where an immediate will do."""
    type: uint32_t = s.f.insts[value].type
    imm_op: uint32_t = 0
    made: Made
    if is_imm32(s, value) and type != TYPE_F64:
        if width == 3:
            imm_op = x.X_MOV64_IMM
        elif width == 2:
            imm_op = x.X_MOV32_IMM
        elif width == 0:
            imm_op = x.X_STORE8_IMM
    if imm_op != 0:
        made = emit(s, imm_op)
        made.imm = imm_of(s, value)
    else:
        value = value_of(s, value)
        made = emit(s, store_op(width, type))
        use_reg(s, made, value, ROLE_REG)
    add_place(s, made, object, index, width, disp)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def array_len(s: Lowering, id: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    emit_load(s, x.X_MOV32, dst, value_of(s, s.f.insts[id].args[0]), ARRAY_LENGTH)


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
    made: Made = emit(s, x.P_NEW_OBJECT)
    made.imm = type.id
    made.scale = kind
    made.aux = cython.cast(uint32_t, bytes)
    made.disp = cython.cast(int32_t, length)
    def_reg(s, made, dst, ROLE_REG)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_zero(s: Lowering, value: uint32_t) -> cython.bint:
    """New memory is zero already."""
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
        if not is_zero(s, value):
            put(s, dst, 0, OBJECT_HEADER + type.fields[i].offset, log2(type.fields[i].size), value)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_fixed_array(s: Lowering, id: uint32_t) -> cython.void:
    type: cython.pointer[TypeDef] = s.code.defs[cython.cast(uint32_t, s.f.insts[id].imm)]
    length: uint32_t = s.f.insts[id].n_args
    dst: uint32_t = wanted(s, id)
    size: uint32_t = type.fields[0].size
    value: uint32_t
    i: uint32_t
    new_object(s, dst, type, OBJ_ARRAY, array_size(type, length), length)
    for i in range(length):
        value = args_of(s.f, s.f.insts + id)[i]
        if not is_zero(s, value):
            put(s, dst, 0, ARRAY_ELEMENTS + i * size, log2(size), value)


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
    made = emit(s, x.P_NEW_ARRAY)
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
def ref_func(s: Lowering, id: uint32_t) -> cython.void:
    made: Made = emit(s, x.P_REF_FUNC)
    made.aux = s.f.insts[id].aux
    made.imm = s.code.n_imported_funcs
    def_reg(s, made, wanted(s, id), ROLE_REG)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def ref_is(s: Lowering, id: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    cc: uint32_t = emit_ref_is(s, id)
    made: Made = emit(s, x.P_SET)
    made.cond = cc
    def_reg(s, made, dst, ROLE_REG)


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
        if nullable:
            compare(s, x.X_CMP64, ref)
            return CC_E
        compare(s, x.X_TEST64, ref)
        return CC_NE
    # A type without values but null.
    if nullable:
        compare(s, x.X_TEST64, ref)
        return CC_E
    compare(s, x.X_CMP64, ref)
    return CC_NE


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compare(s: Lowering, op: uint32_t, ref: uint32_t) -> cython.void:
    """With itself."""
    made: Made = emit(s, op)
    use_reg(s, made, ref, ROLE_REG)
    use_reg(s, made, ref, ROLE_RM)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_is_type(s: Lowering, ref: uint32_t, type: uint32_t, known: uint32_t) -> uint32_t:
    made: Made = emit(s, x.P_IS_INSTANCE)
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
    return CC_E


# --- tables


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def table_field_size() -> int32_t:
    table: cython.pointer[Table] = cython.NULL
    return offset(cython.address(table.size))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_table(s: Lowering, id: uint32_t) -> uint32_t:
    inst: cython.pointer[Instance] = cython.NULL
    list: uint32_t = fresh(s, VT_I64)
    at: uint32_t = fresh(s, VT_I64)
    emit_load_pinned(s, x.X_MOV64, list, INSTANCE, offset(cython.address(inst.tables)))
    emit_load(s, x.X_MOV64, at, list, 8 * cython.cast(uint32_t, s.f.insts[id].imm))
    return at


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_elements(s: Lowering, id: uint32_t, index: uint32_t) -> uint32_t:
    """The address of element 0 of the table, once the index has been checked."""
    table: cython.pointer[Table] = cython.NULL
    at: uint32_t = find_table(s, id)
    elems: uint32_t = fresh(s, VT_I64)
    made: Made = emit(s, x.X_CMP64)
    made.disp = table_field_size()
    use_reg(s, made, index, ROLE_REG)
    use_reg(s, made, at, ROLE_BASE)
    made = emit(s, x.P_TRAP_IF)
    made.cond = CC_AE
    made.imm = TRAP_OUT_OF_BOUNDS_TABLE_ACCESS
    emit_load(s, x.X_MOV64, elems, at, offset(cython.address(table.elems)))
    return elems


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def table_get(s: Lowering, id: uint32_t) -> cython.void:
    dst: uint32_t = s.vregs[id]
    index: uint32_t = value_of(s, s.f.insts[id].args[0])
    elems: uint32_t = find_elements(s, id, index)
    made: Made
    if dst != 0:
        made = emit(s, x.X_MOV64)
        made.scale = 3
        def_reg(s, made, dst, ROLE_REG)
        use_reg(s, made, elems, ROLE_BASE)
        use_reg(s, made, index, ROLE_INDEX)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def table_set(s: Lowering, id: uint32_t) -> cython.void:
    index: uint32_t = value_of(s, s.f.insts[id].args[0])
    value: uint32_t = value_of(s, s.f.insts[id].args[1])
    elems: uint32_t = find_elements(s, id, index)
    made: Made = emit(s, x.X_STORE64)
    made.scale = 3
    use_reg(s, made, value, ROLE_REG)
    use_reg(s, made, elems, ROLE_BASE)
    use_reg(s, made, index, ROLE_INDEX)
