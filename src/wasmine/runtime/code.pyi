from typing import Any

from wasmine.binary.module import ModuleData
from wasmine.ir.text import Listing

class ModuleCodeCore:
    def __init__(self, data: ModuleData, metered: bool = False) -> None: ...
    @property
    def data(self) -> ModuleData: ...
    native: Any
    """Its `wasmine.jit.tiering.NativeCode`; None: it is only interpreted."""
    def listing(self, index: int) -> Listing:
        """The register IR of a defined function, lowered now if it has not been called."""
