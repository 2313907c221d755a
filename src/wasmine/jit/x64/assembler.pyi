def encode(name: str, *operands: int) -> bytes:
    """The bytes of one instruction, for tests; ValueError for an unknown name."""
