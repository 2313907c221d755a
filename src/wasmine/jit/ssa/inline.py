"""Calls replaced by what they call.

A callee is built as a function of its own, cleaned, and copied to each place where it is called; what was
built is kept while the caller is compiled. Small callees, larger ones in loops; a function into itself a few
levels deep; all within a budget, so that code grows by a bounded factor.
"""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.libc.string import memset
from cython.cimports.wasmine.ir.func import FRAME_NOT_LOWERED, IrFunc
from cython.cimports.wasmine.ir.lower import lower
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.build import BUILD_DONE, NO_ENTRY, BuildOptions, build
from cython.cimports.wasmine.jit.ssa.cfg import clean_flow
from cython.cimports.wasmine.jit.ssa.dce import remove_dead, rewrite
from cython.cimports.wasmine.jit.ssa.flow import analyse, count_uses
from cython.cimports.wasmine.jit.ssa.function import (
    B_HANDLER,
    Inst,
    SsaFunc,
    args_of,
    free_func,
    init_func,
    new_alias,
)
from cython.cimports.wasmine.jit.ssa.indirect import spread
from cython.cimports.wasmine.jit.ssa.splice import splice
from cython.cimports.wasmine.jit.workspace import put_back, resize, take
from cython.cimports.wasmine.runtime.vm import ModuleCode
from cython.cimports.wasmine.spec.traps import TRAP_NONE

Func = cython.typedef(cython.pointer[SsaFunc])
Words = cython.typedef(cython.pointer[uint32_t])

# Sizes are instructions of register IR; a byte of a body is at most about one of them.
SMALL = cython.declare(cython.const[uint32_t], 24)
SMALL_IN_LOOP = cython.declare(cython.const[uint32_t], 60)
# Into itself, and levels of different functions.
SELF_DEPTH = cython.declare(cython.const[uint32_t], 2)
DEPTH = cython.declare(cython.const[uint32_t], 6)
# What a function may grow by: a constant, and as many instructions as it had.
GROWTH = cython.declare(cython.const[uint32_t], 600)
# Different functions that are looked at for one caller.
CALLEES = cython.declare(cython.const[uint32_t], 200)

# A callee that has been built; `func` is NULL when it cannot be inlined.
Callee = cython.struct(ir=cython.pointer[IrFunc], func=cython.pointer[SsaFunc])

Inlining = cython.struct(
    f=cython.pointer[SsaFunc],
    code=cython.pointer[ModuleCode],
    options=cython.pointer[BuildOptions],
    callees=cython.pointer[Callee],
    n_callees=uint32_t,
    max_callees=uint32_t,
    calls=cython.pointer[uint32_t],
    n_calls=uint32_t,
    max_calls=uint32_t,
    budget=uint32_t,
)
Work = cython.typedef(cython.pointer[Inlining])


# --- callees


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def body_bytes(w: Work, callee: cython.pointer[IrFunc]) -> uint32_t:
    """Bytes of a function's body."""
    index: uint32_t = callee.index - w.code.n_imported_funcs
    return w.code.desc.bodies[index].end - w.code.desc.bodies[index].start


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_inlinable(g: Func) -> cython.bint:
    """Whether the code of a function can stand in another's: it has no handlers, which would have to be
    merged.
    """
    i: uint32_t
    for i in range(g.n_order):
        if g.blocks[g.order[i]].flags & B_HANDLER:
            return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def build_callee(w: Work, callee: cython.pointer[IrFunc]) -> Func:
    """A function built and cleaned, or NULL."""
    g: Func
    options: BuildOptions = w.options[0]
    options.enter_at = NO_ENTRY
    if callee.frame_slots == FRAME_NOT_LOWERED and lower(w.code, callee) != TRAP_NONE:
        return cython.NULL
    if callee.n_instrs > SMALL_IN_LOOP or callee.n_handlers != 0:
        return cython.NULL
    g = cython.cast(Func, take(w.f.work, cython.sizeof(SsaFunc)))
    if g == cython.NULL:
        return g
    init_func(g, w.f.work)
    if (
        build(g, w.code, callee, cython.address(options)) == BUILD_DONE
        and clean_flow(g)
        and remove_dead(g)
        and is_inlinable(g)
    ):
        return g
    free_func(g)
    put_back(w.f.work, g)
    return cython.NULL


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def callee_of(w: Work, callee: cython.pointer[IrFunc]) -> Func:
    """What a function is as a callee, from the list of those that were asked for, or new in it."""
    i: uint32_t
    capacity: uint64_t
    moved: cython.p_void
    for i in range(w.n_callees):
        if w.callees[i].ir == callee:
            return w.callees[i].func
    if w.n_callees == CALLEES:
        return cython.NULL
    if w.n_callees == w.max_callees:
        capacity = w.max_callees * cython.cast(uint64_t, 2) if w.max_callees else 8
        moved = resize(w.f.work, w.callees, capacity * cython.sizeof(Callee))
        if moved == cython.NULL:
            w.f.failed = 1
            return cython.NULL
        w.callees = cython.cast(cython.pointer[Callee], moved)
        w.max_callees = cython.cast(uint32_t, capacity)
    w.callees[w.n_callees].ir = callee
    w.callees[w.n_callees].func = build_callee(w, callee)
    w.n_callees += 1
    return w.callees[w.n_callees - 1].func


