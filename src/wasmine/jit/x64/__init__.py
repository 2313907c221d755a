"""The machine-dependent part of the JIT for x86-64."""
