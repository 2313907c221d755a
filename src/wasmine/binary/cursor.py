"""A position in bytes, for plain Python that reads parts of a module: custom sections, and the printer."""

from wasmine.spec.errors import MalformedError


class Cursor:
    """A position in a part of some bytes, `data[position:end]`.

    Every method raises MalformedError at the end and where the bytes are not what it reads.
    """

    __slots__ = ("data", "end", "position")

    def __init__(self, data: bytes, position: int, end: int) -> None:
        self.data = data
        self.position = position
        self.end = end

    def byte(self) -> int:
        """One byte."""
        at = self.position
        if at >= self.end:
            raise self.unexpected_end()
        self.position = at + 1
        return self.data[at]

    def peek(self) -> int:
        """The next byte, which stays unread; -1 at the end."""
        return self.data[self.position] if self.position < self.end else -1

    def take(self, size: int) -> bytes:
        """The next bytes."""
        at = self.position
        if size > self.end - at:
            raise self.unexpected_end()
        self.position = at + size
        return self.data[at : at + size]

    def u32(self) -> int:
        """An unsigned LEB128 integer of 32 bits."""
        at = self.position
        if at < self.end and self.data[at] < 0x80:
            self.position = at + 1
            return self.data[at]
        return self.unsigned(32)

    def unsigned(self, bits: int) -> int:
        """An unsigned LEB128 integer (core specification, section 5.2.2)."""
        at = self.position
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
            if shift >= bits:
                raise MalformedError("integer representation too long", at)
        if value >> bits:
            raise MalformedError("integer too large", at)
        return value

    def signed(self, bits: int) -> int:
        """A signed LEB128 integer (core specification, section 5.2.2)."""
        at = self.position
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
            if shift >= bits:
                raise MalformedError("integer representation too long", at)
        if byte & 0x40:
            value -= 1 << shift
        if not -(1 << (bits - 1)) <= value < 1 << (bits - 1):
            raise MalformedError("integer too large", at)
        return value

    def count(self) -> int:
        """The length of a vector whose items take a byte at least."""
        at = self.position
        count = self.u32()
        if count > self.end - at:
            raise MalformedError(
                "length out of bounds", at, expected=f"at most {self.end - self.position}", found=str(count)
            )
        return count

    def part(self) -> "Cursor":
        """The bytes whose length comes first, to be read on their own; the cursor itself passes them."""
        at = self.position
        size = self.u32()
        start = self.position
        if size > self.end - start:
            raise MalformedError(
                "length out of bounds", at, expected=f"at most {self.end - start}", found=str(size)
            )
        self.position += size
        return Cursor(self.data, start, self.position)

    def name(self) -> str:
        """A name. Bytes that are not UTF-8 read as U+FFFD: the name is for people."""
        part = self.part()
        return self.data[part.position : part.end].decode(errors="replace")

    def unexpected_end(self) -> MalformedError:
        """The exception for a part that ends too soon."""
        return MalformedError("unexpected end", self.end, expected="more bytes", found="the end of this part")
