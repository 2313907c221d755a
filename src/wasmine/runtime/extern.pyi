from wasmine.runtime.store import StoreCore

class Extern:
    """A function, table, memory, global or tag of a store."""

    @property
    def store(self) -> StoreCore: ...
