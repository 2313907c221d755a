"""Putting modules together: index spaces and bytes (core specification, section 5).

Types are written as strings: `i32`, `v128`, `funcref`, `exnref` and so on, and `ref:7` for a nullable
reference to what type 7 defines. Fields and elements may be `i8` and `i16` as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from wasmine.spec.opcodes import BY_NAME

NUMBERS = ("i32", "i64", "f32", "f64")
CODES = {
    "i32": 0x7F,
    "i64": 0x7E,
    "f32": 0x7D,
    "f64": 0x7C,
    "v128": 0x7B,
    "funcref": 0x70,
    "externref": 0x6F,
    "exnref": 0x69,
    "anyref": 0x6E,
    "eqref": 0x6D,
    "i31ref": 0x6C,
    "structref": 0x6B,
    "arrayref": 0x6A,
    "i8": 0x78,
    "i16": 0x77,
}
# The abstract types of objects and i31, with what each is a subtype of.
OBJECTS = {"anyref": None, "eqref": "anyref", "i31ref": "eqref", "structref": "eqref", "arrayref": "eqref"}
Types = tuple[str, ...]


def u(value: int) -> bytes:
    """Unsigned LEB128."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def s(value: int) -> bytes:
    """Signed LEB128."""
    out = bytearray()
    while not -64 <= value < 64:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value & 0x7F)
    return bytes(out)


def vector(items: list[bytes]) -> bytes:
    return u(len(items)) + b"".join(items)


def name(text: str) -> bytes:
    raw = text.encode()
    return u(len(raw)) + raw


def _opcode(mnemonic: str) -> bytes:
    op = BY_NAME[mnemonic]
    return bytes([op.prefix]) + u(op.code) if op.prefix else bytes([op.code])


OPCODES = {mnemonic: _opcode(mnemonic) for mnemonic in BY_NAME}


def op(mnemonic: str, *immediates: int) -> bytes:
    """An instruction whose immediates are unsigned numbers."""
    return OPCODES[mnemonic] + b"".join(map(u, immediates))


def valtype(type_: str) -> bytes:
    return b"\x63" + s(int(type_[4:])) if type_.startswith("ref:") else bytes([CODES[type_]])


def heap_type(type_: str) -> bytes:
    return s(int(type_[4:])) if type_.startswith("ref:") else bytes([CODES[type_]])


def is_ref(type_: str) -> bool:
    return type_.startswith("ref:") or type_ in ("funcref", "externref", "exnref") or type_ in OBJECTS


@dataclass(frozen=True)
class FuncType:
    params: Types
    results: Types


@dataclass(frozen=True)
class Field:
    type: str
    mutable: bool

    @property
    def value(self) -> str:
        """The type of what is read and written."""
        return "i32" if self.type in ("i8", "i16") else self.type

    def encode(self) -> bytes:
        return valtype(self.type) + bytes([self.mutable])


@dataclass(frozen=True)
class StructType:
    fields: tuple[Field, ...]
    parent: int | None = None


@dataclass(frozen=True)
class ArrayType:
    element: Field
    parent: int | None = None


@dataclass(frozen=True)
class MemType:
    """Limits in pages of `1 << page_log2` bytes."""

    least: int
    most: int
    is64: bool = False
    page_log2: int = 16
    shared: bool = False

    @property
    def address(self) -> str:
        return "i64" if self.is64 else "i32"

    def encode(self) -> bytes:
        flags = 1 | 2 * self.shared | 4 * self.is64 | 8 * (self.page_log2 != 16)
        return u(flags) + u(self.least) + u(self.most) + (u(self.page_log2) if flags & 8 else b"")


@dataclass(frozen=True)
class TableType:
    element: str
    least: int
    most: int
    is64: bool = False

    @property
    def address(self) -> str:
        return "i64" if self.is64 else "i32"

    def encode(self) -> bytes:
        return valtype(self.element) + u(1 | 4 * self.is64) + u(self.least) + u(self.most)


@dataclass(frozen=True)
class GlobalType:
    type: str
    mutable: bool

    def encode(self) -> bytes:
        return valtype(self.type) + bytes([self.mutable])


@dataclass(frozen=True)
class Import:
    module: str
    name: str
    kind: int
    type: int | TableType | MemType | GlobalType
    """A type index for functions (kind 0) and tags (kind 4)."""

    def encode(self) -> bytes:
        head = name(self.module) + name(self.name) + bytes([self.kind])
        if isinstance(self.type, int):
            return head + (b"\0" if self.kind == 4 else b"") + u(self.type)
        return head + self.type.encode()


@dataclass(frozen=True)
class Elem:
    """`table` and `offset` (an expression without its end) of an active segment; `items` are expressions."""

    type: str
    items: list[bytes]
    table: int | None = None
    offset: bytes = b""
    declarative: bool = False

    def encode(self) -> bytes:
        items = vector([item + b"\x0b" for item in self.items])
        if self.declarative:
            return b"\x07" + valtype(self.type) + items
        if self.table is None:
            return b"\x05" + valtype(self.type) + items
        return b"\x06" + u(self.table) + self.offset + b"\x0b" + valtype(self.type) + items


