"""Types of structures and arrays as users read and write them (core specification, section 2.3.9)."""

from __future__ import annotations

from wasmine.api.types import Described, ValType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from wasmine.api.types import ValTypeLike
    from wasmine.spec.types import RecGroup

    FieldTypeLike: TypeAlias = "FieldType | PackedType | ValTypeLike"

__all__ = ["I8", "I16", "ArrayType", "FieldType", "PackedType", "StructType"]


class PackedType(Described):
    """What a field may be that a value may not: `wasmine.I8` or `wasmine.I16` (section 2.3.8).

    In Python such a field is an int from 0 on; what is assigned may also be negative.

    Args:
        name: `"i8"` or `"i16"`.

    Raises:
        ValueError: it is neither.
    """

    __slots__ = ("_code", "name")
    __match_args__ = ("name",)
    _fields = ("name",)
    name: str
    _code: int

    def __init__(self, name: str) -> None:
        codes = {"i8": 0x78, "i16": 0x77}
        if name not in codes:
            raise ValueError(f"a packed type is i8 or i16, not {name!r}")
        self._set(name=name, _code=codes[name])

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"PackedType({self.name!r})"


I8 = PackedType("i8")
I16 = PackedType("i16")


class FieldType(Described):
    """The type of a field of a structure, or of the elements of an array (section 2.3.8).

    Args:
        storage: type of its values, as `ValType.of` takes it, or `"i8"`, `"i16"`, `I8`, `I16`.
        mutable: whether it may be assigned.
        name: its name in the module's name section, if it has one. It says nothing about the type: field
            types with different names are equal.
    """

    __slots__ = ("mutable", "name", "storage")
    __match_args__ = ("storage", "mutable")
    _fields = ("storage", "mutable")
    storage: ValType | PackedType
    mutable: bool
    name: str | None

    def __init__(
        self, storage: PackedType | ValTypeLike, mutable: bool = False, name: str | None = None
    ) -> None:
        if storage in ("i8", "i16"):
            storage = I8 if storage == "i8" else I16
        elif not isinstance(storage, PackedType):
            storage = ValType.of(storage)
        self._set(storage=storage, mutable=bool(mutable), name=name)

    @classmethod
    def of(cls, value: FieldTypeLike) -> FieldType:
        """Return the field type that `value` means: itself, or an immutable one of that storage type."""
        return value if isinstance(value, FieldType) else cls(value)

    def __reduce__(self) -> tuple[object, ...]:
        return FieldType, (self.storage, self.mutable, self.name)

    def __str__(self) -> str:
        return f"(mut {self.storage})" if self.mutable else str(self.storage)

    def __repr__(self) -> str:
        name = "" if self.name is None else f", name={self.name!r}"
        return f"FieldType({self.storage.name!r}, {self.mutable}{name})"


class StructType(Described):
    """The type of a structure.

    Args:
        fields: types of its fields, in order.

    Attributes:
        name: its name in the module's name section, if a module defined it and named it. It says nothing
            about the type.
    """

    __slots__ = ("_group", "_id", "fields", "name")
    __match_args__ = ("fields",)
    _fields = ("fields",)
    fields: tuple[FieldType, ...]
    name: str | None
    _group: RecGroup | None
    _id: int

    def __init__(self, fields: Iterable[FieldTypeLike] = ()) -> None:
        self._set(fields=tuple(map(FieldType.of, fields)), name=None, _group=None, _id=-1)

    @classmethod
    def _of_definition(
        cls, group: RecGroup, type_id: int, fields: tuple[FieldType, ...], name: str | None
    ) -> StructType:
        self = object.__new__(cls)
        self._set(fields=fields, name=name, _group=group, _id=type_id)
        return self

    def __str__(self) -> str:
        return f"({' '.join(['struct', *map(str, self.fields)])})"

    def __repr__(self) -> str:
        return f"StructType({list(self.fields)})"


class ArrayType(Described):
    """The type of an array.

    Args:
        element: type of its elements.

    Attributes:
        name: as of a `StructType`.
    """

    __slots__ = ("_group", "_id", "element", "name")
    __match_args__ = ("element",)
    _fields = ("element",)
    element: FieldType
    name: str | None
    _group: RecGroup | None
    _id: int

    def __init__(self, element: FieldTypeLike) -> None:
        self._set(element=FieldType.of(element), name=None, _group=None, _id=-1)

    @classmethod
    def _of_definition(cls, group: RecGroup, type_id: int, element: FieldType, name: str | None) -> ArrayType:
        self = object.__new__(cls)
        self._set(element=element, name=name, _group=group, _id=type_id)
        return self

    @property
    def fields(self) -> tuple[FieldType, ...]:
        """The type of its elements, alone in a tuple: as of a structure."""
        return (self.element,)

    def __str__(self) -> str:
        return f"(array {self.element})"

    def __repr__(self) -> str:
        return f"ArrayType({self.element!r})"
