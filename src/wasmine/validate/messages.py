"""Makes the exception for a fault that the compiled validator recorded."""

from wasmine.spec.errors import InvalidError, MalformedError, ModuleError
from wasmine.spec.opcodes import BY_ID
from wasmine.validate.faults import FAULTS


def make_error(
    code: int, offset: int, function: int | None, op: int, want: str, have: str, index: int, bound: int
) -> ModuleError | MemoryError:
    """The exception for fault number `code` (see faults.py) at the byte `offset` of the module.

    `want` and `have` are value types as the text format writes them.
    """
    fault = FAULTS[code - 1]
    if fault.name == "NO_MEMORY":
        return MemoryError("out of memory while validating a module")
    name = BY_ID[op].name if op in BY_ID else f"0x{op:02x}"
    words = {"op": name, "want": want, "have": have, "index": index, "bound": bound}
    expected, found = (template.format(**words) or None for template in (fault.expected, fault.found))
    kind = MalformedError if fault.malformed else InvalidError
    return kind(fault.text.format(**words), offset, function=function, expected=expected, found=found)
