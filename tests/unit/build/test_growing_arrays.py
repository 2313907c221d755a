"""C may load the address of an array before it calls what gives the index: the call must not move the array."""

import re
from pathlib import Path

JIT = Path(__file__).parents[3] / "src" / "wasmine" / "jit"
INDEXED_BY_CALL = re.compile(r"\.(?:insts|blocks|edges|pool|operands|vregs|pieces|uses)\[(\w+)\(")
GROWS_NOTHING = {"arg", "args_of", "operand", "piece_at", "resolve"}


def test_no_index_is_made_by_a_call_that_may_grow_the_array() -> None:
    found = [
        f"{file.relative_to(JIT)}:{number}: {line.strip()}"
        for file in sorted(JIT.rglob("*.py"))
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        for call in INDEXED_BY_CALL.findall(line)
        if call not in GROWS_NOTHING
    ]
    assert not found
