"""Types as users read and write them (core specification, section 2.3: Types).

All are immutable, compare by what they say, hash, and print in the words of the text format. They belong to
no engine, with one exception: a heap type that a module defined itself (`HeapType.defined`) is known only to
the engine of that module.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, ClassVar, Self, TypeAlias

    from wasmine.api.definitions import ArrayType, StructType
    from wasmine.spec.types import RecGroup

    ValTypeLike: TypeAlias = "ValType | str | type | Any"
    ExternType: TypeAlias = "FuncType | TableType | MemoryType | GlobalType | TagType"

__all__ = [
    "ANYREF",
    "EXNREF",
    "EXTERNREF",
    "F32",
    "F64",
    "FUNCREF",
    "I32",
    "I64",
    "V128",
    "ExportType",
    "FuncType",
    "GlobalType",
    "HeapType",
    "ImportType",
    "Limits",
    "MemoryType",
    "RefType",
    "TableType",
    "TagType",
    "ValType",
]

# The engine's codes of types: spec/types.pxd says what the bits mean.
REF = 0x40000000
NULLABLE = 0x20000000
ABSTRACT = 0x10000000
ID_MASK = 0x00FFFFFF

NUMBER_CODES = {"i32": 0x7F, "i64": 0x7E, "f32": 0x7D, "f64": 0x7C, "v128": 0x7B}
HEAP_CODES = {
    "func": 0x70,
    "extern": 0x6F,
    "any": 0x6E,
    "eq": 0x6D,
    "i31": 0x6C,
    "struct": 0x6B,
    "array": 0x6A,
    "exn": 0x69,
    "noexn": 0x74,
    "nofunc": 0x73,
    "noextern": 0x72,
    "none": 0x71,
}
# The short names of nullable references; each other one is the heap type's name and "ref".
SHORT_NAMES = {"none": "nullref", "nofunc": "nullfuncref", "noextern": "nullexternref", "noexn": "nullexnref"}

PAGE_SIZE = 65536


class Described:
    """Base of the types: `_fields` are what a type says; by them it compares, hashes, prints and matches."""

    __slots__: tuple[str, ...] = ()
    _fields: ClassVar[tuple[str, ...]] = ()

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def _set(self, **values: object) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def _key(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self._fields)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Described) or self._fields != other._fields:
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash((self._fields, self._key()))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), tuple(getattr(self, name) for name in self._fields)


class ValType(Described):
    """A value type (section 2.3.5), for instance `wasmine.I32`.

    Args:
        name: as the text format writes it: `"i32"`, `"i64"`, `"f32"`, `"f64"`, `"v128"`, or an abstract
            reference type such as `"externref"` or `"(ref func)"`, for which a `RefType` is made.

    Raises:
        ValueError: there is no such value type.
    """

    __slots__ = ("_code", "name")
    __match_args__ = ("name",)
    _fields: ClassVar[tuple[str, ...]] = ("name",)
    name: str
    _code: int

    def __new__(cls, name: str) -> ValType:
        """Make the value type of that name."""
        known = _BY_NAME.get(name) if isinstance(name, str) else None
        if known is None:
            raise ValueError(f"no value type is called {name!r}")
        return known

    @property
    def is_reference(self) -> bool:
        """Whether it is a reference type."""
        return False

    @classmethod
    def of(cls, value: ValTypeLike) -> ValType:
        """Return the value type that `value` means.

        Args:
            value: a `ValType`; its name; `int` (meaning i32), `float` (meaning f64) or `object` (meaning
                externref); or an annotation such as `wasmine.i64`.

        Raises:
            TypeError: `value` means no value type.
            ValueError: there is no value type of that name.
        """
        if isinstance(value, ValType):
            return value
        if isinstance(value, str):
            return cls(value)
        if value is int:
            return I32
        if value is float:
            return F64
        for extra in getattr(value, "__metadata__", ()):
            if isinstance(extra, ValType):
                return extra
        if value is object or repr(value) == "typing.Any":
            return EXTERNREF
        raise TypeError(f"{value!r} is not a value type; use wasmine.I32, 'i32' or wasmine.i32")

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"ValType({self.name!r})"


class HeapType(Described):
    """What a reference refers to (section 2.3.3).

    Args:
        name: an abstract heap type: `"func"`, `"extern"`, `"any"`, `"eq"`, `"i31"`, `"struct"`, `"array"`,
            `"exn"`, `"nofunc"`, `"noextern"`, `"none"` or `"noexn"`.

    Raises:
        ValueError: there is no such abstract heap type.
    """

    __slots__ = ("_code", "_group", "name")
    __match_args__ = ("name",)
    _fields = ("name", "_group", "_code")
    name: str
    _code: int
    _group: RecGroup | None

    def __init__(self, name: str) -> None:
        if name not in HEAP_CODES:
            raise ValueError(f"no abstract heap type is called {name!r}")
        self._set(name=name, _code=ABSTRACT | HEAP_CODES[name], _group=None)

    @classmethod
    def _of_definition(cls, group: RecGroup, type_id: int, name: str) -> HeapType:
        self = object.__new__(cls)
        self._set(name=name, _code=type_id, _group=group)
        return self

    @property
    def is_defined(self) -> bool:
        """Whether a module defined it, rather than the standard."""
        return self._group is not None

    @property
    def definition(self) -> FuncType | StructType | ArrayType | None:
        """What it was defined as; None for an abstract heap type."""
        if self._group is None:
            return None
        from wasmine.api.describe import definition_of

        return definition_of(self._group, self._code)

    def __reduce__(self) -> tuple[object, ...]:
        if self._group is not None:
            raise TypeError("a heap type that a module defined cannot be pickled")
        return HeapType, (self.name,)

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"HeapType({self.name!r})"


class RefType(ValType):
    """A reference type (section 2.3.4), for instance `wasmine.FUNCREF`.

    Args:
        heap: what it refers to: a `HeapType`, or the name of an abstract one.
        nullable: whether null is one of its values.
    """

    __slots__ = ("heap", "nullable")
    __match_args__ = ("heap", "nullable")
    _fields = ("heap", "nullable")
    heap: HeapType
    nullable: bool

    def __new__(cls, heap: HeapType | str, nullable: bool = True) -> RefType:
        """Make a reference type."""
        if isinstance(heap, str):
            heap = HeapType(heap)
        if not nullable:
            name = f"(ref {heap})"
        elif heap.is_defined:
            name = f"(ref null {heap})"
        else:
            name = SHORT_NAMES.get(heap.name, heap.name + "ref")
        self = object.__new__(cls)
        code = REF | (NULLABLE if nullable else 0) | heap._code
        self._set(heap=heap, nullable=bool(nullable), name=name, _code=code)
        return self

    @property
    def is_reference(self) -> bool:
        """Whether it is a reference type."""
        return True

    def __repr__(self) -> str:
        return f"RefType({self.heap.name!r}, nullable={self.nullable})"


_BY_NAME: dict[str, ValType] = {}


def _fill_names() -> None:
    for name, code in NUMBER_CODES.items():
        number = object.__new__(ValType)
        number._set(name=name, _code=code)
        _BY_NAME[name] = number
    for name in HEAP_CODES:
        nullable = RefType(name)
        _BY_NAME[nullable.name] = _BY_NAME[f"(ref null {name})"] = nullable
        _BY_NAME[f"(ref {name})"] = RefType(name, nullable=False)


_fill_names()

I32 = _BY_NAME["i32"]
I64 = _BY_NAME["i64"]
F32 = _BY_NAME["f32"]
F64 = _BY_NAME["f64"]
V128 = _BY_NAME["v128"]
FUNCREF = RefType("func")
EXTERNREF = RefType("extern")
ANYREF = RefType("any")
EXNREF = RefType("exn")


class FuncType(Described):
    """The type of a function (section 2.3.7).

    Args:
        params: types of the parameters, as `ValType.of` takes them.
        results: types of the results.
    """

    __slots__ = ("_group", "_id", "params", "results")
    __match_args__ = ("params", "results")
    _fields = ("params", "results")
    params: tuple[ValType, ...]
    results: tuple[ValType, ...]
    _group: RecGroup | None
    _id: int

    def __init__(self, params: Iterable[ValTypeLike] = (), results: Iterable[ValTypeLike] = ()) -> None:
        self._set(params=_types(params), results=_types(results), _group=None, _id=-1)

    @classmethod
    def _of_definition(
        cls, group: RecGroup, type_id: int, params: tuple[ValType, ...], results: tuple[ValType, ...]
    ) -> FuncType:
        self = object.__new__(cls)
        self._set(params=params, results=results, _group=group, _id=type_id)
        return self

    def __str__(self) -> str:
        params = ", ".join(map(str, self.params))
        results = ", ".join(map(str, self.results))
        return f"({params}) -> {results if len(self.results) == 1 else f'({results})'}"

    def __repr__(self) -> str:
        params = [str(p) for p in self.params]
        results = [str(r) for r in self.results]
        return f"FuncType({params}, {results})"


class Limits(Described):
    """How small and how large a memory or table may be (section 2.3.10), in pages or elements.

    Args:
        minimum: the size it starts with.
        maximum: the size it never grows past, or None.

    Raises:
        ValueError: one is negative, or the maximum is below the minimum.
    """

    __slots__ = ("maximum", "minimum")
    __match_args__ = ("minimum", "maximum")
    _fields = ("minimum", "maximum")
    minimum: int
    maximum: int | None

    def __init__(self, minimum: int = 0, maximum: int | None = None) -> None:
        if minimum < 0:
            raise ValueError(f"minimum must not be negative, got {minimum}")
        if maximum is not None and maximum < minimum:
            raise ValueError(f"maximum ({maximum}) is below minimum ({minimum})")
        self._set(minimum=minimum, maximum=maximum)

    def __str__(self) -> str:
        return str(self.minimum) if self.maximum is None else f"{self.minimum} {self.maximum}"

    def __repr__(self) -> str:
        return f"Limits({self.minimum}, {self.maximum})"


class MemoryType(Described):
    """The type of a memory (section 2.3.11).

    Args:
        minimum: pages at the start.
        maximum: pages it never grows past, or None for what the address type allows.
        address: type of its addresses, i32 or i64.
        shared: whether several threads may use it at once; needs a maximum.
        page_size: bytes in a page, 65536 or 1.

    Raises:
        ValueError: an argument is out of range.
    """

    __slots__ = ("address", "limits", "page_size", "shared")
    __match_args__ = ("limits",)
    _fields = ("limits", "address", "shared", "page_size")
    limits: Limits
    address: ValType
    shared: bool
    page_size: int

    def __init__(
        self,
        minimum: int = 0,
        maximum: int | None = None,
        *,
        address: ValTypeLike = I32,
        shared: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> None:
        if page_size not in (1, PAGE_SIZE):
            raise ValueError(f"page_size must be 1 or {PAGE_SIZE}, got {page_size}")
        if shared and maximum is None:
            raise ValueError("a shared memory needs a maximum")
        address = _address(address)
        limits = Limits(minimum, maximum)
        most = 1 << (32 if address is I32 else 64)
        for pages in (minimum, maximum or 0):
            if pages * page_size > most:
                raise ValueError(f"{pages} pages of {page_size} bytes are more than {address} can address")
        self._set(limits=limits, address=address, shared=bool(shared), page_size=page_size)

    @property
    def minimum(self) -> int:
        """Pages at the start."""
        return self.limits.minimum

    @property
    def maximum(self) -> int | None:
        """Pages it never grows past."""
        return self.limits.maximum

    def __reduce__(self) -> tuple[object, ...]:
        return _memory_type, (self.minimum, self.maximum, self.address, self.shared, self.page_size)

    def __str__(self) -> str:
        words = ["memory", *_limit_words(self.address, self.limits)]
        if self.shared:
            words.append("shared")
        if self.page_size != PAGE_SIZE:
            words.append(f"(pagesize {self.page_size})")
        return f"({' '.join(words)})"

    def __repr__(self) -> str:
        extra = "" if self.address is I32 else f", address={self.address.name!r}"
        extra += ", shared=True" if self.shared else ""
        extra += "" if self.page_size == PAGE_SIZE else f", page_size={self.page_size}"
        return f"MemoryType({self.minimum}, {self.maximum}{extra})"


class TableType(Described):
    """The type of a table (section 2.3.12).

    Args:
        element: type of its elements, a reference type.
        minimum: elements at the start.
        maximum: elements it never grows past, or None for what the address type allows.
        address: type of its indices, i32 or i64.

    Raises:
        TypeError: `element` is not a reference type.
        ValueError: another argument is out of range.
    """

    __slots__ = ("address", "element", "limits")
    __match_args__ = ("element", "limits")
    _fields = ("element", "limits", "address")
    element: RefType
    limits: Limits
    address: ValType

    def __init__(
        self,
        element: ValTypeLike = FUNCREF,
        minimum: int = 0,
        maximum: int | None = None,
        *,
        address: ValTypeLike = I32,
    ) -> None:
        element = ValType.of(element)
        if not isinstance(element, RefType):
            raise TypeError(f"the elements of a table are references, not {element}")
        address = _address(address)
        limits = Limits(minimum, maximum)
        if max(minimum, maximum or 0) >> (32 if address is I32 else 64):
            raise ValueError(f"limits {limits} are more than {address} can index")
        self._set(element=element, limits=limits, address=address)

    @property
    def minimum(self) -> int:
        """Elements at the start."""
        return self.limits.minimum

    @property
    def maximum(self) -> int | None:
        """Elements it never grows past."""
        return self.limits.maximum

    def __reduce__(self) -> tuple[object, ...]:
        return _table_type, (self.element, self.minimum, self.maximum, self.address)

    def __str__(self) -> str:
        return f"({' '.join(['table', *_limit_words(self.address, self.limits), self.element.name])})"

    def __repr__(self) -> str:
        extra = "" if self.address is I32 else f", address={self.address.name!r}"
        return f"TableType({self.element.name!r}, {self.minimum}, {self.maximum}{extra})"


class GlobalType(Described):
    """The type of a global (section 2.3.13).

    Args:
        value: type of its value.
        mutable: whether it may be assigned.
    """

    __slots__ = ("mutable", "value")
    __match_args__ = ("value", "mutable")
    _fields = ("value", "mutable")
    value: ValType
    mutable: bool

    def __init__(self, value: ValTypeLike, mutable: bool = False) -> None:
        self._set(value=ValType.of(value), mutable=bool(mutable))

    def __str__(self) -> str:
        return f"(global (mut {self.value}))" if self.mutable else f"(global {self.value})"

    def __repr__(self) -> str:
        return f"GlobalType({self.value.name!r}, mutable={self.mutable})"


class TagType(Described):
    """The type of a tag (section 2.3.14): the values that an exception of this tag carries.

    Args:
        params: types of the values.
    """

    __slots__ = ("type",)
    __match_args__ = ("type",)
    _fields = ("type",)
    type: FuncType

    def __init__(self, params: Iterable[ValTypeLike] | FuncType = ()) -> None:
        self._set(type=params if isinstance(params, FuncType) else FuncType(params))

    @property
    def params(self) -> tuple[ValType, ...]:
        """Types of the values."""
        return self.type.params

    def __str__(self) -> str:
        return f"(tag ({', '.join(map(str, self.params))}))"

    def __repr__(self) -> str:
        return f"TagType({[str(p) for p in self.params]})"


class ImportType(Described):
    """What a module asks for (section 2.5.10).

    Args:
        module: the first of its two names.
        name: the second.
        type: what must be given.
    """

    __slots__ = ("module", "name", "type")
    __match_args__ = ("module", "name", "type")
    _fields = ("module", "name", "type")
    module: str
    name: str
    type: ExternType

    def __init__(self, module: str, name: str, type: ExternType) -> None:
        self._set(module=module, name=name, type=type)

    def __str__(self) -> str:
        return f"{self.module}.{self.name}: {self.type}"

    def __repr__(self) -> str:
        return f"ImportType({self.module!r}, {self.name!r}, {self.type!r})"


class ExportType(Described):
    """What a module gives (section 2.5.11).

    Args:
        name: its name.
        type: what it is.
    """

    __slots__ = ("name", "type")
    __match_args__ = ("name", "type")
    _fields = ("name", "type")
    name: str
    type: ExternType

    def __init__(self, name: str, type: ExternType) -> None:
        self._set(name=name, type=type)

    def __str__(self) -> str:
        return f"{self.name}: {self.type}"

    def __repr__(self) -> str:
        return f"ExportType({self.name!r}, {self.type!r})"


def _types(values: Iterable[ValTypeLike]) -> tuple[ValType, ...]:
    if isinstance(values, (str, ValType)):
        raise TypeError(f"expected several value types, such as [{values!r}], not {values!r}")
    return tuple(ValType.of(value) for value in values)


def _address(value: ValTypeLike) -> ValType:
    address = ValType.of(value)
    if address not in (I32, I64):
        raise ValueError(f"an address type is i32 or i64, not {address}")
    return address


def _limit_words(address: ValType, limits: Limits) -> list[str]:
    return [str(limits)] if address is I32 else [address.name, str(limits)]


def _memory_type(
    minimum: int, maximum: int | None, address: ValType, shared: bool, page_size: int
) -> MemoryType:
    return MemoryType(minimum, maximum, address=address, shared=shared, page_size=page_size)


def _table_type(element: RefType, minimum: int, maximum: int | None, address: ValType) -> TableType:
    return TableType(element, minimum, maximum, address=address)
