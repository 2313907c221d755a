"""Defined types: one canonical id for each, and matching (core specification, sections 3.1.3 and 3.3).

Two recursion groups are the same types when they are equal with references into themselves written as
positions. So a group is interned under that form, its key (laid out in `types.pxd`), and equality of types
becomes equality of ids, across all modules of an engine. The registry holds its groups weakly: the ids of a
group are used again after the last module that has it is gone.
"""

from _weakref import ref as weak_reference

import cython
from cython.cimports.cpython.bytes import PyBytes_AS_STRING, PyBytes_GET_SIZE
from cython.cimports.libc.stdint import int64_t, uint32_t
from cython.cimports.libc.stdlib import calloc, free, malloc
from cython.cimports.libc.string import memcpy
from cython.cimports.posix.mman import (
    MAP_ANONYMOUS,
    MAP_FAILED,
    MAP_NORESERVE,
    MAP_PRIVATE,
    PROT_READ,
    PROT_WRITE,
    mmap,
    munmap,
)
from cython.cimports.wasmine.spec.limits import MAX_SUBTYPE_DEPTH
from cython.cimports.wasmine.spec.types import (
    H_ANY,
    H_ARRAY,
    H_BOTTOM,
    H_EQ,
    H_EXN,
    H_EXTERN,
    H_FUNC,
    H_I31,
    H_NOEXN,
    H_NOEXTERN,
    H_NOFUNC,
    H_NONE,
    H_STRUCT,
    KEY_FINAL,
    KEY_KIND,
    KEY_RELATIVE,
    KEY_SUPER,
    KIND_ARRAY,
    KIND_FUNC,
    KIND_STRUCT,
    T_ABSTRACT,
    T_BOTTOM,
    T_F32,
    T_HEAP_MASK,
    T_I8,
    T_I16,
    T_I32,
    T_ID_MASK,
    T_NULLABLE,
    T_REF,
    T_V128,
    FieldDef,
    TypeDef,
    is_defaultable,
    is_ref,
    slots_of,
)

# TypeDef.supers has so many entries at least, those behind the last one NO_TYPE: a cast to a type near the
# root compares one of them and need not ask for the depth (jit/x64/casts.py).
DISPLAY = cython.declare(cython.const[uint32_t], 8)
NO_TYPE = cython.declare(cython.const[uint32_t], 0xFFFFFFFF)
MAX_IDS = cython.declare(cython.const[uint32_t], 1 << 24)  # an id fits T_ID_MASK


class SubtypeError(ValueError):
    """A type of a recursion group does not match its declared supertype.

    `position` is its place in the group, `reason` what differs.
    """

    def __init__(self, position: int, reason: str) -> None:
        self.position = position
        self.reason = reason
        super().__init__(f"sub type at position {position} does not match its super type: {reason}")


