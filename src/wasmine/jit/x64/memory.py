"""Instruction selection for memory, globals, and what else the instance holds.

A memory access is [r15 + address + offset]: addresses are 32 bits wide and zero-extended, so that the sum
cannot wrap around. Other memories come with their base as the last operand.
"""

import cython
from cython.cimports.libc.stdint import int32_t, uint32_t, uint64_t
from cython.cimports.wasmine.jit.backend.accesses import ACCESS_64
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    Target,
    def_reg,
    emit,
    emit_load_const,
    emit_load_pinned,
    emit_trap_if,
    fresh,
    imm_of,
    is_const,
    is_foldable,
    is_imm32,
    mod_reg,
    use_any,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import (
    ROLE_BASE,
    ROLE_REG,
    VT_I64,
    MachInst,
)
from cython.cimports.wasmine.jit.backend.memory import MEMORY_OF, add_target
from cython.cimports.wasmine.jit.backend.sinking import plain_load, sinks, stand_for
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import (
    F_CHECKED,
    F_FITS,
    TYPE_I32,
    TYPE_I64,
    Inst,
    args_of,
)
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.convention import INSTANCE
from cython.cimports.wasmine.jit.x64.encode import WIDE
from cython.cimports.wasmine.jit.x64.lower import CC_A, CC_B
from cython.cimports.wasmine.runtime.layout import global_pointer_at, is_own_global
from cython.cimports.wasmine.spec.traps import TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])

