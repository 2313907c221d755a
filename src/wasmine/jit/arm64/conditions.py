"""Instruction selection for conditions: branches, traps and selects on them.

Comparisons of floats have one condition each: fcmp sets the flags so that those named below do not hold when
the operands are unordered, but for "not equal".
"""

import cython
from cython.cimports.libc.stdint import int64_t, uint32_t, uint64_t
from cython.cimports.wasmine.ir.scalar import ctz64_nonzero
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.assembler import (
    COND_EQ,
    COND_GE,
    COND_GT,
    COND_HI,
    COND_HS,
    COND_LE,
    COND_LO,
    COND_LS,
    COND_LT,
    COND_MI,
    COND_NE,
    COND_VS,
)
from cython.cimports.wasmine.jit.arm64.encode import NO_LOGICAL, logical
from cython.cimports.wasmine.jit.arm64.fold import (
    SECOND_EXTENDED,
    SECOND_IMM,
    SECOND_LOGICAL,
    SECOND_MINUS,
    Second,
    bits_of,
    find_logical,
    find_second,
    folds,
    is_64,
    put_dn,
    put_dnm,
    register_of,
    source,
    use_or_zero,
)
from cython.cimports.wasmine.jit.arm64.packed import onto_to
from cython.cimports.wasmine.jit.arm64.vectors_bits import is_lane_test, test_lanes
from cython.cimports.wasmine.jit.backend import pseudo as p
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    arg,
    def_reg,
    emit,
    emit_load_const,
    emit_trap_if,
    fresh,
    imm_of,
    is_const,
    result_of,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import (
    ROLE_REG,
    ROLE_RM,
    ROLE_SECOND,
    VT_F32,
    VT_I32,
    VT_V128,
    MachInst,
)
from cython.cimports.wasmine.jit.backend.objects import emit_ref_is
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import Inst

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])
Value = cython.typedef(cython.pointer[Inst])

SF = cython.declare(cython.const[uint32_t], 0x80000000)
# What the negation of a condition differs by.
TURNED = cython.declare(cython.const[uint32_t], 1)

