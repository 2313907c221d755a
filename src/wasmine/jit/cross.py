"""Machine code for a machine that need not be this one, for tests and tools that only look at it."""

import cython
from cython.cimports.libc.stdint import int64_t, uint8_t, uint32_t
from cython.cimports.wasmine.ir.func import FRAME_NOT_LOWERED, IrFunc
from cython.cimports.wasmine.ir.lower import lower
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer, free_code
from cython.cimports.wasmine.jit.backend.target import Links, Target
from cython.cimports.wasmine.jit.codemap import Notes, free_notes, init_notes
from cython.cimports.wasmine.jit.compile import COMPILED, NO_MEMORY, REFUSED_OP, Result, compile_function
from cython.cimports.wasmine.jit.host import target_named
from cython.cimports.wasmine.jit.ssa.build import NO_ENTRY
from cython.cimports.wasmine.runtime.code import ModuleCodeCore
from cython.cimports.wasmine.runtime.vm import ModuleCode
from cython.cimports.wasmine.spec.traps import TRAP_NONE

# Where the code shared by a module would be.
SHARED = cython.declare(cython.const[cython.size_t], 0x10000)
ADAPTERS = cython.declare(cython.const[cython.size_t], 0x20000)

never = cython.declare(cython.bint, False)


def machine_code(
    module: ModuleCodeCore, index: int, target: str, features: object = None, enter_at: int = -1
) -> bytes:
    """The code of a defined function of a module, given its index, for the machine `target`.

    `features`: bits of the machine's own (its lower.pxd), None for all that are known. `enter_at`: the
    position in register IR of a loop where the code begins, -1 for the start. The addresses of what code of a
    module shares are made up. Raises IndexError when there is no such function or position, ValueError for an
    unknown machine, NotImplementedError when the compiler refuses the function.
    """
    code: cython.pointer[ModuleCode] = cython.address(module.code)
    machine: cython.pointer[cython.const[Target]] = target_named(target)
    position: int64_t = index - cython.cast(int64_t, code.n_imported_funcs)
    func: cython.pointer[IrFunc]
    links = cython.declare(Links)
    buffer = cython.declare(CodeBuffer)
    notes = cython.declare(Notes)
    result = cython.declare(Result)
    if machine == cython.NULL:
        raise ValueError(f"no machine is called {target}")
    if position < 0 or position >= code.n_funcs:
        raise IndexError(f"the module defines no function {index}")
    func = code.funcs + position
    if func.frame_slots == FRAME_NOT_LOWERED and lower(code, func) != TRAP_NONE:
        raise NotImplementedError("the function cannot be lowered")
    if enter_at >= cython.cast(int64_t, func.n_instrs):
        raise IndexError(f"the function has no instruction at {enter_at}")
    make_up_links(cython.address(links))
    links.features = machine.all_features if features is None else features
    links.self = func if enter_at < 0 else cython.NULL
    buffer.bytes = cython.NULL
    buffer.size = buffer.capacity = buffer.failed = 0
    init_notes(cython.address(notes))
    result = compile_function(
        machine,
        cython.address(buffer),
        cython.address(notes),
        code,
        func,
        NO_ENTRY if enter_at < 0 else enter_at,
        cython.address(links),
        cython.address(never),
    )
    try:
        if result.status == NO_MEMORY:
            raise MemoryError
        if result.status != COMPILED:
            raise NotImplementedError(reason(cython.address(result)))
        return cython.cast(cython.pointer[uint8_t], buffer.bytes)[: buffer.size]
    finally:
        free_code(cython.address(buffer))
        free_notes(cython.address(notes))


@cython.cfunc
def reason(result: cython.pointer[Result]) -> str:
    if result.status == REFUSED_OP:
        from wasmine.jit.ssa.ops import OPS  # its names are needed here only

        return f"no translation of {OPS[result.op].name}"
    return f"the compiler refuses the function ({result.status})"


@cython.cfunc
@cython.exceptval(check=False)
def make_up_links(links: cython.pointer[Links]) -> cython.void:
    links.trap_exit = cython.cast(cython.p_void, SHARED)
    links.poll = cython.cast(cython.p_void, SHARED + 0x100)
    links.limit = cython.cast(cython.p_void, SHARED + 0x200)
    links.slow = cython.cast(cython.p_void, SHARED + 0x300)
    links.module = cython.NULL
    links.adapter_of = made_up_adapter


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def made_up_adapter(module: cython.p_void, type_id: uint32_t) -> cython.p_void:
    return cython.cast(cython.p_void, ADAPTERS + 16 * cython.cast(cython.size_t, type_id))
