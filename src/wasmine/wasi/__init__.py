"""WASI preview 1: lets a program that was compiled for it use arguments, files and clocks, as far as granted.

import wasmine
from wasmine.wasi import WasiConfig, run

config = WasiConfig(args=["app", "-v"], preopens={"/data": "data"}, stdout="inherit")
with wasmine.load("app.wasm", wasi=config) as instance:
    code = run(instance)
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wasmine.wasi.config import WasiConfig as WasiConfig
    from wasmine.wasi.link import define as define
    from wasmine.wasi.link import run as run
    from wasmine.wasi.proc import Exit as Exit

__all__ = ["Exit", "WasiConfig", "define", "run"]

_HOMES = {"Exit": "proc", "WasiConfig": "config", "define": "link", "run": "link"}


def __getattr__(name: str) -> object:
    """Import a public name at its first use: few programs need all, and `dataclasses` takes long."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'wasmine.wasi' has no attribute {name!r}")
    module = __import__(f"wasmine.wasi.{home}", fromlist=[name])
    value: object = getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
