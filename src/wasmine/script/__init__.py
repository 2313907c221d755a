"""Running WAST scripts: the format of the official test suite."""

from wasmine.script.runner import Failure, Outcome, run_script

__all__ = ["Failure", "Outcome", "run_script"]
