"""WAT to module and back, and WAST scripts (core specification, section 6: Text Format)."""

from wasmine.text.errors import TextError
from wasmine.text.parser import parse_module
from wasmine.text.script import parse_script

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wasmine.text.printer import print_module

__all__ = ["TextError", "parse_module", "parse_script", "print_module"]


def __getattr__(name: str) -> object:
    # The parser's users need no printer.
    if name == "print_module":
        from wasmine.text.printer import print_module

        return print_module
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
