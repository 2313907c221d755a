# The registers of code that a signal interrupted: the only part of the signal handler that C has to say.

from libc.stdint cimport uintptr_t

cdef extern from * nogil:
    """
    #include <stdint.h>
    #include <ucontext.h>

    #if defined(__linux__) && defined(__x86_64__)
    #define WASMINE_REG(context, name) (((ucontext_t *)(context))->uc_mcontext.gregs[REG_##name])
    #define WASMINE_PC(context) WASMINE_REG(context, RIP)
    #define WASMINE_SP(context) WASMINE_REG(context, RSP)
    #define WASMINE_RESULT(context) WASMINE_REG(context, RAX)
    #define WASMINE_INSTANCE(context) WASMINE_REG(context, R14)
    #else
    static uintptr_t wasmine_no_register;
    #define WASMINE_PC(context) wasmine_no_register
    #define WASMINE_SP(context) wasmine_no_register
    #define WASMINE_RESULT(context) wasmine_no_register
    #define WASMINE_INSTANCE(context) wasmine_no_register
    #endif

    static inline uintptr_t wasmine_pc(void *context) { return (uintptr_t)WASMINE_PC(context); }
    static inline uintptr_t wasmine_sp(void *context) { return (uintptr_t)WASMINE_SP(context); }
    static inline uintptr_t wasmine_instance(void *context) { return (uintptr_t)WASMINE_INSTANCE(context); }
    static inline void wasmine_go_on(void *context, uintptr_t pc, uintptr_t sp, uintptr_t result) {
        WASMINE_PC(context) = pc;
        WASMINE_SP(context) = sp;
        WASMINE_RESULT(context) = result;
    }
    """
    uintptr_t context_pc "wasmine_pc"(void* context)
    uintptr_t context_sp "wasmine_sp"(void* context)
    # The Instance* of native code (x64/convention.pxd).
    uintptr_t context_instance "wasmine_instance"(void* context)
    # Where the code goes on when the handler returns: with this stack pointer, and `result` where functions return one.
    void context_go_on "wasmine_go_on"(void* context, uintptr_t pc, uintptr_t sp, uintptr_t result)
