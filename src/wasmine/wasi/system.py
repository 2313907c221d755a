"""The system that one guest sees: its arguments, clocks and files, and its memory."""

from __future__ import annotations

import os
import time

from wasmine.wasi import abi
from wasmine.wasi.descriptors import Directory, Table
from wasmine.wasi.errno import FAULT, Fail
from wasmine.wasi.streams import open_input, open_output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from _typeshed import StrPath

    from wasmine.wasi.config import Input, Output, Preopen

NO_VIEW = memoryview(b"")


class Wasi:
    """WASI preview 1 for one guest. The keyword arguments are the fields of `WasiConfig`.

    The memory is that of the instance that calls: `caller` says which, or `bind` once for all.

    Raises:
        OSError: a directory or a file cannot be opened.
        TypeError, ValueError: an argument is wrong.
    """

    __slots__ = (
        "_caller",
        "_memory",
        "_view",
        "args",
        "caller",
        "clock_resolution",
        "cpu_start",
        "env",
        "files",
        "monotonic",
        "must_stop",
        "random",
        "realtime",
    )

    def __init__(
        self,
        *,
        args: Iterable[str] = (),
        env: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
        preopens: Mapping[str, StrPath] | Iterable[Preopen] | None = None,
        stdin: Input = None,
        stdout: Output = None,
        stderr: Output = None,
        realtime: Callable[[], int] = time.time_ns,
        monotonic: Callable[[], int] = time.monotonic_ns,
        clock_resolution: int = 1000,
        random: Callable[[int], bytes] = os.urandom,
        max_descriptors: int = 512,
    ) -> None:
        self.args = argument_list(args)
        self.env = variable_list(env)
        if clock_resolution < 1:
            raise ValueError(f"clock_resolution must be at least 1 nanosecond, got {clock_resolution}")
        self.realtime = realtime
        self.monotonic = monotonic
        self.clock_resolution = clock_resolution
        self.cpu_start = {
            abi.PROCESS_CPUTIME: time.process_time_ns(),
            abi.THREAD_CPUTIME: time.thread_time_ns(),
        }
        self.random = random
        self.caller: Callable[[], Any] | None = None
        self.must_stop: Callable[[], bool] = never
        self._caller: object = None
        self._memory: Any = b""
        self._view = NO_VIEW
        self.files = Table(max_descriptors)
        try:
            self.files.add(open_input(stdin))
            self.files.add(open_output(stdout, 1))
            self.files.add(open_output(stderr, 2))
            for preopen in preopen_list(preopens):
                self.files.add(open_preopen(*preopen))
        except BaseException:
            self.files.close_all()
            raise

    def bind(self, memory: Any) -> None:
        """Use this memory: anything with a writable buffer that has one byte an item, and a length."""
        self._memory = memory
        self._view = memoryview(memory)

    def view(self) -> memoryview:
        """Return the memory of the instance that calls, as large as it is now."""
        if self.caller is not None:
            caller = self.caller()
            if caller is not self._caller:
                self._use(caller)
        if len(self._memory) != len(self._view):
            self._view = memoryview(self._memory)
        return self._view

    def close(self) -> None:
        """Close all that is open, and forget the memory."""
        self.files.close_all()
        self._caller = None
        self._memory = b""
        self._view = NO_VIEW

    def _use(self, caller: Any) -> None:
        """Turn to the memory of another instance."""
        if caller is None:  # called by Python, which has none
            raise Fail(FAULT)
        from wasmine.api.memory import Memory

        exports = caller.exports
        if "memory" not in exports or not isinstance(exports["memory"], Memory):
            from wasmine.spec.errors import LinkError

            raise LinkError("a module that uses WASI must export its memory as 'memory'")
        self.bind(exports["memory"])
        self._caller = caller


def never() -> bool:
    """Say that there is no hurry."""
    return False


def argument_list(args: Iterable[str]) -> tuple[bytes, ...]:
    """Return arguments as the guest gets them."""
    if isinstance(args, (str, bytes)):
        raise TypeError(f"args must be several strings, such as [{args!r}], not {args!r}")
    found = []
    for value in args:
        if "\0" in value:
            raise ValueError(f"an argument cannot contain NUL: {value!r}")
        found.append(value.encode("utf-8", "surrogateescape") + b"\0")
    return tuple(found)


def variable_list(env: Any) -> tuple[bytes, ...]:
    """Return the variables of an environment as the guest gets them."""
    found = []
    for name, value in env.items() if hasattr(env, "items") else env or ():
        if not name or "=" in name or "\0" in name or "\0" in value:
            raise ValueError(f"no variable of an environment can be {name!r}={value!r}")
        found.append(f"{name}={value}".encode("utf-8", "surrogateescape") + b"\0")
    return tuple(found)


def preopen_list(preopens: Any) -> list[tuple[str, Any, bool]]:
    """Return preopened directories as (guest's name, host's path, read-only)."""
    if preopens is None:
        return []
    if hasattr(preopens, "items"):
        return [(guest, host, False) for guest, host in preopens.items()]
    found = []
    for preopen in preopens:
        if isinstance(preopen, (str, bytes)) or len(preopen) not in (2, 3):
            raise TypeError(f"a preopen is (guest, host) or (guest, host, readonly), not {preopen!r}")
        found.append((preopen[0], preopen[1], bool(preopen[2]) if len(preopen) == 3 else False))
    return found


def open_preopen(guest: str, host: StrPath, readonly: bool) -> Directory:
    """Open a directory for the guest."""
    name = guest.encode("utf-8", "surrogateescape")
    if not name or 0 in name:
        raise ValueError(f"a preopened directory cannot be called {guest!r}")
    fd = os.open(host, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    return Directory(fd, name=name, readonly=readonly)
