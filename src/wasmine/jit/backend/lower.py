"""What the parts of instruction selection share; see lower.pxd."""

import cython
from cython.cimports.libc.stdint import int32_t, int64_t, uint32_t, uint64_t
from cython.cimports.libc.string import memcpy
from cython.cimports.wasmine.jit.backend.lower import Lower
from cython.cimports.wasmine.jit.backend.machine import (
    IN_ANY,
    IN_FIXED,
    IN_PINNED,
    IN_REG,
    INST_MOVE,
    OPERAND_DEF,
    OPERAND_EARLY,
    OPERAND_MOD,
    OPERAND_TEMP,
    OPERAND_USE,
    ROLE_BASE,
    ROLE_NONE,
    ROLE_REG,
    ROLE_RM,
    VT_F32,
    VT_I64,
    VT_V128,
    MachInst,
    add_operand,
    new_machine_inst,
    new_vreg,
    take_words,
)
from cython.cimports.wasmine.jit.backend.pseudo import P_CONST, P_CONST_FLOAT, P_MOVE, P_TRAP_IF
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import TYPE_I64, TYPE_REF, Inst

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def vreg_type(type: uint32_t) -> uint32_t:
    return VT_I64 if type == TYPE_REF else type


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def fresh(s: Lowering, type: uint32_t) -> uint32_t:
    return new_vreg(s.m, type)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def value_of(s: Lowering, id: uint32_t) -> uint32_t:
    op: uint32_t = s.f.insts[id].op
    vreg: uint32_t
    if op != o.CONST and op != o.V128_CONST:
        return result_of(s, id)
    if s.machine.constant != cython.NULL:
        vreg = s.machine.constant(s, id)
        if vreg != 0:
            return vreg
    vreg = fresh(s, vreg_type(s.f.insts[id].type))
    load_constant(s, vreg, id)
    return vreg


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def load_constant(s: Lowering, dst: uint32_t, id: uint32_t) -> cython.void:
    inst: cython.pointer[Inst] = s.f.insts + id
    place: uint32_t
    made: Made
    if inst.op == o.CONST:
        emit_load_const(s, dst, vreg_type(inst.type), inst.imm)
        return
    place = take_words(s.m, 4)
    memcpy(s.m.pool + place, s.f.pool + inst.imm, 16)
    made = emit(s, P_CONST_FLOAT)
    def_reg(s, made, dst, ROLE_REG)
    made.aux = place
    made.scale = VT_V128


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def result_of(s: Lowering, id: uint32_t) -> uint32_t:
    if s.vregs[id] == 0:
        s.vregs[id] = fresh(s, vreg_type(s.f.insts[id].type))
    return s.vregs[id]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def take_handlers(s: Lowering) -> uint32_t:
    handlers: uint32_t = s.handlers
    s.handlers = 0
    return handlers


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit(s: Lowering, op: uint32_t) -> Made:
    inst: Made = new_machine_inst(s.m, op)
    inst.pos = s.pos
    inst.site = s.site
    return inst


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def def_reg(s: Lowering, inst: Made, vreg: uint32_t, role: uint32_t) -> cython.void:
    add_operand(s.m, inst, vreg, OPERAND_DEF, IN_REG, 0, role)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def mod_reg(s: Lowering, inst: Made, vreg: uint32_t, role: uint32_t) -> cython.void:
    add_operand(s.m, inst, vreg, OPERAND_MOD, IN_REG, 0, role)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def use_reg(s: Lowering, inst: Made, vreg: uint32_t, role: uint32_t) -> cython.void:
    add_operand(s.m, inst, vreg, OPERAND_USE, IN_REG, 0, role)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def use_any(s: Lowering, inst: Made, vreg: uint32_t) -> cython.void:
    add_operand(s.m, inst, vreg, OPERAND_USE, IN_ANY, 0, ROLE_RM)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def use_pinned(s: Lowering, inst: Made, preg: uint32_t, role: uint32_t) -> cython.void:
    add_operand(s.m, inst, 0, OPERAND_USE, IN_PINNED, preg, role)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def use_fixed(s: Lowering, inst: Made, vreg: uint32_t, preg: uint32_t) -> cython.void:
    add_operand(s.m, inst, vreg, OPERAND_USE, IN_FIXED, preg, ROLE_NONE)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def def_fixed(s: Lowering, inst: Made, vreg: uint32_t, preg: uint32_t) -> cython.void:
    add_operand(s.m, inst, vreg, OPERAND_DEF, IN_FIXED, preg, ROLE_NONE)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def temp_fixed(s: Lowering, inst: Made, preg: uint32_t) -> cython.void:
    add_operand(s.m, inst, 0, OPERAND_TEMP, IN_FIXED, preg, ROLE_NONE)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def early_reg(s: Lowering, inst: Made, vreg: uint32_t, role: uint32_t) -> cython.void:
    add_operand(s.m, inst, vreg, OPERAND_EARLY, IN_REG, 0, role)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def temp_reg(s: Lowering, inst: Made, vreg: uint32_t) -> cython.void:
    add_operand(s.m, inst, vreg, OPERAND_TEMP, IN_REG, 0, ROLE_NONE)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_move(s: Lowering, dst: uint32_t, src: uint32_t) -> cython.void:
    inst: Made = emit(s, P_MOVE)
    inst.flags = INST_MOVE
    def_reg(s, inst, dst, ROLE_REG)
    use_any(s, inst, src)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_load_const(s: Lowering, dst: uint32_t, type: uint32_t, bits: uint64_t) -> cython.void:
    inst: Made = emit(s, P_CONST_FLOAT if type >= VT_F32 else P_CONST)
    inst.imm = cython.cast(int64_t, bits)
    inst.scale = type
    def_reg(s, inst, dst, ROLE_REG)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_unary(s: Lowering, op: uint32_t, dst: uint32_t, src: uint32_t) -> cython.void:
    inst: Made = emit(s, op)
    def_reg(s, inst, dst, ROLE_REG)
    use_any(s, inst, src)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_load(s: Lowering, access: uint32_t, dst: uint32_t, base: uint32_t, disp: int32_t) -> cython.void:
    inst: Made = emit(s, s.machine.accesses.load[access])
    inst.disp = disp
    def_reg(s, inst, dst, ROLE_REG)
    use_reg(s, inst, base, ROLE_BASE)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_load_pinned(
    s: Lowering, access: uint32_t, dst: uint32_t, preg: uint32_t, disp: int32_t
) -> cython.void:
    inst: Made = emit(s, s.machine.accesses.load[access])
    inst.disp = disp
    def_reg(s, inst, dst, ROLE_REG)
    use_pinned(s, inst, preg, ROLE_BASE)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_trap_if(s: Lowering, condition: uint32_t, trap: uint32_t) -> Made:
    inst: Made = emit(s, P_TRAP_IF)
    inst.cond = condition
    inst.imm = trap
    return inst


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_const(s: Lowering, id: uint32_t) -> cython.bint:
    return s.f.insts[id].op == o.CONST


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def imm_of(s: Lowering, id: uint32_t) -> int64_t:
    inst: cython.pointer[Inst] = s.f.insts + id
    if inst.type == TYPE_I64 or inst.type == TYPE_REF:
        return cython.cast(int64_t, inst.imm)
    return cython.cast(int32_t, inst.imm)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_imm32(s: Lowering, id: uint32_t) -> cython.bint:
    value: int64_t
    if s.f.insts[id].op != o.CONST:
        return False
    value = imm_of(s, id)
    return value == cython.cast(int32_t, value)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_upper_half(s: Lowering, id: uint32_t) -> cython.bint:
    inst: cython.pointer[Inst] = s.f.insts + id
    return inst.op == o.I64_SHR_U and is_const(s, inst.args[1]) and imm_of(s, inst.args[1]) & 63 >= 32


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_foldable(s: Lowering, id: uint32_t) -> cython.bint:
    return s.f.insts[id].uses == 1 and s.vregs[id] == 0
