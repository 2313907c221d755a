"""Differential fuzzing of wasmine against wasmtime.

Programs are made from seeds, by a generator of our own (`generate.py` and what it is made of), by Binaryen
from random bytes (`binaryen.py`), or by changing a few bytes of valid modules (`mutants.py`). Each runs on
wasmtime and on every engine of wasmine that is asked for (`peer.py`, `ours.py`): what calls give, how they
trap, what host functions see, memories, globals, tables, and the fuel of wasmine's engines must be equal
(`trace.py`, `check.py`). That happens in child processes, so that one that dies or hangs is a finding like
a wrong result (`campaign.py`, `child.py`). What is found is made smaller (`reduce.py`, `cut.py`).
"""
