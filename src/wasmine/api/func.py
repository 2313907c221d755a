# cython: nonecheck=True
"""Functions, called from Python: the way in from `instance.exports.add(2, 40)`.

A call costs little more than that of a Python function: arguments go from their objects straight into slots,
and the common types are converted here rather than by `runtime.values`.
"""

import cython
from cython.cimports.cpython.float import PyFloat_AS_DOUBLE, PyFloat_CheckExact, PyFloat_FromDouble
from cython.cimports.cpython.long import PyLong_CheckExact, PyLong_FromLong, PyLong_FromLongLong
from cython.cimports.libc.stdint import int32_t, int64_t, uint32_t, uint64_t
from cython.cimports.libc.string import memcpy
from cython.cimports.wasmine.api.describe import def_of, describe_func, intern_func
from cython.cimports.wasmine.api.native import PyLong_AsLongLongAndOverflow
from cython.cimports.wasmine.binary.module import EXT_FUNC
from cython.cimports.wasmine.runtime.call import invoke
from cython.cimports.wasmine.runtime.code import ModuleCodeCore
from cython.cimports.wasmine.runtime.extern import Extern, register_class
from cython.cimports.wasmine.runtime.heap import Heap, SlotSpan, close_span, open_span
from cython.cimports.wasmine.runtime.hostfunc import HostFunc, new_host_func
from cython.cimports.wasmine.runtime.instance import InstanceCore
from cython.cimports.wasmine.runtime.store import StoreCore
from cython.cimports.wasmine.runtime.values import from_slots, to_slots
from cython.cimports.wasmine.runtime.vm import FUNC_HOST
from cython.cimports.wasmine.spec.types import T_F64, T_I32, T_I64, T_NONE, RecGroup, holds_objects, slots_of

from wasmine.api.signature import annotated_type, explicit_type
from wasmine.spec.errors import StoreClosed

INLINE_SLOTS = cython.declare(cython.const[uint32_t], 16)


