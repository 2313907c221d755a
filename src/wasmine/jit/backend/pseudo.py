"""Machine instructions that are of no machine: every one has them, and its emitter says what becomes of them.

`tools/gen_pseudo.py` writes `pseudo.pxd` from this file; run it after a change. A machine's own pseudo
instructions follow these in its table.
"""

from typing import Final

PSEUDO: Final = (
    "label",  # start of a block
    "args",  # the function's arguments are where the convention has them
    "move",  # dst, src: between registers and slots, of one type
    "const",  # dst: imm, as short as it goes; leaves the flags alone
    "const_float",  # dst: the bits imm, or of a vector those in the pool at aux; scale: type
    "jump",  # to label
    "jump_if",  # condition: to label, else to aux
    "jump_table",  # index, temporary; imm labels in the pool at aux
    "trap",  # imm: trap code
    "trap_if",  # condition; imm: trap code; a register holds the trap's detail
    "return",
    "fence",
    "fuel",  # imm: how much
    "poll",
    "poll_counted",  # the same, if a condition holds that the instruction before has set
    "call_native",  # imm: IrFunc*; through its entry
    "call_import",  # FuncInst* in a register of the convention; imm: type id
    "call_funcref",  # FuncInst* in a register of the convention; imm: type id
    "call_helper",  # slots in a register of the convention; imm: C function; aux: pool, an Instr
    "throw",  # imm: tag, or -1; see throws.pxd
    "tail_native",  # imm: IrFunc*; see tails.py
    "tail_funcref",  # FuncInst* in a register of the convention
    "new_object",  # dst; imm: type id, scale: kind, aux: bytes, disp: length of an array
    "new_array",  # dst, temp, length[, value]; imm: type id, scale: log2 of the bytes of an element
    "ref_func",  # dst; aux: function index, imm: how many are imported
    "is_instance",  # temp, ref: leaves "equal" if; imm: heap type, aux: IS_*, scale: is final, disp: depth
)
