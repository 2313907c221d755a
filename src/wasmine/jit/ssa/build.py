"""Register IR becomes SSA: each instruction in turn, block by block in reverse postorder.

`scan` finds the blocks, `slots` turns slots into values. An op that traps is taken apart: the condition under
which it traps is a `trap_if` before it, an access of a memory without guard follows a `check_bounds`. What is
made is simplified while it is made (simplify.py).
"""

import cython
from cython.cimports.libc.stdint import int32_t, int64_t, uint32_t, uint64_t
from cython.cimports.libc.string import memset
from cython.cimports.wasmine.ir import ops as ir
from cython.cimports.wasmine.ir.func import HANDLE_TAG, Handler, Instr, IrFunc
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.access import access, address_type, atomic, bulk, memop, simd, store
from cython.cimports.wasmine.jit.ssa.dispatch import is_passage
from cython.cimports.wasmine.jit.ssa.flow import count_uses
from cython.cimports.wasmine.jit.ssa.function import (
    B_HANDLER,
    F_IMMUTABLE,
    F_LIKELY,
    TYPE_F32,
    TYPE_F64,
    TYPE_I32,
    TYPE_I64,
    TYPE_REF,
    TYPE_V128,
    TYPE_VOID,
    Block,
    Inst,
    SsaFunc,
    append_inst,
    args_of,
    const_of,
    new_inst,
    set_arg_count,
    take_pool,
)
from cython.cimports.wasmine.jit.ssa.info import EFFECTS, IR_KIND, IR_TO, OPERANDS, RESULT
from cython.cimports.wasmine.jit.ssa.objects import cast_test, element, field, gc, i31, length_of
from cython.cimports.wasmine.jit.ssa.scan import called_type, scan, words_of
from cython.cimports.wasmine.jit.ssa.settle import close_slots
from cython.cimports.wasmine.jit.ssa.simplify import emit1, emit2, emit3, emit_trap_if
from cython.cimports.wasmine.jit.ssa.slots import (
    as_type,
    begin_block,
    end_block,
    init_slots,
    keep_open,
    read_as,
    read_slot,
    write_slot,
)
from cython.cimports.wasmine.jit.workspace import put_back
from cython.cimports.wasmine.runtime.vm import ModuleCode
from cython.cimports.wasmine.spec import traps as t
from cython.cimports.wasmine.spec.types import T_F32, T_F64, T_I32, T_I64, T_V128, TypeDef, slots_of

Building = cython.typedef(cython.pointer[Build])
Code = cython.typedef(cython.pointer[cython.const[Instr]])
Words = cython.typedef(cython.pointer[uint32_t])

# Steps that the construction may take for each instruction, and besides: see slots.py.
STEPS_PER_INSTR = cython.declare(uint64_t, 64)
STEPS = cython.declare(uint64_t, 2000000)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def type_of(type: uint32_t) -> uint32_t:
    """See build.pxd."""
    if type == T_I32:
        return TYPE_I32
    elif type == T_I64:
        return TYPE_I64
    elif type == T_F32:
        return TYPE_F32
    elif type == T_F64:
        return TYPE_F64
    elif type == T_V128:
        return TYPE_V128
    return TYPE_REF


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def plain(b: Building, op: uint32_t, type: uint32_t, imm: uint64_t, aux: uint32_t) -> uint32_t:
    """An instruction without operands, in its place."""
    id: uint32_t = made(b, op, type, 0, imm, aux)
    append_inst(b.f, b.at.block, id)
    return id


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def made(b: Building, op: uint32_t, type: uint32_t, n: uint32_t, imm: uint64_t, aux: uint32_t) -> uint32_t:
    """An instruction with room for n operands.

    It gets its place with `placed`, behind what its operands may need.
    """
    id: uint32_t = new_inst(b.f, op, type)
    set_arg_count(b.f, id, n)
    inst: cython.pointer[Inst] = b.f.insts + id
    inst.imm = imm
    inst.aux = aux
    inst.pos = b.at.pos
    inst.site = b.at.site
    return id


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def placed(b: Building, id: uint32_t) -> uint32_t:
    """Puts an instruction whose operands are set at the end of the block."""
    append_inst(b.f, b.at.block, id)
    return id


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def of_one(
    b: Building, op: uint32_t, type: uint32_t, value: uint32_t, imm: uint64_t, aux: uint32_t
) -> uint32_t:
    """An instruction with one operand, in its place."""
    id: uint32_t = made(b, op, type, 1, imm, aux)
    set_arg(b, id, 0, value)
    return placed(b, id)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def set_arg(b: Building, id: uint32_t, k: uint32_t, value: uint32_t) -> cython.void:
    """Operand k of an instruction."""
    inst: cython.pointer[Inst] = b.f.insts + id
    if k < inst.n_args:
        args_of(b.f, inst)[k] = value
        b.f.insts[value].uses += 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def set_values(
    b: Building,
    id: uint32_t,
    k: uint32_t,
    slot: uint32_t,
    n: uint32_t,
    types: cython.pointer[cython.const[uint32_t]],
) -> cython.void:
    """Operands from k on: n values of the given value types in adjacent slots."""
    i: uint32_t
    for i in range(n):
        set_arg(b, id, k + i, read_as(b, slot, type_of(types[i])))
        slot += slots_of(types[i])