# A branch on a register alone: its op (A_CBZ32 and so on), the register, the number of the bit.
OnRegister = cython.struct(op=uint32_t, vreg=uint32_t, bit=uint32_t)
Test = cython.typedef(cython.pointer[OnRegister])


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def sized(s: Lowering, id: uint32_t) -> uint32_t:
    return SF if is_64(s, id) else 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_condition(s: Lowering, id: uint32_t) -> cython.bint:
    op: uint32_t = s.f.insts[id].op
    if op == o.SELECT:
        select(s, id)
    elif is_pair(s, id):
        set_bool(s, result_of(s, id), emit_condition(s, id))
    elif o.I32_EQ <= op <= o.F64_GE:
        emit_bool(s, id)
    else:
        return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def condition_of(op: uint32_t) -> uint32_t:
    """The condition of an integer relation; both widths come in the same order."""
    if op >= o.I64_EQ:
        op -= o.I64_EQ - o.I32_EQ
    if op == o.I32_EQ:
        return COND_EQ
    elif op == o.I32_NE:
        return COND_NE
    elif op == o.I32_LT_S:
        return COND_LT
    elif op == o.I32_LT_U:
        return COND_LO
    elif op == o.I32_GT_S:
        return COND_GT
    elif op == o.I32_GT_U:
        return COND_HI
    elif op == o.I32_LE_S:
        return COND_LE
    elif op == o.I32_LE_U:
        return COND_LS
    elif op == o.I32_GE_S:
        return COND_GE
    return COND_HS


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_zero(s: Lowering, id: uint32_t) -> cython.bint:
    return is_const(s, id) and imm_of(s, id) == 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_relation(s: Lowering, id: uint32_t) -> cython.bint:
    """Whether a value is computed as flags where it is wanted, rather than read from a register."""
    op: uint32_t = s.f.insts[id].op
    return o.I32_EQ <= op <= o.F64_GE or is_lane_test(op) or (op == o.REF_IS and s.vregs[id] == 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def without_negation(s: Lowering, id: uint32_t, turned: cython.pointer[uint32_t]) -> uint32_t:
    """What i32.eqz turns, if that is a relation."""
    turned[0] = 0
    while s.f.insts[id].op == o.I32_EQ and is_zero(s, arg(s, id, 1)):
        if not is_relation(s, arg(s, id, 0)) and not is_pair(s, arg(s, id, 0)):
            break
        id = arg(s, id, 0)
        turned[0] ^= TURNED
    return id


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_condition(s: Lowering, id: uint32_t) -> uint32_t:
    turned: uint32_t = 0
    op: uint32_t
    zero: cython.bint = False
    id = without_negation(s, id, cython.address(turned))
    op = s.f.insts[id].op
    if o.I32_EQ <= op <= o.I64_GE_U:
        return compare(s, arg(s, id, 0), arg(s, id, 1), condition_of(op)) ^ turned
    if o.F32_EQ <= op <= o.F64_GE:
        return compare_floats(s, id) ^ turned
    if is_pair(s, id):
        return compare_pair(s, id) ^ turned
    if is_lane_test(op):
        id = test_lanes(s, id, cython.address(zero))
        put_dn(s, a.A_CMP_IMM64, 0, id, 0)
        return (COND_EQ if zero else COND_NE) ^ turned
    if op == o.REF_IS and s.vregs[id] == 0:
        return emit_ref_is(s, id) ^ turned
    if (op == o.I32_AND) and folds(s, id):
        test_bits(s, id)
    else:
        put_dn(s, a.A_CMP_IMM32, 0, register_of(s, id), 0)
    return COND_NE ^ turned


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def test_bits(s: Lowering, id: uint32_t) -> cython.void:
    """Whether any bit of left & right is set, for an `and`."""
    second = cython.declare(Second)
    wide: uint32_t = sized(s, id)
    n: uint32_t
    find_logical(s, arg(s, id, 1), cython.address(second))
    n = source(s, arg(s, id, 0))
    if second.kind == SECOND_LOGICAL:
        put_dn(s, a.A_TST_IMM32 + wide, 0, n, second.imm)
    else:
        put_dnm(s, a.A_TST32 + wide, 0, n, second.vreg, second.imm)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compare(s: Lowering, left: uint32_t, right: uint32_t, cond: uint32_t) -> uint32_t:
    op: uint32_t = s.f.insts[left].op
    wide: uint32_t = sized(s, left)
    second = cython.declare(Second)
    n: uint32_t
    if is_zero(s, right) and (op == o.I32_AND or op == o.I64_AND) and folds(s, left):
        # Also for the relations by sign: tst sets neither carry nor overflow.
        if cond == COND_EQ or cond == COND_NE or cond == COND_LT or cond == COND_GE:
            test_bits(s, left)
            return cond
    if is_lowest(s, right) and (cond == COND_EQ or cond == COND_NE):
        put_dn(s, a.A_CMP_IMM32 + wide, 0, register_of(s, left), 1)
        return cond + (COND_VS - COND_EQ)
    find_second(s, right, cython.address(second))
    if second.kind == SECOND_IMM:
        put_dn(s, a.A_CMP_IMM32 + wide, 0, register_of(s, left), second.imm)
    elif second.kind == SECOND_MINUS:
        put_dn(s, a.A_CMN_IMM32 + wide, 0, register_of(s, left), second.imm)
    elif second.kind == SECOND_EXTENDED:
        n = register_of(s, left)
        put_dnm(s, a.A_CMP_EXT32 + wide, 0, n, second.vreg, second.imm)
    else:
        n = source(s, left)
        put_dnm(s, a.A_CMP32 + wide, 0, n, second.vreg, second.imm)
    return cond


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compare_floats(s: Lowering, id: uint32_t) -> uint32_t:
    op: uint32_t = s.f.insts[id].op
    single: cython.bint = op < o.F64_EQ
    left: uint32_t = value_of(s, arg(s, id, 0))
    right: uint32_t = arg(s, id, 1)
    made: Made
    if not single:
        op -= o.F64_EQ - o.F32_EQ
    if is_const(s, right) and s.f.insts[right].imm == 0:
        made = emit(s, a.A_FCMP_ZERO_S if single else a.A_FCMP_ZERO_D)
        use_reg(s, made, left, ROLE_SECOND)
    else:
        right = value_of(s, right)
        made = emit(s, a.A_FCMP_S if single else a.A_FCMP_D)
        use_reg(s, made, left, ROLE_SECOND)
        use_reg(s, made, right, ROLE_RM)
    if op == o.F32_EQ:
        return COND_EQ
    elif op == o.F32_NE:
        return COND_NE
    elif op == o.F32_LT:
        return COND_MI
    elif op == o.F32_LE:
        return COND_LS
    elif op == o.F32_GT:
        return COND_GT
    return COND_GE


# --- two relations


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_pair(s: Lowering, id: uint32_t) -> cython.bint:
    """Whether `and` or `or` joins two relations that nobody else wants. The second one is of integers."""
    op: uint32_t = s.f.insts[id].op
    if op != o.I32_AND and op != o.I32_OR:
        return False
    return is_part(s, arg(s, id, 0), o.F64_GE) and is_part(s, arg(s, id, 1), o.I64_GE_U)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_part(s: Lowering, id: uint32_t, last: uint32_t) -> cython.bint:
    return o.I32_EQ <= s.f.insts[id].op <= last and folds(s, id)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def flags_for(cond: uint32_t) -> uint32_t:
    """Flags (N, Z, C, V from bit 3 on) with which a condition holds."""
    if cond == COND_EQ or cond == COND_LE:
        return 4
    elif cond == COND_HS or cond == COND_HI:
        return 2
    elif cond == COND_LT:
        return 8
    elif cond == COND_VS:
        return 1
    return 0


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_lowest(s: Lowering, id: uint32_t) -> cython.bint:
    """The smallest number: the only one from which 1 cannot be taken, which is shorter to ask for."""
    return is_const(s, id) and bits_of(s, id) == cython.cast(uint64_t, 1) << (63 if is_64(s, id) else 31)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compare_pair(s: Lowering, id: uint32_t) -> uint32_t:
    """The second comparison is made where the first one leaves it open; else its flags are given."""
    joined: cython.bint = s.f.insts[id].op == o.I32_AND
    second: uint32_t = arg(s, id, 1)
    left: uint32_t = arg(s, second, 0)
    right: uint32_t = arg(s, second, 1)
    wide: uint32_t = sized(s, left)
    small: cython.bint = is_const(s, right) and -31 <= imm_of(s, right) <= 31
    cond: uint32_t = condition_of(s.f.insts[second].op)
    lowest: cython.bint = is_lowest(s, right) and (cond == COND_EQ or cond == COND_NE)
    imm: int64_t
    n: uint32_t = source(s, left)
    m: uint32_t = 0 if small or lowest else source(s, right)
    op: uint32_t = a.A_CCMP32
    made: Made
    if lowest:
        cond += COND_VS - COND_EQ
    imm = flags_for(cond ^ TURNED if joined else cond)
    imm |= (emit_condition(s, arg(s, id, 0)) ^ (0 if joined else TURNED)) << 4
    if lowest:
        op = a.A_CCMP_IMM32
        imm |= 1 << 8
    elif small:
        op = a.A_CCMP_IMM32 if imm_of(s, right) >= 0 else a.A_CCMN_IMM32
        imm |= (imm_of(s, right) if imm_of(s, right) >= 0 else -imm_of(s, right)) << 8
    made = put_dn(s, op + wide, 0, n, imm)
    if op == a.A_CCMP32:
        use_or_zero(s, made, m, ROLE_RM)
    return cond


# --- branches and traps


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_test(s: Lowering, id: uint32_t, test: Test) -> cython.bint:
    """Whether a condition is about one register, or a bit of it: is (not) zero, is (not) negative."""
    turned: uint32_t = 0
    inst: Value
    zero: cython.bint = False
    id = without_negation(s, id, cython.address(turned))
    inst = s.f.insts + id
    test.bit = 0
    if inst.op == o.I32_EQ or inst.op == o.I64_EQ or inst.op == o.I32_NE or inst.op == o.I64_NE:
        if not is_zero(s, inst.args[1]):
            return False
        turned ^= inst.op == o.I32_EQ or inst.op == o.I64_EQ
        return find_zero_test(s, inst.args[0], turned, test)
    if inst.op == o.I32_LT_S or inst.op == o.I64_LT_S or inst.op == o.I32_GE_S or inst.op == o.I64_GE_S:
        if not is_zero(s, inst.args[1]):
            return False
        turned ^= inst.op == o.I32_GE_S or inst.op == o.I64_GE_S
        test.op = a.A_TBZ if turned else a.A_TBNZ
        test.bit = 63 if is_64(s, inst.args[0]) else 31
        test.vreg = register_of(s, inst.args[0])
        return True
    if is_lane_test(inst.op):
        test.vreg = test_lanes(s, id, cython.address(zero))
        turned ^= zero
        test.op = a.A_CBZ64 if turned else a.A_CBNZ64
        return True
    if is_relation(s, id) or is_pair(s, id):
        return False
    return find_zero_test(s, id, turned, test)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_zero_test(s: Lowering, id: uint32_t, zero: uint32_t, test: Test) -> cython.bint:
    """Whether a value is zero, or not: by one of its bits, where it has but one."""
    inst: Value = s.f.insts + id
    mask: uint64_t
    if (inst.op == o.I32_AND or inst.op == o.I64_AND) and folds(s, id):
        if not is_const(s, inst.args[1]):
            return False
        mask = bits_of(s, inst.args[1])
        if mask == 0 or mask & mask - 1 != 0:
            return False
        test.op = a.A_TBZ if zero else a.A_TBNZ
        test.bit = ctz64_nonzero(mask)
        test.vreg = register_of(s, inst.args[0])
        return True
    test.op = (a.A_CBZ32 if zero else a.A_CBNZ32) + sized(s, id)
    test.vreg = register_of(s, id)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def branch(s: Lowering, condition: uint32_t, yes: uint32_t, no: uint32_t) -> cython.void:
    test = cython.declare(OnRegister)
    cond: uint32_t
    made: Made
    if find_test(s, condition, cython.address(test)):
        made = emit(s, a.P_JUMP_ON)
        made.imm = test.op
        made.disp = test.bit
        use_reg(s, made, test.vreg, ROLE_SECOND)
    else:
        cond = emit_condition(s, condition)
        made = emit(s, p.P_JUMP_IF)
        made.cond = cond
    made.label = yes
    made.aux = no


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def trap_on_value(s: Lowering, condition: uint32_t, trap: uint32_t) -> cython.void:
    test = cython.declare(OnRegister)
    if find_test(s, condition, cython.address(test)):
        trap_on(s, test.op, test.vreg, test.bit, trap)
    else:
        emit_trap_if(s, emit_condition(s, condition), trap)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def trap_on(s: Lowering, op: uint32_t, vreg: uint32_t, bit: uint32_t, trap: uint32_t) -> Made:
    """Traps if a branch on a register is taken (jumps.pxd); a second operand is the trap's detail."""
    made: Made = emit(s, a.P_TRAP_ON)
    made.imm = trap
    made.aux = op
    made.disp = bit
    use_reg(s, made, vreg, ROLE_SECOND)
    return made


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def trap_on_null(s: Lowering, ref: uint32_t, trap: uint32_t, detail: uint32_t) -> cython.void:
    made: Made = trap_on(s, a.A_CBZ64, ref, 0, trap)
    if detail != 0:
        use_reg(s, made, detail, ROLE_RM)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def poll_counted(s: Lowering, counter: uint32_t, mask: uint64_t) -> cython.void:
    bits: uint32_t
    if logical(mask, False) != NO_LOGICAL:
        put_dn(s, a.A_TST_IMM32, 0, counter, cython.cast(int64_t, mask))
    else:
        bits = fresh(s, VT_I32)
        emit_load_const(s, bits, VT_I32, mask)
        put_dnm(s, a.A_TST32, 0, counter, bits, 0)
    emit(s, p.P_POLL_COUNTED)


# --- values


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_bool(s: Lowering, id: uint32_t) -> cython.void:
    """A relation whose value is wanted as 0 or 1. Of a sign, it is that bit."""
    inst: Value = s.f.insts + id
    dst: uint32_t = result_of(s, id)
    if (inst.op == o.I32_LT_S or inst.op == o.I64_LT_S) and is_zero(s, inst.args[1]):
        if inst.op == o.I64_LT_S:
            put_dn(s, a.A_LSR_IMM64, dst, register_of(s, inst.args[0]), 63)
        else:
            put_dn(s, a.A_LSR_IMM32, dst, register_of(s, inst.args[0]), 31)
        return
    set_bool(s, dst, emit_condition(s, id))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def set_bool(s: Lowering, dst: uint32_t, cond: uint32_t) -> cython.void:
    made: Made = emit(s, a.A_CSET32)
    made.imm = cond
    def_reg(s, made, dst, ROLE_REG)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def changed(s: Lowering, id: uint32_t) -> uint32_t:
    """The op of a select that makes a value from another itself: x + 1, ~x, -x; of 32 bits. Or 0."""
    inst: Value = s.f.insts + id
    if not folds(s, id):
        return 0
    if (inst.op == o.I32_ADD or inst.op == o.I64_ADD) and is_const(s, inst.args[1]):
        return a.A_CSINC32 if imm_of(s, inst.args[1]) == 1 else 0
    if (inst.op == o.I32_XOR or inst.op == o.I64_XOR) and is_const(s, inst.args[1]):
        return a.A_CSINV32 if imm_of(s, inst.args[1]) == -1 else 0
    if (inst.op == o.I32_SUB or inst.op == o.I64_SUB) and is_zero(s, inst.args[0]):
        return a.A_CSNEG32
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def select(s: Lowering, id: uint32_t) -> cython.void:
    """dst = yes if the condition holds, else no; what the operands are computed by goes before that."""
    dst: uint32_t = result_of(s, id)
    yes: uint32_t = arg(s, id, 1)
    no: uint32_t = arg(s, id, 2)
    type: uint32_t = s.m.vregs[dst].type
    turned: uint32_t = 0
    op: uint32_t
    cond: uint32_t
    made: Made
    if type >= VT_F32:
        select_float(s, id, dst)
        return
    if (changed(s, no) == 0 and changed(s, yes) != 0) or (is_one(s, yes) and not is_one(s, no)):
        yes, no = no, yes
        turned = TURNED
    op = changed(s, no)
    if op == a.A_CSNEG32:
        no = source(s, arg(s, no, 1))
    elif op != 0:
        no = source(s, arg(s, no, 0))
    elif is_const(s, no) and (imm_of(s, no) == 1 or imm_of(s, no) == -1):
        op = a.A_CSINC32 if imm_of(s, no) == 1 else a.A_CSINV32
        no = 0
    else:
        op = a.A_CSEL32
        no = source(s, no)
    yes = source(s, yes)
    cond = emit_condition(s, arg(s, id, 0)) ^ turned
    made = emit(s, op + (0 if type == VT_I32 else SF))
    made.imm = cond
    def_reg(s, made, dst, ROLE_REG)
    use_or_zero(s, made, yes, ROLE_SECOND)
    use_or_zero(s, made, no, ROLE_RM)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_one(s: Lowering, id: uint32_t) -> cython.bint:
    """A constant that a select makes from zero."""
    return is_const(s, id) and (imm_of(s, id) == 1 or imm_of(s, id) == -1)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def select_float(s: Lowering, id: uint32_t, dst: uint32_t) -> cython.void:
    yes: uint32_t = value_of(s, arg(s, id, 1))
    no: uint32_t = value_of(s, arg(s, id, 2))
    type: uint32_t = s.m.vregs[dst].type
    cond: uint32_t = emit_condition(s, arg(s, id, 0))
    made: Made
    if type == VT_V128:
        select_vector(s, dst, yes, no, cond)
        return
    made = emit(s, a.A_FCSEL_S if type == VT_F32 else a.A_FCSEL_D)
    made.imm = cond
    def_reg(s, made, dst, ROLE_REG)
    use_reg(s, made, yes, ROLE_SECOND)
    use_reg(s, made, no, ROLE_RM)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def select_vector(s: Lowering, dst: uint32_t, yes: uint32_t, no: uint32_t, cond: uint32_t) -> cython.void:
    """By a mask of all bits or none."""
    bit: uint32_t = fresh(s, VT_I32)
    mask: uint32_t = fresh(s, VT_V128)
    made: Made = emit(s, a.A_CSETM64)
    made.imm = cond
    def_reg(s, made, bit, ROLE_REG)
    put_dn(s, a.A_DUP_2D, mask, bit, 0)
    onto_to(s, dst, a.A_BSL_16B, mask, yes, no)
