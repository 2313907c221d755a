"""Checks function bodies and constant expressions: one pass over the bytes.

An instruction whose type is fixed is checked against its row in `signatures.pxd`. Here are, besides, those on
locals and globals and `select`; the rest is in `control.py`, `storage.py` and `gc.py`. The rules are those of
the core specification, section 3.4 (Instructions), over the algorithm of appendix A.3.
"""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.libc.stdlib import realloc
from cython.cimports.libc.string import memset
from cython.cimports.wasmine.binary.module import GlobalDesc, Span
from cython.cimports.wasmine.spec import limits
from cython.cimports.wasmine.spec import opcodes as ops
from cython.cimports.wasmine.spec.types import (
    T_BOTTOM,
    T_I32,
    T_I64,
    T_NONE,
    T_REF,
    TypeDef,
    is_defaultable,
)
from cython.cimports.wasmine.validate import faults
from cython.cimports.wasmine.validate import signatures as sig
from cython.cimports.wasmine.validate.checker import (
    NO_FUNCTION,
    UNSET,
    CheckerRef,
    Frame,
    Local,
    LocalRun,
    begin,
    check_index,
    fail,
    fail_index,
    fail_type,
    grown,
    pop,
    pop_any,
    push,
    push_frame,
    read_byte,
    read_data_index,
    read_index,
    read_u32,
    read_u64,
    read_value_type,
    skip_bytes,
    skip_signed,
)
from cython.cimports.wasmine.validate.control import (
    check_block,
    check_br,
    check_br_if,
    check_call,
    check_control,
    check_end,
    check_if,
)
from cython.cimports.wasmine.validate.gc import check_gc
from cython.cimports.wasmine.validate.storage import check_storage


def check_body(c: CheckerRef, index: uint32_t) -> cython.bint:
    """Check one function body (core specification, section 3.5.2, Functions)."""
    where: Span = c.module.bodies[index - c.module.n_imported_funcs]
    type: cython.pointer[TypeDef] = c.module.defs[c.module.func_types[index]]
    frame = cython.declare(Frame)
    c.constant = False
    c.function = index
    if not begin(c, where, type):
        return False
    if not read_locals(c):
        return False
    # The body is a block that has the function's results; its parameters are locals, not operands.
    frame.op = ops.BLOCK
    frame.type = type
    frame.result = T_NONE
    if not push_frame(c, cython.address(frame)) or not check_sequence(c):
        return False
    if c.at != c.end:
        return fail(c, faults.FAULT_SIZE_MISMATCH)
    return True


