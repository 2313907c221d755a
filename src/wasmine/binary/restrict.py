"""Refuses modules that use features which an engine has switched off (`Config.disable`).

The decoder and the validator know one language, that of everything. What is off is looked for afterwards, in
a pass of its own over all types and instructions, so that who switches nothing off pays nothing. What a
standard without the feature could not read is malformed here too; what it could read but forbade is invalid.
"""

import cython
from cython.cimports.cpython.bytes import PyBytes_AS_STRING
from cython.cimports.libc.stdint import int64_t, uint8_t, uint32_t
from cython.cimports.wasmine.binary.module import (
    SEG_ACTIVE,
    ElemDesc,
    MemoryDesc,
    ModuleData,
    ModuleDesc,
    Span,
    TableDesc,
)
from cython.cimports.wasmine.binary.reader import Reader
from cython.cimports.wasmine.binary.types import TypeReader
from cython.cimports.wasmine.spec import opcodes as op
from cython.cimports.wasmine.spec.immediates import (
    IMM_BLOCK_TYPE,
    IMM_MEMARG,
    IMM_OPCODES,
    IMM_S33,
    IMM_TYPES,
    immediates_of,
)
from cython.cimports.wasmine.spec.limits import MAX_RESULTS
from cython.cimports.wasmine.spec.types import (
    H_EXN,
    H_EXTERN,
    H_FUNC,
    H_NOEXN,
    KIND_FUNC,
    T_ABSTRACT,
    T_FUNCREF,
    T_HEAP_MASK,
    T_NULLABLE,
    T_REF,
    T_V128,
    TypeDef,
)

from wasmine.spec.errors import InvalidError, MalformedError


@cython.ccall
def restrict(module: ModuleData, disabled: frozenset) -> object:
    """Check that a decoded module uses none of the disabled features (`spec.features.closure` of a set).

    Raises MalformedError or InvalidError, in the words of the test suites of the time before the feature.
    """
    restriction: Restriction = Restriction(module, disabled)
    restriction.check_types()
    restriction.check_tables()
    restriction.check_memories()
    restriction.check_globals_and_tags()
    restriction.check_segments()
    restriction.check_bodies()
    return None


