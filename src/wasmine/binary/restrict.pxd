# Refuses modules that use features which are switched off.

from wasmine.binary.module cimport ModuleData

cpdef object restrict(ModuleData module, frozenset disabled)
