"""What a user downloads."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.figures.base import Figure, Setting, figure
from bench.peers.base import INSTALLED, ROOT

BINARIES = {"node": "node", "bun": "bun"}


def build_wheel(folder: str) -> Path | None:
    """Build wasmine's wheel; None if that fails."""
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--disable-pip-version-check", "--no-deps"]
    done = subprocess.run(
        [*command, "--no-build-isolation", "-w", folder, str(ROOT)], capture_output=True, check=False
    )
    return next(Path(folder).glob("*.whl"), None) if done.returncode == 0 else None


def newest_wheel() -> Path | None:
    """The wheel that `make wheel` left, if it is not older than the build in place."""
    wheels = sorted((ROOT / "dist").glob("wasmine-*.whl"), key=lambda path: path.stat().st_mtime)
    built = [path.stat().st_mtime for path in (ROOT / "src").rglob("*.so")]
    return wheels[-1] if wheels and wheels[-1].stat().st_mtime >= max(built, default=0) else None


def wheel(setting: Setting) -> Figure:
    rows: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        ours = newest_wheel() or (None if setting.quick else build_wheel(folder))
        rows["wasmine, wheel"] = ours.stat().st_size if ours else "no wheel in dist (`make wheel`)"
    for path in sorted((INSTALLED / "wheels").glob("*.whl")):
        rows[f"{path.name.partition('-')[0]}, wheel"] = path.stat().st_size
    for name in BINARIES:
        if name in setting.runtimes and setting.runtimes[name].worker is not None:
            command = setting.runtimes[name].worker
            assert command is not None
            rows[f"{name}, executable"] = Path(command()[0]).stat().st_size
    return figure("What is downloaded", "bytes", rows)