def check_constant(c: CheckerRef, where: Span, type: uint32_t, n_globals: uint32_t) -> cython.bint:
    """Check a constant expression (core specification, section 3.4.16)."""
    frame = cython.declare(Frame)
    c.constant = True
    c.function = NO_FUNCTION
    c.n_globals = n_globals
    frame.op = ops.BLOCK
    frame.type = cython.NULL
    frame.result = type
    return begin(c, where, cython.NULL) and push_frame(c, cython.address(frame)) and check_sequence(c)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_sequence(c: CheckerRef) -> cython.bint:
    """Check instructions up to the `end` of the outermost block."""
    good: cython.bint
    op: uint32_t = 0
    dropped: uint32_t = 0
    while c.n_frames:
        c.start = c.at
        if c.at >= c.end:
            return check_missing_end(c)
        op = c.at[0]
        c.at += 1
        c.op = op
        if op >= 0xFB and not read_prefixed(c, cython.address(op)):
            return False
        if c.constant and not is_constant(c, op):
            return False
        if op == ops.LOCAL_GET:
            good = check_local_get(c)
        elif op == ops.LOCAL_SET:
            good = check_local_set(c)
        elif op == ops.LOCAL_TEE:
            good = check_local_tee(c)
        elif op == ops.GLOBAL_GET:
            good = check_global_get(c)
        elif op == ops.GLOBAL_SET:
            good = check_global_set(c)
        elif op == ops.BLOCK or op == ops.LOOP:
            good = check_block(c, op)
        elif op == ops.IF_:
            good = check_if(c)
        elif op == ops.END:
            good = check_end(c)
        elif op == ops.BR:
            good = check_br(c)
        elif op == ops.BR_IF:
            good = check_br_if(c)
        elif op == ops.CALL:
            good = check_call(c)
        elif op == ops.DROP:
            good = pop_any(c, cython.address(dropped))
        elif op == ops.SELECT:
            good = check_select(c)
        elif op == ops.SELECT_T:
            good = check_select_typed(c)
        else:
            good = check_row(c, op, sig.row_of(op))
        if not good:
            return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_missing_end(c: CheckerRef) -> cython.bint:
    """The bytes are over, a block is open: after the last body nothing follows, after others a function.

    A reader that goes on behind the body, as the reference interpreter does, takes a byte that looks like
    `end` for one, and then finds the body longer than its size.
    """
    last: cython.bint = c.constant or c.end == c.module.base + c.module.bodies[c.module.n_bodies - 1].end
    if c.n_frames == 1 and c.end < c.module.base + c.module.size and c.end[0] == ops.END:
        return fail(c, faults.FAULT_SIZE_MISMATCH)
    return fail(c, faults.FAULT_UNEXPECTED_END if last else faults.FAULT_END_EXPECTED)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def read_prefixed(c: CheckerRef, op: cython.pointer[uint32_t]) -> cython.bint:
    """Read the number behind a prefix byte, and make the two an opcode id (see spec/opcodes.py)."""
    prefix: uint32_t = op[0]
    base: uint32_t
    end: uint32_t
    number: uint32_t = 0
    if prefix == 0xFB:
        base = sig.BASE_FB
        end = sig.END_FB
    elif prefix == 0xFC:
        base = sig.BASE_FC
        end = sig.END_FC
    elif prefix == 0xFD:
        base = sig.BASE_FD
        end = sig.END_FD
    elif prefix == 0xFE:
        base = sig.BASE_FE
        end = sig.END_FE
    else:
        return fail_index(c, faults.FAULT_ILLEGAL_OPCODE, prefix, 0)
    if not read_u32(c, cython.address(number)):
        return False
    if number >= end - base or sig.row_of(base + number).kind == sig.KIND_ILLEGAL:
        return fail_index(c, faults.FAULT_ILLEGAL_NUMBER, number, prefix)
    op[0] = base + number
    c.op = op[0]
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_constant(c: CheckerRef, op: uint32_t) -> cython.bint:
    """Whether the instruction may occur in a constant expression."""
    if sig.row_of(op).flags & sig.FLAG_CONSTANT:
        return True
    if sig.row_of(op).kind == sig.KIND_ILLEGAL:
        return fail_index(c, faults.FAULT_ILLEGAL_OPCODE, op, 0)
    return fail(c, faults.FAULT_CONSTANT_REQUIRED)


