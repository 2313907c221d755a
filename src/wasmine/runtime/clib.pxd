# What the run time needs of C, the operating system and CPython beyond Cython's own declarations.

from cpython.object cimport PyObject
from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t

cdef extern from "<sys/mman.h>" nogil:
    void* mmap(void* addr, size_t length, int prot, int flags, int fd, long offset)
    int munmap(void* addr, size_t length)
    int mprotect(void* addr, size_t length, int prot)
    int madvise(void* addr, size_t length, int advice)
    void* MAP_FAILED
    int PROT_NONE, PROT_READ, PROT_WRITE, PROT_EXEC
    int MAP_PRIVATE, MAP_ANONYMOUS, MAP_NORESERVE
    int MADV_DONTNEED

cdef extern from *:
    """
    #include <unistd.h>

    static inline size_t wasmine_page_size(void) {
        long size = sysconf(_SC_PAGESIZE);
        return size > 0 ? (size_t)size : 65536;
    }
    """
    # 4, 16 or 64 KiB.
    size_t page_size "wasmine_page_size"() nogil

cdef extern from *:
    """
    #ifndef MADV_HUGEPAGE
    #define MADV_HUGEPAGE MADV_NORMAL
    #endif
    """
    int MADV_HUGEPAGE

cdef extern from *:
    """
    /* Of Linux. Elsewhere, pages are not shared by pieces of code. */
    #ifdef __linux__
    extern void *mremap(void *, size_t, size_t, int, ...);
    #ifndef MREMAP_MAYMOVE
    #define MREMAP_MAYMOVE 1
    #define MREMAP_FIXED 2
    #endif
    #else
    #define MREMAP_MAYMOVE 0
    #define MREMAP_FIXED 0
    #define mremap(old, size, new_size, flags, where) MAP_FAILED
    #endif
    """
    void* mremap(void* old, size_t size, size_t new_size, int flags, void* where) nogil
    int MREMAP_MAYMOVE, MREMAP_FIXED

cdef extern from *:
    """
    #include <stdint.h>
    #include <time.h>

    static inline int64_t wasmine_monotonic_ns(void) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    }
    """
    int64_t monotonic_ns "wasmine_monotonic_ns"() nogil

cdef extern from *:
    """
    #include <pthread.h>

    /* The lowest address of this thread's stack, or NULL when the system does not tell. */
    static inline void *wasmine_thread_stack_low(void) {
    #ifdef __APPLE__
        pthread_t self = pthread_self();
        return (char *)pthread_get_stackaddr_np(self) - pthread_get_stacksize_np(self);
    #else
        pthread_attr_t attributes;
        void *low = NULL;
        size_t size = 0;
        if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
            if (pthread_attr_getstack(&attributes, &low, &size) != 0)
                low = NULL;
            pthread_attr_destroy(&attributes);
        }
        return low;
    #endif
    }
    """
    void* thread_stack_low "wasmine_thread_stack_low"() nogil

cdef extern from * nogil:
    int ATOMIC_ACQUIRE "__ATOMIC_ACQUIRE"
    int ATOMIC_RELEASE "__ATOMIC_RELEASE"
    int ATOMIC_SEQ_CST "__ATOMIC_SEQ_CST"
    void* atomic_exchange_pointer "__atomic_exchange_n"(void** where, void* value, int order)
    uint32_t atomic_exchange_u32 "__atomic_exchange_n"(uint32_t* where, uint32_t value, int order)
    void atomic_store_u32 "__atomic_store_n"(uint32_t* where, uint32_t value, int order)
    uint32_t atomic_add_u32 "__atomic_fetch_add"(uint32_t* where, uint32_t value, int order)
    uint32_t atomic_load_u32 "__atomic_load_n"(uint32_t* where, int order)
    uint64_t atomic_load_u64 "__atomic_load_n"(uint64_t* where, int order)
    void atomic_store_u64 "__atomic_store_n"(uint64_t* where, uint64_t value, int order)
    uint32_t atomic_load_u32 "__atomic_load_n"(uint32_t* where, int order)
    void atomic_store_u16 "__atomic_store_n"(uint16_t* where, uint16_t value, int order)
    bint compare_exchange_u32 "__atomic_compare_exchange_n"(
        uint32_t* where, uint32_t* expected, uint32_t value, bint weak, int success, int failure)

cdef extern from "<signal.h>" nogil:
    ctypedef struct sigset_t:
        pass
    int sigfillset(sigset_t* set)
    int sigdelset(sigset_t* set, int signal)
    int SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIG_SETMASK
    int pthread_sigmask(int how, const sigset_t* set, sigset_t* old)

cdef extern from "<pthread.h>" nogil:
    ctypedef struct pthread_mutex_t:
        pass
    ctypedef struct pthread_cond_t:
        pass
    ctypedef struct pthread_attr_t:
        pass
    ctypedef unsigned long pthread_t
    int PTHREAD_CREATE_DETACHED
    int pthread_mutex_init(pthread_mutex_t* mutex, void* attributes)
    int pthread_mutex_lock(pthread_mutex_t* mutex)
    int pthread_mutex_unlock(pthread_mutex_t* mutex)
    int pthread_cond_init(pthread_cond_t* condition, void* attributes)
    int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex)
    int pthread_cond_signal(pthread_cond_t* condition)
    int pthread_cond_broadcast(pthread_cond_t* condition)
    int pthread_attr_init(pthread_attr_t* attributes)
    int pthread_attr_destroy(pthread_attr_t* attributes)
    int pthread_attr_setdetachstate(pthread_attr_t* attributes, int state)
    int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*) noexcept nogil, void* arg)
    int pthread_atfork(void (*before)() noexcept nogil, void (*parent)() noexcept nogil, void (*child)() noexcept nogil)

cdef extern from "<unistd.h>" nogil:
    int usleep(unsigned int microseconds)
cdef extern from *:
    """
    #include <stdio.h>
    #ifdef __linux__
    #include <sys/syscall.h>
    #define wasmine_gettid() ((unsigned)syscall(SYS_gettid))
    #else
    #define wasmine_gettid() 0u
    #endif
    """
    unsigned int gettid "wasmine_gettid"() nogil
cdef extern from "<stdio.h>" nogil:
    int fileno(void* file)
cdef extern from "<sched.h>" nogil:
    int sched_yield()

cdef extern from "Python.h":
    # SaveThread and RestoreThread are called where Cython's bookkeeping of the GIL does not reach.
    void* PyEval_SaveThread() nogil
    long long PyLong_AsLongLongAndOverflow(object value, int* overflow) except? -1
    void PyEval_RestoreThread(void* state) nogil
    unsigned long PyThread_get_thread_ident() nogil
    object PyObject_Vectorcall(object callable, PyObject** args, size_t count, PyObject* names)
    size_t PY_VECTORCALL_ARGUMENTS_OFFSET

cdef extern from *:
    """
    #include <frameobject.h>

    /* A Python frame that exists only to be shown in a traceback. */
    static inline PyObject *wasmine_show_frame(const char *file, const char *name, PyObject *globals) {
        PyCodeObject *code = PyCode_NewEmpty(file, name, 1);
        PyFrameObject *frame = NULL;
        if (code != NULL) {
            frame = PyFrame_New(PyThreadState_Get(), code, globals, NULL);
            Py_DECREF(code);
        }
        return (PyObject *)frame;
    }
    """
    object show_frame "wasmine_show_frame"(const char* file, const char* name, object globals)
