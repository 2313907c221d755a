"""`wasmine features`: the features of WebAssembly."""

from __future__ import annotations

from wasmine.cli.errors import UsageError
from wasmine.cli.options import FLAG, parse_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

HELP = """\
List the features of WebAssembly, each with the version of the standard that has it and the number of its
instructions.

usage: wasmine features [--json]
"""


def main(arguments: list[str]) -> int:
    """Run the command."""
    options, rest = parse_options(arguments, {"--help": FLAG, "-h": FLAG, "--json": FLAG}, anywhere=True)
    if "help" in options or "h" in options:
        print(HELP, end="")
        return 0
    if rest:
        raise UsageError(f"unexpected argument {rest[0]}")
    rows = features()
    if "json" in options:
        import json

        print(json.dumps(rows, indent=2))
        return 0
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        count = row["instructions"]
        number = f"{count:4}" if count else "   -"
        print(f"{row['name']:{width}}  {row['standard']:8}  {number}  {row['description']}")
    return 0


def features() -> list[dict[str, Any]]:
    """Return the features in the table's order."""
    from wasmine.spec.features import FEATURES
    from wasmine.spec.opcodes import OPS

    counts: dict[str, int] = {}
    for op in OPS:
        counts[op.feature] = counts.get(op.feature, 0) + 1
    return [
        {
            "name": feature.name,
            "title": feature.title,
            "standard": feature.standard,
            "instructions": counts.get(feature.name, 0),
            "description": feature.description,
        }
        for feature in FEATURES.values()
    ]
