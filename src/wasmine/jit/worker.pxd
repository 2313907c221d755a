# The thread that compiles: one for the process, made when there is first something to do. It never has the GIL and never asks for it, so
# it does not hold up the end of the interpreter, nor does anybody wait for it who has the GIL.
#
# One lock guards its queue and everything that compilations leave behind: records, executable memory. `fork` takes the lock, so that the
# child finds all of that complete; what was being compiled is begun anew there.

from libc.stdint cimport uint32_t

cdef struct Job:
    Job* next
    void (*work)(Job* job) noexcept nogil
    void* module            # for cancel_jobs
    uint32_t position
    uint32_t at
    uint32_t reason
    uint32_t* state         # what the child of a fork sets back to `idle`, when this runs in another thread than the worker
    uint32_t idle

# The lock. Hold it for moments only.
cdef void lock_code() noexcept nogil
cdef void unlock_code() noexcept nogil

# Hands a malloc'ed job to the thread, which frees it. False when there is no thread to be had.
cdef bint add_job(Job* job) noexcept nogil
# Around a job that is run in the thread that calls; the job is the caller's.
cdef void begin_job(Job* job) noexcept nogil
cdef void end_job(Job* job) noexcept nogil
# Forgets all jobs of a module; waits for the one that is being worked on.
cdef void cancel_jobs(void* module) noexcept nogil
# Whether the job that is being worked on is wanted no more. Read between the steps of a compilation.
cdef bint* cancelled() noexcept nogil
# Jobs that wait or are worked on.
cdef uint32_t count_jobs() noexcept nogil
