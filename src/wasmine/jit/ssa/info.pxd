# What the table of ops says, where nogil code reads it (ops.py, tables.py).

from libc.stdint cimport uint8_t, uint16_t, uint32_t

from wasmine.jit.ssa.ops cimport N_OPS

cdef uint32_t EFFECTS[N_OPS]        # op -> E_*
cdef uint8_t RESULT[N_OPS]          # op -> type of its value, TYPE_* or SIG_*
cdef uint8_t OPERANDS[N_OPS][6]     # op -> types of its operands, ended by 0 or SIG_REST
cdef uint16_t WASM[N_OPS]           # op -> id of the WebAssembly instruction, or 0
cdef uint16_t INVERSE[N_OPS]        # relation -> its negation, or 0
cdef uint16_t SWAPPED[N_OPS]        # relation -> the same with its operands exchanged, or 0
cdef uint8_t WIDTH[N_OPS]           # load, store -> bytes that it accesses, else 0
cdef uint16_t OF_WASM[0x400]        # id of a WebAssembly instruction -> op, or 0

cdef uint8_t IR_KIND[0x200]         # register-IR op -> KIND_*
cdef uint16_t IR_TO[0x200]          # register-IR op -> the op that it becomes, unless KIND_SPECIAL
cdef uint8_t IR_WRITES[0x200]       # register-IR op -> WRITES_*
cdef uint8_t IR_WORDS[0x200]        # register-IR op -> words; a br_table has its labels besides
