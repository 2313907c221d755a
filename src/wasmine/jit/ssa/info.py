"""Fills the tables of `info.pxd` at import."""

import cython

from wasmine.jit.ssa import tables


def _fill() -> None:
    i: cython.int
    k: cython.int
    for i in range(N_OPS):
        EFFECTS[i] = tables.EFFECTS[i]
        RESULT[i] = tables.RESULT[i]
        for k in range(6):
            OPERANDS[i][k] = tables.OPERANDS[6 * i + k]
        WASM[i] = tables.WASM[i]
        INVERSE[i] = tables.INVERSE[i]
        SWAPPED[i] = tables.SWAPPED[i]
        WIDTH[i] = tables.WIDTH[i]
    for i in range(0x400):
        OF_WASM[i] = tables.OF_WASM[i]
    for i in range(len(tables.IR_KIND)):
        IR_KIND[i] = tables.IR_KIND[i]
        IR_TO[i] = tables.IR_TO[i]
        IR_WRITES[i] = tables.IR_WRITES[i]
        IR_WORDS[i] = tables.IR_WORDS[i]


_fill()
