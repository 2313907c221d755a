from collections.abc import Callable, Iterable
from typing import Any, final

from wasmine.api.store import Store
from wasmine.api.types import FuncType, ValTypeLike
from wasmine.runtime.extern import Extern

@final
class Func(Extern):
    def __init__(
        self,
        store: Store,
        callable: Callable[..., Any],
        type: FuncType | None = None,
        *,
        params: Iterable[ValTypeLike] | None = None,
        results: Iterable[ValTypeLike] | None = None,
    ) -> None: ...
    def __call__(self, *args: Any) -> Any: ...
    @property
    def type(self) -> FuncType: ...
    @property
    def name(self) -> str: ...
    @property
    def store(self) -> Store: ...
