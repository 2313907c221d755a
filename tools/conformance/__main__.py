"""`python tools/conformance DIRECTORY`: write all scripts."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from conformance import SCRIPTS


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: python tools/conformance DIRECTORY", file=sys.stderr)
        return 2
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for name, make in SCRIPTS.items():
        (directory / f"{name}.wast").write_text(make())
    return 0


if __name__ == "__main__":
    sys.exit(main())
