"""Types to their binary form: value types, type definitions, type uses (Core 6.4 and 6.6).

Readers take the index of a token and return what they read and the index after it.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from wasmine.text import emit
from wasmine.text.keywords import HEAP_TYPES, NUMBER_TYPES, PACKED_TYPES, REFERENCE_TYPES
from wasmine.text.lexer import TokenStream, is_identifier
from wasmine.text.names import NameSection, Space

_FUNC, _STRUCT, _ARRAY = b"\x60", b"\x5f", b"\x5e"
_SUB, _SUB_FINAL, _REC = b"\x50", b"\x4f", b"\x4e"
_REF_NULL, _REF = b"\x63", b"\x64"
_IMMUTABLE, _MUTABLE = b"\x00", b"\x01"

_TYPE_USE_PARTS: Final = frozenset(("type", "param", "result"))
_VALUE_TYPES: Final = {**NUMBER_TYPES, **REFERENCE_TYPES}
_STORAGE_TYPES: Final = {**_VALUE_TYPES, **PACKED_TYPES}


class FunctionType(NamedTuple):
    """Parameters and results, each encoded."""

    params: tuple[bytes, ...]
    results: tuple[bytes, ...]

    def encode(self) -> bytes:
        """Return the composite type."""
        return _FUNC + emit.vector(self.params) + emit.vector(self.results)


class Types:
    """The type section while it grows: explicit definitions first, then those that type uses imply."""

    def __init__(self, stream: TokenStream, space: Space, names: NameSection) -> None:
        self.stream = stream
        self.tokens = stream.tokens
        self.space = space
        self.names = names
        self.groups: list[bytes] = []
        """The recursive types, encoded."""
        self._functions: dict[int, FunctionType] = {}
        self._fields: dict[int, Space] = {}
        self._reusable: dict[FunctionType, int] = {}
        self._defined = 0

    def expect(self, at: int, token: str) -> int:
        """Check the token at an index and return the next index."""
        if self.tokens[at] != token:
            raise self.stream.unexpected(at)
        return at + 1

    # Value types

    def heap_type(self, at: int) -> tuple[bytes, int]:
        """Read a heap type."""
        encoded = HEAP_TYPES.get(self.tokens[at])
        if encoded is None:
            encoded = emit.signed(self.space.index(at))
        return encoded, at + 1

    def value_type(self, at: int) -> tuple[bytes, int]:
        """Read a value type."""
        encoded = _VALUE_TYPES.get(self.tokens[at])
        if encoded is not None:
            return encoded, at + 1
        return self.reference_type(at)

    def reference_type(self, at: int) -> tuple[bytes, int]:
        """Read a reference type."""
        encoded = REFERENCE_TYPES.get(self.tokens[at])
        if encoded is not None:
            return encoded, at + 1
        nullable, heap, at = self.reference(at)
        if nullable and len(heap) == 1 and heap in _ABSTRACT:
            return heap, at
        return (_REF_NULL if nullable else _REF) + heap, at

    def reference(self, at: int) -> tuple[bool, bytes, int]:
        """Read a reference type into its two parts."""
        encoded = REFERENCE_TYPES.get(self.tokens[at])
        if encoded is not None:
            return True, encoded, at + 1
        at = self.expect(self.expect(at, "("), "ref")
        nullable = self.tokens[at] == "null"
        heap, at = self.heap_type(at + nullable)
        return nullable, heap, self.expect(at, ")")

    def _storage_type(self, at: int) -> tuple[bytes, int]:
        encoded = PACKED_TYPES.get(self.tokens[at])
        return (encoded, at + 1) if encoded is not None else self.value_type(at)

    def mutable(self, at: int, read: Callable[[int], tuple[bytes, int]]) -> tuple[bytes, int]:
        """Read a type and its mutability: a field's or a global's."""
        if self.tokens[at] == "(" and self.tokens[at + 1] == "mut":
            encoded, at = read(at + 2)
            return encoded + _MUTABLE, self.expect(at, ")")
        encoded, at = read(at)
        return encoded + _IMMUTABLE, at

    # Definitions

    def define_group(self, at: int) -> int:
        """Read a `(type ...)` or `(rec ...)` field; return the index after it."""
        if self.tokens[at + 1] == "type":
            encoded, alone, at = self._definition(at)
            if alone is not None:
                self._reusable.setdefault(alone, self._defined - 1)
            self.groups.append(encoded)
            return at
        at += 2
        members = []
        while self.tokens[at] == "(":
            encoded, _, at = self._definition(at)
            members.append(encoded)
        self.groups.append(_REC + emit.vector(members))
        return self.expect(at, ")")

    def _definition(self, at: int) -> tuple[bytes, FunctionType | None, int]:
        """Read `(type id? ...)`. The second result is set for a final function type without a supertype."""
        at = self.expect(self.expect(at, "("), "type")
        if is_identifier(self.tokens[at]):
            at += 1
        index = self._defined
        self._defined += 1
        prefix = b""
        tokens = self.tokens
        subtype = tokens[at] == "(" and tokens[at + 1] == "sub"
        if subtype:
            at += 2
            final = tokens[at] == "final"
            at += final
            supertypes = []
            while tokens[at] != "(":
                supertypes.append(self.space.encode(at))
                at += 1
            if supertypes or not final:
                prefix = (_SUB_FINAL if final else _SUB) + emit.vector(supertypes)
        encoded, function, at = self._composite_type(at, index)
        if subtype:
            at = self.expect(at, ")")
        return prefix + encoded, None if prefix else function, self.expect(at, ")")

    def _composite_type(self, at: int, index: int) -> tuple[bytes, FunctionType | None, int]:
        at = self.expect(at, "(")
        kind = self.tokens[at]
        at += 1
        if kind == "func":
            function, _, at = self.function_type(at, named=True)
            self._functions[index] = function
            return function.encode(), function, self.expect(at, ")")
        if kind == "struct":
            encoded, at = self._struct_fields(at, index)
            return _STRUCT + encoded, None, self.expect(at, ")")
        if kind == "array":
            encoded, at = self.mutable(at, self._storage_type)
            return _ARRAY + encoded, None, self.expect(at, ")")
        raise self.stream.unexpected(at - 1)

    def _struct_fields(self, at: int, index: int) -> tuple[bytes, int]:
        tokens = self.tokens
        space = self._fields[index] = Space("field", self.stream)
        fields = []
        while tokens[at] == "(":
            at = self.expect(at + 1, "field")
            if is_identifier(tokens[at]):
                space.define(at)
                encoded, at = self.mutable(at + 1, self._storage_type)
                fields.append(encoded)
            else:
                while tokens[at] != ")":
                    space.define()
                    encoded, at = self.mutable(at, self._storage_type)
                    fields.append(encoded)
            at = self.expect(at, ")")
        self.names.fields[index] = space.names
        return emit.vector(fields), at

    def field_space(self, type_index: int) -> Space:
        """Return the identifiers of a struct type's fields; of any other type, none."""
        return self._fields.get(type_index) or Space("field", self.stream)

    # Type uses

    def function_type(self, at: int, *, named: bool) -> tuple[FunctionType, dict[int, int], int]:
        """Read parameters and results. Also return the token index of each parameter's identifier."""
        identifiers: dict[int, int] = {}
        params, at = self.value_types(at, "param", identifiers if named else None)
        results, at = self.value_types(at, "result", None)
        return FunctionType(tuple(params), tuple(results)), identifiers, at

    def value_types(
        self, at: int, keyword: str, identifiers: dict[int, int] | None
    ) -> tuple[list[bytes], int]:
        """Read any number of `(keyword type*)`, or `(keyword $x type)` where identifiers are collected."""
        tokens = self.tokens
        types: list[bytes] = []
        while tokens[at] == "(" and tokens[at + 1] == keyword:
            at += 2
            if identifiers is not None and is_identifier(tokens[at]):
                identifiers[len(types)] = at
                encoded, at = self.value_type(at + 1)
                types.append(encoded)
            else:
                while tokens[at] != ")":
                    encoded, at = self.value_type(at)
                    types.append(encoded)
            at = self.expect(at, ")")
        return types, at

    def type_use(self, at: int, *, named: bool) -> tuple[int, FunctionType | None, dict[int, int], int]:
        """Read a type use; return its index, its type if that is known, and its parameters' identifiers."""
        tokens = self.tokens
        start = at
        explicit = None
        if tokens[at] == "(" and tokens[at + 1] == "type":
            explicit = self.space.index(at + 2)
            at = self.expect(at + 3, ")")
        inline_from = at
        function, identifiers, at = self.function_type(at, named=named)
        if tokens[at] == "(" and tokens[at + 1] in _TYPE_USE_PARTS:
            raise self.stream.unexpected(at + 1)
        if explicit is None:
            return self.intern(function), function, identifiers, at
        defined = self._functions.get(explicit)
        if at > inline_from and defined != function:
            if defined is None and explicit >= self.space.count:
                raise self.stream.error(start + 2, f"unknown type {tokens[start + 2]}")
            raise self.stream.error(start + 2, "inline function type does not match explicit type")
        return explicit, defined, identifiers, at

    def intern(self, function: FunctionType) -> int:
        """Return the index of a function type, defining it after all others if need be."""
        index = self._reusable.get(function)
        if index is None:
            index = self.space.define()
            self.groups.append(function.encode())
            self._functions[index] = self._functions.get(index, function)
            self._reusable[function] = index
        return index

    def block_type(self, at: int) -> tuple[bytes, int]:
        """Read the type of a block into a type index or one of its short forms."""
        tokens = self.tokens
        if tokens[at] != "(" or tokens[at + 1] not in _TYPE_USE_PARTS:
            return b"\x40", at
        if tokens[at + 1] != "type":
            function, _, end = self.function_type(at, named=False)
            if not function.params and len(function.results) <= 1:
                return (function.results[0] if function.results else b"\x40"), end
        index, _, _, at = self.type_use(at, named=False)
        return emit.signed(index), at


_ABSTRACT: Final = frozenset(HEAP_TYPES.values())
