"""Lowering of one instruction: by the generated tables, or by an arm of its own."""

import cython
from cython.cimports.libc.stdint import int32_t, int64_t, uint32_t, uint64_t
from cython.cimports.wasmine.ir import ops as o
from cython.cimports.wasmine.ir import tables as s
from cython.cimports.wasmine.ir.accesses import lower_access, lower_bulk, lower_load_or_store, lower_simd
from cython.cimports.wasmine.ir.builder import (
    IMM,
    IN_CODE,
    IN_HOME,
    INVERSE,
    L_BLOCK,
    L_IF,
    L_LOOP,
    L_TRY,
    L_TRY_TABLE,
    NO_INSTR,
    OP,
    SHAPE,
    SWAPPED,
    Builder,
    Condition,
    Value,
    branch,
    branch_if,
    branch_table,
    emit,
    emit_return,
    emit_words,
    pop,
    pop_slot,
    push,
    push_const,
    push_local,
    read_s64,
    read_u32,
    set_local,
    slot_of,
    take_condition,
)
from cython.cimports.wasmine.ir.calls import lower_call_ref, lower_direct_call, lower_indirect_call
from cython.cimports.wasmine.ir.control import lower_block, lower_br_on_non_null, lower_br_on_null
from cython.cimports.wasmine.ir.objects import lower_object
from cython.cimports.wasmine.ir.reading import read_le, skip_value_type
from cython.cimports.wasmine.ir.tries import lower_rethrow, lower_throw, lower_throw_ref
from cython.cimports.wasmine.spec import opcodes as w
from cython.cimports.wasmine.spec import traps as t
from cython.cimports.wasmine.spec.types import T_V128

