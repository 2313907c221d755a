"""Lowering of blocks and of branches on references."""

import cython
from cython.cimports.libc.stdint import int32_t, uint8_t, uint32_t
from cython.cimports.wasmine.ir import ops as o
from cython.cimports.wasmine.ir.builder import (
    L_IF,
    L_LOOP,
    L_TRY,
    L_TRY_TABLE,
    NO_INSTR,
    Builder,
    Condition,
    bind,
    branch_if,
    emit,
    emit_branch_on,
    flush,
    open_label,
    pop,
    push,
    read_s64,
    read_u32,
    settle,
    start_block,
    take_condition,
)
from cython.cimports.wasmine.ir.reading import skip_value_type
from cython.cimports.wasmine.ir.tries import lower_try, lower_try_table
from cython.cimports.wasmine.spec.types import T_I64, T_V128, TypeDef

Building = cython.typedef(cython.pointer[Builder])

# The result of a block type that names a value type: only its width matters here.
NARROW = cython.declare(uint32_t, T_I64)
WIDE = cython.declare(uint32_t, T_V128)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_block(b: Building, kind: uint32_t) -> cython.void:
    """block, loop, if, try_table, and the legacy try."""
    byte: uint8_t = b.at[0]
    type: cython.pointer[TypeDef] = cython.NULL
    condition: Condition
    wide: uint32_t = 0
    if byte == 0x40:
        b.at += 1
    elif (byte & 0xC0) == 0x40:
        # A value type is a negative s33 of one byte, or begins with one.
        wide = skip_value_type(b)
    else:
        type = b.desc.defs[b.desc.types[read_s64(b)]]
    n_params: uint32_t = 0
    n_results: uint32_t = 0
    params: cython.pointer[cython.const[uint32_t]] = cython.NULL
    results: cython.pointer[cython.const[uint32_t]] = cython.NULL
    if type != cython.NULL:
        n_params = type.n_params
        params = type.params
        n_results = type.n_results
        results = type.results
    elif byte != 0x40:
        n_results = 1
        results = cython.address(WIDE) if wide else cython.address(NARROW)
    if kind == L_IF:
        condition = take_condition(b)
    flush(b)
    settle(b, n_params)
    if kind == L_TRY_TABLE:
        lower_try_table(b, n_params, params, n_results, results)
        return
    if kind == L_TRY:
        lower_try(b, n_params, params, n_results, results)
        return
    if kind == L_LOOP:
        bind(b)
        b.bounded = 0
    open_label(b, kind, n_params, params, n_results, results)
    if b.failed:
        return
    if kind == L_IF:
        b.labels[b.n_labels - 1].else_fixup = cython.cast(
            int32_t, emit_branch_on(b, cython.address(condition), False)
        )
        start_block(b)
    elif kind == L_LOOP:
        if b.counted:
            emit(b, o.LOOP_COUNT, 0, b.counted - 1, 0, 0)
        else:
            emit(b, o.LOOP, 0, 0, 0, 0)
        b.last = NO_INSTR
        start_block(b)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_br_on_null(b: Building) -> cython.void:
    """br_on_null: branches without the reference, or goes on with it."""
    depth: uint32_t = read_u32(b)
    condition: Condition
    settle(b, 1)
    condition.op = o.I64_EQ_IMM
    condition.a = pop(b).home
    condition.b = 0
    branch_if(b, cython.address(condition), depth)
    push(b, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_br_on_non_null(b: Building) -> cython.void:
    """br_on_non_null: branches with the reference, or goes on without it."""
    depth: uint32_t = read_u32(b)
    condition: Condition
    settle(b, 1)
    condition.op = o.I64_NE_IMM
    condition.a = b.values[b.height - 1].home
    condition.b = 0
    branch_if(b, cython.address(condition), depth)
    pop(b)
