"""Programs for differential runs: one or two modules and a list of calls, all determined by a seed.

Each defined function has a wrapper that gives back only integers and host references, so that no engine's
idea of a Python float or vector stands between its results and ours. What the calls leave behind is read by
exports of the same kind: globals, tables and memories.
"""

from __future__ import annotations

import random

from fuzz.assemble import (
    OBJECTS,
    ArrayType,
    Data,
    Elem,
    Field,
    FuncType,
    GlobalType,
    Import,
    MemType,
    Module,
    StructType,
    TableType,
    Types,
    encode_locals,
    heap_type,
    is_ref,
    op,
    s,
    u,
)
from fuzz.bodies import OURS_ALONE, PLAIN, Body, Style
from fuzz.program import Call, Program, Value
from fuzz.steps import STEPS
from fuzz.values import constant

BUDGET = 120


def generate(seed: int) -> Program:
    """The program of a seed."""
    choose = random.Random(seed)
    first = Maker(choose, 0, None)
    makers = [first]
    if choose.random() < 0.3:
        makers.append(Maker(choose, 1, first.module))
    calls = [call for maker in makers for call in maker.calls]
    choose.shuffle(calls)
    return Program(
        [maker.module.encode() for maker in makers],
        calls[:24] + [call for maker in makers for call in maker.looks],
        [(maker.number, name) for maker in makers for name in maker.memory_names],
        any(OURS_ALONE.search(row.name) for maker in makers for row in maker.style.plain),
    )


def random_style(choose: random.Random) -> Style:
    types = ["i32", "i64"] * choose.choice((1, 1, 3))
    for more in (["f32", "f64"], ["v128"], ["funcref"], ["externref"], ["exnref"]):
        if choose.random() < 0.6:
            types += more * choose.choice((1, 1, 2))
    weights = {subject: choose.choice((0.0, 0.3, 1.0, 1.0, 3.0)) for subject in STEPS}
    weights["variables"] += 0.2
    if choose.random() < 0.3:
        # Nothing but numbers, of which much is alive at a time.
        types = [one for one in types if not is_ref(one)]
        weights |= dict.fromkeys(("references", "tables", "objects", "exceptions", "tail calls"), 0.0)
    fitting = [row for row in PLAIN if set(row.params + row.results) <= set(types)]
    if choose.random() < 0.9:
        fitting = [row for row in fitting if not OURS_ALONE.search(row.name)]
    if choose.random() < 0.5:
        fitting = choose.sample(fitting, min(len(fitting), 40))
    # There are more instructions on vectors than on all else.
    fitting += 3 * [row for row in fitting if "v128" not in row.params + row.results]
    return Style(
        weights,
        types,
        risk=choose.choice((0.0, 0.02, 0.02, 0.1, 0.3)),
        lazy=choose.choice((0.2, 0.4, 0.6)),
        size=choose.choice((4, 12, 30)),
        dead=choose.choice((0.0, 0.1, 0.5)),
        depth=choose.choice((3, 6, 6, 12)),
        plain=fitting,
    )


