/* moved_clock.h -- a program whose clock is a file that its tests move (core/clock.h). */
#ifndef WEIR_TESTS_MOVED_CLOCK_H
#define WEIR_TESTS_MOVED_CLOCK_H

#include "core/clock.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic int64_t *clock_ms; /* set by clock_open() */

static inline void clock_pass(int64_t ms)
{
    atomic_fetch_add(clock_ms, ms);
}

/* First of all in main(): the file is mapped before, so the program starts twice. */
static inline void clock_open(char **argv)
{
    char path[] = "/tmp/weir-clock-XXXXXX";
    const char *old = getenv("WEIR_CLOCK_FILE");
    int64_t start_ms = 1000000;
    int fd = old ? open(old, O_RDWR | O_CLOEXEC) : mkstemp(path);
    if (fd >= 0 && !old && write(fd, &start_ms, sizeof start_ms) == sizeof start_ms) {
        setenv("WEIR_CLOCK_FILE", path, 1);
        close(fd);
        execv("/proc/self/exe", argv);
    }
    void *p = old && fd >= 0 ? mmap(NULL, sizeof *clock_ms, PROT_READ | PROT_WRITE,
                                    MAP_SHARED, fd, 0)
                             : MAP_FAILED;
    if (p == MAP_FAILED)
        exit(1);
    close(fd);
    unlink(old);
    clock_ms = p;
}

#endif
