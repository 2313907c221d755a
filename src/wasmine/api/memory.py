# cython: nonecheck=True
"""Linear memories as Python sees them: a buffer, a sequence of bytes, and typed access."""

import cython
from cython.cimports.cpython.buffer import Py_buffer, PyBuffer_FillInfo
from cython.cimports.cpython.bytes import PyBytes_FromStringAndSize
from cython.cimports.cpython.ref import Py_DECREF, Py_INCREF
from cython.cimports.cpython.unicode import PyUnicode_DecodeUTF8
from cython.cimports.libc.stdint import (
    int8_t,
    int16_t,
    int32_t,
    int64_t,
    uint8_t,
    uint16_t,
    uint32_t,
    uint64_t,
)
from cython.cimports.libc.string import memchr, memcpy, memmove
from cython.cimports.wasmine.api.describe import describe_memory
from cython.cimports.wasmine.api.native import (
    PyBuffer_Release,
    PyLong_AsLongLongAndOverflow,
    PyLong_AsUnsignedLongLongMask,
    PyNumber_AsSsize_t,
    PyNumber_Index,
    PyObject_GetBuffer,
)
from cython.cimports.wasmine.binary.module import EXT_MEMORY
from cython.cimports.wasmine.runtime.extern import Extern, register_class
from cython.cimports.wasmine.runtime.memory import MemoryCore, memory_grow, new_memory
from cython.cimports.wasmine.runtime.store import StoreCore

from wasmine.api.types import I64, MemoryType
from wasmine.spec.errors import ResourceError, StoreClosed