class Maker:
    """Makes one module; the second one of a program imports from the first."""

    def __init__(self, choose: random.Random, number: int, other: Module | None) -> None:
        self.choose = choose
        self.number = number
        self.module = Module()
        self.style = random_style(choose)
        self.calls: list[Call] = []
        self.looks: list[Call] = []
        self.memory_names: list[str] = []
        self.signatures: list[int] = []
        self.make_types()
        if other is not None:
            self.import_from(other)
        self.import_hosts()
        self.make_storage()
        self.declare_functions()
        self.make_elements()
        first = self.module.imported(0)
        steps = [
            (step, weight * self.style.weights[subject])
            for subject, rows in STEPS.items()
            for step, weight in rows
        ]
        for index in range(first, len(self.module.funcs)):
            body = Body(choose, self.module, self.style, index, self.budget)
            self.module.bodies.append(body.build(steps))
        self.export_all(first)
        self.make_start()

    def chance(self, probability: float) -> bool:
        return self.choose.random() < probability

    # --- types

    def make_types(self) -> None:
        if self.style.weights["objects"]:
            self.make_object_types()
        results = [self.random_types(self.choose.choice((0, 1, 1, 2, 4, 12))) for _ in range(3)]
        for _ in range(self.choose.randrange(2, 7)):
            params = self.random_types(self.choose.choice((0, 1, 2, 3, 6, 12, 24)))
            index = self.module.type_index(params, self.choose.choice(results))
            self.signatures.append(index)
            if self.style.weights["references"] and self.chance(0.4):
                self.style.types.append(f"ref:{index}")

    def make_object_types(self) -> None:
        """Structures and arrays; some are subtypes of earlier ones, any may refer to any."""
        choose, module = self.choose, self.module
        count = choose.randrange(1, 7)
        self.style.types += choose.sample(tuple(OBJECTS), choose.randrange(len(OBJECTS)))
        self.style.types += [f"ref:{i}" for i in range(count) if self.chance(0.7)]
        for index in range(count):
            parents = [i for i in range(index) if self.chance(0.4)]
            parent = parents[0] if parents else None
            above = None if parent is None else module.objects[parent]
            if isinstance(above, ArrayType) or (above is None and self.chance(0.4)):
                element = above.element if isinstance(above, ArrayType) else self.random_field(count)
                module.objects.append(ArrayType(element, parent))
            else:
                fields = above.fields if isinstance(above, StructType) else ()
                more = tuple(self.random_field(count) for _ in range(choose.choice((0, 1, 2, 5))))
                module.objects.append(StructType(fields + more, parent))

    def random_field(self, count: int) -> Field:
        types = [*self.style.types, "i8", "i16", f"ref:{self.choose.randrange(count)}"]
        return Field(self.choose.choice(types), self.chance(0.8))

    def random_types(self, count: int) -> Types:
        return tuple(self.choose.choice(self.style.types) for _ in range(count))

    # --- imports

    def import_from(self, other: Module) -> None:
        """Takes what the first module exports, as far as its types mean the same here."""
        module = self.module
        for name, kind, index in other.exports:
            if not name.startswith("x") or self.chance(0.3):
                continue
            if kind in (0, 4):
                type_ = other.signature((other.funcs if kind == 0 else other.tags)[index])
                if any(t.startswith("ref:") for t in type_.params + type_.results):
                    continue
                local = module.type_index(type_.params, type_.results)
                module.imports.append(Import("m0", name, kind, local))
                (module.funcs if kind == 0 else module.tags).append(local)
            elif kind == 1 and not other.tables[index].element.startswith("ref:"):
                module.imports.append(Import("m0", name, kind, other.tables[index]))
                module.tables.append(other.tables[index])
            elif kind == 2 and not other.memories[index].shared:
                module.imports.append(Import("m0", name, kind, other.memories[index]))
                module.memories.append(other.memories[index])
            elif kind == 3 and not other.globals[index].type.startswith("ref:"):
                module.imports.append(Import("m0", name, kind, other.globals[index]))
                module.globals.append(other.globals[index])

    def import_hosts(self) -> None:
        """Host functions, which the engines' harness makes from their types (see engines.py)."""
        for number in range(self.choose.randrange(4)):
            plain = ["i32", "i64", "f32", "f64", "externref"]
            params = tuple(self.choose.choice(plain) for _ in range(self.choose.choice((0, 1, 2, 3, 10))))
            results = tuple(self.choose.choice(plain) for _ in range(self.choose.choice((0, 1, 1, 2, 5))))
            behaviour = self.choose.choice(("mix", "mix", "back", "raise"))
            index = self.module.type_index(params, results)
            self.module.imports.append(Import("host", f"{behaviour}{number}", 0, index))
            self.module.funcs.append(index)

    # --- storage

    def make_storage(self) -> None:
        choose, module = self.choose, self.module
        for _ in range(choose.choice((0, 1, 1, 2, 3))):
            if self.chance(0.3):
                least = choose.choice((1, 100, 300))
                module.memories.append(MemType(least, least + 40, self.chance(0.3), page_log2=0))
            else:
                least = choose.choice((1, 1, 2))
                shared = self.chance(0.1)
                module.memories.append(
                    MemType(least, least + choose.choice((0, 2)), self.chance(0.3), 16, shared)
                )
        for _ in range(choose.choice((0, 1, 2, 3))):
            element = choose.choice([t for t in self.style.types if is_ref(t)] + ["funcref"])
            least = choose.choice((1, 4, 10))
            module.tables.append(TableType(element, least, least + choose.choice((0, 5)), self.chance(0.3)))
        for _ in range(choose.choice((0, 1, 3))):
            params = self.random_types(choose.choice((0, 1, 2, 3)))
            module.tags.append(module.type_index(params, ()))
        self.budget = len(module.globals)
        module.globals.append(GlobalType("i32", True))
        module.inits.append(op("i32.const") + s(BUDGET))
        # Takes in what bodies get rid of.
        module.globals.append(GlobalType("i64", True))
        module.inits.append(op("i64.const") + s(0))
        for _ in range(choose.choice((0, 2, 6))):
            type_ = choose.choice(self.style.types)
            module.inits.append(self.constant_expression(type_))
            module.globals.append(GlobalType(type_, self.chance(0.8)))
        for _ in range(choose.choice((0, 1, 3))):
            content = choose.randbytes(choose.choice((0, 3, 40)))
            if module.memories and self.chance(0.5):
                memory = choose.randrange(len(module.memories))
                address = module.memories[memory].address
                module.datas.append(
                    Data(content, memory, op(f"{address}.const") + s(choose.choice((0, 1, 40))))
                )
            else:
                module.datas.append(Data(content))

    def constant_expression(self, type_: str) -> bytes:
        if type_ in ("i32", "i64") and self.chance(0.3):
            return (
                self.constant(type_)
                + self.constant(type_)
                + op(type_ + self.choose.choice((".add", ".sub", ".mul")))
            )
        fitting = [i for i, one in enumerate(self.module.globals) if one.type == type_ and not one.mutable]
        if fitting and self.chance(0.3):
            return op("global.get", self.choose.choice(fitting))
        return self.constant(type_)

    def constant(self, type_: str) -> bytes:
        return constant(self.choose, type_, self.module)

    def make_elements(self) -> None:
        choose, module = self.choose, self.module
        module.elems.append(
            Elem("funcref", [op("ref.func", i) for i in range(len(module.funcs))], declarative=True)
        )
        first = module.imported(1)
        for number, table in enumerate(module.tables):
            if table.element == "funcref" or table.element in map("ref:{}".format, self.signatures):
                fitting = list(range(len(module.funcs)))
                if table.element != "funcref":
                    fitting = [i for i in fitting if module.funcs[i] == int(table.element[4:])]
                count = choose.randrange(table.least + 1)
                slots = [
                    choose.choice(fitting) if fitting and self.chance(0.8) else None for _ in range(count)
                ]
                if number >= first:
                    module.planned[number] = slots
                items = [
                    op("ref.null") + heap_type(table.element) if i is None else op("ref.func", i)
                    for i in slots
                ]
                module.elems.append(Elem(table.element, items, number, op(f"{table.address}.const") + s(0)))
                module.elems.append(Elem(table.element, items))
            else:
                items = [self.constant(table.element) for _ in range(3)]
                module.elems.append(Elem(table.element, items))

    # --- functions

    def declare_functions(self) -> None:
        for _ in range(self.choose.randrange(1, 9)):
            self.module.funcs.append(self.choose.choice(self.signatures))
        self.callback = None
        if self.chance(0.7):
            self.callback = len(self.module.funcs)
            self.module.funcs.append(self.module.type_index(("i32",), ("i32",)))

    def make_start(self) -> None:
        fitting = [
            i
            for i in range(self.module.imported(0), len(self.module.funcs))
            if self.module.func_type(i) == FuncType((), ())
        ]
        if fitting and self.chance(0.2):
            self.module.start = self.choose.choice(fitting)

    # --- exports

    def export_all(self, first: int) -> None:
        module = self.module
        if self.callback is not None:
            module.exports.append(("callback", 0, self.callback))
        defined = range(first, len(module.funcs))
        for index in defined:
            module.exports.append((f"x{index}", 0, index))
        for index in defined:
            self.export_wrapper(index)
        for kind, space in ((1, module.tables), (3, module.globals), (4, module.tags), (2, module.memories)):
            for index in range(len(space)):
                if kind == 3 and index in (self.budget, self.budget + 1):
                    continue
                module.exports.append((f"x{kind}_{index}", kind, index))
                if kind == 2 and not module.memories[index].shared:
                    self.memory_names.append(f"x{kind}_{index}")
        self.export_globals()
        for index in range(len(module.tables)):
            self.export_table(index)

    def add_function(self, name: str, params: Types, results: Types, body: bytes) -> None:
        self.module.exports.append((name, 0, len(self.module.funcs)))
        self.module.funcs.append(self.module.type_index(params, results))
        self.module.bodies.append(body + b"\x0b")

    def export_wrapper(self, index: int) -> None:
        """Sets the budget, calls, and gives back what the host can tell apart."""
        type_ = self.module.func_type(index)
        params: list[str] = []
        code = op("i32.const") + s(BUDGET) + op("global.set", self.budget)
        for param in type_.params:
            bits, convert = TO_BITS.get(param, (None, b""))
            if bits is None:
                code += constant(self.choose, param, self.module)
                continue
            code += op("local.get", len(params)) + convert
            params.append(bits)
        results, locals_, tail = convert_results(list(type_.results), len(params))
        name = f"w{index}"
        self.add_function(name, tuple(params), results, locals_ + code + op("call", index) + tail)
        for _ in range(self.choose.choice((1, 2, 4))):
            self.calls.append(Call(self.number, name, [self.argument(param) for param in params]))

    def argument(self, type_: str) -> Value:
        choose = self.choose
        if type_ == "externref":
            return choose.choice((None, "one", "two"))
        bits = 32 if type_ == "i32" else 64
        value = choose.choice((0, 1, 2, 5, (1 << bits) - 1, 1 << bits - 1, choose.getrandbits(bits)))
        return value - (1 << bits) if value >> bits - 1 else value

    def export_globals(self) -> None:
        for index, one in enumerate(self.module.globals):
            results, locals_, tail = convert_results([one.type], 0)
            self.add_function(f"g{index}", (), results, locals_ + op("global.get", index) + tail)
            self.looks.append(Call(self.number, f"g{index}", []))

    def export_table(self, index: int) -> None:
        table = self.module.tables[index]
        self.add_function(f"s{index}", (), (table.address,), u(0) + op("table.size", index))
        get = op("local.get", 0) + op("table.get", index)
        results, locals_, tail = convert_results([table.element], 1)
        self.add_function(f"t{index}", (table.address,), results, locals_ + get + tail)
        self.looks.append(Call(self.number, f"s{index}", []))
        self.looks += [Call(self.number, f"t{index}", [slot]) for slot in range(table.most + 1)]


