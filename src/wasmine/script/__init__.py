"""Running WAST scripts: the format of the official test suite."""

from wasmine.script.runner import Failure, Outcome, config_for, run_script

__all__ = ["Failure", "Outcome", "config_for", "run_script"]
