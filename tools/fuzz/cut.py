"""Modules cut into sections, functions and instructions, and the types on the operand stack between these.

Value types are kept as their bytes. Enough of validation is done here to know what to put in the place of a
piece of code; whether the outcome is valid is for a validator to say.
"""

from __future__ import annotations

import dataclasses

from fuzz.assemble import CODES, OPCODES, u
from wasmine.spec.opcodes import BY_ID, BY_NAME, PREFIX_BASE

Stack = tuple[bytes, ...]

FIXED = {"f32": 4, "f64": 8, "v128": 16, "lanes16": 16, "lane": 1, "cast": 1, "fence": 1}
OPENERS = {"block", "loop", "if", "try_table"}
TYPE = {name: bytes([code]) for name, code in CODES.items()}
I32, I64 = TYPE["i32"], TYPE["i64"]
PACKED = (TYPE["i8"], TYPE["i16"])


class Cursor:
    """A place in bytes."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def leb(self) -> int:
        """An unsigned LEB128; of a signed one, the caller wants only its end."""
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def value_type(self) -> bytes:
        start = self.at
        if self.byte() in (0x63, 0x64):
            self.leb()
        return self.data[start : self.at]

    def limits(self) -> int:
        """Passes over limits; their flags."""
        flags = self.byte()
        self.leb()
        if flags & 1:
            self.leb()
        if flags & 8:
            self.leb()
        return flags

    def immediate(self, kind: str) -> object:
        """Passes over one immediate; what it is, where that matters here."""
        if kind in FIXED:
            self.at += FIXED[kind]
        elif kind == "block":
            if self.data[self.at] & 0xC0 == 0x40:
                return self.value_type()
            return self.leb()
        elif kind == "memarg":
            memory = self.leb() if self.leb() & 0x40 else 0
            self.leb()
            return memory
        elif kind == "labels":
            return [self.leb() for _ in range(self.leb() + 1)]
        elif kind == "types":
            return [self.value_type() for _ in range(self.leb())]
        elif kind == "catches":
            for _ in range(self.leb()):
                if self.byte() < 2:
                    self.leb()
                self.leb()
        elif kind == "heap":
            start = self.at
            self.leb()
            return self.data[start : self.at]
        else:
            return self.leb()
        return None


@dataclasses.dataclass(frozen=True)
class Instr:
    name: str
    raw: bytes
    immediates: tuple[object, ...] = ()


@dataclasses.dataclass
class Func:
    type: int
    locals: bytes
    local_types: list[bytes]
    body: list[Instr]


class Cut:
    """A module whose functions can be changed and put back."""

    def __init__(self, binary: bytes) -> None:
        self.sections: list[tuple[int, bytes]] = []
        self.types: list[tuple[Stack, Stack] | None] = []
        self.fields: list[Stack] = []
        """For each type: those of a structure, or the elements of an array."""
        self.func_types: list[int] = []
        self.tables: list[tuple[bytes, bytes]] = []
        """Element type and address type."""
        self.memories: list[bytes] = []
        self.globals: list[bytes] = []
        self.tags: list[int] = []
        self.funcs: list[Func] = []
        cursor = Cursor(binary, 8)
        while cursor.at < len(binary):
            number = cursor.byte()
            size = cursor.leb()
            content = binary[cursor.at : cursor.at + size]
            cursor.at += size
            if number != 0:
                self.sections.append((number, content))
                self.read_section(number, Cursor(content))

    def join(self) -> bytes:
        """The module's bytes, without its custom sections."""
        out = b"\0asm\1\0\0\0"
        for number, content in self.sections:
            if number == 10:
                bodies = [func.locals + b"".join(one.raw for one in func.body) for func in self.funcs]
                content = u(len(bodies)) + b"".join(u(len(body)) + body for body in bodies)
            out += bytes([number]) + u(len(content)) + content
        return out

    # --- sections

    def read_section(self, number: int, at: Cursor) -> None:
        if number == 1:
            for _ in range(at.leb()):
                self.read_type(at)
        elif number == 2:
            for _ in range(at.leb()):
                for _ in range(2):
                    length = at.leb()
                    at.at += length
                self.read_description(at.byte(), at)
        elif number == 3:
            self.func_types += [at.leb() for _ in range(at.leb())]
        elif number in (4, 5, 13):
            for _ in range(at.leb()):
                self.read_description({4: 1, 5: 2, 13: 4}[number], at)
        elif number == 6:
            for _ in range(at.leb()):
                self.read_description(3, at)
                while read_instruction(at).name != "end":
                    pass
        elif number == 10:
            imported = len(self.func_types) - at.leb()
            for index in range(imported, len(self.func_types)):
                self.funcs.append(self.read_func(self.func_types[index], at))

    def read_type(self, at: Cursor) -> None:
        """A definition, or a group of them."""
        form = at.byte()
        if form == 0x4E:
            for _ in range(at.leb()):
                self.read_type(at)
        elif form in (0x4F, 0x50):
            for _ in range(at.leb()):
                at.leb()
            self.read_type(at)
        elif form == 0x60:
            params = tuple(at.value_type() for _ in range(at.leb()))
            results = tuple(at.value_type() for _ in range(at.leb()))
            self.types.append((params, results))
            self.fields.append(())
        else:
            self.types.append(None)
            self.fields.append(tuple(self.read_field(at) for _ in range(at.leb() if form == 0x5F else 1)))

    def read_field(self, at: Cursor) -> bytes:
        type_ = at.value_type()
        at.byte()
        return I32 if type_ in PACKED else type_

    def read_description(self, kind: int, at: Cursor) -> None:
        if kind == 0:
            self.func_types.append(at.leb())
        elif kind == 1:
            element = at.value_type()
            self.tables.append((element, I64 if at.limits() & 4 else I32))
        elif kind == 2:
            self.memories.append(I64 if at.limits() & 4 else I32)
        elif kind == 3:
            self.globals.append(at.value_type())
            at.byte()
        else:
            at.byte()
            self.tags.append(at.leb())

    def read_func(self, type_: int, at: Cursor) -> Func:
        size = at.leb()
        start = at.at
        end = start + size
        known = self.types[type_] if type_ < len(self.types) else None
        types = list(known[0]) if known else []
        for _ in range(at.leb()):
            count = at.leb()
            types += [at.value_type()] * count
        head = at.data[start : at.at]
        body = []
        while at.at < end:
            body.append(read_instruction(at))
        return Func(type_, head, types, body)


