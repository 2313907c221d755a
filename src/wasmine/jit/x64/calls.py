"""Instruction selection for calls by tables, and for traps; the rest of calls is in backend/calls.py."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.backend.accesses import ACCESS_64
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    def_reg,
    emit,
    emit_load,
    emit_load_pinned,
    fresh,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import (
    ROLE_BASE,
    ROLE_INDEX,
    ROLE_REG,
    ROLE_RM,
    VT_I64,
    MachInst,
)
from cython.cimports.wasmine.jit.backend.objects import IS_NOT_NULL, emit_is_type
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.ssa.function import args_of
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.convention import INSTANCE
from cython.cimports.wasmine.jit.x64.lower import CC_AE, CC_E
from cython.cimports.wasmine.runtime.vm import Instance, Table
from cython.cimports.wasmine.spec.traps import (
    TRAP_INDIRECT_CALL_TYPE_MISMATCH,
    TRAP_UNDEFINED_ELEMENT,
    TRAP_UNINITIALIZED_ELEMENT,
)

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_element(s: Lowering, id: uint32_t) -> uint32_t:
    """The function of an indirect call, after the checks."""
    inst: cython.pointer[Instance] = cython.NULL
    table: cython.pointer[Table] = cython.NULL
    index: uint32_t = value_of(s, args_of(s.f, s.f.insts + id)[0])
    list: uint32_t = fresh(s, VT_I64)
    at: uint32_t = fresh(s, VT_I64)
    elems: uint32_t = fresh(s, VT_I64)
    found: uint32_t = fresh(s, VT_I64)
    made: Made
    emit_load_pinned(s, ACCESS_64, list, INSTANCE, offset(cython.address(inst.tables)))
    emit_load(s, ACCESS_64, at, list, 8 * cython.cast(uint32_t, s.f.insts[id].imm))
    made = emit(s, x.X_CMP64)
    made.disp = offset(cython.address(table.size))
    use_reg(s, made, index, ROLE_REG)
    use_reg(s, made, at, ROLE_BASE)
    trap_if(s, CC_AE, TRAP_UNDEFINED_ELEMENT, 0)
    emit_load(s, ACCESS_64, elems, at, offset(cython.address(table.elems)))
    made = emit(s, x.X_MOV64)
    made.scale = 3
    def_reg(s, made, found, ROLE_REG)
    use_reg(s, made, elems, ROLE_BASE)
    use_reg(s, made, index, ROLE_INDEX)
    made = emit(s, x.X_TEST64)
    use_reg(s, made, found, ROLE_REG)
    use_reg(s, made, found, ROLE_RM)
    trap_if(s, CC_E, TRAP_UNINITIALIZED_ELEMENT, index)
    trap_if(
        s,
        emit_is_type(s, found, s.f.insts[id].aux, IS_NOT_NULL) ^ 1,
        TRAP_INDIRECT_CALL_TYPE_MISMATCH,
        0,
    )
    return found


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def trap_if(s: Lowering, cc: uint32_t, trap: uint32_t, detail: uint32_t) -> cython.void:
    made: Made = emit(s, x.P_TRAP_IF)
    made.cond = cc
    made.imm = trap
    if detail != 0:
        use_reg(s, made, detail, ROLE_REG)
