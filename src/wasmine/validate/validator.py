"""Validates a decoded module (core specification, section 3.5, Modules).

The decoder has checked already what needs no look into expressions: that indices exist, limits, export
names, types of the start function, tags and segments (see `binary/sections.py`). What is left are the
constant expressions and the function bodies, in the order of the bytes. Everything is checked at once, so
that code that never runs is valid too, and lowering may take types for granted.
"""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.binary.module import (
    SEG_ACTIVE,
    DataDesc,
    ElemDesc,
    ModuleData,
    ModuleDesc,
    Span,
    TableDesc,
)
from cython.cimports.wasmine.spec.types import (
    T_ABSTRACT,
    T_BOTTOM,
    T_I32,
    T_I64,
    T_ID_MASK,
    T_NONE,
    T_NULLABLE,
    T_REF,
)
from cython.cimports.wasmine.validate.body import check_body, check_constant
from cython.cimports.wasmine.validate.checker import (
    NO_FUNCTION,
    Checker,
    CheckerRef,
    Fault,
    free_checker,
    init_checker,
)

from wasmine.spec.types import value_type_name


def validate(module: ModuleData) -> object:
    """Check all expressions of a module; returns None. Runs without the GIL.

    Raises InvalidError where an expression breaks a rule of validation or a limit of wasmine, MalformedError
    where it is no sequence of instructions; whichever comes first in the bytes. Raises MemoryError if memory
    runs out.
    """
    checker = cython.declare(Checker)
    good: cython.bint
    init_checker(cython.address(checker), cython.address(module.desc))
    with cython.nogil:
        good = check_module(cython.address(checker))
        free_checker(cython.address(checker))
    if not good:
        raise error_of(module, checker.fault)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_module(c: CheckerRef) -> cython.bint:
    """Check every expression, in the order of the sections."""
    module: cython.pointer[ModuleDesc] = c.module
    index: uint32_t
    for index in range(module.n_imported_tables, module.n_tables):
        if not check_table(c, cython.address(module.tables[index])):
            return False
    for index in range(module.n_imported_globals, module.n_globals):
        # A global sees those before it.
        if not check_constant(c, module.globals[index].init, module.globals[index].type, index):
            return False
    for index in range(module.n_elems):
        if not check_elem(c, cython.address(module.elems[index])):
            return False
    for index in range(module.n_imported_funcs, module.n_funcs):
        if not check_body(c, index):
            return False
    for index in range(module.n_datas):  # noqa: SIM110  a generator would be a Python object
        if not check_data(c, cython.address(module.datas[index])):
            return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_table(c: CheckerRef, table: cython.pointer[TableDesc]) -> cython.bint:
    """A table's initial value, which sees imported globals only (section 3.5.7)."""
    if table.init.start == table.init.end:
        return True
    return check_constant(c, table.init, table.type, c.module.n_imported_globals)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_elem(c: CheckerRef, elem: cython.pointer[ElemDesc]) -> cython.bint:
    """An element segment: its offset and its items (section 3.5.9)."""
    where: Span = elem.offset
    address: uint32_t
    i: uint32_t
    if elem.mode == SEG_ACTIVE:
        address = T_I64 if c.module.tables[elem.table].is64 else T_I32
        if not check_constant(c, where, address, c.module.n_globals):
            return False
    if not elem.is_exprs:
        return True
    where.end = c.module.size
    for i in range(elem.count):
        where.start = elem.items[i]
        if not check_constant(c, where, elem.type, c.module.n_globals):
            return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_data(c: CheckerRef, data: cython.pointer[DataDesc]) -> cython.bint:
    """The offset of a data segment (section 3.5.10)."""
    if data.mode != SEG_ACTIVE:
        return True
    address: uint32_t = T_I64 if c.module.memories[data.memory].is64 else T_I32
    return check_constant(c, data.offset, address, c.module.n_globals)


# Messages


@cython.cfunc
def error_of(module: ModuleData, fault: Fault) -> object:
    """The exception for a fault."""
    # Most programs never need it, nor the table of opcodes that it loads.
    from wasmine.validate.messages import make_error

    return make_error(
        fault.code,
        fault.offset,
        None if fault.function == NO_FUNCTION else fault.function,
        fault.op,
        type_text(module, fault.want, "a number or vector"),
        type_text(module, fault.have, "nothing"),
        fault.index,
        fault.bound,
    )


@cython.cfunc
def type_text(module: ModuleData, type: uint32_t, none: str) -> str:
    """A value type in the text format, with defined types by their index in the module."""
    index: uint32_t
    if type == T_NONE:
        return none
    if type == T_BOTTOM:
        return "a value"
    if type == T_REF:
        return "a reference"
    if type & T_REF and not type & T_ABSTRACT:
        for index in range(module.desc.n_types):
            if module.desc.types[index] == type & T_ID_MASK:
                return f"(ref null {index})" if type & T_NULLABLE else f"(ref {index})"
    return value_type_name(type)
