"""Benchmarks: wasmine and its peers in one run, in turn, results checked. See `python -m bench --help`."""
