"""WASI preview 1."""
