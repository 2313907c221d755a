"""The control flow of register IR: blocks, edges, and which loops write which slots.

Lowered code is structured, and so is what is found here: a loop is a range of positions. Only pads in front
of a `try_table` are reached backwards, by exceptions. The extent of a loop is therefore closed over all edges
that go backwards: what starts inside of it ends inside. A slot that no position in the extent writes has, in
the whole loop, the value that it has before; no block parameter is tried for it.
"""

import cython
from cython.cimports.libc.stdint import int32_t, uint8_t, uint32_t, uint64_t
from cython.cimports.wasmine.ir import ops as ir
from cython.cimports.wasmine.ir.func import HANDLE_ALL, HANDLE_DELEGATE, Handler, Instr
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.build import BUILD_NO_WAY_IN, BUILD_TOO_LARGE, NO_ENTRY, Build
from cython.cimports.wasmine.jit.ssa.dispatch import blocks_with_copy, copy_code, find_dispatcher
from cython.cimports.wasmine.jit.ssa.flow import find_dominators, link_preds, order_blocks
from cython.cimports.wasmine.jit.ssa.function import (
    B_HANDLER,
    CATCH_ALL,
    CATCH_TAG,
    TYPE_VOID,
    Block,
    Edge,
    SsaFunc,
    dominates,
    new_block,
    new_edges,
    reserve,
)
from cython.cimports.wasmine.jit.ssa.info import IR_KIND, IR_WORDS, IR_WRITES, OF_WASM, RESULT
from cython.cimports.wasmine.jit.workspace import put_back, take, take_zeros
from cython.cimports.wasmine.spec.types import TypeDef

Building = cython.typedef(cython.pointer[Build])
Words = cython.typedef(cython.pointer[uint32_t])
Code = cython.typedef(cython.pointer[cython.const[Instr]])

# How an instruction goes on.
NEXT = cython.declare(cython.const[uint32_t], 0)
JUMP = cython.declare(cython.const[uint32_t], 1)
BRANCH = cython.declare(cython.const[uint32_t], 2)
TABLE = cython.declare(cython.const[uint32_t], 3)
CALL = cython.declare(cython.const[uint32_t], 4)
THROW = cython.declare(cython.const[uint32_t], 5)
LEAVE = cython.declare(cython.const[uint32_t], 6)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def flow_of(op: uint32_t) -> uint32_t:
    """How an instruction of register IR goes on."""
    kind: uint32_t = IR_KIND[op]
    if kind == o.KIND_BRANCH or kind == o.KIND_BRANCH_IMM or kind == o.KIND_BRANCH_UNLESS:
        return BRANCH
    if kind != o.KIND_SPECIAL:
        return NEXT
    if op == ir.BR:
        return JUMP
    elif op == ir.BR_TABLE:
        return TABLE
    elif op == ir.CALL or op == ir.CALL_IMPORT or op == ir.CALL_INDIRECT or op == ir.CALL_REF:
        return CALL
    elif op == ir.THROW or op == ir.THROW_REF:
        return THROW
    elif (
        op == ir.RET
        or op == ir.RET1
        or op == ir.RET_N
        or op == ir.UNREACHABLE
        or op == ir.HALT
        or op == ir.RETURN_CALL
        or op == ir.RETURN_CALL_IMPORT
        or op == ir.RETURN_CALL_INDIRECT
        or op == ir.RETURN_CALL_REF
    ):
        return LEAVE
    return NEXT


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def words_of(instr: Code) -> uint32_t:
    words: uint32_t = IR_WORDS[instr.op]
    if instr.op == ir.BR_TABLE:
        return 2 + instr.b
    return words


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def may_throw_into(b: Building, position: uint32_t) -> cython.bint:
    i: uint32_t
    handler: cython.pointer[Handler]
    if b.ir.n_handlers == 0:
        return False
    if b.budget < b.ir.n_handlers:
        b.status = BUILD_TOO_LARGE
        return False
    b.budget -= b.ir.n_handlers
    for i in range(b.ir.n_handlers):
        handler = b.ir.handlers + i
        if handler.start <= position and position < handler.end and handler.kind != HANDLE_DELEGATE:
            return True
    return False


