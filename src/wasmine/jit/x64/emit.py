"""From machine instructions with registers to bytes: blocks, moves, jumps, calls, what stands out of line.

    entry:  stack check, frame
            blocks; those that are seldom reached last
            stubs: traps, polls, calls through references that leave the instance
            jump tables, constants

Distances are 32 bits wide, except for short jumps inside one instruction's sequence and jumps back that
reach.
"""

import cython
from cython.cimports.libc.stdint import int32_t, uint32_t
from cython.cimports.libc.stdlib import free, malloc
from cython.cimports.libc.string import memset
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer
from cython.cimports.wasmine.jit.backend.machine import INST_FAULTS, MachBlock, MachFunc, MachInst
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.backend.target import Links
from cython.cimports.wasmine.jit.codemap import NOTE_FAULT, Notes, add_note
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.allocate import emit_allocation
from cython.cimports.wasmine.jit.x64.assembler import RBP, RSP, emit_ret
from cython.cimports.wasmine.jit.x64.callsites import (
    adapter,
    call_funcref,
    call_helper,
    call_native,
    note_call,
)
from cython.cimports.wasmine.jit.x64.casts import emit_is_instance
from cython.cimports.wasmine.jit.x64.cold import (
    compare_limit,
    emit_fuel,
    emit_stubs,
    emit_trap_if,
    new_stub,
    trap_on,
)
from cython.cimports.wasmine.jit.x64.constants import (
    emit_const_float,
    emit_constant,
    emit_data,
    emit_with_vector,
    high_half,
    low_half,
)
from cython.cimports.wasmine.jit.x64.convention import INSTANCE, SCRATCH
from cython.cimports.wasmine.jit.x64.emit import STUB_ASK, STUB_LIMIT, STUB_POLL, UNPLACED, Emit, Stub
from cython.cimports.wasmine.jit.x64.encode import emit_const, emit_rr
from cython.cimports.wasmine.jit.x64.flags import flags_are_set
from cython.cimports.wasmine.jit.x64.jumps import (
    ALWAYS,
    emit_branch,
    emit_jump,
    emit_jump_table,
    goes_to,
    patch,
)
from cython.cimports.wasmine.jit.x64.lower import CC_B, CC_E
from cython.cimports.wasmine.jit.x64.operands import (
    emit_mem,
    emit_moves,
    emit_one_move,
    emit_plain,
    location_of,
    operand_reg,
)
from cython.cimports.wasmine.jit.x64.sequences import emit_sequence
from cython.cimports.wasmine.jit.x64.tails import emit_tail_call
from cython.cimports.wasmine.jit.x64.throws import emit_throw
from cython.cimports.wasmine.runtime.vm import Instance, VMContext

Emitting = cython.typedef(cython.pointer[Emit])
Made = cython.typedef(cython.pointer[cython.const[MachInst]])
Words = cython.typedef(cython.pointer[uint32_t])

