"""From machine instructions with registers to bytes: blocks, moves, jumps, calls, what stands out of line.

    entry:  stack check, frame
            blocks; those that are seldom reached last
            stubs: traps, polls, calls through references that leave the instance
            jump tables, constants

Distances are 32 bits wide, except for short jumps inside one instruction's sequence and jumps back that
reach.
"""

import cython
from cython.cimports.libc.stdint import int32_t, int64_t, uint8_t, uint32_t, uint64_t
from cython.cimports.libc.stdlib import free, malloc, realloc
from cython.cimports.libc.string import memcpy, memset
from cython.cimports.wasmine.ir.func import IrFunc
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer, emit_align, emit_u8, emit_u32
from cython.cimports.wasmine.jit.backend.machine import (
    AREA_INCOMING,
    AREA_NONE,
    FLOAT_REGS,
    IN_SLOT,
    INST_CALL,
    INST_FAULTS,
    OPERAND_MOD,
    ROLE_BASE,
    ROLE_INDEX,
    ROLE_MASK,
    ROLE_REG,
    ROLE_RM,
    ROLE_SECOND,
    SLOT,
    VT_F32,
    VT_I32,
    VT_V128,
    MachBlock,
    MachFunc,
    MachInst,
    Move,
    Operand,
)
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.codemap import (
    NOTE_CALL,
    NOTE_ENTRY,
    NOTE_FAULT,
    Notes,
    add_landing,
    add_note,
)
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.allocate import emit_allocation, emit_slow_stub
from cython.cimports.wasmine.jit.x64.assembler import INT3, RBP, RDI, RDX, RSI, RSP, emit_ret
from cython.cimports.wasmine.jit.x64.casts import emit_is_instance
from cython.cimports.wasmine.jit.x64.convention import CALLEE, INSTANCE, SCRATCH, value_load, value_store
from cython.cimports.wasmine.jit.x64.emit import (
    ALWAYS,
    STUB_ASK,
    STUB_FUNCREF,
    STUB_LIMIT,
    STUB_POLL,
    STUB_SLOW,
    STUB_STATUS,
    STUB_TAIL,
    STUB_TRAP,
    UNPLACED,
    Constant,
    Emit,
    Fixup,
    Links,
    Stub,
)
from cython.cimports.wasmine.jit.x64.encode import (
    NO_REG,
    RIP,
    Address,
    emit_const,
    emit_rmem,
    emit_rr,
    emit_vex_rmem,
    emit_vex_rr,
)
from cython.cimports.wasmine.jit.x64.lower import (
    CC_AE,
    CC_B,
    CC_E,
    CC_EQ_F,
    CC_NE,
    CC_NE_F,
    CC_NS,
    CC_P,
    CC_S,
)
from cython.cimports.wasmine.jit.x64.sequences import emit_sequence
from cython.cimports.wasmine.jit.x64.tails import emit_tail_call, emit_tail_stub
from cython.cimports.wasmine.jit.x64.throws import emit_throw
from cython.cimports.wasmine.runtime.vm import FuncInst, Instance, VMContext
from cython.cimports.wasmine.spec.traps import TRAP_FUEL_EXHAUSTED, TRAP_NONE

Emitting = cython.typedef(cython.pointer[Emit])
Made = cython.typedef(cython.pointer[cython.const[MachInst]])
Words = cython.typedef(cython.pointer[uint32_t])

# Instructions that are looked at for one that reads the flags.
FLAGS_REACH = cython.declare(cython.const[uint32_t], 16)

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


# --- frame


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


# --- blocks


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def goes_to(e: Emitting, b: uint32_t) -> uint32_t:
    """Where control ends up that goes to a block, past those that only jump on."""
    return e.ends[b]


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
def patch(e: Emitting, at: uint32_t, target: uint32_t) -> cython.void:
    """Fills in a distance: it counts from behind itself."""
    distance: uint32_t = target - (at + 4)
    if not e.code.failed:
        memcpy(e.code.bytes + at, cython.address(distance), 4)


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


