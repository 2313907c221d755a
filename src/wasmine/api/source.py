"""What users may hand over as a module: bytes, a path, or text."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from _typeshed import ReadableBuffer, StrPath

    Source: TypeAlias = ReadableBuffer | StrPath


def read_source(source: Source, disabled: frozenset[str] = frozenset()) -> tuple[bytes, str | None]:
    """Return a module's bytes, and the path that they came from if they did.

    A `str` is text when its first character that is neither white space nor part of a comment is a
    parenthesis, else a path. A path that ends in `.wat` names text. Text may not use features that are
    `disabled`.

    Raises:
        TypeError: `source` is nothing that can hold a module.
        OSError: the file cannot be read.
        MalformedError: it is text, and the text is not well-formed.
    """
    if isinstance(source, bytes):
        return source, None
    if isinstance(source, str):
        if is_text(source):
            return parse_text(source, None, disabled), None
        return read_file(source, disabled)
    if isinstance(source, os.PathLike):
        return read_file(os.fspath(source), disabled)
    try:
        return bytes(memoryview(source).cast("B")), None
    except TypeError:
        kind = type(source).__name__
        raise TypeError(f"a module is bytes, a path or WAT text, not {kind}") from None


def read_file(path: str | bytes, disabled: frozenset[str]) -> tuple[bytes, str]:
    """Return the bytes of the module in a file, and the path as text."""
    name = os.fsdecode(path)
    with open(name, "rb") as file:  # noqa: PTH123  # pathlib would cost a start-up's worth of imports
        data = file.read()
    if name.endswith(".wat") and not data.startswith(b"\0asm"):
        return parse_text(data, name, disabled), name
    return data, name


def is_text(source: str) -> bool:
    """Whether a string is WAT text rather than a path."""
    head = source.lstrip()
    while head.startswith(";;"):
        head = head.partition("\n")[2].lstrip()
    return head.startswith("(")


def parse_text(text: str | bytes, path: str | None, disabled: frozenset[str]) -> bytes:
    """Translate WAT text to bytes."""
    from wasmine.text import parse_module

    data: bytes = parse_module(text, filename=path, disabled=disabled)
    return data
