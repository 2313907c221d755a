"""Executable memory, written before it may run and never after (W^X)."""

import cython
from cython.cimports.libc.stdint import uint8_t
from cython.cimports.libc.stdlib import free, malloc
from cython.cimports.libc.string import memcpy
from cython.cimports.wasmine.jit.codespace import CodeBlock
from cython.cimports.wasmine.runtime.clib import (
    MAP_ANONYMOUS,
    MAP_FAILED,
    MAP_PRIVATE,
    PROT_EXEC,
    PROT_READ,
    PROT_WRITE,
    mmap,
    mprotect,
    munmap,
)


@cython.final
@cython.no_gc
@cython.cclass
class CodeSpace:
    """Executable memory; see codespace.pxd."""

    def __dealloc__(self) -> None:
        block: cython.pointer[CodeBlock]
        while self.blocks != cython.NULL:
            block = self.blocks
            self.blocks = block.next
            munmap(block.map, block.size)
            free(block)

    @cython.cfunc
    def publish(self, bytes: cython.pointer[cython.const[uint8_t]], size: cython.size_t) -> cython.p_void:
        block: cython.pointer[CodeBlock] = cython.cast(
            cython.pointer[CodeBlock], malloc(cython.sizeof(CodeBlock))
        )
        if block == cython.NULL:
            raise MemoryError
        block.size = (size + 4095) & ~cython.cast(cython.size_t, 4095)
        block.map = mmap(cython.NULL, block.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        if block.map == MAP_FAILED:
            free(block)
            raise OSError("no memory for machine code")
        memcpy(block.map, bytes, size)
        if mprotect(block.map, block.size, PROT_READ | PROT_EXEC) != 0:
            munmap(block.map, block.size)
            free(block)
            raise OSError("the system does not let memory become executable")
        block.next = self.blocks
        self.blocks = block
        return block.map