# --- numbers


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def immediate(b: Building, type: uint32_t, bits: uint32_t) -> uint32_t:
    """The immediate of an instruction: 32 bits, extended by their sign for i64."""
    if type == TYPE_I64:
        return const_of(
            b.f, TYPE_I64, cython.cast(uint64_t, cython.cast(int64_t, cython.cast(int32_t, bits)))
        )
    return const_of(b.f, TYPE_I32, bits)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def may_be_minus_one(b: Building, value: uint32_t) -> cython.bint:
    """Whether an integer is not known to be another than -1."""
    inst: cython.pointer[Inst] = b.f.insts + value
    if inst.op != o.CONST:
        return True
    return inst.imm == (cython.cast(uint32_t, -1) if inst.type == TYPE_I32 else cython.cast(uint64_t, -1))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def divide(b: Building, op: uint32_t, x: uint32_t, y: uint32_t) -> uint32_t:
    """Division and remainder: the traps first."""
    wide: cython.bint = RESULT[op] == TYPE_I64
    type: uint32_t = RESULT[op]
    equal: uint32_t = o.I64_EQ if wide else o.I32_EQ
    lowest: uint64_t = cython.cast(uint64_t, 1) << (63 if wide else 31)
    overflow: uint32_t
    is_lowest: uint32_t
    emit_trap_if(
        cython.address(b.at),
        emit2(cython.address(b.at), equal, TYPE_I32, y, const_of(b.f, type, 0)),
        t.TRAP_INTEGER_DIVIDE_BY_ZERO,
    )
    # Division by a constant other than -1 does not overflow.
    if (op == o.I32_DIV_S or op == o.I64_DIV_S) and may_be_minus_one(b, y):
        overflow = emit2(
            cython.address(b.at), equal, TYPE_I32, y, const_of(b.f, type, cython.cast(uint64_t, -1))
        )
        is_lowest = emit2(cython.address(b.at), equal, TYPE_I32, x, const_of(b.f, type, lowest))
        overflow = emit2(cython.address(b.at), o.I32_AND, TYPE_I32, overflow, is_lowest)
        emit_trap_if(cython.address(b.at), overflow, t.TRAP_INTEGER_OVERFLOW)
    return emit2(cython.address(b.at), op, type, x, y)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def binary(b: Building, op: uint32_t, x: uint32_t, y: uint32_t) -> uint32_t:
    """A binary op or relation on two slots."""
    left: uint32_t = read_as(b, x, OPERANDS[op][0])
    right: uint32_t = read_as(b, y, OPERANDS[op][1])
    return emit2(cython.address(b.at), op, RESULT[op], left, right)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def binary_imm(b: Building, op: uint32_t, x: uint32_t, bits: uint32_t) -> uint32_t:
    """A binary op or relation on a slot and an immediate."""
    left: uint32_t = read_as(b, x, OPERANDS[op][0])
    return emit2(cython.address(b.at), op, RESULT[op], left, immediate(b, OPERANDS[op][1], bits))


