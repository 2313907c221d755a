"""How many values an instruction takes and gives, to fold it with its operands.

Folding is right whatever the numbers are, as long as operands stay in their order; the numbers only decide
what reads well. So where the type of an instruction depends on more than its own immediates, as behind a
branch, what is simple is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from wasmine.binary.cursor import Cursor
from wasmine.spec.opcodes import OPS, Op
from wasmine.text.printer.types import FunctionType, Types

Arity: TypeAlias = tuple[int, int]
"""Number of operands and of results."""

_NO_TYPE: Final = FunctionType((), ())

_FIXED: Final[dict[str, Arity]] = {
    "unreachable": (0, 0), "rethrow": (0, 0), "throw_ref": (1, 0),
    "drop": (1, 0), "select": (3, 1), "select_t": (3, 1),
    "local.get": (0, 1), "local.set": (1, 0), "local.tee": (1, 1),
    "global.get": (0, 1), "global.set": (1, 0),
    "table.get": (1, 1), "table.set": (2, 0), "table.grow": (2, 1), "table.size": (0, 1),
    "table.fill": (3, 0),
    "table.init": (3, 0), "table.copy": (3, 0),
    "memory.size": (0, 1), "memory.grow": (1, 1), "memory.init": (3, 0), "memory.copy": (3, 0),
    "memory.fill": (3, 0),
    "ref.null": (0, 1), "ref.func": (0, 1), "ref.eq": (2, 1), "ref.is_null": (1, 1),
    "ref.as_non_null": (1, 1),
    "ref.test": (1, 1), "ref.test_null": (1, 1), "ref.cast": (1, 1), "ref.cast_null": (1, 1),
    "ref.i31": (1, 1), "i31.get_s": (1, 1), "i31.get_u": (1, 1),
    "any.convert_extern": (1, 1), "extern.convert_any": (1, 1),
    "struct.new_default": (0, 1), "struct.get": (1, 1), "struct.get_s": (1, 1), "struct.get_u": (1, 1),
    "struct.set": (2, 0),
    "array.new": (2, 1), "array.new_default": (1, 1), "array.new_data": (2, 1), "array.new_elem": (2, 1),
    "array.get": (2, 1), "array.get_s": (2, 1), "array.get_u": (2, 1), "array.set": (3, 0),
    "array.len": (1, 1), "array.fill": (4, 0), "array.copy": (5, 0), "array.init_data": (4, 0),
    "array.init_elem": (4, 0),
}  # fmt: skip


class Context:
    """The types that arities depend on."""

    def __init__(self, types: Types, functions: list[int], tags: list[int]) -> None:
        self.types = types
        self.functions = functions
        """The type index of each function."""
        self.tags = tags
        """The type index of each tag."""
        self.labels: list[int] = []
        """Number of values that a branch to each open block takes, outermost first."""

    def arity(self, op: Op, immediates: Cursor) -> Arity:
        """Return the arity of an instruction that is no block, whose immediates the cursor reads."""
        fixed = _ARITIES.get(op.id)
        return fixed if fixed is not None else _COMPUTED[op.name](self, immediates)

    def block(self, immediates: Cursor) -> Arity:
        """Return the number of parameters and results of a block type."""
        byte = immediates.peek()
        if byte == 0x40:
            return 0, 0
        if 0x40 < byte < 0x80:
            return 0, 1
        return _sizes(self._function(immediates.signed(33)))

    def _function(self, type_index: int) -> FunctionType:
        return self.types.functions.get(type_index, _NO_TYPE)

    def _indexed(self, indices: list[int], immediates: Cursor) -> FunctionType:
        index = immediates.u32()
        return self._function(indices[index]) if index < len(indices) else _NO_TYPE

    def _label(self, depth: int) -> int:
        height = len(self.labels) - 1 - depth
        return self.labels[height] if height >= 0 else 0

    # Instructions whose arity depends on their immediates

    def _call(self, immediates: Cursor) -> Arity:
        return _sizes(self._indexed(self.functions, immediates))

    def _call_through(self, immediates: Cursor) -> Arity:
        params, results = _sizes(self._function(immediates.u32()))
        return params + 1, results

    def _return_call(self, immediates: Cursor) -> Arity:
        return self._call(immediates)[0], 0

    def _return_call_through(self, immediates: Cursor) -> Arity:
        return self._call_through(immediates)[0], 0

    def _throw(self, immediates: Cursor) -> Arity:
        return len(self._indexed(self.tags, immediates).params), 0

    def _return(self, immediates: Cursor) -> Arity:
        return self._label(len(self.labels) - 1), 0

    def _br(self, immediates: Cursor) -> Arity:
        return self._label(immediates.u32()), 0

    def _br_if(self, immediates: Cursor) -> Arity:
        values = self._label(immediates.u32())
        return values + 1, values

    def _br_table(self, immediates: Cursor) -> Arity:
        for _ in range(immediates.count()):
            immediates.u32()
        return self._label(immediates.u32()) + 1, 0

    def _br_on_null(self, immediates: Cursor) -> Arity:
        values = self._label(immediates.u32()) + 1
        return values, values

    def _br_on_non_null(self, immediates: Cursor) -> Arity:
        values = self._label(immediates.u32())
        return values, values - 1

    def _br_on_cast(self, immediates: Cursor) -> Arity:
        immediates.byte()
        values = self._label(immediates.u32())
        return values, values

    def _struct_new(self, immediates: Cursor) -> Arity:
        return self.types.field_counts.get(immediates.u32(), 0), 1

    def _array_new_fixed(self, immediates: Cursor) -> Arity:
        immediates.u32()
        return immediates.u32(), 1


def _sizes(function: FunctionType) -> Arity:
    return len(function.params), len(function.results)


_COMPUTED: Final[dict[str, Callable[[Context, Cursor], Arity]]] = {
    "call": Context._call,
    "call_indirect": Context._call_through,
    "call_ref": Context._call_through,
    "return_call": Context._return_call,
    "return_call_indirect": Context._return_call_through,
    "return_call_ref": Context._return_call_through,
    "throw": Context._throw,
    "return": Context._return,
    "br": Context._br,
    "br_if": Context._br_if,
    "br_table": Context._br_table,
    "br_on_null": Context._br_on_null,
    "br_on_non_null": Context._br_on_non_null,
    "br_on_cast": Context._br_on_cast,
    "br_on_cast_fail": Context._br_on_cast,
    "struct.new": Context._struct_new,
    "array.new_fixed": Context._array_new_fixed,
}


def _signature_arity(signature: str) -> Arity:
    params, _, results = signature.partition("->")
    return len(params.split()), len(results.split())


_ARITIES: Final[dict[int, Arity]] = {
    op.id: _FIXED[op.name] if op.signature is None else _signature_arity(op.signature)
    for op in OPS
    if op.signature is not None or op.name in _FIXED
}
"""Opcode id to arity, where that is the same always."""
