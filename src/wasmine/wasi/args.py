"""Arguments and environment."""

from __future__ import annotations

from wasmine.wasi.abi import U32
from wasmine.wasi.memory import check_span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wasmine.wasi.system import Wasi


def args_get(wasi: Wasi, pointers: int, text: int) -> None:
    """Write the arguments, and the addresses of each."""
    write_strings(wasi.view(), wasi.args, pointers, text)


def args_sizes_get(wasi: Wasi, count: int, size: int) -> None:
    """Write how many arguments there are, and how many bytes they take."""
    write_sizes(wasi.view(), wasi.args, count, size)


def environ_get(wasi: Wasi, pointers: int, text: int) -> None:
    """Write the environment as `name=value`, and the addresses of each."""
    write_strings(wasi.view(), wasi.env, pointers, text)


def environ_sizes_get(wasi: Wasi, count: int, size: int) -> None:
    """Write how many variables there are, and how many bytes they take."""
    write_sizes(wasi.view(), wasi.env, count, size)


def write_strings(view: memoryview, strings: tuple[bytes, ...], pointers: int, text: int) -> None:
    """Write strings that each end in NUL, one after the other, and a pointer to each."""
    data = b"".join(strings)
    check_span(view, pointers, 4 * len(strings))
    check_span(view, text, len(data))
    view[text : text + len(data)] = data
    for string in strings:
        U32.pack_into(view, pointers, text)
        pointers += 4
        text += len(string)


def write_sizes(view: memoryview, strings: tuple[bytes, ...], count: int, size: int) -> None:
    """Write the number of strings and the bytes that they take, their NULs among them."""
    U32.pack_into(view, count, len(strings))
    U32.pack_into(view, size, sum(map(len, strings)))