@cython.final
@cython.cclass
class Memory(Extern):
    """A linear memory (core specification, section 4.2.8).

    It supports the buffer protocol, writable and without a copy: `memoryview(memory)`,
    `numpy.frombuffer(memory, "u4")`. A view covers the size that the memory had when the view was made; it
    stays valid when the memory grows, and as long as the view lives, even past the closing of the store.

    It is also a sequence of bytes: `len(memory)`, `memory[8]`, `memory[8:16]`, `memory[8:16] = data`, with
    the meaning that they have for a `bytearray` of fixed size. All offsets and sizes are in bytes; those of
    methods count from the start and are never negative.

    Args:
        store: the store to live in.
        type: its size now and at most, a `MemoryType`.

    Attributes:
        store: the `Store` that it lives in.

    Raises:
        ResourceError: a limit of the store forbids that size, or the address space is exhausted.
        StoreClosed: the store is closed; so does every use of the memory from then on.
    """

    def __init__(self, store: StoreCore, type):
        if store is None:
            raise TypeError("store must be a Store, not None")
        if not isinstance(type, MemoryType):
            raise TypeError(f"type must be a MemoryType, not {type.__class__.__name__}")
        store.check()
        if store.n_memories >= store.max_memories:
            raise ResourceError(f"the store is limited to {store.max_memories} memories")
        has_max: cython.bint = type.maximum is not None
        maximum: uint64_t = type.maximum if has_max else 0
        core: MemoryCore = new_memory(
            cython.address(store.ctx),
            type.address == I64,
            type.shared,
            type.page_size.bit_length() - 1,
            type.minimum,
            has_max,
            maximum,
            store.small_memory,
        )
        store.keep(core)
        store.memories.append(core)
        store.n_memories += 1
        self.store = store
        self.kind = EXT_MEMORY
        self.memory = core

    # Where the bytes are

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check_open(self) -> cython.int:
        """Raise unless there is a memory, in a store that is not closed."""
        if self.memory is None:
            raise TypeError("this Memory refers to no memory: make one with Memory(store, type)")
        if self.memory.mem.closed or self.store.closed:
            raise StoreClosed("the memory's store is closed")
        return 0

    @cython.cfunc
    def span(self, offset: object, size: cython.Py_ssize_t) -> cython.pointer[uint8_t]:
        """Return the address of memory[offset : offset + size], all of which is inside."""
        start: cython.Py_ssize_t = index_of(offset)  # may run Python code, and that may close the store
        self.check_open()
        limit: uint64_t = self.memory.mem.size
        if start < 0 or size < 0 or cython.cast(uint64_t, size) > limit:
            raise outside(offset, size, limit)
        if cython.cast(uint64_t, start) > limit - cython.cast(uint64_t, size):
            raise outside(offset, size, limit)
        return self.memory.mem.base + start

    def __getbuffer__(self, buffer: cython.pointer[Py_buffer], flags: cython.int):
        self.check_open()
        core: MemoryCore = self.memory
        PyBuffer_FillInfo(buffer, self, core.mem.base, core.mem.size, 0, flags)
        # The buffer holds the core itself: a garbage collection may take it from this object before the
        # buffer is released.
        core.acquire()
        Py_INCREF(core)
        buffer.internal = cython.cast(cython.p_void, core)

    def __releasebuffer__(self, buffer: cython.pointer[Py_buffer]):
        core: MemoryCore = cython.cast(MemoryCore, buffer.internal)
        core.release()
        Py_DECREF(core)

    # A sequence of bytes

    def __len__(self) -> cython.Py_ssize_t:
        self.check_open()
        return self.memory.mem.size

    def __getitem__(self, key):
        if not isinstance(key, slice):
            return self.span(self.from_end(key), 1)[0]
        start, stop, step = key.indices(len(self))
        if step != 1:
            return bytes(memoryview(self)[key])
        return self.read(start, max(0, stop - start))

    def __setitem__(self, key, value):
        if not isinstance(key, slice):
            byte: cython.Py_ssize_t = index_of(value)
            if not 0 <= byte <= 255:
                raise ValueError(f"a byte is from 0 to 255, not {value}")
            self.span(self.from_end(key), 1)[0] = cython.cast(uint8_t, byte)
            return
        target = memoryview(self)[key]
        data = memoryview(value).cast("B")
        if len(target) != len(data):
            raise ValueError(
                f"{len(data)} bytes cannot replace {len(target)}: a memory does not change its size"
            )
        target[:] = data

    @cython.cfunc
    def from_end(self, key):
        """Return an index, counted from the end if it is negative, as an offset."""
        position: cython.Py_ssize_t = index_of(key)
        return position + len(self) if position < 0 else position

    # Bytes and text

    def read(self, offset, size) -> bytes:
        """Return a copy of `size` bytes from `offset` on.

        Raises:
            IndexError: they are not all inside the memory.
        """
        count: cython.Py_ssize_t = index_of(size)
        start: cython.pointer[uint8_t] = self.span(offset, count)
        return PyBytes_FromStringAndSize(cython.cast(cython.p_char, start), count)

    def write(self, offset, data) -> cython.Py_ssize_t:
        """Copy `data`, an object with the buffer protocol, to `offset` on, and return its size.

        Raises:
            IndexError: it does not fit; nothing is written.
            TypeError: `data` is no contiguous buffer.
        """
        view = cython.declare(Py_buffer)
        PyObject_GetBuffer(data, cython.address(view), 0)
        try:
            memmove(self.span(offset, view.len), view.buf, view.len)
            return view.len
        finally:
            PyBuffer_Release(cython.address(view))

    def read_str(self, offset, size) -> str:
        """Return `size` bytes from `offset` on, decoded from UTF-8.

        Raises:
            IndexError: they are not all inside the memory.
            UnicodeDecodeError: they are not UTF-8.
        """
        count: cython.Py_ssize_t = index_of(size)
        start: cython.pointer[uint8_t] = self.span(offset, count)
        return PyUnicode_DecodeUTF8(cython.cast(cython.p_char, start), count, cython.NULL)

    def read_cstr(self, offset) -> str:
        """Return the text from `offset` on up to a zero byte, decoded from UTF-8.

        Raises:
            IndexError: `offset` is outside the memory, or no zero byte follows.
            UnicodeDecodeError: it is not UTF-8.
        """
        start: cython.pointer[uint8_t] = self.span(offset, 0)
        room: cython.size_t = self.memory.mem.size - (start - self.memory.mem.base)
        end: cython.p_void = memchr(start, 0, room)
        if end == cython.NULL:
            raise IndexError(f"no zero byte from offset {offset} to the end of the memory")
        size: cython.Py_ssize_t = cython.cast(cython.pointer[uint8_t], end) - start
        return PyUnicode_DecodeUTF8(cython.cast(cython.p_char, start), size, cython.NULL)

    def write_str(self, offset, text, *, zero=False) -> cython.Py_ssize_t:
        """Write `text` as UTF-8 to `offset` on, and return how many bytes were written.

        Args:
            offset: where to.
            text: a str.
            zero: whether to write a zero byte after it, which counts.

        Raises:
            IndexError: it does not fit; nothing is written.
        """
        if not isinstance(text, str):
            raise TypeError(f"text must be a str, not {text.__class__.__name__}")
        data = text.encode()
        return self.write(offset, data + b"\0" if zero else data)

    # Integers and floats, little-endian as Wasm has them. An integer to write may be given as signed or
    # unsigned.

    def read_i8(self, offset) -> int8_t:
        """Return the signed 8-bit integer at `offset`. IndexError: it is outside the memory."""
        value: int8_t = 0
        memcpy(cython.address(value), self.span(offset, 1), 1)
        return value

    def read_u8(self, offset) -> uint8_t:
        """Return the unsigned 8-bit integer at `offset`. IndexError: it is outside the memory."""
        value: uint8_t = 0
        memcpy(cython.address(value), self.span(offset, 1), 1)
        return value

    def read_i16(self, offset) -> int16_t:
        """Return the signed 16-bit integer at `offset`. IndexError: it is outside the memory."""
        value: int16_t = 0
        memcpy(cython.address(value), self.span(offset, 2), 2)
        return value

    def read_u16(self, offset) -> uint16_t:
        """Return the unsigned 16-bit integer at `offset`. IndexError: it is outside the memory."""
        value: uint16_t = 0
        memcpy(cython.address(value), self.span(offset, 2), 2)
        return value

    def read_i32(self, offset) -> int32_t:
        """Return the signed 32-bit integer at `offset`. IndexError: it is outside the memory."""
        value: int32_t = 0
        memcpy(cython.address(value), self.span(offset, 4), 4)
        return value

    def read_u32(self, offset) -> uint32_t:
        """Return the unsigned 32-bit integer at `offset`. IndexError: it is outside the memory."""
        value: uint32_t = 0
        memcpy(cython.address(value), self.span(offset, 4), 4)
        return value

    def read_i64(self, offset) -> int64_t:
        """Return the signed 64-bit integer at `offset`. IndexError: it is outside the memory."""
        value: int64_t = 0
        memcpy(cython.address(value), self.span(offset, 8), 8)
        return value

    def read_u64(self, offset) -> uint64_t:
        """Return the unsigned 64-bit integer at `offset`. IndexError: it is outside the memory."""
        value: uint64_t = 0
        memcpy(cython.address(value), self.span(offset, 8), 8)
        return value

    def read_f32(self, offset) -> cython.double:
        """Return the 32-bit float at `offset`. IndexError: it is outside the memory."""
        value: cython.float = 0
        memcpy(cython.address(value), self.span(offset, 4), 4)
        return value

    def read_f64(self, offset) -> cython.double:
        """Return the 64-bit float at `offset`. IndexError: it is outside the memory."""
        value: cython.double = 0
        memcpy(cython.address(value), self.span(offset, 8), 8)
        return value

    def write_i8(self, offset, value) -> None:
        """Write a 8-bit integer, from -2**7 to 2**8 - 1, to `offset`.

        Raises:
            IndexError: `offset` is outside the memory.
            OverflowError: `value` is out of range.
        """
        bits: uint64_t = integer_bits(value, 8, True)
        memcpy(self.span(offset, 1), cython.address(bits), 1)

    def write_u8(self, offset, value) -> None:
        """Write a 8-bit integer, from 0 to 2**8 - 1, to `offset`.

        Raises:
            IndexError: `offset` is outside the memory.
            OverflowError: `value` is out of range.
        """
        bits: uint64_t = integer_bits(value, 8, False)
        memcpy(self.span(offset, 1), cython.address(bits), 1)

    def write_i16(self, offset, value) -> None:
        """Write a 16-bit integer, from -2**15 to 2**16 - 1, to `offset`.

        Raises:
            IndexError: `offset` is outside the memory.
            OverflowError: `value` is out of range.
        """
        bits: uint64_t = integer_bits(value, 16, True)
        memcpy(self.span(offset, 2), cython.address(bits), 2)

    def write_u16(self, offset, value) -> None:
        """Write a 16-bit integer, from 0 to 2**16 - 1, to `offset`.

        Raises:
            IndexError: `offset` is outside the memory.
            OverflowError: `value` is out of range.
        """
        bits: uint64_t = integer_bits(value, 16, False)
        memcpy(self.span(offset, 2), cython.address(bits), 2)

    def write_i32(self, offset, value) -> None:
        """Write a 32-bit integer, from -2**31 to 2**32 - 1, to `offset`.

        Raises:
            IndexError: `offset` is outside the memory.
            OverflowError: `value` is out of range.
        """
        bits: uint64_t = integer_bits(value, 32, True)
        memcpy(self.span(offset, 4), cython.address(bits), 4)

    def write_u32(self, offset, value) -> None:
        """Write a 32-bit integer, from 0 to 2**32 - 1, to `offset`.

        Raises:
            IndexError: `offset` is outside the memory.
            OverflowError: `value` is out of range.
        """
        bits: uint64_t = integer_bits(value, 32, False)
        memcpy(self.span(offset, 4), cython.address(bits), 4)

    def write_i64(self, offset, value) -> None:
        """Write a 64-bit integer, from -2**63 to 2**64 - 1, to `offset`.

        Raises:
            IndexError: `offset` is outside the memory.
            OverflowError: `value` is out of range.
        """
        bits: uint64_t = integer_bits(value, 64, True)
        memcpy(self.span(offset, 8), cython.address(bits), 8)

    def write_u64(self, offset, value) -> None:
        """Write a 64-bit integer, from 0 to 2**64 - 1, to `offset`.

        Raises:
            IndexError: `offset` is outside the memory.
            OverflowError: `value` is out of range.
        """
        bits: uint64_t = integer_bits(value, 64, False)
        memcpy(self.span(offset, 8), cython.address(bits), 8)

    def write_f32(self, offset, value: cython.double) -> None:
        """Write a 32-bit float, rounded to nearest, to `offset`. IndexError: it is outside the memory."""
        real: cython.float = cython.cast(cython.float, value)
        memcpy(self.span(offset, 4), cython.address(real), 4)

    def write_f64(self, offset, value: cython.double) -> None:
        """Write a 64-bit float to `offset`. IndexError: it is outside the memory."""
        real: cython.double = value
        memcpy(self.span(offset, 8), cython.address(real), 8)

    # Size

    @property
    def size(self) -> uint64_t:
        """Size in bytes, the same as `len(memory)`."""
        self.check_open()
        return self.memory.mem.size

    @property
    def pages(self) -> uint64_t:
        """Size in pages, of 65536 bytes unless its type says otherwise."""
        self.check_open()
        return self.memory.mem.pages

    def grow(self, delta) -> int64_t:
        """Make the memory larger by `delta` pages, and return how many it had before (section 4.6.8).

        Raises:
            ResourceError: its maximum or a limit of the store forbids that size, or memory is exhausted.
            ValueError: `delta` is negative.
        """
        pages: cython.Py_ssize_t = index_of(delta)
        if pages < 0:
            raise ValueError(f"a memory cannot shrink: delta is {delta}")
        self.check_open()
        self.store.check()
        before: int64_t = memory_grow(cython.address(self.store.ctx), cython.address(self.memory.mem), pages)
        if before < 0:
            raise ResourceError(f"a memory of {self.memory.mem.pages} pages cannot grow by {pages}")
        return before

    def share(self, store: StoreCore):
        """Return this memory as one of another store, whose code may use it at the same time.

        The bytes live as long as one of the stores, or a view, does.

        Raises:
            ValueError: the memory is not shared.
            StoreClosed, StoreBusy: the other store is closed, or another thread runs in it.
        """
        self.check_open()
        if store is None:
            raise TypeError("store must be a Store, not None")
        if not self.memory.mem.shared:
            raise ValueError(
                "only a shared memory can belong to several stores: MemoryType(..., shared=True)"
            )
        store.check()
        store.keep(self.memory)
        other: Memory = Memory.__new__(Memory)
        other.store = store
        other.kind = EXT_MEMORY
        other.memory = self.memory
        return other

    @property
    def type(self):
        """Its type, a `MemoryType`, whose minimum is its present size in pages."""
        self.check_open()
        core: MemoryCore = self.memory
        return describe_memory(
            core.mem.is64, core.mem.shared, core.mem.page_log2, core.mem.pages, core.has_max, core.type_max
        )

    def __repr__(self):
        if self.memory is None:
            return "<Memory of nothing>"
        if self.memory.mem.closed or self.store.closed:
            return "<Memory, closed>"
        pages = self.memory.mem.pages
        most = f", at most {self.memory.type_max}" if self.memory.has_max else ""
        extra = (" i64" if self.memory.mem.is64 else "") + (" shared" if self.memory.mem.shared else "")
        return f"<Memory{extra} {pages} page{'' if pages == 1 else 's'}{most} ({self.memory.mem.size} bytes)>"


