"""A module's text to its binary (Core 6.6).

The tokens are read twice. The first pass, in `outline`, finds the fields and gives every identifier its
index. The second reads the type definitions and then everything else, in order, and appends to the sections.
All names are known then, so each token is turned into its final bytes at once.
"""

from collections.abc import Callable, Collection
from itertools import groupby
from typing import Final

from wasmine.spec.opcodes import BY_NAME
from wasmine.text import emit
from wasmine.text.instructions import Body
from wasmine.text.lexer import END, TokenStream, is_identifier, is_string, unescape
from wasmine.text.names import SPACES, NameSection, Space, read_natural
from wasmine.text.operands import INDEX_START, opcode
from wasmine.text.outline import TYPE_FIELDS, Outline
from wasmine.text.sections import (
    ADDRESS_64,
    EXTERN_KINDS,
    FUNCREF,
    SHARED,
    Sections,
    encode_active_data,
    encode_active_elements,
    encode_limits,
    encode_other_elements,
    encode_passive_data,
    encode_zero,
)
from wasmine.text.types import Types

_DEFAULT_PAGE_SIZE: Final = 16  # its logarithm
_END: Final = opcode(BY_NAME["end"])
_REF_FUNC: Final = opcode(BY_NAME["ref.func"])


def parse_module(
    source: str | bytes,
    *,
    filename: str | None = None,
    names: bool = True,
    disabled: Collection[str] = frozenset(),
) -> bytes:
    """Translate a module from the text format to the binary format (Core 6).

    The text may be a whole `(module ...)`, also of the `binary` or `quote` form of scripts, or the fields
    alone. `filename` is for errors. With `names`, identifiers and `@name` annotations go into a "name" custom
    section. Of the features that are `disabled`, `memory64` changes what text can say; the others are for the
    binary's readers.

    The binary is not validated. Raises `TextError` if the text is malformed.
    """
    stream = TokenStream(source, filename)
    if not _is_wrapped(stream):
        return _read_text(stream, names=names, disabled=disabled)
    binary, end = read_module(stream, 2, names=names, disabled=disabled)
    _check_end(stream, end, wrapped=True)
    return binary


def read_module(
    stream: TokenStream, start: int, *, names: bool = True, disabled: Collection[str] = frozenset()
) -> tuple[bytes, int]:
    """Read what follows `(module`; return the binary and the index of the token after it."""
    form = start + is_identifier(stream.tokens[start])
    if stream.tokens[form] == "binary":
        return read_strings(stream, form + 1)
    if stream.tokens[form] == "quote":
        text, end = read_strings(stream, form + 1)
        return _read_text(TokenStream(text), names=names, disabled=disabled), end
    parser = ModuleParser(stream, start, disabled)
    return parser.parse(names=names), parser.end


def _read_text(stream: TokenStream, *, names: bool, disabled: Collection[str]) -> bytes:
    """Read a whole text that has no other form than text: quotes do not nest."""
    wrapped = _is_wrapped(stream)
    if not wrapped and is_identifier(stream.tokens[0]):
        raise stream.unexpected(0)
    parser = ModuleParser(stream, 2 if wrapped else 0, disabled)
    binary = parser.parse(names=names)
    _check_end(stream, parser.end, wrapped=wrapped)
    return binary


def _is_wrapped(stream: TokenStream) -> bool:
    return stream.tokens[0] == "(" and stream.tokens[1] == "module"


def _check_end(stream: TokenStream, at: int, *, wrapped: bool) -> None:
    if wrapped:
        if stream.tokens[at] != ")":
            raise stream.unexpected(at)
        at += 1
    if stream.tokens[at] is not END:
        raise stream.unexpected(at)


