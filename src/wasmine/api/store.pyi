from collections.abc import Callable, Hashable
from types import TracebackType
from typing import Protocol, Self, TypeVar, final

from wasmine.api.engine import Engine
from wasmine.api.func import Func
from wasmine.api.instance import Instance
from wasmine.api.linker import HostDefinition
from wasmine.api.types import FuncType
from wasmine.runtime.store import StoreCore

class Closable(Protocol):
    def close(self) -> object: ...

T = TypeVar("T", bound=Closable)

@final
class Store(StoreCore):
    timeout: float | None
    def __init__(
        self,
        engine: Engine | None = None,
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
    ) -> None: ...
    @property
    def engine(self) -> Engine: ...
    @property
    def fuel(self) -> int | None: ...
    @fuel.setter
    def fuel(self, value: int | None) -> None: ...
    @property
    def gc_heap_bytes(self) -> int: ...
    def gc(self) -> None: ...
    @property
    def caller(self) -> Instance | None: ...
    @property
    def out_of_time(self) -> bool: ...
    def attached(self, key: Hashable, make: Callable[[], T]) -> T: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

def host_func(store: Store, definition: HostDefinition, func_type: FuncType) -> Func: ...
