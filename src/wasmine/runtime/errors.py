"""The exceptions of running code, beside those of `spec.errors`."""

from __future__ import annotations

from typing import NamedTuple

from wasmine.spec.errors import Trap, WasmineError


class Frame(NamedTuple):
    """One WebAssembly frame of a backtrace."""

    func_name: str
    """From the name section, else of an export, else `func[index]`."""
    func_index: int
    """In the function index space of its module."""
    offset: int
    """Of the instruction, in bytes from the start of the module; -1 when unknown."""

    def __str__(self) -> str:
        return f"{self.func_name} at offset {self.offset:#x}" if self.offset >= 0 else self.func_name


class Omitted(NamedTuple):
    """Stands for the outer frames of a backtrace that is too long to show."""

    count: int

    def __str__(self) -> str:
        return f"... {self.count} more"


class StackExhausted(Trap, RecursionError):
    """Calls nest deeper than the store's `max_stack` allows."""


class FuelExhausted(Trap):
    """The store's fuel is used up."""


class Timeout(Trap, TimeoutError):
    """The store's wall-clock limit for one call has passed."""


class Interrupted(Trap):
    """`Store.interrupt` was called while the code ran."""


class ResourceError(WasmineError):
    """A limit of the store, or of the machine, forbids to make an instance, a memory or a table."""


class StoreClosed(WasmineError, ValueError):
    """The store was closed; nothing that belongs to it can be used any more."""


class StoreBusy(WasmineError, RuntimeError):
    """A store is used by one thread at a time, and is not closed while its code runs."""
