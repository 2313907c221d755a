"""The official test suite: every script, on every tier.

It is expected beside the checkout, in `../shared/testsuite`, or where $WASMINE_TESTSUITE says.
"""

import os
from pathlib import Path

import pytest

from wasmine.api.config import Config
from wasmine.script import config_for, run_script

ROOT = Path(os.environ.get("WASMINE_TESTSUITE", Path(__file__).resolve().parents[3] / "shared/testsuite"))
EXCLUDED = "proposals/custom-descriptors/"  # no part of what wasmine implements

_GC = "structures, arrays and i31 have no Python objects yet that a result could be held against"
EXPECTED_FAILURES = {
    "array.wast": _GC,
    "array_new_data.wast": _GC,
    "array_new_elem.wast": _GC,
    "extern.wast": _GC,
    "i31.wast": _GC,
    "struct.wast": _GC,
}
"""Scripts that fail, and why. One that passes must leave this table, so it can only shrink."""


def scripts() -> list[object]:
    names = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.wast"))
    found: list[object] = []
    for name in names:
        if name.startswith(EXCLUDED):
            continue
        reason = EXPECTED_FAILURES.get(name)
        marks = [] if reason is None else [pytest.mark.xfail(reason=reason, strict=True)]
        found.append(pytest.param(name, marks=marks, id=name))
    reason = f"the official test suite is not in {ROOT}; set WASMINE_TESTSUITE to where it is"
    return found or [pytest.param("", marks=pytest.mark.skip(reason=reason), id="missing")]


@pytest.mark.parametrize("name", scripts())
def test_script(name: str, config: Config) -> None:
    outcome = run_script((ROOT / name).read_bytes(), name, config=config_for(name, config))
    failures = [f"{name}:{failure.line}: {failure.reason}" for failure in outcome.failures]
    assert not failures, "\n".join(failures)
    assert outcome.passed
