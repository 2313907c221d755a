/* What Lua expects of a C library and wasi-libc lacks: leaving many frames at once, and processes.
 *
 * Lua raises an error by longjmp. Without the exception-handling proposal, frames are left the long
 * way: Binaryen's Asyncify pass makes every function that may raise return at once while the module
 * is "unwinding". lua_errors.c starts and stops that; nothing is ever rewound.
 */
#ifndef WASMINE_COMPAT_LUA_ERRORS_H
#define WASMINE_COMPAT_LUA_ERRORS_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct lua_State;

void compat_lua_throw(void);
void compat_lua_protect(void (*function)(struct lua_State *, void *), struct lua_State *state, void *data,
                        volatile int *status);

/* LUAI_TRY stands once, in luaD_rawrunprotected, where `f` and `ud` name the protected call. */
#define LUAI_THROW(L, c) compat_lua_throw()
#define LUAI_TRY(L, c, a) compat_lua_protect(f, L, ud, &(c)->status)
#define luai_jmpbuf int

/* A function that raises does return, to a caller that returns in its turn. */
#define l_noret void

static inline int compat_system(const char *command) {
    errno = ENOTSUP;
    return command == NULL ? 0 : -1;
}
#define system compat_system

static inline FILE *compat_tmpfile(void) {
    errno = ENOTSUP;
    return NULL;
}
#define tmpfile compat_tmpfile

/* os.tmpname reports that it has no name to give. */
#define LUA_TMPNAMBUFSIZE 1
#define lua_tmpnam(b, e) ((e) = ((b)[0] = '\0', 1))

#endif