@cython.final
@cython.cclass
class Func(Extern):
    """A function of a store: one that a module exports, or one that Python gives to modules.

    Calling it runs it: `func(2, 40)`. No result gives None, one gives its value, several give a tuple.

    | Wasm      | Python                                                                                     |
    | --------- | ------------------------------------------------------------------------------------------ |
    | i32, i64  | int; taken: anything with `__index__`, from -2**31 to 2**32 - 1 (-2**63 to 2**64 - 1);     |
    |           | given: signed                                                                              |
    | f32, f64  | float; taken: float or int; an f32 is rounded to nearest                                   |
    | v128      | bytes of length 16, lanes in little-endian order                                           |
    | funcref   | Func or None                                                                               |
    | externref | any object; None is null                                                                   |
    | anyref    | StructRef, ArrayRef, I31; None is null; taken: an int that fits for an I31; any other      |
    |           | object, as what a module has converted from an externref                                   |
    | exnref    | ExnRef or None                                                                             |

    Args:
        store: the store to live in.
        callable: what to run when the function is called. What it raises arrives at whoever called into Wasm.
        type: its type. Without one the annotations of `callable` say it: `int` is i32, `float` is f64,
            `wasmine.i64` and the like are what they say; the result is None, one of them, or a `tuple[...]`.
        params: types of the parameters, instead of `type`.
        results: types of the results, instead of `type`.

    Attributes:
        store: the `Store` that it lives in.

    Raises:
        TypeError: `callable` cannot be called, or it has neither annotations nor a type given.
        StoreClosed: the store is closed.

    Calling raises:
        TypeError: wrong number or type of arguments.
        OverflowError: an integer argument is out of range.
        Trap: the function trapped (core specification, section 4.2.3).
        StoreClosed, StoreBusy: the store is closed, or another thread runs in it.
        Anything that a host function raised on the way.
    """

    def __init__(self, store: StoreCore, callable, type=None, *, params=None, results=None):
        if store is None:
            raise TypeError("store must be a Store, not None")
        if not hasattr(callable, "__call__"):  # noqa: B004  # `callable` is the parameter here
            raise TypeError(f"a function needs something to call, not {callable.__class__.__name__}")
        store.check()
        name: str = getattr(callable, "__name__", None) or callable.__class__.__name__
        func_type = explicit_type(type, params, results)
        if func_type is None:
            func_type = annotated_type(callable)
        if func_type is None:
            raise TypeError(f"{name}() has no annotations; give its type, params or results")
        group: RecGroup = intern_func(store.registry, func_type)
        host: HostFunc = new_host_func(store, def_of(group, func_type), group, callable, name)
        self.store = store
        self.kind = EXT_FUNC
        self.func = host.func
        self.ready()

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def ready(self) -> cython.int:
        """Take from the type what a call needs at once."""
        self.type_def = self.func.type
        self.n_params = self.type_def.n_params
        self.n_slots = max(self.type_def.param_slots, self.type_def.result_slots)
        self.single = self.type_def.results[0] if self.type_def.n_results == 1 else T_NONE
        self.inline_slots = self.n_slots <= INLINE_SLOTS
        i: uint32_t
        # Parameters and results follow each other.
        for i in range(self.type_def.n_params + self.type_def.n_results):
            if holds_objects(self.store.ctx.defs, self.type_def.params[i]):
                self.inline_slots = False
        return 0

    def __call__(self, *args):
        """Run the function."""
        slots = cython.declare(uint64_t[16])
        if self.type_def == cython.NULL:
            raise TypeError("this Func refers to no function: make one with Func(store, callable)")
        if len(args) != self.n_params:
            raise self.wrong_count(len(args))
        if not self.inline_slots:
            return self.call_in_span(args)
        self.fill(args, slots)
        invoke(self.store, self.func, slots)
        return self.results(slots)

    @cython.cfunc
    def call_in_span(self, args: tuple):
        """Run the function with its slots where a collector finds them."""
        heap: cython.pointer[Heap] = cython.address(self.store.heap)
        if self.store.owner != 0:
            self.store.check()
        span: cython.pointer[SlotSpan] = open_span(heap, self.n_slots)
        try:
            self.fill(args, span.slots)
            invoke(self.store, self.func, span.slots)
            return self.results(span.slots)
        finally:
            close_span(heap, span)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def fill(self, args: tuple, slots: cython.pointer[uint64_t]) -> cython.int:
        """Write the arguments into slots."""
        i: cython.Py_ssize_t
        kind: uint32_t
        wide: cython.longlong
        real: cython.double = 0
        overflow: cython.int = 0
        for i in range(self.n_params):
            kind = self.type_def.params[i]
            value = args[i]
            if kind == T_I32 and PyLong_CheckExact(value):
                wide = PyLong_AsLongLongAndOverflow(value, cython.address(overflow))
                if overflow == 0 and -2147483648 <= wide <= cython.cast(cython.longlong, 0xFFFFFFFF):
                    slots[0] = cython.cast(uint32_t, wide)
                    slots += 1
                    continue
            elif kind == T_I64 and PyLong_CheckExact(value):
                wide = PyLong_AsLongLongAndOverflow(value, cython.address(overflow))
                if overflow == 0:
                    slots[0] = cython.cast(uint64_t, wide)
                    slots += 1
                    continue
            elif kind == T_F64 and PyFloat_CheckExact(value):
                real = PyFloat_AS_DOUBLE(value)
                memcpy(slots, cython.address(real), 8)
                slots += 1
                continue
            try:
                to_slots(self.store, kind, value, slots)
            except (TypeError, OverflowError) as error:
                raise self.wrong_argument(i, error) from error.__cause__
            slots += slots_of(kind)
        return 0

    @cython.cfunc
    def results(self, slots: cython.pointer[cython.const[uint64_t]]):
        """Return what a call returns, from the slots of its results."""
        real: cython.double = 0
        i: uint32_t
        kind: uint32_t
        if self.single == T_I32:
            return PyLong_FromLong(cython.cast(int32_t, slots[0]))
        elif self.single == T_I64:
            return PyLong_FromLongLong(cython.cast(int64_t, slots[0]))
        elif self.single == T_F64:
            memcpy(cython.address(real), slots, 8)
            return PyFloat_FromDouble(real)
        elif self.single != T_NONE:
            return from_slots(self.store, self.single, slots)
        if self.type_def.n_results == 0:
            return None
        values: list = []
        for i in range(self.type_def.n_results):
            kind = self.type_def.results[i]
            values.append(from_slots(self.store, kind, slots))
            slots += slots_of(kind)
        return tuple(values)

    @cython.cfunc
    def wrong_count(self, count: cython.Py_ssize_t):
        """Return the exception for a wrong number of arguments."""
        return TypeError(
            f"{self.name}() takes {plural(self.n_params, 'argument')}, {count} given; its type is {self.type}"
        )

    @cython.cfunc
    def wrong_argument(self, index: cython.Py_ssize_t, error):
        """Return an exception that says more than the one that the conversion of an argument raised."""
        param = self.type.params[index]
        named = self.param_name(index)
        which = f"{named}: {param}" if named else param
        return error.__class__(f"{self.name}() argument {index} ({which}): {error}; its type is {self.type}")

    @cython.cfunc
    def param_name(self, index: cython.Py_ssize_t):
        """Return the name of a parameter from the module's name section, if it has one."""
        if self.func.kind == FUNC_HOST:
            return None
        from wasmine.binary.names import Names

        data = cython.cast(InstanceCore, self.func.inst.owner).code.data
        return Names(data.data, data.customs).get("local", self.func.index, index)

    @property
    def type(self):
        """Its type, a `FuncType`."""
        self.check_made()
        return describe_func(self.store.registry, self.type_def)

    @property
    def name(self) -> str:
        """Its name: from the module's name section, else from an export, else `func[index]`."""
        self.check_made()
        if self.func.kind == FUNC_HOST:
            return cython.cast(HostFunc, self.func.host).name
        owner: InstanceCore = cython.cast(InstanceCore, self.func.inst.owner)
        code: ModuleCodeCore = owner.code
        return code.func_name(self.func.index)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check_made(self) -> cython.int:
        """Raise unless there is a function, in a store that is not closed."""
        if self.type_def == cython.NULL:
            raise TypeError("this Func refers to no function: make one with Func(store, callable)")
        if self.store.closed:
            raise StoreClosed("the store is closed")
        return 0

    def __repr__(self):
        if self.type_def == cython.NULL:
            return "<Func of nothing>"
        if self.store.closed:
            return "<Func of a closed store>"
        kind = "host " if self.func.kind == FUNC_HOST else ""
        return f"<{kind}Func {self.name} {self.type}>"


@cython.cfunc
def plural(count: cython.Py_ssize_t, noun: str) -> str:
    """Return a count with its noun."""
    return f"1 {noun}" if count == 1 else f"{count} {noun}s"


register_class(EXT_FUNC, Func)
