"""A module's binary to its text (core specification, section 6), the inverse of the parser.

The text parses back to the same bytes. What the bytes may say in several ways, and the text in only one,
comes back in the parser's way:

    - LEB128 integers that are longer than needed get their shortest encoding;
    - empty sections are dropped, and so are local declarations of no locals; neighbouring declarations of
      locals of the same type are joined;
    - `(ref null ht)` of an abstract heap type, and `(sub final)` without a supertype, get their short
      encodings;
    - an explicit memory 0 of an access or a data segment is left out.

Everything else is kept: the order and place of custom sections, the section of names even where it is
damaged, branch hints, and a data count section that nothing needs, for which the annotation `(@datacount)`
stands.
"""

from wasmine.text.printer.module import print_module

__all__ = ["print_module"]
