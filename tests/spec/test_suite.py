"""The official test suite: every script, on every tier.

It is expected beside the checkout, in `../shared/testsuite`, or where $WASMINE_TESTSUITE says.
"""

import os
import platform
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from wasmine.api.config import Config
from wasmine.jit.x64.features import limit_features
from wasmine.script import config_for, run_script

ROOT = Path(os.environ.get("WASMINE_TESTSUITE", Path(__file__).resolve().parents[3] / "shared/testsuite"))
EXCLUDED = "proposals/custom-descriptors/"  # no part of what wasmine implements

EXPECTED_FAILURES: dict[str, str] = {}
"""Scripts that fail, and why. One that passes must leave this table, so it can only shrink."""


def scripts(choose: Callable[[str], bool] = lambda name: True) -> list[object]:
    names = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.wast"))
    found: list[object] = []
    for name in names:
        if name.startswith(EXCLUDED) or not choose(name):
            continue
        reason = EXPECTED_FAILURES.get(name)
        marks = [] if reason is None else [pytest.mark.xfail(reason=reason, strict=True)]
        found.append(pytest.param(name, marks=marks, id=name))
    reason = f"the official test suite is not in {ROOT}; set WASMINE_TESTSUITE to where it is"
    return found or [pytest.param("", marks=pytest.mark.skip(reason=reason), id="missing")]


def mentions_objects(name: str) -> bool:
    """Whether a script makes objects that the collector looks after."""
    text = (ROOT / name).read_bytes()
    return any(word in text for word in (b"struct", b"array.", b"i31", b"exnref", b"throw", b"externref"))


@pytest.mark.parametrize("name", scripts())
def test_script(name: str, config: Config) -> None:
    outcome = run_script((ROOT / name).read_bytes(), name, config=config_for(name, config))
    failures = [f"{name}:{failure.line}: {failure.reason}" for failure in outcome.failures]
    assert not failures, "\n".join(failures)
    assert outcome.passed


@pytest.mark.parametrize("name", scripts(mentions_objects))
def test_script_with_a_collection_at_every_allocation(name: str, config: Config) -> None:
    test_script(name, replace(config, gc_stress=True))


PROCESSORS = {"first": [], "sse4.1": ["sse4.1"], "avx": ["sse4.1", "sse4.2", "avx"]}
"""Features of older processors, of which each has instructions for some of what the newer ones have."""


def computes(name: str) -> bool:
    pattern = r"([if](32|64)|conversions|float_misc|simd_\w*(_arith|_lane|conv|trunc)\w*)\.wast"
    return re.match(pattern, name) is not None


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="these are processors of x86-64")
@pytest.mark.parametrize("features", PROCESSORS.values(), ids=PROCESSORS)
@pytest.mark.parametrize("name", scripts(computes))
def test_script_on_an_older_processor(name: str, features: list[str]) -> None:
    limit_features(features)
    try:
        test_script(name, Config(tier="jit"))
    finally:
        limit_features()
