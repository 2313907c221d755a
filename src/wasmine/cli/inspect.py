"""`wasmine inspect`: what a module imports, exports and contains."""

from __future__ import annotations

from wasmine.cli.errors import UsageError, printable
from wasmine.cli.loading import load_module
from wasmine.cli.options import FLAG, parse_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from wasmine.api.module import Module

HELP = """\
Show what a module imports, exports and contains.

usage: wasmine inspect [--json] FILE
"""

KINDS = {
    "FuncType": "func",
    "TableType": "table",
    "MemoryType": "memory",
    "GlobalType": "global",
    "TagType": "tag",
}


def main(arguments: list[str]) -> int:
    """Run the command."""
    options, files = parse_options(arguments, {"--help": FLAG, "-h": FLAG, "--json": FLAG}, anywhere=True)
    if "help" in options or "h" in options:
        print(HELP, end="")
        return 0
    if len(files) != 1:
        raise UsageError("inspect takes one FILE")
    found = describe(load_module(files[0]), files[0])
    if "json" in options:
        import json

        print(json.dumps(found, indent=2))
    else:
        print_module(found)
    return 0


def describe(module: Module, path: str) -> dict[str, Any]:
    """Return what there is to say about a module, ready for JSON."""
    from wasmine.cli.sections import sections

    return {
        "file": path,
        "name": module.name,
        "size": len(module.data),
        "imports": [
            {"module": one.module, "name": one.name, "kind": kind_of(one.type), "type": str(one.type)}
            for one in module.imports
        ],
        "exports": [
            {"name": one.name, "kind": kind_of(one.type), "type": str(one.type)} for one in module.exports
        ],
        "sections": [
            {"name": one.name, "custom": one.number == 0, "offset": one.offset, "size": one.size}
            for one in sections(module.data)
        ],
    }


def kind_of(described: object) -> str:
    """Return the kind of an external type, in the words of the text format."""
    return KINDS[type(described).__name__]


def print_module(found: dict[str, Any]) -> None:
    """Print a description for people."""
    name = f" ({printable(found['name'])})" if found["name"] else ""
    print(f"{found['file']}{name}: {found['size']} bytes")
    for key in ("imports", "exports"):
        labels = [
            printable(f"{one['module']}.{one['name']}" if key == "imports" else one["name"])
            for one in found[key]
        ]
        width = min(max(map(len, labels), default=0), 60)
        print(f"\n{key}: {len(labels) or 'none'}")
        for one, label in zip(found[key], labels, strict=True):
            print(f"  {one['kind']:6}  {label:{width}}  {one['type']}")
    print(f"\nsections: {len(found['sections']) or 'none'}")
    for one in found["sections"]:
        kind = "custom" if one["custom"] else ""
        print(f"  {one['offset']:#10x}  {one['size']:10} bytes  {printable(one['name']):12} {kind}".rstrip())
