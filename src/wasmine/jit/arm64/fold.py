"""What an instruction of the machine takes over from those that compute its operands; see fold.pxd."""

import cython
from cython.cimports.libc.stdint import int64_t, uint32_t, uint64_t
from cython.cimports.wasmine.jit.arm64.assembler import ZERO
from cython.cimports.wasmine.jit.arm64.encode import (
    EXTEND_SXTB,
    EXTEND_SXTH,
    EXTEND_SXTW,
    EXTEND_UXTB,
    EXTEND_UXTH,
    EXTEND_UXTW,
    NO_LOGICAL,
    SHIFT_ASR,
    SHIFT_LSL,
    SHIFT_LSR,
    SHIFT_ROR,
    extend,
    fits_imm,
    logical,
    shift,
)
from cython.cimports.wasmine.jit.arm64.fold import (
    SECOND_EXTENDED,
    SECOND_IMM,
    SECOND_LOGICAL,
    SECOND_MINUS,
    SECOND_REG,
    SECOND_SHIFTED,
    Second,
)
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    def_reg,
    emit,
    imm_of,
    is_const,
    is_foldable,
    use_pinned,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import (
    ROLE_MASK,
    ROLE_REG,
    ROLE_RM,
    ROLE_SECOND,
    MachInst,
)
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import TYPE_I32, Inst

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])
Operand = cython.typedef(cython.pointer[Second])
Value = cython.typedef(cython.pointer[Inst])

LOW_HALF = cython.declare(cython.const[uint64_t], 0xFFFFFFFF)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_64(s: Lowering, id: uint32_t) -> cython.bint:
    return s.f.insts[id].type != TYPE_I32


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def bits_of(s: Lowering, id: uint32_t) -> uint64_t:
    bits: uint64_t = s.f.insts[id].imm
    return bits if is_64(s, id) else bits & LOW_HALF


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def folds(s: Lowering, id: uint32_t) -> cython.bint:
    return is_foldable(s, id) and s.f.insts[id].block == s.block


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def unwrapped(s: Lowering, id: uint32_t) -> uint32_t:
    while s.f.insts[id].op == o.I32_WRAP_I64:
        id = s.f.insts[id].args[0]
    return id


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def source(s: Lowering, id: uint32_t) -> uint32_t:
    if is_const(s, id) and imm_of(s, id) == 0:
        return 0
    return register_of(s, id)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def register_of(s: Lowering, id: uint32_t) -> uint32_t:
    return value_of(s, unwrapped(s, id))


