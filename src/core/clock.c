/* clock.c -- the two clocks, and the one a test can move. */
#include "core/clock.h"

#include <string.h>
#include <time.h>

#ifdef WEIR_TEST_HOOKS
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic(_Atomic int64_t *) virtual_ms, wall_off_ms;

static void *map_number(const char *name)
{
    const char *path = getenv(name);
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return NULL;
    void *p = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    return p == MAP_FAILED ? NULL : p;
}

/* Once, before any thread exists. */
__attribute__((constructor)) static void map_clock_files(void)
{
    atomic_store(&virtual_ms, map_number("WEIR_CLOCK_FILE"));
    atomic_store(&wall_off_ms, map_number("WEIR_WALL_FILE"));
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

static uint64_t wrong_by(uint64_t wall_ms)
{
    _Atomic int64_t *off = atomic_load(&wall_off_ms);
    return off ? wall_ms + (uint64_t)atomic_load(off) : wall_ms;
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

static inline uint64_t wrong_by(uint64_t wall_ms)
{
    return wall_ms;
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

uint64_t clock_awake_or_not_ms(void)
{
    struct timespec ts;
    uint64_t us;
    if (read_virtual(&us))
        return us / 1000;
#ifdef CLOCK_BOOTTIME
    clock_gettime(CLOCK_BOOTTIME, &ts);
#else
    clock_gettime(CLOCK_MONOTONIC, &ts);
#endif
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

uint64_t clock_wall_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return wrong_by((uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000);
}

struct day {
    uint64_t year, month, day;
};

/* Of days since 1970: counted in eras of 400 years, which begin on the 1st of March so
 * that the day of a leap year is a year's last. */
static struct day day_of(uint64_t days)
{
    enum { DAYS_TO_1970 = 719468, ERA_DAYS = 146097 };
    uint64_t all = days + DAYS_TO_1970, era = all / ERA_DAYS, in_era = all % ERA_DAYS;
    uint64_t year =
        (in_era - in_era / 1460 + in_era / 36524 - in_era / (ERA_DAYS - 1)) / 365;
    uint64_t in_year = in_era - (365 * year + year / 4 - year / 100);
    uint64_t from_march = (5 * in_year + 2) / 153;
    uint64_t month = from_march < 10 ? from_march + 3 : from_march - 9;
    return (struct day){.year = year + era * 400 + (month <= 2),
                        .month = month,
                        .day = in_year - (153 * from_march + 2) / 5 + 1};
}

static void put_digits(char *to, size_t n, uint64_t v)
{
    for (; n-- > 0; v /= 10)
        to[n] = (char)('0' + v % 10);
}

/* Lines of a stream have it each: the library's ways to do it take thousands of
 * instructions. */
void clock_format_utc(uint64_t wall_ms, char out[25])
{
    uint64_t s = wall_ms / 1000, of_day = s % 86400;
    struct day d = day_of(s / 86400);
    memcpy(out, "0000-00-00T00:00:00.000Z", 25);
    put_digits(out, 4, d.year);
    put_digits(out + 5, 2, d.month);
    put_digits(out + 8, 2, d.day);
    put_digits(out + 11, 2, of_day / 3600);
    put_digits(out + 14, 2, of_day / 60 % 60);
    put_digits(out + 17, 2, of_day % 60);
    put_digits(out + 20, 3, wall_ms % 1000);
}
