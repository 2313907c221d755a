"""The plain loads and stores of ARM64; see backend/accesses.pxd."""

import cython
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.accesses import ACCESSES
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


@cython.cfunc
@cython.exceptval(check=False)
def put(access: cython.uint, load: cython.uint, store: cython.uint) -> cython.void:
    ACCESSES.load[access] = load
    ACCESSES.store[access] = store


put(ACCESS_8, a.A_LDRB, a.A_STRB)
put(ACCESS_16, a.A_LDRH, a.A_STRH)
put(ACCESS_32, a.A_LDR32, a.A_STR32)
put(ACCESS_64, a.A_LDR64, a.A_STR64)
put(ACCESS_F32, a.A_LDR_S, a.A_STR_S)
put(ACCESS_F64, a.A_LDR_D, a.A_STR_D)
put(ACCESS_V128, a.A_LDR_Q, a.A_STR_Q)
ACCESSES.load[ACCESS_S8_32] = a.A_LDRSB32
ACCESSES.load[ACCESS_S8_64] = a.A_LDRSB64
ACCESSES.load[ACCESS_S16_32] = a.A_LDRSH32
ACCESSES.load[ACCESS_S16_64] = a.A_LDRSH64
ACCESSES.load[ACCESS_S32_64] = a.A_LDRSW
