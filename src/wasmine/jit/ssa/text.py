"""SSA as text, to read and for tests; what is printed can be parsed.

One instruction a line: value and type, op, operands, immediates, flags, and the edges of a block's last
instruction. A constant is written where it is used, floats and vectors as their bits.

    b1:
        v1:i32 = arg 0
        br b2(v1, 0:i32)
    b2(v2:i32, v3:i32):
        v4:i32 = i32.add v3, v2
        v5:i32 = i32.load v4 imm=8 checked
        br_if v5 b2(v5, v4), b3
    b3:
        return v4

An edge to a handler is `catch TAG b4` or `catch_all b4`; the handler's own line is `b4 handler(...):`. The
edges that `br_table` takes are listed in brackets, the default last: `br_table v1 [0 0 1] b2, b3`. From `;`
on, a line is a comment.
"""

import re

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.flow import count_uses, link_preds, order_blocks
from cython.cimports.wasmine.jit.ssa.function import (
    B_HANDLER,
    CATCH_ALL,
    CATCH_TAG,
    TYPE_V128,
    TYPE_VOID,
    Block,
    Edge,
    Inst,
    append_inst,
    append_param,
    args_of,
    const128_of,
    const_of,
    new_block,
    new_edges,
    new_inst,
    set_arg_count,
    take_pool,
)
from cython.cimports.wasmine.jit.ssa.info import EFFECTS

from wasmine.jit.ssa.ops import NUMBER, OPS

TYPES: list = ["void", "i32", "i64", "f32", "f64", "v128", "ref"]
FLAGS: list = [(1, "checked"), (2, "immutable"), (4, "likely"), (8, "unlikely"), (16, "fits")]
# Ops whose imm is written as a plain number behind the op.
NUMBERED: frozenset = frozenset({"arg", "frame.load"})
SHUFFLE: int = NUMBER["i8x16.shuffle"]

Func = cython.typedef(cython.pointer[SsaFunc])


# --- printing


@cython.cfunc
def sixteen(f: Func, place: uint64_t) -> object:
    """Sixteen bytes of the pool as a number."""
    k: cython.int
    number: object = 0
    for k in range(3, -1, -1):
        number = number << 32 | f.pool[place + k]
    return number


@cython.cfunc
def const_text(f: Func, inst: cython.pointer[Inst]) -> str:
    """A constant where it is used."""
    bits: object = inst.imm
    if inst.type == TYPE_V128:
        return f"{sixteen(f, inst.imm):#034x}:v128"
    name: str = TYPES[inst.type]
    if name == "i32":
        return f"{bits - (1 << 32) if bits >> 31 else bits}:i32"
    if name in ("i64", "ref"):
        return f"{bits - (1 << 64) if bits >> 63 else bits}:{name}"
    return f"{bits:#x}:{name}"


@cython.final
@cython.cclass
class Printer:
    """Names values and blocks in the order in which they appear."""

    f: Func
    values: dict
    blocks: dict

    @cython.cfunc
    def operand(self, id: uint32_t) -> str:
        inst: cython.pointer[Inst] = self.f.insts + id
        if EFFECTS[inst.op] & o.E_FLOATS:
            return const_text(self.f, inst)
        return self.values.get(id, f"?{id}")

    @cython.cfunc
    def define(self, id: uint32_t) -> str:
        name: str = f"v{len(self.values) + 1}"
        self.values[id] = name
        return f"{name}:{TYPES[self.f.insts[id].type]}"

    @cython.cfunc
    def edge(self, e: uint32_t) -> str:
        edge: cython.pointer[Edge] = self.f.edges + e
        text: str = self.blocks.get(edge.target, f"?{edge.target}")
        if edge.n_args:
            text += f"({', '.join([self.operand(self.f.pool[edge.args + k]) for k in range(edge.n_args)])})"
        if edge.catches == CATCH_ALL:
            return f"catch_all {text}"
        return f"catch {edge.tag} {text}" if edge.catches == CATCH_TAG else text

    @cython.cfunc
    def immediates(self, inst: cython.pointer[Inst]) -> list:
        words: list = []
        name: str = OPS[inst.op].name
        if inst.op == o.BR_TABLE:
            return [f"[{' '.join([str(self.f.pool[inst.imm + k]) for k in range(inst.aux + 1)])}]"]
        if inst.op == o.I8X16_SHUFFLE:
            words.append(f"imm={sixteen(self.f, inst.imm):#034x}")
        elif name in NUMBERED:
            words.append(str(inst.imm))
        elif inst.imm:
            words.append(f"imm={inst.imm}")
        if inst.aux:
            words.append(f"aux={inst.aux}")
        return words + [flag for bit, flag in FLAGS if inst.flags & bit]

    @cython.cfunc
    def line(self, id: uint32_t) -> str:
        inst: cython.pointer[Inst] = self.f.insts + id
        args: cython.pointer[uint32_t] = args_of(self.f, inst)
        operands: str = ", ".join([self.operand(args[k]) for k in range(inst.n_args)])
        words: list = [OPS[inst.op].name, operands, *self.immediates(inst)]
        b: cython.pointer[Block] = self.f.blocks + inst.block
        if id == b.last:
            words.append(", ".join([self.edge(b.first_edge + k) for k in range(b.n_succs)]))
        text: str = " ".join([word for word in words if word])
        return f"{self.define(id)} = {text}" if inst.type != TYPE_VOID else text

    @cython.cfunc
    def heading(self, block: uint32_t) -> str:
        b: cython.pointer[Block] = self.f.blocks + block
        params: list = []
        id: uint32_t = b.first_param
        while id != 0:
            params.append(self.define(id))
            id = self.f.insts[id].next
        text: str = self.blocks[block]
        if b.flags & B_HANDLER:
            text += " handler"
        return f"{text}({', '.join(params)}):" if params else f"{text}:"


