"""The module `spectest` that the official suite imports from."""

from __future__ import annotations

from wasmine.api.externs import Global, Table
from wasmine.api.func import Func
from wasmine.api.linker import Linker
from wasmine.api.memory import Memory
from wasmine.api.store import Store
from wasmine.api.types import FUNCREF, GlobalType, MemoryType, TableType

PRINTS = {
    "print": (),
    "print_i32": ("i32",),
    "print_i64": ("i64",),
    "print_f32": ("f32",),
    "print_f64": ("f64",),
    "print_i32_f32": ("i32", "f32"),
    "print_f64_f64": ("f64", "f64"),
}
GLOBALS = {
    "global_i32": ("i32", 666),
    "global_i64": ("i64", 666),
    "global_f32": ("f32", 666.6),
    "global_f64": ("f64", 666.6),
}


def define_spectest(linker: Linker, store: Store) -> None:
    """Defines what the suite expects. What is printed is dropped."""

    def ignore(*_: object) -> None:
        pass

    for name, params in PRINTS.items():
        linker.define("spectest", name, Func(store, ignore, params=params, results=()))
    for name, (kind, value) in GLOBALS.items():
        linker.define("spectest", name, Global(store, GlobalType(kind), value))
    linker.define("spectest", "table", Table(store, TableType(FUNCREF, 10, 20)))
    linker.define("spectest", "table64", Table(store, TableType(FUNCREF, 10, 20, address="i64")))
    linker.define("spectest", "memory", Memory(store, MemoryType(1, 2)))
    linker.define("spectest", "shared_memory", Memory(store, MemoryType(1, 2, shared=True)))
