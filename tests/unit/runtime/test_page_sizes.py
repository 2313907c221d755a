"""All goes well where pages are larger than 4 KiB.

A library that is loaded first stands for such a system: it says how large pages are, and treats memory by
whole pages. An address that is not the start of one is refused, and reported.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LARGE_PAGES = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define REAL(name, result, ...) ((result (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))

static size_t page(void) {
    static size_t size;
    return size ? size : (size = strtoul(getenv("LARGE_PAGE"), NULL, 10));
}
static size_t whole(size_t size) { return (size + page() - 1) & ~(page() - 1); }
static int is_page(const char *who, const void *at) {
    if (((uintptr_t)at & (page() - 1)) == 0)
        return 1;
    fprintf(stderr, "not a page: %s\n", who);
    errno = EINVAL;
    return 0;
}

long sysconf(int name) {
    return name == _SC_PAGESIZE ? (long)page() : REAL("sysconf", long, int)(name);
}
void *mmap(void *at, size_t size, int protection, int flags, int file, off_t offset) {
    char *got;
    size_t before;
    if (flags & MAP_FIXED && !is_page("mmap", at))
        return MAP_FAILED;
    size = whole(size);
    if (flags & MAP_FIXED)
        return REAL("mmap", void *, void *, size_t, int, int, int, off_t)(
            at, size, protection, flags, file, offset);
    got = REAL("mmap", void *, void *, size_t, int, int, int, off_t)(
        NULL, size + page(), protection, flags, file, offset);
    if (got == MAP_FAILED)
        return got;
    before = whole((uintptr_t)got) - (uintptr_t)got;
    if (before)
        REAL("munmap", int, void *, size_t)(got, before);
    if (page() - before)
        REAL("munmap", int, void *, size_t)(got + before + size, page() - before);
    return got + before;
}
void *mmap64(void *at, size_t size, int protection, int flags, int file, off_t offset)
    __attribute__((alias("mmap")));
int munmap(void *at, size_t size) {
    return is_page("munmap", at) ? REAL("munmap", int, void *, size_t)(at, whole(size)) : -1;
}
int mprotect(void *at, size_t size, int protection) {
    if (!is_page("mprotect", at))
        return -1;
    return REAL("mprotect", int, void *, size_t, int)(at, whole(size), protection);
}
int madvise(void *at, size_t size, int advice) {
    return is_page("madvise", at) ? REAL("madvise", int, void *, size_t, int)(at, whole(size), advice) : -1;
}
void *mremap(void *old, size_t size, size_t new_size, int flags, ...) {
    va_list rest;
    void *place;
    va_start(rest, flags);
    place = flags & MREMAP_FIXED ? va_arg(rest, void *) : NULL;
    va_end(rest);
    if (!is_page("mremap from", old) || (place && !is_page("mremap to", place)))
        return MAP_FAILED;
    return REAL("mremap", void *, void *, size_t, size_t, int, ...)(
        old, whole(size), whole(new_size), flags, place);
}
"""

MODULE = """
(module
  (memory (export "memory") 1 4)
  (type $pair (struct (field i32) (field (ref null $pair))))
  (global $kept (mut (ref null $pair)) (ref.null $pair))
  (func (export "store") (param i32 i64) (i64.store (local.get 0) (local.get 1)))
  (func (export "grow") (result i32) (memory.grow (i32.const 1)))
  (func $deep (export "deep") (param i32) (result i32)
    (i32.add (call $deep (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
  (func (export "make") (param $n i32)
    (loop $next
      (global.set $kept (struct.new $pair (local.get $n) (global.get $kept)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func (export "forget") (global.set $kept (ref.null $pair))))
"""

PROGRAM = f"""
import wasmine
for tier in ("jit", "interp"):
    for guard in (True, False):
        engine = wasmine.Engine(wasmine.Config(tier=tier, guard=guard))
        for _ in range(3):  # the memory of one is used by the next
            module = wasmine.Module(engine, '''{MODULE}''')
            with wasmine.Store(engine) as store:
                exports = wasmine.Linker(engine).instantiate(store, module).exports
                for pages in range(1, 4):
                    end = pages * 65536
                    exports.store(end - 8, -1)
                    assert bytes(exports.memory[end - 9 : end]) == b"\\0" + b"\\xff" * 8
                    try:
                        exports.store(end - 7, 0)
                    except wasmine.Trap as trap:
                        assert "out of bounds" in str(trap)
                    else:
                        raise AssertionError("no trap")
                    assert exports.grow() == pages
                try:
                    exports.deep(0)
                except wasmine.Trap as trap:
                    assert "stack" in str(trap)
                exports.make(1_000_000)
                exports.forget()
                store.gc()
                exports.make(1000)
print("done")
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which(os.environ.get("CC", "cc").split()[-1])
    if compiler is None or sys.platform != "linux":
        pytest.skip("a library that is loaded first: needs a C compiler and Linux")
    folder = tmp_path_factory.mktemp("library")
    source = folder / "pages.c"
    source.write_text(LARGE_PAGES)
    library = folder / "pages.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source], check=True)
    return library


@pytest.mark.parametrize("page", [4096, 16384, 65536])
def test_pages(library: Path, page: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | {"LD_PRELOAD": str(library), "LARGE_PAGE": str(page)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")
