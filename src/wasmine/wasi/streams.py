"""Standard streams that are Python objects rather than descriptors of the host."""
# ruff: noqa: D102  # a method that overrides does what `Descriptor` says

from __future__ import annotations

import os
import sys

from wasmine.wasi import abi
from wasmine.wasi.descriptors import Descriptor, HostFile, Stdio

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

INPUT_RIGHTS = abi.STREAM_RIGHTS & ~abi.FD_WRITE
OUTPUT_RIGHTS = abi.STREAM_RIGHTS & ~abi.FD_READ
MAX_READ = 1 << 20
"""Bytes that are asked of a Python object at once, however large the guest's buffers are."""

MAX_WRITE = 1 << 26
"""Bytes that are given to a Python object at once. They are copied, and a guest's buffers may overlap."""


class NoInput(Descriptor):
    """Standard input that was not granted: at its end from the start."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(abi.UNKNOWN, INPUT_RIGHTS)

    def read(self, targets: Sequence[memoryview]) -> int:
        return 0


class NoOutput(Descriptor):
    """Standard output that was not granted: takes everything and keeps nothing."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(abi.UNKNOWN, OUTPUT_RIGHTS)

    def write(self, parts: Sequence[memoryview]) -> int:
        return sum(map(len, parts))


class BytesInput(Descriptor):
    """Standard input from bytes."""

    __slots__ = ("_rest",)

    def __init__(self, data: bytes) -> None:
        super().__init__(abi.UNKNOWN, INPUT_RIGHTS)
        self._rest = memoryview(data)

    def read(self, targets: Sequence[memoryview]) -> int:
        count, self._rest = scatter(self._rest, targets)
        return count


class Reader(Descriptor):
    """Standard input from a Python object with `read`, which gives bytes or text.

    Text is given to the guest as UTF-8, a line at a time if the object has `readline`. Of a text file that
    has bytes below it, these are read.
    """

    __slots__ = ("_file", "_more", "_read", "_rest")

    def __init__(self, file: Any) -> None:
        super().__init__(abi.UNKNOWN, INPUT_RIGHTS)
        file = getattr(file, "buffer", file)
        self._file = file
        if is_text(file):
            self._read = getattr(file, "readline", None) or file.read
        else:
            self._read = getattr(file, "read1", None) or file.read
        self._rest = memoryview(b"")
        self._more = False

    def fileno(self) -> int | None:
        # What the object has read ahead, its descriptor does not show.
        return None if self._rest or self._more else fileno_of(self._file)

    def read(self, targets: Sequence[memoryview]) -> int:
        if not targets:
            return 0
        if not self._rest:
            size = min(sum(map(len, targets)), MAX_READ)
            data = self._read(size)
            self._more = bool(data) and len(data) >= size
            if isinstance(data, str):
                data = data.encode("utf-8", "surrogateescape")
            self._rest = memoryview(data or b"")
        count, self._rest = scatter(self._rest, targets)
        return count


class Writer(Descriptor):
    """Standard output to a Python object with `write`, which takes bytes or text.

    Each write of the guest is flushed. A text file that has bytes below it gets the guest's bytes there. For
    other text, bytes that are not UTF-8 become U+FFFD, and a character that is written in pieces comes out
    whole.
    """

    __slots__ = ("_decode", "_file", "_flush", "_layered", "_write")

    def __init__(self, file: Any) -> None:
        super().__init__(abi.UNKNOWN, OUTPUT_RIGHTS)
        self._file = file
        self._flush: Any = getattr(file, "flush", None)
        below = getattr(file, "buffer", None)
        self._layered = below is not None and self._flush is not None
        self._write: Any = file.write if below is None else below.write
        self._decode: Any = None
        if below is None and is_text(file):
            import codecs

            self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def fileno(self) -> int | None:
        return fileno_of(self._file)

    def write(self, parts: Sequence[memoryview]) -> int:
        data = b"".join(limited(parts, MAX_WRITE))
        size = len(data)
        if self._decode is not None:
            self._write(self._decode(data))
        else:
            if self._layered:
                self._flush()  # what the text layer holds comes before
            written = self._write(data)
            if isinstance(written, int):
                size = min(max(written, 0), size)
        if self._flush is not None:
            self._flush()
        return size


def open_input(source: Any) -> Descriptor:
    """Return standard input for what a configuration says it is."""
    if source is None:
        return NoInput()
    if isinstance(source, str) and source == "inherit":
        return inherit(sys.stdin, 0, INPUT_RIGHTS)
    if isinstance(source, (bytes, bytearray, memoryview)):
        return BytesInput(bytes(source))
    if isinstance(source, (str, os.PathLike)):
        fd = os.open(source, os.O_RDONLY)
        return HostFile(fd, abi.FILE_RIGHTS & ~(abi.FD_WRITE | abi.FD_ALLOCATE | abi.FD_FILESTAT_SET_SIZE))
    if not hasattr(source, "read"):
        raise TypeError(
            f"stdin must be 'inherit', None, bytes, a path or a file, not {type(source).__name__}"
        )
    return Reader(source)


def open_output(target: Any, number: int) -> Descriptor:
    """Return standard output (`number` 1) or error (2) for what a configuration says it is."""
    if target is None:
        return NoOutput()
    if isinstance(target, str) and target == "inherit":
        return inherit(sys.stdout if number == 1 else sys.stderr, number, OUTPUT_RIGHTS)
    if isinstance(target, (str, os.PathLike)):
        fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        return HostFile(fd, abi.FILE_RIGHTS & ~abi.FD_READ)
    if not hasattr(target, "write"):
        name = "stdout" if number == 1 else "stderr"
        raise TypeError(f"{name} must be 'inherit', None, a path or a file, not {type(target).__name__}")
    return Writer(target)


def inherit(stream: Any, number: int, rights: int) -> Descriptor:
    """Return a standard stream of this process: its descriptor, or what Python has put in its place."""
    if stream is None or fileno_of(stream) == number:
        try:
            seekable = abi.FILE_RIGHTS & ~(abi.FD_READ | abi.FD_WRITE)
            return Stdio(number, rights | seekable, stream if number else None)
        except OSError:  # closed by whoever started us
            return NoOutput() if number else NoInput()
    return Writer(stream) if number else Reader(stream)


def limited(parts: Sequence[memoryview], most: int) -> list[memoryview]:
    """Return the first `most` bytes of buffers."""
    found = []
    for part in parts:
        found.append(part[:most])
        most -= len(found[-1])
        if most == 0:
            break
    return found


def scatter(data: memoryview, targets: Sequence[memoryview]) -> tuple[int, memoryview]:
    """Copy `data` into buffers; return how many bytes were copied, and the rest."""
    count = 0
    for target in targets:
        if not data:
            break
        size = min(len(target), len(data))
        target[:size] = data[:size]
        data = data[size:]
        count += size
    return count, data


def is_text(file: Any) -> bool:
    """Whether a Python file holds text rather than bytes."""
    import io

    if isinstance(file, io.TextIOBase):
        return True
    if isinstance(file, io.IOBase):
        return False
    mode = getattr(file, "mode", None)
    if isinstance(mode, str):
        return "b" not in mode
    return hasattr(file, "encoding")


def fileno_of(file: Any) -> int | None:
    """Return the descriptor behind a Python file, or None when there is none."""
    try:
        number = file.fileno()
    except (AttributeError, OSError, ValueError):
        return None
    return number if isinstance(number, int) else None
