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

cdef extern from *:
    """
    #include <pthread.h>
    #include <stdint.h>
    #include <time.h>

    /* Waits that end by the monotonic clock. On macOS, whose condition variables know another clock only, they
       are for a span of time. */
    static inline void wasmine_cond_init(pthread_cond_t *cond) {
    #ifdef __APPLE__
        pthread_cond_init(cond, NULL);
    #else
        pthread_condattr_t attributes;
        pthread_condattr_init(&attributes);
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_cond_init(cond, &attributes);
        pthread_condattr_destroy(&attributes);
    #endif
    }

    static inline void wasmine_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t now, int64_t until) {
    #ifdef __APPLE__
        int64_t ns = until - now;
        struct timespec time = {ns / 1000000000, ns % 1000000000};
        pthread_cond_timedwait_relative_np(cond, lock, &time);
    #else
        struct timespec time = {until / 1000000000, until % 1000000000};
        pthread_cond_timedwait(cond, lock, &time);
        (void)now;
    #endif
    }
    """
    ctypedef struct pthread_mutex_t:
        pass
    ctypedef struct pthread_cond_t:
        pass
    int pthread_mutex_init(pthread_mutex_t*, void*) nogil
    int pthread_mutex_lock(pthread_mutex_t*) nogil
    int pthread_mutex_unlock(pthread_mutex_t*) nogil
    void cond_init "wasmine_cond_init"(pthread_cond_t*) nogil
    int pthread_cond_destroy(pthread_cond_t*) nogil
    int pthread_cond_signal(pthread_cond_t*) nogil
    # Sleeps from `now` until `until`, in nanoseconds of the monotonic clock, a signal, or now and then less.
    void cond_wait "wasmine_cond_wait"(pthread_cond_t*, pthread_mutex_t*, int64_t now, int64_t until) nogil
    int pthread_atfork(void (*)() noexcept nogil, void (*)() noexcept nogil, void (*)() noexcept nogil) nogil

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
