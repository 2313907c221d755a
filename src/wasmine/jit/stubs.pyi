def install() -> bool:
    """Makes Wasm run on stacks of its own; False where it goes on running on the thread's stack."""
