"""Instruction selection for exceptions; see exceptions.pxd."""

import cython
from cython.cimports.libc.stdint import int32_t, uint32_t
from cython.cimports.wasmine.jit.backend.accesses import ACCESS_64, access_of_slot, access_of_value
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    emit,
    emit_load,
    emit_load_const,
    emit_load_pinned,
    fresh,
    result_of,
    take_handlers,
    use_fixed,
    use_reg,
    value_of,
    vreg_type,
)
from cython.cimports.wasmine.jit.backend.machine import (
    AREA_OUTGOING,
    INST_CALL,
    ROLE_REG,
    VT_F32,
    VT_I64,
    MachInst,
)
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.backend.pseudo import P_THROW
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import Inst, args_of
from cython.cimports.wasmine.runtime.vm import Exn, Instance, VMContext
from cython.cimports.wasmine.spec.traps import TRAP_NULL_EXCEPTION_REFERENCE
from cython.cimports.wasmine.spec.types import TypeDef, slots_of

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_exception(s: Lowering, id: uint32_t) -> cython.bint:
    op: uint32_t = s.f.insts[id].op
    if op == o.CAUGHT:
        caught(s, id)
    elif op == o.EXN_LOAD:
        load_value(s, id)
    elif op == o.THROW:
        throw(s, id)
    elif op == o.THROW_REF:
        throw_ref(s, id)
    else:
        return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def caught(s: Lowering, id: uint32_t) -> cython.void:
    inst: cython.pointer[Instance] = cython.NULL
    ctx: cython.pointer[VMContext] = cython.NULL
    dst: uint32_t = result_of(s, id)
    context: uint32_t = fresh(s, VT_I64)
    emit_load_pinned(s, ACCESS_64, context, s.machine.instance, offset(cython.address(inst.ctx)))
    emit_load(s, ACCESS_64, dst, context, offset(cython.address(ctx.exception)))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def load_value(s: Lowering, id: uint32_t) -> cython.void:
    inst: cython.pointer[Inst] = s.f.insts + id
    type: uint32_t = vreg_type(inst.type)
    at: int32_t = cython.cast(int32_t, cython.sizeof(Exn) + 8 * inst.imm)
    dst: uint32_t = result_of(s, id)
    emit_load(s, access_of_slot(type), dst, value_of(s, inst.args[0]), at)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def throw(s: Lowering, id: uint32_t) -> cython.void:
    """The values go where arguments on the stack do, each as it is in slots."""
    inst: cython.pointer[Inst] = s.f.insts + id
    type: cython.pointer[TypeDef] = s.code.defs[s.code.desc.tags[inst.aux]]
    slot: uint32_t = 0
    i: uint32_t
    value: uint32_t
    kind: uint32_t
    for i in range(type.n_params):
        value = args_of(s.f, s.f.insts + id)[i]
        kind = vreg_type(s.f.insts[value].type)
        store_value(s, value_of(s, value), kind, 8 * slot)
        slot += slots_of(type.params[i])
    if s.outgoing < 8 * slot:
        s.outgoing = 8 * slot
    emit_throw(s).imm = s.f.insts[id].aux


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def store_value(s: Lowering, vreg: uint32_t, type: uint32_t, at: uint32_t) -> cython.void:
    zero: uint32_t
    made: Made
    if type == VT_F32:
        # The slot has zeros above it.
        zero = fresh(s, VT_I64)
        emit_load_const(s, zero, VT_I64, 0)
        made = emit(s, s.machine.accesses.store[ACCESS_64])
        made.area = AREA_OUTGOING
        made.disp = at
        use_reg(s, made, zero, ROLE_REG)
    made = emit(s, s.machine.accesses.store[access_of_value(type)])
    made.area = AREA_OUTGOING
    made.disp = at
    use_reg(s, made, vreg, ROLE_REG)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_throw(s: Lowering) -> Made:
    made: Made = emit(s, P_THROW)
    made.flags = INST_CALL
    made.label = take_handlers(s)
    s.m.has_calls = 1
    return made


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def throw_ref(s: Lowering, id: uint32_t) -> cython.void:
    exception: uint32_t = value_of(s, s.f.insts[id].args[0])
    made: Made
    s.machine.trap_on_null(s, exception, TRAP_NULL_EXCEPTION_REFERENCE, 0)
    made = emit_throw(s)
    made.imm = -1
    use_fixed(s, made, exception, s.machine.slots)
