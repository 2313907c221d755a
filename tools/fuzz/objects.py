"""Steps on structures, arrays, i31 and casts (core specification, section 3.4.6 and following)."""

from __future__ import annotations

from fuzz.assemble import OBJECTS, ArrayType, Field, StructType, heap_type, op, s, u
from fuzz.bodies import Body
from fuzz.values import new_object, objects_for


def any_types(b: Body) -> list[str]:
    """The reference types below `any` that the style has."""
    return [
        t
        for t in b.style.types
        if t in OBJECTS or (t.startswith("ref:") and int(t[4:]) < len(b.module.objects))
    ]


def pick(b: Body, kind: type[StructType | ArrayType]) -> int | None:
    found = [i for i, one in enumerate(b.module.objects) if isinstance(one, kind)]
    return b.choose.choice(found) if found else None


def push_object(b: Body, index: int) -> None:
    """An object of the type; one that is there already, or null, only at a risk."""
    type_ = f"ref:{index}"
    if b.chance(b.style.risk * 2) or (b.stack[b.base :] and b.stack[-1] == type_ and b.chance(0.8)):
        b.want(type_)
    else:
        b.emit(new_object(b.choose, b.choose.choice(objects_for(type_, b.module)), b.module))
        b.stack.append(type_)


def push_index(b: Body, most: int) -> None:
    b.push("i32")
    if not b.chance(b.style.risk):
        b.emit(op("i32.const") + s(most) + op("i32.and"))


def getter(b: Body, kind: str, field: Field) -> str:
    return f"{kind}.get" + (b.choose.choice(("_s", "_u")) if field.type in ("i8", "i16") else "")


def structure(b: Body) -> None:
    index = pick(b, StructType)
    if index is None:
        return
    one = b.module.objects[index]
    assert isinstance(one, StructType)
    way = b.choose.randrange(4)
    if way == 0 or not one.fields:
        b.want(*(field.value for field in one.fields))
        b.emit_op("struct.new", index)
        b.take(len(one.fields))
        b.stack.append(f"ref:{index}")
        return
    number = b.choose.randrange(len(one.fields))
    field = one.fields[number]
    push_object(b, index)
    if way == 1 and field.mutable:
        b.push(field.value)
        b.emit_op("struct.set", index, number)
        b.take(2)
    else:
        b.emit_op(getter(b, "struct", field), index, number)
        b.stack[-1] = field.value


def array(b: Body) -> None:
    index = pick(b, ArrayType)
    if index is None:
        return
    one = b.module.objects[index]
    assert isinstance(one, ArrayType)
    value = one.element.value
    way = b.choose.randrange(9)
    if way == 0:
        b.push(value)
        push_index(b, 7)
        b.emit_op("array.new", index)
        b.take(2)
        b.stack.append(f"ref:{index}")
    elif way == 1:
        count = b.choose.choice((0, 1, 2, 5))
        b.want(*[value] * count)
        b.emit_op("array.new_fixed", index, count)
        b.take(count)
        b.stack.append(f"ref:{index}")
    elif way == 2:
        array_of_segment(b, index, one.element)
    elif way == 3:
        push_object(b, index)
        b.emit_op("array.len")
        b.stack[-1] = "i32"
    elif way == 4 and one.element.mutable:
        array_bulk(b, index, one.element)
    elif way == 5 and one.element.mutable:
        push_object(b, index)
        push_index(b, 1)
        b.push(value)
        b.emit_op("array.set", index)
        b.take(3)
    else:
        push_object(b, index)
        push_index(b, 1)
        b.emit_op(getter(b, "array", one.element), index)
        b.take(2)
        b.stack.append(value)


def segments_for(b: Body, element: Field) -> tuple[str, list[int]]:
    """The kind of segment that fills such an array, and those there are."""
    if element.type in ("i8", "i16", "i32", "i64", "f32", "f64", "v128"):
        return "data", list(range(len(b.module.datas)))
    return "elem", [
        i for i, one in enumerate(b.module.elems) if one.type == element.type and not one.declarative
    ]


