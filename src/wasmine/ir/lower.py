"""Lowering: a WebAssembly body becomes register IR, in one pass over its bytes.

The body has been validated, so nothing is checked here. Simple instructions go by the generated tables; those
that need more have an arm in `lower_special`. The operand stack and labels are the business of `builder`.
"""

import cython
from cython.cimports.libc.stdint import int32_t, uint8_t, uint32_t, uint64_t
from cython.cimports.libc.stdlib import malloc
from cython.cimports.libc.string import memset
from cython.cimports.wasmine.ir.builder import (
    L_FUNC,
    NO_INSTR,
    Builder,
    end_else,
    end_label,
    open_label,
    read_u32,
    release,
    shorten_jumps,
    start_block,
)
from cython.cimports.wasmine.ir.func import (
    FRAME_NOT_LOWERED,
    HEADER_SLOTS,
    IR_BOUNDED,
    IR_LEAF,
    Instr,
    IrFunc,
)
from cython.cimports.wasmine.ir.instructions import lower_one
from cython.cimports.wasmine.ir.reading import read_opcode, skip_immediates, skip_value_type
from cython.cimports.wasmine.ir.tries import lower_catch, lower_delegate, sort_handlers
from cython.cimports.wasmine.runtime.vm import ModuleCode
from cython.cimports.wasmine.spec import opcodes as w
from cython.cimports.wasmine.spec import traps as t
from cython.cimports.wasmine.spec.types import T_V128, TypeDef

