"""The steps that bodies are made of: variables, control, calls, exceptions and tables."""

from __future__ import annotations

from collections.abc import Callable

from fuzz import loops, memory, objects, shapes
from fuzz.assemble import Types, is_ref, op, s, u, valtype
from fuzz.bodies import Body, Label
from fuzz.memory import push_length, shorter

Step = Callable[[Body], None]


# --- numbers and variables


def numeric(b: Body) -> None:
    b.plain(b.choose.choice(b.style.plain))


def push_any(b: Body) -> None:
    b.push(b.choose.choice(b.style.types))


def push_readers(b: Body) -> None:
    """Several reads of one local, before it is overwritten."""
    if b.open_locals:
        index = b.choose.randrange(b.open_locals)
        type_ = b.locals[index]
        for _ in range(b.choose.choice((1, 1, 2, 3))):
            b.emit_op("local.get", index)
            b.stack.append(type_)
        if b.chance(0.7):
            b.push(type_)
            write_local(b, index)


def local_write(b: Body) -> None:
    if not b.open_locals:
        return
    index = b.choose.randrange(b.open_locals)
    b.want(b.locals[index])
    write_local(b, index)


def write_local(b: Body, index: int) -> None:
    if b.chance(0.5):
        b.emit_op("local.tee", index)
    else:
        b.emit_op("local.set", index)
        b.stack.pop()


def global_write(b: Body) -> None:
    fitting = [
        i for i, one in enumerate(b.module.globals) if one.mutable and i not in (b.budget, b.budget + 1)
    ]
    if fitting:
        index = b.choose.choice(fitting)
        b.want(b.module.globals[index].type)
        b.emit_op("global.set", index)
        b.stack.pop()


def select(b: Body) -> None:
    type_ = b.choose.choice(b.style.types)
    b.want(type_, type_, "i32")
    if is_ref(type_) or b.chance(0.2):
        b.emit(op("select_t") + u(1) + valtype(type_))
    else:
        b.emit_op("select")
    b.take(2)


def drop(b: Body) -> None:
    b.drop_some(b.choose.choice((1, 1, 2, 5)))


def reference(b: Body) -> None:
    found = [t for t in b.style.types if is_ref(t)]
    if not found:
        return
    type_ = b.choose.choice(found)
    b.want(type_)
    if b.chance(0.2) and type_ != "exnref" and b.chance(b.style.risk):
        b.emit_op("ref.as_non_null")
    elif b.chance(0.6):
        b.emit_op("ref.is_null")
        b.stack[-1] = "i32"


# --- control


def random_types(b: Body, most: int) -> Types:
    return tuple(b.choose.choice(b.style.types) for _ in range(b.choose.randrange(most + 1)))


def open_block(b: Body, mnemonic: str, results: Types, extra: bytes = b"") -> Types:
    """Opens a block over some of the operands that are there; its parameters."""
    count = b.choose.choice((0, 0, 1, 2, 3))
    count = min(count, len(b.stack) - b.base)
    params = tuple(b.stack[len(b.stack) - count :])
    b.emit(op(mnemonic) + b.module.block_type(params, results) + extra)
    is_loop = mnemonic == "loop"
    b.labels.append(Label(params if is_loop else results, len(b.stack) - count, is_loop))
    return params


def close_block(b: Body, results: Types) -> None:
    b.finish(results)
    b.labels.pop()


def block(b: Body) -> None:
    if b.is_deep():
        return
    mnemonic = b.choose.choice(("block", "block", "loop"))
    results = random_types(b, 3)
    open_block(b, mnemonic, results)
    if mnemonic == "loop":
        b.pay()
    b.run(b.choose.randrange(1, 9))
    close_block(b, results)
    b.emit_op("end")


def if_else(b: Body) -> None:
    if b.is_deep():
        return
    shapes.condition(b)
    b.stack.pop()
    has_else = b.chance(0.7)
    results = random_types(b, 3)
    if not has_else:
        count = min(b.choose.choice((0, 0, 1, 2)), len(b.stack) - b.base)
        results = tuple(b.stack[len(b.stack) - count :])
        b.emit(op("if") + b.module.block_type(results, results))
        b.labels.append(Label(results, len(b.stack) - count))
        params = results
    else:
        params = open_block(b, "if", results)
    b.run(b.choose.randrange(1, 7))
    b.finish(results)
    if has_else:
        b.emit_op("else")
        b.stack[b.base :] = params
        b.run(b.choose.randrange(1, 7))
        b.finish(results)
    b.labels.pop()
    b.emit_op("end")


def depth_of(b: Body, label: Label) -> int:
    return len(b.labels) - 1 - next(i for i, one in enumerate(b.labels) if one is label)