# --- moves


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_moves(e: Emitting, first: uint32_t, count: uint32_t) -> cython.void:
    i: uint32_t
    move: cython.pointer[Move]
    for i in range(first, first + count):
        move = e.m.moves + i
        emit_one_move(e, move.src, move.dst, move.type, move.no_scratch)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def slot_disp(e: Emitting, location: uint32_t) -> int32_t:
    return cython.cast(int32_t, e.m.outgoing + 8 * (location - SLOT))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_one_move(
    e: Emitting, src: uint32_t, dst: uint32_t, type: uint32_t, no_scratch: uint32_t
) -> cython.void:
    """Between registers and slots. An i32 in a slot has its upper half, which is zero, there too."""
    if src == dst:
        return
    if src < SLOT and dst < SLOT:
        if type == VT_I32:
            emit_rr(e.code, x.X_MOV32, dst, src, 0)
        elif type < VT_F32:
            emit_rr(e.code, x.X_MOV64, dst, src, 0)
        else:
            put_rr(e, x.X_MOVAPS, dst - FLOAT_REGS, src - FLOAT_REGS, 0)
    elif src < SLOT:
        emit_mem(e, value_store(type), src & 15, RSP, slot_disp(e, dst))
    elif dst < SLOT:
        emit_mem(e, value_load(type), dst & 15, RSP, slot_disp(e, src))
    elif type == VT_V128 or no_scratch:
        copy_on_stack(e, slot_disp(e, src), slot_disp(e, dst))
        if type == VT_V128:
            copy_on_stack(e, slot_disp(e, src) + 8, slot_disp(e, dst) + 8)
    else:
        emit_mem(e, x.X_MOV64, SCRATCH, RSP, slot_disp(e, src))
        emit_mem(e, x.X_STORE64, SCRATCH, RSP, slot_disp(e, dst))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def copy_on_stack(e: Emitting, src: int32_t, dst: int32_t) -> cython.void:
    """Without a register. pop counts from the stack pointer that it leaves."""
    emit_mem(e, x.X_PUSH, 0, RSP, src)
    emit_mem(e, x.X_POP, 0, RSP, dst)


