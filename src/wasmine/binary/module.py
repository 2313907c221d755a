"""The description of a module: owner of the arrays that `module.pxd` lays out."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.libc.stdlib import free
from cython.cimports.libc.string import memset
from cython.cimports.wasmine.binary.module import MemoryDesc, ModuleDesc, Span, TableDesc

from wasmine.spec.types import value_type_name

KINDS = ("func", "table", "memory", "global", "tag")
MODES = ("active", "passive", "declarative")


@cython.final
@cython.cclass
class ModuleData:
    """What the bytes of a module say. `wasmine.binary.decode.decode` makes one."""

    def __cinit__(self) -> None:
        memset(cython.address(self.desc), 0, cython.sizeof(ModuleDesc))
        self.groups = []
        self.customs = []

    def __dealloc__(self) -> None:
        i: uint32_t
        for i in range(self.desc.n_elems):
            free(self.desc.elems[i].items)
        free(self.desc.types)
        free(self.desc.imports)
        free(self.desc.exports)
        free(self.desc.func_types)
        free(self.desc.func_declared)
        free(self.desc.tables)
        free(self.desc.memories)
        free(self.desc.globals)
        free(self.desc.tags)
        free(self.desc.elems)
        free(self.desc.datas)
        free(self.desc.bodies)

    def __repr__(self) -> str:
        return f"<ModuleData of {self.desc.size} bytes, {self.desc.n_funcs} functions>"

    @cython.cfunc
    def span(self, where: Span) -> bytes:
        """A stretch of the module's bytes."""
        return self.data[where.start : where.end]

    @cython.cfunc
    def text(self, where: Span) -> str:
        """A name of the module."""
        return self.data[where.start : where.end].decode()

    def describe(self) -> dict:
        """All parts of the module as plain Python objects, for inspection.

        Types of functions and tags are ids in the registry, other types their text. Limits are `(minimum,
        maximum)` in elements or pages, maximum None when there is none. Constant expressions and function
        bodies are `(start, end)` offsets, None for an absent expression; data segments end with that of their
        content.
        """
        d = cython.address(self.desc)
        return {
            "types": [d.types[i] for i in range(d.n_types)],
            "imports": [
                (
                    self.text(d.imports[i].module),
                    self.text(d.imports[i].name),
                    KINDS[d.imports[i].kind],
                    d.imports[i].index,
                )
                for i in range(d.n_imports)
            ],
            "exports": [
                (self.text(d.exports[i].name), KINDS[d.exports[i].kind], d.exports[i].index)
                for i in range(d.n_exports)
            ],
            "funcs": [d.func_types[i] for i in range(d.n_funcs)],
            "declared": [i for i in range(d.n_funcs) if d.func_declared[i]],
            "tables": [describe_table(d.tables + i) for i in range(d.n_tables)],
            "memories": [describe_memory(d.memories + i) for i in range(d.n_memories)],
            "globals": [
                (
                    value_type_name(d.globals[i].type),
                    bool(d.globals[i].mutable),
                    describe_span(d.globals[i].init),
                )
                for i in range(d.n_globals)
            ],
            "tags": [d.tags[i] for i in range(d.n_tags)],
            "elems": [self.describe_elem(i) for i in range(d.n_elems)],
            "datas": [
                (
                    MODES[d.datas[i].mode],
                    d.datas[i].memory,
                    describe_span(d.datas[i].offset),
                    (d.datas[i].content.start, d.datas[i].content.end),
                )
                for i in range(d.n_datas)
            ],
            "bodies": [describe_span(d.bodies[i]) for i in range(d.n_bodies)],
            "start": d.start if d.has_start else None,
        }

    def describe_elem(self, index: cython.uint) -> tuple:
        """An element segment: mode, type, table, offset, and function indices or offsets of expressions."""
        if index >= self.desc.n_elems:
            raise IndexError(index)
        e = self.desc.elems + index
        items = [e.items[i] for i in range(e.count)]
        return MODES[e.mode], value_type_name(e.type), e.table, describe_span(e.offset), items


@cython.cfunc
def describe_span(where: Span) -> object:
    """Offsets of a stretch of bytes; None when it is empty."""
    return (where.start, where.end) if where.end > where.start else None


@cython.cfunc
def describe_table(t: cython.pointer[TableDesc]) -> tuple:
    """A table: type of its elements, limits, address type, initializer."""
    limits = t.minimum, t.maximum if t.has_max else None
    return value_type_name(t.type), limits, "i64" if t.is64 else "i32", describe_span(t.init)


@cython.cfunc
def describe_memory(m: cython.pointer[MemoryDesc]) -> tuple:
    """A memory: limits, address type, whether it is shared, bytes in a page."""
    limits = m.minimum, m.maximum if m.has_max else None
    return limits, "i64" if m.is64 else "i32", bool(m.shared), 1 << m.page_log2
