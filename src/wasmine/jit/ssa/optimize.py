"""The whole way from register IR to optimised SSA: which passes, in which order.

With WASMINE_VERIFY in the environment, or after `verify_passes(True)`, the verifier runs between any two
of them, and the process ends where a pass leaves a function that is not well formed.
"""

import os

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.libc.stdio import fprintf, stderr
from cython.cimports.libc.stdlib import abort
from cython.cimports.wasmine.ir.func import IrFunc
from cython.cimports.wasmine.jit.ssa.build import BUILD_DONE, BUILD_NO_MEMORY, BuildOptions, build
from cython.cimports.wasmine.jit.ssa.cfg import clean_flow
from cython.cimports.wasmine.jit.ssa.choose import choose_values
from cython.cimports.wasmine.jit.ssa.dce import remove_dead
from cython.cimports.wasmine.jit.ssa.flow import mark_cold
from cython.cimports.wasmine.jit.ssa.function import SsaFunc
from cython.cimports.wasmine.jit.ssa.gvn import number_values
from cython.cimports.wasmine.jit.ssa.induction import compare_next, sink_next
from cython.cimports.wasmine.jit.ssa.inline import inline_calls
from cython.cimports.wasmine.jit.ssa.licm import hoist_invariants
from cython.cimports.wasmine.jit.ssa.polls import remove_polls, thin_polls
from cython.cimports.wasmine.jit.ssa.simplify import simplify
from cython.cimports.wasmine.jit.ssa.verify import SOUND, Fault, verify
from cython.cimports.wasmine.runtime.vm import ModuleCode

verifying = cython.declare(cython.bint, False)

# Without polls a loop cannot be interrupted: only to measure what they cost.
polling = cython.declare(cython.bint, "WASMINE_NO_POLLS" not in os.environ)


def verify_passes(on: bool) -> None:
    """Switches the verifier between passes on or off, for the process."""
    global verifying
    verifying = on


verify_passes("WASMINE_VERIFY" in os.environ)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def after(
    name: cython.pointer[cython.const[cython.char]], f: cython.pointer[SsaFunc], done: cython.bint
) -> cython.bint:
    """Whether a pass had the memory that it needed. What it left is looked at when that is asked for."""
    fault: Fault
    if done and verifying:
        fault = verify(f)
        if fault.code != SOUND:
            fprintf(
                stderr,
                b"%s left SSA with fault %u in block %u, instruction %u\n",
                name,
                fault.code,
                fault.block,
                fault.inst,
            )
            abort()
    return done


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def optimize(
    f: cython.pointer[SsaFunc], code: cython.pointer[ModuleCode], options: cython.pointer[BuildOptions]
) -> cython.bint:
    """See optimize.pxd."""
    if not (after(b"cfg", f, clean_flow(f)) and after(b"dce", f, remove_dead(f))):
        return False
    if code != cython.NULL and not after(b"inline", f, inline_calls(f, code, options)):
        return False
    # What callees know of their arguments; then what is equal; then what branches that gives constants to
    # decide.
    if not (
        after(b"simplify", f, simplify(f))
        and after(b"cfg", f, clean_flow(f))
        and after(b"gvn", f, number_values(f))
        and after(b"simplify", f, simplify(f))
    ):
        return False
    choose_values(f)
    if not after(b"cfg", f, clean_flow(f)):
        return False
    # What leaves a loop may meet its like there.
    if not (
        after(b"licm", f, hoist_invariants(f))
        and after(b"gvn", f, number_values(f))
        and after(b"dce", f, remove_dead(f))
        and after(b"cfg", f, clean_flow(f))
    ):
        return False
    compare_next(f)
    if polling:
        thin_polls(f)
    else:
        remove_polls(f)
    sink_next(f)
    mark_cold(f)
    return not f.failed


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
    if status == BUILD_DONE and not (after(b"build", f, True) and optimize(f, code, options)):
        status = BUILD_NO_MEMORY
    return status
