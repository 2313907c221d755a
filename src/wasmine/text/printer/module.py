"""The fields of a module as text (Core 6.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from wasmine.binary.cursor import Cursor
from wasmine.binary.customs import branch_hints
from wasmine.spec.errors import InvalidError, MalformedError
from wasmine.text.annotations import DATA_COUNT
from wasmine.text.printer.arity import Context
from wasmine.text.printer.code import Code, indentation
from wasmine.text.printer.contents import KINDS, Contents, Custom, end_of
from wasmine.text.printer.fold import Folder, one_line
from wasmine.text.printer.identifiers import Identifiers, Space
from wasmine.text.printer.literals import bytes_lines, bytes_text, name_text
from wasmine.text.printer.types import FunctionType, Types, grouped
from wasmine.text.sections import encode_hints

_MAX_LOCALS: Final = 50_000  # of a function, as everywhere in wasmine
_MAX_ALL_LOCALS: Final = 10_000_000
"""Locals and named parameters of all functions. A run of locals takes a few bytes in the binary whatever its
length, but a word for each in the text."""

# Flags of element segments (Core 5.5.12); 0 is an active segment of function indices in table 0.
_NOT_ACTIVE, _EXPLICIT, _EXPRESSIONS = 1, 2, 4


def print_module(data: bytes, *, fold: bool = False, names: bool = True) -> str:
    """Translate a module from the binary to the text format (Core 6).

    Parsed again, the text gives the same bytes, but for what `wasmine.text.printer` says. It is indented, has
    one instruction a line, and the index of everything in a comment where it is defined.

    Args:
        data: the module; it need not be valid.
        fold: whether instructions stand in parentheses with their operands.
        names: whether the names of the name section become identifiers. If not, everything is written by its
            index, and the section as a custom section.

    Raises:
        MalformedError: the bytes are no module.
        InvalidError: the module has so many locals that a text is of no use.
    """
    contents = Contents(data)
    identifiers = Identifiers(data, contents.plain_customs())
    keeps_names = names and identifiers.is_canonical and contents.names() is not None
    hints = _hints_of(contents)
    while True:
        identifiers.annotates = keeps_names
        printer = _ModulePrinter(contents, identifiers if names else None, hints, fold)
        text = printer.print()
        # Names of what does not exist, and hints of what is no branch, have no place in the text. Then the
        # section is written byte by byte.
        keeps = keeps_names and printer.names_written() == identifiers.total
        hinted = {} if printer.hints_written() < sum(map(len, hints.values())) else hints
        if keeps == keeps_names and hinted == hints:
            return text
        keeps_names, hints = keeps, hinted


def _hints_of(contents: Contents) -> dict[int, dict[int, bool]]:
    """Return the branch hints by function, if the parser would write the same section from them."""
    custom = contents.hints()
    if custom is None:
        return {}
    hints = branch_hints(contents.data, contents.plain_customs())
    encoded = encode_hints(
        (function, [(offset, bytes((hint,))) for offset, hint in of_function.items()])
        for function, of_function in hints.items()
    )
    ordered = list(hints) == sorted(hints)
    ordered &= all(list(of_function) == sorted(of_function) for of_function in hints.values())
    return hints if ordered and encoded == contents.data[custom.start : custom.end] else {}


class _ModulePrinter:
    """Appends the fields of one module to `parts`."""

    def __init__(
        self,
        contents: Contents,
        identifiers: Identifiers | None,
        hints: dict[int, dict[int, bool]],
        fold: bool,
    ) -> None:
        self.contents = contents
        self.data = contents.data
        self.identifiers = identifiers
        self.keeps_names = identifiers is not None and identifiers.annotates
        self.hints = hints
        self.fold = fold
        self.parts: list[str] = []
        self.types = Types()
        section = contents.section("type")
        self.types.read_section(section)
        end_of(section)
        self.imports = list(self._read_imports())
        self.functions = self._type_indices("func")
        self.tags = self._type_indices("tag")
        self.spaces = self._make_spaces()
        self.code = Code(self.data, self.types, self.spaces)
        self.folder = Folder(self.code, Context(self.types, self.functions, self.tags))
        self._next = dict.fromkeys(self.spaces, 0)
        self._names_written = sum(len(space.identifiers) for space in self.spaces.values())
        self._locals_left = _MAX_ALL_LOCALS

    # What is counted

    def names_written(self) -> int:
        """Return how many names the text says."""
        return self._names_written + self.code.names_written

    def hints_written(self) -> int:
        """Return how many branch hints the text says."""
        return self.code.hints_written

    # The index spaces

    def _read_imports(self) -> Iterator[tuple[str, str, Cursor]]:
        """Read the import section: the names as text, the kind, and where the type begins."""
        section = self.contents.section("import")
        for _ in range(section.count()):
            names = f"{self._name(section)} {self._name(section)}"
            at = section.position
            kind = KINDS.get(section.byte())
            if kind is None:
                raise MalformedError("malformed import kind", at, expected="0 to 4")
            start = Cursor(section.data, section.position, section.end)
            if kind in ("func", "tag"):
                self._type_index(kind, section)
            else:
                _EXTERN_TYPES[kind](self, section)
            yield names, kind, start
        end_of(section)

    def _type_indices(self, kind: str) -> list[int]:
        """Return the type indices of all functions or tags."""
        indices = []
        for _, imported, start in self.imports:
            if imported == kind:
                cursor = Cursor(start.data, start.position, start.end)
                indices.append(self._type_index(kind, cursor))
        section = self.contents.section(kind)
        indices += [self._type_index(kind, section) for _ in range(section.count())]
        end_of(section)
        return indices

    def _type_index(self, kind: str, cursor: Cursor) -> int:
        if kind == "tag" and cursor.byte() != 0:
            raise MalformedError("zero byte expected", cursor.position - 1, expected="0")
        return cursor.u32()

    def _make_spaces(self) -> dict[str, Space]:
        counts = {kind: self.contents.count(kind) for kind in ("table", "memory", "global", "elem", "data")}
        for _, kind, _ in self.imports:
            if kind in counts:
                counts[kind] += 1
        counts |= {"func": len(self.functions), "tag": len(self.tags), "type": self.types.count}
        if self.identifiers is None:
            return {kind: Space() for kind in counts}
        spaces = {kind: self.identifiers.space(kind, count) for kind, count in counts.items()}
        self.types.space = spaces["type"]
        return spaces

    def _define(self, kind: str) -> tuple[int, str]:
        """Return the next index of a space, and what stands after the keyword: identifier and index."""
        index = self._next[kind]
        self._next[kind] += 1
        return index, f"{self.spaces[kind].definition(index)} (;{index};)"

    def _name(self, cursor: Cursor) -> str:
        """Read a name; return it as a string literal."""
        at = cursor.position
        part = cursor.part()
        try:
            return name_text(part.data[part.position : part.end].decode())
        except UnicodeDecodeError:
            raise MalformedError("malformed UTF-8 encoding", at) from None

    # Fields

    def print(self) -> str:
        """Return the text of the module."""
        self._name_fields()
        self.parts.append("(module" + self._module_name())
        self._print_types()
        self._print_imports()
        for keyword, print_item in _ITEMS.items():
            section = self.contents.section(keyword)
            for _ in range(section.count()):
                print_item(self, section)
            end_of(section)
        self._print_start()
        for keyword, print_item in _SEGMENTS.items():
            section = self.contents.section(keyword)
            for _ in range(section.count()):
                print_item(self, section)
            end_of(section)
        self._print_code()
        self._print_data()
        self._print_annotations()
        self.parts.append(")\n" if len(self.parts) == 1 else "\n)\n")
        return "".join(self.parts)

    def _line(self, text: str, depth: int = 1) -> None:
        self.parts.append("\n" + indentation(depth) + text)

    def _module_name(self) -> str:
        if self.identifiers is None or self.identifiers.module is None:
            return ""
        space = Space(self.keeps_names)
        space.name(0, self.identifiers.module)
        self._names_written += 1
        return space.definition(0)

    def _name_fields(self) -> None:
        """Give the fields of structures their identifiers."""
        if self.identifiers is None:
            return
        for index, count in self.types.field_counts.items():
            space = self._inner_space("field", index, count)
            if not self.keeps_names or all(map(space.is_exact, space.identifiers)):
                self.types.fields[index] = space
                self._names_written += len(space.identifiers)

    def _inner_space(self, kind: str, index: int, count: int) -> Space:
        space = Space(self.keeps_names)
        if self.identifiers is not None:
            for inner, name in self.identifiers.inner(kind, index):
                if inner < count:
                    space.name(inner, name)
        return space

    def _print_types(self) -> None:
        for group, is_group in zip(self.types.groups, self.types.is_group, strict=True):
            if is_group:
                self._line("(rec")
            for definition in group:
                self._line(definition.text(), 1 + is_group)
            if is_group:
                self.parts.append(")")

    def _print_imports(self) -> None:
        for names, kind, start in self.imports:
            index, definition = self._define(kind)
            if kind == "func":
                text = self._function_use(index, self._parameters(index))
            else:
                text = _EXTERN_TYPES[kind](self, Cursor(start.data, start.position, start.end))
            self._line(f"(import {names} ({kind}{definition} {text}))")

    def _function_type(self, cursor: Cursor) -> str:
        return self.types.use(cursor.u32())

    def _tag_type(self, cursor: Cursor) -> str:
        return self.types.use(self._type_index("tag", cursor))

    def _table_type(self, cursor: Cursor) -> str:
        return self.types.table_type(cursor)

    def _memory_type(self, cursor: Cursor) -> str:
        return self.types.memory_type(cursor)

    def _global_type(self, cursor: Cursor) -> str:
        return self.types.global_type(cursor)

    def _print_table(self, section: Cursor) -> None:
        _, definition = self._define("table")
        initial = ""
        if section.peek() == 0x40:
            section.byte()
            if section.byte() != 0:
                raise MalformedError("zero byte expected", section.position - 1, expected="0")
            text = self.types.table_type(section)
            initial = " " + " ".join(self._constant(section))
        else:
            text = self.types.table_type(section)
        self._line(f"(table{definition} {text}{initial})")

    def _print_memory(self, section: Cursor) -> None:
        _, definition = self._define("memory")
        self._line(f"(memory{definition} {self.types.memory_type(section)})")

    def _print_tag(self, section: Cursor) -> None:
        _, definition = self._define("tag")
        self._line(f"(tag{definition} {self._tag_type(section)})")

    def _print_global(self, section: Cursor) -> None:
        _, definition = self._define("global")
        text = self.types.global_type(section)
        self._line(" ".join((f"(global{definition} {text}", *self._constant(section))) + ")")

    def _print_export(self, section: Cursor) -> None:
        name = self._name(section)
        at = section.position
        kind = KINDS.get(section.byte())
        if kind is None:
            raise MalformedError("malformed export kind", at, expected="0 to 4")
        self._line(f"(export {name} ({kind} {self.spaces[kind].use(section.u32())}))")

    def _print_start(self) -> None:
        if "start" in self.contents.sections:
            section = self.contents.section("start")
            self._line(f"(start {self.spaces['func'].use(section.u32())})")
            end_of(section)

    # Segments

    def _constant(self, section: Cursor) -> list[str]:
        """Read a constant expression; return its instructions, folded."""
        self.code.begin(section.position, section.end)
        trees = self.folder.trees(1)
        section.position = self.code.cursor.position
        return [one_line(tree) for tree in trees]

    def _wrapped(self, keyword: str, section: Cursor) -> str:
        """Read a constant expression that is one folded instruction, or else stands after a keyword."""
        trees = self._constant(section)
        return trees[0] if len(trees) == 1 else f"({' '.join((keyword, *trees))})"

    def _print_elements(self, section: Cursor) -> None:
        _, definition = self._define("elem")
        at = section.position
        flags = section.u32()
        if flags > 7:
            raise MalformedError("malformed elements segment kind", at, expected="0 to 7", found=str(flags))
        head = f"(elem{definition}"
        if not flags & _NOT_ACTIVE:
            if flags & _EXPLICIT:
                head += f" (table {self.spaces['table'].use(section.u32())})"
            head += f" {self._wrapped('offset', section)}"
        elif flags & _EXPLICIT:
            head += " declare"
        typed = flags & (_NOT_ACTIVE | _EXPLICIT) != 0
        if flags & _EXPRESSIONS:
            head += f" {self.types.reference_type(section) if typed else 'funcref'}"
            items = [self._wrapped("item", section) for _ in range(section.count())]
        else:
            if typed and section.byte() != 0:
                raise MalformedError("malformed element kind", section.position - 1, expected="0")
            head += " func"
            use = self.spaces["func"].use
            items = [use(section.u32()) for _ in range(section.count())]
        self._line(" ".join((head, *items)) + ")")

    def _print_data(self) -> None:
        section = self.contents.section("data")
        count = section.count()
        if "datacount" in self.contents.sections:
            data_count = self.contents.section("datacount")
            if data_count.u32() != count:
                raise MalformedError(
                    "data count and data section have inconsistent lengths", section.position
                )
            end_of(data_count)
        for _ in range(count):
            self._print_data_segment(section)
        end_of(section)

    def _print_data_segment(self, section: Cursor) -> None:
        _, definition = self._define("data")
        at = section.position
        flags = section.u32()
        if flags > 2:
            raise MalformedError("malformed data segment kind", at, expected="0 to 2", found=str(flags))
        head = f"(data{definition}"
        if flags == 2:
            memory = section.u32()
            if memory:
                head += f" (memory {self.spaces['memory'].use(memory)})"
        if flags != 1:
            head += f" {self._wrapped('offset', section)}"
        content = section.part()
        self._line(f"{head}{self._content(content)})")

    def _content(self, content: Cursor) -> str:
        """Return bytes as strings with a space or a line end before each."""
        content_bytes = content.data[content.position : content.end]
        if not content_bytes:
            return ""
        literal = bytes_lines(content_bytes, "\n    ")
        return ("\n    " if "\n" in literal else " ") + literal

    # Functions

    def _print_code(self) -> None:
        section = self.contents.section("code")
        first = self._next["func"]
        if section.count() != len(self.functions) - first:
            raise MalformedError(
                "function and code section have inconsistent lengths", section.position,
                expected=f"{len(self.functions) - first} function bodies",
            )  # fmt: skip
        self.code.uses_data = False  # constant expressions do not count
        for _ in range(first, len(self.functions)):
            self._print_function(section.part())
        end_of(section)
        if self.code.uses_data and "datacount" not in self.contents.sections:
            raise MalformedError("data count section required", section.position)

    def _parameters(self, index: int) -> Space:
        """Return the identifiers of an imported function's parameters."""
        function = self.types.functions.get(self.functions[index])
        space = self._inner_space("local", index, len(function.params) if function else 0)
        return self._counted(space, len(function.params) if function else 0)

    def _counted(self, space: Space, params: int) -> Space:
        """Count the names of locals, and the parameters that are written out for them."""
        self._names_written += len(space.identifiers)
        if space.identifiers:
            self._take_locals(params)
        return space

    def _take_locals(self, count: int) -> None:
        self._locals_left -= count
        if self._locals_left < 0:
            raise InvalidError("too many locals", expected=f"at most {_MAX_ALL_LOCALS} in all functions")

    def _function_use(self, index: int, params: Space) -> str:
        return self.types.function_use(self.functions[index], params)

    def _print_function(self, body: Cursor) -> None:
        index, definition = self._define("func")
        start = body.position
        function = self.types.functions.get(self.functions[index], FunctionType((), ()))
        types = self._locals(body)
        n_params = len(function.params)
        space = self._counted(self._inner_space("local", index, n_params + len(types)), n_params)
        self._line(f"(func{definition} {self._function_use(index, space)}")
        if types:
            self._line(grouped("local", types, n_params, space)[1:], 2)
        labels = dict(self.identifiers.inner("label", index)) if self.identifiers is not None else {}
        hints = {
            start + offset: bytes_text(bytes((hint,))) for offset, hint in self.hints.get(index, {}).items()
        }
        self.code.begin(body.position, body.end, space.identifiers, labels, hints)
        lines = len(self.parts)
        if self.fold:
            self.folder.text(self.folder.trees(len(function.results)), self.parts, 2)
        else:
            self.code.flat(self.parts, 2)
        if self.code.cursor.position != body.end:
            raise MalformedError(
                "section size mismatch", start, expected=f"a body of {body.end - start} bytes"
            )
        self.parts.append(")" if len(self.parts) == lines else "\n  )")

    def _locals(self, body: Cursor) -> list[str]:
        """Read the locals of a function; return their types."""
        at = body.position
        types: list[str] = []
        for _ in range(body.count()):
            count = body.u32()
            if count > _MAX_LOCALS - len(types):
                raise InvalidError("too many locals", at, expected=f"at most {_MAX_LOCALS}")
            types += [self.types.value_type(body)] * count
        self._take_locals(len(types))
        return types

    # Annotations

    def _print_annotations(self) -> None:
        names = self.contents.names() if self.keeps_names else None
        behind_names = False
        for custom in self.contents.customs:
            if custom is names:
                behind_names = True
            elif not (self.hints and custom is self.contents.hints()):
                self._print_custom(custom, "" if behind_names else _place(custom.after))
        if "datacount" in self.contents.sections and not self.code.uses_data:
            self._line(f"(@{DATA_COUNT})")

    def _print_custom(self, custom: Custom, place: str) -> None:
        content = self._content(Cursor(self.data, custom.start, custom.end))
        self._line(f"(@custom {name_text(custom.name)}{place}{content})")


def _place(after: str) -> str:
    return " (before first)" if after == "first" else f" (after {after})"


_EXTERN_TYPES: Final[dict[str, Callable[[_ModulePrinter, Cursor], str]]] = {
    "func": _ModulePrinter._function_type,
    "table": _ModulePrinter._table_type,
    "memory": _ModulePrinter._memory_type,
    "global": _ModulePrinter._global_type,
    "tag": _ModulePrinter._tag_type,
}
_ITEMS: Final[dict[str, Callable[[_ModulePrinter, Cursor], None]]] = {
    "table": _ModulePrinter._print_table,
    "memory": _ModulePrinter._print_memory,
    "tag": _ModulePrinter._print_tag,
    "global": _ModulePrinter._print_global,
    "export": _ModulePrinter._print_export,
}
_SEGMENTS: Final[dict[str, Callable[[_ModulePrinter, Cursor], None]]] = {
    "elem": _ModulePrinter._print_elements,
}