# --- second operands


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def shift_kind(op: uint32_t) -> uint32_t:
    """SHIFT_* of a shift or rotation, or NO_LOGICAL."""
    if op == o.I32_SHL or op == o.I64_SHL:
        return SHIFT_LSL
    elif op == o.I32_SHR_U or op == o.I64_SHR_U:
        return SHIFT_LSR
    elif op == o.I32_SHR_S or op == o.I64_SHR_S:
        return SHIFT_ASR
    elif op == o.I32_ROTL or op == o.I64_ROTL or op == o.I32_ROTR or op == o.I64_ROTR:
        return SHIFT_ROR
    return NO_LOGICAL


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_shifted(s: Lowering, id: uint32_t, rotations: cython.bint) -> cython.bint:
    inst: Value = s.f.insts + id
    kind: uint32_t = shift_kind(inst.op)
    if kind == NO_LOGICAL or not is_foldable(s, id) or not is_const(s, inst.args[1]):
        return False
    return (kind != SHIFT_ROR or rotations) and not is_const(s, inst.args[0])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def extension(s: Lowering, id: uint32_t) -> uint32_t:
    """EXTEND_* of an extension that nobody else wants, or NO_LOGICAL."""
    inst: Value = s.f.insts + id
    if not is_foldable(s, id):
        return NO_LOGICAL
    if inst.op == o.I64_EXTEND_I32_S or inst.op == o.I64_EXTEND32_S:
        return EXTEND_SXTW
    elif inst.op == o.I64_EXTEND_I32_U:
        return EXTEND_UXTW
    elif inst.op == o.I32_EXTEND8_S or inst.op == o.I64_EXTEND8_S:
        return EXTEND_SXTB
    elif inst.op == o.I32_EXTEND16_S or inst.op == o.I64_EXTEND16_S:
        return EXTEND_SXTH
    if (inst.op == o.I32_AND or inst.op == o.I64_AND) and is_const(s, inst.args[1]):
        if bits_of(s, inst.args[1]) == 0xFF:
            return EXTEND_UXTB
        if bits_of(s, inst.args[1]) == 0xFFFF:
            return EXTEND_UXTH
        if bits_of(s, inst.args[1]) == LOW_HALF:
            return EXTEND_UXTW
    return NO_LOGICAL


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_shifted(s: Lowering, id: uint32_t, second: Operand) -> cython.void:
    inst: Value = s.f.insts + id
    width: uint32_t = 64 if is_64(s, id) else 32
    amount: uint32_t = cython.cast(uint32_t, imm_of(s, inst.args[1])) & (width - 1)
    if inst.op == o.I32_ROTL or inst.op == o.I64_ROTL:
        amount = (width - amount) & (width - 1)
    second.kind = SECOND_SHIFTED
    second.vreg = register_of(s, inst.args[0])
    second.imm = shift(shift_kind(inst.op), amount)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_extended(s: Lowering, id: uint32_t, second: Operand) -> cython.bint:
    """An extension, or one that is shifted left by up to 4."""
    inst: Value = s.f.insts + id
    amount: int64_t = 0
    kind: uint32_t
    if (inst.op == o.I32_SHL or inst.op == o.I64_SHL) and is_foldable(s, id) and is_const(s, inst.args[1]):
        amount = imm_of(s, inst.args[1])
        if not 0 <= amount <= 4:
            return False
        id = inst.args[0]
    kind = extension(s, id)
    if kind == NO_LOGICAL:
        return False
    second.kind = SECOND_EXTENDED
    second.vreg = register_of(s, s.f.insts[id].args[0])
    second.imm = extend(kind, cython.cast(uint32_t, amount))
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_special(s: Lowering, id: uint32_t) -> cython.bint:
    inst: Value = s.f.insts + id
    if is_shifted(s, id, False) or extension(s, id) != NO_LOGICAL:
        return True
    return inst.op == o.CONST


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_second(s: Lowering, id: uint32_t, second: Operand) -> cython.void:
    bits: uint64_t
    minus: uint64_t
    second.kind = SECOND_REG
    second.vreg = 0
    second.imm = 0
    if is_const(s, id):
        bits = bits_of(s, id)
        minus = 0 - bits
        if not is_64(s, id):
            minus &= LOW_HALF
        if fits_imm(bits):
            second.kind = SECOND_IMM
            second.imm = bits
        elif fits_imm(minus):
            second.kind = SECOND_MINUS
            second.imm = minus
        else:
            second.vreg = value_of(s, id)
    elif not find_extended(s, id, second):
        if is_shifted(s, id, False):
            find_shifted(s, id, second)
        else:
            second.vreg = register_of(s, id)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_logical(s: Lowering, id: uint32_t, second: Operand) -> cython.void:
    second.kind = SECOND_REG
    second.vreg = 0
    second.imm = 0
    if is_const(s, id) and logical(bits_of(s, id), is_64(s, id)) != NO_LOGICAL:
        second.kind = SECOND_LOGICAL
        second.imm = bits_of(s, id)
    elif is_shifted(s, id, True):
        find_shifted(s, id, second)
    else:
        second.vreg = source(s, id)


# --- instructions


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def use_or_zero(s: Lowering, made: Made, vreg: uint32_t, role: uint32_t) -> cython.void:
    if vreg != 0:
        use_reg(s, made, vreg, role)
    else:
        use_pinned(s, made, ZERO, role)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def put_dnm(s: Lowering, op: uint32_t, dst: uint32_t, n: uint32_t, m: uint32_t, imm: int64_t) -> Made:
    made: Made = put_dn(s, op, dst, n, imm)
    use_or_zero(s, made, m, ROLE_RM)
    return made


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def put_dn(s: Lowering, op: uint32_t, dst: uint32_t, n: uint32_t, imm: int64_t) -> Made:
    made: Made = emit(s, op)
    made.imm = imm
    if dst != 0:
        def_reg(s, made, dst, ROLE_REG)
    use_or_zero(s, made, n, ROLE_SECOND)
    return made


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def put_dnma(s: Lowering, op: uint32_t, dst: uint32_t, n: uint32_t, m: uint32_t, a: uint32_t) -> Made:
    made: Made = put_dnm(s, op, dst, n, m, 0)
    use_or_zero(s, made, a, ROLE_MASK)
    return made
