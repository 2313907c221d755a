"""`wasmine run --dump-ir`: the register IR of functions."""

from __future__ import annotations

from wasmine.cli.errors import CommandError, UsageError, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wasmine.api.module import Module


def dump_ir(module: Module, wanted: str) -> int:
    """Print the register IR of a function, by its name or index, or of all functions when none is named."""
    from wasmine.ir.text import format_lines

    first = True
    for index in chosen_functions(module, wanted):
        try:
            listing = module._code.listing(index)
        except NotImplementedError as error:
            if wanted:
                raise CommandError(str(error)) from None
            print(f"; {error}")
            continue
        if not first:
            print()
        first = False
        for line in format_lines(listing):
            print(printable(line))
    return 0


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