@cython.final
@cython.no_gc  # never in a cycle: it holds groups made before it, and a registry, which holds no group
@cython.cclass
class RecGroup:
    """One canonical recursion group; made by `TypeRegistry.intern` only."""

    def __dealloc__(self) -> None:
        if self.registry is not None:
            if self.ref is not None and self.registry.groups.get(self.key) is self.ref:
                del self.registry.groups[self.key]
            self.registry.give_back(self.base, self.count)
        free(self.defs)
        free(self.pool)
        free(self.field_pool)

    def __repr__(self) -> str:
        return f"<RecGroup of types {self.base} to {self.base + self.count - 1}>"

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def allocate(self, words: cython.pointer[cython.const[uint32_t]], n_words: cython.size_t) -> cython.int:
        """Finds the depth of each type and makes room for all that `fill` stores."""
        supers: cython.size_t = 0
        depth: uint32_t
        parent: uint32_t
        i: uint32_t
        self.defs = cython.cast(cython.pointer[TypeDef], calloc(self.count, cython.sizeof(TypeDef)))
        if self.defs == cython.NULL:
            raise MemoryError
        for i in range(self.count):
            depth = 0
            if words[0] & KEY_SUPER:
                parent = words[1] & T_ID_MASK
                if words[1] & KEY_RELATIVE == 0:
                    depth = self.registry.defs[parent].depth + 1
                elif parent < i:
                    depth = self.defs[parent].depth + 1
                else:
                    raise SubtypeError(i, "a supertype comes before its subtypes")
                if depth > MAX_SUBTYPE_DEPTH:
                    raise SubtypeError(i, f"more than {MAX_SUBTYPE_DEPTH} supertypes above it")
            self.defs[i].depth = depth
            supers += max(depth + 1, DISPLAY)
            words += key_length(words)
        # The words of a key bound the number of its parameters and results, and twice that of its fields, of
        # which some are references.
        self.pool = cython.cast(
            cython.pointer[uint32_t], malloc((n_words + supers) * cython.sizeof(uint32_t))
        )
        self.field_pool = cython.cast(
            cython.pointer[FieldDef], malloc((n_words // 2 + 1) * cython.sizeof(FieldDef))
        )
        if self.pool == cython.NULL or self.field_pool == cython.NULL:
            raise MemoryError
        return 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def fill(
        self, defs: cython.pointer[cython.pointer[TypeDef]], words: cython.pointer[cython.const[uint32_t]]
    ) -> cython.void:
        """Builds the TypeDefs and enters them in the registry's table `defs`."""
        pool: cython.pointer[uint32_t] = self.pool
        fields: cython.pointer[FieldDef] = self.field_pool
        p: cython.pointer[cython.const[uint32_t]]
        d: cython.pointer[TypeDef]
        parent: cython.pointer[TypeDef]
        i: uint32_t
        n: uint32_t
        for i in range(self.count):
            p = words
            words += key_length(words)
            d = self.defs + i
            d.id = self.base + i
            d.kind = p[0] & KEY_KIND
            d.final = p[0] & KEY_FINAL != 0
            d.supers = pool
            if p[0] & KEY_SUPER:
                parent = defs[resolve(p[1], self.base)]
                memcpy(pool, parent.supers, d.depth * cython.sizeof(uint32_t))
                p += 1
            pool[d.depth] = d.id
            for n in range(d.depth + 1, DISPLAY):
                pool[n] = NO_TYPE
            pool += max(d.depth + 1, DISPLAY)
            p += 1
            if d.kind == KIND_FUNC:
                d.n_params = p[0]
                d.n_results = p[1]
                d.params = pool
                d.results = pool + d.n_params
                for n in range(d.n_params + d.n_results):
                    pool[n] = resolve(p[2 + n], self.base)
                pool += d.n_params + d.n_results
                d.param_slots = count_slots(d.params, d.n_params)
                d.result_slots = count_slots(d.results, d.n_results)
            else:
                d.n_fields = 1
                if d.kind == KIND_STRUCT:
                    d.n_fields = p[0]
                    p += 1
                d.fields = fields
                d.defaultable = 1
                for n in range(d.n_fields):
                    fields[n].type = resolve(p[2 * n], self.base)
                    d.defaultable &= is_defaultable(fields[n].type)
                    fields[n].mutable = p[2 * n + 1]
                d.field_bytes = lay_out(fields, d.n_fields)
                fields += d.n_fields
            defs[d.id] = d
        # Now that the kind of every type is known.
        for i in range(self.count):
            d = self.defs + i
            d.refs = pool
            for n in range(d.n_fields):
                if holds_objects(defs, d.fields[n].type):
                    pool[d.n_refs] = d.fields[n].offset
                    d.n_refs += 1
            pool += d.n_refs

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check_supertypes(self, defs: cython.pointer[cython.pointer[TypeDef]]) -> cython.int:
        """Raises SubtypeError when a type does not match its supertype (section 3.4.5, Sub Types)."""
        d: cython.pointer[TypeDef]
        reason: str
        i: uint32_t
        for i in range(self.count):
            d = self.defs + i
            if d.depth > 0:
                reason = mismatch(defs, d, defs[d.supers[d.depth - 1]])
                if reason is not None:
                    raise SubtypeError(i, reason)
        return 0


@cython.final
@cython.no_gc_clear  # groups give their ids back to it while a cycle that holds them is collected
@cython.cclass
class TypeRegistry:
    """The defined types of an engine.

    Reading `defs` needs no lock: the table never moves, and the ids that a module mentions stay while it
    lives.
    """

    def __cinit__(self) -> None:
        # Address space only; the kernel provides a page when an id in it is first used.
        table: cython.p_void = mmap(
            cython.NULL,
            MAX_IDS * cython.sizeof(cython.p_void),
            PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
            -1,
            0,
        )
        if table == MAP_FAILED:
            raise MemoryError("no address space for the table of types")
        self.defs = cython.cast(cython.pointer[cython.pointer[TypeDef]], table)
        self.next_id = 0
        self.groups = {}
        self.free_ids = {}

    def __dealloc__(self) -> None:
        if self.defs != cython.NULL:
            munmap(self.defs, MAX_IDS * cython.sizeof(cython.p_void))

    @property
    def live_groups(self) -> int:
        """How many recursion groups are in use."""
        return len(self.groups)

    @cython.cfunc
    def intern(self, key: bytes, count: uint32_t, uses: tuple) -> RecGroup:
        """Returns the one group of `count` types with this canonical key, made now if need be.

        `uses` holds the groups whose ids the key mentions. Raises SubtypeError when a type does not match its
        declared supertype.
        """
        words: cython.pointer[cython.const[uint32_t]]
        group: RecGroup = self.find(key)
        if group is not None:
            return group
        base: uint32_t = self.take_ids(count)
        group = RecGroup.__new__(RecGroup)
        group.base = base
        group.count = count
        group.key = key
        group.uses = uses
        group.registry = self
        words = cython.cast(cython.pointer[cython.const[uint32_t]], PyBytes_AS_STRING(key))
        group.allocate(words, PyBytes_GET_SIZE(key) // cython.sizeof(uint32_t))
        group.fill(self.defs, words)
        group.check_supertypes(self.defs)
        # Making an object may run the garbage collector, and so another thread, which may have been here too:
        # from the second look to the store nothing does.
        ref = weak_reference(group)
        other: RecGroup = self.find(key)
        if other is not None:
            return other
        group.ref = ref
        self.groups[key] = ref
        return group

    @cython.cfunc
    def find(self, key: bytes) -> RecGroup:
        """The live group with that key, or None."""
        ref = self.groups.get(key)
        return None if ref is None else ref()

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def take_ids(self, count: uint32_t) -> int64_t:
        """First of `count` consecutive free ids: those of a dead group of that size, else new ones."""
        free_bases: list = self.free_ids.get(count)
        base: uint32_t
        if free_bases:
            return free_bases.pop()
        if count <= MAX_IDS - self.next_id:
            base = self.next_id
            self.next_id += count
            return base
        for size, free_bases in self.free_ids.items():
            if size > count and free_bases:
                base = free_bases.pop()
                self.give_back(base + count, size - count)
                return base
        raise MemoryError("more types in use than an engine can number")

    @cython.cfunc
    def give_back(self, base: uint32_t, count: uint32_t) -> object:
        """Frees ids, which belong to no group any more."""
        i: uint32_t
        for i in range(count):
            self.defs[base + i] = cython.NULL
        self.free_ids.setdefault(count, []).append(base)

    def func_type(self, params: tuple, results: tuple, uses: tuple = ()) -> RecGroup:
        """The group of one final function type without supertype.

        `params` and `results` hold value type codes; `uses` the groups of the defined types among them. The
        id of the type is the `base` of the group.
        """
        words = [KIND_FUNC | KEY_FINAL, len(params), len(results), *params, *results]
        return self.intern(b"".join([int(word).to_bytes(4, "little") for word in words]), 1, uses)

    def field_types(self, is_array: bool, fields: tuple, uses: tuple = ()) -> RecGroup:
        """The group of one final structure type, or array type, without supertype.

        `fields` holds a storage type code and whether it is mutable, for each field; `uses` is as above.
        """
        words = [KIND_ARRAY | KEY_FINAL] if is_array else [KIND_STRUCT | KEY_FINAL, len(fields)]
        for storage, mutable in fields:
            words += [storage, mutable]
        return self.intern(b"".join([int(word).to_bytes(4, "little") for word in words]), 1, uses)

    def describe(self, id: cython.uint) -> tuple:
        """What type `id` is: `(kind, final, id of its supertype or None, parts)`.

        Kind is "func", "struct" or "array". Parts are `(params, results)` of a function type, else one
        `(storage type, is mutable)` per field. Types are codes. Raises KeyError when no type has that id.
        """
        d: cython.pointer[TypeDef] = self.defs[id] if id < self.next_id else cython.NULL
        if d == cython.NULL:
            raise KeyError(id)
        parent = d.supers[d.depth - 1] if d.depth > 0 else None
        if d.kind == KIND_FUNC:
            parts = (
                tuple([d.params[i] for i in range(d.n_params)]),
                tuple([d.results[i] for i in range(d.n_results)]),
            )
            return "func", bool(d.final), parent, parts
        parts = tuple([(d.fields[i].type, bool(d.fields[i].mutable)) for i in range(d.n_fields)])
        return "struct" if d.kind == KIND_STRUCT else "array", bool(d.final), parent, parts

    def layout(self, id: cython.uint) -> tuple:
        """Where the fields of structure type `id` are: `(size of all, ((offset, size), ...))`, in bytes."""
        d: cython.pointer[TypeDef] = self.defs[id] if id < self.next_id else cython.NULL
        if d == cython.NULL:
            raise KeyError(id)
        return d.field_bytes, tuple([(d.fields[i].offset, d.fields[i].size) for i in range(d.n_fields)])

    def matches(self, a: cython.uint, b: cython.uint) -> bool:
        """Whether value type `a` matches value type `b` (section 3.3.3)."""
        return is_subtype(self.defs, a, b)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_subtype(defs: cython.pointer[cython.pointer[TypeDef]], a: uint32_t, b: uint32_t) -> cython.bint:
    """Whether value type `a` matches `b` (section 3.3.3)."""
    if a in (b, T_BOTTOM):
        return True
    if not is_ref(a) or not is_ref(b):
        return False
    if a & T_NULLABLE and not b & T_NULLABLE:
        return False
    return is_heap_subtype(defs, a & T_HEAP_MASK, b & T_HEAP_MASK)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_heap_subtype(defs: cython.pointer[cython.pointer[TypeDef]], a: uint32_t, b: uint32_t) -> cython.bint:
    """Whether heap type `a` matches `b` (section 3.3.2)."""
    kind: uint32_t
    if a in (b, H_BOTTOM):
        return True
    if b & T_ABSTRACT:
        if a & T_ABSTRACT:
            return is_abstract_subtype(a, b)
        kind = defs[a].kind
        if kind == KIND_FUNC:
            return b == H_FUNC
        return b in (H_ANY, H_EQ) or b == (H_STRUCT if kind == KIND_STRUCT else H_ARRAY)
    if a & T_ABSTRACT:
        return a == (H_NOFUNC if defs[b].kind == KIND_FUNC else H_NONE)
    return defs[a].depth > defs[b].depth and defs[a].supers[defs[b].depth] == b


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_abstract_subtype(a: uint32_t, b: uint32_t) -> cython.bint:
    """For different heap types; section 3.3.2 draws the four hierarchies."""
    if b == H_ANY:
        return a in (H_EQ, H_I31, H_STRUCT, H_ARRAY, H_NONE)
    elif b == H_EQ:
        return a in (H_I31, H_STRUCT, H_ARRAY, H_NONE)
    elif b in (H_I31, H_STRUCT, H_ARRAY):
        return a == H_NONE
    elif b == H_FUNC:
        return a == H_NOFUNC
    elif b == H_EXTERN:
        return a == H_NOEXTERN
    elif b == H_EXN:
        return a == H_NOEXN
    else:
        return False


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def top_of(defs: cython.pointer[cython.pointer[TypeDef]], heap: uint32_t) -> uint32_t:
    """The top of the hierarchy that a heap type belongs to."""
    if not heap & T_ABSTRACT:
        return H_FUNC if defs[heap].kind == KIND_FUNC else H_ANY
    elif heap in (H_FUNC, H_NOFUNC):
        return H_FUNC
    elif heap in (H_EXTERN, H_NOEXTERN):
        return H_EXTERN
    elif heap in (H_EXN, H_NOEXN):
        return H_EXN
    else:
        return H_ANY


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def holds_objects(defs: cython.pointer[cython.pointer[TypeDef]], type: uint32_t) -> cython.bint:
    """Whether a reference of this type may be one to a GC object or a Python object."""
    if not is_ref(type):
        return False
    heap: uint32_t = type & T_HEAP_MASK
    return heap not in (H_I31, H_NONE, H_NOEXTERN, H_NOEXN) and top_of(defs, heap) != H_FUNC


@cython.cfunc
def mismatch(
    defs: cython.pointer[cython.pointer[TypeDef]], d: cython.pointer[TypeDef], parent: cython.pointer[TypeDef]
) -> str:
    """Why `d` may not be declared a subtype of `parent`; None when it may."""
    i: uint32_t
    if parent.final:
        return "the super type is final"
    if d.kind != parent.kind:
        return "one is a function, structure or array type and the other is not"
    if d.kind == KIND_FUNC:
        if d.n_params != parent.n_params or d.n_results != parent.n_results:
            return "they differ in the number of parameters or results"
        for i in range(d.n_params):
            if not is_subtype(defs, parent.params[i], d.params[i]):
                return f"parameter {i} is not a super type of the other"
        for i in range(d.n_results):
            if not is_subtype(defs, d.results[i], parent.results[i]):
                return f"result {i} is not a sub type of the other"
        return None
    if d.n_fields < parent.n_fields:
        return "it has fewer fields"
    for i in range(parent.n_fields):
        if not field_matches(defs, d.fields + i, parent.fields + i):
            return f"field {i} differs" if d.kind == KIND_STRUCT else "the elements differ"
    return None


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def field_matches(
    defs: cython.pointer[cython.pointer[TypeDef]], a: cython.pointer[FieldDef], b: cython.pointer[FieldDef]
) -> cython.bint:
    """Section 3.3.6, Field Types: a field that can be written may not change its type."""
    if a.mutable != b.mutable:
        return False
    return a.type == b.type or (not a.mutable and is_subtype(defs, a.type, b.type))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def key_length(words: cython.pointer[cython.const[uint32_t]]) -> cython.size_t:
    """Number of words of the type that starts here."""
    n: cython.size_t = 2 if words[0] & KEY_SUPER else 1
    kind: uint32_t = words[0] & KEY_KIND
    if kind == KIND_FUNC:
        return n + 2 + words[n] + words[n + 1]
    elif kind == KIND_ARRAY:
        return n + 2
    else:
        return n + 1 + 2 * words[n]


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def resolve(word: uint32_t, base: uint32_t) -> uint32_t:
    """The type code that a word of a key stands for, in a group whose ids begin at `base`."""
    if word & KEY_RELATIVE:
        return word & (T_REF | T_NULLABLE) | (base + (word & T_ID_MASK))
    return word


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def count_slots(types: cython.pointer[uint32_t], n: uint32_t) -> uint32_t:
    """64-bit slots that values of these types take."""
    slots: uint32_t = 0
    i: uint32_t
    for i in range(n):
        slots += slots_of(types[i])
    return slots


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lay_out(fields: cython.pointer[FieldDef], n: uint32_t) -> uint32_t:
    """Places the fields in order, at their natural alignment up to 8; returns the bytes of all, padded to 8.

    In order, because the fields of a supertype must be where they are in the supertype.
    """
    at: uint32_t = 0
    size: uint32_t
    align: uint32_t
    i: uint32_t
    for i in range(n):
        size = storage_bytes(fields[i].type)
        align = size if size < 8 else 8
        at = (at + align - 1) & ~(align - 1)
        fields[i].offset = at
        fields[i].size = size
        at += size
    return (at + 7) & ~cython.cast(uint32_t, 7)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def storage_bytes(type: uint32_t) -> uint32_t:
    """Bytes that a field of a storage type takes."""
    if type == T_I8:
        return 1
    elif type == T_I16:
        return 2
    elif type in (T_I32, T_F32):
        return 4
    elif type == T_V128:
        return 16
    else:
        return 8


_PLAIN = {
    0x7F: "i32",
    0x7E: "i64",
    0x7D: "f32",
    0x7C: "f64",
    0x7B: "v128",
    0x78: "i8",
    0x77: "i16",
    1: "bottom",
}
_HEAP = {
    0x70: "func",
    0x6F: "extern",
    0x6E: "any",
    0x6D: "eq",
    0x6C: "i31",
    0x6B: "struct",
    0x6A: "array",
    0x69: "exn",
    0x74: "noexn",
    0x73: "nofunc",
    0x72: "noextern",
    0x71: "none",
    0x01: "bottom",
}
_SHORT = {"none": "nullref", "noextern": "nullexternref", "nofunc": "nullfuncref", "noexn": "nullexnref"}


def heap_type_name(code: int) -> str:
    """A heap type as the text format writes it; a defined type is its id in the registry."""
    heap: cython.uint = code
    return _HEAP[heap & 0xFF] if heap & T_ABSTRACT else str(heap & T_ID_MASK)


def value_type_name(code: int) -> str:
    """A value or storage type as the text format writes it: `i32`, `funcref`, `(ref null 3)`, `(ref any)`."""
    type: cython.uint = code
    if not type & T_REF:
        return _PLAIN[type]
    name = heap_type_name(type)
    if not type & T_NULLABLE:
        return f"(ref {name})"
    return _SHORT.get(name, f"{name}ref") if type & T_ABSTRACT else f"(ref null {name})"