# --- which calls


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_shallow(w: Work, id: uint32_t, callee: cython.pointer[IrFunc]) -> cython.bint:
    """Whether the code that a call stands in has not been inlined too often into itself, or too deep."""
    f: Func = w.f
    site: uint32_t = f.insts[id].site
    depth: uint32_t = 0
    same: uint32_t = 1 if f.ir == callee else 0
    while site != 0:
        depth += 1
        if f.sites[site].func == callee:
            same += 1
        site = f.sites[site].site
    return depth < DEPTH and same <= SELF_DEPTH


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def wanted(w: Work, id: uint32_t) -> Func:
    """The callee of a call that is to be inlined, or NULL."""
    f: Func = w.f
    inst: cython.pointer[Inst] = f.insts + id
    callee: cython.pointer[IrFunc] = w.code.funcs + inst.aux
    limit: uint32_t = SMALL_IN_LOOP if f.blocks[inst.block].loop != 0 else SMALL
    g: Func
    if callee.frame_slots == FRAME_NOT_LOWERED:
        # Four bytes of body for an instruction, before it is worth lowering.
        if body_bytes(w, callee) > 4 * limit:
            return cython.NULL
    elif callee.n_instrs > limit:
        return cython.NULL
    if f.insts[f.blocks[inst.block].last].op == o.BR_TRY or not is_shallow(w, id, callee):
        return cython.NULL
    g = callee_of(w, callee)
    if g == cython.NULL or g.ir.n_instrs > limit or g.n_insts > w.budget:
        return cython.NULL
    return g


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def note_call(w: Work, id: uint32_t) -> cython.void:
    """Puts a call on the list of those to look at."""
    capacity: uint64_t
    moved: cython.p_void
    if w.n_calls == w.max_calls:
        capacity = w.max_calls * cython.cast(uint64_t, 2) if w.max_calls else 64
        moved = resize(w.f.work, w.calls, capacity * cython.sizeof(uint32_t))
        if moved == cython.NULL:
            w.f.failed = 1
            return
        w.calls = cython.cast(Words, moved)
        w.max_calls = cython.cast(uint32_t, capacity)
    w.calls[w.n_calls] = id
    w.n_calls += 1


