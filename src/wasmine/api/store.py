# cython: nonecheck=True
"""Stores as users hold them."""

import cython
from cython.cimports.libc.stdint import int64_t
from cython.cimports.wasmine.runtime.clib import monotonic_ns
from cython.cimports.wasmine.runtime.instance import InstanceCore
from cython.cimports.wasmine.runtime.reference import set_class_loader
from cython.cimports.wasmine.runtime.store import StoreCore
from cython.cimports.wasmine.runtime.vm import POLL_STOP

import wasmine.interp.loop  # noqa: F401
from wasmine.api.engine import Engine, default_engine
from wasmine.jit import stubs
from wasmine.spec.errors import StoreClosed

UNMETERED = cython.declare(cython.const[int64_t], 0x7FFFFFFFFFFFFFFF)


@cython.final
@cython.cclass
class Store(StoreCore):
    """What instances live in: memories, tables, globals, functions (core specification, section 4.2.3).

    A store is for one thread at a time; stores of one engine run in parallel. Objects of a store know it, and
    cannot be given to another one. With `with`, or by `close`, all of it is freed at a known time; without,
    the garbage collector does.

    Args:
        engine: what runs its code; the default engine when there is none given.
        max_memory: bytes that all its memories may have together.
        max_table_elements: elements that all its tables may have together.
        max_instances: instances that may be made in it.
        max_memories: memories that may be made in it.
        max_tables: tables that may be made in it.
        max_stack: bytes of stack for Wasm code, from 4096 to 2**30; a call that needs more traps.
        max_gc_heap: bytes that structures, arrays and exceptions may take up; code that needs more, when all
            that is not reachable has been freed, traps.
        fuel: instructions that its code may execute in all. The engine must count them: `Config(fuel=True)`.
        timeout: seconds of wall-clock time for each call from Python that is not itself made by a host
            function.

    None means no limit of wasmine's own, but for `max_stack`, `max_table_elements` and `max_gc_heap`, which
    have defaults.

    Attributes:
        engine: the `Engine` that runs its code.
        closed: whether it was closed.

    Raises:
        ValueError: a limit is negative or out of range, or `fuel` is given for an engine that does not count.
    """

    def __init__(
        self,
        engine=None,
        *,
        max_memory=None,
        max_table_elements=None,
        max_instances=None,
        max_memories=None,
        max_tables=None,
        max_stack=None,
        max_gc_heap=None,
        fuel=None,
        timeout=None,
    ):
        if engine is None:
            engine = default_engine()
        if not isinstance(engine, Engine):
            raise TypeError(f"engine must be an Engine, not {engine.__class__.__name__}")
        if fuel is not None and not engine.metered:
            raise ValueError("fuel needs an engine that counts it: Engine(Config(fuel=True))")
        self.engine = engine
        self.host_funcs = {}
        self.modules = {}
        self.instances = {}
        self.object_types = {}
        self.object_groups = set()
        self.attachments = {}
        StoreCore.__init__(
            self,
            engine.registry,
            max_memory=max_memory,
            max_table_elements=max_table_elements,
            max_instances=max_instances,
            max_memories=max_memories,
            max_tables=max_tables,
            max_stack=max_stack,
            max_gc_heap=max_gc_heap,
            fuel=fuel,
            timeout=timeout,
            small_memory=not engine.guarded,
            gc_stress=engine.gc_stress,
        )
        if engine.metered and fuel is None:
            self.ctx.fuel = UNMETERED

    @property
    def fuel(self):
        """Instructions that may still run, or None when there is no such limit. It can be set at any time.

        Each instruction counts one, on whatever tier it runs; a straight run of instructions is charged for
        when it begins.

        Setting raises:
            ValueError: the engine does not count, or the number is negative.
            StoreClosed, StoreBusy: the store is closed, or another thread runs in it.
        """
        return max(self.ctx.fuel, 0) if self.metered else None

    @fuel.setter
    def fuel(self, value):
        if not self.engine.metered:
            raise ValueError("fuel needs an engine that counts it: Engine(Config(fuel=True))")
        self.check()
        if value is None:
            self.metered = False
            self.ctx.fuel = UNMETERED
            return
        self.metered = True
        self.set_fuel(value)

    @property
    def timeout(self):
        """Seconds that a call may take, or None. A change counts from the next call on."""
        return self.timeout_ns / 1e9 if self.timeout_ns else None

    @timeout.setter
    def timeout(self, value):
        if value is None:
            self.timeout_ns = 0
            return
        if not value > 0:
            raise ValueError(f"timeout must be positive, got {value}")
        self.timeout_ns = int(min(max(value * 1e9, 1), 4e18))

    def gc(self):
        """Free the structures, arrays and exceptions that nothing refers to; let go of Python objects too.

        Wasm code collects by itself when it has allocated as much as was alive before. A Python object that
        was given to Wasm as a reference is let go by a collection that finds no reference to it; this makes
        it happen now. A cycle through both Wasm and Python objects stays until the store is closed.

        Raises:
            StoreClosed, StoreBusy: the store is closed, or another thread runs in it.
        """
        StoreCore.gc(self)

    @property
    def gc_heap_bytes(self):
        """Bytes that structures, arrays and exceptions take up, with what is free between them."""
        return self.heap.block_bytes + self.heap.large_bytes + self.heap.spare_bytes

    @property
    def caller(self):
        """The `Instance` whose code called the host function that runs now; None when none runs."""
        if self.closed or self.ctx.activation == cython.NULL or self.ctx.inst == cython.NULL:
            return None
        core: InstanceCore = cython.cast(InstanceCore, self.ctx.inst.owner)
        return self.instance_of(core)

    @property
    def out_of_time(self) -> bool:
        """Whether the call that runs now should end: its time is over, or `interrupt` was called.

        For host functions that wait: Wasm code itself is ended in time.
        """
        if self.ctx.activation == cython.NULL:
            return False
        if self.ctx.interrupt == POLL_STOP:
            return True
        return self.ctx.deadline != 0 and monotonic_ns() >= self.ctx.deadline

    def attached(self, key, make):
        """Return what belongs to the store under `key`; if there is nothing yet, what `make()` returns.

        It lives as long as the store, whose closing calls its `close()`.

        Raises:
            StoreClosed: the store is closed.
        """
        if self.closed:
            raise StoreClosed("the store is closed")
        found = self.attachments.get(key)
        if found is None:
            found = make()
            self.attachments[key] = found
        return found

    @cython.cfunc
    def instance_of(self, core: InstanceCore):
        """Return the one `Instance` for what the runtime made."""
        found = self.instances.get(core)
        if found is None:
            from wasmine.api.instance import wrap

            found = wrap(core, self.modules[core.code])
            self.instances[core] = found
        return found

    def close(self):
        """Free all that lives in the store, now. A second time it does nothing.

        What Python still holds of it raises StoreClosed when used. A buffer that is a view of a memory stays
        valid, and keeps that memory's bytes until it goes itself.

        Raises:
            StoreBusy: its code runs, in this thread or another one.
        """
        if self.closed:
            return
        StoreCore.close(self)
        # Emptied through locals: what is freed here may run Python code.
        held = (self.host_funcs, self.modules, self.instances)
        attachments = self.attachments
        self.host_funcs, self.modules, self.instances, self.attachments = {}, {}, {}, {}
        del held
        for attachment in attachments.values():
            attachment.close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def __repr__(self):
        if self.closed:
            return "<Store, closed>"
        count = self.n_instances
        fuel = f", {self.fuel} fuel left" if self.metered else ""
        running = ", running" if self.ctx.activation != cython.NULL else ""
        return (
            f"<Store with {count} instance{'' if count == 1 else 's'}, "
            f"{self.ctx.memory_bytes} bytes of memory{fuel}{running}>"
        )


def host_func(store: Store, definition, func_type):
    """Return the `Func` of this store for a linker's host definition, which is the same each time.

    Raises:
        StoreClosed, StoreBusy: the store is closed, or another thread runs in it.
    """
    from wasmine.api.func import Func

    # Equal function types can still be different defined types: the id tells them apart.
    key = (definition, func_type, func_type._id)
    found = store.host_funcs.get(key)
    if found is None:
        found = Func(store, definition.bind(store), func_type)
        store.host_funcs[key] = found
    return found


def load_object_classes():
    """Import the classes of GC objects, of which most programs see none."""
    import wasmine.api.objects  # noqa: F401


set_class_loader(load_object_classes)

# Here the rooms that know nothing of each other meet: the interpreter, imported above, has told the runtime
# to run functions with it, and now they get stacks of their own.
stubs.install()
