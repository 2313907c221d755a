# cython: nonecheck=True
"""Instances and what they export."""

import cython
from cython.cimports.wasmine.api.native import PyObject_GenericGetDict
from cython.cimports.wasmine.api.store import Store
from cython.cimports.wasmine.ir.func import ENTRY_NATIVE
from cython.cimports.wasmine.runtime.code import ModuleCodeCore
from cython.cimports.wasmine.runtime.extern import Extern
from cython.cimports.wasmine.runtime.instance import InstanceCore, instantiate
from cython.cimports.wasmine.runtime.vm import FUNC_HOST, FuncInst

# They register the classes that exports are made of.
from wasmine.api import externs, func, memory  # noqa: F401
from wasmine.api.func import Func
from wasmine.spec.errors import StoreClosed


@cython.final
@cython.cclass
class Exports:
    """What an instance exports, by name: `exports.add`, or `exports["add"]` when the name is no identifier.

    Iterating gives the names in the module's order; `len` and `in` work. The same name gives the same object
    each time. It has no names of its own but for those that begin and end with two underscores.
    """

    def __init__(self):
        raise TypeError("an Exports comes from an instance")

    @cython.cfunc
    def index(self) -> dict:
        """Return the names in the module's order; what they map to is the runtime's."""
        code: ModuleCodeCore = self.core.code
        if code.export_index is None:
            code.index_exports()
        return code.export_index

    @cython.cfunc
    def find(self, name: str):
        """Return the export of a name, or None; the same object each time."""
        known: dict = PyObject_GenericGetDict(self, cython.NULL)
        found = known.get(name)
        if found is None:
            if self.core.store.closed:
                raise StoreClosed("the store is closed")
            found = self.core.export(name)
            if found is not None:
                known[name] = found
        return found

    def __getattr__(self, name):
        found = self.find(name)
        if found is None:
            raise AttributeError(f"nothing called {name!r} is exported; there is {listed(self.index())}")
        return found

    def __getitem__(self, name):
        found = self.find(name) if isinstance(name, str) else None
        if found is None:
            raise KeyError(f"nothing called {name!r} is exported; there is {listed(self.index())}")
        return found

    def __setattr__(self, name, value):
        raise AttributeError("exports cannot be assigned; the value of a global is exports.name.value")

    def __delattr__(self, name):
        raise AttributeError("exports cannot be deleted")

    def __contains__(self, name):
        return name in self.index()

    def __iter__(self):
        return iter(self.index())

    def __len__(self):
        return len(self.index())

    def __dir__(self):
        return [*object.__dir__(self), *self.index()]

    def __repr__(self):
        if self.core.store.closed:
            return "<Exports of a closed store>"
        return f"<Exports {listed(self.index())}>"


@cython.final
@cython.cclass
class Instance:
    """A module that was given its imports and can run (core specification, section 4.2.5).

    It comes from `wasmine.load` or `Linker.instantiate`. With `with`, the instance that `load` made closes
    its store at the end; one in a store of yours lives as long as that store does.

    Attributes:
        exports: what it exports: `instance.exports.add(2, 40)`.
        store: the `Store` that it lives in.
        module: the `Module` that it was made of.
    """

    def __init__(self):
        raise TypeError("an instance comes from wasmine.load() or Linker.instantiate()")

    def tier_of(self, name):
        """Return what runs the next call of an exported function.

        `"interp"`: it is interpreted; `"native"`: it has machine code; `"host"`: it is a Python function that
        the module imports. See `Config.tier` for when that changes.

        Raises:
            KeyError: nothing of that name is exported.
            TypeError: what is exported is no function.
            StoreClosed: the store is closed.
        """
        found = self.exports[name]
        if not isinstance(found, Func):
            raise TypeError(f"{name!r} is no function")
        self.store.check()
        target: cython.pointer[FuncInst] = cython.cast(Extern, found).func
        if target.kind == FUNC_HOST:
            return "host"
        return "native" if target.ir.entry_slots == ENTRY_NATIVE else "interp"

    def close(self):
        """Close the store, if `wasmine.load` made it for this instance; else do nothing.

        Raises:
            StoreBusy: code of the store runs.
        """
        if self.owns_store:
            self.store.close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def __repr__(self):
        if self.store.closed:
            return "<Instance, closed>"
        name = self.module.name
        return f"<Instance{f' of {name}' if name else ''} with {listed(self.exports.index())}>"


@cython.cfunc
def wrap_core(store: Store, core: InstanceCore, module) -> Instance:
    """Return a new `Instance`."""
    exports: Exports = Exports.__new__(Exports)
    exports.core = core
    instance: Instance = Instance.__new__(Instance)
    instance.core = core
    instance.store = store
    instance.module = module
    instance.exports = exports
    return instance


def wrap(core: InstanceCore, module) -> Instance:
    """Return a new `Instance` for one that the runtime made."""
    return wrap_core(core.store, core, module)


def instantiate_module(store: Store, module, imports: list, owns_store: bool = False) -> Instance:
    """Instantiate a module in a store; `imports` are objects of that store in the module's order.

    Raises:
        LinkError: an import has another type than the module asks for.
        ResourceError: a limit of the store forbids it.
        Trap: a segment did not fit, or the start function trapped.
        Anything that a host function raised on the way.
    """
    store.check()
    code: ModuleCodeCore = module._code
    store.modules[code] = module
    core: InstanceCore = instantiate(store, code, imports)
    instance: Instance = store.instance_of(core)
    instance.owns_store = owns_store
    return instance


@cython.cfunc
def listed(names: dict) -> str:
    """Return names for a message, and only the first of many."""
    if not names:
        return "no export"
    shown = ", ".join(list(names)[:10])
    return shown if len(names) <= 10 else f"{shown} and {len(names) - 10} more"
