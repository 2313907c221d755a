"""Bytes to module description and back (core specification, section 5: Binary Format)."""
