/* Clocks, sleeping, polling and random bytes. What they answer differs from run to run, so the
 * program checks it and prints verdicts.
 *
 *     clocks [EARLIEST LATEST]    bounds for the wall clock, in seconds since 1970
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int failures;

static void check(const char *what, int holds) {
    printf("%s: %s\n", what, holds ? "yes" : "no");
    failures += !holds;
}

static long long now(clockid_t clock) {
    struct timespec time = {0};
    clock_gettime(clock, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void check_clocks(long long earliest, long long latest) {
    struct timespec resolution;
    long long seconds = now(CLOCK_REALTIME) / 1000000000;
    check("the wall clock is within bounds", earliest <= seconds && seconds <= latest);
    check("it agrees with time()", llabs(time(NULL) - seconds) <= 1);
    check("it has a resolution", clock_getres(CLOCK_REALTIME, &resolution) == 0 && resolution.tv_nsec > 0);
    check("so has the monotonic clock",
          clock_getres(CLOCK_MONOTONIC, &resolution) == 0 && resolution.tv_nsec > 0);
    long long previous = now(CLOCK_MONOTONIC);
    int backwards = 0;
    for (int i = 0; i < 1000; i++) {
        long long next = now(CLOCK_MONOTONIC);
        backwards += next < previous;
        previous = next;
    }
    check("the monotonic clock never goes back", backwards == 0);
}

static void check_sleep(void) {
    struct timespec pause = {.tv_nsec = 30000000};
    long long start = now(CLOCK_MONOTONIC);
    check("sleeping works", nanosleep(&pause, NULL) == 0);
    long long slept = now(CLOCK_MONOTONIC) - start;
    check("it takes its time", slept >= 30000000);
    check("and not much more", slept < 2000000000);
}

static void check_poll(void) {
    struct pollfd output = {.fd = 1, .events = POLLOUT};
    check("standard output is ready", poll(&output, 1, 1000) == 1 && (output.revents & POLLOUT) != 0);
    long long start = now(CLOCK_MONOTONIC);
    check("polling nothing times out", poll(NULL, 0, 20) == 0);
    check("after the time asked for", now(CLOCK_MONOTONIC) - start >= 20000000);
}

static void check_random(void) {
    unsigned char first[256], second[256];
    int counts[256] = {0}, distinct = 0;
    check("random bytes", getentropy(first, sizeof first) == 0);
    check("more random bytes", getentropy(second, sizeof second) == 0);
    check("they differ", memcmp(first, second, sizeof first) != 0);
    for (int i = 0; i < 256; i++) {
        distinct += counts[first[i]]++ == 0;
    }
    check("they are spread out", distinct > 100);
}

int main(int argc, char **argv) {
    long long earliest = argc > 2 ? atoll(argv[1]) : 1577836800;
    long long latest = argc > 2 ? atoll(argv[2]) : 4102444800;
    check_clocks(earliest, latest);
    check_sleep();
    check_poll();
    check_random();
    return failures != 0;
}