Building = cython.typedef(cython.pointer[Builder])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def opens_block(id: uint32_t) -> cython.bint:
    """Whether an instruction has an `end` of its own."""
    return id in (w.BLOCK, w.LOOP, w.IF_, w.TRY_TABLE, w.TRY)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def ends_arm(id: uint32_t) -> cython.bint:
    """Whether an instruction ends a block or one of its arms, behind which code may be reachable again."""
    return id in (w.END, w.ELSE_, w.CATCH, w.CATCH_ALL, w.DELEGATE)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def skip_one(b: Building, id: uint32_t) -> cython.void:
    """One unreachable instruction."""
    if opens_block(id):
        b.skipped += 1
    elif id == w.END or id == w.DELEGATE:
        b.skipped -= 1
    skip_immediates(b, id)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def costs_fuel(id: uint32_t) -> cython.bint:
    """Every instruction that is executed counts, except those that only mark structure."""
    return id not in (
        w.NOP,
        w.BLOCK,
        w.LOOP,
        w.TRY_TABLE,
        w.TRY,
        w.END,
        w.ELSE_,
        w.CATCH,
        w.CATCH_ALL,
        w.DELEGATE,
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_expression(b: Building) -> cython.void:
    """The instructions up to the `end` that closes the outermost label."""
    id: uint32_t
    while not b.failed:
        b.start = b.at
        id = read_opcode(b)
        if not b.reachable and (b.skipped > 0 or not ends_arm(id)):
            skip_one(b, id)
            continue
        if b.reachable and b.metered and costs_fuel(id):
            b.code[b.fuel_at].c += 1
        if id == w.END:
            if end_label(b):
                return
        elif id == w.ELSE_:
            end_else(b)
        elif id == w.CATCH or id == w.CATCH_ALL:
            lower_catch(b, id == w.CATCH_ALL)
        elif id == w.DELEGATE:
            lower_delegate(b)
        else:
            lower_one(b, id)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def declare_locals(b: Building, type: cython.pointer[TypeDef]) -> cython.void:
    """Gives parameters and declared locals their slots."""
    start: cython.pointer[cython.const[uint8_t]]
    groups: uint32_t = read_u32(b)
    total: uint64_t = type.n_params
    slot: uint32_t = 0
    n: uint32_t
    i: uint32_t
    at: uint32_t
    wide: uint32_t
    start = b.at
    for i in range(groups):
        total += read_u32(b)
        skip_value_type(b)
    b.n_locals = cython.cast(uint32_t, total)
    b.local_slots = cython.cast(cython.pointer[uint32_t], malloc((total + 1) * cython.sizeof(uint32_t)))
    b.local_wide = cython.cast(cython.pointer[uint8_t], malloc(total + 1))
    b.readers = cython.cast(cython.pointer[int32_t], malloc((2 * total + 1) * cython.sizeof(int32_t)))
    if b.local_slots == cython.NULL or b.local_wide == cython.NULL or b.readers == cython.NULL:
        b.failed = t.TRAP_LOWERING_FAILED
        return
    for at in range(type.n_params):
        b.local_slots[at] = slot
        b.local_wide[at] = type.params[at] == T_V128
        slot += 2 if b.local_wide[at] else 1
    b.param_slots = slot
    at = type.n_params
    b.at = start
    for i in range(groups):
        n = read_u32(b)
        wide = skip_value_type(b)
        while n > 0:
            b.local_slots[at] = slot
            b.local_wide[at] = wide
            slot += 2 if wide else 1
            at += 1
            n -= 1
    b.local_slot_count = slot
    for i in range(slot):
        b.readers[i] = NO_INSTR


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def begin(b: Building, code: cython.pointer[ModuleCode], start: uint32_t) -> cython.void:
    """An empty builder that reads from byte `start` of the module."""
    memset(b, 0, cython.sizeof(Builder))
    b.desc = code.desc
    b.base = code.desc.base
    b.at = b.base + start
    b.start = b.at
    b.last = NO_INSTR
    b.jumps = NO_INSTR
    b.reachable = 1
    b.bounded = 1
    b.leaf = 1
    b.metered = code.metered
    b.counted = code.counted


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_body(
    b: Building, n_results: uint32_t, results: cython.pointer[cython.const[uint32_t]]
) -> cython.void:
    """The expression of a function whose locals have their slots."""
    b.header = b.local_slot_count
    b.next_home = b.header + HEADER_SLOTS
    b.frame_slots = b.next_home
    b.n_results = n_results
    b.results = results
    open_label(b, L_FUNC, 0, cython.NULL, n_results, results)
    start_block(b)
    if not b.failed:
        lower_expression(b)
    if not b.failed:
        shorten_jumps(b)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def finish(b: Building, func: cython.pointer[IrFunc], result_slots: uint32_t) -> cython.void:
    """Installs the code. Of racing threads one wins; it sets frame_slots last: who sees that sees all."""
    nothing: cython.pointer[Instr] = cython.NULL
    frame: uint32_t = b.frame_slots if b.frame_slots > result_slots else result_slots
    func.header = b.header
    func.param_slots = b.param_slots
    func.zero_slots = b.local_slot_count - b.param_slots
    func.result_slots = result_slots
    func.flags = (IR_BOUNDED if b.bounded else 0) | (IR_LEAF if b.leaf else 0)
    sort_handlers(b)
    if not compare_exchange(cython.address(func.code), cython.address(nothing), b.code, False, 5, 5):
        while load_acquire(cython.address(func.frame_slots), 2) == FRAME_NOT_LOWERED:
            pass
        return
    func.n_instrs = b.n
    func.offsets = b.offsets
    func.handlers = b.handlers
    func.n_handlers = b.n_handlers
    b.code = cython.NULL
    b.handlers = cython.NULL
    b.offsets = cython.NULL
    store_release(cython.address(func.frame_slots), frame, 3)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower(code: cython.pointer[ModuleCode], func: cython.pointer[IrFunc]) -> uint32_t:
    """See lower.pxd."""
    b: Builder
    type: cython.pointer[TypeDef] = code.defs[func.type_id]
    begin(cython.address(b), code, code.desc.bodies[func.index - code.n_imported_funcs].start)
    declare_locals(cython.address(b), type)
    if not b.failed:
        lower_body(cython.address(b), type.n_results, type.results)
    if not b.failed:
        finish(cython.address(b), func, type.result_slots)
    release(cython.address(b))
    return b.failed


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_constant(
    code: cython.pointer[ModuleCode],
    func: cython.pointer[IrFunc],
    start: uint32_t,
    result: cython.pointer[cython.const[uint32_t]],
) -> uint32_t:
    """See lower.pxd."""
    b: Builder
    begin(cython.address(b), code, start)
    b.metered = 0
    lower_body(cython.address(b), 1, result)
    if not b.failed:
        finish(cython.address(b), func, 2 if result[0] == T_V128 else 1)
    release(cython.address(b))
    return b.failed
