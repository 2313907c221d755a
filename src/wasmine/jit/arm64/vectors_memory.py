"""Instruction selection for loads and stores of vectors: lanes, splats, lanes that become wider.

None of these instructions wants its memory operand aligned.
"""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.memory import find_place, find_target, guard_store
from cython.cimports.wasmine.jit.arm64.packed import unary_to
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
from cython.cimports.wasmine.jit.backend.machine import (
    INST_FAULTS,
    ROLE_REG,
    ROLE_SECOND,
    VT_V128,
    MachInst,
)
from cython.cimports.wasmine.jit.backend.memory import LANE_AT, add_target, load_to
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import args_of

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_vector_memory(s: Lowering, id: uint32_t) -> cython.bint:
    op: uint32_t = s.f.insts[id].op
    if op == o.V128_LOAD8X8_S:
        load_wider(s, id, a.A_SSHLL_8H)
    elif op == o.V128_LOAD8X8_U:
        load_wider(s, id, a.A_USHLL_8H)
    elif op == o.V128_LOAD16X4_S:
        load_wider(s, id, a.A_SSHLL_4S)
    elif op == o.V128_LOAD16X4_U:
        load_wider(s, id, a.A_USHLL_4S)
    elif op == o.V128_LOAD32X2_S:
        load_wider(s, id, a.A_SSHLL_2D)
    elif op == o.V128_LOAD32X2_U:
        load_wider(s, id, a.A_USHLL_2D)
    elif op == o.V128_LOAD32_ZERO:
        load_to(s, id, result_of(s, id), a.A_LDR_S)
    elif op == o.V128_LOAD64_ZERO:
        load_to(s, id, result_of(s, id), a.A_LDR_D)
    elif op == o.V128_LOAD8_SPLAT:
        load_splat(s, id, a.A_LD1R_16B)
    elif op == o.V128_LOAD16_SPLAT:
        load_splat(s, id, a.A_LD1R_8H)
    elif op == o.V128_LOAD32_SPLAT:
        load_splat(s, id, a.A_LD1R_4S)
    elif op == o.V128_LOAD64_SPLAT:
        load_splat(s, id, a.A_LD1R_2D)
    elif op == o.V128_LOAD8_LANE:
        load_lane(s, id, a.A_LD1_B)
    elif op == o.V128_LOAD16_LANE:
        load_lane(s, id, a.A_LD1_H)
    elif op == o.V128_LOAD32_LANE:
        load_lane(s, id, a.A_LD1_S)
    elif op == o.V128_LOAD64_LANE:
        load_lane(s, id, a.A_LD1_D)
    elif op == o.V128_STORE8_LANE:
        store_lane(s, id, a.A_STR_B, a.A_ST1_B)
    elif op == o.V128_STORE16_LANE:
        store_lane(s, id, a.A_STR_H, a.A_ST1_H)
    elif op == o.V128_STORE32_LANE:
        store_lane(s, id, a.A_STR_S, a.A_ST1_S)
    elif op == o.V128_STORE64_LANE:
        store_lane(s, id, a.A_STR_D, a.A_ST1_D)
    else:
        return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def load_wider(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    half: uint32_t = fresh(s, VT_V128)
    dst: uint32_t = result_of(s, id)
    load_to(s, id, half, a.A_LDR_D)
    unary_to(s, dst, op, half, 0)


# --- at an address in one register


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def at_place(s: Lowering, op: uint32_t, place: uint32_t, faults: cython.bint) -> Made:
    made: Made = emit(s, op)
    use_reg(s, made, place, ROLE_SECOND)
    if faults:
        made.flags |= INST_FAULTS
    return made


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def load_splat(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    target = cython.declare(Target)
    dst: uint32_t = result_of(s, id)
    place: uint32_t = find_place(s, id, cython.address(target))
    def_reg(s, at_place(s, op, place, target.faults), dst, ROLE_REG)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def load_lane(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    target = cython.declare(Target)
    dst: uint32_t = result_of(s, id)
    lanes: uint32_t = value_of(s, args_of(s.f, s.f.insts + id)[1])
    place: uint32_t = find_place(s, id, cython.address(target))
    made: Made
    emit_move(s, dst, lanes)
    made = at_place(s, op, place, target.faults)
    mod_reg(s, made, dst, ROLE_REG)
    made.imm = s.f.insts[id].aux >> LANE_AT


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def store_lane(s: Lowering, id: uint32_t, plain: uint32_t, op: uint32_t) -> cython.void:
    """The lowest lane is stored as a number of its size."""
    target = cython.declare(Target)
    lanes: uint32_t = value_of(s, args_of(s.f, s.f.insts + id)[1])
    lane: uint32_t = s.f.insts[id].aux >> LANE_AT
    place: uint32_t
    made: Made
    if lane == 0:
        find_target(s, id, plain, cython.address(target))
        guard_store(s, id, plain, cython.address(target))
        made = emit(s, plain)
        add_target(s, made, cython.address(target))
    else:
        place = find_place(s, id, cython.address(target))
        target.base = place
        guard_store(s, id, plain, cython.address(target))
        made = at_place(s, op, place, target.faults)
        made.imm = lane
    use_reg(s, made, lanes, ROLE_REG)
