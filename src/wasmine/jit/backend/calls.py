"""Instruction selection for calls, arguments and results, by the machine's convention."""

import cython
from cython.cimports.libc.stdint import int32_t, int64_t, uint32_t
from cython.cimports.wasmine.interp.bulk import bulk, bulk_copy, bulk_fill
from cython.cimports.wasmine.interp.gc import gc
from cython.cimports.wasmine.jit.backend import pseudo as p
from cython.cimports.wasmine.jit.backend.accesses import ACCESS_64, access_of_slot, access_of_value
from cython.cimports.wasmine.jit.backend.calls import TAIL_FITS, TAIL_REFERENCE
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    Place,
    def_fixed,
    def_reg,
    emit,
    emit_load,
    emit_load_pinned,
    emit_trap_if,
    fresh,
    result_of,
    take_handlers,
    use_fixed,
    use_reg,
    value_of,
    vreg_type,
)
from cython.cimports.wasmine.jit.backend.machine import (
    AREA_INCOMING,
    AREA_OUTGOING,
    INST_CALL,
    ROLE_BASE,
    ROLE_REG,
    VT_I64,
    VT_V128,
    MachInst,
    take_words,
)
from cython.cimports.wasmine.jit.backend.objects import IS_NOT_NULL, emit_is_type, find_element, load_place
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.backend.places import ON_STACK, Places, next_place, stack_bytes, value_type
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import Inst, args_of
from cython.cimports.wasmine.jit.ssa.info import WASM
from cython.cimports.wasmine.runtime.vm import Instance, VMContext
from cython.cimports.wasmine.spec.traps import (
    TRAP_INDIRECT_CALL_TYPE_MISMATCH,
    TRAP_NULL_FUNCTION_REFERENCE,
    TRAP_UNDEFINED_ELEMENT,
    TRAP_UNINITIALIZED_ELEMENT,
)
from cython.cimports.wasmine.spec.types import TypeDef

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])
Words = cython.typedef(cython.pointer[uint32_t])