@cython.final
@cython.cclass
class Restriction:
    """What is off, and a position in the module being checked."""

    module: ModuleData
    desc: cython.pointer[ModuleDesc]
    r: Reader
    types: TypeReader
    off: object
    refused: bytes
    refused_ids: cython.pointer[uint8_t]
    vectors: cython.bint
    references: cython.bint
    typed_references: cython.bint
    gc: cython.bint
    exceptions: cython.bint
    memories: cython.bint

    def __cinit__(self, module: ModuleData, disabled: frozenset) -> None:
        from wasmine.spec.opcodes import OPS

        ids = bytearray(IMM_OPCODES)
        for row in OPS:
            ids[row.id] = row.feature in disabled
        # Both kinds of exceptions throw; a tail call through a reference is both.
        ids[op.THROW] = "exceptions" in disabled and "legacy-exceptions" in disabled
        ids[op.RETURN_CALL_REF] = ids[op.RETURN_CALL] | ids[op.CALL_REF]
        self.module = module
        self.desc = cython.address(module.desc)
        self.r = Reader(module.data)
        self.types = TypeReader(self.r, module)
        self.off = disabled
        self.refused = bytes(ids)
        self.refused_ids = cython.cast(cython.pointer[uint8_t], PyBytes_AS_STRING(self.refused))
        self.vectors = "simd" not in disabled
        self.references = "reference-types" not in disabled
        self.typed_references = "function-references" not in disabled
        self.gc = "gc" not in disabled
        self.exceptions = "exceptions" not in disabled
        self.memories = "multi-memory" not in disabled

    # Types

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check_type(self, code: uint32_t) -> cython.int:
        """A value or storage type, by its code."""
        heap: uint32_t = code & T_HEAP_MASK
        good: cython.bint
        if code == T_V128:
            good = self.vectors
        elif not code & T_REF:
            good = True
        elif not self.references:
            good = False
        elif not code & T_NULLABLE or not heap & T_ABSTRACT:
            good = self.typed_references
        elif heap in (H_FUNC, H_EXTERN):
            good = True
        elif heap in (H_EXN, H_NOEXN):
            good = self.exceptions
        else:
            good = self.gc
        if not good:
            raise MalformedError("malformed value type", expected="a type of the features that are on")
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check_types(self) -> cython.int:
        """The type section."""
        type: cython.pointer[TypeDef]
        i: uint32_t
        j: uint32_t
        if not self.gc and any(group.count != 1 for group in self.module.groups):
            raise MalformedError("malformed definition type", expected="no recursion group")
        for i in range(self.desc.n_types):
            type = self.desc.defs[self.desc.types[i]]
            if not self.gc and (type.kind != KIND_FUNC or not type.final or type.depth > 0):
                raise MalformedError("malformed definition type", expected=f"a function type for type {i}")
            for j in range(type.n_params):
                self.check_type(type.params[j])
            for j in range(type.n_results):
                self.check_type(type.results[j])
            for j in range(type.n_fields):
                self.check_type(type.fields[j].type)
        return 0

    # Definitions

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check_tables(self) -> cython.int:
        """Number, types and initial values of tables."""
        table: cython.pointer[TableDesc]
        i: uint32_t
        if not self.references and self.desc.n_tables > 1:
            raise InvalidError("multiple tables", expected="at most 1", found=f"{self.desc.n_tables}")
        for i in range(self.desc.n_tables):
            table = self.desc.tables + i
            if table.type != T_FUNCREF:
                self.check_type(table.type)
            if table.is64 and "memory64" in self.off:
                raise MalformedError("malformed limits flags", expected="a table indexed by i32")
            if table.init.end > table.init.start:
                if not self.typed_references:
                    raise MalformedError(
                        "malformed reference type", table.init.start, expected="no initializer"
                    )
                self.check_constant(table.init.start)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check_memories(self) -> cython.int:
        """Number and types of memories."""
        memory: cython.pointer[MemoryDesc]
        i: uint32_t
        if not self.memories and self.desc.n_memories > 1:
            raise InvalidError("multiple memories", expected="at most 1", found=f"{self.desc.n_memories}")
        for i in range(self.desc.n_memories):
            memory = self.desc.memories + i
            if memory.is64 and "memory64" in self.off:
                raise MalformedError("malformed limits flags", expected="a memory addressed by i32")
            if memory.shared and "threads" in self.off:
                raise MalformedError("malformed limits flags", expected="a memory that is not shared")
            if memory.page_log2 != 16 and "custom-page-sizes" in self.off:
                raise MalformedError("malformed limits flags", expected="pages of 64 KiB")
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check_globals_and_tags(self) -> cython.int:
        """Types and initial values of globals; that there are no tags."""
        i: uint32_t
        for i in range(self.desc.n_globals):
            self.check_type(self.desc.globals[i].type)
            if i >= self.desc.n_imported_globals:
                self.check_constant(self.desc.globals[i].init.start)
        if self.desc.n_tags > 0 and self.refused_ids[op.THROW]:
            raise MalformedError("malformed section id", expected="no tag")
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check_segments(self) -> cython.int:
        """Offsets, types and items of segments."""
        elem: cython.pointer[ElemDesc]
        i: uint32_t
        j: uint32_t
        for i in range(self.desc.n_elems):
            elem = self.desc.elems + i
            if elem.mode == SEG_ACTIVE:
                self.check_constant(elem.offset.start)
            if elem.is_exprs:
                if not self.references:
                    raise MalformedError("malformed elements segment kind", expected="function indices")
                self.check_type(elem.type)
                for j in range(elem.count):
                    self.check_constant(elem.items[j])
        for i in range(self.desc.n_datas):
            if self.desc.datas[i].mode == SEG_ACTIVE:
                self.check_constant(self.desc.datas[i].offset.start)
        return 0

    # Instructions

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check_constant(self, start: uint32_t) -> cython.int:
        """A constant expression, which has no blocks; the validator says so if it has."""
        self.r.pos = start
        while self.check_instruction() != op.END:
            pass
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check_bodies(self) -> cython.int:
        """Locals and instructions of all functions."""
        where: Span
        i: uint32_t
        _: int64_t
        for i in range(self.desc.n_bodies):
            where = self.desc.bodies[i]
            self.r.pos = where.start
            for _ in range(self.r.count(where.end - where.start, "local declarations")):
                self.r.u32()
                self.check_type(self.types.value_type())
            while self.r.pos < where.end:
                self.check_instruction()
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check_instruction(self) -> cython.int:
        """Step over one instruction; returns its opcode id."""
        at: uint32_t = self.r.pos
        after: uint32_t
        code: cython.int = self.r.instruction()
        after = self.r.pos
        if self.refused_ids[code]:
            raise MalformedError(
                f"illegal opcode {self.r.data[at : at + 1].hex()}", at, expected=self.expected()
            )
        self.r.pos = at
        if self.r.byte() >= 0xFB:
            self.r.u32()
        self.check_immediate(immediates_of(code) & 15)
        self.r.pos = after
        if not self.references and code == op.CALL_INDIRECT and self.r.base[after - 1] != 0:
            raise MalformedError("zero byte expected", after - 1, expected="0")
        return code

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check_immediate(self, encoding: uint32_t) -> cython.int:
        """The types, or the memory, that an instruction's first immediate names."""
        kind: cython.int = self.r.peek()
        _: int64_t
        if encoding == IMM_MEMARG:
            if not self.memories and self.r.u32() & 0x40:
                raise MalformedError("malformed memop flags", self.r.pos - 1, expected="no memory index")
        elif encoding == IMM_TYPES:
            for _ in range(self.r.count(MAX_RESULTS, "types of a select")):
                self.check_type(self.types.value_type())
        elif encoding == IMM_S33:
            self.check_type(T_REF | T_NULLABLE | cython.cast(uint32_t, self.types.heap_type()))
        elif encoding == IMM_BLOCK_TYPE and kind != 0x40 and 0x63 <= kind < 0x80:
            self.check_type(self.types.value_type())
        return 0

    @cython.cfunc
    def expected(self) -> str:
        """What the message of an illegal opcode says was wanted."""
        return f"an instruction without {', '.join(sorted(self.off))}"