def read_instruction(at: Cursor) -> Instr:
    start = at.at
    code = at.byte()
    if code in PREFIX_BASE and code != 0:
        code = PREFIX_BASE[code] + at.leb()
    row = BY_ID[code]
    immediates = tuple(at.immediate(kind) for kind in row.immediates)
    return Instr(row.name, at.data[start : at.at], immediates)


# --- the operand stack


@dataclasses.dataclass
class Frame:
    opener: int
    params: Stack
    results: Stack
    stack: list[bytes] | None
    """None where nothing is reachable."""


class Unknown(Exception):
    """An instruction whose types are not followed here."""


@dataclasses.dataclass
class Point:
    """What holds before an instruction: the innermost block, and the operands of its own."""

    opener: int
    stack: Stack | None


def points(cut: Cut, func: Func) -> list[Point]:
    """For each instruction, as far as types can be followed."""
    known = cut.types[func.type]
    assert known is not None
    frames = [Frame(-1, (), known[1], [])]
    found: list[Point] = []
    for at, one in enumerate(func.body):
        frame = frames[-1]
        found.append(Point(frame.opener, None if frame.stack is None else tuple(frame.stack)))
        try:
            follow(cut, func, frames, at, one)
        except (Unknown, IndexError, AssertionError):
            break
        if not frames:
            break
    return found


def follow(cut: Cut, func: Func, frames: list[Frame], at: int, one: Instr) -> None:
    frame = frames[-1]
    if one.name in OPENERS:
        params, results = block_type(cut, one.immediates[0])
        if frame.stack is not None:
            if one.name == "if":
                frame.stack.pop()
            del frame.stack[len(frame.stack) - len(params) :]
        frames.append(Frame(at, params, results, None if frame.stack is None else list(params)))
    elif one.name == "else":
        frame.stack = None if frames[-2].stack is None else list(frame.params)
        frame.opener = at
    elif one.name == "end":
        frames.pop()
        # An end may be reached by a branch, too; where it is not, the types are right all the same.
        if frames and frames[-1].stack is not None:
            frames[-1].stack += frame.results
    elif frame.stack is None:
        return
    elif one.name in ("br", "br_table", "return", "unreachable", "throw", "throw_ref", "rethrow") or (
        one.name.startswith("return_call")
    ):
        frame.stack = None
    else:
        pops, pushes = effect(cut, func, frame.stack, one)
        if pops:
            del frame.stack[-pops:]
        frame.stack += pushes


def block_type(cut: Cut, immediate: object) -> tuple[Stack, Stack]:
    if isinstance(immediate, bytes):
        return (), () if immediate == b"\x40" else (immediate,)
    assert isinstance(immediate, int)
    known = cut.types[immediate]
    assert known is not None
    return known


