"""Building register IR: operand stack, labels and code of the function that is being lowered.

The operand stack of WebAssembly becomes slots. An entry's *home* is the slot at its height; but a `local.get`
and a constant emit nothing at first: the entry remembers where its value comes from, and the consumer reads
the local, or takes the constant as an immediate. Three rules keep that sound:

- Before a local is written, entries that still read it move to their homes. Those entries are chained from
  the local, so the cost is one step for each move, however deep the stack.
- At every label all entries below are at home or constant (`flush`), and a label's parameters and results are
  at home (`settle`): code that meets there agrees on where values are. `flushed` marks how far that is known,
  so nothing is looked at twice.
- An instruction may be changed or taken back (a comparison into a branch, a result straight into a local)
  only while nothing can branch behind it: `last` names it, `barrier` is the position of the newest label.

Forward branches are chained through their own field c until their label is bound. Everything is nogil; what
goes wrong is kept in `failed`.
"""

import cython
from cython.cimports.libc.stdint import int32_t, int64_t, uint8_t, uint32_t, uint64_t
from cython.cimports.libc.stdlib import free, realloc
from cython.cimports.wasmine.ir import ops as o
from cython.cimports.wasmine.ir.func import Instr
from cython.cimports.wasmine.ir.tries import end_try
from cython.cimports.wasmine.spec import traps as t
from cython.cimports.wasmine.spec.types import T_V128

from wasmine.ir import tables

Building = cython.typedef(cython.pointer[Builder])


def _fill_tables() -> None:
    i: cython.int
    for i in range(0x400):
        SHAPE[i] = tables.SHAPE[i]
        OP[i] = tables.OP[i]
        SIGNATURE[i] = tables.SIGNATURE[i]
    for i in range(o.N_OPS):
        IMM[i] = tables.IMM[i]
        SWAPPED[i] = tables.SWAPPED[i]
        INVERSE[i] = tables.INVERSE[i]
        BR_IF[i] = tables.BR_IF[i]
        BR_UNLESS[i] = tables.BR_UNLESS[i]
        WRITES_A[i] = tables.WRITES_A[i]


_fill_tables()


# --- memory


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def larger(capacity: uint32_t) -> uint32_t:
    """The next capacity of an array that is full; 0 when there is none."""
    if capacity == 0:
        return 64
    return 0 if capacity > 0x3FFFFFFF else capacity * 2


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def grow_code(b: Building) -> cython.bint:
    """Room for one more instruction; False, with `failed` set, when there is none."""
    capacity: uint32_t = larger(b.capacity)
    size: uint64_t = capacity
    code: cython.p_void = realloc(b.code, size * cython.sizeof(Instr)) if capacity else cython.NULL
    if code == cython.NULL:
        b.failed = t.TRAP_LOWERING_FAILED
        return False
    b.code = cython.cast(cython.pointer[Instr], code)
    offsets: cython.p_void = realloc(b.offsets, size * cython.sizeof(uint32_t))
    if offsets == cython.NULL:
        b.failed = t.TRAP_LOWERING_FAILED
        return False
    b.offsets = cython.cast(cython.pointer[uint32_t], offsets)
    b.capacity = capacity
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def grow_values(b: Building) -> cython.bint:
    """Room for one more entry of the operand stack."""
    capacity: uint32_t = larger(b.value_capacity)
    size: uint64_t = capacity
    values: cython.p_void = realloc(b.values, size * cython.sizeof(Value)) if capacity else cython.NULL
    if values == cython.NULL:
        b.failed = t.TRAP_LOWERING_FAILED
        return False
    b.values = cython.cast(cython.pointer[Value], values)
    b.value_capacity = capacity
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def grow_labels(b: Building) -> cython.bint:
    """Room for one more open label."""
    capacity: uint32_t = larger(b.label_capacity)
    size: uint64_t = capacity
    labels: cython.p_void = realloc(b.labels, size * cython.sizeof(Label)) if capacity else cython.NULL
    if labels == cython.NULL:
        b.failed = t.TRAP_LOWERING_FAILED
        return False
    b.labels = cython.cast(cython.pointer[Label], labels)
    b.label_capacity = capacity
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def release(b: Building) -> cython.void:
    """Frees what the builder holds, except code and offsets that the caller took by setting them to NULL."""
    free(b.code)
    free(b.offsets)
    free(b.values)
    free(b.labels)
    free(b.local_slots)
    free(b.local_wide)
    free(b.readers)
    free(b.handlers)


