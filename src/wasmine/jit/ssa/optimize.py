"""The whole way from register IR to optimised SSA: which passes, in which order."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.ir.func import IrFunc
from cython.cimports.wasmine.jit.ssa.build import BUILD_DONE, BUILD_NO_MEMORY, BuildOptions, build
from cython.cimports.wasmine.jit.ssa.cfg import clean_flow
from cython.cimports.wasmine.jit.ssa.dce import remove_dead
from cython.cimports.wasmine.jit.ssa.flow import mark_cold
from cython.cimports.wasmine.jit.ssa.function import SsaFunc
from cython.cimports.wasmine.jit.ssa.gvn import number_values
from cython.cimports.wasmine.jit.ssa.inline import inline_calls
from cython.cimports.wasmine.jit.ssa.licm import hoist_invariants
from cython.cimports.wasmine.jit.ssa.simplify import simplify
from cython.cimports.wasmine.runtime.vm import ModuleCode


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def optimize(
    f: cython.pointer[SsaFunc], code: cython.pointer[ModuleCode], options: cython.pointer[BuildOptions]
) -> cython.bint:
    """See optimize.pxd."""
    if not clean_flow(f) or not remove_dead(f):
        return False
    if code != cython.NULL and not inline_calls(f, code, options):
        return False
    # What callees know of their arguments; then what is equal; then what branches that gives constants to
    # decide.
    if not (simplify(f) and clean_flow(f) and number_values(f) and simplify(f) and clean_flow(f)):
        return False
    # What leaves a loop may meet its like there.
    if not (hoist_invariants(f) and number_values(f) and remove_dead(f) and clean_flow(f)):
        return False
    mark_cold(f)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compile_ssa(
    f: cython.pointer[SsaFunc],
    code: cython.pointer[ModuleCode],
    ir: cython.pointer[IrFunc],
    options: cython.pointer[BuildOptions],
) -> uint32_t:
    """See optimize.pxd."""
    status: uint32_t = build(f, code, ir, options)
    if status == BUILD_DONE and not optimize(f, code, options):
        status = BUILD_NO_MEMORY
    return status
