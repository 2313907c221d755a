"""What a guest is granted."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import IO, Any, Literal, TypeAlias

from wasmine.wasi.system import argument_list, preopen_list, variable_list

Input: TypeAlias = "Literal['inherit'] | str | os.PathLike[str] | bytes | IO[bytes] | IO[str] | Any | None"
Output: TypeAlias = "Literal['inherit'] | str | os.PathLike[str] | IO[bytes] | IO[str] | Any | None"
Preopen: TypeAlias = "tuple[str, str | os.PathLike[str]] | tuple[str, str | os.PathLike[str], bool]"


@dataclass(frozen=True, kw_only=True)
class WasiConfig:
    """What a guest of WASI preview 1 is granted. What is not named here, it does not get.

    Args:
        args: its arguments. The first is, by custom, the name of the program.
        env: its environment.
        preopens: directories of the host that it may use, by the names that it knows them by:
            `{"/data": "some/directory"}`, or (guest, host) or (guest, host, readonly) for each. Nothing
            outside of them can be reached, whatever path or symbolic link the guest makes.
        stdin: `"inherit"` for that of this process, bytes, the path of a file, or a file-like object; None
            is empty.
        stdout: `"inherit"`, the path of a file to write, or a file-like object for bytes or text, which is
            flushed after each write; None throws away what is written.
        stderr: as `stdout`.
        realtime: what the clock of the time of day shows: nanoseconds since 1970.
        monotonic: what the clock that never goes back shows: nanoseconds.
        clock_resolution: nanoseconds, from 1. All clocks are cut to it: who can measure very short times can
            find out what other programs do.
        random: gives as many random bytes as it is asked for.
        max_descriptors: files and directories that may be open at once.

    Raises:
        ValueError, TypeError: an argument, or a name or value in the environment or among the directories, is
            no possible one. What is opened is opened when a store first needs it, and raises OSError then.
    """

    args: Iterable[str] = ()
    env: Mapping[str, str] | Iterable[tuple[str, str]] | None = None
    preopens: Mapping[str, str | os.PathLike[str]] | Iterable[Preopen] | None = None
    stdin: Input = None
    stdout: Output = None
    stderr: Output = None
    realtime: Callable[[], int] = time.time_ns
    monotonic: Callable[[], int] = time.monotonic_ns
    clock_resolution: int = 1000
    random: Callable[[int], bytes] = os.urandom
    max_descriptors: int = 512

    def __post_init__(self) -> None:
        """Check what can be checked without opening anything, and keep it from changing."""
        args = self.args if isinstance(self.args, (str, bytes)) else tuple(self.args)
        env = tuple(self.env.items() if isinstance(self.env, Mapping) else self.env or ())
        argument_list(args)  # refuses a string
        variable_list(env)
        object.__setattr__(self, "args", args)
        object.__setattr__(self, "env", env)
        object.__setattr__(self, "preopens", tuple(preopen_list(self.preopens)))
