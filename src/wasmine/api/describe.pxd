# Between the types of the engine and those that users see.

from libc.stdint cimport uint32_t

from wasmine.spec.types cimport RecGroup, TypeDef, TypeRegistry

cdef object describe_value(TypeRegistry registry, uint32_t code)
cdef object describe_func(TypeRegistry registry, TypeDef* definition)
# With `names` (binary/names.py), those that a module gives to its type `index`.
cdef object describe_definition(TypeRegistry registry, uint32_t type_id, object names=*, uint32_t index=*)
cdef object describe_table(TypeRegistry registry, uint32_t element, bint is64, unsigned long long minimum,
                           bint has_max, unsigned long long maximum)
cdef object describe_memory(bint is64, bint shared, uint32_t page_log2, unsigned long long minimum, bint has_max,
                            unsigned long long maximum)

# The code of a value type in `registry`. Raises TypeError when the type belongs to another engine.
cdef uint32_t code_of(TypeRegistry registry, object value_type) except 0
# The group that holds the type of a structure or an array. Raises TypeError when it belongs to another engine.
cdef RecGroup intern_definition(TypeRegistry registry, object definition)
# The group that holds a function type, and the type in it. Keep the group as long as the type is used.
cdef RecGroup intern_func(TypeRegistry registry, object func_type)
cdef TypeDef* def_of(RecGroup group, object func_type) noexcept