# --- blocks


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def mark_leaders(b: Building, leads: cython.pointer[uint8_t]) -> uint32_t:
    """Marks the positions where a block starts; how many may be marked."""
    code: Code = b.ir.code
    n: uint32_t = b.ir.n_instrs
    at: uint32_t = 0
    after: uint32_t
    flow: uint32_t
    i: uint32_t
    count: uint32_t = 1
    leads[0] = 1
    while at < n:
        after = at + words_of(code + at)
        flow = flow_of(code[at].op)
        if flow == JUMP or flow == BRANCH:
            leads[at + cython.cast(int32_t, code[at].c)] = 1
            count += 1
        elif flow == TABLE:
            for i in range(at + 1, after):
                leads[i + cython.cast(int32_t, code[i].c)] = 1
            count += after - at
        if (flow == CALL and may_throw_into(b, at)) or (flow != NEXT and flow != CALL):
            leads[after] = 1
            count += 1
        at = after
    for i in range(b.ir.n_handlers):
        if b.ir.handlers[i].kind != HANDLE_DELEGATE:
            leads[b.ir.handlers[i].target] = 1
            count += 1
    if b.options.enter_at != NO_ENTRY:
        leads[b.options.enter_at] = 1
        count += 1
    return count


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def make_blocks(b: Building, leads: cython.pointer[uint8_t]) -> cython.void:
    """A block for each leader, in order of position."""
    code: Code = b.ir.code
    at: uint32_t = 0
    block: uint32_t = 0
    while at < b.ir.n_instrs:
        if leads[at]:
            block = new_block(b.f)
            b.f.blocks[block].pos = at
            b.block_at[at] = block
        b.ends[block] = at
        at += words_of(code + at)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def catch_edges(b: Building, position: uint32_t, edge: cython.pointer[Edge]) -> uint32_t:
    """The edges from a throwing instruction to the handlers that it may reach, in order; only their number
    when `edge` is NULL.

    This is the search of the runtime (runtime/exception.py), where every tag is possible.
    """
    handler: cython.pointer[Handler]
    outer: uint32_t = 0x7FFFFFFF
    count: uint32_t = 0
    i: uint32_t
    if b.budget < b.ir.n_handlers:
        b.status = BUILD_TOO_LARGE
        return 0
    b.budget -= b.ir.n_handlers
    for i in range(b.ir.n_handlers):
        handler = b.ir.handlers + i
        if position < handler.start or position >= handler.end or handler.serial > outer:
            continue
        if handler.kind == HANDLE_DELEGATE:
            outer = handler.outer
            continue
        if edge != cython.NULL:
            edge[count].target = b.block_at[handler.target]
            edge[count].catches = CATCH_ALL if handler.kind == HANDLE_ALL else CATCH_TAG
            edge[count].tag = handler.tag
        count += 1
        if handler.kind == HANDLE_ALL:
            break
    return count


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def table_edges(b: Building, block: uint32_t, at: uint32_t) -> cython.void:
    """One edge for each block that a table leads to."""
    code: Code = b.ir.code
    f: cython.pointer[SsaFunc] = b.f
    mark: Words = b.mark
    end: uint32_t = at + 2 + code[at].b
    first: uint32_t = f.n_edges
    count: uint32_t = 0
    i: uint32_t
    target: uint32_t
    for i in range(at + 1, end):
        target = b.block_at[i + cython.cast(int32_t, code[i].c)]
        if mark[target] < first:
            mark[target] = first
            count += 1
    first = new_edges(f, block, count)
    if first == 0:
        return
    count = 0
    for i in range(at + 1, end):
        target = b.block_at[i + cython.cast(int32_t, code[i].c)]
        if mark[target] == first:
            mark[target] = 0
            f.edges[first + count].target = target
            count += 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def make_edges(b: Building, block: uint32_t) -> cython.void:
    """The edges of a block, from its last instruction."""
    f: cython.pointer[SsaFunc] = b.f
    at: uint32_t = b.ends[block]
    instr: Code = b.ir.code + at
    flow: uint32_t = flow_of(instr.op)
    after: uint32_t = at + words_of(instr)
    throws: cython.bint = flow == THROW or (flow == CALL and may_throw_into(b, at))
    count: uint32_t = 0
    first: uint32_t
    if flow == TABLE:
        table_edges(b, block, at)
        return
    if throws:
        count = catch_edges(b, at, cython.NULL)
    if flow == BRANCH:
        count = 2
    elif flow != LEAVE and flow != THROW:
        count += 1
    first = new_edges(f, block, count)
    if first == 0 or count == 0:
        return
    if flow == JUMP:
        f.edges[first].target = b.block_at[at + cython.cast(int32_t, instr.c)]
    elif flow == BRANCH:
        f.edges[first].target = b.block_at[at + cython.cast(int32_t, instr.c)]
        f.edges[first + 1].target = b.block_at[after]
    elif flow == THROW:
        catch_edges(b, at, f.edges + first)
    else:
        f.edges[first].target = b.block_at[after]
        if throws:
            catch_edges(b, at, f.edges + first + 1)


