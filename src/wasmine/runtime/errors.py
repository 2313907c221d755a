"""The exceptions of running code. All derive from `WasmineError`."""

from __future__ import annotations

from typing import NamedTuple

from wasmine.spec.errors import WasmineError


class Frame(NamedTuple):
    """One WebAssembly frame of a backtrace."""

    func_name: str
    """Name from the name section, else of an export, else `func[index]`."""
    func_index: int
    """In the function index space of its module."""
    offset: int
    """Of the instruction, in bytes from the start of the module; -1 when unknown."""

    def __str__(self) -> str:
        where = f" at offset 0x{self.offset:x}" if self.offset >= 0 else ""
        return f"{self.func_name}{where}"


class Trap(WasmineError):
    """Execution of WebAssembly code was aborted (core specification, section 4.2.1).

    `code` is the number of the trap in `spec.traps`, `message` its text, `frames` the innermost frames,
    innermost first; `frames_omitted` says how many outer ones are left out.
    """

    def __init__(
        self,
        message: str,
        code: int = 0,
        frames: tuple[Frame, ...] = (),
        frames_omitted: int = 0,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.frames = frames
        self.frames_omitted = frames_omitted

    def __str__(self) -> str:
        if not self.frames:
            return self.message
        lines = [self.message, "WebAssembly backtrace, innermost frame first:"]
        lines += [f"  {i}: {frame}" for i, frame in enumerate(self.frames)]
        if self.frames_omitted:
            lines.append(f"  ... {self.frames_omitted} more")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.message, self.code, self.frames, self.frames_omitted)


class StackExhausted(Trap, RecursionError):
    """Calls nest deeper than the store's `max_stack` allows."""


class FuelExhausted(Trap):
    """The store's fuel is used up."""


class Timeout(Trap, TimeoutError):
    """The store's wall-clock limit for one call has passed."""


class Interrupted(Trap):
    """`Store.interrupt` was called while the code ran."""


class LinkError(WasmineError):
    """An import is missing or does not match what the module declares (core specification, section 4.7.2)."""


class ResourceError(WasmineError):
    """A limit of the store, or what the machine has, forbids to make an instance, a memory or a table."""


class StoreClosed(WasmineError, ValueError):
    """The store was closed; nothing that belongs to it can be used any more."""


class StoreBusy(WasmineError, RuntimeError):
    """A store is used by one thread at a time, and is not closed while it runs."""
