"""WebAssembly backtraces: what `Trap.frames` holds."""

from typing import NamedTuple


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

    frames: int

    def __str__(self) -> str:
        return f"... {self.frames} more"
