from typing import Any

from wasmine.binary.module import ModuleData
from wasmine.ir.text import Listing

class ModuleCodeCore:
    def __init__(self, data: ModuleData, metered: bool = False) -> None: ...
    @property
    def data(self) -> ModuleData: ...
    native: Any
    """Its `wasmine.jit.tiering.NativeCode`; None: it is only interpreted."""
    @property
    def imported_funcs(self) -> int:
        """How many functions it imports: they come before those that it defines."""

    def name_of(self, index: int) -> str:
        """A function's name: from the name section, else an export, else `func[index]`."""

    def listing(self, index: int) -> Listing:
        """The register IR of a defined function, lowered now if it has not been called."""
