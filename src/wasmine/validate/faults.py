"""The one list of what can be wrong with a module that decodes: text of the suite, what was expected, found.

`tools/gen_validate.py` writes `faults.pxd` from the list, by which the compiled validator names a fault;
`messages.py` makes the exception. This module is never compiled.

In the templates `{op}` is the instruction, `{want}` and `{have}` are types, `{index}` and `{bound}` numbers.
"""

from typing import Final, NamedTuple


class Fault(NamedTuple):
    """One way to be wrong: a rule of the standard, or a limit, that instructions can break."""

    name: str
    text: str
    """Template of the reason, in the words of the official suite."""
    expected: str = ""
    """Template of what the standard asks for here; empty where `text` says it all."""
    found: str = ""
    """Template of what the module has instead."""
    malformed: bool = False
    """The bytes are no module at all, rather than a module that does not type-check."""


FAULTS: Final[tuple[Fault, ...]] = (
    # Types of operands
    Fault("TYPE_MISMATCH", "type mismatch", "{want} for {op}", "{have}"),
    Fault("VALUES_REMAIN", "type mismatch", "no more values at {op}", "{have}"),
    Fault("ARITY", "type mismatch", "a label of {bound} values for {op}", "one of {index}"),
    Fault("RESULTS", "type mismatch", "the caller's results from {op}", "others"),
    Fault("NOT_FUNCTION_TYPE", "type mismatch", "a function type for {op}", "type {index}"),
    Fault("NOT_STRUCT_TYPE", "type mismatch", "a structure type for {op}", "type {index}"),
    Fault("NOT_ARRAY_TYPE", "type mismatch", "an array type for {op}", "type {index}"),
    Fault("NOT_DEFAULTABLE", "type mismatch", "a type with a default value for {op}", "{have}"),
    Fault("PACKED", "type mismatch", "an extending form of {op}", "a field of type {have}"),
    Fault("NOT_PACKED", "type mismatch", "a field of type i8 or i16 for {op}", "{have}"),
    Fault("IF_WITHOUT_ELSE", "type mismatch", "parameters of `if` without `else` that match its results"),
    Fault("TABLE_TYPE", "type mismatch", "a table of functions for {op}", "{have}"),
    Fault("RESULT_ARITY", "invalid result arity", "one type for {op}", "{index}"),
    Fault("ARRAY_NOT_NUMERIC", "array type is not numeric or vector", "numbers for {op}", "{have}"),
    Fault("ARRAY_TYPES", "array types do not match", "elements of type {want} for {op}", "{have}"),
    # Indices
    Fault("UNKNOWN_LOCAL", "unknown local {index}", "one of {bound} locals", "{op} {index}"),
    Fault("UNKNOWN_LABEL", "unknown label {index}", "one of {bound} labels", "{op} {index}"),
    Fault("UNKNOWN_FUNCTION", "unknown function {index}", "one of {bound} functions", "{index}"),
    Fault("UNKNOWN_TYPE", "unknown type {index}", "one of {bound} types", "{index}"),
    Fault("UNKNOWN_GLOBAL", "unknown global {index}", "one of {bound} globals", "{index}"),
    Fault("UNKNOWN_TABLE", "unknown table {index}", "one of {bound} tables", "{index}"),
    Fault("UNKNOWN_MEMORY", "unknown memory {index}", "one of {bound} memories", "{index}"),
    Fault("UNKNOWN_TAG", "unknown tag {index}", "one of {bound} tags", "{index}"),
    Fault("UNKNOWN_DATA", "unknown data segment {index}", "one of {bound} data segments", "{index}"),
    Fault("UNKNOWN_ELEM", "unknown elem segment {index}", "one of {bound} element segments", "{index}"),
    Fault("UNKNOWN_FIELD", "unknown field {index}", "one of {bound} fields", "{index}"),
    # Other rules of instructions
    Fault(
        "UNDECLARED_FUNCTION",
        "undeclared function reference",
        "a function that an export, a global, a table or an element segment names",
        "{index}",
    ),
    Fault("UNINITIALIZED_LOCAL", "uninitialized local", "a local that was set before", "{op} {index}"),
    Fault("CONSTANT_REQUIRED", "constant expression required", "a constant instruction", "{op}"),
    Fault("IMMUTABLE_GLOBAL", "immutable global", "a mutable global", "{op} {index}"),
    Fault("IMMUTABLE_FIELD", "immutable field", "a mutable field", "{op} of field {index}"),
    Fault("IMMUTABLE_ARRAY", "immutable array", "an array of mutable elements", "{op} of type {index}"),
    Fault(
        "ALIGNMENT", "alignment must not be larger than natural", "at most 2**{bound} for {op}", "2**{index}"
    ),
    Fault("ATOMIC_ALIGNMENT", "atomic alignment must be natural", "2**{bound} for {op}", "2**{index}"),
    Fault("OFFSET", "offset out of range", "an offset below 2**32 for {op}", "{index}"),
    Fault("LANE", "invalid lane index", "a lane below {bound} for {op}", "{index}"),
    Fault("RETHROW", "invalid rethrow label", "a label of a catch block", "{index}"),
    # The bytes of code
    Fault("ILLEGAL_OPCODE", "illegal opcode {index:02x}", malformed=True),
    Fault("ILLEGAL_NUMBER", "illegal opcode {bound:02x} {index:02x}", malformed=True),
    Fault("UNEXPECTED_END", "unexpected end of section or function", malformed=True),
    Fault("END_EXPECTED", "END opcode expected", malformed=True),
    Fault("SIZE_MISMATCH", "section size mismatch", "the last `end` at the end of the body", malformed=True),
    Fault("INTEGER_TOO_LONG", "integer representation too long", malformed=True),
    Fault("INTEGER_TOO_LARGE", "integer too large", malformed=True),
    Fault("TOO_MANY_LOCALS", "too many locals", "fewer than 2**32", malformed=True),
    Fault("MEMOP_FLAGS", "malformed memop flags", "flags below 0x80 for {op}", "0x{index:x}", malformed=True),
    Fault("DATA_COUNT_REQUIRED", "data count section required", "a data count", "{op}", malformed=True),
    Fault("ZERO_BYTE", "zero byte expected", "0x00 after {op}", "0x{index:02x}", malformed=True),
    Fault("VALUE_TYPE", "malformed value type", found="0x{index:02x}", malformed=True),
    Fault("HEAP_TYPE", "malformed heap type", found="0x{index:02x}", malformed=True),
    Fault("CAST_FLAGS", "malformed cast flags", "flags below 4 for {op}", "0x{index:x}", malformed=True),
    Fault("CATCH", "malformed catch clause", "a kind below 4", "{index}", malformed=True),
    # Limits of this implementation
    Fault("LIMIT_LOCALS", "too many locals", "at most {bound}", "{index}"),
    Fault("LIMIT_OPERANDS", "too many operands", "at most {bound} values on the stack of {op}"),
    Fault("LIMIT_BR_TABLE", "too many labels", "at most {bound} for {op}", "{index}"),
    Fault("LIMIT_ARRAY_NEW_FIXED", "too many operands", "at most {bound} for {op}", "{index}"),
    Fault("NO_MEMORY", "out of memory"),
)
