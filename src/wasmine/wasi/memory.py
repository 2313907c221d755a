"""The memory of the guest, as WASI calls read and write it.

A guest may pass any number as a pointer or a length. Whatever does not lie inside its memory ends the call
with FAULT: by the checks here, or by the `struct.error` that a layout of `abi` raises at the end of a view.
"""

from __future__ import annotations

from wasmine.wasi.abi import IOVEC
from wasmine.wasi.errno import FAULT, ILSEQ, INVAL, NAMETOOLONG, NOENT, Fail

MAX_BUFFERS = 1024
"""How many buffers one call uses, as with POSIX systems. More are left for the guest's next call."""

MAX_BYTES = 0x7FFF_F000
"""How many bytes one call moves, as on Linux. Buffers that overlap could add up to more than there is."""

MAX_PATH = 4096


def check_span(view: memoryview, pointer: int, size: int) -> None:
    """Raise FAULT unless `size` bytes at `pointer` are inside the memory."""
    if pointer + size > len(view):
        raise Fail(FAULT)


def span(view: memoryview, pointer: int, size: int) -> memoryview:
    """Return `size` bytes at `pointer`, without a copy."""
    if pointer + size > len(view):
        raise Fail(FAULT)
    return view[pointer : pointer + size]


def buffers(view: memoryview, pointer: int, count: int) -> list[memoryview]:
    """Return what an array of `iovec` or `ciovec` describes, without a copy and without empty ones."""
    size = len(view)
    if pointer + count * 8 > size:
        raise Fail(FAULT)
    if count == 1:
        start, length = IOVEC.unpack_from(view, pointer)
        if start + length > size:
            raise Fail(FAULT)
        return [view[start : start + min(length, MAX_BYTES)]] if length else []
    found = []
    left = MAX_BYTES
    for start, length in IOVEC.iter_unpack(view[pointer : pointer + min(count, MAX_BUFFERS) * 8]):
        if start + length > size:
            raise Fail(FAULT)
        length = min(length, left)
        if length:
            found.append(view[start : start + length])
            left -= length
    return found


def read_path(view: memoryview, pointer: int, size: int) -> bytes:
    """Return a path, which is neither empty nor longer than the host's paths and has no NUL in it."""
    if pointer + size > len(view):
        raise Fail(FAULT)
    if size > MAX_PATH:
        raise Fail(NAMETOOLONG)
    path = bytes(view[pointer : pointer + size])
    if not path:
        raise Fail(NOENT)
    if 0 in path:
        raise Fail(INVAL)
    try:
        path.decode()
    except UnicodeDecodeError:
        raise Fail(ILSEQ) from None
    return path
