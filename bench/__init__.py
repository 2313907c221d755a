"""Benchmarks: wasmine and its peers in one run, with ratios. `python -m bench [NAME ...]`."""
