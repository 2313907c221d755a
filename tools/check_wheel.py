"""Holds a wheel to what it may contain and weigh: `python tools/check_wheel.py dist/*.whl`.

Every compiled module is in the one extension and not there as source, so a missing one is an ImportError
and nothing else; no declarations of C, no tests. Exits 1 with a line for each fault.
"""

import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).resolve().parent.parent
MOST_BYTES = 1_400_000


def faults(wheel: Path) -> Iterator[str]:
    """What is wrong with a wheel, a line for each."""
    module = runpy.run_path(str(ROOT / "src/wasmine/_compiled.py"))
    stems = {name.replace(".", "/") for name in module["COMPILED"]}
    with ZipFile(wheel) as archive:
        names = archive.namelist()
        extensions = [name for name in names if name.endswith((".so", ".pyd"))]
        core = b"".join(archive.read(name) for name in extensions)
    if [name.partition(".")[0] for name in extensions] != ["wasmine/_core"]:
        yield f"{', '.join(extensions) or 'no extension'}: it has to be _core, and that alone"
    for name in module["COMPILED"]:
        if f"PyInit_{module['symbol'](name)}\0".encode() not in core:
            yield f"{name}: the extension does not have it"
    for name in names:
        if name.endswith((".pxd", ".c")) or (name.endswith(".py") and name[:-3] in stems):
            yield f"{name}: does not belong into a wheel"
        elif not name.startswith(("wasmine/", "wasmine-")):
            yield f"{name}: is not part of the package"
    if "wasmine/py.typed" not in names:
        yield "wasmine/py.typed: missing"
    if wheel.stat().st_size > MOST_BYTES:
        yield f"{wheel.stat().st_size} bytes; at most {MOST_BYTES} are wanted"


def main(wheels: list[str]) -> int:
    found = [f"{wheel}: {fault}" for wheel in wheels for fault in faults(Path(wheel))]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
