"""Lowering: a WebAssembly body becomes register IR, in one pass over its bytes.

The body has been validated, so nothing is checked here. Simple instructions go by the generated tables; those
that need more have an arm in `lower_special`. The operand stack and labels are the business of `builder`.
"""

import cython
from cython.cimports.libc.stdint import int32_t, int64_t, uint8_t, uint32_t, uint64_t
from cython.cimports.libc.stdlib import malloc
from cython.cimports.libc.string import memcpy, memset
from cython.cimports.wasmine.ir import ops as o
from cython.cimports.wasmine.ir import tables as s
from cython.cimports.wasmine.ir.builder import (
    IMM,
    IN_CODE,
    IN_HOME,
    INVERSE,
    L_BLOCK,
    L_FUNC,
    L_IF,
    L_LOOP,
    L_TRY,
    L_TRY_TABLE,
    NO_INSTR,
    OP,
    SHAPE,
    SIGNATURE,
    SWAPPED,
    Builder,
    Condition,
    Value,
    bind,
    branch,
    branch_if,
    branch_table,
    emit,
    emit_branch_on,
    emit_return,
    emit_words,
    end_else,
    end_label,
    flush,
    open_label,
    pop,
    pop_slot,
    push,
    push_const,
    push_local,
    read_s64,
    read_u32,
    read_u64,
    release,
    set_local,
    settle,
    shorten_jumps,
    slot_of,
    start_block,
    take_condition,
)
from cython.cimports.wasmine.ir.func import (
    FRAME_NOT_LOWERED,
    HEADER_SLOTS,
    IR_BOUNDED,
    IR_LEAF,
    Instr,
    IrFunc,
)
from cython.cimports.wasmine.ir.objects import lower_object
from cython.cimports.wasmine.ir.tries import (
    lower_catch,
    lower_delegate,
    lower_rethrow,
    lower_throw,
    lower_throw_ref,
    lower_try,
    lower_try_table,
    sort_handlers,
)
from cython.cimports.wasmine.runtime.vm import ModuleCode
from cython.cimports.wasmine.spec import opcodes as w
from cython.cimports.wasmine.spec import traps as t
from cython.cimports.wasmine.spec.immediates import (
    IMM_BLOCK_TYPE,
    IMM_BYTE,
    IMM_BYTES4,
    IMM_BYTES8,
    IMM_BYTES16,
    IMM_CATCHES,
    IMM_LABELS,
    IMM_MEMARG,
    IMM_TYPES,
    immediates_of,
)
from cython.cimports.wasmine.spec.types import T_I64, T_V128, TypeDef

Building = cython.typedef(cython.pointer[Builder])

# The result of a block type that names a value type: only its width matters here.
NARROW = cython.declare(uint32_t, T_I64)
WIDE = cython.declare(uint32_t, T_V128)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def read_opcode(b: Building) -> uint32_t:
    """The id of the next instruction (spec/opcodes.py)."""
    byte: uint32_t = b.at[0]
    b.at += 1
    if byte < 0xFB:
        return byte
    if byte == 0xFC:
        return 0x100 + read_u32(b)
    elif byte == 0xFB:
        return 0x140 + read_u32(b)
    elif byte == 0xFE:
        return 0x180 + read_u32(b)
    elif byte == 0xFD:
        return 0x200 + read_u32(b)
    return byte


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def skip_value_type(b: Building) -> uint32_t:
    """Passes over a value type; 1 when it is v128."""
    byte: uint8_t = b.at[0]
    b.at += 1
    if byte == 0x63 or byte == 0x64:
        read_s64(b)
    return byte == T_V128


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def skip_immediates(b: Building, id: uint32_t) -> cython.void:
    """Passes over the immediates of an instruction in unreachable code."""
    kinds: uint32_t = immediates_of(id)
    kind: uint32_t
    n: uint32_t
    clause: uint8_t
    while kinds != 0:
        kind = kinds & 15
        kinds >>= 4
        if kind == IMM_BYTE:
            b.at += 1
        elif kind == IMM_BYTES4:
            b.at += 4
        elif kind == IMM_BYTES8:
            b.at += 8
        elif kind == IMM_BYTES16:
            b.at += 16
        elif kind == IMM_MEMARG:
            if read_u32(b) & 0x40:
                read_u32(b)
            read_u64(b)
        elif kind == IMM_BLOCK_TYPE:
            if b.at[0] == 0x63 or b.at[0] == 0x64:
                skip_value_type(b)
            else:
                read_s64(b)
        elif kind == IMM_TYPES:
            for n in range(read_u32(b)):
                skip_value_type(b)
        elif kind == IMM_LABELS:
            for n in range(read_u32(b) + 1):
                read_u32(b)
        elif kind == IMM_CATCHES:
            for n in range(read_u32(b)):
                clause = b.at[0]
                b.at += 1
                if clause < 2:
                    read_u32(b)
                read_u32(b)
        else:
            read_s64(b)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def not_yet(b: Building) -> cython.void:
    """An instruction that this version does not execute."""
    b.failed = t.TRAP_NOT_IMPLEMENTED


