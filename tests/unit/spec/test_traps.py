"""The list of traps, held against itself and against the texts in the official test suite."""

import os
import re
from pathlib import Path

import pytest

from wasmine.spec.traps import BY_CODE, TRAPS

SUITE = Path(
    os.environ.get("WASMINE_TESTSUITE", Path(__file__).resolve().parents[4] / "shared" / "testsuite")
)

# The text that ends an assertion: the last string before its closing parenthesis, on the same line.
EXPECTATION = re.compile(r'\(assert_(?:trap|exhaustion)\b[^\n]*"([^"\n]*)"\)')


def test_codes_count_from_one_and_fit_a_byte() -> None:
    assert [trap.code for trap in TRAPS] == list(range(1, len(TRAPS) + 1))
    assert len(TRAPS) < 0x100
    assert {trap.code: trap for trap in TRAPS} == BY_CODE


def test_names_and_texts_are_unique() -> None:
    assert len({trap.name for trap in TRAPS}) == len(TRAPS)
    assert len({trap.text for trap in TRAPS}) == len(TRAPS)
    assert all(trap.name.isidentifier() and trap.name.isupper() for trap in TRAPS)


def test_every_text_of_the_official_suite_is_listed() -> None:
    files = [*SUITE.glob("*.wast"), *SUITE.glob("legacy/*.wast")]
    files += [path for name in ("threads", "wide-arithmetic", "custom-page-sizes")
              for path in (SUITE / "proposals" / name).rglob("*.wast")]  # fmt: skip
    if not files:
        pytest.skip("the official test suite is not there: set WASMINE_TESTSUITE")
    expected = {text for path in files for text in EXPECTATION.findall(path.read_text("utf-8", "replace"))}
    assert "out of bounds memory access" in expected
    # The suite may say more than the message, such as the index of an element.
    texts = tuple(trap.text for trap in TRAPS)
    assert {text for text in expected if not text.startswith(texts)} == set()