# --- calls


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def call(b: Building, instr: Code, op: uint32_t) -> cython.void:
    """A call or tail call of any kind."""
    type: cython.pointer[TypeDef] = called_type(b, instr)
    indirect: cython.bint = op == o.CALL_INDIRECT or op == o.RETURN_CALL_INDIRECT
    by_ref: cython.bint = op == o.CALL_REF or op == o.RETURN_CALL_REF
    tail: cython.bint = (EFFECTS[op] & o.E_ENDS) != 0
    first: uint32_t = 1 if indirect or by_ref else 0
    result: uint32_t = TYPE_VOID
    imm: uint64_t = instr[1].a if indirect else 0
    aux: uint32_t = type.id if indirect or by_ref else instr.a
    id: uint32_t
    more: uint32_t
    slot: uint32_t = instr.b
    k: uint32_t
    if type.n_results > 0 and not tail:
        result = type_of(type.results[0])
    id = made(b, op, result, first + type.n_params, imm, aux)
    if indirect:
        set_arg(b, id, 0, read_as(b, instr.c, TYPE_I64 if b.code.desc.tables[instr[1].a].is64 else TYPE_I32))
    elif by_ref:
        set_arg(b, id, 0, read_as(b, instr.c, TYPE_REF))
    set_values(b, id, first, instr.b, type.n_params, type.params)
    placed(b, id)
    if tail:
        return
    for k in range(type.n_results):
        more = id
        if k > 0:
            more = of_one(b, o.RESULT, type_of(type.results[k]), id, k, 0)
        write_slot(b, slot, more)
        slot += slots_of(type.results[k])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def give_back(b: Building, instr: Code) -> cython.void:
    """A return."""
    type: cython.pointer[TypeDef] = b.code.defs[b.ir.type_id]
    id: uint32_t = made(b, o.RETURN, TYPE_VOID, type.n_results, 0, 0)
    if type.n_results > 0:
        set_values(b, id, 0, instr.a, type.n_results, type.results)
    placed(b, id)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def throw(b: Building, instr: Code) -> cython.void:
    """throw: the values of the exception are in adjacent slots."""
    type: cython.pointer[TypeDef] = b.code.defs[b.code.desc.tags[instr.c]]
    id: uint32_t = made(b, o.THROW, TYPE_VOID, type.n_params, 0, instr.c)
    set_values(b, id, 0, instr.a, type.n_params, type.params)
    placed(b, id)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def catch(b: Building, handler: cython.pointer[Handler]) -> cython.void:
    """The start of a handler: the exception and its values are in the slots that the handler names."""
    exception: uint32_t = plain(b, o.CAUGHT, TYPE_REF, 0, 0)
    type: cython.pointer[TypeDef]
    value: uint32_t
    at: uint32_t = 0
    i: uint32_t
    if handler.kind == HANDLE_TAG:
        type = b.code.defs[b.code.desc.tags[handler.tag]]
        for i in range(type.n_params):
            value = of_one(b, o.EXN_LOAD, type_of(type.params[i]), exception, at, 0)
            write_slot(b, handler.slot + at, value)
            at += slots_of(type.params[i])
    if handler.ref_slot >= 0:
        write_slot(b, cython.cast(uint32_t, handler.ref_slot), exception)


