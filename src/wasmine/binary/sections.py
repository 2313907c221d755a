"""The sections other than the type section (core specification, sections 5.5.5 to 5.5.17).

Checked here is what needs no typing of expressions: that indices exist, limits, export names, the types of
the start function, of tags and of element segments. The validator checks the constant expressions and the
bodies.
"""

import cython
from cython.cimports.libc.stdint import int64_t, uint32_t, uint64_t
from cython.cimports.libc.string import memset
from cython.cimports.wasmine.binary.module import (
    EXT_FUNC,
    EXT_GLOBAL,
    EXT_MEMORY,
    EXT_TABLE,
    EXT_TAG,
    SEG_ACTIVE,
    SEG_DECLARATIVE,
    SEG_PASSIVE,
    DataDesc,
    ElemDesc,
    ExportDesc,
    GlobalDesc,
    ImportDesc,
    MemoryDesc,
    ModuleData,
    Span,
    TableDesc,
    grow,
    resize,
)
from cython.cimports.wasmine.binary.reader import Reader
from cython.cimports.wasmine.binary.types import TypeReader
from cython.cimports.wasmine.spec.limits import (
    MAX_BODY_BYTES,
    MAX_DATA_SEGMENTS,
    MAX_ELEM_SEGMENTS,
    MAX_EXPORTS,
    MAX_FUNCTIONS,
    MAX_GLOBALS,
    MAX_IMPORTS,
    MAX_MEMORIES,
    MAX_MEMORY32_PAGES,
    MAX_MEMORY64_PAGES,
    MAX_TABLE_INIT_ENTRIES,
    MAX_TABLES,
    MAX_TAGS,
)
from cython.cimports.wasmine.spec.types import (
    H_FUNC,
    T_FUNCREF,
    T_REF,
    TypeDef,
    is_defaultable,
    is_subtype,
)

from wasmine.spec.errors import InvalidError
from wasmine.spec.types import value_type_name

# Flags of limits (section 5.3.12), and of the threads and custom page sizes proposals.
HAS_MAX = cython.declare(cython.const[cython.int], 1)
SHARED = cython.declare(cython.const[cython.int], 2)
IS_64 = cython.declare(cython.const[cython.int], 4)
PAGE_SIZE = cython.declare(cython.const[cython.int], 8)

KINDS = ("function", "table", "memory", "global", "tag")


