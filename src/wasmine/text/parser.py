"""A module's text to its binary (Core 6.6).

The tokens are read twice. The first pass finds the fields, gives every identifier its index and reads the
type definitions; the second reads everything else, in order, and appends to the sections. All names are known
then, so each token is turned into its final bytes at once.
"""

from collections import defaultdict
from collections.abc import Callable
from itertools import groupby
from typing import Final, NamedTuple

from wasmine.text import emit
from wasmine.text.annotations import BRANCH_HINT, SECTIONS, Annotations, CustomSection
from wasmine.text.instructions import Body
from wasmine.text.lexer import END, TokenStream, is_identifier, is_string, unescape
from wasmine.text.names import SPACES, NameSection, Space, plain_name, read_natural
from wasmine.text.operands import INDEX_START
from wasmine.text.types import Types

_HEADER: Final = b"\x00asm\x01\x00\x00\x00"
_SECTION_IDS: Final = {
    "type": 1, "import": 2, "func": 3, "table": 4, "memory": 5, "tag": 13, "global": 6, "export": 7,
    "start": 8, "elem": 9, "datacount": 12, "code": 10, "data": 11,
}  # fmt: skip
_EXTERN_KINDS: Final = {
    "func": b"\x00",
    "table": b"\x01",
    "memory": b"\x02",
    "global": b"\x03",
    "tag": b"\x04",
}
_TYPE_FIELDS: Final = frozenset(("type", "rec"))
_DEFAULT_PAGE_SIZE = 16  # its logarithm

# Flags of limits (Core 5.3.8, and the proposals of threads and custom page sizes).
_HAS_MAXIMUM, _SHARED, _ADDRESS_64, _HAS_PAGE_SIZE = 1, 2, 4, 8

# Flags of element segments (Core 5.5.12); 0 is an active segment of function indices in table 0.
_FUNCREF: Final = b"\x70"
_REF_FUNC: Final = b"\xd2"
_NOT_ACTIVE, _EXPLICIT_TABLE, _DECLARATIVE, _EXPRESSIONS = 1, 2, 3, 4


class _Field(NamedTuple):
    keyword: str
    at: int
    """Index of its opening parenthesis."""


def parse_module(source: str | bytes, *, filename: str | None = None, names: bool = True) -> bytes:
    """Translate a module from the text format to the binary format (Core 6).

    The text may be a whole `(module ...)`, also of the `binary` or `quote` form of scripts, or the fields
    alone. `filename` is for errors. With `names`, identifiers and `@name` annotations go into a "name" custom
    section.

    The binary is not validated. Raises `TextError` if the text is malformed.
    """
    stream = TokenStream(source, filename)
    if not _is_wrapped(stream):
        return _read_text(stream, names=names)
    binary, end = read_module(stream, 2, names=names)
    _check_end(stream, end, wrapped=True)
    return binary


def read_module(stream: TokenStream, start: int, *, names: bool = True) -> tuple[bytes, int]:
    """Read what follows `(module`; return the binary and the index of the token after it."""
    form = start + is_identifier(stream.tokens[start])
    if stream.tokens[form] == "binary":
        return read_strings(stream, form + 1)
    if stream.tokens[form] == "quote":
        text, end = read_strings(stream, form + 1)
        return _read_text(TokenStream(text), names=names), end
    parser = ModuleParser(stream, start, names=names)
    return parser.parse(), parser.end