# --- the rest


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_narrow(b: Building, value: uint32_t) -> cython.bint:
    """Whether a value is known to fit in 32 bits."""
    inst: cython.pointer[Inst] = b.f.insts + value
    return inst.type == TYPE_I32 or inst.type == TYPE_F32 or (inst.op == o.CONST and inst.imm >> 32 == 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def common_type(b: Building, x: uint32_t, y: uint32_t) -> uint32_t:
    """A type that holds all bits of both of two values of one slot, TYPE_VOID when that is open.

    A narrow one may stand for its zero-extension: an i32 is that of an i64 whose upper half is zero.
    """
    swap: uint32_t
    if b.f.insts[x].type == TYPE_VOID or (is_narrow(b, x) and not is_narrow(b, y)):
        swap = x
        x = y
        y = swap
    if is_narrow(b, x) and not is_narrow(b, y):
        return TYPE_VOID
    return b.f.insts[x].type


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def select(b: Building, instr: Code, wide: cython.bint) -> cython.void:
    """select; when its operands leave its type open, it is decided at the end."""
    condition: uint32_t = read_as(b, instr[1].a, TYPE_I32)
    x: uint32_t = read_slot(b, instr.b)
    y: uint32_t = read_slot(b, instr.c)
    type: uint32_t = TYPE_V128 if wide else common_type(b, x, y)
    id: uint32_t
    if type != TYPE_VOID:
        x = as_type(b, x, type)
        y = as_type(b, y, type)
        write_slot(b, instr.a, emit3(cython.address(b.at), o.SELECT, type, condition, x, y))
        return
    id = made(b, o.SELECT, TYPE_VOID, 3, 0, 0)
    set_arg(b, id, 0, condition)
    set_arg(b, id, 1, x)
    set_arg(b, id, 2, y)
    placed(b, id)
    keep_open(b, id)
    write_slot(b, instr.a, id)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_shared_global(b: Building, index: uint32_t) -> uint64_t:
    """1 for a global that another of the module's may be: one that is imported, twice maybe."""
    return index < b.code.desc.n_imported_globals and b.code.desc.globals[index].mutable


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def global_get(b: Building, instr: Code) -> cython.void:
    """global.get, of any width."""
    shared: uint64_t = is_shared_global(b, instr.c)
    id: uint32_t = plain(b, o.GLOBAL_GET, type_of(b.code.desc.globals[instr.c].type), shared, instr.c)
    if not b.code.desc.globals[instr.c].mutable:
        b.f.insts[id].flags |= F_IMMUTABLE
    write_slot(b, instr.a, id)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def global_set(b: Building, instr: Code) -> cython.void:
    """global.set, of any width."""
    value: uint32_t = read_as(b, instr.a, type_of(b.code.desc.globals[instr.c].type))
    of_one(b, o.GLOBAL_SET, TYPE_VOID, value, is_shared_global(b, instr.c), instr.c)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def table(b: Building, instr: Code, position: uint32_t) -> cython.void:
    """br_table: which of the block's edges each label takes."""
    f: cython.pointer[SsaFunc] = b.f
    home: cython.pointer[Block] = f.blocks + b.at.block
    n: uint32_t = instr.b + 1
    index: uint32_t = read_as(b, instr.a, TYPE_I32)
    place: uint32_t = take_pool(f, n)
    blocks: Words = b.copy_at if b.first_copy != 0 and b.at.block >= b.first_copy else b.block_at
    i: uint32_t
    if place == 0:
        return
    for i in range(home.n_succs):
        b.mark[f.edges[home.first_edge + i].target] = i
    for i in range(n):
        f.pool[place + i] = b.mark[blocks[position + 1 + i + cython.cast(int32_t, instr[1 + i].c)]]
    of_one(b, o.BR_TABLE, TYPE_VOID, index, place, instr.b)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def conditional(b: Building, instr: Code, kind: uint32_t) -> cython.void:
    """A branch on a relation."""
    op: uint32_t = IR_TO[instr.op]
    condition: uint32_t
    if kind == o.KIND_BRANCH_IMM:
        condition = binary_imm(b, op, instr.a, instr.b)
    else:
        condition = binary(b, op, instr.a, instr.b)
    if kind == o.KIND_BRANCH_UNLESS:
        condition = emit2(cython.address(b.at), o.I32_EQ, TYPE_I32, condition, const_of(b.f, TYPE_I32, 0))
    of_one(b, o.BR_IF, TYPE_VOID, condition, 0, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def special(b: Building, instr: Code, position: uint32_t) -> cython.void:
    """The instructions that have code of their own."""
    op: uint32_t = instr.op
    value: uint32_t
    if op == ir.CONST:
        write_slot(b, instr.a, const_of(b.f, TYPE_VOID, instr.b | cython.cast(uint64_t, instr.c) << 32))
    elif op == ir.COPY or op == ir.COPY128:
        write_slot(b, instr.a, read_slot(b, instr.b))
    elif op == ir.SELECT or op == ir.SELECT128:
        select(b, instr, op == ir.SELECT128)
    elif op == ir.BR:
        plain(b, o.BR, TYPE_VOID, 0, 0)
    elif op == ir.BR_TABLE:
        table(b, instr, position)
    elif op == ir.LOOP or op == ir.LOOP_COUNT or op == ir.LOOP_ENTER:
        plain(b, o.POLL, TYPE_VOID, 0, 0)
    elif op == ir.FUEL:
        plain(b, o.FUEL, TYPE_VOID, instr.c, 0)
    elif op == ir.RET or op == ir.RET1 or op == ir.RET_N:
        give_back(b, instr)
    elif op == ir.UNREACHABLE:
        plain(b, o.TRAP, TYPE_VOID, t.TRAP_UNREACHABLE, 0)
    elif op == ir.CALL:
        call(b, instr, o.CALL)
    elif op == ir.CALL_IMPORT:
        call(b, instr, o.CALL_IMPORT)
    elif op == ir.CALL_INDIRECT:
        call(b, instr, o.CALL_INDIRECT)
    elif op == ir.CALL_REF:
        call(b, instr, o.CALL_REF)
    elif op == ir.RETURN_CALL:
        call(b, instr, o.RETURN_CALL)
    elif op == ir.RETURN_CALL_IMPORT:
        call(b, instr, o.RETURN_CALL_IMPORT)
    elif op == ir.RETURN_CALL_INDIRECT:
        call(b, instr, o.RETURN_CALL_INDIRECT)
    elif op == ir.RETURN_CALL_REF:
        call(b, instr, o.RETURN_CALL_REF)
    elif op == ir.THROW:
        throw(b, instr)
    elif op == ir.THROW_REF:
        of_one(b, o.THROW_REF, TYPE_VOID, read_as(b, instr.a, TYPE_REF), 0, 0)
    elif op == ir.GLOBAL_GET or op == ir.GLOBAL_GET128:
        global_get(b, instr)
    elif op == ir.GLOBAL_SET or op == ir.GLOBAL_SET128:
        global_set(b, instr)
    elif op == ir.REF_FUNC:
        write_slot(b, instr.a, plain(b, o.REF_FUNC, TYPE_REF, 0, instr.c))
    elif op == ir.REF_AS_NON_NULL:
        value = read_as(b, instr.b, TYPE_REF)
        emit_trap_if(
            cython.address(b.at),
            emit2(cython.address(b.at), o.I64_EQ, TYPE_I32, value, const_of(b.f, TYPE_I64, 0)),
            t.TRAP_NULL_REFERENCE,
        )
        write_slot(b, instr.a, value)
    elif op == ir.MEMORY_SIZE:
        value = plain(b, o.MEMORY_PAGES, TYPE_I64, 0, instr.c)
        if address_type(b, instr.c) == TYPE_I32:
            value = emit1(cython.address(b.at), o.I32_WRAP_I64, TYPE_I32, value)
        write_slot(b, instr.a, value)
    elif op == ir.SIMD or op == ir.SIMD2:
        simd(b, instr, op == ir.SIMD2)
    elif op == ir.MEMOP:
        memop(b, instr)
    elif op == ir.ATOMIC:
        atomic(b, instr)
    elif op == ir.BULK:
        bulk(b, instr)
    elif op == ir.GC:
        gc(b, instr)
    elif op == ir.REF_TEST or op == ir.REF_CAST:
        cast_test(b, instr, op == ir.REF_CAST)
    elif op == ir.ARRAY_LEN:
        write_slot(b, instr.a, length_of(b, read_as(b, instr.b, TYPE_REF)))
    elif op == ir.REF_I31 or op == ir.I31_GET_S or op == ir.I31_GET_U:
        i31(b, instr)
    else:
        b.status = BUILD_UNSUPPORTED


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def translate(b: Building, instr: Code, position: uint32_t) -> cython.void:
    """One instruction."""
    kind: uint32_t = IR_KIND[instr.op]
    op: uint32_t = IR_TO[instr.op]
    value: uint32_t
    if kind == o.KIND_SPECIAL:
        special(b, instr, position)
    elif kind == o.KIND_BINARY:
        write_slot(b, instr.a, binary(b, op, instr.b, instr.c))
    elif kind == o.KIND_BINARY_IMM:
        write_slot(b, instr.a, binary_imm(b, op, instr.b, instr.c))
    elif kind == o.KIND_UNARY:
        value = read_as(b, instr.b, OPERANDS[op][0])
        write_slot(b, instr.a, emit1(cython.address(b.at), op, RESULT[op], value))
    elif kind == o.KIND_LOAD:
        write_slot(b, instr.a, access(b, op, 0, 0, instr.b, instr.c, 0))
    elif kind == o.KIND_STORE:
        store(b, op, instr.a, instr.b, instr.c)
    elif kind == o.KIND_DIVIDE:
        value = read_as(b, instr.b, RESULT[op])
        write_slot(b, instr.a, divide(b, op, value, read_as(b, instr.c, RESULT[op])))
    elif kind == o.KIND_FIELD_GET or kind == o.KIND_FIELD_SET:
        field(b, instr, op)
    elif kind == o.KIND_ELEMENT_GET or kind == o.KIND_ELEMENT_SET:
        element(b, instr, op)
    else:
        conditional(b, instr, kind)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_copied_header(b: Building, block: uint32_t) -> cython.bint:
    """Whether a block of the copy without a dispatcher starts a loop that no instruction tells."""
    op: uint32_t = b.ir.code[b.f.blocks[block].pos].op
    if b.first_copy == 0 or block < b.first_copy or b.extent[block] == 0:
        return False
    return is_passage(b, block) or not (op == ir.LOOP or op == ir.LOOP_COUNT or op == ir.LOOP_ENTER)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def choose_copy(b: Building) -> cython.void:
    """The way into the copy without a dispatcher: with 0."""
    index: uint32_t = read_as(b, b.ir.code[b.dispatch_end].a, TYPE_I32)
    zero: uint32_t = emit2(cython.address(b.at), o.I32_EQ, TYPE_I32, index, const_of(b.f, TYPE_I32, 0))
    branch: uint32_t = of_one(b, o.BR_IF, TYPE_VOID, zero, 0, 0)
    b.f.insts[branch].flags |= F_LIKELY


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def build_block(b: Building, block: uint32_t) -> cython.void:
    """The instructions of a block."""
    code: Code = b.ir.code
    position: uint32_t = b.f.blocks[block].pos
    end: uint32_t = b.ends[block]
    last: uint32_t
    if b.f.blocks[block].flags & B_HANDLER:
        b.at.pos = position
        catch(b, b.ir.handlers + (b.caught_by[block] - 1))
    if is_copied_header(b, block):
        b.at.pos = position
        plain(b, o.POLL, TYPE_VOID, 0, 0)
    if is_passage(b, block):
        position += words_of(code + position)
        end = min(end, b.dispatch_end - 1)
    while position <= end and not b.status and not b.f.failed:
        b.at.pos = position
        translate(b, code + position, position)
        position += words_of(code + position)
    if b.first_copy != 0 and block == b.block_at[0]:
        choose_copy(b)
    last = b.f.blocks[block].last
    if last == 0 or not EFFECTS[b.f.insts[last].op] & o.E_ENDS:
        # The next instruction is the target of a branch, or this is a call in a try.
        plain(b, o.BR_TRY if b.f.blocks[block].n_succs > 1 else o.BR, TYPE_VOID, 0, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def build_entry(b: Building) -> cython.void:
    """The arguments."""
    type: cython.pointer[TypeDef] = b.code.defs[b.ir.type_id]
    slot: uint32_t = 0
    i: uint32_t
    begin_block(b, b.f.entry, False)
    if b.options.enter_at == NO_ENTRY:
        for i in range(type.n_params):
            write_slot(b, slot, plain(b, o.ARG, type_of(type.params[i]), i, 0))
            slot += slots_of(type.params[i])
    plain(b, o.BR, TYPE_VOID, 0, 0)
    end_block(b)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def build_blocks(b: Building) -> cython.void:
    """All blocks that are reached, predecessors first."""
    f: cython.pointer[SsaFunc] = b.f
    i: uint32_t
    block: uint32_t
    follows: cython.bint
    build_entry(b)
    for i in range(1, f.n_order):
        block = f.order[i]
        follows = (
            f.blocks[block].n_preds == 1 and f.edges[f.preds[f.blocks[block].preds]].source == f.order[i - 1]
        )
        begin_block(b, block, follows)
        build_block(b, block)
        end_block(b)
        if b.status or f.failed:
            return


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def release(b: Building) -> cython.void:
    """Frees what the building kept."""
    put_back(b.f.work, b.block_at)
    put_back(b.f.work, b.copy_at)
    put_back(b.f.work, b.ends)
    put_back(b.f.work, b.caught_by)
    put_back(b.f.work, b.extent)
    put_back(b.f.work, b.mark)
    put_back(b.f.work, b.write_first)
    put_back(b.f.work, b.writes)
    put_back(b.f.work, b.value)
    put_back(b.f.work, b.seen)
    put_back(b.f.work, b.touched)
    put_back(b.f.work, b.slot_types)
    put_back(b.f.work, b.exits)
    put_back(b.f.work, b.walk)
    put_back(b.f.work, b.open)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def build(
    f: cython.pointer[SsaFunc],
    code: cython.pointer[ModuleCode],
    ir_func: cython.pointer[IrFunc],
    options: cython.pointer[BuildOptions],
) -> uint32_t:
    """See build.pxd."""
    b: Build
    done: cython.bint
    memset(cython.address(b), 0, cython.sizeof(Build))
    b.f = f
    b.code = code
    b.ir = ir_func
    b.options = options
    b.at.f = f
    b.era = 1
    b.budget = STEPS + STEPS_PER_INSTR * ir_func.n_instrs
    f.ir = ir_func
    f.type_id = ir_func.type_id
    done = scan(cython.address(b)) and init_slots(cython.address(b))
    if done:
        build_blocks(cython.address(b))
        done = not b.status and not f.failed and close_slots(cython.address(b)) and count_uses(f)
    release(cython.address(b))
    if done and not f.failed:
        return BUILD_DONE
    return b.status if b.status else BUILD_NO_MEMORY
