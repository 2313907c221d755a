/* wasi-libc has no user database; SQLite's shell only asks it for the home directory. */
#ifndef WASMINE_COMPAT_PWD_H
#define WASMINE_COMPAT_PWD_H

#include <stddef.h>
#include <sys/types.h>

struct passwd {
    char *pw_dir;
};

static inline struct passwd *getpwuid(uid_t uid) {
    static struct passwd nobody = {"/"};
    return &nobody;
}

#endif