# --- reading immediates: the validator has checked every byte


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def read_u64(b: Building) -> uint64_t:
    """An unsigned LEB128."""
    value: uint64_t = 0
    shift: cython.int = 0
    byte: uint8_t
    while True:
        byte = b.at[0]
        b.at += 1
        value |= cython.cast(uint64_t, byte & 0x7F) << shift
        if byte < 0x80:
            return value
        shift += 7


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def read_u32(b: Building) -> uint32_t:
    """An unsigned LEB128 of at most 32 bits."""
    byte: uint8_t = b.at[0]
    if byte < 0x80:
        b.at += 1
        return byte
    return cython.cast(uint32_t, read_u64(b))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def read_s64(b: Building) -> int64_t:
    """A signed LEB128."""
    value: uint64_t = 0
    shift: cython.int = 0
    byte: uint8_t
    while True:
        byte = b.at[0]
        b.at += 1
        value |= cython.cast(uint64_t, byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    if shift < 64 and (byte & 0x40) != 0:
        value |= -(cython.cast(uint64_t, 1) << shift)
    return cython.cast(int64_t, value)


# --- code


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit(b: Building, op: uint32_t, x: uint32_t, a: uint32_t, bb: uint32_t, c: uint32_t) -> uint32_t:
    """Appends an instruction and returns its position."""
    n: uint32_t = b.n
    if n == b.capacity and not grow_code(b):
        return 0
    instr: cython.pointer[Instr] = b.code + n
    instr.op = op
    instr.x = x
    instr.a = a
    instr.b = bb
    instr.c = c
    b.offsets[n] = cython.cast(uint32_t, b.start - b.base)
    b.last = n
    b.n = n + 1
    return n


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_words(b: Building, w0: uint32_t, w1: uint32_t, w2: uint32_t, w3: uint32_t) -> uint32_t:
    """Appends a data word that belongs to the instruction before it."""
    n: uint32_t = emit(b, w0 & 0xFFFF, w0 >> 16, w1, w2, w3)
    b.last = NO_INSTR
    return n


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def start_block(b: Building) -> cython.void:
    """Begins a basic block for the fuel count."""
    if b.metered:
        b.fuel_at = cython.cast(int32_t, emit(b, o.FUEL, 0, 0, 0, 0))
        b.last = NO_INSTR


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def bind(b: Building) -> cython.void:
    """Makes the current position a label."""
    b.barrier = b.n
    b.last = NO_INSTR


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def bind_fixups(b: Building, first: int32_t) -> cython.void:
    """Points a chain of forward branches to the current position."""
    following: int32_t
    if first == NO_INSTR or b.failed:
        return
    while first != NO_INSTR:
        following = cython.cast(int32_t, b.code[first].c)
        b.code[first].c = b.n - cython.cast(uint32_t, first)
        first = following
    bind(b)


# --- operand stack


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def push(b: Building, wide: uint32_t) -> uint32_t:
    """A new entry whose value the next instruction writes to its home, which is returned."""
    if b.height == b.value_capacity and not grow_values(b):
        return 0
    value: cython.pointer[Value] = b.values + b.height
    value.where = IN_HOME
    value.wide = wide != 0
    value.home = b.next_home
    b.height += 1
    b.next_home += 2 if wide else 1
    if b.next_home > b.frame_slots:
        b.frame_slots = b.next_home
    return value.home


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def push_local(b: Building, index: uint32_t) -> cython.void:
    """A new entry that reads a local."""
    slot: uint32_t = b.local_slots[index]
    push(b, b.local_wide[index])
    if b.failed:
        return
    value: cython.pointer[Value] = b.values + b.height - 1
    value.where = IN_LOCAL
    value.local = slot
    value.next = b.readers[slot]
    b.readers[slot] = b.height - 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def push_const(b: Building, bits: uint64_t, is64: uint32_t) -> cython.void:
    """A new entry with a constant of 32 bits, zero-extended, or of 64."""
    push(b, 0)
    if b.failed:
        return
    value: cython.pointer[Value] = b.values + b.height - 1
    value.where = IN_CODE
    value.is64 = is64
    value.bits = bits


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def pop(b: Building) -> Value:
    """Takes the top entry."""
    b.height -= 1
    value: Value = b.values[b.height]
    b.next_home = value.home
    if value.where == IN_LOCAL:
        b.readers[value.local] = value.next
    if b.flushed > b.height:
        b.flushed = b.height
    return value


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_const(b: Building, slot: uint32_t, bits: uint64_t) -> cython.void:
    """Writes a constant to a slot."""
    emit(b, o.CONST, 0, slot, cython.cast(uint32_t, bits), cython.cast(uint32_t, bits >> 32))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def slot_of(b: Building, value: cython.pointer[Value]) -> uint32_t:
    """The slot that an entry, popped or not, can be read from."""
    if value.where == IN_LOCAL:
        return value.local
    if value.where == IN_CODE:
        emit_const(b, value.home, value.bits)
    return value.home


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def pop_slot(b: Building) -> uint32_t:
    """Takes the top entry; the slot to read it from."""
    value: Value = pop(b)
    return slot_of(b, cython.address(value))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def move_to(b: Building, value: cython.pointer[Value], slot: uint32_t) -> cython.void:
    """Emits the copy of an entry's value to a slot."""
    source: uint32_t = value.home
    if value.where == IN_CODE:
        emit_const(b, slot, value.bits)
        return
    if value.where == IN_LOCAL:
        source = value.local
    if source != slot:
        emit(b, o.COPY128 if value.wide else o.COPY, 0, slot, source, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def send_home(b: Building, value: cython.pointer[Value]) -> cython.void:
    """Brings the value of an entry to its home. The caller unchains an entry that read a local."""
    if value.where != IN_HOME:
        move_to(b, value, value.home)
        value.where = IN_HOME


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def free_local(b: Building, slot: uint32_t) -> cython.void:
    """Brings home every entry that still reads a local, which is about to be written."""
    at: int32_t = b.readers[slot]
    value: cython.pointer[Value]
    while at != NO_INSTR:
        value = b.values + at
        at = value.next
        send_home(b, value)
    b.readers[slot] = NO_INSTR


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def settle(b: Building, count: uint32_t) -> cython.void:
    """Brings the `count` top entries home."""
    index: uint32_t = b.height
    value: cython.pointer[Value]
    while index > b.height - count:
        index -= 1
        value = b.values + index
        if value.where == IN_LOCAL:
            # From the top down, so that each is the newest reader of its local.
            b.readers[value.local] = value.next
        send_home(b, value)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def flush(b: Building) -> cython.void:
    """Makes every entry independent of locals."""
    index: uint32_t = b.height
    value: cython.pointer[Value]
    while index > b.flushed:
        index -= 1
        value = b.values + index
        if value.where == IN_LOCAL:
            b.readers[value.local] = value.next
            send_home(b, value)
    b.flushed = b.height


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def set_local(b: Building, index: uint32_t, tee: cython.bint) -> cython.void:
    """local.set, local.tee."""
    slot: uint32_t = b.local_slots[index]
    value: Value = pop(b)
    last: int32_t = b.last
    if value.where == IN_LOCAL and value.local == slot:
        if tee:
            push_local(b, index)
        return
    if (
        value.where == IN_HOME
        and b.readers[slot] == NO_INSTR
        and last != NO_INSTR
        and b.barrier <= cython.cast(uint32_t, last)
        and WRITES_A[b.code[last].op]
        and b.code[last].a == value.home
    ):
        b.code[last].a = slot
    else:
        free_local(b, slot)
        move_to(b, cython.address(value), slot)
    # What stands in a local's slot may not be retargeted again.
    b.last = NO_INSTR
    if not tee:
        return
    if value.where == IN_CODE:
        push_const(b, value.bits, value.is64)
    else:
        push_local(b, index)


# --- labels and branches


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def push_results(
    b: Building, label: cython.pointer[Label], count: uint32_t, types: cython.pointer[cython.const[uint32_t]]
) -> cython.void:
    """The operand stack at a label: what was below it, and `count` entries at home."""
    i: uint32_t
    while b.height > label.height:
        pop(b)
    b.next_home = label.home
    for i in range(count):
        push(b, types[i] == T_V128)
    b.flushed = b.height


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def open_label(
    b: Building,
    kind: uint32_t,
    n_params: uint32_t,
    params: cython.pointer[cython.const[uint32_t]],
    n_results: uint32_t,
    results: cython.pointer[cython.const[uint32_t]],
) -> cython.void:
    """Opens a block whose parameters are on top of the stack. The caller has flushed and settled."""
    if b.n_labels == b.label_capacity and not grow_labels(b):
        return
    label: cython.pointer[Label] = b.labels + b.n_labels
    b.n_labels += 1
    label.kind = kind
    label.height = b.height - n_params
    label.home = b.values[label.height].home if n_params else b.next_home
    label.target = b.n
    label.fixups = NO_INSTR
    label.else_fixup = NO_INSTR
    label.pad_table = NO_INSTR
    label.serial = 0
    label.within = b.labels[b.n_labels - 2].within if b.n_labels > 1 else 0
    label.n_params = n_params
    label.n_results = n_results
    label.params = params
    label.results = results


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def take_condition(b: Building) -> Condition:
    """Takes the i32 on top as a condition; a comparison that was just emitted is taken back to become it."""
    value: Value = pop(b)
    condition: Condition
    instr: cython.pointer[Instr]
    if value.where == IN_HOME and b.last != NO_INSTR and b.barrier <= cython.cast(uint32_t, b.last):
        instr = b.code + b.last
        if BR_IF[instr.op] != 0 and instr.a == value.home:
            condition.op = instr.op
            condition.a = instr.b
            condition.b = instr.c
            b.n -= 1
            b.last = NO_INSTR
            return condition
    condition.op = o.I32_NE_IMM
    condition.a = slot_of(b, cython.address(value))
    condition.b = 0
    b.last = NO_INSTR
    return condition


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_branch_on(b: Building, condition: cython.pointer[Condition], sense: cython.bint) -> uint32_t:
    """Emits the branch that is taken when the condition has the truth value `sense`; its target is open."""
    op: uint32_t = BR_IF[condition.op] if sense else BR_UNLESS[condition.op]
    at: uint32_t = emit(b, op, 0, condition.a, condition.b, cython.cast(uint32_t, NO_INSTR))
    b.last = NO_INSTR
    return at


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def arity(label: cython.pointer[Label]) -> uint32_t:
    """How many values a branch to the label takes along."""
    return label.n_params if label.kind == L_LOOP else label.n_results


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def in_place(b: Building, label: cython.pointer[Label]) -> cython.bint:
    """Whether the values that a branch takes along stand where the label expects them."""
    count: uint32_t = arity(label)
    slot: uint32_t = label.home
    value: cython.pointer[Value] = b.values + (b.height - count)
    i: uint32_t
    for i in range(count):
        if value.where != IN_HOME or value.home != slot:
            return False
        slot += 2 if value.wide else 1
        value += 1
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def carry(b: Building, label: cython.pointer[Label]) -> cython.void:
    """Copies the values that a branch takes along to where the label expects them.

    They move down or stay, in order, so no copy overwrites a value that a later one reads.
    """
    count: uint32_t = arity(label)
    slot: uint32_t = label.home
    value: cython.pointer[Value] = b.values + (b.height - count)
    i: uint32_t
    for i in range(count):
        move_to(b, value, slot)
        slot += 2 if value.wide else 1
        value += 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def link(b: Building, label: cython.pointer[Label], at: uint32_t) -> cython.void:
    """Points the branch at position `at` to a label, or chains it until the label is bound."""
    if b.failed:
        return
    if label.kind == L_LOOP:
        b.code[at].c = cython.cast(uint32_t, label.target) - at
    else:
        b.code[at].c = cython.cast(uint32_t, label.fixups)
        label.fixups = cython.cast(int32_t, at)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_jump(b: Building, label: cython.pointer[Label]) -> cython.void:
    """An unconditional branch; all of them are chained through field b for `shorten_jumps`."""
    at: uint32_t = emit(b, o.BR, 0, 0, cython.cast(uint32_t, b.jumps), 0)
    b.jumps = cython.cast(int32_t, at)
    link(b, label, at)
    b.last = NO_INSTR


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def shorten_jumps(b: Building) -> cython.void:
    """A jump to a return becomes that return; one to another jump goes to where that one goes."""
    at: int32_t = b.jumps
    target: cython.pointer[Instr]
    jump: cython.pointer[Instr]
    while at != NO_INSTR:
        jump = b.code + at
        at = cython.cast(int32_t, jump.b)
        jump.b = 0
        target = jump + cython.cast(int32_t, jump.c)
        if target.op in (o.RET, o.RET1, o.RET_N):
            jump[0] = target[0]
        elif target.op == o.BR:
            jump.c += target.c


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def jump_to(b: Building, label: cython.pointer[Label]) -> cython.void:
    """An unconditional branch with its values; the outermost label returns."""
    if label.kind == L_FUNC:
        emit_return(b)
        return
    carry(b, label)
    emit_jump(b, label)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def branch(b: Building, depth: uint32_t) -> cython.void:
    """br."""
    jump_to(b, b.labels + (b.n_labels - 1 - depth))
    b.reachable = 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def branch_if(b: Building, condition: cython.pointer[Condition], depth: uint32_t) -> cython.void:
    """br_if and its relatives, whose condition has been taken."""
    label: cython.pointer[Label] = b.labels + (b.n_labels - 1 - depth)
    around: uint32_t
    if label.kind != L_FUNC and in_place(b, label):
        link(b, label, emit_branch_on(b, condition, True))
    else:
        around = emit_branch_on(b, condition, False)
        jump_to(b, label)
        bind_fixups(b, cython.cast(int32_t, around))
    start_block(b)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def branch_table(b: Building, index_slot: uint32_t, count: uint32_t) -> cython.void:
    """br_table with `count` labels and a default, which are read from the bytes.

    The words after the instruction are jumps. One whose values need copies, or that returns, goes to a pad
    behind the table; a pad serves all entries with the same label.
    """
    table: int32_t
    i: uint32_t
    label: cython.pointer[Label]
    emit(b, o.BR_TABLE, 0, index_slot, count, 0)
    table = cython.cast(int32_t, b.n)
    for i in range(count + 1):
        emit(b, o.BR, 0, 0, 0, 0)
    for i in range(count + 1):
        label = b.labels + (b.n_labels - 1 - read_u32(b))
        if b.failed:
            return
        if label.kind != L_FUNC and arity(label) == 0:
            link(b, label, table + i)
            continue
        if label.pad_table != table:
            label.pad_table = table
            label.pad = b.n
            bind(b)
            jump_to(b, label)
        if not b.failed:
            b.code[table + i].c = label.pad - (table + i)
    b.last = NO_INSTR
    b.reachable = 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_return_many(b: Building, value: cython.pointer[Value], count: uint32_t) -> cython.void:
    """Returns values that take several slots: from where they are when all are at home, else copies above.

    The entries stay as they were: what follows a conditional return still finds them.
    """
    home: cython.bint = True
    slots: uint32_t = 0
    i: uint32_t
    for i in range(count):
        home = home and value[i].where == IN_HOME
        slots += 2 if value[i].wide else 1
    first: uint32_t = value.home if home else b.next_home
    at: uint32_t = first
    for i in range(count):
        move_to(b, cython.address(value[i]), at)
        at += 2 if value[i].wide else 1
    if at > b.frame_slots:
        b.frame_slots = at
    emit(b, o.RET_N, 0, first, slots, b.header)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_return(b: Building) -> cython.void:
    """Returns with the function's results, which are on top of the stack."""
    count: uint32_t = b.n_results
    value: cython.pointer[Value] = b.values + (b.height - count)
    if count == 0:
        emit(b, o.RET, 0, 0, 0, b.header)
    elif count == 1 and not value.wide:
        emit(b, o.RET1, 0, slot_of(b, value), 0, b.header)
    else:
        emit_return_many(b, value, count)
    b.last = NO_INSTR


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def end_else(b: Building) -> cython.void:
    """`else`: ends the first arm, begins the second."""
    label: cython.pointer[Label] = b.labels + b.n_labels - 1
    if b.reachable:
        settle(b, label.n_results)
        emit_jump(b, label)
    label.kind = L_ELSE
    bind_fixups(b, label.else_fixup)
    label.else_fixup = NO_INSTR
    push_results(b, label, label.n_params, label.params)
    b.reachable = 1
    start_block(b)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def end_label(b: Building) -> cython.bint:
    """`end`: closes the innermost label. True when it was the function's own."""
    label: cython.pointer[Label] = b.labels + b.n_labels - 1
    if label.kind == L_FUNC:
        if b.reachable:
            emit_return(b)
        b.n_labels = 0
        return True
    if label.kind == L_TRY_TABLE or label.kind == L_TRY or label.kind == L_CATCH:
        end_try(b, label)
    elif b.reachable:
        settle(b, label.n_results)
    joins: cython.bint = label.fixups != NO_INSTR or label.else_fixup != NO_INSTR
    if joins:
        b.reachable = 1
    bind_fixups(b, label.fixups)
    # Without an else the parameters are the results, and they are at home.
    bind_fixups(b, label.else_fixup)
    push_results(b, label, label.n_results, label.results)
    b.n_labels -= 1
    if joins:
        start_block(b)
    return False
