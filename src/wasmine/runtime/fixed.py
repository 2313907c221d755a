"""Tables whose contents are known before the module runs: those of most programs, for what they call through
pointers.

The only table of a module stays what its segments make it if it is neither imported nor exported and no
instruction writes a table. A segment that does not fit would leave the instance half made, and imported
tables with functions of it: there must be no other table that segments write, and all segments must fit.
"""

import cython
from cython.cimports.libc.stdint import uint8_t, uint32_t, uint64_t
from cython.cimports.libc.stdlib import calloc, free
from cython.cimports.wasmine.binary.module import EXT_TABLE, SEG_ACTIVE, ElemDesc, ModuleDesc
from cython.cimports.wasmine.runtime.vm import ModuleCode
from cython.cimports.wasmine.spec.types import T_FUNCREF

# Elements of a table that is looked at.
MOST = cython.declare(cython.const[uint64_t], 0x10000)
I32_CONST = cython.declare(cython.const[uint8_t], 0x41)
END = cython.declare(cython.const[uint8_t], 0x0B)
NOWHERE = cython.declare(cython.const[uint64_t], 0xFFFFFFFF)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def place_of(desc: cython.pointer[ModuleDesc], segment: cython.pointer[ElemDesc]) -> uint64_t:
    """Where a segment begins in its table, if that is an `i32.const`; else NOWHERE."""
    at: cython.pointer[cython.const[uint8_t]] = desc.base + segment.offset.start
    end: cython.pointer[cython.const[uint8_t]] = desc.base + segment.offset.end
    value: uint64_t = 0
    shift: uint32_t = 0
    if at == end or at[0] != I32_CONST:
        return NOWHERE
    at += 1
    while at < end:
        value |= cython.cast(uint64_t, at[0] & 0x7F) << shift
        shift += 7
        if at[0] < 0x80:
            # The sign of a negative number makes it too large to be a place.
            if at[0] & 0x40 or at + 1 == end or at[1] != END:
                return NOWHERE
            return value
        at += 1
    return NOWHERE


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def stays(desc: cython.pointer[ModuleDesc]) -> cython.bint:
    """Whether the module has one table, which is its own and never changes once it is made."""
    i: uint32_t
    if desc.n_tables != 1 or desc.n_imported_tables != 0 or desc.tables_written or desc.tables[0].is64:
        return False
    if desc.tables[0].type != T_FUNCREF or desc.tables[0].init.start != desc.tables[0].init.end:
        return False
    for i in range(desc.n_exports):
        if desc.exports[i].kind == EXT_TABLE:
            return False
    return desc.tables[0].minimum <= MOST


@cython.cfunc
@cython.exceptval(-1, check=False)
def fix_table(code: cython.pointer[ModuleCode]) -> cython.int:
    """See fixed.pxd."""
    desc: cython.pointer[ModuleDesc] = code.desc
    segment: cython.pointer[ElemDesc]
    start: uint64_t
    i: uint32_t
    k: uint32_t
    if not stays(desc):
        return 0
    code.fixed = cython.cast(
        cython.pointer[uint32_t], calloc(desc.tables[0].minimum + 1, cython.sizeof(uint32_t))
    )
    if code.fixed == cython.NULL:
        raise MemoryError
    code.n_fixed = cython.cast(uint32_t, desc.tables[0].minimum)
    for i in range(desc.n_elems):
        segment = desc.elems + i
        if segment.mode != SEG_ACTIVE:
            continue
        start = place_of(desc, segment)
        if segment.is_exprs or start + segment.count > code.n_fixed:
            free(code.fixed)
            code.fixed = cython.NULL
            code.n_fixed = 0
            return 0
        for k in range(segment.count):
            code.fixed[start + k] = segment.items[k] + 1
    return 0
