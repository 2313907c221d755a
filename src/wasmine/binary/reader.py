"""Primitive values of the binary format (core specification, 5.1 and 5.2), and expressions to step over.

A reader is bounded by the module, not by the section: a section that is shorter than its contents shows at
its end, as "section size mismatch", which is how the standard's test suite wants it.
"""

import cython
from cython.cimports.cpython.bytes import PyBytes_AS_STRING
from cython.cimports.libc.stdint import int64_t, uint8_t, uint32_t, uint64_t
from cython.cimports.wasmine.binary.module import Span
from cython.cimports.wasmine.spec import opcodes as op
from cython.cimports.wasmine.spec.immediates import (
    IMM_BLOCK_TYPE,
    IMM_BYTE,
    IMM_BYTES4,
    IMM_BYTES8,
    IMM_BYTES16,
    IMM_CATCHES,
    IMM_ILLEGAL,
    IMM_LABELS,
    IMM_MEMARG,
    IMM_OPCODES,
    IMM_S32,
    IMM_S33,
    IMM_S64,
    IMM_TYPES,
    IMM_U32,
    immediates_of,
    prefixed_opcode,
)
from cython.cimports.wasmine.spec.limits import MAX_BR_TABLE, MAX_RESULTS, MAX_STRING_BYTES

from wasmine.spec.errors import InvalidError, MalformedError