Building = cython.typedef(cython.pointer[Builder])


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def fits_immediate(value: cython.pointer[Value]) -> cython.bint:
    """Whether a constant can be the 32-bit immediate of its type's instructions, which extend its sign."""
    if value.where != IN_CODE:
        return False
    return (
        not value.is64
        or cython.cast(uint64_t, cython.cast(int64_t, cython.cast(int32_t, value.bits))) == value.bits
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_binary(b: Building, op: uint32_t) -> cython.void:
    """A binary operation or relation, with a constant operand as an immediate where there is such a form."""
    y: Value = pop(b)
    x: Value = pop(b)
    left: uint32_t
    right: uint32_t
    negated: uint64_t
    if (op == o.I32_SUB or op == o.I64_SUB) and y.where == IN_CODE:
        negated = -y.bits
        y.bits = negated if y.is64 else cython.cast(uint32_t, negated)
        op = o.I32_ADD if op == o.I32_SUB else o.I64_ADD
    if x.where == IN_CODE and y.where != IN_CODE and SWAPPED[op] != 0:
        y, x = x, y
        op = SWAPPED[op]
    if IMM[op] != 0 and fits_immediate(cython.address(y)):
        left = slot_of(b, cython.address(x))
        emit(b, IMM[op], 0, push(b, 0), left, cython.cast(uint32_t, y.bits))
        return
    left = slot_of(b, cython.address(x))
    right = slot_of(b, cython.address(y))
    emit(b, op, 0, push(b, 0), left, right)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_is_zero(b: Building, relation: uint32_t) -> cython.void:
    """eqz and ref.is_null; the negation of an integer comparison that was just made inverts it."""
    top: cython.pointer[Value] = b.values + b.height - 1
    last: int32_t = b.last
    source: uint32_t
    if (
        last != NO_INSTR
        and b.barrier <= cython.cast(uint32_t, last)
        and b.code[last].a == top.home
        and top.where == IN_HOME
        and INVERSE[b.code[last].op] != 0
        and relation == o.I32_EQ_IMM
    ):
        b.code[last].op = INVERSE[b.code[last].op]
        return
    source = pop_slot(b)
    emit(b, relation, 0, push(b, 0), source, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_select(b: Building) -> cython.void:
    """select, with or without a type."""
    condition: uint32_t = pop_slot(b)
    y: Value = pop(b)
    x: Value = pop(b)
    left: uint32_t = slot_of(b, cython.address(x))
    right: uint32_t = slot_of(b, cython.address(y))
    emit(b, o.SELECT128 if x.wide else o.SELECT, 0, push(b, x.wide), left, right)
    emit_words(b, 0, condition, 0, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_global(b: Building, get: cython.bint) -> cython.void:
    """global.get, global.set."""
    index: uint32_t = read_u32(b)
    wide: uint32_t = b.desc.globals[index].type == T_V128
    if get:
        emit(b, o.GLOBAL_GET128 if wide else o.GLOBAL_GET, 0, push(b, wide), 0, index)
    else:
        emit(b, o.GLOBAL_SET128 if wide else o.GLOBAL_SET, 0, pop_slot(b), 0, index)
        b.last = NO_INSTR


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_special(b: Building, id: uint32_t) -> cython.void:
    """The instructions that no table describes."""
    x: uint32_t
    y: uint32_t
    condition: Condition
    if id == w.NOP:
        pass
    elif id == w.LOCAL_GET:
        push_local(b, read_u32(b))
    elif id == w.LOCAL_SET:
        set_local(b, read_u32(b), False)
    elif id == w.LOCAL_TEE:
        set_local(b, read_u32(b), True)
    elif id == w.I32_CONST:
        push_const(b, cython.cast(uint32_t, read_s64(b)), 0)
    elif id == w.I64_CONST:
        push_const(b, cython.cast(uint64_t, read_s64(b)), 1)
    elif id == w.F32_CONST:
        push_const(b, read_le(b, 4), 1)
    elif id == w.F64_CONST:
        push_const(b, read_le(b, 8), 1)
    elif id == w.REF_NULL:
        read_s64(b)
        push_const(b, 0, 1)
    elif id == w.BLOCK:
        lower_block(b, L_BLOCK)
    elif id == w.LOOP:
        lower_block(b, L_LOOP)
    elif id == w.IF_:
        lower_block(b, L_IF)
    elif id == w.TRY_TABLE:
        lower_block(b, L_TRY_TABLE)
    elif id == w.TRY:
        lower_block(b, L_TRY)
    elif id == w.THROW:
        lower_throw(b)
    elif id == w.THROW_REF:
        lower_throw_ref(b)
    elif id == w.RETHROW:
        lower_rethrow(b)
    elif id == w.BR:
        branch(b, read_u32(b))
    elif id == w.BR_IF:
        x = read_u32(b)
        condition = take_condition(b)
        branch_if(b, cython.address(condition), x)
    elif id == w.BR_TABLE:
        x = pop_slot(b)
        branch_table(b, x, read_u32(b))
    elif id == w.RETURN:
        emit_return(b)
        b.reachable = 0
    elif id == w.UNREACHABLE:
        emit(b, o.UNREACHABLE, 0, 0, 0, 0)
        b.last = NO_INSTR
        b.reachable = 0
    elif id == w.CALL or id == w.RETURN_CALL:
        lower_direct_call(b, id == w.RETURN_CALL)
    elif id == w.CALL_INDIRECT or id == w.RETURN_CALL_INDIRECT:
        lower_indirect_call(b, id == w.RETURN_CALL_INDIRECT)
    elif id == w.CALL_REF or id == w.RETURN_CALL_REF:
        lower_call_ref(b, id == w.RETURN_CALL_REF)
    elif id == w.DROP:
        pop(b)
    elif id == w.SELECT:
        lower_select(b)
    elif id == w.SELECT_T:
        read_u32(b)
        skip_value_type(b)
        lower_select(b)
    elif id == w.GLOBAL_GET or id == w.GLOBAL_SET:
        lower_global(b, id == w.GLOBAL_GET)
    elif id == w.I32_EQZ:
        lower_is_zero(b, o.I32_EQ_IMM)
    elif id == w.I64_EQZ or id == w.REF_IS_NULL:
        lower_is_zero(b, o.I64_EQ_IMM)
    elif id == w.REF_EQ:
        lower_binary(b, o.I64_EQ)
    elif id == w.REF_FUNC:
        x = read_u32(b)
        emit(b, o.REF_FUNC, 0, push(b, 0), 0, x)
    elif id == w.REF_AS_NON_NULL:
        x = pop_slot(b)
        emit(b, o.REF_AS_NON_NULL, 0, push(b, 0), x, 0)
    elif id == w.BR_ON_NULL:
        lower_br_on_null(b)
    elif id == w.BR_ON_NON_NULL:
        lower_br_on_non_null(b)
    elif id == w.MEMORY_SIZE:
        x = read_u32(b)
        emit(b, o.MEMORY_SIZE, 0, push(b, 0), 0, x)
    elif id == w.MEMORY_GROW:
        lower_bulk(b, id, 1, 1, read_u32(b), 0)
    elif id == w.MEMORY_FILL:
        lower_bulk(b, id, 3, 0, read_u32(b), 0)
    elif id == w.MEMORY_COPY or id == w.TABLE_COPY or id == w.MEMORY_INIT or id == w.TABLE_INIT:
        x = read_u32(b)
        y = read_u32(b)
        lower_bulk(b, id, 3, 0, x, y)
    elif id == w.DATA_DROP or id == w.ELEM_DROP:
        lower_bulk(b, id, 0, 0, read_u32(b), 0)
    elif id == w.TABLE_GET:
        lower_bulk(b, id, 1, 1, read_u32(b), 0)
    elif id == w.TABLE_SET:
        lower_bulk(b, id, 2, 0, read_u32(b), 0)
    elif id == w.TABLE_SIZE:
        lower_bulk(b, id, 0, 1, read_u32(b), 0)
    elif id == w.TABLE_GROW:
        lower_bulk(b, id, 2, 1, read_u32(b), 0)
    elif id == w.TABLE_FILL:
        lower_bulk(b, id, 3, 0, read_u32(b), 0)
    elif id == w.I64_ADD128 or id == w.I64_SUB128:
        lower_bulk(b, id, 4, 2, 0, 0)
    elif id == w.I64_MUL_WIDE_S or id == w.I64_MUL_WIDE_U:
        lower_bulk(b, id, 2, 2, 0, 0)
    elif not lower_object(b, id):
        b.failed = t.TRAP_NOT_IMPLEMENTED


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_one(b: Building, id: uint32_t) -> cython.void:
    """One reachable instruction, its immediates not read yet."""
    shape: uint32_t = SHAPE[id]
    x: uint32_t
    if shape == s.LOWER_BINARY or shape == s.LOWER_COMPARE:
        lower_binary(b, OP[id])
    elif shape == s.LOWER_UNARY:
        x = pop_slot(b)
        emit(b, OP[id], 0, push(b, 0), x, 0)
    elif shape == s.LOWER_LOAD or shape == s.LOWER_STORE:
        lower_load_or_store(b, id)
    elif shape == s.LOWER_NOTHING:
        # What was an i32 constant may now be an i64: all of its bits count, and the upper half is zero.
        b.values[b.height - 1].is64 = 1
    elif shape == s.LOWER_SIMD:
        lower_simd(b, id)
    elif shape == s.LOWER_MEMOP:
        lower_access(b, id, o.MEMOP)
    elif shape == s.LOWER_ATOMIC:
        if id == w.ATOMIC_FENCE:
            b.at += 1
            emit(b, o.ATOMIC, id, 0, 0, 0)
            emit_words(b, 0, 0, 0, 0)
        else:
            b.bounded = 0
            lower_access(b, id, o.ATOMIC)
    else:
        lower_special(b, id)