MAX_DISP = cython.declare(cython.const[uint64_t], 0x7FFFFFFF)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_target(s: Lowering, id: uint32_t, target: cython.pointer[Target]) -> cython.void:
    inst: cython.pointer[Inst] = s.f.insts + id
    at: uint32_t = args_of(s.f, inst)[0]
    far: uint64_t = inst.imm
    big: uint32_t
    made: Made
    target.base = 0
    target.index = 0
    target.scale = 0
    target.faults = inst.flags & F_CHECKED == 0
    if inst.aux & MEMORY_OF != 0:
        target.base = value_of(s, args_of(s.f, inst)[inst.n_args - 1])
    if is_const(s, at) and s.f.insts[at].imm <= MAX_DISP and far <= MAX_DISP - s.f.insts[at].imm:
        target.disp = cython.cast(int32_t, far + s.f.insts[at].imm)
        return
    target.index = value_of(s, at)
    if far <= MAX_DISP:
        target.disp = cython.cast(int32_t, far)
        return
    big = fresh(s, VT_I64)
    emit_load_const(s, big, VT_I64, far)
    made = emit(s, x.X_ADD64)
    mod_reg(s, made, big, ROLE_REG)
    use_any(s, made, target.index)
    target.index = big
    target.disp = 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def store(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    target = cython.declare(Target)
    value: uint32_t = args_of(s.f, s.f.insts + id)[1]
    imm_op: uint32_t = 0
    made: Made
    if changes_in_place(s, id, op):
        return
    find_target(s, id, cython.address(target))
    if op == x.X_STORE32 and is_const(s, value):
        imm_op = x.X_MOV32_IMM
    elif op == x.X_STORE64 and is_imm32(s, value):
        imm_op = x.X_MOV64_IMM
    elif op == x.X_STORE8 and is_const(s, value):
        imm_op = x.X_STORE8_IMM
    if imm_op != 0:
        made = emit(s, imm_op)
        made.imm = imm_of(s, value)
        add_target(s, made, cython.address(target))
        return
    value = value_of(s, value)
    made = emit(s, op)
    use_reg(s, made, value, ROLE_REG)
    add_target(s, made, cython.address(target))


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def in_place(op: uint32_t) -> uint32_t:
    """The machine's 32-bit op that changes memory by a register, for ops that come in both widths; else 0."""
    if op == o.I32_ADD or op == o.I64_ADD:
        return x.X_ADD32_MR
    elif op == o.I32_SUB or op == o.I64_SUB:
        return x.X_SUB32_MR
    elif op == o.I32_AND or op == o.I64_AND:
        return x.X_AND32_MR
    elif op == o.I32_OR or op == o.I64_OR:
        return x.X_OR32_MR
    elif op == o.I32_XOR or op == o.I64_XOR:
        return x.X_XOR32_MR
    return 0


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def with_immediate(op: uint32_t) -> uint32_t:
    if op == x.X_ADD32_MR:
        return x.X_ADD32_IMM
    elif op == x.X_SUB32_MR:
        return x.X_SUB32_IMM
    elif op == x.X_AND32_MR:
        return x.X_AND32_IMM
    elif op == x.X_OR32_MR:
        return x.X_OR32_IMM
    return x.X_XOR32_IMM


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def changes_in_place(s: Lowering, id: uint32_t, op: uint32_t) -> cython.bint:
    """Whether a store puts back what it loads from the same place, changed by one instruction: emits that."""
    store: cython.pointer[Inst] = s.f.insts + id
    value: uint32_t = args_of(s.f, store)[1]
    change: cython.pointer[Inst] = s.f.insts + value
    machine: uint32_t = in_place(change.op)
    wide: uint32_t = WIDE if op == x.X_STORE64 else 0
    load: cython.pointer[Inst]
    other: uint32_t
    target = cython.declare(Target)
    made: Made
    if machine == 0 or store.n_args != 2 or (op != x.X_STORE32 and op != x.X_STORE64):
        return False
    if not is_foldable(s, value) or change.block != s.block:
        return False
    if change.type != (TYPE_I64 if wide else TYPE_I32):
        return False
    load = s.f.insts + change.args[0]
    other = change.args[1]
    if load.n_args != 1 or load.args[0] != store.args[0]:
        load = s.f.insts + change.args[1]
        other = change.args[0]
        if machine == x.X_SUB32_MR or load.n_args != 1 or load.args[0] != store.args[0]:
            return False
    if load.imm != store.imm or load.aux != store.aux:
        return False
    if not sinks(s, cython.cast(uint32_t, load - s.f.insts), plain_load(change.type)):
        return False
    find_target(s, id, cython.address(target))
    if is_imm32(s, other):
        made = emit(s, with_immediate(machine) + wide)
        made.imm = imm_of(s, other)
    else:
        other = value_of(s, other)
        made = emit(s, machine + wide)
        use_reg(s, made, other, ROLE_REG)
    add_target(s, made, cython.address(target))
    stand_for(s, made, cython.cast(uint32_t, load - s.f.insts))
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_bounds(s: Lowering, id: uint32_t) -> cython.void:
    """Traps unless address + imm <= bytes. Only a 64-bit address can make the sum wrap around; it is compared
    with bytes - imm, where that cannot.
    """
    at: uint32_t = s.f.insts[id].args[0]
    end: uint64_t = s.f.insts[id].imm
    wide: cython.bint = s.f.insts[at].type == TYPE_I64
    bytes: uint32_t = value_of(s, s.f.insts[id].args[1])
    sum: uint32_t = fresh(s, VT_I64)
    made: Made
    at = value_of(s, at)
    if wide and s.f.insts[id].flags & F_FITS and end <= MAX_DISP:
        made = emit(s, x.X_LEA64)
        made.disp = -cython.cast(int32_t, end)
        def_reg(s, made, sum, ROLE_REG)
        use_reg(s, made, bytes, ROLE_BASE)
        made = emit(s, x.X_CMP64)
        use_reg(s, made, sum, ROLE_REG)
        use_any(s, made, at)
        emit_trap_if(s, CC_B, TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS)
        return
    if end <= MAX_DISP and not wide:
        made = emit(s, x.X_LEA64)
        made.disp = cython.cast(int32_t, end)
        def_reg(s, made, sum, ROLE_REG)
        use_reg(s, made, at, ROLE_BASE)
    else:
        emit_load_const(s, sum, VT_I64, end)
        made = emit(s, x.X_ADD64)
        mod_reg(s, made, sum, ROLE_REG)
        use_any(s, made, at)
        if wide:
            emit_trap_if(s, CC_B, TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS)
    made = emit(s, x.X_CMP64)
    use_reg(s, made, sum, ROLE_REG)
    use_any(s, made, bytes)
    emit_trap_if(s, CC_A, TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_global(s: Lowering, index: uint32_t, op: uint32_t) -> uint32_t:
    at: uint32_t
    if is_own_global(s.code.desc, index):
        return 0
    at = fresh(s, VT_I64)
    emit_load_pinned(s, ACCESS_64, at, INSTANCE, cython.cast(int32_t, global_pointer_at(s.code.desc, index)))
    return at
