"""The machine-independent part of the JIT below SSA."""
