/* What programs such as SQLite and bzip2 expect of a Unix and wasi-libc lacks.
 *
 * Included before each source file (-include). WASI has neither users nor record locks nor
 * processes: ownership calls succeed without doing anything, a lock is always granted (one
 * module instance is the only user of its descriptors), and a pipe to a process fails.
 */
#ifndef WASMINE_COMPAT_UNIX_H
#define WASMINE_COMPAT_UNIX_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef F_SETLK
#define F_GETLK 5
#define F_SETLK 6
#define F_SETLKW 7
#endif
#ifndef F_WRLCK
#define F_RDLCK 0
#define F_WRLCK 1
#define F_UNLCK 2
#endif

static inline int compat_fcntl(int fd, int command, ...) {
    va_list arguments;
    va_start(arguments, command);
    int result = 0;
    if (command == F_GETLK) {
        va_arg(arguments, struct flock *)->l_type = F_UNLCK;
    } else if (command != F_SETLK && command != F_SETLKW) {
        result = fcntl(fd, command, va_arg(arguments, int));
    }
    va_end(arguments);
    return result;
}
#define fcntl compat_fcntl

static inline int fchmod(int fd, mode_t mode) { return 0; }
static inline int chmod(const char *path, mode_t mode) { return 0; }
static inline int fchown(int fd, uid_t owner, gid_t group) { return 0; }
static inline uid_t geteuid(void) { return 1; }
static inline uid_t getuid(void) { return 1; }

static inline FILE *compat_popen(const char *command, const char *mode) {
    errno = ENOTSUP;
    return NULL;
}
static inline int compat_pclose(FILE *pipe) { return -1; }
#define popen compat_popen
#define pclose compat_pclose

#endif
