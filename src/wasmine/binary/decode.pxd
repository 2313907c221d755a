# A module from its bytes.

from wasmine.binary.module cimport ModuleData
from wasmine.spec.types cimport TypeRegistry

cpdef ModuleData decode(bytes data, TypeRegistry registry)
