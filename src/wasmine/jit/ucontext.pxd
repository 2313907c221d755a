# The registers of code that a signal interrupted: the only part of the signal handler that C has to say.

from libc.stdint cimport uintptr_t

cdef extern from * nogil:
    """
    #include <stdint.h>
    #ifdef __APPLE__
    #include <sys/ucontext.h>
    #else
    #include <ucontext.h>
    #endif

    #if defined(__linux__) && defined(__x86_64__)
    #define WASMINE_REG(context, name) (((ucontext_t *)(context))->uc_mcontext.gregs[REG_##name])
    #define WASMINE_PC(context) WASMINE_REG(context, RIP)
    #define WASMINE_SP(context) WASMINE_REG(context, RSP)
    #define WASMINE_RESULT(context) WASMINE_REG(context, RAX)
    #define WASMINE_INSTANCE(context) WASMINE_REG(context, R14)
    #elif defined(__linux__) && defined(__aarch64__)
    #define WASMINE_REGISTERS(context) (((ucontext_t *)(context))->uc_mcontext)
    #define WASMINE_PC(context) (WASMINE_REGISTERS(context).pc)
    #define WASMINE_LINK(context) (WASMINE_REGISTERS(context).regs[30])
    #define WASMINE_SP(context) (WASMINE_REGISTERS(context).sp)
    #define WASMINE_RESULT(context) (WASMINE_REGISTERS(context).regs[0])
    #define WASMINE_INSTANCE(context) (WASMINE_REGISTERS(context).regs[27])
    #elif defined(__APPLE__) && defined(__aarch64__) && __DARWIN_OPAQUE_ARM_THREAD_STATE64
    /* arm64e: the addresses of code are signed. No Python is built for that. */
    #error "wasmine cannot read the registers of arm64e"
    #elif defined(__APPLE__) && defined(__aarch64__)
    #define WASMINE_REGISTERS(context) (((ucontext_t *)(context))->uc_mcontext->__ss)
    #define WASMINE_PC(context) (WASMINE_REGISTERS(context).__pc)
    #define WASMINE_LINK(context) (WASMINE_REGISTERS(context).__lr)
    #define WASMINE_SP(context) (WASMINE_REGISTERS(context).__sp)
    #define WASMINE_RESULT(context) (WASMINE_REGISTERS(context).__x[0])
    #define WASMINE_INSTANCE(context) (WASMINE_REGISTERS(context).__x[27])
    #else
    static uintptr_t wasmine_no_register;
    #define WASMINE_PC(context) wasmine_no_register
    #define WASMINE_LINK(context) wasmine_no_register
    #define WASMINE_SP(context) wasmine_no_register
    #define WASMINE_RESULT(context) wasmine_no_register
    #define WASMINE_INSTANCE(context) wasmine_no_register
    #endif

    static inline uintptr_t wasmine_pc(void *context) { return (uintptr_t)WASMINE_PC(context); }
    static inline uintptr_t wasmine_instance(void *context) { return (uintptr_t)WASMINE_INSTANCE(context); }
    static inline void wasmine_call(void *context, uintptr_t pc, uintptr_t back, uintptr_t result, int leaf) {
    #if defined(__linux__) && defined(__x86_64__)
        (void)leaf;
        WASMINE_SP(context) -= 8;
        *(uintptr_t *)WASMINE_SP(context) = back;
    #else
        if (leaf) {
            WASMINE_SP(context) -= 16;
            *(uintptr_t *)WASMINE_SP(context) = WASMINE_LINK(context);
        }
        WASMINE_LINK(context) = back;
    #endif
        WASMINE_PC(context) = pc;
        WASMINE_RESULT(context) = result;
    }
    """
    uintptr_t context_pc "wasmine_pc"(void* context)
    # The Instance* of native code (x64/convention.pxd, arm64/convention.pxd).
    uintptr_t context_instance "wasmine_instance"(void* context)
    # When the handler returns, the code goes on as if it had called what is at `pc` from before `back`, with `result` where functions
    # return one. `leaf`: where a call does not put the return address on the stack, the code has not done so either.
    void context_call "wasmine_call"(void* context, uintptr_t pc, uintptr_t back, uintptr_t result, bint leaf)
