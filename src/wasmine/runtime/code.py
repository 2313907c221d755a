"""The code of one module: what its instances share."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.libc.stdlib import calloc, free
from cython.cimports.wasmine.binary.module import EXT_FUNC, ModuleData, ModuleDesc
from cython.cimports.wasmine.ir.func import IrFunc
from cython.cimports.wasmine.runtime.vm import ModuleCode

ENDLESS = cython.declare(cython.const[uint32_t], 0x7FFFFFFF)


@cython.final
@cython.cclass
class ModuleCodeCore:
    """The functions of a module, each lowered when it is first called.

    `metered`: the code counts fuel.
    """

    def __cinit__(self, data: ModuleData, metered: bool = False) -> None:
        desc: cython.pointer[ModuleDesc] = cython.address(data.desc)
        code: cython.pointer[ModuleCode] = cython.address(self.code)
        func: cython.pointer[IrFunc]
        i: uint32_t
        self.data = data
        code.desc = desc
        code.defs = desc.defs
        code.metered = metered
        code.owner = cython.cast(cython.p_void, self)
        code.n_imported_funcs = desc.n_imported_funcs
        code.funcs = cython.cast(
            cython.pointer[IrFunc], calloc(desc.n_bodies or 1, cython.sizeof(IrFunc))
        )
        if code.funcs == cython.NULL:
            raise MemoryError
        code.n_funcs = desc.n_bodies
        for i in range(desc.n_bodies):
            func = code.funcs + i
            func.index = desc.n_imported_funcs + i
            func.type_id = desc.func_types[func.index]
            func.code_module = code
            # No stack has room for it, so that the first call takes the slow path, which lowers.
            func.frame_slots = ENDLESS

    def __dealloc__(self) -> None:
        i: uint32_t
        if self.code.funcs == cython.NULL:
            return
        for i in range(self.code.n_funcs):
            free(self.code.funcs[i].code)
            free(self.code.funcs[i].offsets)
        free(self.code.funcs)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def index_exports(self) -> cython.int:
        desc: cython.pointer[ModuleDesc] = self.code.desc
        index: dict = {}
        i: uint32_t
        for i in range(desc.n_exports):
            index[self.data.text(desc.exports[i].name)] = i
        self.export_index = index
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def index_funcs(self) -> cython.int:
        desc: cython.pointer[ModuleDesc] = self.code.desc
        names: dict = {}
        i: uint32_t
        for i in range(desc.n_exports):
            if desc.exports[i].kind == EXT_FUNC:
                names.setdefault(desc.exports[i].index, self.data.text(desc.exports[i].name))
        self.func_names = names
        return 0

    @cython.cfunc
    def func_name(self, index: uint32_t) -> str:
        if self.func_names is None:
            self.index_funcs()
        name = self.func_names.get(index)
        return f"func[{index}]" if name is None else name
