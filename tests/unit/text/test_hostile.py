"""Whatever the text is: a binary or a TextError, in time linear in its size."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wasmine.text import TextError, parse_module, parse_script
from wasmine.text.keywords import KEYWORDS

N = 40_000

SCRIPT = """
(module (func (export "f"))) (register "m")
(assert_return (invoke "f" (i32.const 1)) (either (ref.null) (f32.const nan:canonical)))
(assert_malformed (module quote "(func") "x") (module definition $d) (module instance $i $d)
(thread $t (shared (module $m)) (invoke "f")) (wait $t)
"""
SEEDS = [SCRIPT, *(path.read_text() for path in sorted((Path(__file__).parent / "modules").glob("*.wat")))]

OTHER = r"""
( ) (@a (@name (@custom (@metadata.code.branch_hint $x $y $"z" 0 1 -1 0x10 1.5 nan:0x1 "s" "\00" (; ;) ;;
offset=1 align=8 \
"""
PIECES = st.one_of(
    st.sampled_from(sorted(KEYWORDS)), st.sampled_from(sorted(OTHER.split())), st.text(max_size=3)
)


def outcome(text: str | bytes) -> None:
    """Parse as a module and as a script, with every module that the script has."""
    try:
        parse_module(text)
    except TextError as error:
        check(error)
    try:
        commands = parse_script(text)
    except TextError:
        return
    for command in commands:
        for source in (getattr(command, "module", None), getattr(command, "action", None)):
            if hasattr(source, "encode") and not isinstance(source, str):
                try:
                    source.encode()  # type: ignore[union-attr]
                except TextError as error:
                    check(error)


def check(error: TextError) -> None:
    assert error.line >= 1
    assert 1 <= error.column <= len(error.source_line) + 1
    assert "^" in str(error)


@given(st.one_of(st.text(), st.binary()))
def test_any_text(text: str | bytes) -> None:
    outcome(text)


@given(st.lists(PIECES, max_size=40))
def test_any_tokens(pieces: list[str]) -> None:
    outcome(" ".join(pieces))


@settings(max_examples=300)
@given(
    st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 12), PIECES), max_size=5)
)
def test_mutated_texts(text: str, changes: list[tuple[int, int, str]]) -> None:
    for place, length, piece in changes:
        at = place % (len(text) + 1)
        text = f"{text[:at]} {piece} {text[at + length :]}"
    outcome(text)


def test_prefixes() -> None:
    for text in SEEDS:
        for end in range(0, len(text), 3):
            outcome(text[:end])


DEEP = {
    "folded": "(func " + "(drop " * N + ")" * N + ")",
    "folded blocks": "(func " + "(block " * N + ")" * N + ")",
    "flat blocks": "(func " + "block " * N + "end " * N + ")",
    "flat ifs": "(func " + "if " * N + "else end " * N + ")",
    "folded ifs": "(func " + "(if (nop) (then " * N + "))" * N + ")",
    "if conditions": "(func " + "(if " * N + "(nop) " + "(then))" * N + ")",
    "folded tries": "(func " + "(try (do " * N + "))" * N + ")",
    "labels": "(func " + "(block $l " * N + "(br $l)" * N + ")" * N + ")",
    "offsets": "(memory 1) (data (offset " + "(i32.add " * N + ")" * N + ') "")',
    "comments": "(; " * N + ";)" * N,
    "many comments": "(; (; ;) ;)" * N,
    "annotations": "(@a " * N + ")" * N,
    "annotated": "(func " + "(@a) nop " * N + ")",
    "either": '(assert_return (invoke "f") ' + "(either " * N + ")" * N + ")",
    "parentheses": "(" * N,
    "closing": ")" * N,
    "quotes": '"' * N,
    "open strings": '"\n' * N,
    "open comments": "(;" * N,
    "one token": "(func $" + "x" * N + ")",
    "reserved": "(func " + 'a"b"' * N + ")",
    "digits": "(func i32.const " + "1" * N + ")",
    "hexadecimal": "(func i64.const 0x" + "1" * N + ")",
    "float": "(func f32.const 1." + "1" * N + ")",
    "exponent": "(func f64.const 0x1p" + "1" * N + ")",
    "offset": "(func i32.load offset=" + "1" * N + ")",
    "escapes": '(data "' + "\\00" * N + '")',
    "escape": '(data "\\u{' + "0" * N + '41}")',
    "functions": "(func)" * N,
    "shared type": "(type (func (param " + "i32 " * 10_000 + "))) " + "(func (type 0))" * 10_000,
    "implied types": "".join(f"(func (param {'i32 ' * (i % 99)}{'i64 ' * (i // 99)}))" for i in range(2000)),
    "names": "".join(f"(func $f{i})" for i in range(N // 4)),
    "locals": "(func (local " + "i32 i64 " * N + "))",
    "catches": "(func (try_table " + "(catch_all 0) " * N + "))",
    "hints": "(func " + '(@metadata.code.branch_hint "\\00") br_if 0 ' * (N // 4) + ")",
    "custom sections": '(@custom "x" "y")' * (N // 4),
    "quoted quotes": '(module quote "(module quote \\"(module quote)\\")")',
    "modules": "(module (func))" * (N // 10),
    "annotated modules": '(module (@name "m") (func))' * (N // 10),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", DEEP)
def test_size_and_depth(name: str) -> None:
    start = time.process_time()
    outcome(DEEP[name])
    # Generous for a busy machine; what is quadratic takes minutes.
    assert time.process_time() - start < 10