class ModuleParser:
    """Reads one module out of a stream of tokens."""

    def __init__(self, stream: TokenStream, start: int, disabled: Collection[str]) -> None:
        """Make the first pass from the index `start` on, where the module's identifier may stand."""
        self.stream = stream
        self.tokens = stream.tokens
        self._outline = Outline(stream, start)
        self.end = self._outline.end
        """Index of the token after the last field."""
        self._spaces = self._outline.spaces
        self._annotations = self._outline.annotations
        self._names = NameSection(self._outline.module_name)
        self._types = Types(stream, self._spaces["type"], self._names)
        self._sections = Sections()
        self._next: dict[str, int] = dict.fromkeys(SPACES, 0)
        self._bodies: list[tuple[int, int]] = []
        self._limit_bits = 32 if "memory64" in disabled else 64
        self._module = Body(stream, self._spaces, self._types, self._annotations)

    def parse(self, *, names: bool) -> bytes:
        """Make the second pass; return the binary."""
        fields = self._outline.fields
        for keyword, at in fields:
            if keyword in TYPE_FIELDS:
                self._types.define_group(at)
        for keyword, at in fields:
            self._take_custom_sections(at)
            if keyword not in TYPE_FIELDS:
                self._expect(_FIELD_READERS[keyword](self, at + 2), ")")
        self._take_custom_sections(self.end)
        self._annotations.check_all_taken(self._bodies)
        self._sections.items["type"] = self._types.groups
        return self._sections.assemble(self._names.encode(self._spaces) if names else b"")

    # Common parts

    def _expect(self, at: int, token: str) -> int:
        return self._types.expect(at, token)

    def _begin(self, keyword: str, at: int) -> tuple[int, int]:
        """Return the index of the item being read, and the index of the token after its identifier."""
        index = self._next[keyword]
        self._next[keyword] += 1
        return index, at + (self.tokens[at][0] == "$")

    def _name(self, at: int) -> bytes:
        """Return the UTF-8 name at an index, after its size."""
        content = read_string(self.stream, at)
        try:
            content.decode()
        except UnicodeDecodeError:
            raise self.stream.error(at, "malformed UTF-8 encoding") from None
        return emit.sized(content)

    def _exports(self, keyword: str, index: int, at: int) -> int:
        """Read inline exports."""
        while self.tokens[at] == "(" and self.tokens[at + 1] == "export":
            name = self._name(at + 2)
            self._sections.add("export", name + EXTERN_KINDS[keyword] + emit.unsigned(index))
            at = self._expect(at + 3, ")")
        return at

    def _inline_import(self, at: int) -> tuple[bytes | None, int]:
        """Read an inline import's names, if there is one."""
        if self.tokens[at] != "(" or self.tokens[at + 1] != "import":
            return None, at
        return self._name(at + 2) + self._name(at + 3), self._expect(at + 4, ")")

    def _expression(self, at: int) -> tuple[bytes, int]:
        """Read the instructions up to a `)`."""
        out = bytearray()
        at = self._module.read(at, out)
        out += _END
        return bytes(out), at

    def _one_expression(self, keyword: str, at: int) -> tuple[bytes, int]:
        """Read `(keyword instr*)` or one folded instruction."""
        if self.tokens[at] == "(" and self.tokens[at + 1] == keyword:
            encoded, at = self._expression(at + 2)
            return encoded, self._expect(at, ")")
        out = bytearray()
        at = self._module.read_folded(at, out)
        out += _END
        return bytes(out), at

    def _take_custom_sections(self, at: int) -> None:
        for section in self._annotations.take_custom_sections(at):
            self._sections.add_custom(section)
        self._sections.needs_data_count |= self._annotations.take_data_count(at)

    # Imports and exports

    def _read_import(self, at: int) -> int:
        names = self._name(at) + self._name(at + 1)
        at = self._expect(at + 2, "(")
        keyword = self.tokens[at]
        if keyword not in EXTERN_KINDS:
            raise self.stream.unexpected(at)
        index, at = self._begin(keyword, at + 1)
        return self._expect(self._import(names, keyword, index, at), ")")

    def _import(self, names: bytes, keyword: str, index: int, at: int) -> int:
        encoded, at = _IMPORT_TYPES[keyword](self, index, at)
        self._sections.add("import", names + EXTERN_KINDS[keyword] + encoded)
        return at

    def _imported_function(self, index: int, at: int) -> tuple[bytes, int]:
        type_index, _, identifiers, at = self._types.type_use(at, named=True)
        space = Space("local", self.stream)
        self._define_locals(space, max(identifiers, default=-1) + 1, identifiers)
        self._names.locals[index] = space.names
        return emit.unsigned(type_index), at

    def _imported_tag(self, index: int, at: int) -> tuple[bytes, int]:
        type_index, _, _, at = self._types.type_use(at, named=True)
        return b"\x00" + emit.unsigned(type_index), at

    def _read_export(self, at: int) -> int:
        name = self._name(at)
        at = self._expect(at + 1, "(")
        keyword = self.tokens[at]
        if keyword not in EXTERN_KINDS:
            raise self.stream.unexpected(at)
        index = self._spaces[keyword].encode(at + 1)
        self._sections.add("export", name + EXTERN_KINDS[keyword] + index)
        return self._expect(at + 2, ")")

    def _read_start(self, at: int) -> int:
        if self._sections.items["start"]:
            raise self.stream.error(at, "multiple start sections")
        self._sections.add("start", self._spaces["func"].encode(at))
        return at + 1

    # Functions and tags

    def _read_function(self, at: int) -> int:
        index, at = self._begin("func", at)
        at = self._exports("func", index, at)
        names, at = self._inline_import(at)
        if names is not None:
            return self._import(names, "func", index, at)
        type_index, function, identifiers, at = self._types.type_use(at, named=True)
        self._sections.add("func", emit.unsigned(type_index))
        body = Body(self.stream, self._spaces, self._types, self._annotations)
        self._define_locals(body.locals, len(function.params) if function else 0, identifiers)
        runs, at = self._locals(body.locals, at)
        code = bytearray(emit.vector(runs))
        start = at
        at = body.read(at, code)
        code += _END
        self._sections.add("code", emit.sized(code))
        self._bodies.append((start, at))
        self._sections.needs_data_count |= body.uses_data
        self._names.locals[index] = body.locals.names
        self._names.labels[index] = body.label_names
        if body.hints:
            self._sections.hints.append((index, body.hints))
        return at

    def _define_locals(self, space: Space, count: int, identifiers: dict[int, int]) -> None:
        # Not one by one: many functions can share a type of many parameters.
        for local, identifier in identifiers.items():
            space.count = local
            space.define(identifier)
            self._name_local(space, identifier + 1)
        space.count = count

    def _name_local(self, space: Space, at: int) -> None:
        name = self._annotations.take_name(at, space.term)
        if name is not None:
            space.names[space.count - 1] = name

    def _locals(self, space: Space, at: int) -> tuple[list[bytes], int]:
        """Read the locals; return runs of equal types."""
        tokens = self.tokens
        types: list[bytes] = []
        while tokens[at] == "(" and tokens[at + 1] == "local":
            at += 2
            if tokens[at][0] == "$":
                space.define(at)
                self._name_local(space, at + 1)
                encoded, at = self._types.value_type(at + 1)
                types.append(encoded)
            else:
                while tokens[at] != ")":
                    space.define()
                    encoded, at = self._types.value_type(at)
                    types.append(encoded)
            at = self._expect(at, ")")
        return [emit.unsigned(len(list(run))) + encoded for encoded, run in groupby(types)], at

    def _read_tag(self, at: int) -> int:
        index, at = self._begin("tag", at)
        at = self._exports("tag", index, at)
        names, at = self._inline_import(at)
        if names is not None:
            return self._import(names, "tag", index, at)
        encoded, at = self._imported_tag(index, at)
        self._sections.add("tag", encoded)
        return at

    # Globals, memories, tables

    def _read_global(self, at: int) -> int:
        index, at = self._begin("global", at)
        at = self._exports("global", index, at)
        names, at = self._inline_import(at)
        if names is not None:
            return self._import(names, "global", index, at)
        encoded, at = self._types.mutable(at, self._types.value_type)
        value, at = self._expression(at)
        self._sections.add("global", encoded + value)
        return at

    def _imported_global(self, index: int, at: int) -> tuple[bytes, int]:
        return self._types.mutable(at, self._types.value_type)

    def _read_memory(self, at: int) -> int:
        index, at = self._begin("memory", at)
        at = self._exports("memory", index, at)
        names, at = self._inline_import(at)
        if names is not None:
            return self._import(names, "memory", index, at)
        tokens = self.tokens
        flags, at = self._address_type(at)
        page_size, after = self._page_size(at)
        if tokens[after] != "(" or tokens[after + 1] != "data":
            encoded, at = self._memory_limits(flags, at)
            self._sections.add("memory", encoded)
            return at
        content, at = read_strings(self.stream, after + 2)
        pages = -(-len(content) >> (_DEFAULT_PAGE_SIZE if page_size is None else page_size))
        encoded = encode_limits(flags, pages, pages, page_size)
        self._sections.add("memory", encoded)
        self._begin("data", at)
        self._sections.add("data", encode_active_data(index, encode_zero(flags), content))
        return self._expect(at, ")")

    def _imported_memory(self, index: int, at: int) -> tuple[bytes, int]:
        return self._memory_limits(*self._address_type(at))

    def _address_type(self, at: int) -> tuple[int, int]:
        if self.tokens[at] == "i64" and self._limit_bits == 64:
            return ADDRESS_64, at + 1
        return 0, at + (self.tokens[at] == "i32")

    def _memory_limits(self, flags: int, at: int) -> tuple[bytes, int]:
        minimum, maximum, at = self._minimum_and_maximum(at)
        if self.tokens[at] == "shared":
            flags |= SHARED
            at += 1
        page_size, at = self._page_size(at)
        return encode_limits(flags, minimum, maximum, page_size), at

    def _minimum_and_maximum(self, at: int) -> tuple[int, int | None, int]:
        minimum = read_natural(self.stream, at, self._limit_bits)
        if not self.tokens[at + 1][0].isdecimal():
            return minimum, None, at + 1
        return minimum, read_natural(self.stream, at + 1, self._limit_bits), at + 2

    def _page_size(self, at: int) -> tuple[int | None, int]:
        """Read `(pagesize N)`, if there; return its logarithm."""
        if self.tokens[at] != "(" or self.tokens[at + 1] != "pagesize":
            return None, at
        size = read_natural(self.stream, at + 2, 64)
        if size.bit_count() != 1:
            raise self.stream.error(at + 2, "invalid custom page size")
        return size.bit_length() - 1, self._expect(at + 3, ")")

    def _read_table(self, at: int) -> int:
        index, at = self._begin("table", at)
        at = self._exports("table", index, at)
        names, at = self._inline_import(at)
        if names is not None:
            return self._import(names, "table", index, at)
        flags, at = self._address_type(at)
        if not self.tokens[at][0].isdecimal():
            return self._table_with_elements(index, flags, at)
        encoded, at = self._table_limits(flags, at)
        if self.tokens[at] != ")":
            value, at = self._expression(at)
            encoded = b"\x40\x00" + encoded + value
        self._sections.add("table", encoded)
        return at

    def _imported_table(self, index: int, at: int) -> tuple[bytes, int]:
        return self._table_limits(*self._address_type(at))

    def _table_limits(self, flags: int, at: int) -> tuple[bytes, int]:
        minimum, maximum, at = self._minimum_and_maximum(at)
        reference_type, at = self._types.reference_type(at)
        return reference_type + encode_limits(flags, minimum, maximum), at

    def _table_with_elements(self, index: int, flags: int, at: int) -> int:
        reference_type, at = self._types.reference_type(at)
        at = self._expect(self._expect(at, "("), "elem")
        if self.tokens[at] == "(":
            items, at = self._expressions(at)
            item_type: bytes | None = reference_type
        else:
            items, at = self._functions(at)
            item_type = None
            if reference_type != FUNCREF:
                # Plain indices are of type `(ref func)`, which the table may not take.
                items = [_REF_FUNC + item + _END for item in items]
                item_type = reference_type
        limits = encode_limits(flags, len(items), len(items))
        self._sections.add("table", reference_type + limits)
        self._begin("elem", at)
        segment = encode_active_elements(index, encode_zero(flags), item_type, items)
        self._sections.add("elem", segment)
        return self._expect(at, ")")

    # Segments

    def _read_elements(self, at: int) -> int:
        _, at = self._begin("elem", at)
        tokens = self.tokens
        table = offset = None
        functions_only = False
        declarative = tokens[at] == "declare"
        if declarative:
            at += 1
        elif tokens[at] == "(" and tokens[at + 1] == "table":
            table = self._spaces["table"].index(at + 2)
            at = self._expect(at + 3, ")")
            offset, at = self._one_expression("offset", at)
        elif tokens[at][0].isdecimal():
            # Version 1 of the standard wrote a bare table index; the threads proposal still does.
            table = self._spaces["table"].index(at)
            offset, at = self._one_expression("offset", at + 1)
            functions_only = True
        elif tokens[at] == "(" and tokens[at + 1] != "ref":
            offset, at = self._one_expression("offset", at)
            functions_only = True
        reference_type = None
        if tokens[at] == "func":
            items, at = self._functions(at + 1)
        elif functions_only and (tokens[at] == ")" or tokens[at][0] in INDEX_START):
            items, at = self._functions(at)
        else:
            reference_type, at = self._types.reference_type(at)
            items, at = self._expressions(at)
        if offset is None:
            segment = encode_other_elements(declarative, reference_type, items)
        else:
            segment = encode_active_elements(table, offset, reference_type, items)
        self._sections.add("elem", segment)
        return at

    def _functions(self, at: int) -> tuple[list[bytes], int]:
        items = []
        while self.tokens[at] != ")":
            items.append(self._spaces["func"].encode(at))
            at += 1
        return items, at

    def _expressions(self, at: int) -> tuple[list[bytes], int]:
        items = []
        while self.tokens[at] != ")":
            encoded, at = self._one_expression("item", at)
            items.append(encoded)
        return items, at

    def _read_data(self, at: int) -> int:
        _, at = self._begin("data", at)
        tokens = self.tokens
        memory = 0
        offset = None
        if tokens[at][0].isdecimal():
            # As for tables: the way of version 1.
            memory = self._spaces["memory"].index(at)
            offset, at = self._one_expression("offset", at + 1)
        elif tokens[at] == "(":
            if tokens[at + 1] == "memory":
                memory = self._spaces["memory"].index(at + 2)
                at = self._expect(at + 3, ")")
            offset, at = self._one_expression("offset", at)
        content, at = read_strings(self.stream, at)
        if offset is None:
            self._sections.add("data", encode_passive_data(content))
        else:
            self._sections.add("data", encode_active_data(memory, offset, content))
        return at


