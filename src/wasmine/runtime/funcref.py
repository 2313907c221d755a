"""References to functions, made when first taken: functions that nobody names cost an instance nothing."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.runtime.store import arena_alloc
from cython.cimports.wasmine.runtime.vm import FUNC_WASM, FuncInst, Instance, ModuleCode


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def func_ref(inst: cython.pointer[Instance], index: uint32_t) -> cython.pointer[FuncInst]:
    code: cython.pointer[ModuleCode] = inst.code
    func: cython.pointer[FuncInst]
    if index < code.n_imported_funcs:
        return inst.imports[index]
    index -= code.n_imported_funcs
    if inst.funcrefs == cython.NULL:
        inst.funcrefs = cython.cast(
            cython.pointer[cython.pointer[FuncInst]],
            arena_alloc(inst.ctx, code.n_funcs * cython.sizeof(cython.p_void)),
        )
        if inst.funcrefs == cython.NULL:
            return cython.NULL
    func = inst.funcrefs[index]
    if func != cython.NULL:
        return func
    func = cython.cast(cython.pointer[FuncInst], arena_alloc(inst.ctx, cython.sizeof(FuncInst)))
    if func == cython.NULL:
        return cython.NULL
    func.kind = FUNC_WASM
    func.ir = code.funcs + index
    func.inst = inst
    func.type_id = func.ir.type_id
    func.type = code.defs[func.type_id]
    func.index = index + code.n_imported_funcs
    inst.funcrefs[index] = func
    return func