# --- instructions


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_mem(e: Emitting, op: uint32_t, reg: uint32_t, base: uint32_t, disp: int32_t) -> cython.void:
    address = cython.declare(Address)
    address.base = base
    address.index = NO_REG
    address.scale = 0
    address.disp = disp
    put_rmem(e, op, reg, cython.address(address), 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_mem_imm(e: Emitting, op: uint32_t, base: uint32_t, disp: int32_t, imm: int64_t) -> cython.void:
    address = cython.declare(Address)
    address.base = base
    address.index = NO_REG
    address.scale = 0
    address.disp = disp
    emit_rmem(e.code, op, 0, cython.address(address), imm)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_scaled(
    e: Emitting, op: uint32_t, reg: uint32_t, base: uint32_t, index: uint32_t, scale: uint32_t, disp: int32_t
) -> cython.void:
    address = cython.declare(Address)
    address.base = base
    address.index = index
    address.scale = scale
    address.disp = disp
    emit_rmem(e.code, op, reg, cython.address(address), 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def operand_reg(e: Emitting, inst: Made, k: uint32_t) -> uint32_t:
    return e.m.operands[inst.operands + k].preg & 15


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def location_of(e: Emitting, inst: Made, k: uint32_t) -> uint32_t:
    operand: cython.pointer[Operand] = e.m.operands + inst.operands + k
    return SLOT + e.m.vregs[operand.vreg].slot if operand.preg == IN_SLOT else operand.preg


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_with_rm(
    e: Emitting, op: uint32_t, reg: uint32_t, inst: Made, k: uint32_t, imm: int64_t
) -> cython.void:
    location: uint32_t = location_of(e, inst, k)
    address = cython.declare(Address)
    if location < SLOT:
        emit_rr(e.code, op, reg, location & 15, imm)
        return
    address.base = RSP
    address.index = NO_REG
    address.scale = 0
    address.disp = slot_disp(e, location)
    emit_rmem(e.code, op, reg, cython.address(address), imm)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_plain(e: Emitting, inst: Made) -> cython.void:
    """An instruction of the machine: its operands have the roles that its form wants."""
    op: uint32_t = inst.op
    reg: uint32_t = 0
    rm: uint32_t = NO_REG
    second: uint32_t = 0
    imm: int64_t = inst.imm
    k: uint32_t
    address = cython.declare(Address)
    operand: cython.pointer[Operand]
    address.base = address.index = NO_REG
    address.scale = inst.scale
    address.disp = inst.disp
    if inst.area != AREA_NONE:
        address.base = RSP
        if inst.area == AREA_INCOMING:
            address.disp += cython.cast(int32_t, e.frame + 8)
    for k in range(inst.n_operands):
        operand = e.m.operands + inst.operands + k
        if operand.role == ROLE_REG:
            reg = operand.preg & 15
        elif operand.role == ROLE_BASE:
            address.base = operand.preg
        elif operand.role == ROLE_INDEX:
            address.index = operand.preg
        elif operand.role == ROLE_SECOND:
            second = operand.preg & 15
        elif operand.role == ROLE_MASK:
            imm = (operand.preg & 15) << 4
        elif operand.role == ROLE_RM and operand.preg == IN_SLOT:
            address.base = RSP
            address.disp = slot_disp(e, location_of(e, inst, k))
        elif operand.role == ROLE_RM:
            rm = operand.preg & 15
    if op == x.X_CMOV32 or op == x.X_CMOV64:
        if inst.cond == CC_NE_F:
            emit_either(e, op + CC_P, reg, rm, cython.address(address))
        op += CC_NE if inst.cond == CC_NE_F else inst.cond
    if op & x.VEX and rm != NO_REG:
        emit_vex_rr(e.code, op, reg, second, rm, imm)
    elif op & x.VEX:
        emit_vex_rmem(e.code, op, reg, second, cython.address(address), imm)
    elif rm != NO_REG:
        put_rr(e, op, reg, rm, imm)
    else:
        put_rmem(e, op, reg, cython.address(address), imm)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_put_in_vex(e: Emitting, op: uint32_t) -> cython.bint:
    return e.links.vex and op >> 25 & 3 != 0 and op & x.VEX == 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def put_rr(e: Emitting, op: uint32_t, reg: uint32_t, rm: uint32_t, imm: int64_t) -> cython.void:
    """Where VEX names one register more, that is the one whose value the legacy instruction changes."""
    second: uint32_t = 0
    if not is_put_in_vex(e, op):
        emit_rr(e.code, op, reg, rm, imm)
        return
    if op >> 25 & 3 == 2:
        second = rm if op >> 16 & 15 == x.FORM_MI8 else reg
    emit_vex_rr(e.code, op | x.VEX, reg, second, rm, imm)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def put_rmem(
    e: Emitting, op: uint32_t, reg: uint32_t, address: cython.pointer[Address], imm: int64_t
) -> cython.void:
    """The same with an operand in memory; a scalar that is loaded changes no register, but sets it."""
    second: uint32_t = 0
    if not is_put_in_vex(e, op):
        emit_rmem(e.code, op, reg, address, imm)
        return
    if op >> 25 & 3 == 2 and op != x.X_MOVSS and op != x.X_MOVSD:
        second = reg
    emit_vex_rmem(e.code, op | x.VEX, reg, second, address, imm)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_either(
    e: Emitting, op: uint32_t, reg: uint32_t, rm: uint32_t, address: cython.pointer[Address]
) -> cython.void:
    if rm != NO_REG:
        emit_rr(e.code, op, reg, rm, 0)
    else:
        emit_rmem(e.code, op, reg, address, 0)


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
        compare_interrupt(e)
        new_stub(e, STUB_POLL, CC_NE)
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
def flags_are_set(e: Emitting, inst: Made) -> cython.bint:
    """Whether the instruction before a comparison of a value with zero computed it, and set the flags alike.

    Sums and differences set carry and overflow otherwise: then only zero and sign may be asked for.
    """
    before: Made = inst - 1
    after: Made = inst + 1
    op: uint32_t
    wide: uint32_t = inst.op - x.X_TEST32
    if inst == e.m.insts or inst.n_moves != 0 or before.n_operands == 0 or inst.n_operands != 2:
        return False
    if operand_reg(e, inst, 0) != operand_reg(e, inst, 1) or operand_reg(e, before, 0) != operand_reg(
        e, inst, 0
    ):
        return False
    if e.m.operands[before.operands].kind != OPERAND_MOD or before.op < wide:
        return False
    op = before.op - wide
    if op == x.X_AND32 or op == x.X_AND32_IMM or op == x.X_OR32 or op == x.X_XOR32:
        return True
    if op != x.X_ADD32 and op != x.X_ADD32_IMM and op != x.X_SUB32 and op != x.X_SUB32_IMM:
        return False
    if after.op != x.P_JUMP_IF and after.op != x.P_TRAP_IF and after.op != x.P_SET:
        return False
    return after.cond == CC_E or after.cond == CC_NE or after.cond == CC_S or after.cond == CC_NS


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_constant(e: Emitting, inst: Made) -> cython.void:
    reg: uint32_t = operand_reg(e, inst, 0)
    if constant_bits(inst) == 0 and not flags_live(e, cython.cast(uint32_t, inst - e.m.insts)):
        emit_rr(e.code, x.X_XOR32, reg, reg, 0)
    else:
        emit_const(e.code, reg, constant_bits(inst))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def flags_live(e: Emitting, n: uint32_t) -> cython.bint:
    """Whether an instruction behind n may read flags that are set before n, in the same block."""
    m: cython.pointer[MachFunc] = e.m
    end: uint32_t = m.n_insts
    op: uint32_t
    k: uint32_t
    for k in range(n + 1, end):
        op = m.insts[k].op
        if op == x.P_LABEL:
            return False
        if reads_flags(op):
            return True
        if writes_flags(op):
            return False
        if k == n + FLAGS_REACH:
            return True
    return False


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def reads_flags(op: uint32_t) -> cython.bint:
    """Also those of which it is not sure."""
    return (
        op == x.P_JUMP_IF
        or op == x.P_TRAP_IF
        or op == x.P_POLL_COUNTED
        or op == x.P_SET
        or op == x.P_SELECT_FLOAT
        or op == x.X_CMOV32
        or op == x.X_CMOV64
        or op == x.X_ADC32
        or op == x.X_ADC64
        or op == x.X_SBB32
        or op == x.X_SBB64
    )


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def writes_flags(op: uint32_t) -> cython.bint:
    """The usual ones that surely overwrite all flags."""
    return (
        op == x.X_CMP32
        or op == x.X_CMP64
        or op == x.X_CMP32_IMM
        or op == x.X_CMP64_IMM
        or op == x.X_TEST32
        or op == x.X_TEST64
        or op == x.X_TEST32_IMM
        or op == x.X_TEST64_IMM
        or op == x.X_UCOMISS
        or op == x.X_UCOMISD
        or op == x.X_ADD32
        or op == x.X_ADD64
        or op == x.X_ADD32_IMM
        or op == x.X_ADD64_IMM
        or op == x.X_SUB32
        or op == x.X_SUB64
        or op == x.X_AND32
        or op == x.X_AND32_IMM
        or op == x.X_XOR32
        or op == x.X_OR32
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def constant_bits(inst: Made) -> uint64_t:
    bits: uint64_t = cython.cast(uint64_t, inst.imm)
    return bits & cython.cast(uint64_t, 0xFFFFFFFF) if inst.scale == VT_I32 else bits


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def low_half(e: Emitting, inst: Made) -> uint64_t:
    """Of the 16 bytes in the pool at aux."""
    words: Words = e.m.pool + inst.aux
    return words[0] | cython.cast(uint64_t, words[1]) << 32


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def high_half(e: Emitting, inst: Made) -> uint64_t:
    words: Words = e.m.pool + inst.aux
    return words[2] | cython.cast(uint64_t, words[3]) << 32


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_const_float(e: Emitting, inst: Made) -> cython.void:
    reg: uint32_t = operand_reg(e, inst, 0)
    low: uint64_t
    high: uint64_t
    if inst.scale == VT_V128:
        low = low_half(e, inst)
        high = high_half(e, inst)
        if low == 0 and high == 0:
            put_rr(e, x.X_XORPS, reg, reg, 0)
        elif ~low == 0 and ~high == 0:
            put_rr(e, x.X_PCMPEQD, reg, reg, 0)
        else:
            emit_with_pool(e, x.X_MOVAPS, reg, low, high)
    elif inst.imm == 0:
        put_rr(e, x.X_XORPS, reg, reg, 0)
    else:
        emit_with_pool(e, x.X_MOVSS if inst.scale == VT_F32 else x.X_MOVSD, reg, inst.imm, 0)


# --- jumps


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_jump(e: Emitting, cc: uint32_t, target: uint32_t) -> cython.void:
    """A jump to a block; none where control falls into it anyway."""
    distance: int32_t
    target = goes_to(e, target)
    if cc == ALWAYS and target == e.next:
        return
    if e.offsets[target] != UNPLACED:
        distance = cython.cast(int32_t, e.offsets[target] - (e.code.size + 2))
        if distance >= -128:
            emit_u8(e.code, 0xEB if cc == ALWAYS else 0x70 + cc)
            emit_u8(e.code, cython.cast(uint32_t, distance) & 0xFF)
            return
    start_jump(e, cc)
    e.jumps = cython.cast(
        cython.pointer[Fixup],
        room(e, e.jumps, e.n_jumps, cython.address(e.max_jumps), cython.sizeof(Fixup)),
    )
    if not e.failed:
        e.jumps[e.n_jumps].at = e.code.size
        e.jumps[e.n_jumps].target = target
        e.n_jumps += 1
    emit_u32(e.code, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def start_jump(e: Emitting, cc: uint32_t) -> cython.void:
    """The opcode of a jump whose distance, 32 bits, comes next."""
    if cc == ALWAYS:
        emit_u8(e.code, 0xE9)
    else:
        emit_u8(e.code, 0x0F)
        emit_u8(e.code, 0x80 + cc)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_branch(e: Emitting, inst: Made) -> cython.void:
    yes: uint32_t = goes_to(e, inst.label)
    no: uint32_t = goes_to(e, inst.aux)
    cc: uint32_t = inst.cond
    if cc == CC_EQ_F:
        yes, no = no, yes
        cc = CC_NE_F
    if cc == CC_NE_F:
        emit_jump(e, CC_NE, yes)
        emit_jump(e, CC_P, yes)
        emit_jump(e, ALWAYS, no)
    elif yes == e.next:
        emit_jump(e, cc ^ 1, no)
    else:
        emit_jump(e, cc, yes)
        emit_jump(e, ALWAYS, no)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_jump_table(e: Emitting, inst: Made) -> cython.void:
    """Distances of 32 bits from the table; the last label is for every other index."""
    index: uint32_t = operand_reg(e, inst, 0)
    temp: uint32_t = operand_reg(e, inst, 1)
    n: uint32_t = cython.cast(uint32_t, inst.imm) - 1
    address = cython.declare(Address)
    emit_rr(e.code, x.X_CMP32_IMM, 0, index, n)
    emit_jump(e, CC_AE, e.m.pool[inst.aux + n])
    address.base = RIP
    address.index = NO_REG
    address.scale = 0
    address.disp = 0
    emit_rmem(e.code, x.X_LEA64, SCRATCH, cython.address(address), 0)
    e.tables = cython.cast(
        cython.pointer[Fixup],
        room(e, e.tables, e.n_tables, cython.address(e.max_tables), cython.sizeof(Fixup)),
    )
    if e.failed:
        return
    e.tables[e.n_tables].at = e.code.size - 4
    e.tables[e.n_tables].target = cython.cast(uint32_t, inst - e.m.insts)
    e.n_tables += 1
    address.base = SCRATCH
    address.index = index
    address.scale = 2
    emit_rmem(e.code, x.X_MOVSXD, temp, cython.address(address), 0)
    emit_rr(e.code, x.X_ADD64, temp, SCRATCH, 0)
    emit_rr(e.code, x.X_JMP, 0, temp, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def jump_short(e: Emitting, cc: uint32_t) -> uint32_t:
    emit_u8(e.code, 0xEB if cc == ALWAYS else 0x70 + cc)
    emit_u8(e.code, 0)
    return e.code.size


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def land(e: Emitting, jump: uint32_t) -> cython.void:
    if not e.code.failed:
        if e.code.size - jump > 127:
            e.failed = 1
        e.code.bytes[jump - 1] = cython.cast(uint8_t, e.code.size - jump)


# --- stubs


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def room(
    e: Emitting, array: cython.p_void, used: uint32_t, capacity: Words, size: cython.size_t
) -> cython.p_void:
    """The array with room for one more record."""
    new: uint64_t
    moved: cython.p_void
    if used < capacity[0]:
        return array
    new = 2 * cython.cast(uint64_t, capacity[0]) + 16
    moved = realloc(array, new * size)
    if moved == cython.NULL:
        e.failed = 1
        return array
    capacity[0] = cython.cast(uint32_t, new)
    return moved


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_stub(e: Emitting, kind: uint32_t, cc: uint32_t) -> cython.pointer[Stub]:
    """Jumps to a stub of its own on a condition, and comes back behind the jump unless the stub says
    otherwise.
    """
    stub: cython.pointer[Stub]
    start_jump(e, cc)
    emit_u32(e.code, 0)
    e.stubs = cython.cast(
        cython.pointer[Stub],
        room(e, e.stubs, e.n_stubs, cython.address(e.max_stubs), cython.sizeof(Stub)),
    )
    if e.failed:
        return cython.NULL
    stub = e.stubs + e.n_stubs
    e.n_stubs += 1
    stub.kind = kind
    stub.from_ = e.code.size - 4
    stub.back = e.code.size
    stub.trap = 0
    stub.detail = NO_REG
    stub.type_id = 0
    stub.pos = e.at.pos if e.at != cython.NULL else 0
    stub.site = e.at.site if e.at != cython.NULL else 0
    stub.handlers = e.at.label if e.at != cython.NULL and e.at.flags & INST_CALL else 0
    return stub


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def trap_on(e: Emitting, cc: uint32_t, trap: uint32_t) -> cython.void:
    stub: cython.pointer[Stub] = new_stub(e, STUB_TRAP, cc)
    if stub != cython.NULL:
        stub.trap = trap


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_trap_if(e: Emitting, inst: Made) -> cython.void:
    skip: uint32_t
    stub: cython.pointer[Stub]
    if inst.cond == CC_EQ_F:
        skip = jump_short(e, CC_P)
        trap_on(e, CC_E, cython.cast(uint32_t, inst.imm))
        land(e, skip)
        return
    if inst.cond == CC_NE_F:
        trap_on(e, CC_P, cython.cast(uint32_t, inst.imm))
        trap_on(e, CC_NE, cython.cast(uint32_t, inst.imm))
        return
    stub = new_stub(e, STUB_TRAP, inst.cond)
    if stub != cython.NULL:
        stub.trap = cython.cast(uint32_t, inst.imm)
        if inst.n_operands != 0:
            stub.detail = operand_reg(e, inst, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def trap_on_status(e: Emitting) -> cython.void:
    """See emit.pxd."""
    emit_rr(e.code, x.X_TEST32, 0, 0, 0)
    new_stub(e, STUB_STATUS, CC_NE)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def note_call(e: Emitting) -> cython.void:
    """See emit.pxd."""
    add_note(e.notes, e.code.size, e.at.pos, e.at.site, NOTE_CALL)
    if e.at.flags & INST_CALL:
        add_landings(e, e.at.label)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_landings(e: Emitting, handlers: uint32_t) -> cython.void:
    """Where exceptions go from the call just emitted: to blocks, until these are placed."""
    list: Words = e.m.pool + handlers
    i: uint32_t
    if handlers != 0:
        for i in range(list[0]):
            add_landing(e.notes, e.code.size, list[3 * i + 1], list[3 * i + 2], list[3 * i + 3])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def place_landings(e: Emitting) -> cython.void:
    i: uint32_t
    for i in range(e.notes.n_landings):
        e.notes.landings[i].target = e.offsets[goes_to(e, e.notes.landings[i].target)]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_stubs(e: Emitting) -> cython.void:
    """Stubs. One that ends in a trap is a call of what they share: the return address tells where it was."""
    ways_out = cython.declare(uint32_t[64])
    i: uint32_t
    n: uint32_t
    kind: uint32_t
    stub: cython.pointer[Stub]
    # The calls are patched in the end: until then each way out is a list of them.
    memset(ways_out, 0, cython.sizeof(ways_out))
    for i in range(e.n_stubs):
        stub = e.stubs + i
        patch(e, stub.from_, e.code.size)
        if stub.kind == STUB_TRAP or stub.kind == STUB_STATUS:
            emit_trap_stub(e, stub)
            n = stub.trap & 63
            stub.back = ways_out[n]
            stub.from_ = e.code.size - 4
            ways_out[n] = i + 1
            continue
        if stub.kind == STUB_ASK:
            compare_interrupt(e)
            start_jump(e, CC_E)
            emit_u32(e.code, 0)
            patch(e, e.code.size - 4, stub.back)
        if stub.kind == STUB_POLL or stub.kind == STUB_ASK:
            jump_out(e, e.links.poll, x.X_CALL)
        elif stub.kind == STUB_LIMIT:
            jump_out(e, e.links.limit, x.X_CALL)
        elif stub.kind == STUB_SLOW:
            emit_slow_stub(e, stub)
            continue
        elif stub.kind == STUB_TAIL:
            emit_tail_stub(e, stub)
            continue
        else:
            emit_const(e.code, SCRATCH, adapter(e, stub.type_id))
            emit_rr(e.code, x.X_CALL, 0, SCRATCH, 0)
        kind = NOTE_ENTRY if stub.kind == STUB_LIMIT else NOTE_CALL
        add_note(e.notes, e.code.size, stub.pos, stub.site, kind)
        add_landings(e, stub.handlers)
        jump_back(e, stub.back)
    for n in range(64):
        if ways_out[n] != 0:
            emit_way_out(e, n, ways_out[n])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def jump_back(e: Emitting, target: uint32_t) -> cython.void:
    emit_u8(e.code, 0xE9)
    emit_u32(e.code, 0)
    patch(e, e.code.size - 4, target)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_trap_stub(e: Emitting, stub: cython.pointer[Stub]) -> cython.void:
    inst: cython.pointer[Instance] = cython.NULL
    ctx: cython.pointer[VMContext] = cython.NULL
    if stub.detail != NO_REG:
        emit_mem(e, x.X_MOV64, SCRATCH, INSTANCE, offset(cython.address(inst.ctx)))
        emit_mem(e, x.X_STORE32, stub.detail, SCRATCH, offset(cython.address(ctx.trap_detail)))
    emit_u8(e.code, 0xE8)
    emit_u32(e.code, 0)
    add_note(e.notes, e.code.size, stub.pos, stub.site, NOTE_CALL)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_way_out(e: Emitting, trap: uint32_t, stub: uint32_t) -> cython.void:
    """What all stubs of one trap call; TRAP_NONE stands for the code that is in eax."""
    target: uint32_t = e.code.size
    if trap != TRAP_NONE:
        emit_const(e.code, 0, trap)
    jump_out(e, e.links.trap_exit, x.X_JMP)
    while stub != 0:
        patch(e, e.stubs[stub - 1].from_, target)
        stub = e.stubs[stub - 1].back


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def jump_out(e: Emitting, target: cython.p_void, op: uint32_t) -> cython.void:
    emit_const(e.code, SCRATCH, cython.cast(uint64_t, cython.cast(cython.size_t, target)))
    emit_rr(e.code, op, 0, SCRATCH, 0)


# --- calls


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def adapter(e: Emitting, type_id: uint32_t) -> uint64_t:
    found: cython.p_void = e.links.adapter_of(e.links.module, type_id)
    if found == cython.NULL:
        e.failed = 1
    return cython.cast(uint64_t, cython.cast(cython.size_t, found))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def call_native(e: Emitting, inst: Made) -> cython.void:
    """Through the callee's entry, which finds its IrFunc in the scratch register; to itself, directly."""
    func: cython.pointer[IrFunc] = cython.NULL
    if inst.imm == cython.cast(int64_t, cython.cast(cython.size_t, e.links.self)):
        emit_u8(e.code, 0xE8)
        emit_u32(e.code, 0)
        patch(e, e.code.size - 4, 0)
    else:
        emit_const(e.code, SCRATCH, inst.imm)
        emit_mem(e, x.X_CALL, 0, SCRATCH, offset(cython.address(func.native)))
    note_call(e)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def call_funcref(e: Emitting, inst: Made) -> cython.void:
    func: cython.pointer[FuncInst] = cython.NULL
    ir: cython.pointer[IrFunc] = cython.NULL
    stub: cython.pointer[Stub]
    place: uint32_t
    emit_mem(e, x.X_CMP64, INSTANCE, CALLEE, offset(cython.address(func.inst)))
    stub = new_stub(e, STUB_FUNCREF, CC_NE)
    place = e.n_stubs - 1
    emit_mem(e, x.X_MOV64, SCRATCH, CALLEE, offset(cython.address(func.ir)))
    emit_mem(e, x.X_CALL, 0, SCRATCH, offset(cython.address(ir.native)))
    note_call(e)
    if stub != cython.NULL:
        e.stubs[place].type_id = inst.aux
        e.stubs[place].back = e.code.size


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def call_helper(e: Emitting, inst: Made) -> cython.void:
    """helper(ctx, inst, instr, slots); the slots are in rcx. Traps with what it returns."""
    instance: cython.pointer[Instance] = cython.NULL
    emit_mem(e, x.X_MOV64, RDI, INSTANCE, offset(cython.address(instance.ctx)))
    emit_rr(e.code, x.X_MOV64, RSI, INSTANCE, 0)
    emit_with_pool(e, x.X_LEA64, RDX, low_half(e, inst), high_half(e, inst))
    emit_const(e.code, SCRATCH, inst.imm)
    emit_rr(e.code, x.X_CALL, 0, SCRATCH, 0)
    trap_on_status(e)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_fuel(e: Emitting, made: Made) -> cython.void:
    inst: cython.pointer[Instance] = cython.NULL
    ctx: cython.pointer[VMContext] = cython.NULL
    address = cython.declare(Address)
    emit_mem(e, x.X_MOV64, SCRATCH, INSTANCE, offset(cython.address(inst.ctx)))
    address.base = SCRATCH
    address.index = NO_REG
    address.scale = 0
    address.disp = offset(cython.address(ctx.fuel))
    emit_rmem(e.code, x.X_SUB64_IMM, 0, cython.address(address), made.imm)
    trap_on(e, CC_S, TRAP_FUEL_EXHAUSTED)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compare_interrupt(e: Emitting) -> cython.void:
    inst: cython.pointer[Instance] = cython.NULL
    ctx: cython.pointer[VMContext] = cython.NULL
    address = cython.declare(Address)
    emit_mem(e, x.X_MOV64, SCRATCH, INSTANCE, offset(cython.address(inst.ctx)))
    address.base = SCRATCH
    address.index = NO_REG
    address.scale = 0
    address.disp = offset(cython.address(ctx.interrupt))
    emit_rmem(e.code, x.X_CMP32_IMM, 0, cython.address(address), 0)


# --- data


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_with_pool(e: Emitting, op: uint32_t, reg: uint32_t, low: uint64_t, high: uint64_t) -> cython.void:
    emit_with_vector(e, op, reg, 0, low, high, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_with_vector(
    e: Emitting, op: uint32_t, reg: uint32_t, second: uint32_t, low: uint64_t, high: uint64_t, imm: int64_t
) -> cython.void:
    """An instruction whose r/m is a constant of 16 bytes.

    The last few constants are looked at for an equal one.
    """
    n: uint32_t = e.n_constants
    i: uint32_t
    address = cython.declare(Address)
    for i in range(n - 16 if n > 16 else 0, n):
        if e.constants[i].low == low and e.constants[i].high == high:
            n = i
            break
    if n == e.n_constants:
        e.constants = cython.cast(
            cython.pointer[Constant],
            room(e, e.constants, n, cython.address(e.max_constants), cython.sizeof(Constant)),
        )
        if e.failed:
            return
        e.constants[n].low = low
        e.constants[n].high = high
        e.n_constants += 1
    e.loads = cython.cast(
        cython.pointer[Fixup],
        room(e, e.loads, e.n_loads, cython.address(e.max_loads), cython.sizeof(Fixup)),
    )
    if e.failed:
        return
    address.base = RIP
    address.index = NO_REG
    address.scale = 0
    address.disp = 0
    if op & x.VEX:
        emit_vex_rmem(e.code, op, reg, second, cython.address(address), imm)
    else:
        put_rmem(e, op, reg, cython.address(address), imm)
    e.loads[e.n_loads].tail = op >> 16 & 15 == x.FORM_RMI8
    e.loads[e.n_loads].at = e.code.size - 4 - e.loads[e.n_loads].tail
    e.loads[e.n_loads].target = n
    e.n_loads += 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_data(e: Emitting) -> cython.void:
    i: uint32_t
    k: uint32_t
    start: uint32_t
    inst: cython.pointer[MachInst]
    emit_align(e.code, 16, INT3)
    start = e.code.size
    for i in range(e.n_constants):
        emit_u32(e.code, cython.cast(uint32_t, e.constants[i].low))
        emit_u32(e.code, cython.cast(uint32_t, e.constants[i].low >> 32))
        emit_u32(e.code, cython.cast(uint32_t, e.constants[i].high))
        emit_u32(e.code, cython.cast(uint32_t, e.constants[i].high >> 32))
    for i in range(e.n_loads):
        patch(e, e.loads[i].at, start + 16 * e.loads[i].target - e.loads[i].tail)
    for i in range(e.n_tables):
        inst = e.m.insts + e.tables[i].target
        start = e.code.size
        patch(e, e.tables[i].at, start)
        for k in range(cython.cast(uint32_t, inst.imm) - 1):
            emit_u32(e.code, e.offsets[goes_to(e, e.m.pool[inst.aux + k])] - start)
