"""The end of the guest, and what else concerns its process."""

from __future__ import annotations

import os

from wasmine.wasi.errno import NOTSUP, Fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from wasmine.wasi.system import Wasi


class Exit(Exception):  # an end, not an error
    """The guest has called `proc_exit`. It passes through WebAssembly to whoever called the guest.

    Attributes:
        code: the exit code, from 0 to 2**32 - 1; 0 is success.
    """

    ends_quietly = True  # no WebAssembly frames in its traceback

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code

    def __str__(self) -> str:
        return f"the guest has exited with code {self.code}"


def proc_exit(wasi: Wasi, code: int) -> NoReturn:
    """End the guest."""
    raise Exit(code)


def proc_raise(wasi: Wasi, signal: int) -> None:
    """Send a signal to the guest itself: there are none."""
    raise Fail(NOTSUP)


def sched_yield(wasi: Wasi) -> None:
    """Let other threads run."""
    os.sched_yield()
