"""The list of traps: the codes that travel out of running code, and the text and meaning of each.

Running code never raises; it returns a code, 0 (`TRAP_NONE`) for none, and one place turns it into an
exception. Compiled modules see the codes as `traps.pxd`, which `tools/gen_opcodes.py` writes from this file.
The texts of traps that the standard knows are those which its test suite expects.
"""

from typing import Final, NamedTuple


class Trap(NamedTuple):
    """One reason for which running code stops."""

    name: str
    """Name of the enum member in `traps.pxd`, without its prefix `TRAP_`."""
    code: int
    """From 1, without holes; fits a byte."""
    text: str
    """What the user reads."""
    meaning: str
    """When it happens."""


# fmt: off
TRAPS: Final[tuple[Trap, ...]] = (
    # Of the standard
    Trap("UNREACHABLE", 1, "unreachable",
         "The instruction `unreachable` was executed."),
    Trap("INTEGER_DIVIDE_BY_ZERO", 2, "integer divide by zero",
         "The divisor of an integer division or remainder is zero."),
    Trap("INTEGER_OVERFLOW", 3, "integer overflow",
         "The least integer was divided by -1, or a float to convert is outside the integer type's range."),
    Trap("INVALID_CONVERSION_TO_INTEGER", 4, "invalid conversion to integer",
         "A NaN was to be converted to an integer."),
    Trap("OUT_OF_BOUNDS_MEMORY_ACCESS", 5, "out of bounds memory access",
         "A byte outside the memory or the data segment was to be accessed."),
    Trap("OUT_OF_BOUNDS_TABLE_ACCESS", 6, "out of bounds table access",
         "An element outside the table or the element segment was to be accessed."),
    Trap("UNDEFINED_ELEMENT", 7, "undefined element",
         "The index of an indirect call is outside the table."),
    Trap("UNINITIALIZED_ELEMENT", 8, "uninitialized element",
         "The table element of an indirect call is null."),
    Trap("INDIRECT_CALL_TYPE_MISMATCH", 9, "indirect call type mismatch",
         "The function found by an indirect call does not have the type that the call names."),
    Trap("CALL_STACK_EXHAUSTED", 10, "call stack exhausted",
         "The calls nest deeper than the stack of the activation allows."),
    Trap("UNALIGNED_ATOMIC", 11, "unaligned atomic",
         "The effective address of an atomic access is no multiple of its width."),
    Trap("EXPECTED_SHARED_MEMORY", 12, "expected shared memory",
         "A wait on a memory that is not shared: nobody could end it."),
    Trap("NULL_REFERENCE", 13, "null reference",
         "`ref.as_non_null` found null, or another instruction that takes a reference of any kind."),
    Trap("NULL_FUNCTION_REFERENCE", 14, "null function reference",
         "`call_ref` or `return_call_ref` of null."),
    Trap("NULL_STRUCTURE_REFERENCE", 15, "null structure reference",
         "A field of null was to be accessed."),
    Trap("NULL_ARRAY_REFERENCE", 16, "null array reference",
         "An element or the length of null was to be accessed."),
    Trap("NULL_I31_REFERENCE", 17, "null i31 reference",
         "`i31.get_s` or `i31.get_u` of null."),
    Trap("NULL_EXCEPTION_REFERENCE", 18, "null exception reference",
         "`throw_ref` of null."),
    Trap("CAST_FAILURE", 19, "cast failure",
         "The reference given to `ref.cast` is not of the named type."),
    Trap("OUT_OF_BOUNDS_ARRAY_ACCESS", 20, "out of bounds array access",
         "An element outside the array was to be accessed."),
    Trap("UNCAUGHT_EXCEPTION", 21, "uncaught exception",
         "A WebAssembly exception left the outermost function; it travels beside the code."),

    # Limits of the implementation, which the standard allows (Core A.2)
    Trap("ALLOCATION_TOO_LARGE", 22, "allocation size too large",
         "One object is larger than the engine can represent."),
    Trap("GC_HEAP_EXHAUSTED", 23, "GC heap exhausted",
         "The GC heap has reached its limit and collecting it freed too little."),

    # Of the engine
    Trap("FUEL_EXHAUSTED", 24, "all fuel consumed by WebAssembly",
         "The instructions that the fuel pays for have been executed."),
    Trap("TIMEOUT", 25, "timeout",
         "The wall-clock limit of the call has passed."),
    Trap("INTERRUPTED", 26, "interrupted",
         "The embedder asked to stop: a signal such as Ctrl-C, or cancellation."),
    Trap("HOST_EXCEPTION", 27, "host exception",
         "A Python exception travels through WebAssembly frames; it is what the user sees, never this text."),
    Trap("LOWERING_FAILED", 28, "lowering failed",
         "A function could not be made ready to run; a Python exception that says why travels beside."),
    Trap("NOT_IMPLEMENTED", 29, "not supported yet",
         "The instruction is decoded and validated, but this version cannot execute it."),
)
# fmt: on

BY_CODE: Final[dict[int, Trap]] = {trap.code: trap for trap in TRAPS}
