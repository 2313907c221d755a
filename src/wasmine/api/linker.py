"""Linkers: names under which modules find what they import."""

from __future__ import annotations

from wasmine.api.externs import Global
from wasmine.api.instance import Instance, instantiate_module
from wasmine.api.signature import annotated_type, explicit_type
from wasmine.api.store import Store, host_func
from wasmine.api.types import FuncType, GlobalType
from wasmine.runtime.extern import Extern
from wasmine.spec.errors import LinkError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, TypeAlias, TypeVar

    from wasmine.api.engine import Engine
    from wasmine.api.module import Module
    from wasmine.api.types import ImportType, ValTypeLike
    from wasmine.wasi import WasiConfig

    Item: TypeAlias = Extern | Callable[..., Any] | int | float
    Imports: TypeAlias = Mapping[str, Mapping[str, Item] | Instance] | Mapping[tuple[str, str], Item]
    F = TypeVar("F", bound=Callable[..., Any])


class HostDefinition:
    """A callable that becomes a function of each store that a linker instantiates in.

    Without a type it takes that of the import which it is given for. `caller`: its first argument is the
    instance that called.
    """

    __slots__ = ("callable", "caller", "type")

    def __init__(self, callable: Callable[..., Any], type: FuncType | None, caller: bool) -> None:
        self.callable = callable
        self.type = type
        self.caller = caller

    def bind(self, store: Store) -> Callable[..., Any]:
        """Return what the function of a store calls."""
        function = self.callable
        if not self.caller:
            return function

        def call(*args: Any) -> Any:
            return function(store.caller, *args)

        call.__name__ = getattr(function, "__name__", type(function).__name__)
        return call


