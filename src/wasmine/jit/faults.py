"""The signal handler of native code; see faults.pxd.

What the handler touches is in C variables: it runs at any time, on any thread, with or without the GIL.

Handlers form a chain only by what each remembers of the one before. Somebody who installs his after us
remembers ours; when we then go before him again, each of us has the other as the one before. So a foreign
fault goes to `newest`, who was there when we came last; if he hands it on to us, by raising the signal again,
it goes to `oldest`, who was there when we came first.
"""

import os

import cython
from cython.cimports.libc.signal import SIG_DFL, SIG_IGN, SIGBUS, SIGSEGV, raise_, sighandler_t
from cython.cimports.libc.stdint import uint8_t, uint32_t, uintptr_t
from cython.cimports.posix.signal import (
    SA_ONSTACK,
    SA_SIGINFO,
    sigaction,
    sigaction_t,
    sigemptyset,
    siginfo_t,
    sigismember,
    sigpending,
    sigset_t,
)
from cython.cimports.wasmine.jit.codemap import MAP_FUNCTION, CodeMap, Note, find_fault, find_map
from cython.cimports.wasmine.jit.faults import action_t
from cython.cimports.wasmine.jit.ucontext import context_call, context_instance, context_pc
from cython.cimports.wasmine.runtime.clib import (
    ATOMIC_ACQUIRE,
    ATOMIC_RELEASE,
    atomic_exchange_u32,
    atomic_store_u32,
    sched_yield,
)
from cython.cimports.wasmine.runtime.settled import is_settled, settle
from cython.cimports.wasmine.runtime.vm import Instance, Memory
from cython.cimports.wasmine.spec.traps import TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS

Map = cython.typedef(cython.pointer[cython.const[CodeMap]])
Action = cython.typedef(cython.pointer[sigaction_t])

# Of SIGSEGV and SIGBUS.
oldest = cython.declare(sigaction_t[2])
newest = cython.declare(sigaction_t[2])
installed = cython.declare(cython.bint[2])
lock = cython.declare(uint32_t, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def watch_faults() -> cython.bint:
    """See faults.pxd. Only SIGSEGV is asked for each time: it is what guards raise on Linux."""
    now = cython.declare(sigaction_t)
    if is_settled():
        return True
    if sigaction(SIGSEGV, cython.NULL, cython.address(now)) != 0:
        return False
    if not is_ours(cython.address(now)) and not (install(SIGSEGV, 0) and install(SIGBUS, 1)):
        return False
    settle()
    return True


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_ours(action: Action) -> cython.bint:
    return cython.cast(cython.p_void, action.sa_sigaction) == cython.cast(cython.p_void, on_fault)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def install(signal: cython.int, slot: cython.int) -> cython.bint:
    now = cython.declare(sigaction_t)
    ours = cython.declare(sigaction_t)
    done: cython.bint
    fill_in(cython.address(ours))
    while atomic_exchange_u32(cython.address(lock), 1, ATOMIC_ACQUIRE):
        sched_yield()
    done = sigaction(signal, cython.NULL, cython.address(now)) == 0
    if done and not is_ours(cython.address(now)):
        newest[slot] = now
        if (
            not installed[slot]
            or cython.cast(sighandler_t, cython.cast(cython.p_void, now.sa_handler)) == SIG_DFL
        ):
            oldest[slot] = now
        installed[slot] = True
        done = sigaction(signal, cython.address(ours), cython.NULL) == 0
    atomic_store_u32(cython.address(lock), 0, ATOMIC_RELEASE)
    return done


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def fill_in(action: Action) -> cython.void:
    """Our action. On the thread's signal stack, if it has one: its own stack may be what is exhausted."""
    action.sa_sigaction = on_fault
    action.sa_flags = SA_SIGINFO | SA_ONSTACK
    sigemptyset(cython.address(action.sa_mask))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def on_fault(signal: cython.int, info: cython.pointer[siginfo_t], context: cython.p_void) -> cython.void:
    if not becomes_trap(info, context):
        pass_on(signal, info, context)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def becomes_trap(info: cython.pointer[siginfo_t], context: cython.p_void) -> cython.bint:
    """Sends native code that has left a memory to the way out, as if it had called that."""
    pc: uintptr_t = context_pc(context)
    map: Map = find_map(cython.cast(cython.p_void, pc))
    note = cython.declare(Note)
    inst: cython.pointer[Instance]
    if map == cython.NULL or map.kind != MAP_FUNCTION:
        return False
    if not find_fault(
        map, cython.cast(uint32_t, pc - cython.cast(uintptr_t, map.start)), cython.address(note)
    ):
        return False
    inst = cython.cast(cython.pointer[Instance], context_instance(context))
    if not is_in_memory(inst, cython.cast(cython.pointer[uint8_t], info.si_addr)):
        return False
    context_call(
        context,
        cython.cast(uintptr_t, map.way_out),
        cython.cast(uintptr_t, map.start) + note.offset,
        TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS,
        map.frame == 0,
    )
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_in_memory(inst: cython.pointer[Instance], address: cython.pointer[uint8_t]) -> cython.bint:
    memory: cython.pointer[Memory]
    i: uint32_t
    for i in range(inst.code.desc.n_memories):
        memory = inst.memories[i]
        if memory.guarded and memory.base <= address < memory.base + memory.reserved:
            return True
    return False


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def pass_on(signal: cython.int, info: cython.pointer[siginfo_t], context: cython.p_void) -> cython.void:
    """A fault that is not ours, or a signal that somebody sent."""
    slot: cython.int = 0 if signal == SIGSEGV else 1
    sent: cython.bint = info.si_code <= 0
    action: Action = cython.address(newest[slot])
    handler: sighandler_t = cython.cast(sighandler_t, cython.cast(cython.p_void, action.sa_handler))
    pending = cython.declare(sigset_t)
    now = cython.declare(sigaction_t)
    if action.sa_flags & SA_SIGINFO:
        cython.cast(action_t, cython.cast(cython.p_void, action.sa_sigaction))(signal, info, context)
    elif handler == SIG_DFL or (handler == SIG_IGN and not sent):
        # What the system does: as soon as we return, the instruction faults again.
        end_by_default(signal, sent)
        return
    elif handler != SIG_IGN:
        handler(signal)
    # The signal is blocked while we are here: it is pending when the handler has raised it again, for whom he
    # has put back before that. If that is us, we were there before him.
    if (
        sigpending(cython.address(pending)) == 0
        and sigismember(cython.address(pending), signal) == 1
        and sigaction(signal, cython.NULL, cython.address(now)) == 0
        and is_ours(cython.address(now))
    ):
        sigaction(signal, cython.address(oldest[slot]), cython.NULL)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def end_by_default(signal: cython.int, sent: cython.bint) -> cython.void:
    default = cython.declare(sigaction_t)
    default.sa_handler = SIG_DFL
    default.sa_flags = 0
    sigemptyset(cython.address(default.sa_mask))
    sigaction(signal, cython.address(default), cython.NULL)
    if sent:
        raise_(signal)


def after_fork() -> None:
    """In the child: whoever held the lock is not there."""
    global lock
    lock = 0


os.register_at_fork(after_in_child=after_fork)
