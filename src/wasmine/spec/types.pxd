# Types as the engine sees them: one 32-bit code for a value type, one `TypeDef` for a defined type.
#
# A value type is its byte in the binary format (0x7F is i32), or, for a reference,
#
#     bit 30  REF       it is a reference
#     bit 29  NULLABLE  null is a member
#     bit 28  ABSTRACT  bits 0..7 hold the byte of an abstract heap type (0x70 is func);
#                       otherwise bits 0..23 hold the id of a defined type in the engine's registry
#
# A heap type is the same code without REF and NULLABLE. Ids are canonical: iso-recursive equality of types
# (core specification, section 3.1.3) is equality of codes.
#
# The canonical key of a recursion group is a sequence of 32-bit words, for each of its types in turn:
#
#     kind | KEY_FINAL | KEY_SUPER      KIND_*, and flags
#     supertype                         heap type code, with KEY_SUPER only
#     KIND_FUNC    number of parameters, number of results, their types
#     KIND_STRUCT  number of fields, type and mutability (0, 1) of each
#     KIND_ARRAY   type and mutability of its elements
#
# In it a defined type of the group itself is KEY_RELATIVE and its position in the group; any other is its id.

cimport cython
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

cdef enum:
    T_NONE = 0
    T_BOTTOM = 1          # the operand type of unreachable code: matches every type
    T_I32 = 0x7F
    T_I64 = 0x7E
    T_F32 = 0x7D
    T_F64 = 0x7C
    T_V128 = 0x7B
    T_I8 = 0x78           # packed, in fields only
    T_I16 = 0x77

    T_REF = 0x40000000
    T_NULLABLE = 0x20000000
    T_ABSTRACT = 0x10000000
    T_HEAP_MASK = 0x1FFFFFFF
    T_ID_MASK = 0x00FFFFFF

    # abstract heap types
    H_FUNC = 0x10000070
    H_EXTERN = 0x1000006F
    H_ANY = 0x1000006E
    H_EQ = 0x1000006D
    H_I31 = 0x1000006C
    H_STRUCT = 0x1000006B
    H_ARRAY = 0x1000006A
    H_EXN = 0x10000069
    H_NOEXN = 0x10000074
    H_NOFUNC = 0x10000073
    H_NOEXTERN = 0x10000072
    H_NONE = 0x10000071
    H_BOTTOM = 0x10000001  # below every heap type; arises in unreachable code only

    # nullable references to abstract heap types: T_REF | T_NULLABLE | H_x
    T_FUNCREF = 0x70000070
    T_EXTERNREF = 0x7000006F
    T_ANYREF = 0x7000006E
    T_EXNREF = 0x70000069

    # kinds of defined types
    KIND_FUNC = 0
    KIND_STRUCT = 1
    KIND_ARRAY = 2

    # in canonical keys only
    KEY_KIND = 0xFF
    KEY_FINAL = 0x100
    KEY_SUPER = 0x200
    KEY_RELATIVE = 0x80000000

cdef struct FieldDef:
    uint32_t type         # storage type: value type, T_I8 or T_I16
    uint32_t mutable
    uint32_t offset       # bytes from the start of the object's fields
    uint32_t size         # bytes

cdef struct TypeDef:
    uint32_t id
    uint8_t kind
    uint8_t final
    uint8_t depth         # number of supertypes above this one
    uint8_t defaultable   # KIND_STRUCT, KIND_ARRAY: every field has a default value
    uint32_t* supers      # ids, root first; supers[depth] == id
    uint32_t n_params     # KIND_FUNC: params[0..n_params), results[0..n_results)
    uint32_t n_results
    uint32_t* params
    uint32_t* results
    uint32_t param_slots  # 64-bit slots; a v128 takes two
    uint32_t result_slots
    uint32_t n_fields     # KIND_STRUCT; an array has one field
    uint32_t field_bytes  # KIND_STRUCT: size of all fields, padded to 8
    FieldDef* fields
    uint32_t n_refs       # fields that may refer to a GC object or a Python object
    uint32_t* refs        # their offsets, as in FieldDef

@cython.final
cdef class RecGroup:
    # One canonical recursion group: owns the TypeDefs base .. base + count - 1 and keeps alive the groups that
    # they mention. It leaves the registry when the last module, store or type object that holds it goes.
    cdef readonly uint32_t base
    cdef readonly uint32_t count
    cdef TypeDef* defs
    cdef uint32_t* pool         # parameters, results and supertypes of all of them
    cdef FieldDef* field_pool
    cdef bytes key
    cdef tuple uses
    cdef object ref             # the weak reference by which the registry knows this group
    cdef TypeRegistry registry
    cdef object __weakref__

    cdef int allocate(self, const uint32_t* words, size_t n_words) except -1
    cdef void fill(self, TypeDef** defs, const uint32_t* words) noexcept nogil
    cdef int check_supertypes(self, TypeDef** defs) except -1

@cython.final
cdef class TypeRegistry:
    # All defined types of an engine. `defs[id]` never moves, so nogil code reads it while other threads add types.
    cdef TypeDef** defs
    cdef uint32_t next_id
    cdef dict groups        # canonical key (bytes) -> weak reference to the RecGroup, which removes itself
    cdef dict free_ids      # group size -> list of base ids to use again
    cdef object __weakref__

    # The one group of `count` types with this canonical key; `uses` holds the groups whose ids the key mentions.
    # Raises SubtypeError when a type does not match its declared supertype.
    cdef RecGroup intern(self, bytes key, uint32_t count, tuple uses)
    cdef RecGroup find(self, bytes key)
    cdef int64_t take_ids(self, uint32_t count) except -1
    cdef object give_back(self, uint32_t base, uint32_t count)

# True when value type `a` matches `b` (core specification, section 3.3.3), both in registry codes.
cdef bint is_subtype(TypeDef** defs, uint32_t a, uint32_t b) noexcept nogil
cdef bint is_heap_subtype(TypeDef** defs, uint32_t a, uint32_t b) noexcept nogil
# Top of the hierarchy that a heap type belongs to: H_ANY, H_FUNC, H_EXTERN or H_EXN.
cdef uint32_t top_of(TypeDef** defs, uint32_t heap) noexcept nogil
cdef inline uint32_t slots_of(uint32_t type) noexcept nogil:
    return 2 if type == T_V128 else 1
# Whether a reference of this type may be one to a GC object or a Python object, which the collector follows.
cdef bint holds_objects(TypeDef** defs, uint32_t type) noexcept nogil
cdef inline bint is_ref(uint32_t type) noexcept nogil:
    return (type & T_REF) != 0
cdef inline bint is_defaultable(uint32_t type) noexcept nogil:
    return (type & T_REF) == 0 or (type & T_NULLABLE) != 0
