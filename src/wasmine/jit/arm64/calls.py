"""Instruction selection for calls by tables; the rest of calls is in backend/calls.py."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.assembler import COND_HS
from cython.cimports.wasmine.jit.arm64.conditions import trap_if, trap_on
from cython.cimports.wasmine.jit.arm64.convention import INSTANCE
from cython.cimports.wasmine.jit.arm64.encode import EXTEND_LSL
from cython.cimports.wasmine.jit.arm64.fold import put_dnm
from cython.cimports.wasmine.jit.arm64.operands import INDEX_SCALED
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
    """The function of an indirect call, after the checks. An index of 32 bits has zeros above."""
    inst: cython.pointer[Instance] = cython.NULL
    table: cython.pointer[Table] = cython.NULL
    index: uint32_t = value_of(s, args_of(s.f, s.f.insts + id)[0])
    list: uint32_t = fresh(s, VT_I64)
    at: uint32_t = fresh(s, VT_I64)
    size: uint32_t = fresh(s, VT_I64)
    elems: uint32_t = fresh(s, VT_I64)
    found: uint32_t = fresh(s, VT_I64)
    made: Made
    emit_load_pinned(s, ACCESS_64, list, INSTANCE, offset(cython.address(inst.tables)))
    emit_load(s, ACCESS_64, at, list, 8 * cython.cast(uint32_t, s.f.insts[id].imm))
    emit_load(s, ACCESS_64, size, at, offset(cython.address(table.size)))
    put_dnm(s, a.A_CMP64, 0, index, size, 0)
    trap_if(s, COND_HS, TRAP_UNDEFINED_ELEMENT, 0)
    emit_load(s, ACCESS_64, elems, at, offset(cython.address(table.elems)))
    made = emit(s, a.A_LDR64)
    made.scale = EXTEND_LSL | INDEX_SCALED
    def_reg(s, made, found, ROLE_REG)
    use_reg(s, made, elems, ROLE_BASE)
    use_reg(s, made, index, ROLE_INDEX)
    made = trap_on(s, a.A_CBZ64, found, 0, TRAP_UNINITIALIZED_ELEMENT)
    use_reg(s, made, index, ROLE_RM)
    trap_if(
        s,
        emit_is_type(s, found, s.f.insts[id].aux, IS_NOT_NULL) ^ 1,
        TRAP_INDIRECT_CALL_TYPE_MISMATCH,
        0,
    )
    return found
