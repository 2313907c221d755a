"""The code of one module: what its instances share."""

import cython
from cython.cimports.libc.stdint import int64_t, uint32_t
from cython.cimports.libc.stdlib import calloc, free
from cython.cimports.wasmine.binary.module import EXT_FUNC, ModuleData, ModuleDesc
from cython.cimports.wasmine.ir.func import ENTRY_NEW, FRAME_NOT_LOWERED, Instr, IrFunc
from cython.cimports.wasmine.ir.lower import lower
from cython.cimports.wasmine.runtime.fixed import fix_table
from cython.cimports.wasmine.runtime.vm import ModuleCode
from cython.cimports.wasmine.spec.traps import TRAP_NONE


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
        code.funcs = cython.cast(cython.pointer[IrFunc], calloc(desc.n_bodies or 1, cython.sizeof(IrFunc)))
        if code.funcs == cython.NULL:
            raise MemoryError
        code.n_funcs = desc.n_bodies
        for i in range(desc.n_bodies):
            func = code.funcs + i
            func.index = desc.n_imported_funcs + i
            func.type_id = desc.func_types[func.index]
            func.code_module = code
            func.frame_slots = FRAME_NOT_LOWERED
            func.entry_slots = ENTRY_NEW
        fix_table(code)

    def __dealloc__(self) -> None:
        i: uint32_t
        if self.code.funcs == cython.NULL:
            return
        if self.code.native != cython.NULL:
            self.code.native.close(cython.address(self.code))
        for i in range(self.code.n_funcs):
            free(self.code.funcs[i].code)
            free(self.code.funcs[i].offsets)
            free(self.code.funcs[i].handlers)
        free(self.code.funcs)
        free(self.code.fixed)

    def listing(self, index: int) -> object:
        """The register IR of a defined function, lowered now if it has not been called.

        Raises IndexError when the module defines no function of that index, NotImplementedError when it has
        an instruction that is not executed yet.
        """
        from wasmine.ir.text import Listing  # its op names are needed here only

        code: cython.pointer[ModuleCode] = cython.address(self.code)
        position: int64_t = index - cython.cast(int64_t, code.n_imported_funcs)
        if position < 0 or position >= code.n_funcs:
            raise IndexError(f"the module defines no function {index}")
        func: cython.pointer[IrFunc] = code.funcs + position
        if func.frame_slots == FRAME_NOT_LOWERED and lower(code, func) != TRAP_NONE:
            raise NotImplementedError(f"{self.func_name(index)} has an instruction that is not executed yet")
        words: bytes = cython.cast(cython.p_char, func.code)[: func.n_instrs * cython.sizeof(Instr)]
        offsets: list = [func.offsets[i] for i in range(func.n_instrs)]
        return Listing(self.func_name(index), words, offsets, func.param_slots, func.header, func.frame_slots)

    @property
    def imported_funcs(self) -> int:
        """See the .pyi file."""
        return self.code.n_imported_funcs

    def name_of(self, index: int) -> str:
        """See func_name."""
        return self.func_name(index)

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
        # Only backtraces and messages need names.
        from wasmine.binary.names import Names

        desc: cython.pointer[ModuleDesc] = self.code.desc
        exported: dict = {}
        i: uint32_t
        for i in range(desc.n_exports):
            if desc.exports[i].kind == EXT_FUNC:
                exported.setdefault(desc.exports[i].index, self.data.text(desc.exports[i].name))
        self.exported_funcs = exported
        self.names = Names(self.data.data, self.data.customs)
        return 0

    @cython.cfunc
    def func_name(self, index: uint32_t) -> str:
        if self.names is None:
            self.index_funcs()
        return self.names.function(index) or self.exported_funcs.get(index) or f"func[{index}]"
