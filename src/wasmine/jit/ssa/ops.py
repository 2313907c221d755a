"""The SSA ops: the one table from which enum, verifier, printer, passes and constant folder derive.

A row has a name, a signature and effects. Ops that compute what a WebAssembly instruction computes have its
name; those rows are derived here from `ir.ops`, `ir.simd_ops` and `spec.opcodes`, so that an instruction is
described once. `tools/gen_ssa.py` writes `ops.pxd`, `tables.py` and `fold.py` from this file; run it after a
change.

A signature is "operands -> results" over

    i32 i64 f32 f64 v128 ref    a value of that type; ref and i64 stand for each other: references are scanned conservatively
    addr                        i32 or i64, as the memory or table is addressed
    any                         any type, the same wherever the row says any
    *                           any number of operands, of types that the row's comment names

Unlike WebAssembly, ops are split where they trap: a division is defined for the operands that a `trap_if`
before it lets through, an access of memory that is not guarded follows a `check_bounds`. Only rows with the
effect `traps` leave the function.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from wasmine.ir import memory_ops, simd_ops
from wasmine.ir import ops as ir
from wasmine.spec.opcodes import BY_NAME
from wasmine.spec.opcodes import OPS as WASM

EFFECTS: Final = (
    "pure",  # nothing but its operands and immediates counts: equal ones are one, unused ones go
    "total",  # pure, and defined for all operands: may be computed where the program does not
    "guarded",  # defined only where the checks before it have passed
    "traps",  # may leave the function with a trap
    "ends",  # is the last instruction of a block
    "commutes",  # operands 0 and 1 may be exchanged
    "call",  # clobbers every register; fuel, time and exceptions may end it
    "helper",  # a call of a C function of the runtime that returns to where it was called
    "reads_memory",
    "writes_memory",
    "reads_objects",  # contents of GC objects
    "writes_objects",
    "reads_globals",
    "writes_globals",
    "reads_state",  # sizes of memories, tables and their elements
    "writes_state",
    "floats",  # stands in no block; wherever it is used it is there
    "catches",  # in a try: edges to handlers follow it (see function.pxd)
    "fences",  # keeps its place among everything that has effects
)


class SsaOp(NamedTuple):
    """One row: see the module docstring."""

    name: str
    signature: str
    effects: tuple[str, ...] = ()
    wasm: int = 0
    """Id of the WebAssembly instruction of that name (spec.opcodes), 0 when there is none."""

    @property
    def constant(self) -> str:
        """The name of the op's enum member."""
        return self.name.upper().replace(".", "_")

    @property
    def operands(self) -> tuple[str, ...]:
        """Types of the operands; the last may be "*"."""
        return tuple(self.signature.partition("->")[0].split())

    @property
    def results(self) -> tuple[str, ...]:
        """Types of the results."""
        return tuple(self.signature.partition("->")[2].split())


def _op(name: str, signature: str, effects: str = "") -> SsaOp:
    wasm = BY_NAME[name].id if name in BY_NAME else 0
    return SsaOp(name, signature, tuple(effects.split()), wasm)


_EVERYTHING: Final = "reads_memory writes_memory reads_objects writes_objects reads_globals writes_globals reads_state writes_state fences"
_CALL: Final = f"call traps catches {_EVERYTHING}"
_TAIL_CALL: Final = f"call traps ends {_EVERYTHING}"

# fmt: off
STRUCTURE: Final = (
    _op("nop",        "->"),
    # imm: number of the parameter. A parameter of a block is linked in the block's list of parameters.
    _op("param",      "-> any"),
    # imm: number of the function's parameter; in the entry block only
    _op("arg",        "-> any"),
    # imm: slot of the interpreter's frame, whose address the code was entered with (on-stack replacement)
    _op("frame.load", "-> any"),
    # imm: the bits; i32 and f32 in the low half
    _op("const",      "-> any", "pure total floats"),
    # imm: pool offset of four words, low first
    _op("v128.const", "-> v128", "pure total floats"),
    # imm: which result, from 1; result 0 is the value of the instruction itself. Follows it, other such projections between.
    _op("result",     "any -> any"),
    # The exception that was caught: first in a handler block. Its values are at fixed offsets: `exn.load`, imm: slot from 0.
    _op("caught",     "-> ref"),
    _op("exn.load",   "ref -> any", "pure guarded"),
    # condition, then, else
    _op("select",     "i32 any any -> any", "pure total"),
)

