"""Repetition that gives nothing back, for patterns whose time must not grow with what they could try."""

import sys
from typing import Final

OLD: Final = sys.version_info < (3, 11, 5)
"""Whether `re` matches wrongly where a group repeats possessively and has to go back inside (gh-106052)."""


def possessive(group: str, sign: str, old: bool = OLD) -> str:
    """The pattern of a group that repeats, `sign` being "*" or "+"; its own alternatives may go back."""
    return f"(?>{group}{sign})" if old else f"{group}{sign}+"
