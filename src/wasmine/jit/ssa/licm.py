"""Loop-invariant code motion.

Every loop gets a preheader: a block whose one edge is the only one into the header from outside. Blocks are
visited in reverse postorder; an instruction whose operands are defined outside a loop moves to that loop's
preheader, then on, outwards, as long as this holds.

What may be computed where the program does not, moves from anywhere; so do reads of state that no instruction
of the loop writes and that cannot trap. What may trap moves from the header only, and only while nothing
before it in the header has an effect: then it was about to be executed anyway.

What has left a loop lives through all of it, in a register or, in a large loop, in memory. Where it is
computed by one instruction from one value, that may cost more than it saves: such an instruction leaves a
loop that few others have left, and a comparison never leaves the branch that it decides.
"""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.flow import analyse, count_uses
from cython.cimports.wasmine.jit.ssa.function import (
    B_HANDLER,
    B_LOOP,
    TYPE_I32,
    TYPE_I64,
    Block,
    Inst,
    SsaFunc,
    append_inst,
    append_param,
    args_of,
    dominates,
    insert_before,
    new_block,
    new_edges,
    new_inst,
    take_pool,
    unlink_inst,
)
from cython.cimports.wasmine.jit.ssa.info import EFFECTS
from cython.cimports.wasmine.jit.ssa.rules import is_const
from cython.cimports.wasmine.jit.ssa.state import N_CLASSES, read_by, written_classes
from cython.cimports.wasmine.jit.workspace import put_back, take_zeros

Func = cython.typedef(cython.pointer[SsaFunc])
Words = cython.typedef(cython.pointer[uint32_t])

# Loops that an instruction leaves in one go: bounds the work in deep nests.
LEVELS = cython.declare(cython.const[uint32_t], 32)
# Values that leave a loop until cheap ones stay: registers that loops can spare.
FEW = cython.declare(cython.const[uint32_t], 8)


# --- preheaders


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def preheader_of(f: Func, header: uint32_t) -> uint32_t:
    """The block whose only edge is the only one into a loop from outside, or 0."""
    b: cython.pointer[Block] = f.blocks + header
    k: uint32_t
    source: uint32_t
    found: uint32_t = 0
    for k in range(b.n_preds):
        source = f.edges[f.preds[b.preds + k]].source
        if f.blocks[source].order < b.order:
            if found != 0:
                return 0
            found = source
    return found if found != 0 and f.blocks[found].n_succs == 1 else 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def make_preheader(f: Func, header: uint32_t) -> cython.void:
    """Puts a block with parameters of its own between a header and what leads to it from outside."""
    block: uint32_t = new_block(f)
    first: uint32_t = new_edges(f, block, 1)
    n: uint32_t = f.blocks[header].n_params
    place: uint32_t = take_pool(f, n)
    jump: uint32_t = new_inst(f, o.BR, 0)
    k: uint32_t
    e: uint32_t
    param: uint32_t = f.blocks[header].first_param
    if block == 0 or first == 0 or place == 0 or jump == 0:
        return
    f.blocks[block].pos = f.blocks[header].pos
    f.insts[jump].pos = f.blocks[header].pos
    append_inst(f, block, jump)
    for k in range(n):
        f.pool[place + k] = append_param(f, block, f.insts[param].type)
        param = f.insts[param].next
    f.edges[first].target = header
    f.edges[first].args = place
    f.edges[first].n_args = n
    for k in range(f.blocks[header].n_preds):
        e = f.preds[f.blocks[header].preds + k]
        if f.blocks[f.edges[e].source].order < f.blocks[header].order:
            f.edges[e].target = block


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def make_preheaders(f: Func) -> cython.bint:
    """A preheader for every loop that has none, but for one that is entered by exceptions.

    True when one was made.
    """
    i: uint32_t
    made: cython.bint = False
    b: cython.pointer[Block]
    for i in range(f.n_order):
        b = f.blocks + f.order[i]
        if b.flags & B_LOOP and not b.flags & B_HANDLER and preheader_of(f, f.order[i]) == 0:
            make_preheader(f, f.order[i])
            made = True
    return made