# Instructions with a row


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_row(c: CheckerRef, op: uint32_t, row: cython.pointer[cython.const[sig.OpRow]]) -> cython.bint:
    """Check an instruction by its row: its immediates first, then its operands."""
    good: cython.bint
    index: uint32_t = 0
    kind: uint32_t = row.kind
    if kind == sig.KIND_PLAIN:
        return check_operands(c, row, T_I32)
    elif kind == sig.KIND_MEMARG or kind == sig.KIND_MEMARG_LANE:
        return check_access(c, row)
    elif kind == sig.KIND_I32:
        good = skip_signed(c, 32)
    elif kind == sig.KIND_I64:
        good = skip_signed(c, 64)
    elif kind == sig.KIND_F32:
        good = skip_bytes(c, 4)
    elif kind == sig.KIND_F64:
        good = skip_bytes(c, 8)
    elif kind == sig.KIND_V128:
        good = skip_bytes(c, 16)
    elif kind == sig.KIND_LANE:
        good = check_lane(c, row.lanes)
    elif kind == sig.KIND_LANES16:
        good = check_shuffle(c)
    elif kind == sig.KIND_FENCE:
        good = check_fence(c)
    elif kind == sig.KIND_DATA:
        good = read_data_index(c, cython.address(index)) and check_index(
            c, index, c.module.n_datas, faults.FAULT_UNKNOWN_DATA
        )
    elif kind == sig.KIND_ELEM:
        good = read_index(c, cython.address(index), c.module.n_elems, faults.FAULT_UNKNOWN_ELEM)
    elif kind == sig.KIND_CONTROL:
        return check_control(c, op)
    elif kind == sig.KIND_STORAGE:
        return check_storage(c, op)
    elif kind == sig.KIND_GC:
        return check_gc(c, op)
    else:
        good = fail_index(c, faults.FAULT_ILLEGAL_OPCODE, op, 0)
    return good and check_operands(c, row, T_I32)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def check_operands(
    c: CheckerRef, row: cython.pointer[cython.const[sig.OpRow]], address: uint32_t
) -> cython.bint:
    """Pop the row's parameters and push its results; `address` is the address type of the memory accessed."""
    i: uint32_t = row.n_params
    while i:
        i -= 1
        if not pop(c, address if row.params[i] == sig.TYPE_ADDRESS else row.params[i]):
            return False
    while i < row.n_results:
        push(c, row.results[i])
        i += 1
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_access(c: CheckerRef, row: cython.pointer[cython.const[sig.OpRow]]) -> cython.bint:
    """Check a memory access: alignment, memory and offset, a lane where there is one, operands (3.4.10)."""
    flags: uint32_t = 0
    memory: uint32_t = 0
    align: uint32_t
    offset: uint64_t = 0
    if not read_u32(c, cython.address(flags)):
        return False
    if flags >= 0x80:
        return fail_index(c, faults.FAULT_MEMOP_FLAGS, flags, 0)
    if flags & 0x40 and not read_u32(c, cython.address(memory)):
        return False
    if not read_u64(c, cython.address(offset)):
        return False
    if row.kind == sig.KIND_MEMARG_LANE and not check_lane(c, row.lanes):
        return False
    if memory >= c.module.n_memories:
        return fail_index(c, faults.FAULT_UNKNOWN_MEMORY, memory, c.module.n_memories)
    align = flags & 0x3F
    if align > row.access:
        return fail_index(c, faults.FAULT_ALIGNMENT, align, row.access)
    if align != row.access and row.flags & sig.FLAG_ATOMIC:
        return fail_index(c, faults.FAULT_ATOMIC_ALIGNMENT, align, row.access)
    if c.module.memories[memory].is64:
        return check_operands(c, row, T_I64)
    if offset >> 32:
        return fail_index(c, faults.FAULT_OFFSET, offset, 0)
    return check_operands(c, row, T_I32)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_lane(c: CheckerRef, lanes: uint32_t) -> cython.bint:
    """Read a lane index below `lanes`."""
    lane: uint32_t = 0
    if not read_byte(c, cython.address(lane)):
        return False
    if lane >= lanes:
        return fail_index(c, faults.FAULT_LANE, lane, lanes)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_shuffle(c: CheckerRef) -> cython.bint:
    """Read the sixteen lane indices of i8x16.shuffle, which choose from two vectors."""
    i: uint32_t = 0
    while i < 16:
        if not check_lane(c, 32):
            return False
        i += 1
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_fence(c: CheckerRef) -> cython.bint:
    """Read the reserved byte of atomic.fence."""
    byte: uint32_t = 0
    if not read_byte(c, cython.address(byte)):
        return False
    if byte:
        return fail_index(c, faults.FAULT_ZERO_BYTE, byte, 0)
    return True


