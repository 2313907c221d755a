"""The contents of two small custom sections: producers and branch hints.

A custom section cannot make a module malformed (core specification, section 5.5.3). What is damaged reads as
far as it makes sense, and the rest is ignored.
"""

from collections.abc import Iterable

from wasmine.binary.cursor import Cursor
from wasmine.spec.errors import MalformedError

CustomSection = tuple[str, int, int, int]
"""Name, offsets of the first byte of the contents and of the one after the last, id of the section before."""


def producers(data: bytes, customs: Iterable[CustomSection]) -> dict[str, list[tuple[str, str]]]:
    """What the module was made with: by field ("language", "processed-by", "sdk"), pairs of name and version.

    The section is described by the tool conventions of WebAssembly, "Producers Section".
    """
    fields: dict[str, list[tuple[str, str]]] = {}
    for name, start, end, _ in customs:
        if name == "producers":
            cursor = Cursor(data, start, end)
            try:
                for _ in range(cursor.u32()):
                    values = fields.setdefault(cursor.name(), [])
                    for _ in range(cursor.u32()):
                        values.append((cursor.name(), cursor.name()))
            except MalformedError:
                break
    return fields


def branch_hints(data: bytes, customs: Iterable[CustomSection]) -> dict[int, dict[int, bool]]:
    """For each function index that has hints: whether the branch at a byte offset is likely taken.

    Offsets of the `if` or `br_if` count from the first byte of the function body, its local declarations. See
    the branch hinting proposal, "metadata.code.branch_hint".
    """
    hints: dict[int, dict[int, bool]] = {}
    for name, start, end, _ in customs:
        if name == "metadata.code.branch_hint":
            cursor = Cursor(data, start, end)
            try:
                for _ in range(cursor.u32()):
                    of_function = hints.setdefault(cursor.u32(), {})
                    for _ in range(cursor.u32()):
                        offset = cursor.u32()
                        of_function[offset] = cursor.part().byte() == 1
            except MalformedError:
                break
    return hints
