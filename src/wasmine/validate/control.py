"""Checks blocks, branches, calls and exceptions (core specification, sections 3.4.2 and 3.4.3).

Of exceptions there are two generations: `try_table` and `throw_ref` are the standard's; `try`, `catch`,
`catch_all`, `rethrow` and `delegate` were shipped before, and compilers still emit them.
"""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.binary.module import TableDesc
from cython.cimports.wasmine.spec import limits
from cython.cimports.wasmine.spec import opcodes as ops
from cython.cimports.wasmine.spec.types import (
    H_EXN,
    T_EXNREF,
    T_FUNCREF,
    T_I32,
    T_I64,
    T_NULLABLE,
    T_REF,
    TypeDef,
    is_subtype,
)
from cython.cimports.wasmine.validate import faults
from cython.cimports.wasmine.validate.checker import (
    CheckerRef,
    Frame,
    TypeList,
    fail,
    fail_index,
    fail_type,
    find_label,
    frame_params,
    frame_results,
    leave_frame,
    match_lists,
    match_top,
    pop,
    pop_list,
    pop_ref,
    push,
    push_frame,
    push_list,
    read_block_type,
    read_byte,
    read_function_type,
    read_index,
    read_label,
    read_u32,
    set_unreachable,
)

# Kinds of catch clauses (section 5.4.1); 0 catches a tag without the reference.
CATCH_REF = cython.declare(cython.const[uint32_t], 1)
CATCH_ALL_REF = cython.declare(cython.const[uint32_t], 3)


# Blocks


def check_block(c: CheckerRef, op: uint32_t) -> cython.bint:
    """`block`, `loop` and the legacy `try`."""
    frame = cython.declare(Frame)
    frame.op = op
    return read_block_type(c, cython.address(frame)) and enter(c, cython.address(frame))


