"""What the parts of instruction selection for x86-64 share; see lower.pxd."""

import cython
from cython.cimports.libc.stdint import int64_t, uint32_t, uint64_t
from cython.cimports.wasmine.jit.backend.lower import Lower, emit, mod_reg
from cython.cimports.wasmine.jit.backend.machine import ROLE_REG, MachInst
from cython.cimports.wasmine.jit.x64.ops import P_WITH_POOL

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_with_constant(s: Lowering, op: uint32_t, dst: uint32_t, bits: uint64_t) -> cython.void:
    inst: Made = emit(s, P_WITH_POOL)
    inst.aux = op
    inst.imm = cython.cast(int64_t, bits)
    mod_reg(s, inst, dst, ROLE_REG)
