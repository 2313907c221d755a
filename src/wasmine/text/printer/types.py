"""The types of a module as text (Core 6.4)."""

from collections.abc import Callable
from typing import Final, NamedTuple

from wasmine.binary.cursor import Cursor
from wasmine.spec.errors import MalformedError
from wasmine.text.keywords import HEAP_TYPES, NUMBER_TYPES, PACKED_TYPES, REFERENCE_TYPES
from wasmine.text.printer.identifiers import Space

_HEAP: Final = {encoded[0]: keyword for keyword, encoded in HEAP_TYPES.items()}
_VALUE: Final = {encoded[0]: keyword for keyword, encoded in (NUMBER_TYPES | REFERENCE_TYPES).items()}
_PACKED: Final = {encoded[0]: keyword for keyword, encoded in PACKED_TYPES.items()}
_REFERENCE: Final = {encoded[0]: keyword for keyword, encoded in REFERENCE_TYPES.items()}
_REF_NULL, _REF = 0x63, 0x64
_REC, _SUB_FINAL, _SUB = 0x4E, 0x4F, 0x50
_FUNC, _STRUCT, _ARRAY = 0x60, 0x5F, 0x5E

# Limits, which only differ by keyword, are at the end of a type: flags of Core 5.3.12.
_HAS_MAXIMUM, _SHARED, _ADDRESS_64, _HAS_PAGE_SIZE = 1, 2, 4, 8

_LONG: Final = 32
"""A type of more parameters and results than this is not written out where it is used: uses are cheap in the
binary, so that could blow up a text."""


class FunctionType(NamedTuple):
    """Parameters and results, as text."""

    params: tuple[str, ...]
    results: tuple[str, ...]

    @property
    def is_long(self) -> bool:
        """Whether it is not written out where it is used."""
        return len(self.params) + len(self.results) > _LONG


class Types:
    """The type section, read group by group; readers of types, for which it has the identifiers."""

    def __init__(self) -> None:
        self.space = Space()
        self.groups: list[list[TypeDefinition]] = []
        self.is_group: list[bool] = []
        """For each group, whether it is an explicit `rec`."""
        self.functions: dict[int, FunctionType] = {}
        self.field_counts: dict[int, int] = {}
        self.fields: dict[int, Space] = {}
        """The identifiers of a structure's fields."""
        self._uses: dict[int, str] = {}

    # Value types

    def value_type(self, cursor: Cursor) -> str:
        """Read a value type."""
        at = cursor.position
        byte = cursor.byte()
        text = _VALUE.get(byte)
        if text is not None:
            return text
        if byte == _REF_NULL and cursor.peek() in _REFERENCE:
            return _REFERENCE[cursor.byte()]
        if byte not in (_REF, _REF_NULL):
            raise MalformedError("malformed value type", at, expected="a value type", found=f"{byte:#04x}")
        return self.reference(byte == _REF_NULL, cursor)

    def reference_type(self, cursor: Cursor) -> str:
        """Read a reference type."""
        at = cursor.position
        byte = cursor.peek()
        if byte not in _REFERENCE and byte not in (_REF, _REF_NULL):
            found = f"{byte:#04x}"
            raise MalformedError("malformed reference type", at, expected="a reference type", found=found)
        return self.value_type(cursor)

    def reference(self, nullable: bool, cursor: Cursor) -> str:
        """Read the heap type of a reference type."""
        return f"(ref null {self.heap_type(cursor)})" if nullable else f"(ref {self.heap_type(cursor)})"

    def heap_type(self, cursor: Cursor) -> str:
        """Read a heap type."""
        text = _HEAP.get(cursor.peek())
        if text is not None:
            cursor.byte()
            return text
        at = cursor.position
        index = cursor.signed(33)
        if index < 0:
            raise MalformedError("malformed heap type", at, expected="a heap type")
        return self.space.use(index)

    def value_types(self, cursor: Cursor) -> tuple[str, ...]:
        """Read a vector of value types."""
        return tuple(self.value_type(cursor) for _ in range(cursor.count()))

    def _storage_type(self, cursor: Cursor) -> str:
        text = _PACKED.get(cursor.peek())
        if text is None:
            return self.value_type(cursor)
        cursor.byte()
        return text

    def mutable(self, cursor: Cursor, read: Callable[[Cursor], str]) -> str:
        """Read a type and its mutability."""
        text = read(cursor)
        at = cursor.position
        mutability = cursor.byte()
        if mutability > 1:
            raise MalformedError("malformed mutability", at, expected="0 or 1", found=f"{mutability:#04x}")
        return f"(mut {text})" if mutability else text

    # External types

    def global_type(self, cursor: Cursor) -> str:
        """Read the type of a global."""
        return self.mutable(cursor, self.value_type)

    def memory_type(self, cursor: Cursor) -> str:
        """Read the type of a memory."""
        return self._limits(cursor, _HAS_MAXIMUM | _SHARED | _ADDRESS_64 | _HAS_PAGE_SIZE)

    def table_type(self, cursor: Cursor) -> str:
        """Read the type of a table."""
        reference_type = self.reference_type(cursor)
        return f"{self._limits(cursor, _HAS_MAXIMUM | _ADDRESS_64)} {reference_type}"

    def _limits(self, cursor: Cursor, known: int) -> str:
        at = cursor.position
        flags = cursor.byte()
        if flags & ~known:
            raise MalformedError("malformed limits flags", at, found=f"{flags:#04x}")
        text = "i64 " if flags & _ADDRESS_64 else ""
        text += str(cursor.unsigned(64))
        if flags & _HAS_MAXIMUM:
            text += f" {cursor.unsigned(64)}"
        if flags & _SHARED:
            text += " shared"
        if flags & _HAS_PAGE_SIZE:
            at = cursor.position
            logarithm = cursor.u32()
            if logarithm >= 64:
                raise MalformedError("invalid custom page size", at, found=f"2^{logarithm}")
            text += f" (pagesize {1 << logarithm})"
        return text

    # Definitions

    def read_section(self, cursor: Cursor) -> None:
        """Read the type section, whose types have no text before all identifiers are known."""
        index = 0
        for _ in range(cursor.count()):
            is_group = cursor.peek() == _REC
            count = 1
            if is_group:
                cursor.byte()
                count = cursor.count()
            group = []
            for _ in range(count):
                group.append(TypeDefinition(index, cursor, self))
                index += 1
            self.groups.append(group)
            self.is_group.append(is_group)

    @property
    def count(self) -> int:
        """The number of types."""
        return sum(map(len, self.groups))

    # Type uses

    def use(self, index: int) -> str:
        """Return a type use: the index, and the parameters and results of a function type."""
        text = self._uses.get(index)
        if text is None:
            text = f"(type {self.space.use(index)})"
            function = self.functions.get(index)
            if function is not None and not function.is_long:
                text += params_text(function.params, None) + results_text(function.results)
            self._uses[index] = text
        return text

    def function_use(self, index: int, params: Space | None) -> str:
        """Return the type use of a function, whose parameters may have identifiers."""
        if params is None or not params.identifiers:
            return self.use(index)
        function = self.functions[index]
        text = params_text(function.params, params) + results_text(function.results)
        return f"(type {self.space.use(index)})" + text