# Locals


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def read_locals(c: CheckerRef) -> cython.bint:
    """Read the local declarations of a body (core specification, section 5.5.16)."""
    n: uint32_t = 0
    groups: uint32_t = 0
    type: uint32_t = 0
    total: uint64_t = c.n_params
    if not read_u32(c, cython.address(groups)):
        return False
    while groups:
        groups -= 1
        if not read_u32(c, cython.address(n)) or not read_value_type(c, cython.address(type)):
            return False
        total += n
        if total >> 32:
            return fail(c, faults.FAULT_TOO_MANY_LOCALS)
        if n and not add_run(c, cython.cast(uint32_t, total), type):
            return False
    if total > limits.MAX_LOCALS:
        return fail_index(c, faults.FAULT_LIMIT_LOCALS, total, limits.MAX_LOCALS)
    c.n_locals = cython.cast(uint32_t, total)
    return reserve_locals(c)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_run(c: CheckerRef, end: uint32_t, type: uint32_t) -> cython.bint:
    """Append a run of locals."""
    size: uint64_t
    runs: cython.pointer[LocalRun]
    if c.n_runs == c.runs_size:
        size = grown(c.n_runs + 1, c.runs_size)
        runs = cython.cast(cython.pointer[LocalRun], realloc(c.runs, size * cython.sizeof(LocalRun)))
        if runs == cython.NULL:
            return fail(c, faults.FAULT_NO_MEMORY)
        c.runs = runs
        c.runs_size = cython.cast(uint32_t, size)
    c.runs[c.n_runs].end = end
    c.runs[c.n_runs].type = type if is_defaultable(type) else type | UNSET
    c.n_runs += 1
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def reserve_locals(c: CheckerRef) -> cython.bint:
    """Make room for all locals of the function; none of them is looked up yet."""
    size: uint64_t
    locals: cython.pointer[Local]
    if c.n_locals <= c.locals_size:
        return True
    size = grown(c.n_locals, c.locals_size)
    locals = cython.cast(cython.pointer[Local], realloc(c.locals, size * cython.sizeof(Local)))
    if locals == cython.NULL:
        return fail(c, faults.FAULT_NO_MEMORY)
    memset(locals + c.locals_size, 0, (size - c.locals_size) * cython.sizeof(Local))
    c.locals = locals
    c.locals_size = cython.cast(uint32_t, size)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_local(c: CheckerRef, index: uint32_t) -> cython.pointer[Local]:
    """The local at `index`; NULL if there is none. Its type is looked up when it is first used."""
    low: uint32_t = 0
    high: uint32_t
    middle: uint32_t
    local: cython.pointer[Local]
    if index >= c.n_locals:
        fail_index(c, faults.FAULT_UNKNOWN_LOCAL, index, c.n_locals)
        return cython.NULL
    local = cython.address(c.locals[index])
    if local.serial == c.serial:
        return local
    local.serial = c.serial
    if index < c.n_params:
        local.type = c.params[index]
        return local
    high = c.n_runs - 1
    while low < high:
        middle = (low + high) // 2
        if index < c.runs[middle].end:
            high = middle
        else:
            low = middle + 1
    local.type = c.runs[low].type
    return local


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def assign_local(c: CheckerRef, index: uint32_t) -> cython.bint:
    """Note that an unset local has a value until the end of the block."""
    size: uint64_t
    assigned: cython.pointer[uint32_t]
    if c.n_assigned == c.assigned_size:
        size = grown(c.n_assigned + 1, c.assigned_size)
        assigned = cython.cast(cython.pointer[uint32_t], realloc(c.assigned, size * cython.sizeof(uint32_t)))
        if assigned == cython.NULL:
            return fail(c, faults.FAULT_NO_MEMORY)
        c.assigned = assigned
        c.assigned_size = cython.cast(uint32_t, size)
    c.assigned[c.n_assigned] = index
    c.n_assigned += 1
    c.locals[index].type &= ~UNSET
    return True


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def read_local(c: CheckerRef, index: cython.pointer[uint32_t]) -> cython.pointer[Local]:
    """Read the index of a local; NULL after a fault."""
    if not read_u32(c, index):
        return cython.NULL
    if index[0] < c.n_locals and c.locals[index[0]].serial == c.serial:
        return cython.address(c.locals[index[0]])
    return find_local(c, index[0])


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def check_local_get(c: CheckerRef) -> cython.bint:
    """`local.get`: the local must have a value (section 3.4.5)."""
    index: uint32_t = 0
    local: cython.pointer[Local] = read_local(c, cython.address(index))
    if local == cython.NULL:
        return False
    if local.type & UNSET:
        return fail_index(c, faults.FAULT_UNINITIALIZED_LOCAL, index, 0)
    push(c, local.type)
    return True


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def check_local_set(c: CheckerRef) -> cython.bint:
    """`local.set`."""
    index: uint32_t = 0
    local: cython.pointer[Local] = read_local(c, cython.address(index))
    if local == cython.NULL:
        return False
    if not pop(c, local.type & ~UNSET):
        return False
    return local.type & UNSET == 0 or assign_local(c, index)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def check_local_tee(c: CheckerRef) -> cython.bint:
    """`local.tee`."""
    index: uint32_t = 0
    local: cython.pointer[Local] = read_local(c, cython.address(index))
    if local == cython.NULL:
        return False
    if not pop(c, local.type & ~UNSET):
        return False
    push(c, local.type & ~UNSET)
    return local.type & UNSET == 0 or assign_local(c, index)