@cython.cfunc
@cython.exceptval(-1, check=True)
def index_of(value: object) -> cython.Py_ssize_t:
    """Return an integer argument; one too large for any memory becomes the largest there is."""
    return PyNumber_AsSsize_t(value, cython.NULL)


@cython.cfunc
@cython.exceptval(0, check=True)
def integer_bits(value: object, width: cython.int, signed: cython.bint) -> uint64_t:
    """Return an integer in two's complement, when `width` bits can hold it, read as unsigned or as signed."""
    overflow: cython.int = 0
    number: int = PyNumber_Index(value)
    wide: cython.longlong = PyLong_AsLongLongAndOverflow(number, cython.address(overflow))
    low: cython.longlong = 0
    if signed:
        low = cython.cast(cython.longlong, -1) << (width - 1)
    if overflow == 0 and wide >= low and (width == 64 or wide < cython.cast(cython.longlong, 1) << width):
        return cython.cast(uint64_t, wide)
    if overflow > 0 and width == 64 and number.bit_length() == 64:
        return PyLong_AsUnsignedLongLongMask(number)
    raise OverflowError(f"{number} does not fit in {width} bits")


@cython.cfunc
def outside(offset, size: cython.Py_ssize_t, limit: uint64_t):
    """Return the exception for bytes that are not all inside the memory."""
    if size < 0:
        return ValueError(f"size must not be negative, got {size}")
    return IndexError(f"{size} bytes at offset {offset} are not inside a memory of {limit} bytes")


register_class(EXT_MEMORY, Memory)