def check_if(c: CheckerRef) -> cython.bint:
    """`if`."""
    frame = cython.declare(Frame)
    frame.op = ops.IF_
    return read_block_type(c, cython.address(frame)) and pop(c, T_I32) and enter(c, cython.address(frame))


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def enter(c: CheckerRef, frame: cython.pointer[Frame]) -> cython.bint:
    """Enter a block: its operands move from the block outside to it."""
    if frame.type == cython.NULL:
        return push_frame(c, frame)
    return (
        pop_list(c, frame.type.params, frame.type.n_params)
        and push_frame(c, frame)
        and push_list(c, frame.type.params, frame.type.n_params)
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_else(c: CheckerRef) -> cython.bint:
    """`else`: the second arm starts like the first."""
    frame: Frame = c.frames[c.n_frames - 1]
    if frame.op != ops.IF_:
        return fail(c, faults.FAULT_END_EXPECTED)
    frame.op = ops.ELSE_
    if not leave_frame(c) or not push_frame(c, cython.address(frame)):
        return False
    if frame.type == cython.NULL:
        return True
    return push_list(c, frame.type.params, frame.type.n_params)


def check_end(c: CheckerRef) -> cython.bint:
    """`end` of any block, or of the whole expression."""
    frame: cython.pointer[Frame] = cython.address(c.frames[c.n_frames - 1])
    params = cython.declare(TypeList)
    results: TypeList = frame_results(frame)
    if frame.op == ops.IF_:
        # The missing arm passes its operands on.
        params = frame_params(frame)
        if params.count != results.count:
            return fail(c, faults.FAULT_IF_WITHOUT_ELSE)
        if not match_lists(c, params.types, results.types, params.count):
            return False
    if not leave_frame(c):
        return False
    return c.n_frames == 0 or push_list(c, results.types, results.count)


# Branches


def check_br(c: CheckerRef) -> cython.bint:
    """`br`."""
    label = cython.declare(TypeList)
    if not read_label(c, cython.address(label)) or not pop_list(c, label.types, label.count):
        return False
    set_unreachable(c)
    return True


def check_br_if(c: CheckerRef) -> cython.bint:
    """`br_if`: without the branch, the operands stay, as values of the label's types."""
    label = cython.declare(TypeList)
    if not read_label(c, cython.address(label)) or not pop(c, T_I32):
        return False
    return pop_list(c, label.types, label.count) and push_list(c, label.types, label.count)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_br_table(c: CheckerRef) -> cython.bint:
    """`br_table`: the operands match each of its labels, all of which take equally many."""
    count: uint32_t = 0
    arity: uint32_t = 0
    is_first: cython.bint = True
    here: uint32_t = cython.cast(uint32_t, c.start - c.module.base)
    frame: cython.pointer[Frame] = cython.NULL
    label = cython.declare(TypeList)
    if not read_u32(c, cython.address(count)):
        return False
    if count > limits.MAX_BR_TABLE:
        return fail_index(c, faults.FAULT_LIMIT_BR_TABLE, count, limits.MAX_BR_TABLE)
    if not pop(c, T_I32):
        return False
    count += 1
    while count:
        count -= 1
        if not find_label(c, cython.address(frame), cython.address(label)):
            return False
        if frame.visited == here:
            continue
        frame.visited = here
        if is_first:
            arity = label.count
            is_first = False
        if label.count != arity:
            return fail_index(c, faults.FAULT_ARITY, label.count, arity)
        if not match_top(c, label.types, label.count):
            return False
    set_unreachable(c)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_return(c: CheckerRef) -> cython.bint:
    """`return`."""
    results: TypeList = frame_results(c.frames)
    if not pop_list(c, results.types, results.count):
        return False
    set_unreachable(c)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_br_on_null(c: CheckerRef) -> cython.bint:
    """`br_on_null`: without the branch, the reference stays and is not null."""
    label = cython.declare(TypeList)
    type: uint32_t = 0
    if (
        not read_label(c, cython.address(label))
        or not pop_ref(c, cython.address(type))
        or not pop_list(c, label.types, label.count)
        or not push_list(c, label.types, label.count)
    ):
        return False
    push(c, type & ~T_NULLABLE)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_br_on_non_null(c: CheckerRef) -> cython.bint:
    """`br_on_non_null`: the branch takes the reference along as its last operand."""
    label = cython.declare(TypeList)
    type: uint32_t = 0
    if not read_label(c, cython.address(label)) or not pop_ref(c, cython.address(type)):
        return False
    if label.count == 0:
        return fail_index(c, faults.FAULT_ARITY, 0, 1)
    if not matches_last(c, label, type & ~T_NULLABLE):
        return False
    return pop_list(c, label.types, label.count - 1) and push_list(c, label.types, label.count - 1)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def matches_last(c: CheckerRef, label: TypeList, type: uint32_t) -> cython.bint:
    """Check that the last value that a label takes may be a `type`."""
    return match_lists(c, cython.address(type), label.types + (label.count - 1), 1)


# Calls


def check_call(c: CheckerRef) -> cython.bint:
    """`call`."""
    index: uint32_t = 0
    if not read_index(c, cython.address(index), c.module.n_funcs, faults.FAULT_UNKNOWN_FUNCTION):
        return False
    return apply(c, c.module.defs[c.module.func_types[index]])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_return_call(c: CheckerRef) -> cython.bint:
    """`return_call`."""
    index: uint32_t = 0
    if not read_index(c, cython.address(index), c.module.n_funcs, faults.FAULT_UNKNOWN_FUNCTION):
        return False
    return apply_tail(c, c.module.defs[c.module.func_types[index]])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def apply(c: CheckerRef, type: cython.pointer[cython.const[TypeDef]]) -> cython.bint:
    """Pop the arguments of a function and push its results."""
    return pop_list(c, type.params, type.n_params) and push_list(c, type.results, type.n_results)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def apply_tail(c: CheckerRef, type: cython.pointer[cython.const[TypeDef]]) -> cython.bint:
    """Pop the arguments of a function whose results become those of the current one."""
    results: TypeList = frame_results(c.frames)
    if type.n_results != results.count:
        return fail(c, faults.FAULT_RESULTS)
    if not match_lists(c, type.results, results.types, results.count):
        return False
    if not pop_list(c, type.params, type.n_params):
        return False
    set_unreachable(c)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def read_indirect(c: CheckerRef, type: cython.pointer[cython.pointer[cython.const[TypeDef]]]) -> cython.bint:
    """Read the immediates of an indirect call, and pop the index into the table."""
    index: uint32_t = 0
    table: cython.pointer[TableDesc]
    if not read_function_type(c, type):
        return False
    if not read_index(c, cython.address(index), c.module.n_tables, faults.FAULT_UNKNOWN_TABLE):
        return False
    table = cython.address(c.module.tables[index])
    if not is_subtype(c.module.defs, table.type, T_FUNCREF):
        return fail_type(c, faults.FAULT_TABLE_TYPE, T_FUNCREF, table.type)
    return pop(c, T_I64 if table.is64 else T_I32)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def read_reference(c: CheckerRef, type: cython.pointer[cython.pointer[cython.const[TypeDef]]]) -> cython.bint:
    """Read the immediate of a call by reference, and pop the reference."""
    return read_function_type(c, type) and pop(c, T_REF | T_NULLABLE | type[0].id)


# Exceptions


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def read_tag(c: CheckerRef, type: cython.pointer[cython.pointer[cython.const[TypeDef]]]) -> cython.bint:
    """Read a tag index; its function type has the values of the exception as parameters."""
    index: uint32_t = 0
    if not read_index(c, cython.address(index), c.module.n_tags, faults.FAULT_UNKNOWN_TAG):
        return False
    type[0] = c.module.defs[c.module.tags[index]]
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_throw(c: CheckerRef) -> cython.bint:
    """`throw`."""
    type: cython.pointer[cython.const[TypeDef]] = cython.NULL
    if not read_tag(c, cython.address(type)) or not pop_list(c, type.params, type.n_params):
        return False
    set_unreachable(c)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_throw_ref(c: CheckerRef) -> cython.bint:
    """`throw_ref`."""
    if not pop(c, T_EXNREF):
        return False
    set_unreachable(c)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_try_table(c: CheckerRef) -> cython.bint:
    """`try_table`: the labels of its clauses are those around it."""
    frame = cython.declare(Frame)
    count: uint32_t = 0
    frame.op = ops.TRY_TABLE
    if not read_block_type(c, cython.address(frame)) or not read_u32(c, cython.address(count)):
        return False
    while count:
        count -= 1
        if not check_clause(c):
            return False
    return enter(c, cython.address(frame))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_clause(c: CheckerRef) -> cython.bint:
    """One catch clause: its label takes the exception's values, then the exception where asked for."""
    kind: uint32_t = 0
    count: uint32_t = 0
    tag: cython.pointer[cython.const[TypeDef]] = cython.NULL
    label = cython.declare(TypeList)
    if not read_byte(c, cython.address(kind)):
        return False
    if kind > CATCH_ALL_REF:
        return fail_index(c, faults.FAULT_CATCH, kind, 0)
    if kind <= CATCH_REF:
        if not read_tag(c, cython.address(tag)):
            return False
        count = tag.n_params
    if not read_label(c, cython.address(label)):
        return False
    if kind in (CATCH_REF, CATCH_ALL_REF):
        if label.count != count + 1:
            return fail_index(c, faults.FAULT_ARITY, label.count, count + 1)
        if not matches_last(c, label, T_REF | H_EXN):
            return False
    elif label.count != count:
        return fail_index(c, faults.FAULT_ARITY, label.count, count)
    return count == 0 or match_lists(c, tag.params, label.types, count)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_catch(c: CheckerRef, op: uint32_t) -> cython.bint:
    """The legacy `catch` and `catch_all`: an arm of a `try`, which starts with the exception's values."""
    frame: Frame = c.frames[c.n_frames - 1]
    tag: cython.pointer[cython.const[TypeDef]] = cython.NULL
    if frame.op != ops.TRY and frame.op != ops.CATCH:
        return fail(c, faults.FAULT_END_EXPECTED)
    frame.op = op
    if op == ops.CATCH and not read_tag(c, cython.address(tag)):
        return False
    if not leave_frame(c) or not push_frame(c, cython.address(frame)):
        return False
    return tag == cython.NULL or push_list(c, tag.params, tag.n_params)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_rethrow(c: CheckerRef) -> cython.bint:
    """The legacy `rethrow`: its label is that of a `try` in one of whose `catch` arms it stands."""
    index: uint32_t = 0
    op: uint32_t
    if not read_index(c, cython.address(index), c.n_frames, faults.FAULT_UNKNOWN_LABEL):
        return False
    op = c.frames[c.n_frames - 1 - index].op
    if op != ops.CATCH and op != ops.CATCH_ALL:
        return fail_index(c, faults.FAULT_RETHROW, index, 0)
    set_unreachable(c)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_delegate(c: CheckerRef) -> cython.bint:
    """The legacy `delegate`: ends a `try`; its label counts from the block outside."""
    index: uint32_t = 0
    frame: cython.pointer[Frame] = cython.address(c.frames[c.n_frames - 1])
    results: TypeList = frame_results(frame)
    if frame.op != ops.TRY:
        return fail(c, faults.FAULT_END_EXPECTED)
    if not leave_frame(c):
        return False
    if not read_index(c, cython.address(index), c.n_frames, faults.FAULT_UNKNOWN_LABEL):
        return False
    return push_list(c, results.types, results.count)


def check_control(c: CheckerRef, op: uint32_t) -> cython.bint:
    """Check one of the rarer instructions."""
    type: cython.pointer[cython.const[TypeDef]] = cython.NULL
    if op == ops.UNREACHABLE:
        set_unreachable(c)
        return True
    elif op == ops.ELSE_:
        return check_else(c)
    elif op == ops.BR_TABLE:
        return check_br_table(c)
    elif op == ops.RETURN:
        return check_return(c)
    elif op == ops.CALL_INDIRECT:
        return read_indirect(c, cython.address(type)) and apply(c, type)
    elif op == ops.CALL_REF:
        return read_reference(c, cython.address(type)) and apply(c, type)
    elif op == ops.RETURN_CALL:
        return check_return_call(c)
    elif op == ops.RETURN_CALL_INDIRECT:
        return read_indirect(c, cython.address(type)) and apply_tail(c, type)
    elif op == ops.RETURN_CALL_REF:
        return read_reference(c, cython.address(type)) and apply_tail(c, type)
    elif op == ops.BR_ON_NULL:
        return check_br_on_null(c)
    elif op == ops.BR_ON_NON_NULL:
        return check_br_on_non_null(c)
    elif op == ops.THROW:
        return check_throw(c)
    elif op == ops.THROW_REF:
        return check_throw_ref(c)
    elif op == ops.TRY_TABLE:
        return check_try_table(c)
    elif op == ops.TRY:
        return check_block(c, op)
    elif op == ops.CATCH or op == ops.CATCH_ALL:
        return check_catch(c, op)
    elif op == ops.RETHROW:
        return check_rethrow(c)
    elif op == ops.DELEGATE:
        return check_delegate(c)
    else:
        return fail_index(c, faults.FAULT_ILLEGAL_OPCODE, op, 0)
