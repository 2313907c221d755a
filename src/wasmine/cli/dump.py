"""`wasmine run --dump-ir`, `--dump-ssa`, `--dump-asm`: what functions become on their way to machine code."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from wasmine.cli.errors import CommandError, UsageError, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wasmine.api.module import Module

# Machines: capstone's names of architecture and mode, and what fills the space behind code.
MACHINES = {
    "x64": ("CS_ARCH_X86", "CS_MODE_64", b"\xcc"),
    "arm64": ("CS_ARCH_ARM64", "CS_MODE_ARM", b"\x00\x00\x20\xd4"),
}


def dump(module: Module, form: str, wanted: str, target: str | None = None) -> int:
    """Print a function, by its name or index, or all functions when none is named.

    `form`: `ir`, `ssa` or `asm`. `target`: the machine whose code it is, as `jit` names it; None: this one.
    """
    if target not in (None, *MACHINES):
        raise UsageError(f"--target takes {' or '.join(MACHINES)}, got {target}")
    kinds: dict[str, Callable[[Module, int], Iterator[str]]] = {
        "ir": ir_lines,
        "ssa": ssa_lines,
        "asm": lambda module, index: asm_lines(module, index, target),
    }
    lines = kinds[form]
    first = True
    for index in chosen_functions(module, wanted):
        try:
            found = list(lines(module, index))
        except NotImplementedError as error:
            if wanted:
                raise CommandError(str(error)) from None
            found = [f"; {error}"]
        if not first:
            print()
        first = False
        for line in found:
            print(printable(line))
    return 0


def ir_lines(module: Module, index: int) -> Iterator[str]:
    """Return the register IR of a function."""
    from wasmine.ir.text import format_lines

    return format_lines(module._code.listing(index))


def ssa_lines(module: Module, index: int) -> Iterator[str]:
    """Return the SSA form of a function after the optimiser."""
    from wasmine.jit.ssa.debug import TooLarge, build_func

    try:
        func = build_func(module._code, index)
    except TooLarge:
        raise NotImplementedError(f"{module._code.name_of(index)} is too large for the compiler") from None
    func.run("optimize")
    yield f"func {module._code.name_of(index)}:"
    yield from str(func).splitlines()


def asm_lines(module: Module, index: int, target: str | None) -> Iterator[str]:
    """Return the machine code of a function."""
    try:
        import capstone
    except ImportError:
        raise CommandError("--dump-asm needs capstone: pip install 'wasmine[asm]'") from None
    from wasmine.jit.cross import machine_code
    from wasmine.jit.host import host_name

    name = module._code.listing(index).name
    code = native_code(module, index, name) if target is None else machine_code(module._code, index, target)
    yield f"func {name}: {len(code)} bytes"
    architecture, mode, padding = MACHINES[target or host_name() or ""]
    machine = capstone.Cs(getattr(capstone, architecture), getattr(capstone, mode))
    machine.skipdata = True  # constants and tables follow the code
    while code.endswith(padding):
        code = code.removesuffix(padding)
    for at, _, mnemonic, operands in machine.disasm_lite(code, 0):
        yield f"{at:6x}  {mnemonic:10} {operands}".rstrip()


def native_code(module: Module, index: int, name: str) -> bytes:
    """Return what this process would run of a function."""
    from wasmine.jit.tiering import wait

    native = module._code.native
    if native is None:
        raise CommandError("--dump-asm needs a tier that compiles, and a compiler for this machine")
    position = index - module._code.imported_funcs
    native.compile(position)
    wait()
    if not native.is_native(position):
        raise NotImplementedError(f"{name} is not compiled: {native.outcomes()[position][1]}")
    code: bytes = native.machine_code(position)
    return code


def chosen_functions(module: Module, wanted: str) -> list[int]:
    """Return the indices of the defined functions that are asked for."""
    from wasmine.api.describe import counts
    from wasmine.api.types import FuncType
    from wasmine.cli.sections import exported_functions

    imported = sum(isinstance(one.type, FuncType) for one in module.imports)
    defined = range(imported, counts(module._data)[2])
    if not wanted:
        return list(defined)
    if wanted.isascii() and wanted.isdigit():
        index: int | None = int(wanted)
    else:
        index = exported_functions(module.data).get(wanted)
        if index is None:
            index = next((i for i in defined if name_of(module, i) == wanted), None)
    if index is None or index not in defined:
        raise UsageError(f"the module defines no function {wanted}")
    return [index]


def name_of(module: Module, index: int) -> str | None:
    """Return the name of a function, or None for one that cannot be lowered yet."""
    try:
        return module._code.listing(index).name
    except NotImplementedError:
        return None