CONTROL: Final = (
    # Edges: see function.pxd.
    _op("br",         "->", "ends"),
    _op("br_if",      "i32 ->", "ends"),                    # edge 0 when not zero, else edge 1
    _op("br_table",   "i32 ->", "ends"),                    # imm: pool offset of aux + 1 numbers of edges; the last is the default
    _op("br_try",     "->", "ends"),                        # behind a call in a try: edge 0 goes on, the others are handlers
    _op("return",     "* ->", "ends"),                      # the function's results
    _op("trap",       "->", "traps ends"),                  # imm: trap code
    _op("throw",      "* ->", f"{_TAIL_CALL}"),             # aux: tag; operands: its values; edges: handlers
    _op("throw_ref",  "ref ->", f"{_TAIL_CALL}"),           # traps on null; edges: handlers
    _op("trap_if",    "i32 ->", "traps"),                   # imm: trap code
    _op("fuel",       "->", "traps fences"),               # imm: how much
    _op("poll",       "->", "traps fences"),               # loop header: leaves when VMContext.interrupt is set
    _op("poll_counted", "any ->", "traps fences"),          # end of a turn: poll if operand & imm is zero
    # Operands: arguments. Results: as the type says. call: aux is the position in Instance.funcs; call_import: in Instance.imports.
    _op("call",                 "* -> *",      _CALL),
    _op("call_import",          "* -> *",      _CALL),
    _op("call_indirect",        "addr * -> *", _CALL),      # index, arguments; aux: type id, imm: table
    _op("call_ref",             "ref * -> *",  _CALL),      # callee, arguments; aux: type id; traps on null
    _op("return_call",          "* ->",        _TAIL_CALL),
    _op("return_call_import",   "* ->",        _TAIL_CALL),
    _op("return_call_indirect", "addr * ->",   _TAIL_CALL),
    _op("return_call_ref",      "ref * ->",    _TAIL_CALL),
)

# aux of everything with a memory: its index, and from bit 24 the lane.
STATE: Final = (
    # aux: index; imm: 1 when another of the module's may be the same one: imported and mutable
    _op("global.get", "-> any", "reads_globals"),           # with F_IMMUTABLE it is pure
    _op("global.set", "any ->", "writes_globals"),
    _op("ref.func",   "-> ref", "helper traps"),            # aux: function index
    _op("memory.pages", "-> i64", "reads_state"),
    _op("memory.bytes", "-> i64", "reads_state"),           # Memory.size
    _op("memory.base",  "-> i64", "pure total"),            # Memory.base, for memories other than 0
    # Traps unless address + imm <= bytes, without wrap-around. imm: offset + bytes of the access.
    _op("check_bounds", "addr i64 ->", "traps"),
)

# Runtime functions. Operands and results in the order of the instruction; imm: first index immediate, second << 32.
# They run on the interpreter's functions: Instr words made of op.wasm, slots 0.. and imm (ir/ops.py, BULK).
HELPERS: Final = (
    _op("memory.grow", "addr -> addr",           "helper reads_state writes_state fences"),
    _op("memory.fill", "addr i32 addr ->",       "helper traps writes_memory reads_state"),
    _op("memory.copy", "addr addr addr ->",      "helper traps reads_memory writes_memory reads_state"),
    _op("memory.init", "addr i32 i32 ->",        "helper traps writes_memory reads_state"),
    _op("data.drop",   "->",                     "helper writes_state"),
    _op("table.get",   "addr -> ref",            "helper traps reads_state"),
    _op("table.set",   "addr ref ->",            "helper traps writes_state"),
    _op("table.size",  "-> addr",                "helper reads_state"),
    _op("table.grow",  "ref addr -> addr",       "helper reads_state writes_state fences"),
    _op("table.fill",  "addr ref addr ->",       "helper traps writes_state"),
    _op("table.copy",  "addr addr addr ->",      "helper traps reads_state writes_state"),
    _op("table.init",  "addr i32 i32 ->",        "helper traps reads_state writes_state"),
    _op("elem.drop",   "->",                     "helper writes_state"),
    _op("i64.add128",     "i64 i64 i64 i64 -> i64 i64", "pure total"),
    _op("i64.sub128",     "i64 i64 i64 i64 -> i64 i64", "pure total"),
    _op("i64.mul_wide_s", "i64 i64 -> i64 i64",         "pure total"),
    _op("i64.mul_wide_u", "i64 i64 -> i64 i64",         "pure total"),
)

# GC objects (runtime/heap.pxd). A `trap_if` has made sure that the reference is not null, and that the index is below the length. imm: the
# offset from the start of the object; of an element, that of element 0. What has 32 or 64 bits may be an integer, a float or a reference.
OBJECTS: Final = (
    *(_op(f"{kind}.load{name}", f"{place} -> {type}", "guarded reads_objects")
      for kind, place in (("object", "ref"), ("element", "ref i32"))
      for name, type in (("8_s", "i32"), ("8_u", "i32"), ("16_s", "i32"), ("16_u", "i32"),
                         ("32", "any"), ("64", "any"), ("128", "v128"))),
    *(_op(f"{kind}.store{name}", f"{place} {type} ->", "guarded writes_objects")
      for kind, place in (("object", "ref"), ("element", "ref i32"))
      for name, type in (("8", "i32"), ("16", "i32"), ("32", "any"), ("64", "any"), ("128", "v128"))),
    _op("array.length", "ref -> i32", "pure guarded"),
    # Whether a reference is of a heap type; aux: its code (spec/types.pxd), imm: whether null is
    _op("ref.is",       "ref -> i32", "pure total"),
    # Runtime functions, made as those above from IR's `gc`; imm: type id, second << 32. What they make is new: nothing else changes.
    _op("struct.new",         "* -> ref", "helper traps fences"),       # operands: the fields
    _op("struct.new_default", "-> ref",   "helper traps fences"),
    _op("array.new",          "any i32 -> ref", "helper traps fences"),
    _op("array.new_default",  "i32 -> ref",     "helper traps fences"),
    _op("array.new_fixed",    "* -> ref",       "helper traps fences"),   # operands: the elements
    _op("array.new_data",     "i32 i32 -> ref", "helper traps reads_state fences"),
    _op("array.new_elem",     "i32 i32 -> ref", "helper traps reads_state fences"),
    _op("array.fill",      "ref i32 any i32 ->",     "helper traps writes_objects fences"),
    _op("array.copy",      "ref i32 ref i32 i32 ->", "helper traps reads_objects writes_objects fences"),
    _op("array.init_data", "ref i32 i32 i32 ->",     "helper traps writes_objects reads_state fences"),
    _op("array.init_elem", "ref i32 i32 i32 ->",     "helper traps writes_objects reads_state fences"),
)

