"""WAT to module and back, and WAST scripts (core specification, section 6: Text Format)."""

from wasmine.text.errors import TextError
from wasmine.text.parser import parse_module
from wasmine.text.script import parse_script

__all__ = ["TextError", "parse_module", "parse_script"]
