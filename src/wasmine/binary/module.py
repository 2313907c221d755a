"""The description of a module: owner of the arrays that `module.pxd` lays out."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.libc.stdlib import free
from cython.cimports.libc.string import memset
from cython.cimports.wasmine.binary.module import (
    EXT_FUNC,
    EXT_GLOBAL,
    EXT_MEMORY,
    EXT_TABLE,
    ElemDesc,
    MemoryDesc,
    ModuleData,
    ModuleDesc,
    Span,
    TableDesc,
)

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
        return self.data[where.start : where.end]

    @cython.cfunc
    def text(self, where: Span) -> str:
        return self.data[where.start : where.end].decode()
