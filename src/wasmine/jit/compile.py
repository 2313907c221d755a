"""The compiler's pipeline: one function, from register IR to machine code."""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.ir.func import IrFunc
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer
from cython.cimports.wasmine.jit.backend.machine import MachFunc, init_machine, reserve_machine
from cython.cimports.wasmine.jit.backend.regalloc import allocate_registers
from cython.cimports.wasmine.jit.backend.target import SELECT_DONE, SELECT_REFUSED, Links, Target
from cython.cimports.wasmine.jit.codemap import Notes, copy_sites
from cython.cimports.wasmine.jit.compile import (
    CANCELLED,
    COMPILED,
    NO_MEMORY,
    REFUSED_ENTRY,
    REFUSED_IR,
    REFUSED_OP,
    REFUSED_SIZE,
    Result,
)
from cython.cimports.wasmine.jit.ssa.build import (
    BUILD_DONE,
    BUILD_NO_MEMORY,
    BUILD_NO_WAY_IN,
    BUILD_TOO_LARGE,
    BuildOptions,
)
from cython.cimports.wasmine.jit.ssa.function import SsaFunc, free_func, init_func
from cython.cimports.wasmine.jit.ssa.optimize import compile_ssa
from cython.cimports.wasmine.jit.workspace import Workspace, borrow_workspace, return_workspace
from cython.cimports.wasmine.runtime.memory import may_be_guarded
from cython.cimports.wasmine.runtime.vm import ModuleCode


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compile_function(
    target: cython.pointer[cython.const[Target]],
    code: cython.pointer[CodeBuffer],
    notes: cython.pointer[Notes],
    module: cython.pointer[ModuleCode],
    func: cython.pointer[IrFunc],
    at: uint32_t,
    links: cython.pointer[cython.const[Links]],
    stop: cython.pointer[cython.bint],
) -> Result:
    result = cython.declare(Result)
    ssa = cython.declare(SsaFunc)
    work: cython.pointer[Workspace] = borrow_workspace()
    result.status = NO_MEMORY
    result.op = 0
    if work == cython.NULL:
        return result
    init_func(cython.address(ssa), work)
    if not ssa.failed:
        result.status = build_ssa(cython.address(ssa), module, func, at)
        if stop[0]:
            result.status = CANCELLED
        if result.status == COMPILED:
            result = make_code(target, code, notes, cython.address(ssa), module, links)
    return_workspace(work)
    return result


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def guarded_memories(module: cython.pointer[ModuleCode]) -> uint64_t:
    """The memories that are guarded in every instance that runs the code: instantiation sees to that."""
    memories: uint64_t = 0
    i: uint32_t
    for i in range(min(module.desc.n_memories, 64)):
        if module.guarded and may_be_guarded(module.desc.memories + i):
            memories |= cython.cast(uint64_t, 1) << i
    return memories


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def build_ssa(
    ssa: cython.pointer[SsaFunc],
    module: cython.pointer[ModuleCode],
    func: cython.pointer[IrFunc],
    at: uint32_t,
) -> uint32_t:
    options = cython.declare(BuildOptions)
    status: uint32_t
    options.guarded = guarded_memories(module)
    options.enter_at = at
    status = compile_ssa(ssa, module, func, cython.address(options))
    if status == BUILD_NO_MEMORY:
        return NO_MEMORY
    if status == BUILD_TOO_LARGE:
        return REFUSED_SIZE
    if status == BUILD_NO_WAY_IN:
        return REFUSED_ENTRY
    if status != BUILD_DONE:
        return REFUSED_IR
    return COMPILED


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def make_code(
    target: cython.pointer[cython.const[Target]],
    code: cython.pointer[CodeBuffer],
    notes: cython.pointer[Notes],
    ssa: cython.pointer[SsaFunc],
    module: cython.pointer[ModuleCode],
    links: cython.pointer[cython.const[Links]],
) -> Result:
    result = cython.declare(Result)
    machine = cython.declare(MachFunc)
    status: uint32_t
    result.status = NO_MEMORY
    result.op = 0
    init_machine(cython.address(machine), ssa.work)
    reserve_machine(cython.address(machine), ssa.n_insts, 2 * ssa.n_order)
    if not machine.failed:
        status = target.select(
            cython.address(machine), ssa, module, links.features, cython.address(result.op)
        )
        if status == SELECT_REFUSED:
            result.status = REFUSED_OP
        elif status == SELECT_DONE:
            copy_sites(notes, ssa.sites, ssa.n_sites)
            free_func(ssa)
            if (
                allocate_registers(cython.address(machine), target.registers())
                and target.emit(code, cython.address(machine), links, notes)
                and not notes.failed
            ):
                result.status = COMPILED
    return result