# What is passed in registers: at most eight of each class.
Passed = cython.struct(n=uint32_t, vregs=uint32_t[16], pregs=uint32_t[16], bytes=uint32_t)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_call(s: Lowering, id: uint32_t) -> cython.bint:
    op: uint32_t = s.f.insts[id].op
    aux: uint32_t = s.f.insts[id].aux
    type: cython.pointer[TypeDef]
    if op == o.CALL:
        call(s, id, p.P_CALL_NATIVE, s.code.defs[s.code.funcs[aux].type_id], 0, 0)
    elif op == o.CALL_IMPORT:
        call(s, id, p.P_CALL_IMPORT, s.code.defs[s.code.desc.func_types[aux]], find_import(s, aux), 0)
    elif op == o.CALL_REF:
        call(s, id, p.P_CALL_FUNCREF, s.code.defs[aux], find_callee(s, id), 1)
    elif op == o.CALL_INDIRECT:
        call(s, id, p.P_CALL_FUNCREF, s.code.defs[aux], find_in_table(s, id), 1)
    elif op == o.RETURN_CALL:
        tail_call(s, id, p.P_TAIL_NATIVE, s.code.defs[s.code.funcs[aux].type_id], 0, 0)
    elif op == o.RETURN_CALL_IMPORT:
        type = s.code.defs[s.code.desc.func_types[aux]]
        tail_call(s, id, p.P_TAIL_FUNCREF, type, find_import(s, aux), 0)
    elif op == o.RETURN_CALL_INDIRECT:
        tail_call(s, id, p.P_TAIL_FUNCREF, s.code.defs[aux], find_in_table(s, id), 1)
    elif op == o.RETURN_CALL_REF:
        tail_call(s, id, p.P_TAIL_FUNCREF, s.code.defs[aux], find_callee(s, id), 1)
    elif op == o.MEMORY_FILL:
        call_helper(s, id, cython.cast(cython.p_void, bulk_fill))
    elif op == o.MEMORY_COPY:
        call_helper(s, id, cython.cast(cython.p_void, bulk_copy))
    elif o.MEMORY_GROW <= op <= o.ELEM_DROP:
        call_helper(s, id, cython.cast(cython.p_void, bulk))
    elif o.ARRAY_NEW_DATA <= op <= o.ARRAY_INIT_ELEM:
        call_helper(s, id, cython.cast(cython.p_void, gc))
    elif op == o.FRAME_LOAD:
        load_from_frame(s, id)
    else:
        return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_import(s: Lowering, index: uint32_t) -> uint32_t:
    inst: cython.pointer[Instance] = cython.NULL
    list: uint32_t = fresh(s, VT_I64)
    func: uint32_t = fresh(s, VT_I64)
    emit_load_pinned(s, ACCESS_64, list, s.machine.instance, offset(cython.address(inst.imports)))
    emit_load(s, ACCESS_64, func, list, 8 * index)
    return func


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_callee(s: Lowering, id: uint32_t) -> uint32_t:
    """The function that a reference leads to."""
    ref: uint32_t = value_of(s, args_of(s.f, s.f.insts + id)[0])
    s.machine.trap_on_null(s, ref, TRAP_NULL_FUNCTION_REFERENCE, 0)
    return ref


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_in_table(s: Lowering, id: uint32_t) -> uint32_t:
    """The function of an indirect call, after the checks. An index of 32 bits has zeros above."""
    place = cython.declare(Place)
    index: uint32_t = value_of(s, args_of(s.f, s.f.insts + id)[0])
    found: uint32_t
    find_element(s, id, index, TRAP_UNDEFINED_ELEMENT, cython.address(place))
    found = fresh(s, VT_I64)
    load_place(s, ACCESS_64, found, cython.address(place))
    s.machine.trap_on_null(s, found, TRAP_UNINITIALIZED_ELEMENT, index)
    emit_trap_if(
        s, emit_is_type(s, found, s.f.insts[id].aux, IS_NOT_NULL) ^ 1, TRAP_INDIRECT_CALL_TYPE_MISMATCH
    )
    return found


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def pass_values(
    s: Lowering,
    values: Words,
    types: Words,
    n: uint32_t,
    area: uint32_t,
    passed: cython.pointer[Passed],
) -> cython.void:
    """Puts arguments or results where they go; those for registers are only noted."""
    places = cython.declare(Places)
    place: uint32_t
    vreg: uint32_t
    type: uint32_t
    i: uint32_t
    made: Made
    s.machine.start_places(cython.address(places))
    passed.n = 0
    for i in range(n):
        type = value_type(types[i])
        place = next_place(cython.address(places), type)
        vreg = value_of(s, values[i])
        if place < ON_STACK:
            passed.vregs[passed.n] = vreg
            passed.pregs[passed.n] = place
            passed.n += 1
            continue
        made = emit(s, s.machine.accesses.store[access_of_value(type)])
        made.area = area
        made.disp = place - ON_STACK
        use_reg(s, made, vreg, ROLE_REG)
    passed.bytes = places.bytes


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def call(
    s: Lowering, id: uint32_t, op: uint32_t, type: cython.pointer[TypeDef], callee: uint32_t, first: uint32_t
) -> cython.void:
    """A call; `callee`: the FuncInst, or 0. Arguments are the operands from `first` on."""
    passed = cython.declare(Passed)
    places = cython.declare(Places)
    values: Words = args_of(s.f, s.f.insts + id) + first
    place: uint32_t
    vreg: uint32_t
    i: uint32_t
    made: Made
    pass_values(s, values, type.params, type.n_params, AREA_OUTGOING, cython.address(passed))
    if s.outgoing < passed.bytes:
        s.outgoing = passed.bytes
    s.m.has_calls = 1
    made = emit(s, op)
    made.flags = INST_CALL
    made.label = take_handlers(s)
    made.imm = type.id
    if op == p.P_CALL_NATIVE:
        made.imm = cython.cast(int64_t, cython.cast(cython.size_t, s.code.funcs + s.f.insts[id].aux))
    made.aux = type.id
    if callee != 0:
        use_fixed(s, made, callee, s.machine.callee)
    for i in range(passed.n):
        use_fixed(s, made, passed.vregs[i], passed.pregs[i])
    s.machine.start_places(cython.address(places))
    for i in range(type.n_results):
        place = next_place(cython.address(places), value_type(type.results[i]))
        vreg = nth_result(s, id, i)
        if vreg != 0 and place < ON_STACK:
            def_fixed(s, made, vreg, place)
    if s.outgoing < places.bytes:
        s.outgoing = places.bytes
    s.machine.start_places(cython.address(places))
    for i in range(type.n_results):
        place = next_place(cython.address(places), value_type(type.results[i]))
        vreg = nth_result(s, id, i)
        if vreg != 0 and place >= ON_STACK:
            made = emit(s, s.machine.accesses.load[access_of_value(value_type(type.results[i]))])
            made.area = AREA_OUTGOING
            made.disp = place - ON_STACK
            def_reg(s, made, vreg, ROLE_REG)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def tail_call(
    s: Lowering, id: uint32_t, op: uint32_t, type: cython.pointer[TypeDef], callee: uint32_t, first: uint32_t
) -> cython.void:
    """As `call`; what is passed on the stack goes to its place at once where that is known to have room.

    The function's own arguments have been read by then.
    """
    own: cython.pointer[TypeDef] = s.code.defs[s.f.type_id]
    results: uint32_t = stack_bytes(own.results, own.n_results)
    room: uint32_t = max(stack_bytes(own.params, own.n_params), results)
    fits: cython.bint = stack_bytes(type.params, type.n_params) <= room
    direct: cython.bint = fits and callee == 0
    passed = cython.declare(Passed)
    values: Words = args_of(s.f, s.f.insts + id) + first
    i: uint32_t
    made: Made
    pass_values(
        s,
        values,
        type.params,
        type.n_params,
        AREA_INCOMING if direct else AREA_OUTGOING,
        cython.address(passed),
    )
    if not direct and s.outgoing < passed.bytes:
        s.outgoing = passed.bytes
    # It needs a frame, for that comes with a poll.
    s.m.has_calls = 1
    made = emit(s, op)
    made.imm = 0
    if op == p.P_TAIL_NATIVE:
        made.imm = cython.cast(int64_t, cython.cast(cython.size_t, s.code.funcs + s.f.insts[id].aux))
    made.aux = type.id
    made.disp = passed.bytes
    made.scale = (TAIL_FITS if fits else 0) | (TAIL_REFERENCE if callee != 0 else 0)
    made.label = results
    if callee != 0:
        use_fixed(s, made, callee, s.machine.callee)
    for i in range(passed.n):
        use_fixed(s, made, passed.vregs[i], passed.pregs[i])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def nth_result(s: Lowering, id: uint32_t, n: uint32_t) -> uint32_t:
    """The virtual register of result n of a call, 0 if nobody needs it."""
    if n == 0:
        return s.vregs[id]
    id = s.f.insts[id].next
    while id != 0 and s.f.insts[id].op == o.RESULT:
        if s.f.insts[id].imm == n:
            return s.vregs[id]
        id = s.f.insts[id].next
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def call_helper(s: Lowering, id: uint32_t, helper: cython.p_void) -> cython.void:
    """An instruction that the interpreter's function carries out, on slots above all frames."""
    inst: cython.pointer[Inst] = s.f.insts + id
    slots: uint32_t = find_slots(s)
    word: uint32_t = take_words(s.m, 4)
    disp: int32_t = 0
    type: uint32_t
    i: uint32_t
    vreg: uint32_t
    made: Made
    for i in range(inst.n_args):
        type = vreg_type(s.f.insts[args_of(s.f, inst)[i]].type)
        vreg = value_of(s, args_of(s.f, inst)[i])
        made = emit(s, s.machine.accesses.store[access_of_value(type)])
        made.disp = disp
        disp += 16 if type == VT_V128 else 8
        use_reg(s, made, vreg, ROLE_REG)
        use_reg(s, made, slots, ROLE_BASE)
    s.m.pool[word] = cython.cast(uint32_t, WASM[inst.op]) << 16
    s.m.pool[word + 2] = cython.cast(uint32_t, inst.imm)
    s.m.pool[word + 3] = cython.cast(uint32_t, inst.imm >> 32)
    s.m.has_calls = 1
    made = emit(s, p.P_CALL_HELPER)
    made.flags = INST_CALL
    made.imm = cython.cast(int64_t, cython.cast(cython.size_t, helper))
    made.aux = word
    use_fixed(s, made, slots, s.machine.slots)
    for i in range(2):
        vreg = nth_result(s, id, i)
        if vreg != 0:
            emit_load(s, ACCESS_64, vreg, find_slots(s), 8 * i)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_slots(s: Lowering) -> uint32_t:
    inst: cython.pointer[Instance] = cython.NULL
    ctx: cython.pointer[VMContext] = cython.NULL
    context: uint32_t = fresh(s, VT_I64)
    slots: uint32_t = fresh(s, VT_I64)
    emit_load_pinned(s, ACCESS_64, context, s.machine.instance, offset(cython.address(inst.ctx)))
    emit_load(s, ACCESS_64, slots, context, offset(cython.address(ctx.slot_top)))
    return slots


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_arguments(s: Lowering, block: uint32_t) -> cython.void:
    type: cython.pointer[TypeDef] = s.code.defs[s.f.type_id]
    places = cython.declare(Places)
    place: uint32_t
    i: uint32_t
    id: uint32_t
    made: Made = emit(s, p.P_ARGS)
    if s.frame != 0:
        def_fixed(s, made, s.frame, s.machine.frame)
        return
    s.machine.start_places(cython.address(places))
    for i in range(type.n_params):
        place = next_place(cython.address(places), value_type(type.params[i]))
        id = nth_argument(s, block, i)
        if id != 0 and s.vregs[id] != 0 and place < ON_STACK:
            def_fixed(s, made, s.vregs[id], place)
    s.machine.start_places(cython.address(places))
    for i in range(type.n_params):
        place = next_place(cython.address(places), value_type(type.params[i]))
        id = nth_argument(s, block, i)
        if id != 0 and s.vregs[id] != 0 and place >= ON_STACK:
            made = emit(s, s.machine.accesses.load[access_of_value(value_type(type.params[i]))])
            made.area = AREA_INCOMING
            made.disp = place - ON_STACK
            def_reg(s, made, s.vregs[id], ROLE_REG)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def load_from_frame(s: Lowering, id: uint32_t) -> cython.void:
    """What a slot of the interpreter's frame holds, where code is entered in a loop."""
    vreg: uint32_t = result_of(s, id)
    type: uint32_t = s.m.vregs[vreg].type
    if s.frame == 0:
        s.frame = fresh(s, VT_I64)
    emit_load(
        s,
        access_of_slot(type),
        vreg,
        s.frame,
        8 * cython.cast(int32_t, s.f.insts[id].imm),
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def nth_argument(s: Lowering, block: uint32_t, n: uint32_t) -> uint32_t:
    """The instruction that stands for parameter n; they come in order at the start of the entry."""
    id: uint32_t = s.f.blocks[block].first
    while id != 0:
        if s.f.insts[id].op == o.ARG and s.f.insts[id].imm == n:
            return id
        id = s.f.insts[id].next
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_return(s: Lowering, id: uint32_t) -> cython.void:
    type: cython.pointer[TypeDef] = s.code.defs[s.f.type_id]
    passed = cython.declare(Passed)
    made: Made
    i: uint32_t
    pass_values(
        s, args_of(s.f, s.f.insts + id), type.results, type.n_results, AREA_INCOMING, cython.address(passed)
    )
    made = emit(s, p.P_RETURN)
    for i in range(passed.n):
        use_fixed(s, made, passed.vregs[i], passed.pregs[i])