@cython.final
@cython.cclass
class Reader:
    """A position in the bytes of a module. What it raises names the byte."""

    def __cinit__(self, data: bytes) -> None:
        self.data = data
        self.base = cython.cast(cython.pointer[cython.const[uint8_t]], PyBytes_AS_STRING(data))
        self.pos = 0
        self.end = len(data)
        self.declared = cython.NULL
        self.n_declared = 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def byte(self) -> cython.int:
        """The next byte."""
        if self.pos >= self.end:
            raise self.unexpected_end("a byte")
        self.pos += 1
        return self.base[self.pos - 1]

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def type_byte(self) -> cython.int:
        """The first byte of a type, which the format calls a LEB128 integer of seven bits."""
        byte: cython.int = self.byte()
        if byte >= 0x80:
            raise self.malformed("integer representation too long", self.pos - 1, "one byte", f"{byte:#04x}")
        return byte

    @cython.cfunc
    @cython.exceptval(check=False)
    def peek(self) -> cython.int:
        """The next byte, which stays unread; -1 at the end."""
        return self.base[self.pos] if self.pos < self.end else -1

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def skip(self, n: uint64_t, what: str) -> cython.int:
        """Steps over `n` bytes of `what`."""
        if n > self.end - self.pos:
            raise self.unexpected_end(f"{n} bytes of {what}")
        self.pos += cython.cast(uint32_t, n)
        return 0

    @cython.cfunc
    @cython.exceptval(0xFFFFFFFFFFFFFFFF)
    def unsigned(self, bits: cython.int) -> uint64_t:
        """An unsigned LEB128 integer of `bits` bits (section 5.2.2)."""
        at: uint32_t = self.pos
        value: uint64_t = 0
        shift: cython.int = 0
        byte: uint64_t
        while True:
            if shift >= bits:
                raise self.malformed(
                    "integer representation too long", at, f"at most {shift // 7} bytes", None
                )
            if self.pos >= self.end:
                raise self.unexpected_end("a LEB128 integer")
            byte = self.base[self.pos]
            if bits - shift < 7 and (byte & 0x7F) >> (bits - shift):
                raise self.malformed("integer too large", at, f"{bits} unsigned bits", None)
            self.pos += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    @cython.cfunc
    @cython.exceptval(-0x7FFFFFFFFFFFFFFF)
    def signed(self, bits: cython.int) -> int64_t:
        """A signed LEB128 integer of `bits` bits (section 5.2.2)."""
        at: uint32_t = self.pos
        value: uint64_t = 0
        shift: cython.int = 0
        byte: uint64_t
        unused: uint64_t
        while True:
            if shift >= bits:
                raise self.malformed(
                    "integer representation too long", at, f"at most {shift // 7} bytes", None
                )
            if self.pos >= self.end:
                raise self.unexpected_end("a LEB128 integer")
            byte = self.base[self.pos]
            if bits - shift < 7:
                # The sign bit and what lies above it must agree.
                unused = 0x7F & (cython.cast(uint64_t, 0x7F) << (bits - shift - 1))
                if byte & unused != 0 and byte & unused != unused:
                    raise self.malformed("integer too large", at, f"{bits} signed bits", None)
            self.pos += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        if shift < 64 and byte & 0x40:
            value |= ~cython.cast(uint64_t, 0) << shift
        return cython.cast(int64_t, value)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def u32(self) -> int64_t:
        """An unsigned LEB128 integer of 32 bits, most often a single byte."""
        if self.pos < self.end and self.base[self.pos] < 0x80:
            self.pos += 1
            return self.base[self.pos - 1]
        return cython.cast(int64_t, self.unsigned(32))

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def count(self, limit: uint32_t, subject: str) -> int64_t:
        """Length of a vector; at most `limit` of `subject`, and at most what the bytes left can hold."""
        at: uint32_t = self.pos
        n: int64_t = self.u32()
        # An item takes a byte at least. Like the reference interpreter, count the bytes of the length too.
        if n > self.end - at:
            raise self.malformed(
                "length out of bounds", at, f"at most {self.end - self.pos} {subject}", f"{n}"
            )
        if n > limit:
            raise self.over_limit(at, n, limit, subject)
        return n

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def name(self, name: cython.pointer[Span]) -> cython.int:
        """A name (section 5.2.4), checked to be UTF-8."""
        at: uint32_t = self.pos
        n: int64_t = self.u32()
        i: uint32_t
        bits: uint8_t = 0
        if n > self.end - self.pos:
            raise self.malformed(
                "length out of bounds", at, f"a name of at most {self.end - self.pos} bytes", f"{n}"
            )
        if n > MAX_STRING_BYTES:
            raise self.over_limit(at, n, MAX_STRING_BYTES, "bytes in a name")
        name.start = self.pos
        self.pos += cython.cast(uint32_t, n)
        name.end = self.pos
        for i in range(name.start, name.end):
            bits |= self.base[i]
        if bits >= 0x80:
            try:
                self.data[name.start : name.end].decode()
            except UnicodeDecodeError as error:
                at = name.start + error.start
                raise self.malformed(
                    "malformed UTF-8 encoding", at, None, f"byte {self.base[at]:#04x}"
                ) from None
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def mutability(self) -> cython.int:
        """Whether a global or field can be written (section 5.3.8)."""
        byte: cython.int = self.byte()
        if byte > 1:
            raise self.malformed("malformed mutability", self.pos - 1, "0 or 1", f"{byte:#04x}")
        return byte

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def zero_byte(self) -> cython.int:
        """A byte reserved for later."""
        byte: cython.int = self.byte()
        if byte != 0:
            raise self.malformed("zero byte expected", self.pos - 1, "0", f"{byte:#04x}")
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def expression(self, expression: cython.pointer[Span]) -> cython.int:
        """Steps over an instruction sequence and its `end` (section 5.4.9)."""
        depth: uint32_t = 1
        code: cython.int
        expression.start = self.pos
        while depth > 0:
            code = self.instruction()
            if code in (op.BLOCK, op.LOOP, op.IF_, op.TRY, op.TRY_TABLE):
                depth += 1
            elif code in (op.END, op.DELEGATE):
                depth -= 1
            elif code == op.ELSE_ and depth == 1:
                raise self.malformed("END opcode expected", self.pos - 1, "end", "else")
        expression.end = self.pos
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def body(self, end: uint32_t) -> cython.int:
        """Steps over a function body (section 5.5.13), which must be well-formed and end at `end`."""
        at: uint32_t = self.pos
        expression = cython.declare(Span)
        n: uint64_t = 0
        _: int64_t
        for _ in range(self.count(0xFFFF_FFFF, "local declarations")):
            n += self.u32()
            self.immediate(IMM_BLOCK_TYPE)
        if n > cython.cast(uint32_t, -1):
            raise self.malformed("too many locals", at, "less than 2^32", f"{n}")
        self.expression(cython.address(expression))
        if self.pos != end:
            raise self.malformed(
                "section size mismatch", at, f"a body of {end - at} bytes", f"{self.pos - at}"
            )
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def instruction(self) -> cython.int:
        """Steps over one instruction; returns its opcode id."""
        at: uint32_t = self.pos
        code: uint32_t = self.byte()
        encodings: uint32_t
        function: uint32_t
        if code >= 0xFB:
            code = prefixed_opcode(code, cython.cast(uint32_t, self.u32())) if code < 0xFF else IMM_OPCODES
        encodings = immediates_of(code)
        if encodings == IMM_ILLEGAL:
            raise self.malformed(
                f"illegal opcode {self.data[at : self.pos].hex(' ')}", at, "an instruction", None
            )
        if code == op.REF_FUNC:
            function = self.u32()
            if function < self.n_declared:
                self.declared[function] = 1
            return code
        while encodings:
            self.immediate(encodings & 15)
            encodings >>= 4
        return code

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def immediate(self, encoding: uint32_t) -> cython.int:
        """Steps over one immediate in one of the encodings of `spec/immediates.pxd`."""
        at: uint32_t = self.pos
        n: int64_t
        _: int64_t
        kind: cython.int
        if encoding == IMM_U32:
            self.u32()
        elif encoding == IMM_S32:
            self.signed(32)
        elif encoding == IMM_S64:
            self.signed(64)
        elif encoding in (IMM_S33, IMM_BLOCK_TYPE):
            kind = self.peek()
            self.signed(33)
            if encoding == IMM_BLOCK_TYPE and kind in (0x63, 0x64):
                self.signed(33)
        elif encoding == IMM_BYTE:
            self.skip(1, "an immediate")
        elif encoding == IMM_BYTES4:
            self.skip(4, "an immediate")
        elif encoding == IMM_BYTES8:
            self.skip(8, "an immediate")
        elif encoding == IMM_BYTES16:
            self.skip(16, "an immediate")
        elif encoding == IMM_MEMARG:
            n = self.u32()
            if n >= 128:
                raise self.malformed("malformed memop flags", at, "flags below 0x80", f"{n:#x}")
            if n & 0x40:
                self.u32()
            self.unsigned(64)
        elif encoding == IMM_TYPES:
            for _ in range(self.count(MAX_RESULTS, "types of a select")):
                self.immediate(IMM_BLOCK_TYPE)
        elif encoding == IMM_LABELS:
            for _ in range(self.count(MAX_BR_TABLE, "labels") + 1):
                self.u32()
        elif encoding == IMM_CATCHES:
            for _ in range(self.count(MAX_BR_TABLE, "catch clauses")):
                kind = self.byte()
                if kind > 3:
                    raise self.malformed("malformed catch clause", self.pos - 1, "0 to 3", f"{kind:#04x}")
                if kind < 2:
                    self.u32()
                self.u32()
        return 0

    @cython.cfunc
    def malformed(self, text: str, at: uint32_t, expected: str | None, found: str | None) -> object:
        """The exception for bytes that leave the format."""
        return MalformedError(text, at, expected=expected, found=found)

    @cython.cfunc
    def unexpected_end(self, expected: str) -> object:
        """The exception for a module that ends too soon."""
        return MalformedError(
            "unexpected end of section or function",
            self.end,
            expected=expected,
            found="the end of the module",
        )

    @cython.cfunc
    def over_limit(self, at: uint32_t, n: uint64_t, limit: uint64_t, subject: str) -> object:
        """The exception for more than a limit of `spec.limits` permits."""
        return InvalidError(f"too many {subject}", at, expected=f"at most {limit}", found=f"{n}")
