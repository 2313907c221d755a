"""Register IR becomes SSA: structures, arrays, casts (ir/objects.py)."""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.ir import ops as ir
from cython.cimports.wasmine.ir.func import Instr
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.build import (
    BUILD_UNSUPPORTED,
    Build,
    made,
    of_one,
    placed,
    set_arg,
    type_of,
)
from cython.cimports.wasmine.jit.ssa.function import (
    TYPE_F32,
    TYPE_F64,
    TYPE_I32,
    TYPE_I64,
    TYPE_REF,
    TYPE_V128,
    TYPE_VOID,
    const_of,
)
from cython.cimports.wasmine.jit.ssa.info import OF_WASM, OPERANDS, RESULT
from cython.cimports.wasmine.jit.ssa.simplify import Cursor, emit1, emit2, emit_trap_if
from cython.cimports.wasmine.jit.ssa.slots import read_as, read_slot, write_slot
from cython.cimports.wasmine.runtime.heap import ARRAY_ELEMENTS, ARRAY_LENGTH
from cython.cimports.wasmine.spec import opcodes as w
from cython.cimports.wasmine.spec import traps as t
from cython.cimports.wasmine.spec.types import T_I8, T_I16, TypeDef

Building = cython.typedef(cython.pointer[Build])
Code = cython.typedef(cython.pointer[cython.const[Instr]])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def not_null(b: Building, reference: uint32_t, trap: uint32_t) -> cython.void:
    """Traps on null."""
    at: cython.pointer[Cursor] = cython.address(b.at)
    emit_trap_if(at, emit2(at, o.I64_EQ, TYPE_I32, reference, const_of(b.f, TYPE_I64, 0)), trap)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def value_type(b: Building, narrow: cython.bint, slot: uint32_t) -> uint32_t:
    """The type of what a store of 32 or 64 bits takes from a slot: what is there, else an integer of the
    right size.
    """
    # Reading may make an instruction, and so move them all.
    value: uint32_t = read_slot(b, slot)
    actual: uint32_t = b.f.insts[value].type
    if narrow:
        return actual if actual == TYPE_F32 else TYPE_I32
    return actual if actual == TYPE_F64 or actual == TYPE_REF else TYPE_I64


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def result_type(op: uint32_t) -> uint32_t:
    """The type that a load has until somebody needs a float."""
    if RESULT[op] != o.SIG_ANY:
        return RESULT[op]
    return TYPE_I32 if op == o.OBJECT_LOAD32 or op == o.ELEMENT_LOAD32 else TYPE_I64


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def stored(b: Building, op: uint32_t, k: uint32_t, slot: uint32_t) -> uint32_t:
    """The value that a store takes from a slot, as its operand k."""
    narrow: cython.bint = op == o.OBJECT_STORE32 or op == o.ELEMENT_STORE32
    if OPERANDS[op][k] != o.SIG_ANY:
        return read_as(b, slot, OPERANDS[op][k])
    return read_as(b, slot, value_type(b, narrow, slot))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def field(b: Building, instr: Code, op: uint32_t) -> cython.void:
    """See objects.pxd."""
    object: uint32_t = read_as(b, instr.b, TYPE_REF)
    type: uint32_t = result_type(op)
    value: uint32_t = stored(b, op, 1, instr.a) if type == TYPE_VOID else 0
    id: uint32_t
    not_null(b, object, t.TRAP_NULL_STRUCTURE_REFERENCE)
    id = made(b, op, type, 1 if value == 0 else 2, instr.c, 0)
    set_arg(b, id, 0, object)
    set_arg(b, id, 1, value)
    placed(b, id)
    if type != TYPE_VOID:
        write_slot(b, instr.a, id)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def length_of(b: Building, array: uint32_t) -> uint32_t:
    """See objects.pxd."""
    not_null(b, array, t.TRAP_NULL_ARRAY_REFERENCE)
    return of_one(b, o.ARRAY_LENGTH, TYPE_I32, array, ARRAY_LENGTH, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def element(b: Building, instr: Code, op: uint32_t) -> cython.void:
    """See objects.pxd."""
    array: uint32_t = read_as(b, instr.b, TYPE_REF)
    index: uint32_t = read_as(b, instr.c, TYPE_I32)
    type: uint32_t = result_type(op)
    value: uint32_t = stored(b, op, 2, instr.a) if type == TYPE_VOID else 0
    outside: uint32_t = emit2(cython.address(b.at), o.I32_GE_U, TYPE_I32, index, length_of(b, array))
    id: uint32_t
    emit_trap_if(cython.address(b.at), outside, t.TRAP_OUT_OF_BOUNDS_ARRAY_ACCESS)
    id = made(b, op, type, 2 if value == 0 else 3, ARRAY_ELEMENTS, 0)
    set_arg(b, id, 0, array)
    set_arg(b, id, 1, index)
    set_arg(b, id, 2, value)
    placed(b, id)
    if type != TYPE_VOID:
        write_slot(b, instr.a, id)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def cast_test(b: Building, instr: Code, traps: cython.bint) -> cython.void:
    """See objects.pxd."""
    at: cython.pointer[Cursor] = cython.address(b.at)
    id: uint32_t = of_one(b, o.REF_IS, TYPE_I32, read_as(b, instr.b, TYPE_REF), instr.x, instr.c)
    if traps:
        emit_trap_if(at, emit2(at, o.I32_EQ, TYPE_I32, id, const_of(b.f, TYPE_I32, 0)), t.TRAP_CAST_FAILURE)
    else:
        write_slot(b, instr.a, id)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def i31(b: Building, instr: Code) -> cython.void:
    """See objects.pxd. The value is in bits 1 to 31 (runtime/vm.pxd)."""
    at: cython.pointer[Cursor] = cython.address(b.at)
    one: uint32_t = const_of(b.f, TYPE_I32, 1)
    value: uint32_t
    if instr.op == ir.REF_I31:
        value = emit2(at, o.I32_SHL, TYPE_I32, read_as(b, instr.b, TYPE_I32), one)
        value = emit2(at, o.I32_OR, TYPE_I32, value, one)
        write_slot(b, instr.a, emit1(at, o.I64_EXTEND_I32_U, TYPE_I64, value))
        return
    value = read_as(b, instr.b, TYPE_REF)
    not_null(b, value, t.TRAP_NULL_I31_REFERENCE)
    value = emit1(at, o.I32_WRAP_I64, TYPE_I32, value)
    write_slot(
        b, instr.a, emit2(at, o.I32_SHR_S if instr.op == ir.I31_GET_S else o.I32_SHR_U, TYPE_I32, value, one)
    )


# --- what allocates, or works on many elements


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def unpacked(type: uint32_t) -> uint32_t:
    """TYPE_* of the value of a field."""
    return TYPE_I32 if type == T_I8 or type == T_I16 else type_of(type)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def operand_count(op: uint32_t, type: cython.pointer[TypeDef], instr: Code) -> uint32_t:
    """Operands of an instruction of the group."""
    n: uint32_t = 0
    if op == o.STRUCT_NEW:
        return type.n_fields
    elif op == o.ARRAY_NEW_FIXED:
        return instr.c
    while OPERANDS[op][n] != 0:
        n += 1
    return n


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def operand_type(op: uint32_t, type: cython.pointer[TypeDef], k: uint32_t) -> uint32_t:
    """The type of operand k."""
    if op == o.STRUCT_NEW:
        return unpacked(type.fields[k].type)
    if op == o.ARRAY_NEW_FIXED or OPERANDS[op][k] == o.SIG_ANY:
        return unpacked(type.fields[0].type)
    return OPERANDS[op][k]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def gc(b: Building, instr: Code) -> cython.void:
    """See objects.pxd."""
    op: uint32_t = OF_WASM[instr.x]
    type: cython.pointer[TypeDef] = b.code.defs[instr.b]
    slot: uint32_t = instr.a
    n: uint32_t = operand_count(op, type, instr)
    id: uint32_t
    k: uint32_t
    wanted: uint32_t
    if instr.x < w.STRUCT_NEW or instr.x > w.ARRAY_INIT_ELEM:
        b.status = BUILD_UNSUPPORTED
        return
    id = made(b, op, RESULT[op], n, instr.b | cython.cast(uint64_t, instr.c) << 32, 0)
    for k in range(n):
        wanted = operand_type(op, type, k)
        set_arg(b, id, k, read_as(b, slot, wanted))
        slot += 2 if wanted == TYPE_V128 else 1
    placed(b, id)
    if RESULT[op] != TYPE_VOID:
        write_slot(b, instr.a, id)
