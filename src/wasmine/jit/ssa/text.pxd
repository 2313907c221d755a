# SSA as text.

from wasmine.jit.ssa.function cimport SsaFunc

# The function as text: blocks in reverse postorder, which must be known, and values numbered as they appear.
cdef str format_func(SsaFunc* f)

# Fills an empty function from text. Raises SyntaxError.
cdef object parse_func(SsaFunc* f, str text)