@cython.cfunc
def format_func(f: Func) -> str:
    """See text.pxd."""
    printer: Printer = Printer()
    lines: list = []
    i: uint32_t
    id: uint32_t
    printer.f = f
    printer.values = {}
    printer.blocks = {f.order[i]: f"b{i + 1}" for i in range(f.n_order)}
    for i in range(f.n_order):
        lines.append(printer.heading(f.order[i]))
        id = f.blocks[f.order[i]].first
        while id != 0:
            lines.append(f"    {printer.line(id)}")
            id = f.insts[id].next
    return "\n".join(lines) + "\n"


# --- parsing

HEADING: re.Pattern = re.compile(r"(b\d+)( handler)?(?:\((.*)\))?:")
LINE: re.Pattern = re.compile(r"(?:(v\d+):(\w+) = )?([\w.]+) ?(.*)")
CONST: re.Pattern = re.compile(r"(-?\w+):(\w+)")
EDGE: re.Pattern = re.compile(r"(?:catch (\d+) |(catch_all) )?(b\d+)(?:\(([^()]*)\))?(?:, |$)")
OPERANDS: re.Pattern = re.compile(r"((?:v\d+|-?\w+:\w+)(?:, (?:v\d+|-?\w+:\w+))*)(?: |$)")
WORD: re.Pattern = re.compile(r"(imm|aux)=(\w+)|(\d+)|\[([\d ]*)\]|([a-z]+)")


