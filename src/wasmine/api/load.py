"""The short way from a file to an instance."""

from __future__ import annotations

from wasmine.api.engine import Engine, default_engine, engine_for
from wasmine.api.instance import Instance
from wasmine.api.linker import Linker
from wasmine.api.module import Module
from wasmine.api.store import Store
from wasmine.runtime.extern import Extern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypedDict, Unpack

    from wasmine.api.linker import Imports
    from wasmine.api.source import Source
    from wasmine.wasi import WasiConfig

    class StoreLimits(TypedDict, total=False):
        """The limits that `Store` takes."""

        max_memory: int | None
        max_table_elements: int | None
        max_instances: int | None
        max_memories: int | None
        max_tables: int | None
        max_stack: int | None
        max_gc_heap: int | None
        fuel: int | None
        timeout: float | None


def load(
    source: Source | Module,
    imports: Imports | None = None,
    wasi: WasiConfig | bool | None = None,
    **limits: Unpack[StoreLimits],
) -> Instance:
    """Load a module and instantiate it in a store of its own.

        plugin = wasmine.load("plugin.wasm", {"env": {"log": print}})
        plugin.exports.add(2, 40)

    With `with`, the store is closed at the end.

    Args:
        source: the bytes of a module (anything with the buffer protocol), the path of a file, WAT text, or a
            `Module`.
        imports: what it may import: `{"env": {"log": function}}`, or `{"env": instance}`, whose store is then
            used, or `{("env", "log"): function}`. Items are as `Linker.define` takes them.
        wasi: whether it may import WASI preview 1, and what is granted to it; True grants nothing. A module
            that exports `_initialize` has it called.
        limits: `max_memory`, `max_table_elements`, `max_instances`, `max_memories`, `max_tables`,
            `max_stack`, `max_gc_heap`, `fuel` and `timeout`, as `Store` takes them.

    Raises:
        MalformedError, InvalidError: it is no valid module.
        LinkError: it asks for what it is not given, or is given another type.
        ResourceError: a limit forbids to make the instance.
        Trap: a segment did not fit, or its start function trapped.
        OSError: the file cannot be read.
        TypeError, ValueError: an argument is wrong.
        Anything that a host function raised on the way.
    """
    shared = store_of(imports)
    if shared is not None and limits:
        raise ValueError(f"the imports bring a store with them, so {', '.join(limits)} cannot be given")
    module = source if isinstance(source, Module) else Module(engine_of(shared, limits.get("fuel")), source)
    linker = Linker(module.engine)
    if wasi:
        linker.define_wasi(None if wasi is True else wasi)
    if imports is not None:
        linker.define_all(imports, replace=True)
    store = shared if shared is not None else Store(module.engine, **limits)
    try:
        instance = linker._instantiate(store, module, owns_store=shared is None)
        if wasi and "_initialize" in instance.exports:
            instance.exports["_initialize"]()
    except BaseException:
        if shared is None:
            store.close()
        raise
    return instance


def engine_of(shared: Store | None, fuel: int | None) -> Engine:
    """Return the engine to load for: that of the store that imports bring, or one of the process."""
    if shared is not None:
        engine: Engine = shared.engine
        return engine
    if fuel is None:
        return default_engine()
    from wasmine.api.config import Config

    return engine_for(Config(fuel=True))


def store_of(imports: Any) -> Store | None:
    """Return the store that things among the imports belong to, if any does. They must all have the same."""
    found: Store | None = None
    for value in (imports or {}).values():
        for item in value.values() if hasattr(value, "values") else (value,):
            if isinstance(item, (Extern, Instance)):
                if found is not None and item.store is not found:
                    raise ValueError("the imports belong to different stores")
                found = item.store  # type: ignore[assignment]  # users hold no other kind
    return found
