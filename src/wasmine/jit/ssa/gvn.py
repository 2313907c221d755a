"""Global value numbering: equal values are computed once, where the first of them dominates the others.

Blocks are visited in preorder of the dominator tree. Reads of state are values, too, of operands and a
version of the state (numbers.pxd, state.pxd).

What traps is done again no more when it has been done: the same condition, bounds checked at least as far (a
memory never shrinks). Behind a branch, its condition is known, and what it says of a reference: that it is
not null, that it is of a type.
"""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.libc.string import memset
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.dce import rewrite_and_count
from cython.cimports.wasmine.jit.ssa.function import (
    TYPE_I32,
    TYPE_I64,
    TYPE_REF,
    TYPE_VOID,
    Block,
    Edge,
    Inst,
    SsaFunc,
    args_of,
    const_of,
    new_alias,
    resolve,
    unlink_inst,
)
from cython.cimports.wasmine.jit.ssa.info import EFFECTS
from cython.cimports.wasmine.jit.ssa.numbers import (
    Entry,
    Numbering,
    Slot,
    Version,
    enter,
    enter_state,
    is_elsewhere,
    key_of,
    note_structure,
    note_write,
    value_of,
    version_of,
)
from cython.cimports.wasmine.jit.ssa.rules import is_const
from cython.cimports.wasmine.jit.ssa.state import (
    N_CLASSES,
    read_by,
    written_classes,
)
from cython.cimports.wasmine.jit.workspace import put_back, take, take_zeros

Func = cython.typedef(cython.pointer[SsaFunc])
Words = cython.typedef(cython.pointer[uint32_t])

