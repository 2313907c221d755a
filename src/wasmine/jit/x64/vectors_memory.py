"""Instruction selection for loads and stores of vectors: lanes, splats, lanes that become wider.

None of these instructions wants its memory operand aligned.
"""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    Target,
    def_reg,
    emit,
    emit_move,
    fresh,
    mod_reg,
    result_of,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import ROLE_REG, ROLE_SECOND, VT_V128, MachInst
from cython.cimports.wasmine.jit.backend.memory import LANE_AT, add_target, load_to
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import args_of
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.lower import CPU_AVX2
from cython.cimports.wasmine.jit.x64.memory import find_target
from cython.cimports.wasmine.jit.x64.packed import constant, pack_to, unary, unary_to, vex

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_vector_memory(s: Lowering, id: uint32_t) -> cython.bint:
    op: uint32_t = s.f.insts[id].op
    lane: uint32_t = s.f.insts[id].aux >> LANE_AT
    machine: uint32_t = plain_load(op)
    if machine != 0:
        load_to(s, id, result_of(s, id), machine | vex(s))
    elif op == o.V128_LOAD8_SPLAT:
        load_splat_small(s, id, x.X_VPBROADCASTB, x.X_PINSRB)
    elif op == o.V128_LOAD16_SPLAT:
        load_splat_small(s, id, x.X_VPBROADCASTW, x.X_PINSRW)
    elif op == o.V128_LOAD32_SPLAT:
        load_splat(s, id)
    elif op == o.V128_LOAD8_LANE:
        load_lane(s, id, x.X_PINSRB)
    elif op == o.V128_LOAD16_LANE:
        load_lane(s, id, x.X_PINSRW)
    elif op == o.V128_LOAD32_LANE:
        load_lane(s, id, x.X_PINSRD)
    elif op == o.V128_LOAD64_LANE:
        load_lane(s, id, x.X_PINSRQ)
    elif op == o.V128_STORE8_LANE:
        store_lane(s, id, x.X_PEXTRB)
    elif op == o.V128_STORE16_LANE:
        store_lane(s, id, x.X_PEXTRW)
    elif op == o.V128_STORE32_LANE:
        store_lane(s, id, x.X_PEXTRD if lane else x.X_STORESS)
    elif op == o.V128_STORE64_LANE:
        store_lane(s, id, x.X_STOREHPS if lane else x.X_STORELPS)
    else:
        return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def plain_load(op: uint32_t) -> uint32_t:
    """The instruction whose memory operand is all that it reads."""
    if op == o.V128_LOAD8X8_S:
        return x.X_PMOVSXBW
    elif op == o.V128_LOAD8X8_U:
        return x.X_PMOVZXBW
    elif op == o.V128_LOAD16X4_S:
        return x.X_PMOVSXWD
    elif op == o.V128_LOAD16X4_U:
        return x.X_PMOVZXWD
    elif op == o.V128_LOAD32X2_S:
        return x.X_PMOVSXDQ
    elif op == o.V128_LOAD32X2_U:
        return x.X_PMOVZXDQ
    elif op == o.V128_LOAD64_SPLAT:
        return x.X_MOVDDUP
    elif op == o.V128_LOAD32_ZERO:
        return x.X_MOVSS
    elif op == o.V128_LOAD64_ZERO:
        return x.X_MOVSD
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def insert(
    s: Lowering, id: uint32_t, dst: uint32_t, op: uint32_t, a: uint32_t, lane: uint32_t
) -> cython.void:
    """dst = a with a lane from memory."""
    target = cython.declare(Target)
    made: Made
    find_target(s, id, cython.address(target))
    if vex(s):
        made = emit(s, op | x.VEX)
        def_reg(s, made, dst, ROLE_REG)
        use_reg(s, made, a, ROLE_SECOND)
    else:
        emit_move(s, dst, a)
        made = emit(s, op)
        mod_reg(s, made, dst, ROLE_REG)
    made.imm = lane
    add_target(s, made, cython.address(target))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def load_splat_small(s: Lowering, id: uint32_t, broadcast: uint32_t, op: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    zero: uint32_t
    lane: uint32_t
    if s.features & CPU_AVX2:
        load_to(s, id, dst, broadcast)
        return
    zero = constant(s, 0, 0)
    lane = fresh(s, VT_V128)
    insert(s, id, lane, op, zero, 0)
    if op == x.X_PINSRB:
        pack_to(s, dst, x.X_PSHUFB, lane, zero, 0)
    else:
        unary_to(s, dst, x.X_PSHUFD, unary(s, x.X_PSHUFLW, lane, 0), 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def load_splat(s: Lowering, id: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    lane: uint32_t
    if vex(s):
        load_to(s, id, dst, x.X_VBROADCASTSS)
        return
    lane = fresh(s, VT_V128)
    load_to(s, id, lane, x.X_MOVSS)
    unary_to(s, dst, x.X_PSHUFD, lane, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def load_lane(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, args_of(s.f, s.f.insts + id)[1])
    insert(s, id, dst, op, a, s.f.insts[id].aux >> LANE_AT)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def store_lane(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    target = cython.declare(Target)
    a: uint32_t = value_of(s, args_of(s.f, s.f.insts + id)[1])
    find_target(s, id, cython.address(target))
    made: Made = emit(s, op | vex(s))
    use_reg(s, made, a, ROLE_REG)
    if op != x.X_STORESS and op != x.X_STORELPS and op != x.X_STOREHPS:
        made.imm = s.f.insts[id].aux >> LANE_AT
    add_target(s, made, cython.address(target))
