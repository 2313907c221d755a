"""Sockets. Nothing grants any, so no descriptor is one."""

from __future__ import annotations

from wasmine.wasi.errno import NOTSOCK, Fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wasmine.wasi.system import Wasi


def sock_accept(wasi: Wasi, number: int, flags: int, result: int) -> None:
    """Take a connection that has come in."""
    no_socket(wasi, number)


def sock_recv(
    wasi: Wasi, number: int, parts: int, count: int, flags: int, size: int, result_flags: int
) -> None:
    """Receive a message."""
    no_socket(wasi, number)


def sock_send(wasi: Wasi, number: int, parts: int, count: int, flags: int, size: int) -> None:
    """Send a message."""
    no_socket(wasi, number)


def sock_shutdown(wasi: Wasi, number: int, how: int) -> None:
    """Close one direction of a connection, or both."""
    no_socket(wasi, number)


def no_socket(wasi: Wasi, number: int) -> None:
    """Raise BADF for what is not open, and NOTSOCK for what is."""
    wasi.files.get(number)
    raise Fail(NOTSOCK)
