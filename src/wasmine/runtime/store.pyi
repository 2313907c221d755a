from typing import Any

from wasmine.spec.types import TypeRegistry

class StoreCore:
    """A store; see store.pxd. The limits are those of `wasmine.Store`."""

    def __init__(
        self,
        registry: TypeRegistry,
        *,
        max_memory: int | None = None,
        max_table_elements: int | None = None,
        max_instances: int | None = None,
        max_memories: int | None = None,
        max_tables: int | None = None,
        max_stack: int | None = None,
        max_gc_heap: int | None = None,
        fuel: int | None = None,
        timeout: float | None = None,
        small_memory: bool = False,
        gc_stress: bool = False,
    ) -> None: ...
    @property
    def registry(self) -> TypeRegistry: ...
    @property
    def closed(self) -> bool: ...
    @property
    def fuel(self) -> Any: ...
    def set_fuel(self, fuel: int) -> None:
        """Sets the fuel of a metered store, in instructions. ValueError when it is not metered."""
    @property
    def gc_heap_bytes(self) -> int:
        """Bytes that the GC heap takes up, with what is free in its blocks."""
    def gc(self) -> None:
        """Frees what is not reachable in the GC heap; lets go of Python objects. StoreClosed, StoreBusy."""
    def interrupt(self) -> bool:
        """Makes the code that runs in this store trap soon; from any thread. False when none runs."""
    def close(self) -> None:
        """Frees memories, tables and references now. StoreBusy while code of the store runs."""