def jump(b: Body) -> None:
    label = b.choose.choice(b.targets())
    b.want(*label.types)
    if label is b.labels[0] and b.chance(0.5):
        b.emit_op("return")
    else:
        b.emit_op("br", depth_of(b, label))
    b.leave()


def jump_if(b: Body) -> None:
    label = b.choose.choice(b.targets())
    b.want(*label.types)
    floor, b.floor = b.floor, len(b.stack)
    shapes.condition(b)
    b.floor = floor
    b.emit_op("br_if", depth_of(b, label))
    b.stack.pop()


def jump_table(b: Body) -> None:
    label = b.choose.choice(b.targets())
    same = [one for one in b.targets() if one.types == label.types]
    b.want(*label.types, "i32")
    if b.chance(0.7):
        b.emit(op("i32.const") + s(b.choose.choice((3, 7, 63))) + op("i32.and"))
    count = b.choose.choice((0, 1, 2, 5, 9, 40))
    depths = [depth_of(b, b.choose.choice(same)) for _ in range(count + 1)]
    b.emit(op("br_table") + u(count) + b"".join(map(u, depths)))
    b.leave()


def jump_on_null(b: Body) -> None:
    found = [t for t in b.style.types if is_ref(t) and t != "exnref"]
    if not found:
        return
    type_ = b.choose.choice(found)
    label = b.choose.choice(b.targets())
    fitting = [one for one in b.targets() if one.types[-1:] == (type_,)]
    if fitting and b.chance(0.6):
        label = b.choose.choice(fitting)
        b.want(*label.types)
        b.emit_op("br_on_non_null", depth_of(b, label))
        b.stack.pop()
    else:
        b.want(*label.types, type_)
        b.emit_op("br_on_null", depth_of(b, label))


def nop(b: Body) -> None:
    b.emit_op("nop")


def unreachable(b: Body) -> None:
    if b.chance(b.style.risk):
        b.emit_op("unreachable")
        b.leave()


# --- calls


def call(b: Body) -> None:
    index = b.choose.randrange(len(b.module.funcs))
    type_ = b.module.func_type(index)
    b.want(*type_.params)
    b.emit_op("call", index)
    b.take(len(type_.params))
    b.stack += type_.results


def push_callee(b: Body, index: int) -> tuple[str, int]:
    """Pushes what an indirect call of that function takes; the kind of call and its table."""
    type_index = b.module.funcs[index]
    where = [
        (number, slot)
        for number, slots in b.module.planned.items()
        for slot, held in enumerate(slots)
        if held == index
    ]
    if where and b.chance(0.6):
        number, slot = b.choose.choice(where)
        table = b.module.tables[number]
        if b.chance(b.style.risk):
            b.push(table.address)
        else:
            b.emit(op(f"{table.address}.const") + s(slot))
            b.stack.append(table.address)
        return "call_indirect", number
    if b.chance(b.style.risk):
        b.push(f"ref:{type_index}")
    else:
        b.emit_op("ref.func", index)
        b.stack.append(f"ref:{type_index}")
    return "call_ref", 0


def indirect_call(b: Body) -> None:
    index = b.choose.randrange(len(b.module.funcs))
    type_ = b.module.func_type(index)
    b.want(*type_.params)
    found = push_callee(b, index)
    emit_indirect(b, "", found, b.module.funcs[index])
    b.take(1 + len(type_.params))
    b.stack += type_.results


def emit_indirect(b: Body, prefix: str, found: tuple[str, int], type_index: int) -> None:
    kind, table = found
    if kind == "call_indirect":
        b.emit_op(prefix + kind, type_index, table)
    else:
        b.emit_op(prefix + kind, type_index)


def tail_call(b: Body) -> None:
    fitting = [i for i in range(len(b.module.funcs)) if b.module.func_type(i).results == b.type.results]
    if not fitting:
        return
    index = b.choose.choice(fitting)
    b.want(*b.module.func_type(index).params)
    if b.chance(0.5):
        b.emit_op("return_call", index)
    else:
        found = push_callee(b, index)
        emit_indirect(b, "return_", found, b.module.funcs[index])
    b.leave()


# --- exceptions


def throw(b: Body) -> None:
    if b.module.tags:
        tag = b.choose.randrange(len(b.module.tags))
        b.want(*b.module.signature(b.module.tags[tag]).params)
        b.emit_op("throw", tag)
        b.leave()


def throw_ref(b: Body) -> None:
    if "exnref" in b.stack[b.base :] or b.chance(b.style.risk):
        while len(b.stack) > b.base and b.stack[-1] != "exnref":
            b.drop_some(1)
        b.want("exnref")
        b.emit_op("throw_ref")
        b.leave()


