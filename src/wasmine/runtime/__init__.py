"""Store, instances, memories, tables, globals, Wasm stacks and traps (core specification, section 4: Execution)."""
