"""WAT to module and back, and WAST scripts (core specification, section 6: Text Format)."""
