from typing import SupportsIndex

from wasmine.runtime.store import StoreCore

class I31(int):
    """An unboxed integer of 31 bits as a reference (core specification, section 2.3.3: i31).

    Args:
        value: from -2**30 to 2**31 - 1; it is an int from -2**30 to 2**30 - 1 then.

    Raises:
        OverflowError: the value is out of range.
    """

    def __new__(cls, value: SupportsIndex) -> I31: ...

class ObjectRef:
    """A structure, array or exception of a store."""

    @property
    def store(self) -> StoreCore: ...
