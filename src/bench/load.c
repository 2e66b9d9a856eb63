/* load.c -- see load.h. */
#include "bench/load.h"

#include <math.h>

/* A uniform number in (0, 1]: splitmix64 (Steele, Lea, Flood 2014), 53 bits of it. */
static double uniform(uint64_t *state)
{
    uint64_t x = (*state += 0x9E3779B97F4A7C15U);
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
    x ^= x >> 31;
    return ((double)(x >> 11) + 1) / 9007199254740992.0;
}

void bench_starts_begin(struct bench_starts *s, const struct bench_load *l)
{
    *s = (struct bench_starts){.load = l, .state = l->seed};
}

bool bench_starts_next(struct bench_starts *s, uint64_t *ret_us)
{
    const struct bench_load *l = s->load;
    double mean_us = 1e6 / l->per_s;
    if (s->n == l->requests)
        return false;
    if (l->shape == LOAD_POISSON) /* distances are exponential: -ln(u) times their mean */
        s->at_us += -log(uniform(&s->state)) * mean_us;
    else
        s->at_us = (double)s->n * mean_us;
    if (l->max_us && s->at_us > (double)l->max_us)
        return false;
    *ret_us = (uint64_t)s->at_us;
    s->n++;
    return true;
}
