"""The fuzzer itself: programs follow from seeds, differences are seen, findings become smaller."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "tools"))
try:
    from fuzz import campaign, ours
    from fuzz.assemble import Module, encode_locals, op
    from fuzz.check import examine
    from fuzz.generate import generate
    from fuzz.peer import peer_accepts
    from fuzz.program import Call, Program, load, save
    from fuzz.reduce import reduce
    from fuzz.trace import ending, first_difference
finally:
    sys.path.pop(0)


def multiplier(instruction: str) -> Program:
    module = Module()
    module.funcs.append(module.type_index(("i32",), ("i32",)))
    module.bodies.append(
        encode_locals([]) + op("local.get", 0) * 3 + op("i32.add") + op(instruction) + op("end")
    )
    module.exports.append(("f", 0, 0))
    return Program([module.encode()], [Call(0, "f", [7])])


def test_a_seed_makes_the_same_program_each_time() -> None:
    assert generate(5) == generate(5)
    assert generate(5) != generate(6)


def test_what_the_generator_makes_is_valid() -> None:
    for seed in range(20):
        assert all(map(peer_accepts, generate(seed).modules)), seed


def test_a_program_is_kept_with_its_text(tmp_path: Path) -> None:
    program = generate(7)
    save(program, tmp_path)
    assert load(tmp_path) == program
    assert "(module" in (tmp_path / "0.wat").read_text()


def test_engines_that_agree_and_one_that_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    program = multiplier("i32.mul")
    assert examine(program, ["interp", "interp-fuel"]) is None
    run = ours.run_ours
    wrong = multiplier("i32.sub")
    monkeypatch.setattr("fuzz.check.run_ours", lambda program, name: run(wrong, name))
    found = examine(program, ["interp"])
    assert found is not None
    assert found.startswith("interp: wasmtime ('call', 0, 'f', [7], 'gave', [98])")


def test_different_fuel_is_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    run = ours.run_ours

    def more_for_one(program: Program, name: str) -> object:
        trace, used = run(program, name)
        return trace, (used or 0) + (name == "interp-gc")

    monkeypatch.setattr("fuzz.check.run_ours", more_for_one)
    program = multiplier("i32.mul")
    assert examine(program, ["interp-fuel"]) is None
    found = examine(program, ["interp-fuel", "interp-gc"])
    assert found is not None
    assert found.startswith("fuel used: ")


def test_traps_with_two_causes_count_as_one() -> None:
    assert first_difference([("trap", "memory bounds")], [("trap", "unaligned")]) is None
    assert first_difference([("trap", "unaligned")], [("trap", "memory bounds")]) is not None
    assert first_difference([("gave", 1)], []) is not None


def test_how_deep_calls_go_is_no_difference() -> None:
    deep = ("call", 0, "f", "trap", "stack")
    assert first_difference([deep, ("gave", 1)], [("host", "raise", [])]) is None
    assert first_difference([("gave", 1), deep], [("gave", 2), deep]) is not None
    assert first_difference([("gave", 1)], [deep]) is not None


def test_a_peer_without_address_space_is_no_difference() -> None:
    none = ending("unknown:\n    Cannot allocate memory (os error 12)\n", 1)
    assert first_difference([("instance", *none)], [("instance", "gave", None), ("gave", 1)]) is None


def test_findings_become_smaller() -> None:
    program = generate(3)
    wanted = op("i32.xor")

    def fails(candidate: Program) -> bool:
        return all(map(peer_accepts, candidate.modules)) and any(wanted in one for one in candidate.modules)

    assert fails(program)
    smaller = reduce(program, fails)
    assert fails(smaller)
    assert not smaller.calls
    assert sum(map(len, smaller.modules)) < sum(map(len, program.modules)) / 4


def test_a_process_that_dies_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = tmp_path / "fake"
    fake.mkdir()
    (fake / "__main__.py").write_text(
        "import os\nprint('seed 4', flush=True)\nprint('engine interp', flush=True)\nos.abort()\n"
    )
    monkeypatch.setattr(campaign, "__file__", str(fake / "campaign.py"))
    with campaign.Child() as child:
        assert list(child.lines()) == ["seed 4", "engine interp"]
        assert (child.bad_end() or "").startswith("interp: exit -6")


@pytest.mark.parametrize(
    ("limit", "program"), [("HANG", "while True: pass"), ("WAIT", "import time; time.sleep(60)")]
)
def test_a_process_that_hangs_is_found(
    limit: str, program: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake = tmp_path / "fake"
    fake.mkdir()
    (fake / "__main__.py").write_text(f"print('engine interp', flush=True)\n{program}\n")
    monkeypatch.setattr(campaign, "__file__", str(fake / "campaign.py"))
    monkeypatch.setattr(campaign, "LOOK", 0.1)
    with campaign.Child() as child:
        lines = child.lines()
        assert next(lines) == "engine interp"  # however long that takes
        monkeypatch.setattr(campaign, limit, 0.8)
        assert list(lines) == []
        assert (child.bad_end() or "").startswith("interp: hangs")


def test_a_busy_machine_makes_no_child_look_hung(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = tmp_path / "fake"
    fake.mkdir()
    (fake / "__main__.py").write_text("import time\ntime.sleep(1)\nprint('engine interp', flush=True)\n")
    monkeypatch.setattr(campaign, "__file__", str(fake / "campaign.py"))
    monkeypatch.setattr(campaign, "LOOK", 0.1)
    monkeypatch.setattr(campaign, "HANG", 0.8)
    with campaign.Child() as child:
        assert list(child.lines()) == ["engine interp"]
        assert child.bad_end() is None