@cython.final
@cython.cclass
class Parser:
    """Reads the lines of a function; blocks and values may be named before they are defined."""

    f: Func
    values: dict
    blocks: dict
    lines: list

    @cython.cfunc
    def fail(self, number: object, why: str) -> object:
        raise SyntaxError(f"line {number}: {why}")

    @cython.cfunc
    def value(self, number: object, text: str) -> uint32_t:
        bits: object
        match: object = CONST.fullmatch(text)
        if match is None:
            if text not in self.values:
                self.fail(number, f"no value {text!r}")
            return self.values[text]
        if match[2] not in TYPES:
            self.fail(number, f"no type {match[2]!r}")
        bits = int(match[1], 0)
        if match[2] == "v128":
            return const128_of(self.f, bits & (1 << 64) - 1, bits >> 64)
        return const_of(self.f, TYPES.index(match[2]), bits & (1 << 64) - 1)

    @cython.cfunc
    def declare(self, number: object, block: uint32_t, line: str) -> object:
        """First, the value that a line defines: its instruction, in its place."""
        match: object = LINE.fullmatch(line)
        id: uint32_t
        if match is None or match[3] not in NUMBER:
            self.fail(number, f"no instruction: {line!r}")
        if match[2] is not None and match[2] not in TYPES:
            self.fail(number, f"no type {match[2]!r}")
        id = new_inst(self.f, NUMBER[match[3]], TYPES.index(match[2] or "void"))
        if match[1] is not None:
            if match[1] in self.values:
                self.fail(number, f"{match[1]} is defined twice")
            self.values[match[1]] = id
        append_inst(self.f, block, id)
        self.lines.append((number, id, match[4]))
        return None

    @cython.cfunc
    def heading(self, number: object, match: object) -> uint32_t:
        block: uint32_t
        id: uint32_t
        text: str
        if match[1] in self.blocks:
            self.fail(number, f"{match[1]} is defined twice")
        block = new_block(self.f)
        self.blocks[match[1]] = block
        if match[2]:
            self.f.blocks[block].flags |= B_HANDLER
        for text in (match[3] or "").split(", ") if match[3] else ():
            name, _, type = text.partition(":")
            if type not in TYPES or name in self.values:
                self.fail(number, f"no parameter: {text!r}")
            id = append_param(self.f, block, TYPES.index(type))
            self.values[name] = id
        return block

    @cython.cfunc
    def word(self, number: object, id: uint32_t, match: object) -> object:
        """An immediate or flag."""
        inst: cython.pointer[Inst] = self.f.insts + id
        place: uint32_t
        if match[1] == "imm" and inst.op == o.I8X16_SHUFFLE:
            self.set_sixteen(id, int(match[2], 0))
        elif match[1] == "imm":
            inst.imm = int(match[2], 0)
        elif match[1] == "aux":
            inst.aux = int(match[2], 0)
        elif match[3] is not None:
            inst.imm = int(match[3])
        elif match[4] is not None:
            edges: list = [int(text) for text in match[4].split()]
            place = take_pool(self.f, len(edges))
            for at, edge in enumerate(edges):
                self.f.pool[place + cython.cast(uint32_t, at)] = edge
            inst = self.f.insts + id
            inst.imm = place
            inst.aux = len(edges) - 1
        else:
            bits: list = [bit for bit, flag in FLAGS if flag == match[5]]
            if not bits:
                self.fail(number, f"no flag {match[5]!r}")
            inst.flags |= bits[0]
        return None

    @cython.cfunc
    def set_sixteen(self, id: uint32_t, value: object) -> object:
        place: uint32_t = take_pool(self.f, 4)
        k: uint32_t
        for k in range(4):
            self.f.pool[place + k] = value >> 32 * k & 0xFFFFFFFF
        self.f.insts[id].imm = place
        return None

    @cython.cfunc
    def finish(self, number: object, id: uint32_t, rest: str) -> object:
        """Then, operands, immediates and edges."""
        at: object = 0
        k: uint32_t
        value: uint32_t
        match: object = OPERANDS.match(rest)
        if match is not None:
            operands: list = match[1].split(", ")
            set_arg_count(self.f, id, len(operands))
            for k in range(len(operands)):
                value = self.value(number, operands[k])
                args_of(self.f, self.f.insts + id)[k] = value
            at = match.end()
        while at < len(rest) and EDGE.match(rest, at) is None:
            match = WORD.match(rest, at)
            if match is None:
                self.fail(number, f"what is {rest[at:]!r}?")
            self.word(number, id, match)
            at = match.end()
            while at < len(rest) and rest[at] == " ":
                at += 1
        self.edges(number, self.f.insts[id].block, rest[at:])
        return None

    @cython.cfunc
    def edges(self, number: object, block: uint32_t, text: str) -> object:
        matches: list = []
        at: object = 0
        first: uint32_t
        k: uint32_t
        e: uint32_t
        place: uint32_t
        value: uint32_t
        if not text:
            return None
        while at < len(text):
            match: object = EDGE.match(text, at)
            if match is None:
                self.fail(number, f"no edge: {text[at:]!r}")
            matches.append(match)
            at = match.end()
        first = new_edges(self.f, block, len(matches))
        for k in range(len(matches)):
            match = matches[k]
            if match[3] not in self.blocks:
                self.fail(number, f"no block {match[3]}")
            e = first + k
            self.f.edges[e].target = self.blocks[match[3]]
            if match[1] is not None:
                self.f.edges[e].catches = CATCH_TAG
                self.f.edges[e].tag = int(match[1])
            elif match[2] is not None:
                self.f.edges[e].catches = CATCH_ALL
            arguments: list = match[4].split(", ") if match[4] else []
            place = take_pool(self.f, len(arguments))
            self.f.edges[e].args = place
            self.f.edges[e].n_args = len(arguments)
            for argument in arguments:
                value = self.value(number, argument)
                self.f.pool[place] = value
                place += 1
        return None


@cython.cfunc
def parse_func(f: Func, text: str) -> object:
    """See text.pxd."""
    parser: Parser = Parser()
    block: uint32_t = 0
    parser.f = f
    parser.values = {}
    parser.blocks = {}
    parser.lines = []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.partition(";")[0].strip()
        match: object = HEADING.fullmatch(line)
        if match is not None:
            block = parser.heading(number, match)
            if f.entry == 0:
                f.entry = block
        elif line and block == 0:
            parser.fail(number, "an instruction before the first block")
        elif line:
            parser.declare(number, block, line)
    if f.entry == 0:
        raise SyntaxError("no block")
    for number, id, rest in parser.lines:
        parser.finish(number, id, rest)
    if f.failed or not (order_blocks(f) and link_preds(f) and count_uses(f)):
        raise MemoryError
    return None