def params_text(params: tuple[str, ...], space: Space | None) -> str:
    """Return `(param ...)` groups, with a space before; those with an identifier stand alone."""
    return grouped("param", params, 0, space)


def results_text(results: tuple[str, ...]) -> str:
    """Return `(result ...)`, with a space before, or an empty text for none."""
    return f" (result {' '.join(results)})" if results else ""


def grouped(keyword: str, types: tuple[str, ...] | list[str], first: int, space: Space | None) -> str:
    """Return items of an index space from `first` on, by their types: in groups, but for those with names."""
    if not types:
        return ""
    if space is None or not space.identifiers:
        return f" ({keyword} {' '.join(types)})"
    text = ""
    group: list[str] = []
    for index, item in enumerate(types, first):
        definition = space.definition(index)
        if not definition:
            group.append(item)
            continue
        if group:
            text += f" ({keyword} {' '.join(group)})"
            group = []
        text += f" ({keyword}{definition} {item})"
    return text + f" ({keyword} {' '.join(group)})" if group else text


class TypeDefinition:
    """One type of the type section."""

    def __init__(self, index: int, cursor: Cursor, types: Types) -> None:
        """Step over the type, and note what other parts need to know of it."""
        self.index = index
        self._start = Cursor(cursor.data, cursor.position, cursor.end)
        self._types = types
        self._read(cursor)

    def text(self) -> str:
        """Return the `(type ...)` field."""
        cursor = Cursor(self._start.data, self._start.position, self._start.end)
        definition = self._types.space.definition(self.index)
        return f"(type{definition} (;{self.index};) {self._read(cursor)})"

    def _read(self, cursor: Cursor) -> str:
        byte = cursor.peek()
        if byte not in (_SUB, _SUB_FINAL):
            return self._composite(cursor)
        cursor.byte()
        text = "(sub final" if byte == _SUB_FINAL else "(sub"
        supertypes = [self._types.space.use(cursor.u32()) for _ in range(cursor.count())]
        if byte == _SUB_FINAL and not supertypes:
            return self._composite(cursor)
        return f"{' '.join((text, *supertypes))} {self._composite(cursor)})"

    def _composite(self, cursor: Cursor) -> str:
        types = self._types
        at = cursor.position
        byte = cursor.byte()
        if byte == _FUNC:
            params, results = types.value_types(cursor), types.value_types(cursor)
            types.functions[self.index] = FunctionType(params, results)
            return f"(func{params_text(params, None)}{results_text(results)})"
        if byte == _STRUCT:
            fields = [types.mutable(cursor, types._storage_type) for _ in range(cursor.count())]
            types.field_counts[self.index] = len(fields)
            space = types.fields.get(self.index, Space())
            return "(struct" + "".join(
                f" (field{space.definition(field)} {text})" for field, text in enumerate(fields)
            ) + ")"  # fmt: skip
        if byte == _ARRAY:
            return f"(array {types.mutable(cursor, types._storage_type)})"
        raise MalformedError(
            "malformed definition type",
            at,
            expected="a function, structure or array type",
            found=f"{byte:#04x}",
        )
