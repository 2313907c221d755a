"""The register IR that the interpreter runs and the JIT reads."""
