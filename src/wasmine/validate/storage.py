"""Checks instructions on whole memories, tables and segments (core specification, section 3.4).

An address, a size or a count has the address type of its memory or table; what copies between two uses the
smaller address type for the count.
"""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.binary.module import TableDesc
from cython.cimports.wasmine.spec import opcodes as ops
from cython.cimports.wasmine.spec.types import T_I32, T_I64, is_subtype
from cython.cimports.wasmine.validate import faults
from cython.cimports.wasmine.validate.checker import (
    CheckerRef,
    check_index,
    fail_index,
    fail_type,
    pop,
    push,
    read_data_index,
    read_index,
    read_u32,
)


def check_storage(c: CheckerRef, op: uint32_t) -> cython.bint:
    """Check one instruction on a memory, a table or a segment."""
    if op == ops.MEMORY_SIZE or op == ops.MEMORY_GROW:
        return check_memory_size(c, op)
    elif op == ops.MEMORY_FILL:
        return check_memory_fill(c)
    elif op == ops.MEMORY_COPY:
        return check_memory_copy(c)
    elif op == ops.MEMORY_INIT:
        return check_memory_init(c)
    elif op == ops.TABLE_GET or op == ops.TABLE_SET:
        return check_table_access(c, op)
    elif op == ops.TABLE_SIZE or op == ops.TABLE_GROW:
        return check_table_size(c, op)
    elif op == ops.TABLE_FILL:
        c.module.tables_written = 1
        return check_table_fill(c)
    elif op == ops.TABLE_COPY:
        c.module.tables_written = 1
        return check_table_copy(c)
    elif op == ops.TABLE_INIT:
        c.module.tables_written = 1
        return check_table_init(c)
    else:
        return fail_index(c, faults.FAULT_ILLEGAL_OPCODE, op, 0)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def read_memory(c: CheckerRef, address: cython.pointer[uint32_t]) -> cython.bint:
    """Read a memory index; the address type of the memory."""
    index: uint32_t = 0
    if not read_index(c, cython.address(index), c.module.n_memories, faults.FAULT_UNKNOWN_MEMORY):
        return False
    address[0] = T_I64 if c.module.memories[index].is64 else T_I32
    return True


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def read_table(
    c: CheckerRef, address: cython.pointer[uint32_t], type: cython.pointer[uint32_t]
) -> cython.bint:
    """Read a table index; the table's address type and the type of its elements."""
    index: uint32_t = 0
    table: cython.pointer[TableDesc]
    if not read_index(c, cython.address(index), c.module.n_tables, faults.FAULT_UNKNOWN_TABLE):
        return False
    table = cython.address(c.module.tables[index])
    address[0] = T_I64 if table.is64 else T_I32
    type[0] = table.type
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_memory_size(c: CheckerRef, op: uint32_t) -> cython.bint:
    """`memory.size` and `memory.grow`."""
    address: uint32_t = 0
    if not read_memory(c, cython.address(address)):
        return False
    if op == ops.MEMORY_GROW and not pop(c, address):
        return False
    push(c, address)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_memory_fill(c: CheckerRef) -> cython.bint:
    """`memory.fill`: to an address, of a byte, so many."""
    address: uint32_t = 0
    if not read_memory(c, cython.address(address)):
        return False
    return pop(c, address) and pop(c, T_I32) and pop(c, address)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_memory_copy(c: CheckerRef) -> cython.bint:
    """`memory.copy`: to an address, from an address, so many."""
    to: uint32_t = 0
    source: uint32_t = 0
    if not read_memory(c, cython.address(to)) or not read_memory(c, cython.address(source)):
        return False
    return pop(c, to if to == source else T_I32) and pop(c, source) and pop(c, to)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_memory_init(c: CheckerRef) -> cython.bint:
    """`memory.init`: to an address, from an offset in the segment, so many."""
    segment: uint32_t = 0
    address: uint32_t = 0
    if not read_data_index(c, cython.address(segment)) or not read_memory(c, cython.address(address)):
        return False
    if not check_index(c, segment, c.module.n_datas, faults.FAULT_UNKNOWN_DATA):
        return False
    return pop(c, T_I32) and pop(c, T_I32) and pop(c, address)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_table_access(c: CheckerRef, op: uint32_t) -> cython.bint:
    """`table.get` and `table.set`."""
    address: uint32_t = 0
    type: uint32_t = 0
    if not read_table(c, cython.address(address), cython.address(type)):
        return False
    if op == ops.TABLE_SET:
        c.module.tables_written = 1
        return pop(c, type) and pop(c, address)
    if not pop(c, address):
        return False
    push(c, type)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_table_size(c: CheckerRef, op: uint32_t) -> cython.bint:
    """`table.size`, and `table.grow`: of an initial value, by so many."""
    address: uint32_t = 0
    type: uint32_t = 0
    if not read_table(c, cython.address(address), cython.address(type)):
        return False
    if op == ops.TABLE_GROW:
        c.module.tables_written = 1
        if not pop(c, address) or not pop(c, type):
            return False
    push(c, address)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_table_fill(c: CheckerRef) -> cython.bint:
    """`table.fill`: from an index on, of a value, so many."""
    address: uint32_t = 0
    type: uint32_t = 0
    if not read_table(c, cython.address(address), cython.address(type)):
        return False
    return pop(c, address) and pop(c, type) and pop(c, address)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_table_copy(c: CheckerRef) -> cython.bint:
    """`table.copy`: to an index, from an index, so many."""
    to: uint32_t = 0
    to_type: uint32_t = 0
    source: uint32_t = 0
    source_type: uint32_t = 0
    if not read_table(c, cython.address(to), cython.address(to_type)):
        return False
    if not read_table(c, cython.address(source), cython.address(source_type)):
        return False
    if not is_subtype(c.module.defs, source_type, to_type):
        return fail_type(c, faults.FAULT_TYPE_MISMATCH, to_type, source_type)
    return pop(c, to if to == source else T_I32) and pop(c, source) and pop(c, to)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_table_init(c: CheckerRef) -> cython.bint:
    """`table.init`: to an index, from an offset in the segment, so many."""
    segment: uint32_t = 0
    address: uint32_t = 0
    type: uint32_t = 0
    if not read_u32(c, cython.address(segment)):
        return False
    if not read_table(c, cython.address(address), cython.address(type)):
        return False
    if not check_index(c, segment, c.module.n_elems, faults.FAULT_UNKNOWN_ELEM):
        return False
    if not is_subtype(c.module.defs, c.module.elems[segment].type, type):
        return fail_type(c, faults.FAULT_TYPE_MISMATCH, type, c.module.elems[segment].type)
    return pop(c, T_I32) and pop(c, T_I32) and pop(c, address)
