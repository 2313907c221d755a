def access(
    opcode: int,
    memory: bytearray,
    address: int,
    first: bytes = b"",
    second: bytes = b"",
    *,
    offset: int = 0,
    lane: int = 0,
    shared: bool = False,
    stopped: bool = False,
) -> tuple[int, bytes]: ...
