# The waiters of shared memories: one table for the process, since a memory may belong to several stores
# (threads proposal, "Wait and notify operators").

from libc.stdint cimport int64_t, uint32_t, uint64_t

from wasmine.runtime.vm cimport VMContext

# The three results of memory.atomic.wait.
cdef enum:
    WAIT_OK = 0
    WAIT_NOT_EQUAL = 1
    WAIT_TIMED_OUT = 2

# Suspends the thread while `*address`, an aligned integer of `width` bytes, equals `expected`, until a notify of that
# address. `timeout` is in nanoseconds; negative: none. Stores WAIT_* to `result`, or returns the trap that ended it.
# The GIL must have been released.
cdef uint32_t park(VMContext* ctx, void* address, uint32_t width, uint64_t expected, int64_t timeout,
                   uint64_t* result) noexcept nogil
# Wakes at most `count` threads that wait for `address`, the longest waiting first; returns how many.
cdef uint32_t unpark(void* address, uint32_t count) noexcept nogil

cdef extern from "<time.h>" nogil:
    ctypedef int clockid_t
    ctypedef long time_t
    struct timespec:
        time_t tv_sec
        long tv_nsec
    clockid_t CLOCK_MONOTONIC

cdef extern from "<pthread.h>" nogil:
    ctypedef struct pthread_mutex_t:
        pass
    ctypedef struct pthread_cond_t:
        pass
    ctypedef struct pthread_condattr_t:
        pass
    int pthread_mutex_init(pthread_mutex_t*, void*)
    int pthread_mutex_lock(pthread_mutex_t*)
    int pthread_mutex_unlock(pthread_mutex_t*)
    int pthread_cond_init(pthread_cond_t*, pthread_condattr_t*)
    int pthread_cond_destroy(pthread_cond_t*)
    int pthread_cond_signal(pthread_cond_t*)
    int pthread_cond_timedwait(pthread_cond_t*, pthread_mutex_t*, const timespec*)
    int pthread_condattr_init(pthread_condattr_t*)
    int pthread_condattr_setclock(pthread_condattr_t*, clockid_t)
    int pthread_condattr_destroy(pthread_condattr_t*)
    int pthread_atfork(void (*)() noexcept nogil, void (*)() noexcept nogil, void (*)() noexcept nogil)

cdef extern from *:
    uint64_t load "__atomic_load_n"(const void*, int) nogil

# A thread that waits; on its own stack, in the list of its bucket until somebody notifies it.
cdef struct Waiter:
    Waiter* next
    void* address
    pthread_cond_t woken
    bint notified

cdef struct Bucket:
    pthread_mutex_t lock
    Waiter* first           # in the order of arrival
