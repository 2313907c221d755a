"""Modules that use what is switched off."""

from wasmine.binary.module import ModuleData

def restrict(module: ModuleData, disabled: frozenset[str]) -> None: ...