TO_BITS = {
    "i32": ("i32", b""),
    "i64": ("i64", b""),
    "externref": ("externref", b""),
    "f32": ("i32", op("f32.reinterpret_i32")),
    "f64": ("i64", op("f64.reinterpret_i64")),
}


def convert_results(types: list[str], params: int) -> tuple[Types, bytes, bytes]:
    """Code behind a call that makes integers and host values of its results.

    Args:
        types: the results.
        params: how many parameters the function has that this is for.

    Returns:
        The types it makes, the function's declaration of locals, and the code.
    """
    results: list[str] = []
    head = b""
    tail = b""
    for number, type_ in reversed(list(enumerate(types))):
        head += op("local.set", params + number)
    for number, type_ in enumerate(types):
        get = op("local.get", params + number)
        if type_ == "v128":
            tail += get + op("i64x2.extract_lane", 0) + get + op("i64x2.extract_lane", 1)
            results += ["i64", "i64"]
        elif type_ in ("f32", "f64"):
            integer = "i32" if type_ == "f32" else "i64"
            tail += get + op(f"{integer}.reinterpret_{type_}")
            results.append(integer)
        elif type_ in ("anyref", "eqref"):
            tail += (
                get
                + op("ref.test_null")
                + heap_type("i31ref")
                + get
                + op("ref.test")
                + heap_type("structref")
            )
            results += ["i32", "i32"]
        elif is_ref(type_) and type_ != "externref":
            tail += get + op("ref.is_null")
            results.append("i32")
        else:
            tail += get
            results.append(type_)
    return tuple(results), encode_locals(types), head + tail
