"""Operand stack, control stack and immediates of the type checker; checker.pxd describes the state.

The functions that checker.pxd declares are C functions that need no GIL, whatever they look like here.
"""

import cython
from cython.cimports.libc.stdint import int64_t, uint32_t, uint64_t
from cython.cimports.libc.stdlib import free, realloc
from cython.cimports.libc.string import memcmp, memcpy, memset
from cython.cimports.wasmine.binary.module import ModuleDesc, Span
from cython.cimports.wasmine.spec import opcodes as ops
from cython.cimports.wasmine.spec.types import (
    H_BOTTOM,
    KIND_FUNC,
    T_ABSTRACT,
    T_BOTTOM,
    T_NONE,
    T_NULLABLE,
    T_REF,
    TypeDef,
    is_subtype,
)
from cython.cimports.wasmine.validate import faults
from cython.cimports.wasmine.validate.checker import (
    MAX_OPERANDS,
    UNSET,
    CheckerRef,
    Fault,
    Frame,
    TypeList,
    grown,
    is_spent,
    pop,
    read_u32,
)

# Pushes of one instruction beyond its own bytes: a branch that restores its label's operands and adds one.
SLACK = cython.declare(cython.const[uint32_t], 8)


def init_checker(c: CheckerRef, module: cython.pointer[ModuleDesc]) -> cython.void:
    """An empty checker for `module`. Allocates nothing yet."""
    memset(c, 0, cython.sizeof(c[0]))
    c.module = module


def free_checker(c: CheckerRef) -> cython.void:
    """Return the stacks' memory; the recorded fault stays readable."""
    free(c.values)
    free(c.frames)
    free(c.locals)
    free(c.runs)
    free(c.assigned)


# Faults


def fail(c: CheckerRef, code: uint32_t) -> cython.bint:
    """Record a fault of the current instruction."""
    return fail_index(c, code, 0, 0)


def fail_index(c: CheckerRef, code: uint32_t, index: uint64_t, bound: uint64_t) -> cython.bint:
    """Record a fault about a number, and the number that bounds it."""
    fault: cython.pointer[Fault] = cython.address(c.fault)
    fault.code = code
    fault.function = c.function
    fault.offset = cython.cast(uint32_t, c.start - c.module.base)
    fault.op = c.op
    fault.index = index
    fault.bound = bound
    return False


