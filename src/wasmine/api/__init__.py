"""The Python objects that users hold. What is public is what `wasmine` re-exports."""