@cython.final
@cython.cclass
class SectionReader:
    """Reads sections into a module description, each into its part."""

    def __cinit__(self, r: Reader, types: TypeReader, module: ModuleData) -> None:
        self.r = r
        self.types = types
        self.module = module
        self.desc = cython.address(module.desc)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def section(self, id: uint32_t) -> cython.int:
        """Reads the contents of the section with that id."""
        if id == 1:
            return self.types.section()
        elif id == 2:
            return self.imports()
        elif id == 3:
            return self.functions()
        elif id == 4:
            return self.tables()
        elif id == 5:
            return self.memories()
        elif id == 6:
            return self.globals()
        elif id == 7:
            return self.exports()
        elif id == 8:
            return self.start()
        elif id == 9:
            return self.elements()
        elif id == 10:
            return self.codes()
        elif id == 11:
            return self.datas()
        elif id == 12:
            self.data_count = cython.cast(uint32_t, self.r.u32())
            self.desc.has_data_count = 1
            return 0
        else:
            return self.tags()

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def total(self, imported: uint32_t, limit: uint32_t, subject: str) -> int64_t:
        """Size of an index space after a section whose item count comes next."""
        at: uint32_t = self.r.pos
        n: int64_t = imported + self.r.count(limit, subject)
        if n > limit:
            raise self.r.over_limit(at, n, limit, subject)
        return n

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def imports(self) -> cython.int:
        """Section 5.5.5, Import Section."""
        item: cython.pointer[ImportDesc]
        n: uint32_t = self.r.count(MAX_IMPORTS, "imports")
        i: uint32_t
        self.desc.imports = cython.cast(
            cython.pointer[ImportDesc], resize(self.desc.imports, n, cython.sizeof(ImportDesc))
        )
        for i in range(n):
            item = self.desc.imports + i
            self.r.name(cython.address(item.module))
            self.r.name(cython.address(item.name))
            item.kind = self.r.byte()
            item.index = self.import_of(item.kind, self.r.pos - 1)
            self.desc.n_imports = i + 1
        self.desc.n_imported_funcs = self.desc.n_funcs
        self.desc.n_imported_tables = self.desc.n_tables
        self.desc.n_imported_memories = self.desc.n_memories
        self.desc.n_imported_globals = self.desc.n_globals
        self.desc.n_imported_tags = self.desc.n_tags
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def import_of(self, kind: uint32_t, at: uint32_t) -> cython.int:
        """Reads what is imported into its index space; returns its index."""
        d = self.desc
        n: uint32_t
        if kind == EXT_FUNC:
            n = d.n_funcs
            d.func_types = cython.cast(
                cython.pointer[uint32_t], grow(d.func_types, n, cython.sizeof(uint32_t))
            )
            d.func_types[n] = self.types.func_type()
            d.n_funcs += 1
        elif kind == EXT_TABLE:
            n = d.n_tables
            if n == MAX_TABLES:
                raise self.r.over_limit(at, n + 1, MAX_TABLES, "tables")
            d.tables = cython.cast(cython.pointer[TableDesc], grow(d.tables, n, cython.sizeof(TableDesc)))
            self.table_type(d.tables + n)
            d.n_tables += 1
        elif kind == EXT_MEMORY:
            n = d.n_memories
            if n == MAX_MEMORIES:
                raise self.r.over_limit(at, n + 1, MAX_MEMORIES, "memories")
            d.memories = cython.cast(
                cython.pointer[MemoryDesc], grow(d.memories, n, cython.sizeof(MemoryDesc))
            )
            self.memory_type(d.memories + n)
            d.n_memories += 1
        elif kind == EXT_GLOBAL:
            n = d.n_globals
            d.globals = cython.cast(cython.pointer[GlobalDesc], grow(d.globals, n, cython.sizeof(GlobalDesc)))
            memset(d.globals + n, 0, cython.sizeof(GlobalDesc))
            d.globals[n].type = self.types.value_type()
            d.globals[n].mutable = self.r.mutability()
            d.n_globals += 1
        elif kind == EXT_TAG:
            n = d.n_tags
            d.tags = cython.cast(cython.pointer[uint32_t], grow(d.tags, n, cython.sizeof(uint32_t)))
            d.tags[n] = self.tag_type()
            d.n_tags += 1
        else:
            raise self.r.malformed("malformed import kind", at, "0 to 4", f"{kind:#04x}")
        return n

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def functions(self) -> cython.int:
        """Section 5.5.6, Function Section."""
        d = self.desc
        n: uint32_t = self.total(d.n_imported_funcs, MAX_FUNCTIONS, "functions")
        i: uint32_t
        d.func_types = cython.cast(cython.pointer[uint32_t], resize(d.func_types, n, cython.sizeof(uint32_t)))
        for i in range(d.n_imported_funcs, n):
            d.func_types[i] = self.types.func_type()
        d.n_funcs = n
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def tables(self) -> cython.int:
        """Section 5.5.7, Table Section."""
        d = self.desc
        table: cython.pointer[TableDesc]
        at: uint32_t
        n: uint32_t = self.total(d.n_imported_tables, MAX_TABLES, "tables")
        i: uint32_t
        d.tables = cython.cast(cython.pointer[TableDesc], resize(d.tables, n, cython.sizeof(TableDesc)))
        for i in range(d.n_imported_tables, n):
            table = d.tables + i
            at = self.r.pos
            if self.r.peek() == 0x40:
                self.r.pos += 1
                self.r.zero_byte()
                self.table_type(table)
                self.r.expression(cython.address(table.init))
            else:
                self.table_type(table)
                if not is_defaultable(table.type):
                    raise InvalidError(
                        "type mismatch", at, expected="an initializer", found=value_type_name(table.type)
                    )
            d.n_tables = i + 1
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def table_type(self, table: cython.pointer[TableDesc]) -> cython.int:
        """Section 5.3.15, Table Types."""
        at: uint32_t
        flags: cython.int
        largest: uint64_t
        memset(table, 0, cython.sizeof(TableDesc))
        table.type = self.types.reference_type()
        at = self.r.pos
        flags = self.r.byte()
        if flags & ~(HAS_MAX | IS_64):
            raise self.r.malformed("malformed limits flags", at, "0, 1, 4 or 5", f"{flags:#04x}")
        table.has_max = flags & HAS_MAX != 0
        table.is64 = flags & IS_64 != 0
        largest = ~cython.cast(uint64_t, 0) >> (0 if table.is64 else 32)
        table.minimum = self.r.unsigned(64)
        table.maximum = self.r.unsigned(64) if table.has_max else largest
        if table.minimum > largest or table.maximum > largest:
            raise InvalidError("table size must be at most 2^32-1", at)
        if table.minimum > table.maximum:
            raise InvalidError("size minimum must not be greater than maximum", at)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def memories(self) -> cython.int:
        """Section 5.5.8, Memory Section."""
        d = self.desc
        n: uint32_t = self.total(d.n_imported_memories, MAX_MEMORIES, "memories")
        i: uint32_t
        d.memories = cython.cast(cython.pointer[MemoryDesc], resize(d.memories, n, cython.sizeof(MemoryDesc)))
        for i in range(d.n_imported_memories, n):
            self.memory_type(d.memories + i)
            d.n_memories = i + 1
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def memory_type(self, memory: cython.pointer[MemoryDesc]) -> cython.int:
        """Section 5.3.14, Memory Types, with the flags of the threads and custom page sizes proposals."""
        at: uint32_t = self.r.pos
        flags: cython.int = self.r.byte()
        log2: uint64_t
        largest: uint64_t
        memset(memory, 0, cython.sizeof(MemoryDesc))
        # A page size needs two bytes more, the smallest size and the page size.
        if flags > 15 or (flags & PAGE_SIZE and self.r.end - self.r.pos < 2):
            raise self.r.malformed("malformed limits flags", at, "flags of limits", f"{flags:#04x}")
        memory.has_max = flags & HAS_MAX != 0
        memory.shared = flags & SHARED != 0
        memory.is64 = flags & IS_64 != 0
        memory.page_log2 = 16
        memory.minimum = self.r.unsigned(64)
        if memory.has_max:
            memory.maximum = self.r.unsigned(64)
        if flags & PAGE_SIZE:
            log2 = self.r.unsigned(32)
            if log2 >= 64:
                raise self.r.malformed("invalid custom page size", at, "less than 2^64", f"2^{log2}")
            if log2 != 0 and log2 != 16:
                raise InvalidError("invalid custom page size", at, expected="1 or 65536", found=f"2^{log2}")
            memory.page_log2 = log2
        if memory.page_log2 == 16:
            largest = cython.cast(uint64_t, MAX_MEMORY64_PAGES) if memory.is64 else MAX_MEMORY32_PAGES
        else:
            largest = ~cython.cast(uint64_t, 0) >> (0 if memory.is64 else 32)
        if not memory.has_max:
            memory.maximum = largest
        if memory.minimum > largest or memory.maximum > largest:
            if largest == MAX_MEMORY32_PAGES:
                raise InvalidError("memory size must be at most 65536 pages (4GiB)", at)
            raise InvalidError(f"memory size must be at most {largest} pages", at)
        if memory.minimum > memory.maximum:
            raise InvalidError("size minimum must not be greater than maximum", at)
        if memory.shared and not memory.has_max:
            raise InvalidError("shared memory must have maximum", at)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def tags(self) -> cython.int:
        """Section 5.5.17, Tag Section."""
        d = self.desc
        n: uint32_t = self.total(d.n_imported_tags, MAX_TAGS, "tags")
        i: uint32_t
        d.tags = cython.cast(cython.pointer[uint32_t], resize(d.tags, n, cython.sizeof(uint32_t)))
        for i in range(d.n_imported_tags, n):
            d.tags[i] = self.tag_type()
            d.n_tags = i + 1
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def tag_type(self) -> int64_t:
        """Section 5.3.17, Tag Types."""
        at: uint32_t
        id: int64_t
        self.r.zero_byte()
        at = self.r.pos
        id = self.types.func_type()
        if self.desc.defs[id].n_results > 0:
            raise InvalidError("non-empty tag result type", at)
        return id

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def globals(self) -> cython.int:
        """Section 5.5.9, Global Section."""
        d = self.desc
        item: cython.pointer[GlobalDesc]
        n: uint32_t = self.total(d.n_imported_globals, MAX_GLOBALS, "globals")
        i: uint32_t
        d.globals = cython.cast(cython.pointer[GlobalDesc], resize(d.globals, n, cython.sizeof(GlobalDesc)))
        for i in range(d.n_imported_globals, n):
            item = d.globals + i
            item.type = self.types.value_type()
            item.mutable = self.r.mutability()
            self.r.expression(cython.address(item.init))
            d.n_globals = i + 1
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def exports(self) -> cython.int:
        """Section 5.5.10, Export Section."""
        d = self.desc
        item: cython.pointer[ExportDesc]
        sizes = cython.declare(uint32_t[5])
        seen: set = set()
        name: bytes
        at: uint32_t
        n: uint32_t = self.r.count(MAX_EXPORTS, "exports")
        i: uint32_t
        sizes[0] = d.n_funcs
        sizes[1] = d.n_tables
        sizes[2] = d.n_memories
        sizes[3] = d.n_globals
        sizes[4] = d.n_tags
        d.exports = cython.cast(cython.pointer[ExportDesc], resize(d.exports, n, cython.sizeof(ExportDesc)))
        for i in range(n):
            item = d.exports + i
            at = self.r.pos
            self.r.name(cython.address(item.name))
            item.kind = self.r.byte()
            if item.kind > EXT_TAG:
                raise self.r.malformed("malformed export kind", self.r.pos - 1, "0 to 4", f"{item.kind:#04x}")
            item.index = cython.cast(uint32_t, self.r.u32())
            if item.index >= sizes[item.kind]:
                raise InvalidError(f"unknown {KINDS[item.kind]} {item.index}", at)
            name = self.module.span(item.name)
            if name in seen:
                raise InvalidError("duplicate export name", at, found=repr(name.decode()))
            seen.add(name)
            if item.kind == EXT_FUNC:
                self.declare(item.index)
            d.n_exports = i + 1
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def start(self) -> cython.int:
        """Section 5.5.11, Start Section."""
        d = self.desc
        type: cython.pointer[TypeDef]
        at: uint32_t = self.r.pos
        d.start = cython.cast(uint32_t, self.r.u32())
        d.has_start = 1
        if d.start >= d.n_funcs:
            raise InvalidError(f"unknown function {d.start}", at)
        type = d.defs[d.func_types[d.start]]
        if type.n_params > 0 or type.n_results > 0:
            raise InvalidError("start function", at, expected="no parameters and no results")
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def elements(self) -> cython.int:
        """Section 5.5.12, Element Section."""
        d = self.desc
        elem: cython.pointer[ElemDesc]
        at: uint32_t
        n: uint32_t = self.r.count(MAX_ELEM_SEGMENTS, "element segments")
        i: uint32_t
        d.elems = cython.cast(cython.pointer[ElemDesc], resize(d.elems, n, cython.sizeof(ElemDesc)))
        for i in range(n):
            elem = d.elems + i
            memset(elem, 0, cython.sizeof(ElemDesc))
            d.n_elems = i + 1
            at = self.r.pos
            self.element(elem)
            if elem.mode == SEG_ACTIVE:
                if elem.table >= d.n_tables:
                    raise InvalidError(f"unknown table {elem.table}", at)
                if not is_subtype(d.defs, elem.type, d.tables[elem.table].type):
                    raise InvalidError(
                        "type mismatch",
                        at,
                        expected=f"elements of {value_type_name(d.tables[elem.table].type)}",
                        found=value_type_name(elem.type),
                    )
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def element(self, elem: cython.pointer[ElemDesc]) -> cython.int:
        """One element segment.

        Bit 0 of its flags: not active; bit 1: declarative, or a table index follows; bit 2: expressions.
        """
        at: uint32_t = self.r.pos
        flags: int64_t = self.r.u32()
        if flags > 7:
            raise self.r.malformed("malformed elements segment kind", at, "0 to 7", f"{flags}")
        elem.mode = SEG_ACTIVE if not flags & 1 else SEG_DECLARATIVE if flags & 2 else SEG_PASSIVE
        elem.is_exprs = flags & 4 != 0
        if elem.mode == SEG_ACTIVE:
            if flags & 2:
                elem.table = cython.cast(uint32_t, self.r.u32())
            self.r.expression(cython.address(elem.offset))
        if flags & 3 == 0:
            elem.type = T_FUNCREF if elem.is_exprs else T_REF | H_FUNC
        elif elem.is_exprs:
            elem.type = self.types.reference_type()
        else:
            at = self.r.pos
            if self.r.byte() != 0:
                raise self.r.malformed("malformed element kind", at, "0", None)
            elem.type = T_REF | H_FUNC
        return self.element_items(elem)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def element_items(self, elem: cython.pointer[ElemDesc]) -> cython.int:
        """The functions or expressions of an element segment."""
        expression = cython.declare(Span)
        at: uint32_t
        function: uint32_t
        n: uint32_t = self.r.count(MAX_TABLE_INIT_ENTRIES, "items in an element segment")
        i: uint32_t
        if n > 0:
            elem.items = cython.cast(
                cython.pointer[uint32_t], resize(cython.NULL, n, cython.sizeof(uint32_t))
            )
        for i in range(n):
            at = self.r.pos
            if elem.is_exprs:
                self.r.expression(cython.address(expression))
                elem.items[i] = expression.start
            else:
                function = self.r.u32()
                if function >= self.desc.n_funcs:
                    raise InvalidError(f"unknown function {function}", at)
                self.declare(function)
                elem.items[i] = function
        elem.count = n
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def declare(self, function: uint32_t) -> cython.int:
        """The function is named outside of bodies, so `ref.func` may name it in one (section 3.5.14)."""
        self.desc.func_declared[function] = 1
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def codes(self) -> cython.int:
        """Section 5.5.13, Code Section: only where the bodies are."""
        d = self.desc
        at: uint32_t
        size: int64_t
        n: uint32_t = self.r.count(MAX_FUNCTIONS, "functions")
        i: uint32_t
        d.bodies = cython.cast(cython.pointer[Span], resize(d.bodies, n, cython.sizeof(Span)))
        for i in range(n):
            at = self.r.pos
            size = self.r.u32()
            if size > MAX_BODY_BYTES:
                raise self.r.over_limit(at, size, MAX_BODY_BYTES, "bytes in a function body")
            d.bodies[i].start = self.r.pos
            self.r.skip(size, "a function body")
            d.bodies[i].end = self.r.pos
            d.n_bodies = i + 1
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def datas(self) -> cython.int:
        """Section 5.5.14, Data Section."""
        d = self.desc
        item: cython.pointer[DataDesc]
        at: uint32_t
        size: int64_t
        flags: int64_t
        n: uint32_t = self.r.count(MAX_DATA_SEGMENTS, "data segments")
        i: uint32_t
        d.datas = cython.cast(cython.pointer[DataDesc], resize(d.datas, n, cython.sizeof(DataDesc)))
        for i in range(n):
            item = d.datas + i
            memset(item, 0, cython.sizeof(DataDesc))
            at = self.r.pos
            flags = self.r.u32()
            if flags > 2:
                raise self.r.malformed("malformed data segment kind", at, "0 to 2", f"{flags}")
            item.mode = SEG_PASSIVE if flags == 1 else SEG_ACTIVE
            if flags == 2:
                item.memory = cython.cast(uint32_t, self.r.u32())
            if item.mode == SEG_ACTIVE:
                self.r.expression(cython.address(item.offset))
                if item.memory >= d.n_memories:
                    raise InvalidError(f"unknown memory {item.memory}", at)
            size = self.r.u32()
            item.content.start = self.r.pos
            self.r.skip(size, "a data segment")
            item.content.end = self.r.pos
        d.n_datas = n
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check_counts(self) -> cython.int:
        """Sections that speak of the same thing must agree, also when one of them is missing."""
        d = self.desc
        n: uint32_t = d.n_funcs - d.n_imported_funcs
        if n != d.n_bodies:
            raise self.r.malformed(
                "function and code section have inconsistent lengths",
                d.size,
                f"{n} function bodies",
                f"{d.n_bodies}",
            )
        if d.has_data_count and self.data_count != d.n_datas:
            raise self.r.malformed(
                "data count and data section have inconsistent lengths",
                d.size,
                f"{self.data_count} data segments",
                f"{d.n_datas}",
            )
        return 0
