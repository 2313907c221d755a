"""Types (core specification, section 5.3) and the type section.

A recursion group is read straight into its canonical key, the form under which the registry knows it; so
equal groups, of whatever module, become one, and a type index becomes an id.
"""

import cython
from cython.cimports.cpython.bytes import PyBytes_FromStringAndSize
from cython.cimports.libc.stdint import int64_t, uint32_t
from cython.cimports.libc.stdlib import free
from cython.cimports.wasmine.binary.module import ModuleData, grow, resize
from cython.cimports.wasmine.binary.reader import Reader
from cython.cimports.wasmine.spec.limits import (
    MAX_PARAMS,
    MAX_REC_GROUPS,
    MAX_RESULTS,
    MAX_STRUCT_FIELDS,
    MAX_TYPES,
)
from cython.cimports.wasmine.spec.types import (
    KEY_FINAL,
    KEY_RELATIVE,
    KEY_SUPER,
    KIND_ARRAY,
    KIND_FUNC,
    KIND_STRUCT,
    T_ABSTRACT,
    T_NULLABLE,
    T_REF,
    RecGroup,
)

from wasmine.spec.errors import InvalidError
from wasmine.spec.types import SubtypeError

# First bytes of the forms of types.
REC = cython.declare(cython.const[cython.int], 0x4E)
SUB_FINAL = cython.declare(cython.const[cython.int], 0x4F)
SUB = cython.declare(cython.const[cython.int], 0x50)