# --- the pass


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def resolve_refs(w: Work, id: uint32_t) -> cython.void:
    """A call through a reference to a known function is a call of that function."""
    f: Func = w.f
    inst: cython.pointer[Inst] = f.insts + id
    args: Words = args_of(f, inst)
    callee: cython.pointer[Inst] = f.insts + args[0]
    n: uint32_t = inst.n_args - 1
    k: uint32_t
    if callee.op != o.REF_FUNC:
        return
    callee.uses -= 1
    if callee.aux < w.code.n_imported_funcs:
        inst.op = o.CALL_IMPORT
        inst.aux = callee.aux
    else:
        inst.op = o.CALL
        inst.aux = callee.aux - w.code.n_imported_funcs
    for k in range(n):
        args[k] = args[k + 1]
    if n == 3:
        # Operands move from the pool into the instruction.
        for k in range(3):
            inst.args[2 - k] = args[2 - k]
    inst.n_args = n


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_candidate(w: Work, id: uint32_t) -> cython.bint:
    """Whether it may pay to look at an instruction: a call, or in a loop an indirect one."""
    inst: cython.pointer[Inst] = w.f.insts + id
    if inst.block == 0:
        return False
    if inst.op == o.CALL_INDIRECT:
        return w.code.fixed != cython.NULL and w.f.blocks[inst.block].loop != 0
    return inst.op == o.CALL


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def collect(w: Work) -> cython.void:
    """All calls of the function, in order."""
    f: Func = w.f
    i: uint32_t
    id: uint32_t
    for i in range(f.n_order):
        id = f.blocks[f.order[i]].first
        while id != 0:
            if f.insts[id].op == o.CALL_REF:
                resolve_refs(w, id)
            if is_candidate(w, id):
                note_call(w, id)
            id = f.insts[id].next


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def release(w: Work) -> cython.void:
    """Frees callees and lists."""
    i: uint32_t
    for i in range(w.n_callees):
        if w.callees[i].func != cython.NULL:
            free_func(w.callees[i].func)
            put_back(w.f.work, w.callees[i].func)
    put_back(w.f.work, w.callees)
    put_back(w.f.work, w.calls)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def grown_alias(f: Func, alias: Words) -> Words:
    """The table of replacements with room for the values that were made since; NULL when memory is
    exhausted.
    """
    n: uint32_t = alias[0]
    i: uint32_t
    moved: cython.p_void = resize(f.work, alias, f.n_insts * cython.cast(uint64_t, cython.sizeof(uint32_t)))
    if moved == cython.NULL:
        put_back(f.work, alias)
        f.failed = 1
        return cython.NULL
    alias = cython.cast(Words, moved)
    for i in range(n, f.n_insts):
        alias[i] = i
    alias[0] = f.n_insts
    return alias


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def inline_all(w: Work) -> cython.bint:
    """Looks at each call, also at those that come in with callees."""
    f: Func = w.f
    at: uint32_t = 0
    made: uint32_t
    id: uint32_t
    g: Func
    alias: Words = new_alias(f)
    any: cython.bint = False
    while alias != cython.NULL and at < w.n_calls and not f.failed:
        if f.insts[w.calls[at]].op == o.CALL_INDIRECT:
            alias = grown_alias(f, alias)
            made = f.n_insts
            if alias != cython.NULL and w.budget > 0 and spread(f, w.code, w.calls[at], alias):
                w.budget -= min(w.budget, f.n_insts - made)
                any = True
                for id in range(made, f.n_insts):
                    if f.insts[id].op == o.CALL:
                        note_call(w, id)
            at += 1
            continue
        g = wanted(w, w.calls[at])
        if g != cython.NULL:
            alias = grown_alias(f, alias)
            if alias != cython.NULL:
                made = f.n_insts
                splice(f, g, w.code.defs[g.type_id], w.calls[at], alias)
                w.budget -= g.n_insts
                any = True
                for id in range(made, f.n_insts):
                    if is_candidate(w, id):
                        note_call(w, id)
        at += 1
    if alias != cython.NULL and any and not f.failed and analyse(f):
        rewrite(f, alias)
    put_back(f.work, alias)
    return any


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def inline_calls(
    f: Func, code: cython.pointer[ModuleCode], options: cython.pointer[BuildOptions]
) -> cython.bint:
    """See inline.pxd."""
    w: Inlining
    any: cython.bint
    memset(cython.address(w), 0, cython.sizeof(Inlining))
    w.f = f
    w.code = code
    w.options = options
    w.budget = GROWTH + f.n_insts
    collect(cython.address(w))
    any = inline_all(cython.address(w))
    release(cython.address(w))
    return not f.failed and (not any or count_uses(f))