# High half of a product, for division by constants.
ARITHMETIC: Final = (
    _op("i64.mul_high_s", "i64 i64 -> i64", "pure total commutes"),
    _op("i64.mul_high_u", "i64 i64 -> i64", "pure total commutes"),
)
# fmt: on


# Made of shifts when the builder meets them.
I31: Final = ("ref.i31", "i31.get_s", "i31.get_u")
# Instructions that change a type and no bit, of which the others only change what validation knows.
REINTERPRETED: Final = tuple(name for name in ir.NOTHING if name.startswith(("i", "f")))


def _signature(name: str) -> str:
    return BY_NAME[name].signature or ""


def _scalar() -> Iterator[SsaOp]:
    """Numeric instructions.

    What the register IR does not tell apart has its own row here: reinterpretation, zero-extension.
    """
    for unary in ir.UNARY:
        if unary.name in I31:
            continue
        yield _op(unary.name, _signature(unary.name), "traps" if unary.traps else "pure total")
    for name in REINTERPRETED:
        yield _op(name, _signature(name), "pure total")
    for binary in ir.BINARY:
        effects = "pure guarded" if binary.traps else "pure total"
        floats = binary.name in {f"f{width}.{op}" for width in (32, 64) for op in ("add", "mul")}
        yield _op(binary.name, _signature(binary.name), effects + " commutes" * (binary.commutes or floats))
    for compare in ir.COMPARE:
        commutes = " commutes" * (compare.swapped == compare.name)
        yield _op(compare.name, _signature(compare.name), "pure total" + commutes)


def _accesses() -> Iterator[SsaOp]:
    """Loads and stores. imm: offset. Operands of a memory other than 0 end with its `memory.base`.

    Without F_CHECKED an access traps out of bounds, by a fault of the guarded memory.
    """
    vectors = {row.name for row in (*memory_ops.VECTOR_LOADS, *memory_ops.VECTOR_STORES)}
    scalars = {row.name for row in (*ir.LOADS, *ir.STORES)} | set(ir.SAME) - {"ref.eq"}
    for row in WASM:
        if row.name in vectors or row.name in scalars:
            effects = "traps reads_memory" if (row.signature or "").split("->")[1] else "traps writes_memory"
            yield _op(row.name, row.signature or "", effects)


def _vector() -> Iterator[SsaOp]:
    """SIMD without memory; a lane is in imm, the sixteen lanes of a shuffle are in the pool at imm.

    Relaxed instructions become the row that they behave as.
    """
    for row in sorted(simd_ops.OPS, key=lambda row: BY_NAME[row.name].id):
        if row.name == "v128.const" or row.name in RELAXED_AS:
            continue
        yield _op(row.name, _signature(row.name), "pure total")


def _atomics() -> Iterator[SsaOp]:
    """Atomic accesses: like others, but never guarded: the native code or the helper checks bounds and
    alignment.
    """
    for row in WASM:
        if row.prefix != 0xFE:
            continue
        if row.name == "atomic.fence":
            yield _op(row.name, "->", "reads_memory writes_memory fences")
        else:
            yield _op(
                row.name, row.signature or "", "helper traps reads_memory writes_memory reads_state fences"
            )


RELAXED_AS: Final[dict[str, str]] = {}


def _relaxed() -> None:
    meaning: dict[tuple[object, ...], str] = {}
    for row in simd_ops.OPS:
        same = meaning.setdefault((*row[1:], _signature(row.name)), row.name)
        if same != row.name and "relaxed" in row.name:
            RELAXED_AS[row.name] = same


_relaxed()

OPS: Final = (
    *STRUCTURE,
    *CONTROL,
    *STATE,
    *HELPERS,
    *OBJECTS,
    *ARITHMETIC,
    *_scalar(),
    *_accesses(),
    *_vector(),
    *_atomics(),
)
NUMBER: Final = {op.name: number for number, op in enumerate(OPS)}
