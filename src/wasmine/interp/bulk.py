"""The group of instructions on whole memories, tables and segments, and wide arithmetic.

An instruction of the group names its WebAssembly opcode in x. Its operands are in adjacent slots from a on,
its results take their place; b and c are its index immediates.
"""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.interp.bulk import add128, mul_wide_s, mul_wide_u, sub128
from cython.cimports.wasmine.ir.func import Instr
from cython.cimports.wasmine.runtime.memory import (
    copy_at_once,
    fill_at_once,
    memory_copy,
    memory_fill,
    memory_grow,
    memory_init,
)
from cython.cimports.wasmine.runtime.table import (
    table_copy,
    table_fill,
    table_get,
    table_grow,
    table_init,
    table_set,
)
from cython.cimports.wasmine.runtime.vm import Instance, Memory, Table, VMContext
from cython.cimports.wasmine.spec import opcodes as w
from cython.cimports.wasmine.spec import traps as t


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def pages_or_minus_one(mem: cython.pointer[Memory], pages: uint64_t) -> uint64_t:
    """The result of memory.grow as the address type of the memory holds it."""
    return pages if mem.is64 else cython.cast(uint32_t, pages)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def size_or_minus_one(table: cython.pointer[Table], size: uint64_t) -> uint64_t:
    """The result of table.grow as the address type of the table holds it."""
    return size if table.is64 else cython.cast(uint32_t, size)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def bulk(
    ctx: cython.pointer[VMContext],
    inst: cython.pointer[Instance],
    pc: cython.pointer[cython.const[Instr]],
    fp: cython.pointer[uint64_t],
) -> uint32_t:
    """See bulk.pxd."""
    s: cython.pointer[uint64_t] = fp + pc.a
    op: uint32_t = pc.x
    mem: cython.pointer[Memory]
    table: cython.pointer[Table]
    if op == w.MEMORY_GROW:
        mem = inst.memories[pc.b]
        s[0] = pages_or_minus_one(mem, cython.cast(uint64_t, memory_grow(ctx, mem, s[0])))
    elif op == w.MEMORY_FILL:
        return bulk_fill(ctx, inst, pc, fp)
    elif op == w.MEMORY_COPY:
        return bulk_copy(ctx, inst, pc, fp)
    elif op == w.MEMORY_INIT:
        return memory_init(ctx, inst.memories[pc.c], inst.datas + pc.b, s[0], s[1], s[2])
    elif op == w.DATA_DROP:
        inst.datas[pc.b].size = 0
    elif op == w.TABLE_GET:
        return table_get(inst.tables[pc.b], s[0], s)
    elif op == w.TABLE_SET:
        return table_set(inst.tables[pc.b], s[0], s[1])
    elif op == w.TABLE_SIZE:
        s[0] = inst.tables[pc.b].size
    elif op == w.TABLE_GROW:
        table = inst.tables[pc.b]
        s[0] = size_or_minus_one(table, cython.cast(uint64_t, table_grow(ctx, table, s[1], s[0])))
    elif op == w.TABLE_FILL:
        return table_fill(ctx, inst.tables[pc.b], s[0], s[1], s[2])
    elif op == w.TABLE_COPY:
        return table_copy(ctx, inst.tables[pc.b], inst.tables[pc.c], s[0], s[1], s[2])
    elif op == w.TABLE_INIT:
        return table_init(ctx, inst.tables[pc.c], inst.elems + pc.b, s[0], s[1], s[2])
    elif op == w.ELEM_DROP:
        inst.elems[pc.b].count = 0
    elif op == w.I64_ADD128:
        add128(s)
    elif op == w.I64_SUB128:
        sub128(s)
    elif op == w.I64_MUL_WIDE_S:
        mul_wide_s(s)
    elif op == w.I64_MUL_WIDE_U:
        mul_wide_u(s)
    else:
        return t.TRAP_NOT_IMPLEMENTED
    return t.TRAP_NONE


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def bulk_fill(
    ctx: cython.pointer[VMContext],
    inst: cython.pointer[Instance],
    pc: cython.pointer[cython.const[Instr]],
    fp: cython.pointer[uint64_t],
) -> uint32_t:
    """See bulk.pxd."""
    s: cython.pointer[uint64_t] = fp + pc.a
    mem: cython.pointer[Memory] = inst.memories[pc.b]
    if fill_at_once(mem, s[0], cython.cast(uint32_t, s[1]), s[2]):
        return t.TRAP_NONE
    return memory_fill(ctx, mem, s[0], cython.cast(uint32_t, s[1]), s[2])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def bulk_copy(
    ctx: cython.pointer[VMContext],
    inst: cython.pointer[Instance],
    pc: cython.pointer[cython.const[Instr]],
    fp: cython.pointer[uint64_t],
) -> uint32_t:
    """See bulk.pxd."""
    s: cython.pointer[uint64_t] = fp + pc.a
    to: cython.pointer[Memory] = inst.memories[pc.b]
    source: cython.pointer[Memory] = inst.memories[pc.c]
    if copy_at_once(to, source, s[0], s[1], s[2]):
        return t.TRAP_NONE
    return memory_copy(ctx, to, source, s[0], s[1], s[2])
