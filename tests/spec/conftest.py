"""How scripts are run: once on each tier. Where wasmine's own scripts are."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from wasmine.api.config import Config

CONFIGS = {
    "interp": Config(tier="interp"),
    "jit": Config(tier="jit"),
    "auto": Config(tier="auto", tier_up=(2, 2), compile_threads=0),
}
"""With `auto`, functions and loops go over to native code in the middle of what scripts do."""
TOOLS = Path(__file__).resolve().parents[2] / "tools"
WRITTEN = Path(__file__).parent / "scripts"


@pytest.fixture(params=CONFIGS)
def config(request: pytest.FixtureRequest) -> Config:
    return CONFIGS[request.param]


def own_scripts() -> dict[str, Callable[[], str]]:
    """wasmine's scripts by name: those in files, and those that `tools/conformance` makes."""
    sys.path.insert(0, str(TOOLS))
    try:
        from conformance import SCRIPTS
    finally:
        sys.path.remove(str(TOOLS))
    found: dict[str, Callable[[], str]] = {
        f"{path.stem}.wast": path.read_text for path in sorted(WRITTEN.glob("*.wast"))
    }
    return found | {f"generated/{name}.wast": make for name, make in SCRIPTS.items()}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "own_script" in metafunc.fixturenames:
        scripts = own_scripts()
        metafunc.parametrize("own_script", scripts.values(), ids=scripts.keys())


@pytest.fixture(scope="session")
def all_own_scripts() -> dict[str, str]:
    return {name: make() for name, make in own_scripts().items()}
