from wasmine.binary.module cimport ModuleData

# Raises InvalidError or MalformedError unless the decoded module is valid.
cpdef object validate(ModuleData module)