# --- loops


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_copy(b: Building, block: uint32_t) -> cython.bint:
    """Whether a block is of the copy without a dispatcher, where positions say nothing of loops."""
    return b.first_copy != 0 and block >= b.first_copy


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_extents(b: Building) -> cython.bint:
    """`extent` of the loop headers. True when there is a loop."""
    f: cython.pointer[SsaFunc] = b.f
    stack: Words = b.mark
    block: uint32_t
    i: uint32_t
    e: uint32_t
    target: uint32_t
    end: uint32_t
    height: uint32_t = 0
    source: cython.pointer[Block]
    loops: cython.bint = False
    # First the farthest direct jump back to each block; blocks are numbered by position.
    for i in range(f.n_order):
        source = f.blocks + f.order[i]
        for e in range(source.first_edge, source.first_edge + source.n_succs):
            target = f.edges[e].target
            if f.order[i] >= target and f.order[i] != f.entry and not is_copy(b, f.order[i]):
                b.extent[target] = max(b.extent[target], b.ends[f.order[i]])
    # Then, from the last block down, what the ranges inside a range add to it.
    block = f.n_blocks
    while block > 1:
        block -= 1
        end = b.extent[block]
        if end == 0:
            continue
        while height > 0 and f.blocks[stack[height - 1]].pos <= end:
            height -= 1
            end = max(end, b.extent[stack[height]])
        b.extent[block] = end
        stack[height] = block
        height += 1
    # Only a target of a retreating edge is a header. Entered from outside its range, it may be left and come
    # back to by any way.
    for block in range(1, f.n_blocks):
        stack[block] = 0
    for i in range(f.n_order):
        source = f.blocks + f.order[i]
        for e in range(source.first_edge, source.first_edge + source.n_succs):
            target = f.edges[e].target
            if f.blocks[target].order <= i:
                loops = True
                stack[target] = 1
                if f.order[i] < target or is_copy(b, target):
                    b.extent[target] = b.ir.n_instrs
    for block in range(1, f.n_blocks):
        if stack[block] == 0:
            b.extent[block] = 0
        elif b.extent[block] == 0:
            # A loop of one instruction at position 0.
            b.extent[block] = b.ends[block] if b.ends[block] else b.ir.n_instrs
    return loops


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def note_writes(b: Building, at: uint32_t, count: cython.bint) -> cython.void:
    """Counts the slots that the instruction at a position writes, or enters the position for each of them."""
    instr: Code = b.ir.code + at
    kind: uint32_t = IR_WRITES[instr.op]
    first: uint32_t = instr.a
    n: uint32_t = 1
    i: uint32_t
    type: cython.pointer[TypeDef]
    if kind == o.WRITES_NOTHING:
        return
    if kind == o.WRITES_CALL:
        type = called_type(b, instr)
        first = instr.b
        n = type.result_slots
    elif kind == o.WRITES_BULK:
        n = 2
    elif kind == o.WRITES_ACCESS and RESULT[OF_WASM[instr.x]] == TYPE_VOID:
        return
    for i in range(first, first + n):
        note_write(b, i, at, count)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def note_write(b: Building, slot: uint32_t, at: uint32_t, count: cython.bint) -> cython.void:
    """One write: counted one place up, so that the sums are the ends of the ranges, which entering counts
    down.
    """
    if slot >= b.ir.frame_slots:
        return
    if count:
        b.write_first[slot] += 1
    else:
        b.write_first[slot] -= 1
        b.writes[b.write_first[slot]] = at


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def called_type(b: Building, instr: Code) -> cython.pointer[TypeDef]:
    """See scan.pxd."""
    if instr.op == ir.CALL or instr.op == ir.RETURN_CALL:
        return b.code.defs[b.code.funcs[instr.a].type_id]
    elif instr.op == ir.CALL_IMPORT or instr.op == ir.RETURN_CALL_IMPORT:
        return b.code.defs[b.code.desc.func_types[instr.a]]
    return b.code.defs[instr.a]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def note_all_writes(b: Building, positions: Words, n: uint32_t, count: cython.bint) -> cython.void:
    """All writes, from the last position down."""
    handler: cython.pointer[Handler]
    k: uint32_t
    i: uint32_t
    while n > 0:
        n -= 1
        note_writes(b, positions[n], count)
        k = b.caught_by[b.block_at[positions[n]]]
        if k != 0:
            handler = b.ir.handlers + (k - 1)
            if handler.ref_slot >= 0:
                note_write(b, cython.cast(uint32_t, handler.ref_slot), positions[n], count)
            if handler.kind != HANDLE_ALL:
                for i in range(b.code.defs[b.code.desc.tags[handler.tag]].param_slots):
                    note_write(b, handler.slot + i, positions[n], count)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def index_writes(b: Building) -> cython.bint:
    """`write_first` and `writes`."""
    slots: uint32_t = b.ir.frame_slots
    positions: Words = cython.cast(Words, take(b.f.work, (b.ir.n_instrs + 1) * cython.sizeof(uint32_t)))
    n: uint32_t = 0
    at: uint32_t = 0
    i: uint32_t
    sum: uint32_t = 0
    b.write_first = cython.cast(
        Words, take_zeros(b.f.work, cython.cast(uint64_t, slots) + 1, cython.sizeof(uint32_t))
    )
    if positions == cython.NULL or b.write_first == cython.NULL:
        put_back(b.f.work, positions)
        return False
    while at < b.ir.n_instrs:
        positions[n] = at
        n += 1
        at += words_of(b.ir.code + at)
    note_all_writes(b, positions, n, True)
    for i in range(slots):
        sum += b.write_first[i]
        b.write_first[i] = sum
    b.write_first[slots] = sum
    b.writes = cython.cast(Words, take(b.f.work, (cython.cast(uint64_t, sum) + 1) * cython.sizeof(uint32_t)))
    if b.writes != cython.NULL:
        note_all_writes(b, positions, n, False)
    put_back(b.f.work, positions)
    return b.writes != cython.NULL


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def loop_writes(b: Building, header: uint32_t, slot: uint32_t) -> cython.bint:
    start: uint32_t = b.f.blocks[header].pos
    low: uint32_t = b.write_first[slot]
    high: uint32_t = b.write_first[slot + 1]
    end: uint32_t = high
    middle: uint32_t
    if b.extent[header] == b.ir.n_instrs:
        return low < high
    while low < high:
        middle = (low + high) >> 1
        if b.writes[middle] < start:
            low = middle + 1
        else:
            high = middle
    return low < end and b.writes[low] <= b.extent[header]


