"""What WebAssembly is: opcodes, types, features, limits and traps. Imports nothing above it."""
