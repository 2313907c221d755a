# The code of one module, shared by all its instances in all stores.

cimport cython
from libc.stdint cimport uint32_t

from wasmine.binary.module cimport ModuleData
from wasmine.runtime.vm cimport ModuleCode

@cython.final
cdef class ModuleCodeCore:
    # ModuleCodeCore(data, metered=False). IrFunc.code and .offsets are malloc'ed by the lowering, freed here.
    cdef ModuleCode code
    cdef readonly ModuleData data
    cdef dict export_index          # name -> position in desc.exports

    cdef dict exported_funcs        # function index -> name of its first export; None until a name is asked for
    cdef public object native        # what owns its native code and compiles it, or None
    cdef object names               # the name section (binary/names.py)

    cdef int index_exports(self) except -1
    cdef int index_funcs(self) except -1
    cdef str func_name(self, uint32_t index)    # from the name section, an export, or "func[index]"
