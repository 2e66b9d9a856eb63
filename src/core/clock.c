/* clock.c -- the two clocks, and the one a test can move. */
#include "core/clock.h"

#include <stdio.h>
#include <time.h>

#ifdef WEIR_TEST_HOOKS
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic(_Atomic int64_t *) virtual_ms;

/* Maps the file once, before any thread exists. */
__attribute__((constructor)) static void map_clock_file(void)
{
    const char *path = getenv("WEIR_CLOCK_FILE");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *p = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (p != MAP_FAILED)
        atomic_store(&virtual_ms, p);
}

bool clock_is_virtual(void)
{
    return atomic_load(&virtual_ms) != NULL;
}

static bool read_virtual(uint64_t *ret_us)
{
    _Atomic int64_t *ms = atomic_load(&virtual_ms);
    if (ms)
        *ret_us = (uint64_t)atomic_load(ms) * 1000;
    return ms != NULL;
}
#else
bool clock_is_virtual(void)
{
    return false;
}

static inline bool read_virtual(uint64_t *ret_us)
{
    (void)ret_us;
    return false;
}
#endif

uint64_t clock_mono_us(void)
{
    struct timespec ts;
    uint64_t us;
    if (read_virtual(&us))
        return us;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

uint64_t clock_wall_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

void clock_format_utc(uint64_t wall_ms, char out[25])
{
    time_t s = (time_t)(wall_ms / 1000);
    struct tm tm;
    gmtime_r(&s, &tm);
    size_t n = strftime(out, 25, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + n, 25 - n, ".%03uZ", (unsigned)(wall_ms % 1000));
}