def read_string(stream: TokenStream, at: int) -> bytes:
    """Return the bytes of the string literal at an index."""
    token = stream.tokens[at]
    if not is_string(token):
        raise stream.unexpected(at)
    try:
        return unescape(token)
    except ValueError:
        raise stream.error(at, "malformed UTF-8 encoding") from None


def read_strings(stream: TokenStream, at: int) -> tuple[bytes, int]:
    """Return the bytes of the string literals up to a `)`, and its index."""
    parts = []
    while stream.tokens[at] != ")":
        parts.append(read_string(stream, at))
        at += 1
    return b"".join(parts), at


_FIELD_READERS: Final[dict[str, Callable[[ModuleParser, int], int]]] = {
    "import": ModuleParser._read_import,
    "func": ModuleParser._read_function,
    "table": ModuleParser._read_table,
    "memory": ModuleParser._read_memory,
    "global": ModuleParser._read_global,
    "tag": ModuleParser._read_tag,
    "export": ModuleParser._read_export,
    "start": ModuleParser._read_start,
    "elem": ModuleParser._read_elements,
    "data": ModuleParser._read_data,
}
_IMPORT_TYPES: Final[dict[str, Callable[[ModuleParser, int, int], tuple[bytes, int]]]] = {
    "func": ModuleParser._imported_function,
    "table": ModuleParser._imported_table,
    "memory": ModuleParser._imported_memory,
    "global": ModuleParser._imported_global,
    "tag": ModuleParser._imported_tag,
}
