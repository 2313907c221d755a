"""Instruction selection for conditions: comparisons, what reads the flags, and selects."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    Target,
    arg,
    def_reg,
    emit,
    emit_move,
    imm_of,
    is_const,
    is_foldable,
    is_imm32,
    mod_reg,
    result_of,
    use_any,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import ROLE_REG, ROLE_RM, VT_F32, VT_I32, MachInst
from cython.cimports.wasmine.jit.backend.memory import add_target
from cython.cimports.wasmine.jit.backend.objects import emit_ref_is
from cython.cimports.wasmine.jit.backend.sinking import plain_load, sinks, stand_for
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import Inst
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.encode import WIDE
from cython.cimports.wasmine.jit.x64.lower import (
    CC_A,
    CC_AE,
    CC_B,
    CC_BE,
    CC_E,
    CC_EQ_F,
    CC_G,
    CC_GE,
    CC_L,
    CC_LE,
    CC_NE,
    CC_NE_F,
    CPU_SSE41,
)
from cython.cimports.wasmine.jit.x64.memory import find_target
from cython.cimports.wasmine.jit.x64.vectors_bits import is_lane_test, test_lanes

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def condition_of(op: uint32_t) -> uint32_t:
    """The condition of an integer relation; both widths come in the same order."""
    if op >= o.I64_EQ:
        op -= o.I64_EQ - o.I32_EQ
    if op == o.I32_EQ:
        return CC_E
    elif op == o.I32_NE:
        return CC_NE
    elif op == o.I32_LT_S:
        return CC_L
    elif op == o.I32_LT_U:
        return CC_B
    elif op == o.I32_GT_S:
        return CC_G
    elif op == o.I32_GT_U:
        return CC_A
    elif op == o.I32_LE_S:
        return CC_LE
    elif op == o.I32_LE_U:
        return CC_BE
    elif op == o.I32_GE_S:
        return CC_GE
    return CC_AE


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_condition(s: Lowering, id: uint32_t) -> uint32_t:
    op: uint32_t = s.f.insts[id].op
    cc: uint32_t
    inner: uint32_t
    value: uint32_t
    inst: Made
    turned: uint32_t = 0
    # i32.eqz turns what it is about.
    while op == o.I32_EQ and is_const(s, arg(s, id, 1)) and imm_of(s, arg(s, id, 1)) == 0:
        inner = s.f.insts[arg(s, id, 0)].op
        if not (o.I32_EQ <= inner <= o.F64_GE or inner == o.REF_IS or is_lane_test(inner)):
            break
        id = arg(s, id, 0)
        op = inner
        turned ^= 1
    if o.I32_EQ <= op <= o.I64_GE_U:
        cc = condition_of(op)
        return compare(s, arg(s, id, 0), arg(s, id, 1), cc) ^ turned
    if o.F32_EQ <= op <= o.F64_GE:
        return compare_floats(s, id) ^ turned
    if op == o.REF_IS and s.vregs[id] == 0:
        return emit_ref_is(s, id) ^ turned
    if is_lane_test(op) and s.features & CPU_SSE41:
        return test_lanes(s, id) ^ turned
    value = value_of(s, id)
    inst = emit(s, x.X_TEST32)
    use_reg(s, inst, value, ROLE_REG)
    use_reg(s, inst, value, ROLE_RM)
    return CC_NE ^ turned


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compare(s: Lowering, left: uint32_t, right: uint32_t, cc: uint32_t) -> uint32_t:
    wide: uint32_t = WIDE if s.f.insts[left].type != 1 else 0
    first: uint32_t
    second: uint32_t
    inst: Made
    inner: cython.pointer[Inst] = s.f.insts + left
    target = cython.declare(Target)
    if is_const(s, right) and imm_of(s, right) == 0 and (cc == CC_E or cc == CC_NE):
        if (inner.op == o.I32_AND or inner.op == o.I64_AND) and is_foldable(s, left):
            return test(s, inner.args[0], inner.args[1], wide, cc)
        if sinks(s, left, plain_load(inner.type)):
            compare_memory(s, left, right, wide)
            return cc
        first = value_of(s, left)
        inst = emit(s, x.X_TEST32 + wide)
        use_reg(s, inst, first, ROLE_REG)
        use_reg(s, inst, first, ROLE_RM)
        return cc
    if sinks(s, left, plain_load(inner.type)):
        compare_memory(s, left, right, wide)
        return cc
    if sinks(s, right, plain_load(inner.type)):
        find_target(s, right, cython.address(target))
        first = value_of(s, left)
        inst = emit(s, x.X_CMP32 + wide)
        use_reg(s, inst, first, ROLE_REG)
        add_target(s, inst, cython.address(target))
        stand_for(s, inst, right)
        return cc
    first = value_of(s, left)
    if is_const(s, right) and imm_of(s, right) == 0:
        # The same flags: subtraction of zero neither carries nor overflows.
        inst = emit(s, x.X_TEST32 + wide)
        use_reg(s, inst, first, ROLE_REG)
        use_reg(s, inst, first, ROLE_RM)
        return cc
    if is_imm32(s, right):
        inst = emit(s, x.X_CMP32_IMM + wide)
        inst.imm = imm_of(s, right)
        use_any(s, inst, first)
        return cc
    second = value_of(s, right)
    inst = emit(s, x.X_CMP32 + wide)
    use_reg(s, inst, first, ROLE_REG)
    use_any(s, inst, second)
    return cc


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compare_memory(s: Lowering, load: uint32_t, right: uint32_t, wide: uint32_t) -> cython.void:
    """What a load that sinks here reads, with a constant or a register."""
    target = cython.declare(Target)
    inst: Made
    find_target(s, load, cython.address(target))
    if is_imm32(s, right):
        inst = emit(s, x.X_CMP32_IMM + wide)
        inst.imm = imm_of(s, right)
    else:
        right = value_of(s, right)
        inst = emit(s, x.X_CMP32_MR + wide)
        use_reg(s, inst, right, ROLE_REG)
    add_target(s, inst, cython.address(target))
    stand_for(s, inst, load)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def test(s: Lowering, left: uint32_t, right: uint32_t, wide: uint32_t, cc: uint32_t) -> uint32_t:
    """Whether any bit of left & right is set."""
    first: uint32_t = value_of(s, left)
    second: uint32_t
    inst: Made
    if is_imm32(s, right):
        inst = emit(s, x.X_TEST32_IMM + wide)
        inst.imm = imm_of(s, right)
        use_any(s, inst, first)
        return cc
    second = value_of(s, right)
    inst = emit(s, x.X_TEST32 + wide)
    use_reg(s, inst, first, ROLE_REG)
    use_any(s, inst, second)
    return cc


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compare_floats(s: Lowering, id: uint32_t) -> uint32_t:
    """ucomis sets CF, ZF and PF alike when the operands are unordered: "above" is what NaN is not."""
    op: uint32_t = s.f.insts[id].op
    single: cython.bint = op < o.F64_EQ
    left: uint32_t = arg(s, id, 0)
    right: uint32_t = arg(s, id, 1)
    cc: uint32_t
    inst: Made
    if not single:
        op -= o.F64_EQ - o.F32_EQ
    if op == o.F32_LT or op == o.F32_LE:
        left, right = right, left
    if op == o.F32_EQ:
        cc = CC_EQ_F
    elif op == o.F32_NE:
        cc = CC_NE_F
    elif op == o.F32_LT or op == o.F32_GT:
        cc = CC_A
    else:
        cc = CC_AE
    left = value_of(s, left)
    right = value_of(s, right)
    inst = emit(s, x.X_UCOMISS if single else x.X_UCOMISD)
    use_reg(s, inst, left, ROLE_REG)
    use_any(s, inst, right)
    return cc


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_bool(s: Lowering, id: uint32_t) -> cython.void:
    """A relation whose value is wanted as 0 or 1."""
    dst: uint32_t = result_of(s, id)
    cc: uint32_t = emit_condition(s, id)
    inst: Made = emit(s, x.P_SET)
    inst.cond = cc
    def_reg(s, inst, dst, ROLE_REG)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def select(s: Lowering, id: uint32_t) -> cython.void:
    """dst = no; if the condition holds, dst = yes. Moves leave the flags alone."""
    dst: uint32_t = result_of(s, id)
    yes: uint32_t = value_of(s, arg(s, id, 1))
    no: uint32_t = value_of(s, arg(s, id, 2))
    cc: uint32_t = emit_condition(s, arg(s, id, 0))
    inst: Made
    if s.m.vregs[dst].type >= VT_F32:
        emit_move(s, dst, no)
        inst = emit(s, x.P_SELECT_FLOAT)
        inst.cond = cc
        mod_reg(s, inst, dst, ROLE_REG)
        use_reg(s, inst, yes, ROLE_RM)
        return
    if cc == CC_EQ_F:
        # Not equal or unordered: two moves, from the other side.
        yes, no = no, yes
        cc = CC_NE_F
    emit_move(s, dst, no)
    inst = emit(s, x.X_CMOV32 if s.m.vregs[dst].type == VT_I32 else x.X_CMOV64)
    inst.cond = cc
    mod_reg(s, inst, dst, ROLE_REG)
    use_any(s, inst, yes)