# Stores that a load looks past.
REACH = cython.declare(cython.const[uint32_t], 12)
# Entry.version of what is known of a value; no version of the state has this number.
FACT = cython.declare(cython.const[uint32_t], 0xFFFFFFFF)
Numbers = cython.typedef(cython.pointer[Numbering])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_numbered(inst: cython.pointer[Inst]) -> cython.bint:
    """Whether an equal instruction before can stand for this one.

    Not those whose further results follow them.
    """
    op: uint32_t = inst.op
    if inst.n_args > 3 or EFFECTS[op] & (
        o.E_ENDS
        | o.E_CALL
        | o.E_WRITES_MEMORY
        | o.E_WRITES_OBJECTS
        | o.E_WRITES_GLOBALS
        | o.E_WRITES_STATE
        | o.E_CATCHES
        | o.E_FENCES
    ):
        return False
    return not (
        op == o.ARG
        or op == o.FRAME_LOAD
        or op == o.CAUGHT
        or op == o.RESULT
        or op == o.I8X16_SHUFFLE
        or op == o.I64_MUL_WIDE_S
        or op == o.I64_MUL_WIDE_U
        or op == o.NOP
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def fact(op: uint32_t, value: uint32_t, aux: uint32_t) -> Entry:
    """The entry for what is known of a value. BR_IF: whether it is zero; REF_IS: a type that it has, if it is
    not null; TRAP_IF: that it is not null.
    """
    e: Entry
    memset(cython.address(e), 0, cython.sizeof(Entry))
    e.op = op
    e.a = value
    e.aux = aux
    e.version = FACT
    return e


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_zero(f: Func, value: uint32_t) -> cython.bint:
    return is_const(f, value) and f.insts[value].imm == 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_not_null(n: Numbers, ref: uint32_t) -> cython.bint:
    """Whether a reference is known not to be null."""
    e: Entry
    op: uint32_t = n.f.insts[ref].op
    if o.STRUCT_NEW <= op <= o.ARRAY_NEW_ELEM or op == o.REF_FUNC:
        return True
    e = fact(o.TRAP_IF, ref, 0)
    return value_of(n, cython.address(e)) != 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def known_condition(n: Numbers, condition: uint32_t) -> uint32_t:
    """0 or 1 when what dominates has decided whether a condition is zero, 2 when nothing has."""
    f: Func = n.f
    inst: cython.pointer[Inst] = f.insts + condition
    e: Entry = fact(o.BR_IF, condition, 0)
    value: uint32_t = value_of(n, cython.address(e))
    turned: uint32_t = 0
    if value == 0 and inst.op == o.I32_EQ and is_zero(f, inst.args[1]):
        turned = 1
        e = fact(o.BR_IF, inst.args[0], 0)
        value = value_of(n, cython.address(e))
        inst = f.insts + inst.args[0]
    if value != 0:
        return (value - 1) ^ turned
    if inst.op == o.I64_EQ or inst.op == o.I64_NE:
        if is_zero(f, inst.args[1]) and is_not_null(n, inst.args[0]):
            return (inst.op == o.I64_NE) ^ turned
    elif inst.op == o.REF_IS:
        e = fact(o.REF_IS, inst.args[0], inst.aux)
        if value_of(n, cython.address(e)) != 0 and (inst.imm != 0 or is_not_null(n, inst.args[0])):
            return 1 ^ turned
    return 2


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def note_condition(n: Numbers, condition: uint32_t, truth: uint32_t) -> cython.void:
    """A condition that is decided in what the current block dominates, and what that says of a reference."""
    f: Func = n.f
    inst: cython.pointer[Inst] = f.insts + condition
    e: Entry = fact(o.BR_IF, condition, 0)
    enter(n, cython.address(e), 1 + truth)
    if inst.op == o.I32_EQ and is_zero(f, inst.args[1]):
        truth ^= 1
        e = fact(o.BR_IF, inst.args[0], 0)
        enter(n, cython.address(e), 1 + truth)
        inst = f.insts + inst.args[0]
    if inst.op == o.REF_IS and truth:
        e = fact(o.REF_IS, inst.args[0], inst.aux)
        enter(n, cython.address(e), 1)
        truth = inst.imm == 0
    elif (inst.op == o.I64_EQ or inst.op == o.I64_NE) and is_zero(f, inst.args[1]):
        truth = truth == (inst.op == o.I64_NE)
    else:
        return
    if truth:
        e = fact(o.TRAP_IF, inst.args[0], 0)
        enter(n, cython.address(e), 1)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def enter_condition(n: Numbers) -> cython.void:
    """Behind one edge of a branch, its condition is known."""
    f: Func = n.f
    b: cython.pointer[Block] = f.blocks + n.block
    edge: cython.pointer[Edge]
    source: cython.pointer[Block]
    if b.n_preds != 1:
        return
    edge = f.edges + f.preds[b.preds]
    source = f.blocks + edge.source
    if f.insts[source.last].op == o.BR_IF:
        note_condition(n, f.insts[source.last].args[0], f.preds[b.preds] == source.first_edge)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def number_check(n: Numbers, id: uint32_t) -> cython.void:
    """trap_if and check_bounds: gone when they have passed before."""
    f: Func = n.f
    inst: cython.pointer[Inst] = f.insts + id
    key: Entry = key_of(n, inst)
    before: uint32_t = value_of(n, cython.address(key))
    if inst.op == o.TRAP_IF:
        if before != 0 or known_condition(n, inst.args[0]) == 0:
            unlink_inst(f, id)
            return
        enter(n, cython.address(key), id)
        note_condition(n, inst.args[0], 0)
        return
    if before != 0 and f.insts[before].imm >= inst.imm:
        unlink_inst(f, id)
        return
    enter(n, cython.address(key), id)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_same_type(a: uint32_t, b: uint32_t) -> cython.bint:
    """References and integers of 64 bits stand for each other."""
    return a == b or (a == TYPE_REF and b == TYPE_I64) or (a == TYPE_I64 and b == TYPE_REF)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def number_inst(n: Numbers, id: uint32_t) -> cython.void:
    """An instruction that is the same wherever operands and state are."""
    f: Func = n.f
    inst: cython.pointer[Inst] = f.insts + id
    key: Entry = key_of(n, inst)
    reads: uint32_t = read_by(inst)
    version: uint32_t = 0
    value: uint32_t
    steps: uint32_t
    # The value of a trap-free instruction and of one that passed its checks is the same.
    if reads < N_CLASSES:
        version = version_of(n, reads)
    key.version = version
    value = value_of(n, cython.address(key))
    if value == 0 and reads < N_CLASSES:
        for steps in range(REACH):
            if not is_elsewhere(n, key.version, inst):
                break
            key.version = n.versions[key.version].before
            value = value_of(n, cython.address(key))
            if value != 0:
                break
        key.version = version
    if value != 0 and is_same_type(f.insts[value].type, inst.type):
        n.alias[id] = value
        unlink_inst(f, id)
        return
    enter(n, cython.address(key), id)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def number_block(n: Numbers) -> cython.void:
    """The instructions of the current block."""
    f: Func = n.f
    id: uint32_t = f.blocks[n.block].first
    next: uint32_t
    k: uint32_t
    known: uint32_t
    inst: cython.pointer[Inst]
    args: Words
    enter_state(n)
    enter_condition(n)
    while id != 0 and not f.failed:
        inst = f.insts + id
        next = inst.next
        args = args_of(f, inst)
        for k in range(inst.n_args):
            args[k] = resolve(n.alias, args[k])
        if inst.op == o.TRAP_IF or inst.op == o.CHECK_BOUNDS:
            number_check(n, id)
        elif inst.op == o.BR_IF or inst.op == o.SELECT:
            known = known_condition(n, inst.args[0])
            if known < 2:
                known = const_of(f, TYPE_I32, known)
                f.insts[id].args[0] = known
            if f.insts[id].op == o.SELECT:
                number_inst(n, id)
        elif is_numbered(inst):
            if inst.type != TYPE_VOID:
                number_inst(n, id)
        else:
            note_write(n, id)
            if inst.op == o.STRUCT_NEW:
                note_structure(n, id)
        id = next


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def preorder(f: Func) -> Words:
    """The blocks in preorder of the dominator tree; NULL when memory is exhausted."""
    blocks: Words = cython.cast(Words, take(f.work, (f.n_order + 1) * cython.sizeof(uint32_t)))
    i: uint32_t
    if blocks != cython.NULL:
        for i in range(f.n_order):
            blocks[f.blocks[f.order[i]].dom_in] = f.order[i]
    return blocks


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def number_values(f: Func) -> cython.bint:
    """See gvn.pxd."""
    n: Numbering
    blocks: Words = preorder(f)
    i: uint32_t
    memset(cython.address(n), 0, cython.sizeof(Numbering))
    n.f = f
    n.alias = new_alias(f)
    n.written = written_classes(f)
    n.n_entries = 1
    n.max_entries = 64
    while n.max_entries < f.n_insts // 4:
        n.max_entries *= 2
    n.mask = 2 * n.max_entries - 1
    n.entries = cython.cast(cython.pointer[Entry], take(f.work, n.max_entries * cython.sizeof(Entry)))
    n.table = cython.cast(cython.pointer[Slot], take_zeros(f.work, n.mask + 1, cython.sizeof(Slot)))
    n.n_versions = 1
    n.max_versions = 256
    n.versions = cython.cast(
        cython.pointer[Version], take_zeros(f.work, n.max_versions, cython.sizeof(Version))
    )
    n.state = cython.cast(Words, take_zeros(f.work, f.n_blocks, cython.sizeof(uint32_t)))
    n.n_rows = 1
    n.max_rows = 64
    n.rows = cython.cast(
        Words, take_zeros(f.work, cython.cast(uint64_t, n.max_rows) * N_CLASSES, cython.sizeof(uint32_t))
    )
    if (
        blocks == cython.NULL
        or n.alias == cython.NULL
        or n.written == cython.NULL
        or n.entries == cython.NULL
        or n.table == cython.NULL
        or n.versions == cython.NULL
        or n.state == cython.NULL
        or n.rows == cython.NULL
    ):
        f.failed = 1
    else:
        for i in range(f.n_order):
            n.block = blocks[i]
            number_block(cython.address(n))
        rewrite_and_count(f, n.alias)
    put_back(f.work, blocks)
    put_back(f.work, n.alias)
    put_back(f.work, n.written)
    put_back(f.work, n.entries)
    put_back(f.work, n.table)
    put_back(f.work, n.versions)
    put_back(f.work, n.state)
    put_back(f.work, n.rows)
    return not f.failed
