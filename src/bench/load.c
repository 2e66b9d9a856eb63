/* load.c -- see load.h. */
#include "bench/load.h"

#include "core/random.h"

#include <math.h>

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
        s->at_us += -log(1 - random_uniform(&s->state)) * mean_us;
    else
        s->at_us = (double)s->n * mean_us;
    if (l->max_us && s->at_us > (double)l->max_us)
        return false;
    *ret_us = (uint64_t)s->at_us;
    s->n++;
    return true;
}