def effect(cut: Cut, func: Func, stack: list[bytes], one: Instr) -> tuple[int, Stack]:
    """How many operands an instruction takes, and the types of its results."""
    row = BY_NAME[one.name]
    first: int = one.immediates[0] if one.immediates and isinstance(one.immediates[0], int) else 0
    if row.signature is not None:
        left, _, right = row.signature.partition("->")
        return len(left.split()), tuple(TYPE[t] for t in right.split())
    if one.name in ("local.get", "global.get"):
        return 0, ((func.local_types if one.name == "local.get" else cut.globals)[first],)
    if one.name in ("local.set", "global.set", "drop", "br_if"):
        return 1, ()
    if one.name == "local.tee":
        return 1, (func.local_types[first],)
    if one.name in ("select", "select_t"):
        return 3, (stack[-2],)
    if one.name.startswith("call"):
        return effect_of_call(cut, one.name, first)
    if one.name.startswith(("memory.", "table.", "data.", "elem.")):
        return effect_of_bulk(cut, one.name, first)
    if one.name == "ref.null":
        heap = one.immediates[0]
        assert isinstance(heap, bytes)
        return 0, (heap if heap[0] & 0xC0 == 0x40 else b"\x63" + heap,)
    if one.name == "ref.func":
        return 0, (b"\x64" + u(cut.func_types[first]),)
    if one.name == "ref.is_null":
        return 1, (I32,)
    if one.name == "br_on_non_null":
        return 1, ()
    if one.name in ("br_on_null", "ref.as_non_null"):
        old = stack[-1]
        return 1, (b"\x64" + (old[1:] if old[0] in (0x63, 0x64) else old),)
    return effect_on_objects(cut, stack, one)


# Operands of the instructions on arrays, and whether there is a result.
ARRAYS = {
    "array.new": (2, True),
    "array.new_default": (1, True),
    "array.new_data": (2, True),
    "array.new_elem": (2, True),
    "array.set": (3, False),
    "array.fill": (4, False),
    "array.copy": (5, False),
    "array.init_data": (4, False),
    "array.init_elem": (4, False),
}


def effect_on_objects(cut: Cut, stack: list[bytes], one: Instr) -> tuple[int, Stack]:
    """The same for structures, arrays, i31 and casts."""
    name = one.name
    first: int = one.immediates[0] if one.immediates and isinstance(one.immediates[0], int) else 0
    if name in ("ref.test", "ref.test_null", "array.len", "i31.get_s", "i31.get_u"):
        return 1, (I32,)
    if name == "ref.eq":
        return 2, (I32,)
    if name in ("ref.cast", "ref.cast_null"):
        heap = one.immediates[0]
        assert isinstance(heap, bytes)
        return 1, ((b"\x63" if name == "ref.cast_null" else b"\x64") + heap,)
    if name == "ref.i31":
        return 1, (b"\x64" + TYPE["i31ref"],)
    if name == "any.convert_extern":
        return 1, (TYPE["anyref"],)
    if name == "extern.convert_any":
        return 1, (TYPE["externref"],)
    made = (b"\x64" + u(first),)
    if name.startswith("struct.get"):
        assert isinstance(one.immediates[1], int)
        return 1, (cut.fields[first][one.immediates[1]],)
    if name.startswith("array.get"):
        return 2, cut.fields[first]
    if name == "struct.set":
        return 2, ()
    if name == "struct.new":
        return len(cut.fields[first]), made
    if name == "struct.new_default":
        return 0, made
    if name == "array.new_fixed":
        assert isinstance(one.immediates[1], int)
        return one.immediates[1], made
    if name in ARRAYS:
        operands, has_result = ARRAYS[name]
        return operands, made if has_result else ()
    raise Unknown(name)


def effect_of_call(cut: Cut, name: str, immediate: int) -> tuple[int, Stack]:
    known = cut.types[cut.func_types[immediate] if name == "call" else immediate]
    assert known is not None
    return len(known[0]) + (name != "call"), known[1]


def effect_of_bulk(cut: Cut, name: str, immediate: int) -> tuple[int, Stack]:
    if name in ("memory.size", "memory.grow"):
        return int(name == "memory.grow"), (cut.memories[immediate],)
    if name in ("table.size", "table.grow"):
        return 2 * (name == "table.grow"), (cut.tables[immediate][1],)
    if name == "table.get":
        return 1, (cut.tables[immediate][0],)
    if name == "table.set":
        return 2, ()
    return (0 if name.endswith(".drop") else 3), ()


def constant_of(type_: bytes) -> Instr | None:
    """Something simple that pushes a value of the type."""
    for name, size in (("i32", 1), ("i64", 1), ("f32", 4), ("f64", 8), ("v128", 16)):
        if type_ == TYPE[name]:
            return Instr(f"{name}.const", OPCODES[f"{name}.const"] + bytes(size))
    heap = type_[1:] if type_[0] in (0x63, 0x64) else type_
    null = OPCODES["ref.null"] + heap
    if type_[0] == 0x64:
        return Instr("ref.as_non_null", null + OPCODES["ref.as_non_null"])
    return Instr("ref.null", null)