# --- the whole


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def enter(b: Building) -> cython.void:
    """The entry block's edge: to the first instruction, or to where running code comes in."""
    first: uint32_t = new_edges(b.f, b.f.entry, 1)
    at: uint32_t = b.options.enter_at
    if first != 0:
        b.f.edges[first].target = b.block_at[at if at != NO_ENTRY else 0]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_reducible(f: cython.pointer[SsaFunc]) -> cython.bint:
    """Whether every loop is entered at its header only. A function entered at its start always is; one
    entered in a loop need not be: if that loop is left in several ways, they lead into the middle of the loop
    around it.
    """
    i: uint32_t
    e: uint32_t
    b: cython.pointer[Block]
    if not find_dominators(f):
        return False
    for i in range(f.n_order):
        b = f.blocks + f.order[i]
        for e in range(b.first_edge, b.first_edge + b.n_succs):
            if f.blocks[f.edges[e].target].order <= i and not dominates(f, f.edges[e].target, f.order[i]):
                return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def make_arrays(b: Building, blocks: uint64_t) -> cython.bint:
    """Arrays over so many blocks."""
    b.ends = cython.cast(Words, take_zeros(b.f.work, blocks, cython.sizeof(uint32_t)))
    b.caught_by = cython.cast(Words, take_zeros(b.f.work, blocks, cython.sizeof(uint32_t)))
    b.extent = cython.cast(Words, take_zeros(b.f.work, blocks, cython.sizeof(uint32_t)))
    b.mark = cython.cast(Words, take_zeros(b.f.work, blocks, cython.sizeof(uint32_t)))
    return (
        b.ends != cython.NULL
        and b.caught_by != cython.NULL
        and b.extent != cython.NULL
        and b.mark != cython.NULL
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def link_blocks(b: Building) -> cython.bint:
    """The edges of all blocks, and what is known of them at once."""
    f: cython.pointer[SsaFunc] = b.f
    block: uint32_t
    i: uint32_t
    last: uint32_t = f.n_blocks
    enter(b)
    for block in range(f.entry + 1, last):
        make_edges(b, block)
    for i in range(b.ir.n_handlers):
        if b.ir.handlers[i].kind != HANDLE_DELEGATE:
            block = b.block_at[b.ir.handlers[i].target]
            b.caught_by[block] = i + 1
            f.blocks[block].flags |= B_HANDLER
    return not b.status and not f.failed and order_blocks(f) and link_preds(f)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_copy(b: Building) -> cython.bint:
    """The copy without a dispatcher, unless its loops could be entered in the middle."""
    f: cython.pointer[SsaFunc] = b.f
    first: uint32_t = f.n_blocks
    edge: uint32_t
    if not (copy_code(b) and order_blocks(f) and link_preds(f)):
        return False
    if is_reducible(f):
        return True
    b.first_copy = 0
    f.n_blocks = first
    edge = new_edges(f, b.block_at[0], 1)
    f.edges[edge].target = b.block_at[b.dispatch]
    return edge != 0 and order_blocks(f) and link_preds(f)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def scan(b: Building) -> cython.bint:
    f: cython.pointer[SsaFunc] = b.f
    n: uint64_t = b.ir.n_instrs
    leads: cython.pointer[uint8_t] = cython.cast(cython.pointer[uint8_t], take_zeros(b.f.work, n + 1, 1))
    count: uint32_t
    dispatches: cython.bint = find_dispatcher(b)
    b.block_at = cython.cast(Words, take_zeros(b.f.work, n + 1, cython.sizeof(uint32_t)))
    if leads == cython.NULL or b.block_at == cython.NULL:
        put_back(b.f.work, leads)
        return False
    count = min(mark_leaders(b, leads), b.ir.n_instrs) + 3
    if not make_arrays(b, blocks_with_copy(b, count) if dispatches else count):
        put_back(b.f.work, leads)
        return False
    reserve(f, 2 * n + n // 2, count)
    f.entry = new_block(f)
    make_blocks(b, leads)
    put_back(b.f.work, leads)
    if not link_blocks(b):
        return False
    # What nobody jumps to is no block of its own, and dispatches once.
    if dispatches and b.block_at[b.dispatch] != 0 and not add_copy(b):
        return False
    if b.options.enter_at != NO_ENTRY and not is_reducible(f):
        b.status = BUILD_NO_WAY_IN
        return False
    return not find_extents(b) or index_writes(b)
