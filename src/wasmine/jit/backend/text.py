"""Tiny machine programs as text, to test register allocation by itself.

A line starts a block or is an instruction:

    b1(v2, f3) in b1: -> b1(v4, f5), b2       parameters, the loop it is in, successors with arguments
      def v4, use v2, any v3, call            an instruction with its operands
      def v4=0, use v2=1                      ... in fixed registers
      move v5, v4                             a copy
      jump                                    no operands: what ends a block that has one successor

`v` registers are integers, `f` floats, `x` vectors. Blocks are numbered in their order.
"""

import re

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.backend.machine import (
    IN_ANY,
    IN_FIXED,
    IN_REG,
    INST_CALL,
    INST_MOVE,
    OPERAND_DEF,
    OPERAND_EARLY,
    OPERAND_MOD,
    OPERAND_TEMP,
    OPERAND_USE,
    ROLE_NONE,
    SLOT,
    VT_F64,
    VT_I64,
    VT_V128,
    MachFunc,
    MachInst,
    Registers,
    add_operand,
    init_machine,
    new_machine_block,
    new_machine_inst,
    new_vreg,
    take_words,
)
from cython.cimports.wasmine.jit.backend.regalloc import allocate_registers
from cython.cimports.wasmine.jit.workspace import Workspace, free_workspace

KINDS = {
    "use": OPERAND_USE,
    "any": OPERAND_USE,
    "def": OPERAND_DEF,
    "mod": OPERAND_MOD,
    "temp": OPERAND_TEMP,
    "early": OPERAND_EARLY,
}
TYPES = {"v": VT_I64, "f": VT_F64, "x": VT_V128}


@cython.final
@cython.cclass
class Program:
    """A program in text form, allocated with the registers of two bit masks; see the module docstring.

    Raises ValueError when there are too few registers.
    """

    m: MachFunc
    work: Workspace
    names: dict
    loops: list

    def __cinit__(self) -> None:
        init_machine(cython.address(self.m), cython.address(self.work))

    def __dealloc__(self) -> None:
        free_workspace(cython.address(self.work))

    def __init__(self, text: str, ints: int = 0b111, floats: int = 0b11) -> None:
        registers = cython.declare(Registers)
        registers.ints = ints
        registers.floats = floats
        registers.int_scratch = 15
        registers.float_scratch = 47
        self.names = {}
        self.loops = []
        for line in text.splitlines():
            line = line.split("#")[0].strip()
            if re.match(r"b\d+\b.*:", line):
                self.add_block(line)
            elif line:
                self.add_inst(line)
        self.connect()
        if not allocate_registers(cython.address(self.m), cython.address(registers)):
            raise ValueError("not enough registers")

    @cython.cfunc
    def vreg(self, name: str) -> object:
        if name not in self.names:
            self.names[name] = new_vreg(cython.address(self.m), TYPES[name[:1]])
        return self.names[name]

    @cython.cfunc
    def words(self, names: str) -> object:
        values = [self.vreg(name) for name in re.findall(r"[vfx]\d+", names)]
        place: uint32_t = take_words(cython.address(self.m), len(values))
        i: uint32_t
        for i in range(len(values)):
            self.m.pool[place + i] = values[i]
        return place, len(values)

    @cython.cfunc
    def add_block(self, line: str) -> object:
        head, _, tail = line.partition(":")
        b: uint32_t = new_machine_block(cython.address(self.m))
        place: uint32_t
        i: uint32_t
        loop = re.search(r"\bin b(\d+)", head)
        succs = [int(number) for number in re.findall(r"b(\d+)", tail)]
        self.m.blocks[b].first = self.m.n_insts
        new_machine_inst(cython.address(self.m), 0)
        self.m.blocks[b].end = self.m.n_insts
        self.m.blocks[b].loop = int(loop[1]) + 1 if loop else 0
        self.m.blocks[b].params, self.m.blocks[b].n_params = self.words(head.partition(" in ")[0])
        self.m.blocks[b].args, self.m.blocks[b].n_args = self.words(tail)
        place = take_words(cython.address(self.m), len(succs))
        for i in range(len(succs)):
            self.m.pool[place + i] = succs[i]
        self.m.blocks[b].succs = place
        self.m.blocks[b].n_succs = len(succs)
        outer = re.search(r"\bof b(\d+)", head)
        self.m.blocks[b].outer = int(outer[1]) + 1 if outer else 0
        return None

    @cython.cfunc
    def add_inst(self, line: str) -> object:
        inst: cython.pointer[MachInst] = new_machine_inst(cython.address(self.m), 1)
        self.m.blocks[self.m.n_blocks - 1].end = self.m.n_insts
        move = re.fullmatch(r"move (\w+), (\w+)", line)
        if move:
            inst.flags = INST_MOVE
            line = f"def {move[1]}, any {move[2]}"
        for word in line.split(","):
            if word.strip() == "call":
                inst.flags = INST_CALL
            if word.strip() in ("call", "jump"):
                continue
            kind, name, fixed = re.fullmatch(r"\s*(\w+) (\w+)(?:=(\d+))?\s*", word).groups()
            where: uint32_t = IN_FIXED if fixed else IN_ANY if kind == "any" else IN_REG
            preg: uint32_t = int(fixed) if fixed else 0
            add_operand(cython.address(self.m), inst, self.vreg(name), KINDS[kind], where, preg, ROLE_NONE)
        return None

    @cython.cfunc
    def connect(self) -> object:
        b: uint32_t
        loop: uint32_t
        i: uint32_t
        for b in range(self.m.n_blocks):
            loop = self.m.blocks[b].loop
            while loop != 0:
                self.m.blocks[b].depth += 1
                loop = self.m.blocks[loop - 1].outer
            for i in range(self.m.blocks[b].n_succs):
                self.m.blocks[self.m.pool[self.m.blocks[b].succs + i]].n_preds += 1
        return None

    def moves(self, first: int, count: int) -> list:
        """Moves, as pairs of source and destination; slots count from 1000."""
        place = lambda x: x - SLOT + 1000 if x >= SLOT else x  # noqa: E731
        return [
            (place(self.m.moves[first + i].src), place(self.m.moves[first + i].dst)) for i in range(count)
        ]

    def blocks(self) -> list:
        """What came out, as dictionaries: see the checker in the tests."""
        result = []
        names = {number: name for name, number in self.names.items()}
        b: uint32_t
        n: uint32_t
        i: uint32_t
        for b in range(self.m.n_blocks):
            block = self.m.blocks[b]
            insts = []
            for n in range(block.first, block.end):
                inst = self.m.insts[n]
                operands = []
                for i in range(inst.n_operands):
                    operand = self.m.operands[inst.operands + i]
                    slot = self.m.vregs[operand.vreg].slot + 1000
                    where = slot if operand.preg == 0xFF else operand.preg
                    operands.append((names[operand.vreg], operand.kind, operand.where, where))
                insts.append((self.moves(inst.moves, inst.n_moves), operands, bool(inst.flags & INST_CALL)))
            result.append(
                {
                    "insts": insts,
                    "params": [names[self.m.pool[block.params + i]] for i in range(block.n_params)],
                    "args": [names[self.m.pool[block.args + i]] for i in range(block.n_args)],
                    "succs": [self.m.pool[block.succs + i] for i in range(block.n_succs)],
                    "in": self.moves(block.moves_in, block.n_moves_in),
                    "out": self.moves(block.moves_out, block.n_moves_out),
                }
            )
        return result