def array_of_segment(b: Body, index: int, element: Field) -> None:
    kind, found = segments_for(b, element)
    if found:
        push_index(b, 3)
        push_index(b, 1)
        b.emit_op(f"array.new_{kind}", index, b.choose.choice(found))
        b.take(2)
        b.stack.append(f"ref:{index}")


def array_bulk(b: Body, index: int, element: Field) -> None:
    kind, found = segments_for(b, element)
    way = b.choose.randrange(3)
    push_object(b, index)
    push_index(b, 1)
    if way == 0:
        b.push(element.value)
        push_index(b, 1)
        b.emit_op("array.fill", index)
        b.take(4)
    elif way == 1 or not found:
        push_object(b, index)
        push_index(b, 1)
        push_index(b, 1)
        b.emit_op("array.copy", index, index)
        b.take(5)
    else:
        push_index(b, 1)
        push_index(b, 1)
        b.emit_op(f"array.init_{kind}", index, b.choose.choice(found))
        b.take(4)


def i31(b: Body) -> None:
    if b.chance(0.5):
        b.want("i32")
        b.emit_op("ref.i31")
        b.stack[-1] = "i31ref"
    else:
        if not b.chance(b.style.risk):
            b.want("i32")
            b.emit_op("ref.i31")
            b.stack[-1] = "i31ref"
        b.want("i31ref")
        b.emit_op(b.choose.choice(("i31.get_s", "i31.get_u")))
        b.stack[-1] = "i32"


def compare(b: Body) -> None:
    b.want("eqref", "eqref")
    b.emit_op("ref.eq")
    b.take(2)
    b.stack.append("i32")


def upcast(b: Body) -> None:
    """What is on top counts as a value of a supertype from now on."""
    if len(b.stack) > b.base:
        parent = b.module.parent_of(b.stack[-1])
        if parent is not None:
            b.stack[-1] = parent


def types_below(b: Body, type_: str) -> list[str]:
    below = [f"ref:{i}" for i in objects_for(type_, b.module)]
    for name in OBJECTS:
        up: str | None = name
        while up is not None and up != type_:
            up = OBJECTS[up]
        if up is not None:
            below.append(name)
    return below


def cast(b: Body) -> None:
    found = any_types(b)
    if not found:
        return
    type_ = b.choose.choice(found)
    target = b.choose.choice(types_below(b, type_))
    b.want(type_)
    way = b.choose.randrange(4)
    if way < 2:
        b.emit(op(b.choose.choice(("ref.test", "ref.test_null"))) + heap_type(target))
        b.stack[-1] = "i32"
    elif way == 2 and b.chance(b.style.risk * 3):
        b.emit(op(b.choose.choice(("ref.cast", "ref.cast_null"))) + heap_type(target))
        b.stack[-1] = target
    elif way == 3:
        b.emit(op("extern.convert_any"))
        if b.chance(0.5):
            b.emit(op("any.convert_extern"))
            b.stack[-1] = "anyref"
        else:
            b.stack[-1] = "externref"


def branch_on_cast(b: Body) -> None:
    found = any_types(b)
    labels = [one for one in b.targets() if one.types and one.types[-1] in found]
    if not labels:
        return
    label = b.choose.choice(labels)
    depth = len(b.labels) - 1 - next(i for i, one in enumerate(b.labels) if one is label)
    target = label.types[-1]
    if b.chance(0.5):
        source: str = target
        for _ in range(b.choose.randrange(3)):
            source = b.module.parent_of(source) or source
        b.want(*label.types[:-1], source)
        b.emit(op("br_on_cast") + b"\x03" + u(depth) + heap_type(source) + heap_type(target))
        b.stack[-1] = source
    else:
        b.want(*label.types)
        below = b.choose.choice(types_below(b, target))
        b.emit(op("br_on_cast_fail") + b"\x03" + u(depth) + heap_type(target) + heap_type(below))
        b.stack[-1] = below