def _read_text(stream: TokenStream, *, names: bool) -> bytes:
    """Read a whole text that has no other form than text: quotes do not nest."""
    wrapped = _is_wrapped(stream)
    if not wrapped and is_identifier(stream.tokens[0]):
        raise stream.unexpected(0)
    parser = ModuleParser(stream, 2 if wrapped else 0, names=names)
    binary = parser.parse()
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

    def __init__(self, stream: TokenStream, start: int, *, names: bool = True) -> None:
        """Find the module's fields from the index `start` on, where its identifier may stand."""
        self.stream = stream
        self.tokens = stream.tokens
        self._keep_names = names
        self._spaces = {keyword: Space(term, stream) for keyword, term in SPACES.items()}
        self._names = NameSection()
        self._types = Types(stream, self._spaces["type"], self._names)
        self._sections: dict[str, list[bytes]] = {keyword: [] for keyword in _SECTION_IDS}
        self._custom: defaultdict[tuple[str, str], list[CustomSection]] = defaultdict(list)
        self._next: dict[str, int] = dict.fromkeys(SPACES, 0)
        self._bodies: list[tuple[int, int]] = []
        self._hints: list[bytes] = []
        self._uses_data = False
        self._start = start
        if is_identifier(self.tokens[start]):
            self._names.module = plain_name(self.tokens[start])
            self._start += 1
        self._fields: list[_Field] = []
        self.end = self._find_fields(self._start)
        """Index of the token after the last field."""
        self._annotations = Annotations(stream, start, self.end)
        self._module = Body(stream, self._spaces, self._types, self._annotations)

    def parse(self) -> bytes:
        """Return the binary."""
        name = self._annotations.take_name(self._start, "module")
        if name is not None:
            self._names.module = name
        self._define_all()
        for field in self._fields:
            if field.keyword in _TYPE_FIELDS:
                self._types.define_group(field.at)
        for keyword, at in self._fields:
            self._take_custom_sections(at)
            if keyword not in _TYPE_FIELDS:
                self._expect(_FIELD_READERS[keyword](self, at + 2), ")")
        self._take_custom_sections(self.end)
        self._annotations.check_all_taken(self._bodies)
        return self._assemble()

    # First pass

    def _find_fields(self, at: int) -> int:
        tokens = self.tokens
        while tokens[at] == "(":
            keyword = tokens[at + 1]
            if keyword not in _FIELD_READERS and keyword not in _TYPE_FIELDS:
                raise self.stream.unexpected(at + 1)
            self._fields.append(_Field(keyword, at))
            at = skip_parentheses(self.stream, at)
        return at

    def _define_all(self) -> None:
        """Give every identifier of the module its index."""
        defined = None  # the kind of the first definition, which no import may follow
        for keyword, at in self._fields:
            if keyword == "rec":
                self._define_group(at + 2)
            elif keyword == "import":
                kind = self.tokens[at + 5]
                if self.tokens[at + 4] != "(" or kind not in _EXTERN_KINDS:
                    continue  # the second pass says what is wrong
                self._check_import_order(defined, at)
                self._define(kind, at + 6)
            elif keyword in self._spaces:
                at = self._define(keyword, at + 2)
                if keyword in _EXTERN_KINDS:
                    at = self._skip_exports(at)
                    if self.tokens[at] == "(" and self.tokens[at + 1] == "import":
                        self._check_import_order(defined, at)
                    else:
                        defined = defined or self._spaces[keyword].term
                        self._define_inline_segment(keyword, at)

    def _define_group(self, at: int) -> None:
        while self.tokens[at] == "(" and self.tokens[at + 1] == "type":
            self._define("type", at + 2)
            at = skip_parentheses(self.stream, at)

    def _define(self, keyword: str, at: int) -> int:
        """Define the next item of a space, whose identifier may stand here; return the index after it."""
        space = self._spaces[keyword]
        identified = self.tokens[at][0] == "$"
        index = space.define(at if identified else None)
        at += identified
        name = self._annotations.take_name(at, space.term)
        if name is not None:
            space.names[index] = name
        return at

    def _define_inline_segment(self, keyword: str, at: int) -> None:
        """Define the segment of `(memory (data ...))` or `(table t (elem ...))`."""
        tokens = self.tokens
        at += tokens[at] in ("i32", "i64")
        if keyword == "memory":
            if tokens[at] == "(" and tokens[at + 1] == "pagesize":
                at += 4
            if tokens[at] == "(" and tokens[at + 1] == "data":
                self._spaces["data"].define()
        elif keyword == "table" and not tokens[at][0].isdecimal():
            self._spaces["elem"].define()

    def _check_import_order(self, defined: str | None, at: int) -> None:
        if defined is not None:
            raise self.stream.error(at + 1 if self.tokens[at] == "(" else at, f"import after {defined}")

    def _skip_exports(self, at: int) -> int:
        while self.tokens[at] == "(" and self.tokens[at + 1] == "export":
            at = skip_parentheses(self.stream, at)
        return at

    # Second pass: common parts

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
            self._sections["export"].append(name + _EXTERN_KINDS[keyword] + emit.unsigned(index))
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
        out += b"\x0b"
        return bytes(out), at

    def _one_expression(self, keyword: str, at: int) -> tuple[bytes, int]:
        """Read `(keyword instr*)` or one folded instruction."""
        if self.tokens[at] == "(" and self.tokens[at + 1] == keyword:
            encoded, at = self._expression(at + 2)
            return encoded, self._expect(at, ")")
        out = bytearray()
        at = self._module.read_folded(at, out)
        out += b"\x0b"
        return bytes(out), at

    def _take_custom_sections(self, at: int) -> None:
        for section in self._annotations.take_custom_sections(at):
            self._custom[section.place].append(section)

    # Second pass: imports and exports

    def _read_import(self, at: int) -> int:
        names = self._name(at) + self._name(at + 1)
        at = self._expect(at + 2, "(")
        keyword = self.tokens[at]
        if keyword not in _EXTERN_KINDS:
            raise self.stream.unexpected(at)
        index, at = self._begin(keyword, at + 1)
        return self._expect(self._import(names, keyword, index, at), ")")

    def _import(self, names: bytes, keyword: str, index: int, at: int) -> int:
        encoded, at = _IMPORT_TYPES[keyword](self, index, at)
        self._sections["import"].append(names + _EXTERN_KINDS[keyword] + encoded)
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
        if keyword not in _EXTERN_KINDS:
            raise self.stream.unexpected(at)
        index = self._spaces[keyword].encode(at + 1)
        self._sections["export"].append(name + _EXTERN_KINDS[keyword] + index)
        return self._expect(at + 2, ")")

    def _read_start(self, at: int) -> int:
        if self._sections["start"]:
            raise self.stream.error(at, "multiple start sections")
        self._sections["start"].append(self._spaces["func"].encode(at))
        return at + 1

    # Second pass: functions and tags

    def _read_function(self, at: int) -> int:
        index, at = self._begin("func", at)
        at = self._exports("func", index, at)
        names, at = self._inline_import(at)
        if names is not None:
            return self._import(names, "func", index, at)
        type_index, function, identifiers, at = self._types.type_use(at, named=True)
        self._sections["func"].append(emit.unsigned(type_index))
        body = Body(self.stream, self._spaces, self._types, self._annotations)
        self._define_locals(body.locals, len(function.params) if function else 0, identifiers)
        runs, at = self._locals(body.locals, at)
        code = bytearray(emit.vector(runs))
        start = at
        at = body.read(at, code)
        code += b"\x0b"
        self._sections["code"].append(emit.sized(code))
        self._bodies.append((start, at))
        self._uses_data |= body.uses_data
        self._names.locals[index] = body.locals.names
        self._names.labels[index] = body.label_names
        if body.hints:
            hints = emit.vector(emit.unsigned(offset) + emit.sized(hint) for offset, hint in body.hints)
            self._hints.append(emit.unsigned(index) + hints)
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
        self._sections["tag"].append(encoded)
        return at

    # Second pass: globals, memories, tables

    def _read_global(self, at: int) -> int:
        index, at = self._begin("global", at)
        at = self._exports("global", index, at)
        names, at = self._inline_import(at)
        if names is not None:
            return self._import(names, "global", index, at)
        encoded, at = self._types.mutable(at, self._types.value_type)
        value, at = self._expression(at)
        self._sections["global"].append(encoded + value)
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
            self._sections["memory"].append(encoded)
            return at
        content, at = read_strings(self.stream, after + 2)
        pages = -(-len(content) >> (_DEFAULT_PAGE_SIZE if page_size is None else page_size))
        encoded = self._limits(flags, pages, pages, page_size)
        self._sections["memory"].append(encoded)
        self._begin("data", at)
        self._sections["data"].append(self._active_data(index, _zero(flags), content))
        return self._expect(at, ")")

    def _imported_memory(self, index: int, at: int) -> tuple[bytes, int]:
        return self._memory_limits(*self._address_type(at))

    def _address_type(self, at: int) -> tuple[int, int]:
        if self.tokens[at] == "i64":
            return _ADDRESS_64, at + 1
        return 0, at + (self.tokens[at] == "i32")

    def _memory_limits(self, flags: int, at: int) -> tuple[bytes, int]:
        minimum, maximum, at = self._minimum_and_maximum(at)
        if self.tokens[at] == "shared":
            flags |= _SHARED
            at += 1
        page_size, at = self._page_size(at)
        return self._limits(flags, minimum, maximum, page_size), at

    def _minimum_and_maximum(self, at: int) -> tuple[int, int | None, int]:
        minimum = read_natural(self.stream, at, 64)
        if not self.tokens[at + 1][0].isdecimal():
            return minimum, None, at + 1
        return minimum, read_natural(self.stream, at + 1, 64), at + 2

    def _page_size(self, at: int) -> tuple[int | None, int]:
        """Read `(pagesize N)`, if there; return its logarithm."""
        if self.tokens[at] != "(" or self.tokens[at + 1] != "pagesize":
            return None, at
        size = read_natural(self.stream, at + 2, 32)
        if size.bit_count() != 1:
            raise self.stream.error(at + 2, "invalid custom page size")
        return size.bit_length() - 1, self._expect(at + 3, ")")

    def _limits(self, flags: int, minimum: int, maximum: int | None, page_size: int | None = None) -> bytes:
        encoded = emit.unsigned(minimum)
        if maximum is not None:
            flags |= _HAS_MAXIMUM
            encoded += emit.unsigned(maximum)
        if page_size is not None:
            flags |= _HAS_PAGE_SIZE
            encoded += emit.unsigned(page_size)
        return emit.SMALL[flags] + encoded

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
        self._sections["table"].append(encoded)
        return at

    def _imported_table(self, index: int, at: int) -> tuple[bytes, int]:
        return self._table_limits(*self._address_type(at))

    def _table_limits(self, flags: int, at: int) -> tuple[bytes, int]:
        minimum, maximum, at = self._minimum_and_maximum(at)
        reference_type, at = self._types.reference_type(at)
        return reference_type + self._limits(flags, minimum, maximum), at

    def _table_with_elements(self, index: int, flags: int, at: int) -> int:
        reference_type, at = self._types.reference_type(at)
        at = self._expect(self._expect(at, "("), "elem")
        if self.tokens[at] == "(":
            items, at = self._expressions(at)
            item_type: bytes | None = reference_type
        else:
            items, at = self._functions(at)
            item_type = None
            if reference_type != _FUNCREF:
                # Plain indices are of type `(ref func)`, which the table may not take.
                items = [_REF_FUNC + item + b"\x0b" for item in items]
                item_type = reference_type
        limits = self._limits(flags, len(items), len(items))
        self._sections["table"].append(reference_type + limits)
        self._begin("elem", at)
        segment = self._element_segment(_zero(flags), index, item_type, items)
        self._sections["elem"].append(segment)
        return self._expect(at, ")")

    # Second pass: segments

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
        segment = self._element_segment(offset, table, reference_type, items, declarative)
        self._sections["elem"].append(segment)
        return at

    def _element_segment(
        self,
        offset: bytes | None,
        table: int | None,
        reference_type: bytes | None,
        items: list[bytes],
        declarative: bool = False,
    ) -> bytes:
        """Encode a segment: of expressions if it has a reference type, else of function indices."""
        kind = b"\x00" if reference_type is None else reference_type
        flags = 0 if reference_type is None else _EXPRESSIONS
        if offset is None:
            flags |= _DECLARATIVE if declarative else _NOT_ACTIVE
            return emit.SMALL[flags] + kind + emit.vector(items)
        if table is None and reference_type in (None, _FUNCREF):
            return emit.SMALL[flags] + offset + emit.vector(items)
        flags |= _EXPLICIT_TABLE
        return emit.SMALL[flags] + emit.unsigned(table or 0) + offset + kind + emit.vector(items)

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
            self._sections["data"].append(b"\x01" + emit.sized(content))
        else:
            self._sections["data"].append(self._active_data(memory, offset, content))
        return at

    def _active_data(self, memory: int, offset: bytes, content: bytes) -> bytes:
        head = b"\x02" + emit.unsigned(memory) if memory else b"\x00"
        return head + offset + emit.sized(content)

    # The binary

    def _assemble(self) -> bytes:
        sections = self._sections
        sections["type"] = self._types.groups
        contents = {keyword: emit.vector(items) for keyword, items in sections.items() if items}
        if sections["start"]:
            contents["start"] = sections["start"][0]
        if self._uses_data:
            contents["datacount"] = emit.unsigned(len(sections["data"]))
        out = bytearray(_HEADER)
        for keyword in SECTIONS:
            self._append_custom(out, ("before", keyword))
            if keyword == "code" and self._hints:
                out += _custom_section(BRANCH_HINT, emit.vector(self._hints))
            if keyword in contents:
                out += emit.SMALL[_SECTION_IDS[keyword]] + emit.sized(contents[keyword])
            self._append_custom(out, ("after", keyword))
        if self._keep_names:
            names = self._names.encode(self._spaces)
            if names:
                out += _custom_section("name", names)
        return bytes(out)

    def _append_custom(self, out: bytearray, place: tuple[str, str]) -> None:
        for section in self._custom[place]:
            out += _custom_section(section.name, section.content)


def _custom_section(name: str, content: bytes) -> bytes:
    return b"\x00" + emit.sized(emit.sized(name.encode()) + content)


def _zero(flags: int) -> bytes:
    """Return the offset expression 0 of an address type."""
    return b"\x42\x00\x0b" if flags & _ADDRESS_64 else b"\x41\x00\x0b"


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


def skip_parentheses(stream: TokenStream, at: int) -> int:
    """Return the index after the `)` that matches the `(` at an index."""
    tokens = stream.tokens
    start = at
    depth = 0
    while True:
        token = tokens[at]
        if token == "(":
            depth += 1
        elif token == ")":
            depth -= 1
            if not depth:
                return at + 1
        elif token is END:
            raise stream.unclosed(start)
        at += 1


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

FIELDS: Final = frozenset(_FIELD_READERS) | _TYPE_FIELDS
"""The keywords of module fields."""
