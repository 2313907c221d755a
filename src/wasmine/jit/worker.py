"""The thread that compiles; see worker.pxd."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.libc.stdlib import free
from cython.cimports.wasmine.jit.worker import Job
from cython.cimports.wasmine.jit.workspace import rest_workspaces
from cython.cimports.wasmine.runtime.clib import (
    PTHREAD_CREATE_DETACHED,
    SIG_SETMASK,
    SIGABRT,
    SIGBUS,
    SIGFPE,
    SIGILL,
    SIGSEGV,
    pthread_atfork,
    pthread_attr_destroy,
    pthread_attr_init,
    pthread_attr_setdetachstate,
    pthread_attr_t,
    pthread_cond_broadcast,
    pthread_cond_init,
    pthread_cond_signal,
    pthread_cond_t,
    pthread_cond_wait,
    pthread_create,
    pthread_mutex_init,
    pthread_mutex_lock,
    pthread_mutex_t,
    pthread_mutex_unlock,
    pthread_sigmask,
    pthread_t,
    sigdelset,
    sigfillset,
    sigset_t,
)

Jobs = cython.typedef(cython.pointer[Job])

lock = cython.declare(pthread_mutex_t)
wanted = cython.declare(pthread_cond_t)  # there is a job
done = cython.declare(pthread_cond_t)  # the thread has finished one
# Guarded by the lock:
running = cython.declare(cython.bint, False)  # there is a thread
first = cython.declare(Jobs, cython.NULL)  # the queue
last = cython.declare(Jobs, cython.NULL)
current = cython.declare(Jobs, cython.NULL)  # what the thread works on
stop = cython.declare(cython.bint, False)  # it need not
elsewhere = cython.declare(Jobs, cython.NULL)  # what other threads work on


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lock_code() -> cython.void:
    pthread_mutex_lock(cython.address(lock))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def unlock_code() -> cython.void:
    pthread_mutex_unlock(cython.address(lock))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_job(job: Jobs) -> cython.bint:
    global first, last, running
    lock_code()
    if not running:
        running = start_thread()
    if running:
        job.next = cython.NULL
        if first == cython.NULL:
            first = job
        else:
            last.next = job
        last = job
        pthread_cond_signal(cython.address(wanted))
    added: cython.bint = running
    unlock_code()
    return added


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def start_thread() -> cython.bint:
    """Makes the thread, deaf to all signals that are not about what it does itself."""
    attributes = cython.declare(pthread_attr_t)
    thread = cython.declare(pthread_t)
    blocked = cython.declare(sigset_t)
    before = cython.declare(sigset_t)
    status: cython.int
    sigfillset(cython.address(blocked))
    sigdelset(cython.address(blocked), SIGSEGV)
    sigdelset(cython.address(blocked), SIGBUS)
    sigdelset(cython.address(blocked), SIGFPE)
    sigdelset(cython.address(blocked), SIGILL)
    sigdelset(cython.address(blocked), SIGABRT)
    if pthread_attr_init(cython.address(attributes)) != 0:
        return False
    pthread_attr_setdetachstate(cython.address(attributes), PTHREAD_CREATE_DETACHED)
    pthread_sigmask(SIG_SETMASK, cython.address(blocked), cython.address(before))
    status = pthread_create(cython.address(thread), cython.address(attributes), work, cython.NULL)
    pthread_sigmask(SIG_SETMASK, cython.address(before), cython.NULL)
    pthread_attr_destroy(cython.address(attributes))
    return status == 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def work(nothing: cython.p_void) -> cython.p_void:
    """Body of the thread."""
    global first, current, stop
    job: Jobs
    lock_code()
    while True:
        if first == cython.NULL:
            unlock_code()
            rest_workspaces()
            lock_code()
        while first == cython.NULL:
            pthread_cond_wait(cython.address(wanted), cython.address(lock))
        job = first
        first = job.next
        current = job
        stop = False
        unlock_code()
        job.work(job)
        lock_code()
        current = cython.NULL
        free(job)
        pthread_cond_broadcast(cython.address(done))
    return cython.NULL


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def begin_job(job: Jobs) -> cython.void:
    global elsewhere
    lock_code()
    job.next = elsewhere
    elsewhere = job
    unlock_code()


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def end_job(job: Jobs) -> cython.void:
    lock_code()
    link: cython.pointer[Jobs] = cython.address(elsewhere)
    while link[0] != cython.NULL and link[0] != job:
        link = cython.address(link[0].next)
    if link[0] == job:
        link[0] = job.next
    unlock_code()


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def cancel_jobs(module: cython.p_void) -> cython.void:
    global first, last, stop
    dropped: Jobs = cython.NULL
    job: Jobs
    lock_code()
    link: cython.pointer[Jobs] = cython.address(first)
    last = cython.NULL
    while link[0] != cython.NULL:
        job = link[0]
        if job.module == module:
            link[0] = job.next
            job.next = dropped
            dropped = job
        else:
            last = job
            link = cython.address(job.next)
    while current != cython.NULL and current.module == module:
        stop = True
        pthread_cond_wait(cython.address(done), cython.address(lock))
    unlock_code()
    while dropped != cython.NULL:
        job = dropped
        dropped = job.next
        free(job)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def cancelled() -> cython.pointer[cython.bint]:
    return cython.address(stop)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def count_jobs() -> uint32_t:
    n: uint32_t = 0
    lock_code()
    job: Jobs = first
    while job != cython.NULL:
        n += 1
        job = job.next
    if current != cython.NULL:
        n += 1
    unlock_code()
    return n


# --- fork


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def reset_locks() -> cython.void:
    pthread_mutex_init(cython.address(lock), cython.NULL)
    pthread_cond_init(cython.address(wanted), cython.NULL)
    pthread_cond_init(cython.address(done), cython.NULL)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def after_fork() -> cython.void:
    """In the child: no thread compiles. The next job starts one, which begins with what was broken off."""
    global running, current, first, last, elsewhere
    reset_locks()
    running = False
    if current != cython.NULL:
        current.next = first
        first = current
        if first.next == cython.NULL:
            last = first
        current = cython.NULL
    while elsewhere != cython.NULL:
        elsewhere.state[0] = elsewhere.idle
        elsewhere = elsewhere.next


reset_locks()
pthread_atfork(lock_code, unlock_code, after_fork)