PAGE = cython.declare(cython.const[uint32_t], 4096)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_function(
    code: cython.pointer[CodeBuffer],
    m: cython.pointer[MachFunc],
    links: cython.pointer[cython.const[Links]],
    notes: cython.pointer[Notes],
) -> cython.bint:
    e = cython.declare(Emit)
    b: uint32_t
    memset(cython.address(e), 0, cython.sizeof(Emit))
    e.code = code
    e.m = m
    e.links = links
    e.notes = notes
    e.frame = notes.frame = frame_size(m)
    e.offsets = cython.cast(
        Words, malloc(2 * cython.cast(cython.size_t, m.n_blocks) * cython.sizeof(uint32_t))
    )
    if e.offsets == cython.NULL:
        return False
    e.ends = e.offsets + m.n_blocks
    for b in range(m.n_blocks):
        e.offsets[b] = UNPLACED
    find_ends(cython.address(e))
    emit_prologue(cython.address(e))
    emit_blocks(cython.address(e))
    emit_stubs(cython.address(e))
    emit_data(cython.address(e))
    place_landings(cython.address(e))
    free(e.offsets)
    free(e.stubs)
    free(e.jumps)
    free(e.loads)
    free(e.constants)
    free(e.tables)
    return not e.failed and not code.failed and not notes.failed


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def frame_size(m: cython.pointer[MachFunc]) -> uint32_t:
    """Of spill slots and outgoing area; a call finds the stack 16-aligned."""
    bytes: uint32_t = m.outgoing + 8 * m.n_slots
    if bytes == 0 and not m.has_calls:
        return 0
    return ((bytes + 7) & ~cython.cast(uint32_t, 15)) + 8


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_prologue(e: Emitting) -> cython.void:
    """Function entries poll for free: who wants a poll raises the limit beyond every address."""
    inst: cython.pointer[Instance] = cython.NULL
    ctx: cython.pointer[VMContext] = cython.NULL
    start: uint32_t = e.code.size
    reg: uint32_t = RSP
    stub: cython.pointer[Stub]
    if e.frame == 0:
        return
    if e.frame >= PAGE:
        reg = RBP
        emit_mem(e, x.X_LEA64, RBP, RSP, -cython.cast(int32_t, e.frame))
    emit_mem(e, x.X_MOV64, SCRATCH, INSTANCE, offset(cython.address(inst.ctx)))
    emit_mem(e, x.X_CMP64, reg, SCRATCH, offset(cython.address(ctx.native_limit)))
    stub = new_stub(e, STUB_LIMIT, CC_B)
    if stub != cython.NULL:
        stub.back = start
    emit_rr(e.code, x.X_SUB64_IMM, 0, RSP, e.frame)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_ends(e: Emitting) -> cython.void:
    """Fills in `goes_to`: follows each chain of such blocks once.

    One in a circle of them stands for itself.
    """
    m: cython.pointer[MachFunc] = e.m
    b: uint32_t
    at: uint32_t
    end: uint32_t
    next: uint32_t
    for b in range(m.n_blocks):
        e.ends[b] = UNPLACED
    for b in range(m.n_blocks):
        at = b
        while e.ends[at] == UNPLACED:
            e.ends[at] = at
            if at == 0 or not only_jumps(e, at):
                break
            at = m.insts[m.blocks[at].end - 1].label
        end = e.ends[at]
        at = b
        while e.ends[at] == at and at != end:
            next = m.insts[m.blocks[at].end - 1].label
            e.ends[at] = end
            at = next


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def only_jumps(e: Emitting, b: uint32_t) -> cython.bint:
    block: cython.pointer[MachBlock] = e.m.blocks + b
    return (
        block.end - block.first == 2
        and e.m.insts[block.end - 1].op == x.P_JUMP
        and block.n_moves_in == 0
        and block.n_moves_out == 0
        and e.m.insts[block.end - 1].n_moves == 0
        and e.m.insts[block.end - 1].label != b
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_blocks(e: Emitting) -> cython.void:
    """Usual blocks first. One that only jumps is left out, unless a circle of such leads back to it."""
    m: cython.pointer[MachFunc] = e.m
    order: Words = cython.cast(Words, malloc((m.n_blocks + 1) * cython.sizeof(uint32_t)))
    n: uint32_t = 0
    b: uint32_t
    i: uint32_t
    cold: uint32_t
    if order == cython.NULL:
        e.failed = 1
        return
    for cold in range(2):
        for b in range(m.n_blocks):
            if (m.blocks[b].cold != 0 and b != 0) == cold and goes_to(e, b) == b:
                order[n] = b
                n += 1
    for i in range(n):
        e.next = order[i + 1] if i + 1 < n else UNPLACED
        emit_block(e, order[i])
    free(order)
    for i in range(e.n_jumps):
        patch(e, e.jumps[i].at, e.offsets[goes_to(e, e.jumps[i].target)])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_block(e: Emitting, b: uint32_t) -> cython.void:
    m: cython.pointer[MachFunc] = e.m
    block: cython.pointer[MachBlock] = m.blocks + b
    n: uint32_t
    e.offsets[b] = e.code.size
    emit_moves(e, block.moves_in, block.n_moves_in)
    for n in range(block.first, block.end):
        emit_moves(e, m.insts[n].moves, m.insts[n].n_moves)
        if n == block.end - 1:
            emit_moves(e, block.moves_out, block.n_moves_out)
        e.at = m.insts + n
        if e.at.flags & INST_FAULTS:
            add_note(e.notes, e.code.size + 1, e.at.pos, e.at.site, NOTE_FAULT)
        emit_inst(e, e.at)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_inst(e: Emitting, inst: Made) -> cython.void:
    op: uint32_t = inst.op
    if (op == x.X_TEST32 or op == x.X_TEST64) and flags_are_set(e, inst):
        pass
    elif op >> 16 & 15 != x.FORM_PSEUDO:
        emit_plain(e, inst)
    elif op == x.P_LABEL or op == x.P_ARGS:
        pass
    elif op == x.P_MOVE:
        emit_one_move(
            e,
            location_of(e, inst, 1),
            location_of(e, inst, 0),
            e.m.vregs[e.m.operands[inst.operands].vreg].type,
            0,
        )
    elif op == x.P_CONST:
        emit_constant(e, inst)
    elif op == x.P_CONST_FLOAT:
        emit_const_float(e, inst)
    elif op == x.P_WITH_POOL:
        emit_with_vector(
            e,
            inst.aux,
            operand_reg(e, inst, 0),
            operand_reg(e, inst, 1) if inst.n_operands > 1 else 0,
            inst.imm,
            0,
            0,
        )
    elif op == x.P_WITH_VECTOR:
        emit_with_vector(
            e,
            cython.cast(uint32_t, inst.imm),
            operand_reg(e, inst, 0),
            operand_reg(e, inst, 1) if inst.n_operands > 1 else 0,
            low_half(e, inst),
            high_half(e, inst),
            inst.disp,
        )
    elif op == x.P_JUMP:
        emit_jump(e, ALWAYS, inst.label)
    elif op == x.P_JUMP_IF:
        emit_branch(e, inst)
    elif op == x.P_JUMP_TABLE:
        emit_jump_table(e, inst)
    elif op == x.P_TRAP:
        trap_on(e, ALWAYS, cython.cast(uint32_t, inst.imm))
    elif op == x.P_TRAP_IF:
        emit_trap_if(e, inst)
    elif op == x.P_RETURN:
        if e.frame != 0:
            emit_rr(e.code, x.X_ADD64_IMM, 0, RSP, e.frame)
        emit_ret(e.code)
    elif op == x.P_FUEL:
        emit_fuel(e, inst)
    elif op == x.P_POLL:
        compare_limit(e)
        new_stub(e, STUB_POLL, CC_B)
    elif op == x.P_POLL_COUNTED:
        new_stub(e, STUB_ASK, CC_E)
    elif op == x.P_CALL_NATIVE:
        call_native(e, inst)
    elif op == x.P_CALL_IMPORT:
        emit_const(e.code, SCRATCH, adapter(e, inst.aux))
        emit_rr(e.code, x.X_CALL, 0, SCRATCH, 0)
        note_call(e)
    elif op == x.P_CALL_FUNCREF:
        call_funcref(e, inst)
    elif op == x.P_THROW:
        emit_throw(e, inst)
    elif op == x.P_CALL_HELPER:
        call_helper(e, inst)
    elif op == x.P_IS_INSTANCE:
        emit_is_instance(e, inst)
    elif not (emit_sequence(e, inst) or emit_allocation(e, inst) or emit_tail_call(e, inst)):
        e.failed = 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def place_landings(e: Emitting) -> cython.void:
    i: uint32_t
    for i in range(e.notes.n_landings):
        e.notes.landings[i].target = e.offsets[goes_to(e, e.notes.landings[i].target)]