# Globals, select


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_global_get(c: CheckerRef) -> cython.bint:
    """`global.get`; a constant expression reads only immutable globals before it (section 3.4.16)."""
    index: uint32_t = 0
    count: uint32_t = c.n_globals if c.constant else c.module.n_globals
    if not read_index(c, cython.address(index), count, faults.FAULT_UNKNOWN_GLOBAL):
        return False
    if c.constant and c.module.globals[index].mutable:
        return fail(c, faults.FAULT_CONSTANT_REQUIRED)
    push(c, c.module.globals[index].type)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_global_set(c: CheckerRef) -> cython.bint:
    """`global.set`."""
    index: uint32_t = 0
    target: cython.pointer[GlobalDesc]
    if not read_index(c, cython.address(index), c.module.n_globals, faults.FAULT_UNKNOWN_GLOBAL):
        return False
    target = cython.address(c.module.globals[index])
    if not target.mutable:
        return fail_index(c, faults.FAULT_IMMUTABLE_GLOBAL, index, 0)
    return pop(c, target.type)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_select(c: CheckerRef) -> cython.bint:
    """`select` without a type: of two operands of one number or vector type (section 3.4.4)."""
    first: uint32_t = 0
    second: uint32_t = 0
    if not pop(c, T_I32) or not pop_any(c, cython.address(second)) or not pop_any(c, cython.address(first)):
        return False
    if second & T_REF:
        return fail_type(c, faults.FAULT_TYPE_MISMATCH, T_NONE, second)
    if first & T_REF:
        return fail_type(c, faults.FAULT_TYPE_MISMATCH, T_NONE, first)
    if first == T_BOTTOM:
        first = second
    elif second != first and second != T_BOTTOM:
        return fail_type(c, faults.FAULT_TYPE_MISMATCH, first, second)
    push(c, first)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_select_typed(c: CheckerRef) -> cython.bint:
    """`select` with its type given."""
    count: uint32_t = 0
    type: uint32_t = 0
    if not read_u32(c, cython.address(count)):
        return False
    if count != 1:
        return fail_index(c, faults.FAULT_RESULT_ARITY, count, 0)
    if (
        not read_value_type(c, cython.address(type))
        or not pop(c, T_I32)
        or not pop(c, type)
        or not pop(c, type)
    ):
        return False
    push(c, type)
    return True
