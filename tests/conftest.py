"""Settings for all tests."""

import os
import signal
from typing import Any

import pytest
from hypothesis import settings

from wasmine.api import engine
from wasmine.api.config import Config

# Time limits belong to the tests that measure time: a loaded machine is no failure. The same examples each
# time.
settings.register_profile("wasmine", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("wasmine")

# The compiler looks at what each of its passes leaves, in the processes that tests start, too.
os.environ["WASMINE_VERIFY"] = "1"

# A shell that starts the tests in the background ignores Ctrl-C for them, and so would all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

TIERS: dict[str, dict[str, Any]] = {
    "auto": {},
    "interp": {"tier": "interp"},
    "jit": {"tier": "jit"},
    "at-once": {"tier_up": (1, 1), "compile_threads": 0},
    "loops": {"tier_up": ((1 << 31) - 1, 1), "compile_threads": 0},
    "thread": {"tier_up": (1, 1)},
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--tier",
        choices=TIERS,
        default="auto",
        help="how functions run where a test does not say: as for users; interpreted; compiled at the first "
        "call; compiled at once after it was interpreted; entered in each loop; compiled by the thread",
    )


def pytest_configure(config: pytest.Config) -> None:
    settings = TIERS[config.getoption("--tier")]
    if "WASMINE_EMULATED" in os.environ:
        # qemu deals with each page of the 8 GiB of a guarded memory, and that took more time than all else.
        # Tests that choose a tier, as those of generated code do, have guards.
        settings = settings | {"guard": False}
    if settings:
        engine._default = engine.engine_for(Config(**settings))
