/* clock.h -- what time it is.
 *
 * Monotonic time for deadlines and durations, wall time for records; never mixed.
 * In builds with test hooks WEIR_CLOCK_FILE names a file that holds one int64_t
 * (milliseconds): the monotonic clock then is that number and nothing else, so a
 * test decides when time passes.  WEIR_WALL_FILE names one by which the wall clock is
 * wrong: a test sets it forward and back, as people and NTP do. */
#ifndef WEIR_CORE_CLOCK_H
#define WEIR_CORE_CLOCK_H

#include "core/compiler.h"

uint64_t clock_mono_us(void);
static inline uint64_t clock_mono_ms(void)
{
    return clock_mono_us() / 1000;
}
/* Like it, but with the time that the machine slept: for what takes days.  The same
 * number as the monotonic clock where a test moves that. */
uint64_t clock_awake_or_not_ms(void);
uint64_t clock_wall_ms(void); /* since 1970-01-01 UTC */
bool clock_is_virtual(void);  /* true only under WEIR_CLOCK_FILE */

/* "2026-11-21T04:05:06.789Z" into out (25 bytes with NUL). */
void clock_format_utc(uint64_t wall_ms, char out[25]);

#endif
