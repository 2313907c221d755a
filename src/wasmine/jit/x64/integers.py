"""Instruction selection for integers, conditions and selects; see lower.pxd for the order of things."""

import cython
from cython.cimports.libc.stdint import int64_t, uint32_t
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    Target,
    arg,
    def_fixed,
    def_reg,
    emit,
    emit_move,
    emit_unary,
    imm_of,
    is_const,
    is_foldable,
    is_imm32,
    is_upper_half,
    mod_reg,
    result_of,
    temp_fixed,
    use_any,
    use_fixed,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import (
    ROLE_BASE,
    ROLE_INDEX,
    ROLE_REG,
    ROLE_RM,
    ROLE_SECOND,
    MachInst,
)
from cython.cimports.wasmine.jit.backend.memory import add_target
from cython.cimports.wasmine.jit.backend.sinking import plain_load, sinks, stand_for
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import TYPE_I64, Inst
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.assembler import RAX, RCX, RDX
from cython.cimports.wasmine.jit.x64.conditions import emit_bool, select
from cython.cimports.wasmine.jit.x64.encode import WIDE
from cython.cimports.wasmine.jit.x64.lower import CPU_BMI1, CPU_BMI2, CPU_LZCNT, CPU_POPCNT
from cython.cimports.wasmine.jit.x64.memory import find_target

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_integer(s: Lowering, id: uint32_t) -> cython.bint:
    op: uint32_t = s.f.insts[id].op
    if op == o.I32_ADD or op == o.I64_ADD:
        add(s, id, sized(s, id))
    elif op == o.I32_SUB or op == o.I64_SUB:
        subtract(s, id, sized(s, id))
    elif (op == o.I32_AND or op == o.I64_AND) and (and_not(s, id) or clear_lowest(s, id)):
        pass
    elif op == o.I32_AND or op == o.I64_AND:
        binary(s, id, x.X_AND32 + sized(s, id), x.X_AND32_IMM + sized(s, id))
    elif op == o.I32_OR or op == o.I64_OR:
        binary(s, id, x.X_OR32 + sized(s, id), x.X_OR32_IMM + sized(s, id))
    elif op == o.I32_XOR or op == o.I64_XOR:
        binary(s, id, x.X_XOR32 + sized(s, id), x.X_XOR32_IMM + sized(s, id))
    elif op == o.I32_MUL or op == o.I64_MUL:
        multiply(s, id, sized(s, id))
    elif op == o.I32_SHL or op == o.I64_SHL:
        shift(s, id, x.X_SHL32 + sized(s, id), x.X_SHL32_IMM + sized(s, id))
    elif op == o.I32_SHR_S or op == o.I64_SHR_S:
        shift(s, id, x.X_SAR32 + sized(s, id), x.X_SAR32_IMM + sized(s, id))
    elif op == o.I32_SHR_U or op == o.I64_SHR_U:
        shift(s, id, x.X_SHR32 + sized(s, id), x.X_SHR32_IMM + sized(s, id))
    elif op == o.I32_ROTL or op == o.I64_ROTL:
        shift(s, id, x.X_ROL32 + sized(s, id), x.X_ROL32_IMM + sized(s, id))
    elif op == o.I32_ROTR or op == o.I64_ROTR:
        shift(s, id, x.X_ROR32 + sized(s, id), x.X_ROR32_IMM + sized(s, id))
    elif op == o.I32_DIV_S or op == o.I64_DIV_S:
        divide(s, id, x.P_DIV_S, RAX)
    elif op == o.I32_DIV_U or op == o.I64_DIV_U:
        divide(s, id, x.P_DIV_U, RAX)
    elif op == o.I32_REM_S or op == o.I64_REM_S:
        divide(s, id, x.P_REM_S, RDX)
    elif op == o.I32_REM_U or op == o.I64_REM_U:
        divide(s, id, x.P_DIV_U, RDX)
    elif op == o.I64_MUL_HIGH_S:
        multiply_high(s, id, x.X_IMULWIDE64)
    elif op == o.I64_MUL_HIGH_U:
        multiply_high(s, id, x.X_MUL64)
    elif op == o.SELECT:
        select(s, id)
    elif o.I32_EQ <= op <= o.F64_GE:
        emit_bool(s, id)
    else:
        return lower_unary(s, id, op)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_unary(s: Lowering, id: uint32_t, op: uint32_t) -> cython.bint:
    machine: uint32_t = 0
    if op == o.I32_EXTEND8_S:
        machine = x.X_MOVSX832
    elif op == o.I64_EXTEND8_S:
        machine = x.X_MOVSX864
    elif op == o.I32_EXTEND16_S:
        machine = x.X_MOVSX1632
    elif op == o.I64_EXTEND16_S:
        machine = x.X_MOVSX1664
    elif op == o.I64_EXTEND32_S or op == o.I64_EXTEND_I32_S:
        machine = x.X_MOVSXD
    elif op == o.I32_WRAP_I64:
        if wrap_of_sum(s, id):
            return True
        if is_upper_half(s, arg(s, id, 0)):
            emit_move(s, result_of(s, id), value_of(s, arg(s, id, 0)))
            return True
        machine = x.X_MOV32
    elif op == o.I64_EXTEND_I32_U:
        # The upper half of an i32 is zero everywhere, in slots too.
        emit_move(s, result_of(s, id), value_of(s, arg(s, id, 0)))
        return True
    elif op == o.I32_CLZ or op == o.I64_CLZ:
        if s.features & CPU_LZCNT == 0:
            return False
        machine = x.X_LZCNT32 + sized(s, id)
    elif op == o.I32_CTZ or op == o.I64_CTZ:
        if s.features & CPU_BMI1 == 0:
            return False
        machine = x.X_TZCNT32 + sized(s, id)
    elif op == o.I32_POPCNT or op == o.I64_POPCNT:
        if s.features & CPU_POPCNT == 0:
            return False
        machine = x.X_POPCNT32 + sized(s, id)
    else:
        return False
    emit_unary(s, machine, result_of(s, id), value_of(s, arg(s, id, 0)))
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def wrap_of_sum(s: Lowering, id: uint32_t) -> cython.bint:
    """The lower half of a sum that nobody else wants is the sum of the lower halves: addresses that programs
    for 64 bits compute.

    Half of an operand in memory is not the same access, so loads stay outside.
    """
    sum: uint32_t = arg(s, id, 0)
    inner: cython.pointer[Inst] = s.f.insts + sum
    if inner.op != o.I64_ADD or not is_foldable(s, sum) or s.vregs[sum] != 0:
        return False
    if s.f.insts[inner.args[0]].op == o.I64_LOAD or s.f.insts[inner.args[1]].op == o.I64_LOAD:
        return False
    s.vregs[sum] = result_of(s, id)
    add(s, sum, 0)
    s.vregs[sum] = 0
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_bits(s: Lowering, id: uint32_t) -> uint32_t:
    """The register of an operand whose upper half does not matter: an i64 is not wrapped before."""
    if s.f.insts[id].op == o.I32_WRAP_I64 and is_foldable(s, id) and not is_upper_half(s, arg(s, id, 0)):
        id = arg(s, id, 0)
    return value_of(s, id)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def sized(s: Lowering, id: uint32_t) -> uint32_t:
    """What to add to a 32-bit op for the type of the instruction."""
    return WIDE if s.f.insts[id].type == TYPE_I64 else 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def binary(s: Lowering, id: uint32_t, op: uint32_t, op_imm: uint32_t) -> cython.void:
    """dst = left op right, for an op that commutes."""
    dst: uint32_t = result_of(s, id)
    left: uint32_t = arg(s, id, 0)
    right: uint32_t = arg(s, id, 1)
    inst: Made
    if not is_const(s, right) and (is_const(s, left) or gives_register(s, id, right, left)):
        left, right = right, left
    if not is_const(s, right):
        if sinks(s, right, plain_load(s.f.insts[id].type)):
            with_memory(s, op, dst, left, right)
            return
        if sinks(s, left, plain_load(s.f.insts[id].type)):
            with_memory(s, op, dst, right, left)
            return
    if is_const(s, right) and not is_imm32(s, right) and s.f.insts[left].uses > 1:
        # The constant needs a register, which is free for the result.
        left, right = right, left
    left = lower_bits(s, left)
    if is_imm32(s, right):
        emit_move(s, dst, left)
        inst = emit(s, op_imm)
        inst.imm = imm_of(s, right)
        mod_reg(s, inst, dst, ROLE_RM)
        return
    right = lower_bits(s, right)
    emit_move(s, dst, left)
    inst = emit(s, op)
    mod_reg(s, inst, dst, ROLE_REG)
    use_any(s, inst, right)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def gives_register(s: Lowering, id: uint32_t, one: uint32_t, other: uint32_t) -> cython.bint:
    """Whether a result should rather take the register of one operand than of the other: one that dies here,
    or that has the register where the result will be wanted.
    """
    uses: uint32_t = s.f.insts[one].uses
    if uses != s.f.insts[other].uses:
        return uses < s.f.insts[other].uses
    return s.goals[id] != 0 and comes_from(s, one, s.goals[id], 2) and other != s.goals[id]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def comes_from(s: Lowering, id: uint32_t, param: uint32_t, levels: uint32_t) -> cython.bint:
    """Whether a value is a parameter of a block, or made from it by a few instructions."""
    inst: cython.pointer[Inst] = s.f.insts + id
    if id == param:
        return True
    if levels == 0 or inst.n_args == 0 or inst.n_args > 2:
        return False
    return comes_from(s, inst.args[0], param, levels - 1) or (
        inst.n_args == 2 and comes_from(s, inst.args[1], param, levels - 1)
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def and_not(s: Lowering, id: uint32_t) -> cython.bint:
    """dst = ~left & right, where one operand is a complement that nobody else wants."""
    k: uint32_t
    inner: cython.pointer[Inst]
    left: uint32_t
    right: uint32_t
    dst: uint32_t
    inst: Made
    if s.features & CPU_BMI1 == 0:
        return False
    for k in range(2):
        inner = s.f.insts + arg(s, id, k)
        if inner.op != o.I32_XOR and inner.op != o.I64_XOR:
            continue
        if is_const(s, arg(s, id, 1 - k)) or not is_foldable(s, arg(s, id, k)):
            continue
        if not is_const(s, inner.args[1]) or imm_of(s, inner.args[1]) != -1:
            continue
        dst = result_of(s, id)
        left = value_of(s, inner.args[0])
        right = value_of(s, arg(s, id, 1 - k))
        inst = emit(s, x.X_ANDN32 + sized(s, id))
        def_reg(s, inst, dst, ROLE_REG)
        use_reg(s, inst, left, ROLE_SECOND)
        use_any(s, inst, right)
        return True
    return False


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def clear_lowest(s: Lowering, id: uint32_t) -> cython.bint:
    """dst = left & (left - 1), if that is what it is, and nobody else wants the difference."""
    k: uint32_t
    inner: cython.pointer[Inst]
    value: uint32_t
    dst: uint32_t
    inst: Made
    if s.features & CPU_BMI1 == 0:
        return False
    for k in range(2):
        inner = s.f.insts + arg(s, id, k)
        value = arg(s, id, 1 - k)
        if (inner.op != o.I32_ADD and inner.op != o.I64_ADD) or inner.args[0] != value:
            continue
        if not is_foldable(s, arg(s, id, k)) or not is_const(s, inner.args[1]):
            continue
        if imm_of(s, inner.args[1]) != -1:
            continue
        dst = result_of(s, id)
        value = value_of(s, value)
        inst = emit(s, x.X_BLSR32 + sized(s, id))
        def_reg(s, inst, dst, ROLE_SECOND)
        use_any(s, inst, value)
        return True
    return False


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def with_memory(s: Lowering, op: uint32_t, dst: uint32_t, left: uint32_t, load: uint32_t) -> cython.void:
    """dst = left op what a load that sinks here reads."""
    target = cython.declare(Target)
    inst: Made
    find_target(s, load, cython.address(target))
    left = value_of(s, left)
    emit_move(s, dst, left)
    inst = emit(s, op)
    mod_reg(s, inst, dst, ROLE_REG)
    add_target(s, inst, cython.address(target))
    stand_for(s, inst, load)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add(s: Lowering, id: uint32_t, wide: uint32_t) -> cython.void:
    """A sum; lea where the operand lives on, for a scaled index, and for a sum of three."""
    left: uint32_t = arg(s, id, 0)
    right: uint32_t = arg(s, id, 1)
    inner: cython.pointer[Inst] = s.f.insts + left
    scale: uint32_t
    disp: int64_t = 0
    if is_const(s, left) or (is_const(s, right) and not is_imm32(s, right)):
        binary(s, id, x.X_ADD32 + wide, x.X_ADD32_IMM + wide)
        return
    if is_const(s, right):
        disp = imm_of(s, right)
        scale = scaled(s, left)
        if scale != 0:
            lea(s, id, wide, 0, inner.args[0], scale, disp)
        elif is_product(inner.op) and is_foldable(s, left) and beside_itself(s, inner.args[1]) != 0:
            lea(s, id, wide, inner.args[0], inner.args[0], beside_itself(s, inner.args[1]), disp)
        elif inner.op == s.f.insts[id].op and is_foldable(s, left) and not is_const(s, inner.args[1]):
            add_scaled(s, id, wide, inner.args[0], inner.args[1], disp)
        elif inner.uses > 1:
            lea(s, id, wide, left, 0, 0, disp)
        else:
            binary(s, id, x.X_ADD32 + wide, x.X_ADD32_IMM + wide)
    elif (
        scaled(s, left) == 0
        and scaled(s, right) == 0
        and (s.f.insts[left].uses == 1 or s.f.insts[right].uses == 1)
    ):
        binary(s, id, x.X_ADD32 + wide, x.X_ADD32_IMM + wide)
    else:
        add_scaled(s, id, wide, left, right, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_scaled(
    s: Lowering, id: uint32_t, wide: uint32_t, left: uint32_t, right: uint32_t, disp: int64_t
) -> cython.void:
    """left + right + disp; one of the two may be a shift that the address does."""
    scale: uint32_t = scaled(s, right)
    if scale == 0:
        scale = scaled(s, left)
        if scale != 0:
            left, right = right, left
    if scale != 0:
        right = arg(s, right, 0)
    lea(s, id, wide, left, right, scale, disp)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lea(
    s: Lowering,
    id: uint32_t,
    wide: uint32_t,
    base: uint32_t,
    index: uint32_t,
    scale: uint32_t,
    disp: int64_t,
) -> cython.void:
    """base + (index << scale) + disp, of which base or index may be missing (0)."""
    dst: uint32_t = result_of(s, id)
    inst: Made
    if base != 0:
        base = value_of(s, base)
    if index != 0:
        index = value_of(s, index)
    inst = emit(s, x.X_LEA32 + wide)
    inst.scale = scale
    inst.disp = cython.cast(uint32_t, disp)
    def_reg(s, inst, dst, ROLE_REG)
    if base != 0:
        use_reg(s, inst, base, ROLE_BASE)
    if index != 0:
        use_reg(s, inst, index, ROLE_INDEX)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def scaled(s: Lowering, id: uint32_t) -> uint32_t:
    """How far a value shifts another left, if an address can do that; else 0."""
    inst: cython.pointer[Inst] = s.f.insts + id
    if (inst.op != o.I32_SHL and inst.op != o.I64_SHL) or not is_foldable(s, id):
        return 0
    if not is_const(s, inst.args[1]) or is_const(s, inst.args[0]):
        return 0
    if 1 <= imm_of(s, inst.args[1]) <= 3:
        return cython.cast(uint32_t, imm_of(s, inst.args[1]))
    return 0


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_product(op: uint32_t) -> cython.bint:
    return op == o.I32_MUL or op == o.I64_MUL


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def beside_itself(s: Lowering, factor: uint32_t) -> uint32_t:
    """How far an address shifts a value left that it adds to itself, for the product with a factor: 3, 5 or
    9; else 0. That is done a cycle or two before a multiplication is.
    """
    if is_const(s, factor):
        if imm_of(s, factor) == 3:
            return 1
        elif imm_of(s, factor) == 5:
            return 2
        elif imm_of(s, factor) == 9:
            return 3
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def subtract(s: Lowering, id: uint32_t, wide: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    left: uint32_t = arg(s, id, 0)
    right: uint32_t = arg(s, id, 1)
    inst: Made
    if is_const(s, left) and imm_of(s, left) == 0:
        emit_move(s, dst, value_of(s, right))
        inst = emit(s, x.X_NEG32 + wide)
        mod_reg(s, inst, dst, ROLE_RM)
        return
    if sinks(s, right, plain_load(s.f.insts[id].type)):
        with_memory(s, x.X_SUB32 + wide, dst, left, right)
        return
    left = lower_bits(s, left)
    if is_imm32(s, right):
        emit_move(s, dst, left)
        inst = emit(s, x.X_SUB32_IMM + wide)
        inst.imm = imm_of(s, right)
        mod_reg(s, inst, dst, ROLE_RM)
        return
    right = lower_bits(s, right)
    emit_move(s, dst, left)
    inst = emit(s, x.X_SUB32 + wide)
    mod_reg(s, inst, dst, ROLE_REG)
    use_any(s, inst, right)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def multiply(s: Lowering, id: uint32_t, wide: uint32_t) -> cython.void:
    """With an immediate it has three operands. The constant may be the left one: passes made it so, late."""
    dst: uint32_t = result_of(s, id)
    left: uint32_t = arg(s, id, 0)
    right: uint32_t = arg(s, id, 1)
    inst: Made
    if is_imm32(s, left):
        left, right = right, left
    if not is_imm32(s, right):
        # Neither is an immediate.
        binary(s, id, x.X_IMUL32 + wide, 0)
        return
    if beside_itself(s, right) != 0:
        lea(s, id, wide, left, left, beside_itself(s, right), 0)
        return
    left = value_of(s, left)
    inst = emit(s, x.X_IMUL32_IMM + wide)
    inst.imm = imm_of(s, right)
    def_reg(s, inst, dst, ROLE_REG)
    use_any(s, inst, left)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def multiply_high(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    left: uint32_t = value_of(s, arg(s, id, 0))
    right: uint32_t = value_of(s, arg(s, id, 1))
    inst: Made = emit(s, op)
    use_fixed(s, inst, left, RAX)
    temp_fixed(s, inst, RAX)
    def_fixed(s, inst, dst, RDX)
    use_any(s, inst, right)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def unflagged(op: uint32_t) -> uint32_t:
    """The shift of BMI2 that has a register for its result; the rotation, which has, by a constant only."""
    if op == x.X_SHL32:
        return x.X_SHLX32
    elif op == x.X_SHR32:
        return x.X_SHRX32
    elif op == x.X_SAR32:
        return x.X_SARX32
    elif op == x.X_ROL32 or op == x.X_ROR32:
        return x.X_RORX32
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def shift(s: Lowering, id: uint32_t, op: uint32_t, op_imm: uint32_t) -> cython.void:
    """Shifts and rotations; the machine takes the count modulo the width, as WebAssembly does."""
    dst: uint32_t = result_of(s, id)
    value: uint32_t = value_of(s, arg(s, id, 0))
    count: uint32_t = arg(s, id, 1)
    inst: Made
    places: int64_t
    bits: int64_t = 64 if s.f.insts[id].type == TYPE_I64 else 32
    other: uint32_t = unflagged(op & ~WIDE) if s.features & CPU_BMI2 else 0
    if is_const(s, count):
        places = imm_of(s, count) & (bits - 1)
        if other == x.X_RORX32 and s.f.insts[arg(s, id, 0)].uses > 1:
            inst = emit(s, other + sized(s, id))
            inst.imm = places if op & ~WIDE == x.X_ROR32 else (bits - places) & (bits - 1)
            def_reg(s, inst, dst, ROLE_REG)
            use_any(s, inst, value)
            return
        if places == 1 and op & ~WIDE == x.X_SHL32 and s.f.insts[arg(s, id, 0)].uses > 1:
            lea(s, id, sized(s, id), arg(s, id, 0), arg(s, id, 0), 0, 0)
            return
        emit_move(s, dst, value)
        inst = emit(s, op_imm)
        inst.imm = places
        mod_reg(s, inst, dst, ROLE_RM)
        return
    count = value_of(s, count)
    if other != 0 and other != x.X_RORX32:
        inst = emit(s, other + sized(s, id))
        def_reg(s, inst, dst, ROLE_REG)
        use_reg(s, inst, count, ROLE_SECOND)
        use_any(s, inst, value)
        return
    emit_move(s, dst, value)
    inst = emit(s, op)
    mod_reg(s, inst, dst, ROLE_RM)
    use_fixed(s, inst, count, RCX)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def divide(s: Lowering, id: uint32_t, op: uint32_t, place: uint32_t) -> cython.void:
    """Quotient in rax or remainder in rdx; what traps has been tested."""
    dst: uint32_t = result_of(s, id)
    left: uint32_t = value_of(s, arg(s, id, 0))
    right: uint32_t = value_of(s, arg(s, id, 1))
    inst: Made = emit(s, op)
    inst.scale = s.f.insts[id].type == TYPE_I64
    use_fixed(s, inst, left, RAX)
    temp_fixed(s, inst, RAX)
    temp_fixed(s, inst, RDX)
    def_fixed(s, inst, dst, place)
    use_any(s, inst, right)
