# The description of a module: what its bytes say, in arrays that nogil code reads. Function bodies, constant
# expressions, names and data stay in the bytes; the description holds their offsets.

cimport cython
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.stdlib cimport realloc

from wasmine.spec.types cimport TypeDef, TypeRegistry

cdef enum:
    # external kinds, as in the binary format
    EXT_FUNC = 0
    EXT_TABLE = 1
    EXT_MEMORY = 2
    EXT_GLOBAL = 3
    EXT_TAG = 4

    # segment modes
    SEG_ACTIVE = 0
    SEG_PASSIVE = 1
    SEG_DECLARATIVE = 2

cdef struct Span:           # bytes[start:end] of the module
    uint32_t start
    uint32_t end

cdef struct ImportDesc:
    Span module
    Span name
    uint32_t kind           # EXT_*
    uint32_t index          # in the index space of its kind

cdef struct ExportDesc:
    Span name
    uint32_t kind
    uint32_t index

cdef struct TableDesc:
    uint32_t type           # reference type
    uint8_t is64
    uint8_t has_max
    uint64_t minimum        # elements
    uint64_t maximum
    Span init               # constant expression up to and including its `end`; empty: null

cdef struct MemoryDesc:
    uint8_t is64
    uint8_t has_max
    uint8_t shared
    uint8_t page_log2       # 16, or 0 with custom page sizes
    uint64_t minimum        # pages
    uint64_t maximum

cdef struct GlobalDesc:
    uint32_t type
    uint8_t mutable
    Span init               # empty for an import

cdef struct ElemDesc:
    uint8_t mode            # SEG_*
    uint8_t is_exprs        # items are constant expressions, else function indices
    uint32_t type           # reference type
    uint32_t table
    uint32_t count
    Span offset             # constant expression, when active
    uint32_t* items         # function indices, or offsets of the expressions in the bytes

cdef struct DataDesc:
    uint8_t mode
    uint32_t memory
    Span offset             # constant expression, when active
    Span content

cdef struct ModuleDesc:
    const uint8_t* base                 # the bytes; every Span refers to them
    uint32_t size
    TypeDef** defs                      # the registry's table: id -> TypeDef

    uint32_t n_types
    uint32_t* types                     # type index -> id in the registry

    uint32_t n_imports
    ImportDesc* imports
    uint32_t n_exports
    ExportDesc* exports

    # Index spaces, imports first.
    uint32_t n_funcs
    uint32_t n_imported_funcs
    uint32_t* func_types                # function index -> type id in the registry
    uint8_t* func_declared              # function index -> may be named by ref.func in a body
    uint32_t n_tables
    uint32_t n_imported_tables
    TableDesc* tables
    uint32_t n_memories
    uint32_t n_imported_memories
    MemoryDesc* memories
    uint32_t n_globals
    uint32_t n_imported_globals
    GlobalDesc* globals
    uint32_t n_tags
    uint32_t n_imported_tags
    uint32_t* tags                      # tag index -> id of its function type

    uint32_t n_elems
    ElemDesc* elems
    uint32_t n_datas
    DataDesc* datas
    uint32_t has_data_count
    uint32_t tables_written             # by some instruction; known when the module has been validated
    uint32_t n_bodies                   # == n_funcs - n_imported_funcs
    Span* bodies                        # local declarations and expression, without the size
    uint32_t has_start
    uint32_t start

# Resizes an array of `desc` to hold `n` items of `size` bytes; never NULL on success, even for none.
cdef inline void* resize(void* array, size_t n, size_t size) except NULL:
    array = realloc(array, (n if n > 0 else 1) * size)
    if array == NULL:
        raise MemoryError
    return array

# Makes room for item `n` of an array that grows one by one: doubles it whenever `n` is zero or a power of two.
cdef inline void* grow(void* array, size_t n, size_t size) except NULL:
    return array if n & (n - 1) else resize(array, 2 * n, size)

@cython.final
cdef class ModuleData:
    # Owns the arrays of `desc`, and keeps alive the bytes and types that it points to.
    cdef ModuleDesc desc
    cdef readonly bytes data
    cdef readonly TypeRegistry registry
    cdef readonly list groups           # RecGroup objects
    cdef readonly list customs          # (name: str, start: int, end: int, id of the section before: int)
    cdef object __weakref__

    cdef bytes span(self, Span where)
    cdef str text(self, Span where)     # UTF-8, already checked