# --- numeric instructions


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def fits_immediate(value: cython.pointer[Value]) -> cython.bint:
    """Whether a constant can be the 32-bit immediate of its type's instructions, which extend its sign."""
    if value.where != IN_CODE:
        return False
    return (
        not value.is64
        or cython.cast(uint64_t, cython.cast(int64_t, cython.cast(int32_t, value.bits))) == value.bits
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_binary(b: Building, op: uint32_t) -> cython.void:
    """A binary operation or relation, with a constant operand as an immediate where there is such a form."""
    y: Value = pop(b)
    x: Value = pop(b)
    left: uint32_t
    right: uint32_t
    negated: uint64_t
    if (op == o.I32_SUB or op == o.I64_SUB) and y.where == IN_CODE:
        negated = -y.bits
        y.bits = negated if y.is64 else cython.cast(uint32_t, negated)
        op = o.I32_ADD if op == o.I32_SUB else o.I64_ADD
    if x.where == IN_CODE and y.where != IN_CODE and SWAPPED[op] != 0:
        y, x = x, y
        op = SWAPPED[op]
    if IMM[op] != 0 and fits_immediate(cython.address(y)):
        left = slot_of(b, cython.address(x))
        emit(b, IMM[op], 0, push(b, 0), left, cython.cast(uint32_t, y.bits))
        return
    left = slot_of(b, cython.address(x))
    right = slot_of(b, cython.address(y))
    emit(b, op, 0, push(b, 0), left, right)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_is_zero(b: Building, relation: uint32_t) -> cython.void:
    """eqz and ref.is_null; the negation of an integer comparison that was just made inverts it."""
    top: cython.pointer[Value] = b.values + b.height - 1
    last: int32_t = b.last
    source: uint32_t
    if (
        last != NO_INSTR
        and b.barrier <= cython.cast(uint32_t, last)
        and b.code[last].a == top.home
        and top.where == IN_HOME
        and INVERSE[b.code[last].op] != 0
        and relation == o.I32_EQ_IMM
    ):
        b.code[last].op = INVERSE[b.code[last].op]
        return
    source = pop_slot(b)
    emit(b, relation, 0, push(b, 0), source, 0)


# --- memory


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_access(b: Building, id: uint32_t, group: uint32_t) -> cython.void:
    """Any instruction with a memarg, as two words of a group (ir/groups.pxd)."""
    signature: uint32_t = SIGNATURE[id]
    operands: uint32_t = signature & s.SIG_OPERANDS
    slots = cython.declare(uint32_t[3])
    memory: uint32_t = 0
    lane: uint32_t = 0
    offset: uint64_t
    result: uint32_t
    i: uint32_t
    if read_u32(b) & 0x40:
        memory = read_u32(b)
    offset = read_u64(b)
    if id >= w.V128_LOAD8_LANE and id <= w.V128_STORE64_LANE:
        lane = b.at[0]
        b.at += 1
    memset(slots, 0, cython.sizeof(slots))
    i = operands
    while i > 0:
        i -= 1
        slots[i] = pop_slot(b)
    if signature & (s.SIG_NARROW_RESULT | s.SIG_WIDE_RESULT):
        result = push(b, signature & s.SIG_WIDE_RESULT)
        emit(b, group, id, result, slots[0], memory)
        emit_words(
            b,
            slots[1],
            cython.cast(uint32_t, offset),
            cython.cast(uint32_t, offset >> 32),
            slots[2] if operands > 2 else lane,
        )
    else:
        emit(b, group, id, slots[1], slots[0], memory)
        emit_words(b, 0, cython.cast(uint32_t, offset), cython.cast(uint32_t, offset >> 32), lane)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_load_or_store(b: Building, id: uint32_t) -> cython.void:
    """A scalar access: fast for memory 0 with 32-bit addresses, else through the group."""
    start: cython.pointer[cython.const[uint8_t]] = b.at
    flags: uint32_t = read_u32(b)
    offset: uint64_t
    value: uint32_t
    address: uint32_t
    if flags & 0x40 or b.desc.memories[0].is64:
        b.at = start
        lower_access(b, id, o.MEMOP)
        return
    offset = read_u64(b)
    if SHAPE[id] == s.LOWER_LOAD:
        address = pop_slot(b)
        emit(b, OP[id], 0, push(b, 0), address, cython.cast(uint32_t, offset))
    else:
        value = pop_slot(b)
        address = pop_slot(b)
        emit(b, OP[id], 0, value, address, cython.cast(uint32_t, offset))
        b.last = NO_INSTR


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_simd(b: Building, id: uint32_t) -> cython.void:
    """A SIMD instruction without memory access."""
    signature: uint32_t = SIGNATURE[id]
    operands: uint32_t = signature & s.SIG_OPERANDS
    slots = cython.declare(uint32_t[3])
    words = cython.declare(uint32_t[4])
    lane: uint32_t = 0
    i: uint32_t
    bytes16: cython.bint = id == w.V128_CONST or id == w.I8X16_SHUFFLE
    has_lane: cython.bint = id >= w.I8X16_EXTRACT_LANE_S and id <= w.F64X2_REPLACE_LANE
    if bytes16:
        memcpy(words, b.at, 16)
        b.at += 16
    elif has_lane:
        lane = b.at[0]
        b.at += 1
    memset(slots, 0, cython.sizeof(slots))
    i = operands
    while i > 0:
        i -= 1
        slots[i] = pop_slot(b)
    two: cython.bint = bytes16 or has_lane or operands > 2
    emit(b, o.SIMD2 if two else o.SIMD, id, push(b, signature & s.SIG_WIDE_RESULT), slots[0], slots[1])
    if bytes16:
        emit_words(b, words[0], words[1], words[2], words[3])
    elif two:
        emit_words(b, slots[2], 0, 0, lane)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_bulk(
    b: Building, id: uint32_t, operands: uint32_t, results: uint32_t, x: uint32_t, y: uint32_t
) -> cython.void:
    """An instruction of the bulk group: operands in adjacent slots from a on, results in their place."""
    base: uint32_t = b.next_home
    i: uint32_t
    settle(b, operands)
    for i in range(operands):
        base = pop(b).home
    # Two operands of which one is a v128 do not occur, so the slots are adjacent.
    for i in range(results):
        push(b, 0)
    emit(b, o.BULK, id, base, x, y)
    b.last = NO_INSTR
    b.bounded = 0


# --- calls


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_call(
    b: Building, op: uint32_t, type: cython.pointer[TypeDef], a: uint32_t, c: uint32_t
) -> cython.void:
    """A call whose callee operand has been popped: arguments go home, where the callee's frame begins."""
    base: uint32_t
    i: uint32_t
    room: uint32_t
    settle(b, type.n_params)
    for i in range(type.n_params):
        pop(b)
    base = b.next_home
    room = base + (type.param_slots if type.param_slots > type.result_slots else type.result_slots)
    if room > b.frame_slots:
        b.frame_slots = room
    emit(b, op, 0, a, base, c)
    for i in range(type.n_results):
        push(b, type.results[i] == T_V128)
    b.last = NO_INSTR
    b.bounded = 0
    b.leaf = 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_direct_call(b: Building, tail: cython.bint) -> cython.void:
    """call, return_call."""
    index: uint32_t = read_u32(b)
    imported: uint32_t = b.desc.n_imported_funcs
    type: cython.pointer[TypeDef] = b.desc.defs[b.desc.func_types[index]]
    op: uint32_t
    if index < imported:
        op = o.RETURN_CALL_IMPORT if tail else o.CALL_IMPORT
    else:
        op = o.RETURN_CALL if tail else o.CALL
        index -= imported
    lower_call(b, op, type, index, 0)
    if tail:
        b.reachable = 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_indirect_call(b: Building, tail: cython.bint) -> cython.void:
    """call_indirect, return_call_indirect."""
    id: uint32_t = b.desc.types[read_u32(b)]
    table: uint32_t = read_u32(b)
    index: uint32_t = pop_slot(b)
    lower_call(b, o.RETURN_CALL_INDIRECT if tail else o.CALL_INDIRECT, b.desc.defs[id], id, index)
    # The word belongs to the call; the results pushed above take no code.
    emit_words(b, 0, table, 0, 0)
    if tail:
        b.reachable = 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_call_ref(b: Building, tail: cython.bint) -> cython.void:
    """call_ref, return_call_ref."""
    id: uint32_t = b.desc.types[read_u32(b)]
    callee: uint32_t = pop_slot(b)
    lower_call(b, o.RETURN_CALL_REF if tail else o.CALL_REF, b.desc.defs[id], id, callee)
    if tail:
        b.reachable = 0


# --- control


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_block(b: Building, kind: uint32_t) -> cython.void:
    """block, loop, if, try_table, and the legacy try."""
    byte: uint8_t = b.at[0]
    type: cython.pointer[TypeDef] = cython.NULL
    condition: Condition
    wide: uint32_t = 0
    if byte == 0x40:
        b.at += 1
    elif (byte & 0xC0) == 0x40:
        # A value type is a negative s33 of one byte, or begins with one.
        wide = skip_value_type(b)
    else:
        type = b.desc.defs[b.desc.types[read_s64(b)]]
    n_params: uint32_t = 0
    n_results: uint32_t = 0
    params: cython.pointer[cython.const[uint32_t]] = cython.NULL
    results: cython.pointer[cython.const[uint32_t]] = cython.NULL
    if type != cython.NULL:
        n_params = type.n_params
        params = type.params
        n_results = type.n_results
        results = type.results
    elif byte != 0x40:
        n_results = 1
        results = cython.address(WIDE) if wide else cython.address(NARROW)
    if kind == L_IF:
        condition = take_condition(b)
    flush(b)
    settle(b, n_params)
    if kind == L_TRY_TABLE:
        lower_try_table(b, n_params, params, n_results, results)
        return
    if kind == L_TRY:
        lower_try(b, n_params, params, n_results, results)
        return
    if kind == L_LOOP:
        bind(b)
        b.bounded = 0
    open_label(b, kind, n_params, params, n_results, results)
    if b.failed:
        return
    if kind == L_IF:
        b.labels[b.n_labels - 1].else_fixup = cython.cast(
            int32_t, emit_branch_on(b, cython.address(condition), False)
        )
        start_block(b)
    elif kind == L_LOOP:
        if b.counted:
            emit(b, o.LOOP_COUNT, 0, b.counted - 1, 0, 0)
        else:
            emit(b, o.LOOP, 0, 0, 0, 0)
        b.last = NO_INSTR
        start_block(b)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_br_on_null(b: Building) -> cython.void:
    """br_on_null: branches without the reference, or goes on with it."""
    depth: uint32_t = read_u32(b)
    condition: Condition
    settle(b, 1)
    condition.op = o.I64_EQ_IMM
    condition.a = pop(b).home
    condition.b = 0
    branch_if(b, cython.address(condition), depth)
    push(b, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_br_on_non_null(b: Building) -> cython.void:
    """br_on_non_null: branches with the reference, or goes on without it."""
    depth: uint32_t = read_u32(b)
    condition: Condition
    settle(b, 1)
    condition.op = o.I64_NE_IMM
    condition.a = b.values[b.height - 1].home
    condition.b = 0
    branch_if(b, cython.address(condition), depth)
    pop(b)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_select(b: Building) -> cython.void:
    """select, with or without a type."""
    condition: uint32_t = pop_slot(b)
    y: Value = pop(b)
    x: Value = pop(b)
    left: uint32_t = slot_of(b, cython.address(x))
    right: uint32_t = slot_of(b, cython.address(y))
    emit(b, o.SELECT128 if x.wide else o.SELECT, 0, push(b, x.wide), left, right)
    emit_words(b, 0, condition, 0, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_global(b: Building, get: cython.bint) -> cython.void:
    """global.get, global.set."""
    index: uint32_t = read_u32(b)
    wide: uint32_t = b.desc.globals[index].type == T_V128
    if get:
        emit(b, o.GLOBAL_GET128 if wide else o.GLOBAL_GET, 0, push(b, wide), 0, index)
    else:
        emit(b, o.GLOBAL_SET128 if wide else o.GLOBAL_SET, 0, pop_slot(b), 0, index)
        b.last = NO_INSTR


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def read_le(b: Building, size: cython.size_t) -> uint64_t:
    """The bits of a float constant."""
    bits: uint64_t = 0
    memcpy(cython.address(bits), b.at, size)
    b.at += size
    return bits


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_special(b: Building, id: uint32_t) -> cython.void:
    """The instructions that no table describes."""
    x: uint32_t
    y: uint32_t
    condition: Condition
    if id == w.NOP:
        pass
    elif id == w.LOCAL_GET:
        push_local(b, read_u32(b))
    elif id == w.LOCAL_SET:
        set_local(b, read_u32(b), False)
    elif id == w.LOCAL_TEE:
        set_local(b, read_u32(b), True)
    elif id == w.I32_CONST:
        push_const(b, cython.cast(uint32_t, read_s64(b)), 0)
    elif id == w.I64_CONST:
        push_const(b, cython.cast(uint64_t, read_s64(b)), 1)
    elif id == w.F32_CONST:
        push_const(b, read_le(b, 4), 1)
    elif id == w.F64_CONST:
        push_const(b, read_le(b, 8), 1)
    elif id == w.REF_NULL:
        read_s64(b)
        push_const(b, 0, 1)
    elif id == w.BLOCK:
        lower_block(b, L_BLOCK)
    elif id == w.LOOP:
        lower_block(b, L_LOOP)
    elif id == w.IF_:
        lower_block(b, L_IF)
    elif id == w.TRY_TABLE:
        lower_block(b, L_TRY_TABLE)
    elif id == w.TRY:
        lower_block(b, L_TRY)
    elif id == w.THROW:
        lower_throw(b)
    elif id == w.THROW_REF:
        lower_throw_ref(b)
    elif id == w.RETHROW:
        lower_rethrow(b)
    elif id == w.BR:
        branch(b, read_u32(b))
    elif id == w.BR_IF:
        x = read_u32(b)
        condition = take_condition(b)
        branch_if(b, cython.address(condition), x)
    elif id == w.BR_TABLE:
        x = pop_slot(b)
        branch_table(b, x, read_u32(b))
    elif id == w.RETURN:
        emit_return(b)
        b.reachable = 0
    elif id == w.UNREACHABLE:
        emit(b, o.UNREACHABLE, 0, 0, 0, 0)
        b.last = NO_INSTR
        b.reachable = 0
    elif id == w.CALL or id == w.RETURN_CALL:
        lower_direct_call(b, id == w.RETURN_CALL)
    elif id == w.CALL_INDIRECT or id == w.RETURN_CALL_INDIRECT:
        lower_indirect_call(b, id == w.RETURN_CALL_INDIRECT)
    elif id == w.CALL_REF or id == w.RETURN_CALL_REF:
        lower_call_ref(b, id == w.RETURN_CALL_REF)
    elif id == w.DROP:
        pop(b)
    elif id == w.SELECT:
        lower_select(b)
    elif id == w.SELECT_T:
        read_u32(b)
        skip_value_type(b)
        lower_select(b)
    elif id == w.GLOBAL_GET or id == w.GLOBAL_SET:
        lower_global(b, id == w.GLOBAL_GET)
    elif id == w.I32_EQZ:
        lower_is_zero(b, o.I32_EQ_IMM)
    elif id == w.I64_EQZ or id == w.REF_IS_NULL:
        lower_is_zero(b, o.I64_EQ_IMM)
    elif id == w.REF_EQ:
        lower_binary(b, o.I64_EQ)
    elif id == w.REF_FUNC:
        x = read_u32(b)
        emit(b, o.REF_FUNC, 0, push(b, 0), 0, x)
    elif id == w.REF_AS_NON_NULL:
        x = pop_slot(b)
        emit(b, o.REF_AS_NON_NULL, 0, push(b, 0), x, 0)
    elif id == w.BR_ON_NULL:
        lower_br_on_null(b)
    elif id == w.BR_ON_NON_NULL:
        lower_br_on_non_null(b)
    elif id == w.MEMORY_SIZE:
        x = read_u32(b)
        emit(b, o.MEMORY_SIZE, 0, push(b, 0), 0, x)
    elif id == w.MEMORY_GROW:
        lower_bulk(b, id, 1, 1, read_u32(b), 0)
    elif id == w.MEMORY_FILL:
        lower_bulk(b, id, 3, 0, read_u32(b), 0)
    elif id == w.MEMORY_COPY or id == w.TABLE_COPY or id == w.MEMORY_INIT or id == w.TABLE_INIT:
        x = read_u32(b)
        y = read_u32(b)
        lower_bulk(b, id, 3, 0, x, y)
    elif id == w.DATA_DROP or id == w.ELEM_DROP:
        lower_bulk(b, id, 0, 0, read_u32(b), 0)
    elif id == w.TABLE_GET:
        lower_bulk(b, id, 1, 1, read_u32(b), 0)
    elif id == w.TABLE_SET:
        lower_bulk(b, id, 2, 0, read_u32(b), 0)
    elif id == w.TABLE_SIZE:
        lower_bulk(b, id, 0, 1, read_u32(b), 0)
    elif id == w.TABLE_GROW:
        lower_bulk(b, id, 2, 1, read_u32(b), 0)
    elif id == w.TABLE_FILL:
        lower_bulk(b, id, 3, 0, read_u32(b), 0)
    elif id == w.I64_ADD128 or id == w.I64_SUB128:
        lower_bulk(b, id, 4, 2, 0, 0)
    elif id == w.I64_MUL_WIDE_S or id == w.I64_MUL_WIDE_U:
        lower_bulk(b, id, 2, 2, 0, 0)
    elif not lower_object(b, id):
        not_yet(b)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_one(b: Building, id: uint32_t) -> cython.void:
    """One reachable instruction, its immediates not read yet."""
    shape: uint32_t = SHAPE[id]
    x: uint32_t
    if shape == s.LOWER_BINARY or shape == s.LOWER_COMPARE:
        lower_binary(b, OP[id])
    elif shape == s.LOWER_UNARY:
        x = pop_slot(b)
        emit(b, OP[id], 0, push(b, 0), x, 0)
    elif shape == s.LOWER_LOAD or shape == s.LOWER_STORE:
        lower_load_or_store(b, id)
    elif shape == s.LOWER_NOTHING:
        # What was an i32 constant may now be an i64: all of its bits count, and the upper half is zero.
        b.values[b.height - 1].is64 = 1
    elif shape == s.LOWER_SIMD:
        lower_simd(b, id)
    elif shape == s.LOWER_MEMOP:
        lower_access(b, id, o.MEMOP)
    elif shape == s.LOWER_ATOMIC:
        if id == w.ATOMIC_FENCE:
            b.at += 1
            emit(b, o.ATOMIC, id, 0, 0, 0)
            emit_words(b, 0, 0, 0, 0)
        else:
            b.bounded = 0
            lower_access(b, id, o.ATOMIC)
    else:
        lower_special(b, id)


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


# --- functions


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
