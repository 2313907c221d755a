"""WASI as imports: what a linker gives to the modules of each store."""

from __future__ import annotations

from wasmine.api.linker import HostDefinition
from wasmine.api.types import FuncType
from wasmine.wasi.abi import MODULE
from wasmine.wasi.functions import FUNCTIONS, host_function
from wasmine.wasi.system import Wasi

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from wasmine.api.instance import Instance
    from wasmine.api.linker import Linker
    from wasmine.api.store import Store
    from wasmine.wasi.config import WasiConfig

TYPE_NAMES = {"i": "i32", "I": "i64"}


class Grants:
    """What a linker grants: the guest of each store gets a system of its own, at its first need."""

    __slots__ = ("options",)

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options

    def open(self, store: Store) -> Wasi:
        """Return the system of a store. It is closed with the store."""
        wasi: Wasi = store.attached(self, lambda: Wasi(**self.options))
        wasi.caller = lambda: store.caller
        wasi.must_stop = lambda: store.out_of_time
        return wasi


class WasiFunction(HostDefinition):
    """One function of WASI, which becomes a function of each store that needs it."""

    __slots__ = ("grants", "name")

    def __init__(self, grants: Grants, name: str, type: FuncType) -> None:
        super().__init__(never_called, type, caller=False)
        self.grants = grants
        self.name = name

    def bind(self, store: Store) -> Callable[..., Any]:
        """Return what a store calls."""
        return host_function(self.grants.open(store), self.name)


def never_called() -> None:
    """Stand for a function that only exists once there is a store."""
    raise AssertionError


def define(linker: Linker, config: WasiConfig) -> None:
    """Define WASI preview 1 in a linker, with what `config` grants.

    Modules of one store that are instantiated with that linker share their open files, as the parts of one
    program do; each uses the memory that it exports as `memory`.

    Raises:
        ValueError: the linker has WASI already.
    """
    define_options(linker, vars(config))


def define_options(linker: Linker, options: dict[str, Any]) -> None:
    """Do as `define` does, with the fields of a `WasiConfig` in a dictionary."""
    grants = Grants(dict(options))
    types: dict[tuple[str, bool], FuncType] = {}
    for name, (params, _) in FUNCTIONS.items():
        key = params, name == "proc_exit"
        if key not in types:
            types[key] = FuncType([TYPE_NAMES[param] for param in params], () if key[1] else ("i32",))
        linker._put(MODULE, name, WasiFunction(grants, name, types[key]), replace=False)


def run(instance: Instance) -> int:
    """Run a command, a module that exports `_start`, to its end and return its exit code.

    Raises:
        KeyError: it exports no `_start`.
        Trap: it trapped.
        Anything that a host function raised on the way.
    """
    from wasmine.wasi.proc import Exit

    try:
        instance.exports["_start"]()
    except Exit as end:
        return end.code
    return 0