def try_table(b: Body) -> None:
    """A try_table in blocks that its clauses branch to; other labels are taken where their types fit."""
    if b.is_deep() or not b.module.tags:
        return
    clauses: list[tuple[int, int, Types]] = []
    for _ in range(b.choose.choice((0, 1, 1, 2, 3))):
        kind = b.choose.randrange(4)
        tag = b.choose.randrange(len(b.module.tags))
        types = b.module.signature(b.module.tags[tag]).params if kind < 2 else ()
        clauses.append((kind, tag, types + (("exnref",) if kind in (1, 3) else ())))
    opened: list[Types] = []
    targets: list[Label] = []
    for _, _, types in clauses:
        found = [one for one in b.targets() if one.types == types]
        if found and b.chance(0.5):
            targets.append(b.choose.choice(found))
            continue
        b.emit(op("block") + b.module.block_type((), types))
        b.labels.append(Label(types, len(b.stack)))
        opened.append(types)
        targets.append(b.labels[-1])
    code = u(len(clauses))
    for (kind, tag, _), label in zip(clauses, targets, strict=True):
        code += bytes([kind]) + (u(tag) if kind < 2 else b"") + u(depth_of(b, label))
    results = random_types(b, 2)
    open_block(b, "try_table", results, code)
    b.run(b.choose.randrange(1, 9))
    close_block(b, results)
    b.emit_op("end")
    for types in reversed(opened):
        b.run(b.choose.randrange(0, 3))
        close_block(b, types)
        b.emit_op("end")


# --- tables


def table_access(b: Body) -> None:
    if not b.module.tables:
        return
    x = b.choose.randrange(len(b.module.tables))
    table = b.module.tables[x]
    address = table.address
    way = b.choose.randrange(8)
    if way == 0:
        push_length(b, address, 3)
        b.emit_op("table.get", x)
        b.stack[-1] = table.element
    elif way == 1:
        push_length(b, address, 3)
        b.push(table.element)
        b.emit_op("table.set", x)
        b.take(2)
    elif way == 2:
        b.emit_op("table.size", x)
        b.stack.append(address)
    elif way == 3:
        b.push(table.element)
        push_length(b, address, 1)
        b.emit_op("table.grow", x)
        b.take(2)
        b.stack.append(address)
    elif way == 4:
        push_length(b, address, 3)
        b.push(table.element)
        push_length(b, address, 1)
        b.emit_op("table.fill", x)
        b.take(3)
    elif way == 5:
        table_copy(b, x)
    else:
        table_init(b, x)


def table_copy(b: Body, x: int) -> None:
    same = [i for i, one in enumerate(b.module.tables) if one.element == b.module.tables[x].element]
    y = b.choose.choice(same)
    to, other = b.module.tables[x].address, b.module.tables[y].address
    push_length(b, to, 3)
    push_length(b, other, 3)
    push_length(b, shorter(to, other), 1)
    b.emit_op("table.copy", x, y)
    b.take(3)


def table_init(b: Body, x: int) -> None:
    fitting = [i for i, one in enumerate(b.module.elems) if one.type == b.module.tables[x].element]
    if not fitting:
        return
    elem = b.choose.choice(fitting)
    if b.chance(0.1):
        b.emit_op("elem.drop", elem)
        return
    push_length(b, b.module.tables[x].address, 3)
    push_length(b, "i32", 1)
    push_length(b, "i32", 1)
    b.emit_op("table.init", elem, x)
    b.take(3)


# Step, usual weight, and the subject by which a style weighs it.
STEPS: dict[str, list[tuple[Step, float]]] = {
    "numbers": [(numeric, 5)],
    "variables": [(push_any, 2), (push_readers, 3), (local_write, 5), (global_write, 1)],
    "stack": [(select, 1.5), (drop, 1)],
    "shapes": [
        (shapes.pressure, 0.3),
        (shapes.permute, 1),
        (shapes.counted_loop, 1),
        (shapes.diamond, 1),
    ],
    "integers": [(shapes.with_constant, 2), (shapes.extensions, 1)],
    "control": [(block, 1.5), (if_else, 1.5), (nop, 0.1), (unreachable, 0.2)],
    "branches": [(jump, 0.5), (jump_if, 2), (jump_table, 0.5)],
    "references": [(reference, 1), (jump_on_null, 1)],
    "calls": [(call, 1), (indirect_call, 1)],
    "tail calls": [(tail_call, 0.5)],
    "exceptions": [(throw, 0.4), (throw_ref, 0.4), (try_table, 1.5)],
    "memory": [(memory.scalar_access, 3), (memory.bulk, 0.7), (loops.bounded_loop, 0.7)],
    "vector memory": [(memory.vector_access, 1.5)],
    "atomics": [(memory.atomic_access, 1.5)],
    "tables": [(table_access, 1.5)],
    "objects": [
        (objects.structure, 2),
        (objects.array, 2),
        (objects.i31, 0.5),
        (objects.compare, 0.3),
        (objects.upcast, 1),
        (objects.cast, 1.5),
        (objects.branch_on_cast, 1),
    ],
}
