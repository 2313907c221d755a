# What the system wants before memory may run as code: how it is mapped, written, and told to the caches.
#
# Two ways. Where pages change from writable to executable (Linux), code comes to run by mprotect and mremap. Where a thread changes
# instead (Apple silicon: the mapping is of a kind of its own, and each thread may either write or run what is in it), by that.

from libc.stdint cimport uint8_t

cdef extern from * nogil:
    """
    #include <stddef.h>
    #include <stdint.h>
    #include <sys/mman.h>
    #include <unistd.h>

    #if defined(__APPLE__) && defined(__aarch64__)
    #include <libkern/OSCacheControl.h>
    #include <pthread.h>
    #define WASMINE_THREADS_TOGGLE 1
    #define WASMINE_CODE_PROTECTION (PROT_READ | PROT_WRITE | PROT_EXEC)
    #define WASMINE_CODE_FLAGS (MAP_PRIVATE | MAP_ANON | MAP_JIT)
    #define wasmine_let_thread_write(writes) pthread_jit_write_protect_np(!(writes))
    #else
    #define WASMINE_THREADS_TOGGLE 0
    #define WASMINE_CODE_PROTECTION PROT_NONE
    #define WASMINE_CODE_FLAGS (MAP_PRIVATE | MAP_ANON | MAP_NORESERVE)
    #define wasmine_let_thread_write(writes) ((void)(writes))
    #endif

    #if defined(__linux__) && defined(__aarch64__)
    #include <errno.h>
    #include <linux/membarrier.h>
    #include <sys/syscall.h>

    /* A core may have fetched instructions from what were other bytes: each runs a barrier, at once or before it runs us again. */
    static void wasmine_refetch(void) {
        if (syscall(__NR_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0) != 0 && errno == EPERM
            && syscall(__NR_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0) == 0)
            syscall(__NR_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0);
    }
    #else
    #define wasmine_refetch() ((void)0)
    #endif

    /* Memory that was written goes the way of data; instructions are fetched another way, but on x86-64. */
    static inline void wasmine_see_code(uint8_t *start, size_t size) {
    #if defined(__APPLE__) && defined(__aarch64__)
        sys_icache_invalidate(start, size);
    #else
        __builtin___clear_cache((char *)start, (char *)start + size);
    #endif
        wasmine_refetch();
    }
    """
    # Whether threads toggle; then `let_thread_write` says what this one may do.
    bint THREADS_TOGGLE "WASMINE_THREADS_TOGGLE"
    int CODE_PROTECTION "WASMINE_CODE_PROTECTION"
    int CODE_FLAGS "WASMINE_CODE_FLAGS"
    void let_thread_write "wasmine_let_thread_write"(bint writes)
    # Makes sure that what is written there is what is run.
    void see_code "wasmine_see_code"(uint8_t* start, size_t size)
