"""Functions that Python code implements (core specification, section 4.2.6: host functions)."""

import cython
from cython.cimports.wasmine.runtime.store import StoreCore
from cython.cimports.wasmine.runtime.vm import FUNC_HOST, FuncInst
from cython.cimports.wasmine.spec.types import TypeDef


@cython.final
@cython.no_gc
@cython.cclass
class HostFunc:
    """A Python callable with a function type."""


@cython.cfunc
def new_host_func(
    store: StoreCore, type: cython.pointer[TypeDef], owner: object, callable: object, name: str
) -> HostFunc:
    host: HostFunc = HostFunc()
    host.position = len(store.callables)
    store.callables.append(callable)
    host.name = name
    func: cython.pointer[FuncInst] = cython.cast(
        cython.pointer[FuncInst], store.alloc(cython.sizeof(FuncInst))
    )
    func.type_id = type.id
    func.kind = FUNC_HOST
    func.host = cython.cast(cython.p_void, host)
    func.type = type
    host.func = func
    store.keep_type(owner)
    store.keep_type(host)
    return host