def fail_type(c: CheckerRef, code: uint32_t, want: uint32_t, have: uint32_t) -> cython.bint:
    """Record a fault about a value type, and the one that is asked for."""
    c.fault.want = want
    c.fault.have = have
    return fail_index(c, code, 0, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def fail_here(c: CheckerRef, code: uint32_t, index: uint64_t) -> cython.bint:
    """Record a fault of the bytes just before `at`, rather than of the whole instruction."""
    fail_index(c, code, index, 0)
    c.fault.offset = cython.cast(uint32_t, c.at - c.module.base)
    return False


# Immediates


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def read_unsigned(c: CheckerRef, bits: uint32_t, value: cython.pointer[uint64_t]) -> cython.bint:
    """Read a LEB128 of at most `bits` bits (core specification, section 5.2.2)."""
    byte: uint32_t
    shift: uint32_t = 0
    value[0] = 0
    while True:
        if c.at >= c.end:
            return fail_here(c, faults.FAULT_UNEXPECTED_END, 0)
        byte = c.at[0]
        if shift + 7 >= bits:
            if (byte & 0x7F) >> (bits - shift):
                return fail_here(c, faults.FAULT_INTEGER_TOO_LARGE, 0)
            if byte & 0x80:
                return fail_here(c, faults.FAULT_INTEGER_TOO_LONG, 0)
        c.at += 1
        value[0] |= cython.cast(uint64_t, byte & 0x7F) << shift
        if byte < 0x80:
            return True
        shift += 7


def read_u32_slow(c: CheckerRef, value: cython.pointer[uint32_t]) -> cython.bint:
    """Read an unsigned 32-bit LEB128 of any length."""
    wide: uint64_t = 0
    if not read_unsigned(c, 32, cython.address(wide)):
        return False
    value[0] = cython.cast(uint32_t, wide)
    return True


def read_u64(c: CheckerRef, value: cython.pointer[uint64_t]) -> cython.bint:
    """Read an unsigned 64-bit LEB128."""
    return read_unsigned(c, 64, value)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def read_signed(c: CheckerRef, bits: uint32_t, value: cython.pointer[int64_t]) -> cython.bint:
    """Read a signed LEB128 of at most `bits` bits (core specification, section 5.2.2)."""
    byte: uint32_t
    unused: uint32_t
    shift: uint32_t = 0
    result: uint64_t = 0
    while True:
        if c.at >= c.end:
            return fail_here(c, faults.FAULT_UNEXPECTED_END, 0)
        byte = c.at[0]
        if shift + 7 >= bits:
            # The sign bit and the bits above it, which must repeat it.
            unused = 0x7F & (0x7F << (bits - shift - 1))
            if byte & unused != 0 and byte & unused != unused:
                return fail_here(c, faults.FAULT_INTEGER_TOO_LARGE, 0)
            if byte & 0x80:
                return fail_here(c, faults.FAULT_INTEGER_TOO_LONG, 0)
        c.at += 1
        result |= cython.cast(uint64_t, byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    if byte & 0x40 and shift < 64:
        result |= ~cython.cast(uint64_t, 0) << shift
    value[0] = cython.cast(int64_t, result)
    return True


def skip_signed(c: CheckerRef, bits: uint32_t) -> cython.bint:
    """Pass over a signed LEB128 constant."""
    value: int64_t = 0
    if c.at < c.end and c.at[0] < 0x80:
        c.at += 1
        return True
    return read_signed(c, bits, cython.address(value))


def skip_bytes(c: CheckerRef, count: uint32_t) -> cython.bint:
    """Pass over `count` bytes."""
    if cython.cast(uint64_t, c.end - c.at) < count:
        return fail_here(c, faults.FAULT_UNEXPECTED_END, 0)
    c.at += count
    return True


def read_byte(c: CheckerRef, value: cython.pointer[uint32_t]) -> cython.bint:
    """Read one byte."""
    if c.at >= c.end:
        return fail_here(c, faults.FAULT_UNEXPECTED_END, 0)
    value[0] = c.at[0]
    c.at += 1
    return True


def read_index(
    c: CheckerRef, value: cython.pointer[uint32_t], count: uint32_t, fault: uint32_t
) -> cython.bint:
    """Read an index into a space of `count` things; `fault` if it is none."""
    return read_u32(c, value) and check_index(c, value[0], count, fault)


def read_data_index(c: CheckerRef, index: cython.pointer[uint32_t]) -> cython.bint:
    """Read the index of a data segment; a section before the code must have counted them (section 5.5.17)."""
    if not read_u32(c, index):
        return False
    if not c.module.has_data_count:
        return fail(c, faults.FAULT_DATA_COUNT_REQUIRED)
    return True


def check_index(c: CheckerRef, index: uint32_t, count: uint32_t, fault: uint32_t) -> cython.bint:
    """Check an index into a space of `count` things; `fault` if it is none."""
    if index >= count:
        return fail_index(c, fault, index, count)
    return True


def read_heap_type(c: CheckerRef, heap: cython.pointer[uint32_t]) -> cython.bint:
    """Read a heap type: the byte of an abstract one, or a type index (core specification, section 5.3.4)."""
    index: int64_t = 0
    byte: uint32_t = c.at[0] if c.at < c.end else 0
    if byte & 0xC0 == 0x40:
        if not is_abstract(byte):
            return fail_here(c, faults.FAULT_HEAP_TYPE, byte)
        c.at += 1
        heap[0] = T_ABSTRACT | byte
        return True
    if not read_signed(c, 33, cython.address(index)):
        return False
    if index < 0:
        return fail_here(c, faults.FAULT_HEAP_TYPE, (c.at - 1)[0])
    if index >= c.module.n_types:
        return fail_index(c, faults.FAULT_UNKNOWN_TYPE, index, c.module.n_types)
    heap[0] = c.module.types[index]
    return True


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_abstract(byte: uint32_t) -> cython.bint:
    """Whether the byte stands for an abstract heap type: `noexn` is the highest, `exn` the lowest."""
    return 0x69 <= byte <= 0x74


def read_value_type(c: CheckerRef, type: cython.pointer[uint32_t]) -> cython.bint:
    """Read a value type (core specification, section 5.3.5)."""
    byte: uint32_t = 0
    if not read_byte(c, cython.address(byte)):
        return False
    if 0x7B <= byte <= 0x7F:
        type[0] = byte
        return True
    if is_abstract(byte):
        type[0] = T_REF | T_NULLABLE | T_ABSTRACT | byte
        return True
    if byte == 0x63 or byte == 0x64:
        if not read_heap_type(c, type):
            return False
        type[0] |= T_REF | T_NULLABLE if byte == 0x63 else T_REF
        return True
    c.at -= 1
    return fail_here(c, faults.FAULT_VALUE_TYPE, byte)


def read_block_type(c: CheckerRef, frame: cython.pointer[Frame]) -> cython.bint:
    """Read a block type into the frame: empty, a value type, or a type index (section 5.4.1)."""
    index: int64_t = 0
    frame.type = cython.NULL
    frame.result = T_NONE
    if c.at < c.end and c.at[0] & 0xC0 == 0x40:
        if c.at[0] != 0x40:
            return read_value_type(c, cython.address(frame.result))
        c.at += 1
        return True
    if not read_signed(c, 33, cython.address(index)):
        return False
    if index < 0:
        return fail_here(c, faults.FAULT_VALUE_TYPE, (c.at - 1)[0])
    return find_function_type(c, index, cython.address(frame.type))


def read_type_index(
    c: CheckerRef,
    index: cython.pointer[uint32_t],
    type: cython.pointer[cython.pointer[cython.const[TypeDef]]],
) -> cython.bint:
    """Read the index of a defined type of any kind."""
    if not read_index(c, index, c.module.n_types, faults.FAULT_UNKNOWN_TYPE):
        return False
    type[0] = c.module.defs[c.module.types[index[0]]]
    return True


def read_function_type(
    c: CheckerRef, type: cython.pointer[cython.pointer[cython.const[TypeDef]]]
) -> cython.bint:
    """Read the index of a function type."""
    index: uint32_t = 0
    return read_u32(c, cython.address(index)) and find_function_type(c, index, type)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_function_type(
    c: CheckerRef, index: uint64_t, type: cython.pointer[cython.pointer[cython.const[TypeDef]]]
) -> cython.bint:
    """The function type at a type index."""
    if index >= c.module.n_types:
        return fail_index(c, faults.FAULT_UNKNOWN_TYPE, index, c.module.n_types)
    type[0] = c.module.defs[c.module.types[index]]
    if type[0].kind != KIND_FUNC:
        return fail_index(c, faults.FAULT_NOT_FUNCTION_TYPE, index, 0)
    return True


# Operands


def reserve_values(c: CheckerRef, count: uint64_t) -> cython.bint:
    """Make room for `count` pushes now, besides one for each byte that is left."""
    values: cython.pointer[uint32_t]
    needed: uint64_t = c.n_values + count
    if needed > MAX_OPERANDS:
        return fail_index(c, faults.FAULT_LIMIT_OPERANDS, 0, MAX_OPERANDS)
    needed += cython.cast(uint64_t, c.end - c.at) + SLACK
    if needed <= c.values_size:
        return True
    needed = grown(needed, c.values_size)
    values = cython.cast(cython.pointer[uint32_t], realloc(c.values, needed * cython.sizeof(uint32_t)))
    if values == cython.NULL:
        return fail(c, faults.FAULT_NO_MEMORY)
    c.values = values
    c.values_size = cython.cast(uint32_t, needed)
    return True


def pop_slow(c: CheckerRef, want: uint32_t) -> cython.bint:
    """Pop an operand that is not exactly of type `want`."""
    have: uint32_t
    if c.n_values == c.floor:
        if c.frames[c.n_frames - 1].unreachable:
            return True
        return fail_type(c, faults.FAULT_TYPE_MISMATCH, want, T_NONE)
    have = c.values[c.n_values - 1]
    if not matches(c, have, want):
        return fail_type(c, faults.FAULT_TYPE_MISMATCH, want, have)
    c.n_values -= 1
    return True


def matches(c: CheckerRef, have: uint32_t, want: uint32_t) -> cython.bint:
    """Whether an operand of type `have` may stand where `want` is asked for."""
    if have in (want, T_BOTTOM):
        return True
    return have & want & T_REF != 0 and is_subtype(c.module.defs, have, want)


def pop_any(c: CheckerRef, found: cython.pointer[uint32_t]) -> cython.bint:
    """Pop an operand of any type; T_BOTTOM in unreachable code."""
    if c.n_values > c.floor:
        c.n_values -= 1
        found[0] = c.values[c.n_values]
        return True
    found[0] = T_BOTTOM
    if c.frames[c.n_frames - 1].unreachable:
        return True
    return fail_type(c, faults.FAULT_TYPE_MISMATCH, T_BOTTOM, T_NONE)


def pop_ref(c: CheckerRef, found: cython.pointer[uint32_t]) -> cython.bint:
    """Pop a reference of any type; to the bottom heap type in unreachable code."""
    if not pop_any(c, found):
        return False
    if found[0] == T_BOTTOM:
        found[0] = T_REF | H_BOTTOM
    if found[0] & T_REF == 0:
        return fail_type(c, faults.FAULT_TYPE_MISMATCH, T_REF, found[0])
    return True


def pop_list(c: CheckerRef, types: cython.pointer[cython.const[uint32_t]], count: uint32_t) -> cython.bint:
    """Pop operands of the listed types, the last one from the top."""
    if count == 0:
        return True
    if count == 1:
        return pop(c, types[0])
    if (
        c.n_values - c.floor >= count
        and memcmp(c.values + c.n_values - count, types, count * cython.sizeof(uint32_t)) == 0
    ):
        c.n_values -= count
        return True
    while count and not is_spent(c):
        count -= 1
        if not pop(c, types[count]):
            return False
    return True


def push_list(c: CheckerRef, types: cython.pointer[cython.const[uint32_t]], count: uint32_t) -> cython.bint:
    """Push operands of the listed types."""
    if count == 0:
        return True
    if not reserve_values(c, count):
        return False
    if count == 1:
        c.values[c.n_values] = types[0]
    else:
        memcpy(c.values + c.n_values, types, count * cython.sizeof(uint32_t))
    c.n_values += count
    return True


def match_top(c: CheckerRef, types: cython.pointer[cython.const[uint32_t]], count: uint32_t) -> cython.bint:
    """Check that the topmost operands match the listed types, and leave them where they are."""
    have: uint32_t
    top: uint32_t = c.n_values
    while count:
        count -= 1
        if top == c.floor:
            if c.frames[c.n_frames - 1].unreachable:
                return True
            return fail_type(c, faults.FAULT_TYPE_MISMATCH, types[count], T_NONE)
        top -= 1
        have = c.values[top]
        if not matches(c, have, types[count]):
            return fail_type(c, faults.FAULT_TYPE_MISMATCH, types[count], have)
    return True


def match_lists(
    c: CheckerRef,
    have: cython.pointer[cython.const[uint32_t]],
    want: cython.pointer[cython.const[uint32_t]],
    count: uint32_t,
) -> cython.bint:
    """Check that each of `count` types matches its partner."""
    i: uint32_t = 0
    if count == 0 or memcmp(have, want, count * cython.sizeof(uint32_t)) == 0:
        return True
    while i < count:
        if not matches(c, have[i], want[i]):
            return fail_type(c, faults.FAULT_TYPE_MISMATCH, want[i], have[i])
        i += 1
    return True


# Control


def frame_params(frame: cython.pointer[cython.const[Frame]]) -> TypeList:
    """Types of the operands that the block consumes."""
    found = cython.declare(TypeList)
    found.types = cython.NULL
    found.count = 0
    if frame.type != cython.NULL:
        found.types = frame.type.params
        found.count = frame.type.n_params
    return found


def frame_results(frame: cython.pointer[cython.const[Frame]]) -> TypeList:
    """Types of the operands that the block leaves; valid until the next `push_frame`."""
    found = cython.declare(TypeList)
    if frame.type != cython.NULL:
        found.types = frame.type.results
        found.count = frame.type.n_results
    else:
        found.types = cython.address(frame.result)
        found.count = frame.result != T_NONE
    return found


def push_frame(c: CheckerRef, frame: cython.pointer[Frame]) -> cython.bint:
    """Enter a block whose operands, if it takes any, were popped."""
    size: uint64_t
    frames: cython.pointer[Frame]
    if c.n_frames == c.frames_size:
        size = grown(c.n_frames + 1, c.frames_size)
        frames = cython.cast(cython.pointer[Frame], realloc(c.frames, size * cython.sizeof(Frame)))
        if frames == cython.NULL:
            return fail(c, faults.FAULT_NO_MEMORY)
        c.frames = frames
        c.frames_size = cython.cast(uint32_t, size)
    frame.unreachable = False
    frame.visited = 0
    frame.height = c.n_values
    frame.n_assigned = c.n_assigned
    c.frames[c.n_frames] = frame[0]
    c.n_frames += 1
    c.floor = c.n_values
    return True


def leave_frame(c: CheckerRef) -> cython.bint:
    """Leave the innermost block: just its results are on the stack, and what it assigned is unset again."""
    frame: cython.pointer[Frame] = cython.address(c.frames[c.n_frames - 1])
    results: TypeList = frame_results(frame)
    if not pop_list(c, results.types, results.count):
        return False
    if c.n_values != c.floor:
        return fail_type(c, faults.FAULT_VALUES_REMAIN, T_NONE, c.values[c.n_values - 1])
    while c.n_assigned > frame.n_assigned:
        c.n_assigned -= 1
        c.locals[c.assigned[c.n_assigned]].type |= UNSET
    c.n_frames -= 1
    c.floor = c.frames[c.n_frames - 1].height if c.n_frames else 0
    return True


def set_unreachable(c: CheckerRef) -> cython.void:
    """The rest of the innermost block is not reached: its operands go, and any may be taken from now on."""
    c.n_values = c.floor
    c.frames[c.n_frames - 1].unreachable = True


def find_label(
    c: CheckerRef, frame: cython.pointer[cython.pointer[Frame]], types: cython.pointer[TypeList]
) -> cython.bint:
    """Read a label index; its block, and the types of the operands that a branch to it takes along."""
    index: uint32_t = 0
    if not read_index(c, cython.address(index), c.n_frames, faults.FAULT_UNKNOWN_LABEL):
        return False
    frame[0] = cython.address(c.frames[c.n_frames - 1 - index])
    types[0] = frame_params(frame[0]) if frame[0].op == ops.LOOP else frame_results(frame[0])
    return True


def read_label(c: CheckerRef, types: cython.pointer[TypeList]) -> cython.bint:
    """Read a label index; the types of the operands that a branch to it takes along."""
    frame: cython.pointer[Frame] = cython.NULL
    return find_label(c, cython.address(frame), types)


# Start


def begin(c: CheckerRef, where: Span, type: cython.pointer[cython.const[TypeDef]]) -> cython.bint:
    """Start on the bytes `where` with empty stacks; the first locals are the parameters of `type`, if any."""
    c.at = c.module.base + where.start
    c.end = c.module.base + where.end
    c.start = c.at
    c.op = ops.END
    c.n_values = 0
    c.n_frames = 0
    c.floor = 0
    c.serial += 1
    c.n_assigned = 0
    c.n_runs = 0
    c.params = cython.NULL if type == cython.NULL else type.params
    c.n_params = 0 if type == cython.NULL else type.n_params
    c.n_locals = c.n_params
    return reserve_values(c, 0)
