"""Instruction selection for memory, globals, and what else the instance holds; see memory.pxd."""

import cython
from cython.cimports.libc.stdint import int32_t, uint32_t
from cython.cimports.wasmine.jit.backend.accesses import (
    ACCESS_8,
    ACCESS_16,
    ACCESS_32,
    ACCESS_64,
    ACCESS_F32,
    ACCESS_F64,
    ACCESS_S8_32,
    ACCESS_S8_64,
    ACCESS_S16_32,
    ACCESS_S16_64,
    ACCESS_S32_64,
    ACCESS_V128,
    NO_ACCESS,
    access_of_slot,
    access_of_value,
)
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    Target,
    def_reg,
    emit,
    emit_load,
    emit_load_pinned,
    fresh,
    result_of,
    use_pinned,
    use_reg,
    value_of,
    vreg_type,
)
from cython.cimports.wasmine.jit.backend.machine import (
    INST_FAULTS,
    ROLE_BASE,
    ROLE_INDEX,
    ROLE_REG,
    VT_I64,
    MachInst,
)
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.runtime.layout import own_global_at
from cython.cimports.wasmine.runtime.vm import Instance, Memory

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_memory(s: Lowering, id: uint32_t) -> cython.bint:
    op: uint32_t = s.f.insts[id].op
    memory: cython.pointer[Memory] = cython.NULL
    access: uint32_t = loaded(op)
    if access != NO_ACCESS:
        load_to(s, id, result_of(s, id), s.machine.accesses.load[access])
        return True
    access = stored(op)
    if access != NO_ACCESS:
        s.machine.store(s, id, s.machine.accesses.store[access])
    elif op == o.CHECK_BOUNDS:
        s.machine.check_bounds(s, id)
    elif op == o.MEMORY_BYTES:
        memory_field(s, id, offset(cython.address(memory.size)))
    elif op == o.MEMORY_PAGES:
        memory_field(s, id, offset(cython.address(memory.pages)))
    elif op == o.MEMORY_BASE:
        memory_field(s, id, offset(cython.address(memory.base)))
    elif op == o.GLOBAL_GET:
        global_get(s, id)
    elif op == o.GLOBAL_SET:
        global_set(s, id)
    else:
        return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def loaded(op: uint32_t) -> uint32_t:
    if op == o.I32_LOAD or op == o.I64_LOAD32_U:
        return ACCESS_32
    elif op == o.I64_LOAD:
        return ACCESS_64
    elif op == o.I32_LOAD8_U or op == o.I64_LOAD8_U:
        return ACCESS_8
    elif op == o.I32_LOAD16_U or op == o.I64_LOAD16_U:
        return ACCESS_16
    elif op == o.I32_LOAD8_S:
        return ACCESS_S8_32
    elif op == o.I64_LOAD8_S:
        return ACCESS_S8_64
    elif op == o.I32_LOAD16_S:
        return ACCESS_S16_32
    elif op == o.I64_LOAD16_S:
        return ACCESS_S16_64
    elif op == o.I64_LOAD32_S:
        return ACCESS_S32_64
    elif op == o.F32_LOAD:
        return ACCESS_F32
    elif op == o.F64_LOAD:
        return ACCESS_F64
    elif op == o.V128_LOAD:
        return ACCESS_V128
    return NO_ACCESS


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def stored(op: uint32_t) -> uint32_t:
    if op == o.I32_STORE or op == o.I64_STORE32:
        return ACCESS_32
    elif op == o.I64_STORE:
        return ACCESS_64
    elif op == o.I32_STORE8 or op == o.I64_STORE8:
        return ACCESS_8
    elif op == o.I32_STORE16 or op == o.I64_STORE16:
        return ACCESS_16
    elif op == o.F32_STORE:
        return ACCESS_F32
    elif op == o.F64_STORE:
        return ACCESS_F64
    elif op == o.V128_STORE:
        return ACCESS_V128
    return NO_ACCESS


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def load_to(s: Lowering, id: uint32_t, dst: uint32_t, op: uint32_t) -> cython.void:
    target = cython.declare(Target)
    made: Made
    s.machine.find_target(s, id, op, cython.address(target))
    made = emit(s, op)
    def_reg(s, made, dst, ROLE_REG)
    add_target(s, made, cython.address(target))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_target(s: Lowering, made: Made, target: cython.pointer[cython.const[Target]]) -> cython.void:
    made.disp = target.disp
    if target.faults:
        made.flags |= INST_FAULTS
    if target.base != 0:
        use_reg(s, made, target.base, ROLE_BASE)
    else:
        use_pinned(s, made, s.machine.memory, ROLE_BASE)
    if target.index != 0:
        made.scale = target.scale
        use_reg(s, made, target.index, ROLE_INDEX)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def memory_field(s: Lowering, id: uint32_t, field: int32_t) -> cython.void:
    inst: cython.pointer[Instance] = cython.NULL
    memory: uint32_t = s.f.insts[id].aux
    dst: uint32_t = result_of(s, id)
    list: uint32_t
    at: uint32_t = fresh(s, VT_I64)
    if memory == 0:
        emit_load_pinned(s, ACCESS_64, at, s.machine.instance, offset(cython.address(inst.mem0)))
    else:
        list = fresh(s, VT_I64)
        emit_load_pinned(s, ACCESS_64, list, s.machine.instance, offset(cython.address(inst.memories)))
        emit_load(s, ACCESS_64, at, list, 8 * memory)
    emit_load(s, ACCESS_64, dst, at, field)


# --- globals


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_global(s: Lowering, made: Made, index: uint32_t, at: uint32_t) -> cython.void:
    """The operand that is a global, which `find_global` has found at `at`."""
    if at != 0:
        use_reg(s, made, at, ROLE_BASE)
    else:
        made.disp = cython.cast(int32_t, own_global_at(s.code.desc, index))
        use_pinned(s, made, s.machine.instance, ROLE_BASE)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def global_get(s: Lowering, id: uint32_t) -> cython.void:
    op: uint32_t = s.machine.accesses.load[access_of_slot(vreg_type(s.f.insts[id].type))]
    dst: uint32_t = result_of(s, id)
    at: uint32_t = s.machine.find_global(s, s.f.insts[id].aux, op)
    made: Made = emit(s, op)
    def_reg(s, made, dst, ROLE_REG)
    add_global(s, made, s.f.insts[id].aux, at)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def global_set(s: Lowering, id: uint32_t) -> cython.void:
    """An i32 or f32 is kept with zeros above: the whole slot is written."""
    value: uint32_t = s.f.insts[id].args[0]
    op: uint32_t = s.machine.accesses.store[access_of_value(vreg_type(s.f.insts[value].type))]
    at: uint32_t
    made: Made
    value = value_of(s, value)
    at = s.machine.find_global(s, s.f.insts[id].aux, op)
    made = emit(s, op)
    use_reg(s, made, value, ROLE_REG)
    add_global(s, made, s.f.insts[id].aux, at)