class Linker:
    """Names under which modules find what they import (core specification, section 4.7.2).

    What is defined with plain Python (callables, numbers) serves any number of stores; what belongs to a
    store (a `Func`, `Memory`, `Table`, `Global`, `Tag` or `Instance`) serves that store only.

    Args:
        engine: the engine of the modules to come; the default engine when there is none given.
    """

    __slots__ = ("_instances", "_items", "engine")

    engine: Engine

    def __init__(self, engine: Engine | None = None) -> None:
        from wasmine.api.engine import Engine, default_engine

        if engine is not None and not isinstance(engine, Engine):
            raise TypeError(f"engine must be an Engine, not {type(engine).__name__}")
        self.engine = engine or default_engine()
        self._items: dict[tuple[str, str], Extern | HostDefinition | int | float] = {}
        self._instances: dict[str, Instance] = {}

    def define(self, module: str, name: str, item: Item, *, replace: bool = False) -> None:
        """Define one import.

        Args:
            module: the first of its names.
            name: the second.
            item: a `Func`, `Memory`, `Table`, `Global` or `Tag`; a callable, whose type is what its
                annotations say, or if it has none what the importing module declares; or a number, for an
                immutable global.
            replace: whether there may be a definition already.

        Raises:
            TypeError: `item` is nothing of that kind, or its annotations are no signature.
            ValueError: there is a definition already.
        """
        if isinstance(item, (Extern, int, float)):
            self._put(module, name, item, replace)
        elif callable(item):
            self._put(module, name, HostDefinition(item, annotated_type(item), caller=False), replace)
        else:
            kind = type(item).__name__
            raise TypeError(
                f"{module}.{name}: {kind} is no Func, Memory, Table, Global, Tag, callable, number"
            )

    def func(
        self,
        module: str,
        name: str | None = None,
        type: FuncType | None = None,
        *,
        params: Iterable[ValTypeLike] | None = None,
        results: Iterable[ValTypeLike] | None = None,
        caller: bool = False,
        replace: bool = False,
    ) -> Callable[[F], F]:
        """Define a host function, as a decorator:

            @linker.func("env", "log")
            def log(code: int, ratio: float) -> None: ...

        Its type is `type`, or `params` and `results`, or what the annotations say (`int` is i32, `float` f64,
        `wasmine.i64` and the like are what they say), or without any of these what the importing module
        declares. What the function raises arrives unchanged at whoever called into Wasm.

        Args:
            module: the first of the import's names.
            name: the second; the function's own name when there is none given.
            type: its type.
            params: types of its parameters, instead of `type`.
            results: types of its results, instead of `type`.
            caller: whether its first argument is the `Instance` that calls, or None when Python calls it.
            replace: whether there may be a definition already.

        Returns:
            A decorator that returns the function as it is.

        Raises:
            TypeError: both `type` and `params` or `results` are given, or the annotations are no signature.
            ValueError: there is a definition already.
        """
        given = explicit_type(type, params, results)

        def decorate(function: F) -> F:
            func_type = given or annotated_type(function, skip=1 if caller else 0)
            second = function.__name__ if name is None else name
            self._put(module, second, HostDefinition(function, func_type, caller), replace)
            return function

        return decorate

    def instance(self, module: str, instance: Instance) -> None:
        """Define all that `instance` exports, under the first name `module`. `define` goes first."""
        if not isinstance(instance, Instance):
            raise TypeError(f"{module}: expected an Instance, not {type(instance).__name__}")
        self._instances[module] = instance

    def define_wasi(self, config: WasiConfig | None = None) -> None:
        """Define WASI preview 1, with what `config` grants; without one, nothing is granted."""
        from wasmine.wasi import WasiConfig, define

        define(self, config or WasiConfig())

    def define_all(self, imports: Imports, *, replace: bool = False) -> None:
        """Define imports that are given as mappings.

        Args:
            imports: `{"env": {"log": function}}`, `{"env": instance}` or `{("env", "log"): function}`.
            replace: whether there may be definitions already.

        Raises:
            TypeError, ValueError: as `define` does.
        """
        for key, value in imports.items():
            if isinstance(key, tuple):
                self.define(*key, value, replace=replace)  # type: ignore[arg-type]
            elif isinstance(value, Instance):
                self.instance(key, value)
            elif hasattr(value, "items"):
                for name, item in value.items():
                    self.define(key, name, item, replace=replace)
            else:
                kind = type(value).__name__
                raise TypeError(f"imports[{key!r}] must be a mapping of names or an Instance, not {kind}")

    def instantiate(self, store: Store, module: Module) -> Instance:
        """Give a module what it asks for, and run its start function (section 4.7.2).

        Raises:
            LinkError: an import is not defined, or is defined with another type. All that are missing are
            named.
            ResourceError: a limit of the store forbids it.
            Trap: a segment did not fit, or the start function trapped.
            ValueError: the module, the store, or something that is defined belongs to another engine or
            store. Anything that a host function raised on the way.
        """
        return self._instantiate(store, module)

    def _instantiate(self, store: Store, module: Module, owns_store: bool = False) -> Instance:
        if not isinstance(store, Store):
            raise TypeError(f"store must be a Store, not {type(store).__name__}")
        if store.engine is not module.engine:
            raise ValueError("the module and the store have different engines; make both with the same one")
        names = module._names()
        found = [self._find(store, module, position, *names[position]) for position in range(len(names))]
        if None in found:
            missing = [module._import_type(i) for i, item in enumerate(found) if item is None]
            hint = (
                "; wasi=True or a WasiConfig gives it WASI" if missing[0].module.startswith("wasi_") else ""
            )
            raise LinkError(f"unknown import: {'; '.join(map(str, missing))}{hint}")
        return instantiate_module(store, module, found, owns_store)

    def _put(self, module: str, name: str, item: Any, replace: bool) -> None:
        key = (module, name)
        if key in self._items and not replace:
            raise ValueError(f"{module}.{name} is already defined; define it with replace=True to change it")
        self._items[key] = item

    def _find(self, store: Store, module: Module, position: int, first: str, second: str) -> Extern | None:
        """Return what an import is given, or None when nothing is defined for it."""
        item = self._items.get((first, second))
        if item is None:
            instance = self._instances.get(first)
            if instance is None or second not in instance.exports:
                return None
            item = instance.exports[second]
        if isinstance(item, Extern):
            if item.store is not store:
                raise ValueError(f"{first}.{second} belongs to another store than the one to instantiate in")
            return item
        wanted = module._import_type(position)
        if isinstance(item, HostDefinition):
            return host_func(store, item, item.type or callable_type(wanted))
        return number_global(store, wanted, item)

    def __contains__(self, key: tuple[str, str]) -> bool:
        if key in self._items:
            return True
        instance = self._instances.get(key[0])
        return instance is not None and key[1] in instance.exports

    def __repr__(self) -> str:
        shown = [".".join(key) for key in self._items] + [f"{name}.*" for name in self._instances]
        more = f" and {len(shown) - 10} more" if len(shown) > 10 else ""
        return f"<Linker of {', '.join(shown[:10]) or 'nothing'}{more}>"


def callable_type(wanted: ImportType) -> FuncType:
    """Return the type that a callable without one takes from the import it is given for."""
    if not isinstance(wanted.type, FuncType):
        raise LinkError(f"incompatible import type: {wanted} was given a function")
    return wanted.type


def number_global(store: Store, wanted: ImportType, value: float) -> Global:
    """Return a new immutable global for an import that was given a plain number."""
    if not isinstance(wanted.type, GlobalType):
        raise LinkError(f"incompatible import type: {wanted} was given a number")
    if wanted.type.mutable:
        raise LinkError(f"incompatible import type: {wanted} is mutable; give it a Global")
    return Global(store, wanted.type, value)
