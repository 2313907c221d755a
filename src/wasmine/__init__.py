"""wasmine: a small, fast and safe WebAssembly runtime for Python."""

__version__ = "0.1.0"
