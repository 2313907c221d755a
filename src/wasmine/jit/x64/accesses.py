"""The plain loads and stores of x86-64; see backend/accesses.pxd."""

import cython
from cython.cimports.wasmine.jit.backend.accesses import (
    ACCESS_8,
    ACCESS_16,
    ACCESS_32,
    ACCESS_64,
    ACCESS_F32,
    ACCESS_F64,
    ACCESS_S8_32,
    ACCESS_S8_64,
    ACCESS_S16_32,
    ACCESS_S16_64,
    ACCESS_S32_64,
    ACCESS_V128,
)
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.accesses import ACCESSES


@cython.cfunc
@cython.exceptval(check=False)
def put(access: cython.uint, load: cython.uint, store: cython.uint) -> cython.void:
    ACCESSES.load[access] = load
    ACCESSES.store[access] = store


put(ACCESS_8, x.X_MOVZX8, x.X_STORE8)
put(ACCESS_16, x.X_MOVZX16, x.X_STORE16)
put(ACCESS_32, x.X_MOV32, x.X_STORE32)
put(ACCESS_64, x.X_MOV64, x.X_STORE64)
put(ACCESS_F32, x.X_MOVSS, x.X_STORESS)
put(ACCESS_F64, x.X_MOVSD, x.X_STORESD)
put(ACCESS_V128, x.X_MOVUPS, x.X_STOREUPS)
ACCESSES.load[ACCESS_S8_32] = x.X_MOVSX832
ACCESSES.load[ACCESS_S8_64] = x.X_MOVSX864
ACCESSES.load[ACCESS_S16_32] = x.X_MOVSX1632
ACCESSES.load[ACCESS_S16_64] = x.X_MOVSX1664
ACCESSES.load[ACCESS_S32_64] = x.X_MOVSXD
