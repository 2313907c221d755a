"""A module from its bytes."""

from wasmine.binary.module import ModuleData
from wasmine.spec.types import TypeRegistry

def decode(data: bytes, registry: TypeRegistry) -> ModuleData: ...