# --- moving


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_invariant(f: Func, inst: cython.pointer[Inst], header: uint32_t) -> cython.bint:
    """Whether all operands are defined outside of a loop. They dominate an instruction in it, so it is enough
    that the header does not dominate them.
    """
    args: Words = args_of(f, inst)
    k: uint32_t
    home: uint32_t
    for k in range(inst.n_args):
        home = f.insts[args[k]].block
        if home != 0 and dominates(f, header, home):
            return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def divides_by_const(f: Func, inst: cython.pointer[Inst]) -> cython.bint:
    """Whether a division is defined whatever its first operand is."""
    return inst.n_args == 2 and f.insts[inst.args[1]].op == o.CONST and f.insts[inst.args[1]].imm != 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def may_move(f: Func, inst: cython.pointer[Inst], written: uint32_t, first: cython.bint) -> cython.bint:
    """Whether an instruction may be computed before a loop that writes the given classes of state.

    `first`: it is in the header, and nothing with an effect is before it.
    """
    effects: uint32_t = EFFECTS[inst.op]
    reads: uint32_t = read_by(inst)
    if effects & o.E_TOTAL:
        # A further result follows its instruction.
        return not effects & o.E_FLOATS and f.insts[inst.next].op != o.RESULT
    if effects & (
        o.E_ENDS
        | o.E_CALL
        | o.E_WRITES_MEMORY
        | o.E_WRITES_OBJECTS
        | o.E_WRITES_GLOBALS
        | o.E_WRITES_STATE
        | o.E_FENCES
    ):
        return False
    if inst.op == o.RESULT or inst.op == o.ARG or inst.op == o.FRAME_LOAD or inst.op == o.CAUGHT:
        return False
    if reads < N_CLASSES and written >> reads & 1:
        return False
    if effects & o.E_GUARDED:
        return first or divides_by_const(f, inst)
    return first or not effects & o.E_TRAPS


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_effect(inst: cython.pointer[Inst]) -> cython.bint:
    """Whether what may trap cannot be moved across an instruction. A poll may be late by one turn."""
    if inst.op == o.POLL:
        return False
    return (
        EFFECTS[inst.op]
        & (
            o.E_TRAPS
            | o.E_ENDS
            | o.E_CALL
            | o.E_WRITES_MEMORY
            | o.E_WRITES_OBJECTS
            | o.E_WRITES_GLOBALS
            | o.E_WRITES_STATE
            | o.E_FENCES
        )
        != 0
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_cheap(f: Func, inst: cython.pointer[Inst]) -> cython.bint:
    """Whether an instruction takes one value, and a cycle to be computed again."""
    op: uint32_t = inst.op
    if inst.type != TYPE_I32 and inst.type != TYPE_I64:
        return False
    if inst.n_args == 2:
        return is_const(f, inst.args[1]) and (
            o.I32_EQ <= op <= o.I64_GE_U
            or op == o.I32_ADD
            or op == o.I32_SUB
            or o.I32_AND <= op <= o.I32_ROTR
            or op == o.I64_ADD
            or op == o.I64_SUB
            or o.I64_AND <= op <= o.I64_ROTR
        )
    return o.I32_EXTEND8_S <= op <= o.I64_EXTEND_I32_S or op == o.I64_EXTEND_I32_U


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def decides_here(f: Func, id: uint32_t) -> cython.bint:
    """Whether the only use of a value is the branch at the end of its block."""
    branch: cython.pointer[Inst] = f.insts + f.blocks[f.insts[id].block].last
    return f.insts[id].uses == 1 and branch.op == o.BR_IF and branch.args[0] == id


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def destination(f: Func, id: uint32_t, written: Words, left: Words, first: cython.bint) -> uint32_t:
    """The preheader of the outermost loop that an instruction can leave, 0 when it stays."""
    inst: cython.pointer[Inst] = f.insts + id
    header: uint32_t = f.blocks[inst.block].loop
    level: uint32_t
    above: uint32_t
    found: uint32_t = 0
    cheap: cython.bint = is_cheap(f, inst)
    if cheap and decides_here(f, id):
        return 0
    for level in range(LEVELS):
        if header == 0 or (cheap and left[header] >= FEW):
            break
        above = preheader_of(f, header)
        if above == 0 or not may_move(f, inst, written[header], first) or not is_invariant(f, inst, header):
            break
        found = above
        left[header] += 1
        # Where it stands now is not the header of the loop around.
        first = False
        header = f.blocks[header].outer
    return found


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def hoist_from(f: Func, block: uint32_t, written: Words, left: Words) -> cython.void:
    """Moves what can be moved out of a block. `left`: how many values have left the loop of a header."""
    id: uint32_t = f.blocks[block].first
    next: uint32_t
    to: uint32_t
    first: cython.bint = f.blocks[block].loop == block
    while id != 0:
        next = f.insts[id].next
        to = destination(f, id, written, left, first)
        if to != 0:
            # What checks an access and what needs the check move together: the flag says nothing about order.
            unlink_inst(f, id)
            insert_before(f, id, f.blocks[to].last)
        elif is_effect(f.insts + id):
            first = False
        id = next


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def hoist_invariants(f: Func) -> cython.bint:
    """See licm.pxd."""
    written: Words
    left: Words
    i: uint32_t
    made: cython.bint = make_preheaders(f)
    if made and (f.failed or not analyse(f)):
        return False
    written = written_classes(f)
    left = cython.cast(Words, take_zeros(f.work, f.n_blocks, cython.sizeof(uint32_t)))
    if written == cython.NULL or left == cython.NULL:
        put_back(f.work, written)
        put_back(f.work, left)
        return False
    for i in range(f.n_order):
        if f.blocks[f.order[i]].loop != 0:
            hoist_from(f, f.order[i], written, left)
    put_back(f.work, written)
    put_back(f.work, left)
    # What has only moved is used as before.
    return not f.failed and (not made or count_uses(f))