@dataclass(frozen=True)
class Data:
    content: bytes
    memory: int | None = None
    offset: bytes = b""

    def encode(self) -> bytes:
        raw = u(len(self.content)) + self.content
        return (
            b"\x01" + raw if self.memory is None else b"\x02" + u(self.memory) + self.offset + b"\x0b" + raw
        )


@dataclass
class Module:
    """A module in the making. In each index space the imports come first."""

    objects: list[StructType | ArrayType] = field(default_factory=list)
    """The first types, all in one recursion group."""
    func_types: list[FuncType] = field(default_factory=list)
    """The types behind those."""
    imports: list[Import] = field(default_factory=list)
    funcs: list[int] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    tables: list[TableType] = field(default_factory=list)
    memories: list[MemType] = field(default_factory=list)
    globals: list[GlobalType] = field(default_factory=list)
    inits: list[bytes] = field(default_factory=list)
    """Of the globals that are defined here."""
    tags: list[int] = field(default_factory=list)
    elems: list[Elem] = field(default_factory=list)
    datas: list[Data] = field(default_factory=list)
    exports: list[tuple[str, int, int]] = field(default_factory=list)
    start: int | None = None
    planned: dict[int, list[int | None]] = field(default_factory=dict)
    """Of tables of functions: the index of the function that each slot begins with."""

    def type_index(self, params: Types, results: Types) -> int:
        wanted = FuncType(params, results)
        if wanted not in self.func_types:
            self.func_types.append(wanted)
        return len(self.objects) + self.func_types.index(wanted)

    def signature(self, type_: int) -> FuncType:
        """The function type of an index."""
        return self.func_types[type_ - len(self.objects)]

    def func_type(self, index: int) -> FuncType:
        return self.signature(self.funcs[index])

    def parent_of(self, type_: str) -> str | None:
        """What a type of objects is a direct subtype of."""
        if not type_.startswith("ref:"):
            return OBJECTS.get(type_)
        index = int(type_[4:])
        if index >= len(self.objects):
            return None
        one = self.objects[index]
        if one.parent is not None:
            return f"ref:{one.parent}"
        return "structref" if isinstance(one, StructType) else "arrayref"

    def imported(self, kind: int) -> int:
        return sum(1 for one in self.imports if one.kind == kind)

    def block_type(self, params: Types, results: Types) -> bytes:
        if not params and not results:
            return b"\x40"
        if not params and len(results) == 1:
            return valtype(results[0])
        return s(self.type_index(params, results))

    def encode(self) -> bytes:
        sections = [
            (1, self._encode_types()),
            (2, [one.encode() for one in self.imports]),
            (3, [u(type_) for type_ in self.funcs[self.imported(0) :]]),
            (4, [table.encode() for table in self.tables[self.imported(1) :]]),
            (5, [memory.encode() for memory in self.memories[self.imported(2) :]]),
            (13, [b"\0" + u(tag) for tag in self.tags[self.imported(4) :]]),
            (6, self._encode_globals()),
            (7, [name(text) + bytes([kind]) + u(index) for text, kind, index in self.exports]),
            (8, None if self.start is None else [u(self.start)]),
            (9, [elem.encode() for elem in self.elems]),
            (12, [u(len(self.datas))] if self.datas else None),
            (10, [u(len(body)) + body for body in self.bodies]),
            (11, [data.encode() for data in self.datas]),
        ]
        out = b"\0asm\1\0\0\0"
        for number, items in sections:
            if items:
                content = items[0] if number in (8, 12) else vector(items)
                out += bytes([number]) + u(len(content)) + content
        return out

    def _encode_globals(self) -> list[bytes]:
        defined = self.globals[self.imported(3) :]
        return [type_.encode() + init + b"\x0b" for type_, init in zip(defined, self.inits, strict=True)]

    def _encode_types(self) -> list[bytes]:
        types = [
            b"\x60" + vector([valtype(t) for t in one.params]) + vector([valtype(t) for t in one.results])
            for one in self.func_types
        ]
        if self.objects:
            types.insert(0, b"\x4e" + vector([self._encode_object(one) for one in self.objects]))
        return types

    @staticmethod
    def _encode_object(one: StructType | ArrayType) -> bytes:
        parents = b"\x50" + vector([] if one.parent is None else [u(one.parent)])
        if isinstance(one, StructType):
            return parents + b"\x5f" + vector([field.encode() for field in one.fields])
        return parents + b"\x5e" + one.element.encode()


def encode_locals(types: list[str]) -> bytes:
    groups: list[tuple[int, str]] = []
    for type_ in types:
        if groups and groups[-1][1] == type_:
            groups[-1] = (groups[-1][0] + 1, type_)
        else:
            groups.append((1, type_))
    return vector([u(count) + valtype(type_) for count, type_ in groups])
