/* What a program learns from outside and tells back: arguments, environment, the three standard
 * streams, the exit code; and each way in which a C program traps.
 *
 *     process args [ARG...]        each argument on its own line, with its length
 *     process env [NAME...]        the value of each name, or of all (sorted)
 *     process upper                standard input in upper case
 *     process count                lines, words and bytes of standard input
 *     process both OUT ERR         one text on each output stream
 *     process exit CODE            flushes what was written, then exits
 *     process abort                writes to both streams, then aborts
 *     process trap KIND            unreachable, divide, bounds, signature or stack
 */
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

static int compare_texts(const void *left, const void *right) {
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static int run_args(int count, char **arguments) {
    for (int i = 0; i < count; i++) {
        printf("%d %zu %s\n", i, strlen(arguments[i]), arguments[i]);
    }
    return 0;
}

static int run_env(int count, char **names) {
    if (count == 0) {
        while (environ[count] != NULL) {
            count++;
        }
        qsort(environ, (size_t)count, sizeof *environ, compare_texts);
        for (int i = 0; i < count; i++) {
            puts(environ[i]);
        }
        return 0;
    }
    for (int i = 0; i < count; i++) {
        const char *value = getenv(names[i]);
        printf("%s%s%s\n", names[i], value == NULL ? " is not set" : "=", value == NULL ? "" : value);
    }
    return 0;
}

static int run_upper(void) {
    for (int c = getchar(); c != EOF; c = getchar()) {
        putchar(toupper(c));
    }
    return 0;
}

static int run_count(void) {
    unsigned long lines = 0, words = 0, bytes = 0;
    int in_word = 0;
    for (int c = getchar(); c != EOF; c = getchar()) {
        bytes++;
        lines += c == '\n';
        words += !isspace(c) && !in_word;
        in_word = !isspace(c);
    }
    printf("%lu %lu %lu\n", lines, words, bytes);
    return 0;
}

static volatile int seven = 7, zero = 0;
static volatile uintptr_t far_away = 0xfffffff0u;
static volatile int depth;

__attribute__((noinline)) static int quotient(void) { return seven / zero; }

__attribute__((noinline)) static int read_far(void) { return *(volatile int *)far_away; }

static double halve(double value) { return value / 2; }

/* A call through a pointer of another type: undefined in C, a trap in WebAssembly. */
__attribute__((noinline)) static int call_mistyped(void) {
    int (*volatile mistyped)(int) = (int (*)(int))(void *)halve;
    return mistyped(1);
}

__attribute__((noinline)) static int descend(int level) {
    depth = level;
    return level < 0 ? level : descend(level + 1) + depth;
}

__attribute__((noinline)) static int run_trap(const char *kind) {
    printf("about to trap: %s\n", kind);
    fflush(stdout);
    if (strcmp(kind, "unreachable") == 0) {
        __builtin_trap();
    } else if (strcmp(kind, "divide") == 0) {
        return quotient();
    } else if (strcmp(kind, "bounds") == 0) {
        return read_far();
    } else if (strcmp(kind, "signature") == 0) {
        return call_mistyped();
    } else if (strcmp(kind, "stack") == 0) {
        return descend(0);
    }
    return 2;
}

int main(int argc, char **argv) {
    const char *command = argc > 1 ? argv[1] : "";
    if (strcmp(command, "args") == 0) {
        return run_args(argc - 2, argv + 2);
    } else if (strcmp(command, "env") == 0) {
        return run_env(argc - 2, argv + 2);
    } else if (strcmp(command, "upper") == 0) {
        return run_upper();
    } else if (strcmp(command, "count") == 0) {
        return run_count();
    } else if (strcmp(command, "both") == 0 && argc == 4) {
        fputs(argv[2], stdout);
        fputs(argv[3], stderr);
        return 0;
    } else if (strcmp(command, "exit") == 0 && argc == 3) {
        printf("exiting with %s", argv[2]);
        exit(atoi(argv[2]));
    } else if (strcmp(command, "abort") == 0) {
        puts("about to abort");
        fputs("this is standard error\n", stderr);
        fflush(stdout);
        abort();
    } else if (strcmp(command, "trap") == 0 && argc == 3) {
        return run_trap(argv[2]);
    }
    fputs("usage: process args|env|upper|count|both|exit|abort|trap ...\n", stderr);
    return 2;
}
