"""Store, instances, memories, tables, globals, stacks and traps (core specification, section 4)."""
