"""Index spaces: identifiers to indices, and back into the "name" custom section (Core 6.1.3 and 7.4.1)."""

from collections.abc import Mapping
from typing import Final

from wasmine.text import emit
from wasmine.text.lexer import TokenStream, is_identifier
from wasmine.text.numbers import NumberRangeError, NumberSyntaxError, parse_natural

_SMALL_INDICES: Final = {str(value): emit.unsigned(value) for value in range(1000)}

SPACES: Final = {
    "type": "type",
    "func": "function",
    "table": "table",
    "memory": "memory",
    "global": "global",
    "tag": "tag",
    "elem": "elem segment",
    "data": "data segment",
}
"""The index spaces of a module: keyword to the term that errors use."""

# Ids of the subsections, in the order in which they are written.
_MODULE, _FUNCTION, _LOCAL, _LABEL, _TYPE, _TABLE, _MEMORY, _GLOBAL, _ELEM, _DATA, _FIELD, _TAG = range(12)
_FLAT: Final = {
    "func": _FUNCTION,
    "type": _TYPE,
    "table": _TABLE,
    "memory": _MEMORY,
    "global": _GLOBAL,
    "elem": _ELEM,
    "data": _DATA,
    "tag": _TAG,
}
_NESTED: Final = {"local": _LOCAL, "label": _LABEL, "field": _FIELD}


class Space:
    """The identifiers of one index space."""

    def __init__(self, term: str, stream: TokenStream) -> None:
        self.term = term
        self.stream = stream
        self.count = 0
        self.encoded: dict[str, bytes] = {}
        """Identifier to the LEB128 encoding of its index."""
        self.names: dict[int, str] = {}
        """Index to the name for the name section."""

    def define(self, identifier: int | None = None) -> int:
        """Take the next index, for the identifier at a token's index if there is one."""
        index = self.count
        self.count += 1
        if identifier is not None:
            token = self.stream.tokens[identifier]
            if not is_identifier(token):
                raise self.stream.unexpected(identifier)
            if token in self.encoded:
                raise self.stream.error(identifier, f"duplicate {self.term} {token}")
            self.encoded[token] = emit.unsigned(index)
            self.names[index] = plain_name(token)
        return index

    def encode(self, at: int) -> bytes:
        """Return the LEB128 encoding of the index that the token at an index means."""
        token = self.stream.tokens[at]
        return self.encoded.get(token) or _SMALL_INDICES.get(token) or self._encode_number(at)

    def index(self, at: int) -> int:
        """Return the index that the token at an index means."""
        encoded = self.encode(at)
        return sum((byte & 0x7F) << 7 * place for place, byte in enumerate(encoded))

    def _encode_number(self, at: int) -> bytes:
        token = self.stream.tokens[at]
        if is_identifier(token):
            raise self.stream.error(at, f"unknown {self.term} {token}")
        return emit.unsigned(read_natural(self.stream, at, 32))


def plain_name(token: str) -> str:
    """Return the name that an identifier of a stream stands for."""
    return token[2:] if token.startswith('$"') else token[1:]


def read_natural(stream: TokenStream, at: int, bits: int) -> int:
    """Return the unsigned literal at a token's index."""
    try:
        return parse_natural(stream.tokens[at], bits)
    except NumberRangeError as error:
        raise stream.error(at, str(error)) from None
    except NumberSyntaxError:
        raise stream.unexpected(at) from None


def encode_natural(stream: TokenStream, at: int) -> bytes:
    """Return the LEB128 encoding of the unsigned 32-bit literal at a token's index."""
    return _SMALL_INDICES.get(stream.tokens[at]) or emit.unsigned(read_natural(stream, at, 32))


class NameSection:
    """Collects the names that the spaces of a module do not hold themselves."""

    def __init__(self, module: str | None) -> None:
        self.module = module
        self.locals: dict[int, dict[int, str]] = {}
        self.labels: dict[int, dict[int, str]] = {}
        self.fields: dict[int, dict[int, str]] = {}

    def encode(self, spaces: Mapping[str, Space]) -> bytes:
        """Return the content of the section after its name; empty if there is no name at all."""
        flat = {keyword: spaces[keyword].names for keyword in _FLAT}
        nested = {"local": self.locals, "label": self.labels, "field": self.fields}
        return encode_names(self.module, flat, nested)


def encode_names(
    module: str | None,
    flat: Mapping[str, Mapping[int, str]],
    nested: Mapping[str, Mapping[int, Mapping[int, str]]],
) -> bytes:
    """Encode a name section: the names of the module, of kinds with one index, and of kinds with two."""
    subsections: dict[int, bytes] = {}
    if module is not None:
        subsections[_MODULE] = emit.sized(module.encode())
    for kind, names in flat.items():
        if names:
            subsections[_FLAT[kind]] = _name_map(names)
    for kind, maps in nested.items():
        present = {index: names for index, names in maps.items() if names}
        if present:
            subsections[_NESTED[kind]] = _indirect_name_map(present)
    return b"".join(emit.SMALL[number] + emit.sized(subsections[number]) for number in sorted(subsections))


def _name_map(names: Mapping[int, str]) -> bytes:
    return emit.vector(emit.unsigned(index) + emit.sized(names[index].encode()) for index in sorted(names))


def _indirect_name_map(maps: Mapping[int, Mapping[int, str]]) -> bytes:
    return emit.vector(emit.unsigned(index) + _name_map(maps[index]) for index in sorted(maps))