@cython.final
@cython.cclass
class TypeReader:
    """Reads types; knows the index space of types, and the recursion group that is being read."""

    def __cinit__(self, r: Reader, module: ModuleData) -> None:
        self.r = r
        self.module = module
        self.group_size = 0
        self.owners = []
        self.used = set()
        self.parents = {}
        self.words = cython.NULL
        self.n_words = 0
        self.max_words = 0

    def __dealloc__(self) -> None:
        free(self.words)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def value_type(self) -> int64_t:
        """Section 5.3.4, Value Types."""
        byte: cython.int = self.r.type_byte()
        code: int64_t
        if 0x7B <= byte <= 0x7F:
            return byte
        code = self.reference_code(byte)
        if code == 0:
            raise self.r.malformed("malformed value type", self.r.pos - 1, "a value type", f"{byte:#04x}")
        return code

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def reference_type(self) -> int64_t:
        """Section 5.3.3, Reference Types."""
        byte: cython.int = self.r.type_byte()
        code: int64_t = self.reference_code(byte)
        if code == 0:
            raise self.r.malformed(
                "malformed reference type", self.r.pos - 1, "a reference type", f"{byte:#04x}"
            )
        return code

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def reference_code(self, byte: uint32_t) -> int64_t:
        """The reference type that begins with `byte`, which is behind the reader; 0 when none does."""
        if byte == 0x64:
            return T_REF | self.heap_type()
        elif byte == 0x63:
            return T_REF | T_NULLABLE | self.heap_type()
        elif 0x69 <= byte <= 0x74:
            return T_REF | T_NULLABLE | T_ABSTRACT | byte
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def heap_type(self) -> int64_t:
        """Section 5.3.2, Heap Types."""
        at: uint32_t = self.r.pos
        byte: cython.int = self.r.peek()
        index: int64_t
        if 0x69 <= byte <= 0x74:
            self.r.pos += 1
            return T_ABSTRACT | byte
        index = self.r.signed(33)
        if index < 0:
            raise self.r.malformed("malformed heap type", at, "a heap type", f"{byte:#04x}")
        return self.defined_type(cython.cast(uint32_t, index), self.module.desc.n_types + self.group_size, at)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def defined_type(self, index: uint32_t, below: uint32_t, at: uint32_t) -> int64_t:
        """Code of the type with that index, which must be less than `below`."""
        n: uint32_t = self.module.desc.n_types
        if index >= below:
            raise InvalidError(f"unknown type {index}", at, expected=f"an index below {below}")
        if index >= n:
            return KEY_RELATIVE | (index - n)
        if self.group_size > 0:
            self.used.add(self.owners[index])
        return self.module.desc.types[index]

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def func_type(self) -> int64_t:
        """Id of a function type, given by its index."""
        at: uint32_t = self.r.pos
        index: uint32_t = self.r.u32()
        id: uint32_t = self.defined_type(index, self.module.desc.n_types, at)
        if self.module.desc.defs[id].kind != KIND_FUNC:
            raise InvalidError(f"non-function type {index}", at, expected="a function type")
        return id

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def section(self) -> cython.int:
        """Section 5.5.4, Type Section."""
        n: int64_t = self.r.count(MAX_REC_GROUPS, "recursion groups")
        _: int64_t
        for _ in range(n):
            self.group()
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def group(self) -> cython.int:
        """Section 5.3.11, Recursive Types."""
        at: uint32_t = self.r.pos
        position: uint32_t
        if self.r.peek() == REC:
            self.r.pos += 1
            self.group_size = self.r.count(MAX_TYPES, "types")
        else:
            self.group_size = 1
        if self.group_size > MAX_TYPES - self.module.desc.n_types:
            raise self.r.over_limit(at, self.module.desc.n_types + self.group_size, MAX_TYPES, "types")
        for position in range(self.group_size):
            self.sub_type(position)
        if self.group_size > 0:
            self.close_group()
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def close_group(self) -> cython.int:
        """Interns the group that has been read and appends its types to the module's."""
        module: ModuleData = self.module
        group: RecGroup
        n: uint32_t = module.desc.n_types
        i: uint32_t
        key: bytes = PyBytes_FromStringAndSize(
            cython.cast(cython.p_char, self.words), self.n_words * cython.sizeof(uint32_t)
        )
        try:
            group = module.registry.intern(key, self.group_size, tuple(self.used))
        except SubtypeError as error:
            at, index = self.parents[error.position]
            raise InvalidError(
                f"sub type {n + error.position} does not match super type {index}: {error.reason}", at
            ) from None
        module.groups.append(group)
        for i in range(self.group_size):
            module.desc.types = cython.cast(
                cython.pointer[uint32_t], grow(module.desc.types, n + i, cython.sizeof(uint32_t))
            )
            module.desc.types[n + i] = group.base + i
            self.owners.append(group)
        module.desc.n_types = n + self.group_size
        self.group_size = 0
        self.n_words = 0
        self.used.clear()
        self.parents.clear()
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def sub_type(self, position: uint32_t) -> cython.int:
        """Section 5.3.10, Sub Types."""
        flags: uint32_t = KEY_FINAL
        byte: cython.int = self.r.peek()
        at: uint32_t
        index: uint32_t
        parent: int64_t = -1
        if byte in (SUB, SUB_FINAL):
            self.r.pos += 1
            if byte == SUB:
                flags = 0
            if self.r.count(1, "super types of a type") > 0:
                at = self.r.pos
                index = self.r.u32()
                parent = self.defined_type(index, self.module.desc.n_types + position, at)
                self.parents[position] = (at, index)
                flags |= KEY_SUPER
        return self.composite_type(flags, parent)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def composite_type(self, flags: uint32_t, parent: int64_t) -> cython.int:
        """Section 5.3.9, Composite Types."""
        at: uint32_t = self.r.pos
        byte: cython.int = self.r.type_byte()
        where: uint32_t
        n: int64_t
        _: int64_t
        if byte == 0x60:
            self.put(KIND_FUNC | flags)
        elif byte == 0x5F:
            self.put(KIND_STRUCT | flags)
        elif byte == 0x5E:
            self.put(KIND_ARRAY | flags)
        else:
            raise self.r.malformed(
                "malformed definition type", at, "a function, structure or array type", f"{byte:#04x}"
            )
        if parent >= 0:
            self.put(cython.cast(uint32_t, parent))
        if byte == 0x60:
            where = self.n_words
            self.put(0)
            self.put(0)
            self.types(MAX_PARAMS, "parameters", where)
            self.types(MAX_RESULTS, "results", where + 1)
        elif byte == 0x5F:
            n = self.r.count(MAX_STRUCT_FIELDS, "fields of a structure")
            self.put(cython.cast(uint32_t, n))
            for _ in range(n):
                self.field_type()
        else:
            self.field_type()
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def types(self, limit: uint32_t, subject: str, where: uint32_t) -> cython.int:
        """A vector of value types; its length goes to word `where` of the key."""
        n: int64_t = self.r.count(limit, subject)
        _: int64_t
        self.words[where] = cython.cast(uint32_t, n)
        for _ in range(n):
            self.put(cython.cast(uint32_t, self.value_type()))
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def field_type(self) -> cython.int:
        """Section 5.3.8, Aggregate Types."""
        byte: cython.int = self.r.peek()
        code: int64_t
        if 0x77 <= byte <= 0x78 or 0x7B <= byte <= 0x7F:
            self.r.pos += 1
            code = byte
        else:
            byte = self.r.type_byte()
            code = self.reference_code(byte)
            if code == 0:
                raise self.r.malformed(
                    "malformed storage type", self.r.pos - 1, "a storage type", f"{byte:#04x}"
                )
        self.put(cython.cast(uint32_t, code))
        return self.put(self.r.mutability())

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def put(self, word: uint32_t) -> cython.int:
        """Appends a word to the key of the group."""
        if self.n_words == self.max_words:
            self.max_words = 2 * self.max_words if self.max_words > 0 else 64
            self.words = cython.cast(
                cython.pointer[uint32_t], resize(self.words, self.max_words, cython.sizeof(uint32_t))
            )
        self.words[self.n_words] = word
        self.n_words += 1
        return 0
