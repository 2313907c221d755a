"""The type checker (core specification, section 3: Validation)."""
