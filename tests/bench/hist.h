/* hist.h -- times for percentiles: exact to 0.1 us below 50 ms, to 1 ms above. */
#ifndef WEIR_BENCH_HIST_H
#define WEIR_BENCH_HIST_H

#include <stddef.h>
#include <stdint.h>

enum { HIST_FINE = 500000, HIST_COARSE = 60000 };

struct hist {
    uint32_t fine[HIST_FINE];     /* 0.1 us each */
    uint32_t coarse[HIST_COARSE]; /* 1 ms each */
    uint64_t n;
};

static inline void hist_add(struct hist *h, uint64_t ns)
{
    uint64_t ms = ns / 1000000;
    h->n++;
    if (ns / 100 < HIST_FINE)
        h->fine[ns / 100]++;
    else
        h->coarse[ms < HIST_COARSE ? ms : HIST_COARSE - 1]++;
}

/* In microseconds. */
static inline double hist_at(const struct hist *h, double share)
{
    uint64_t rank = (uint64_t)((double)h->n * share), seen = 0;
    for (size_t i = 0; i < HIST_FINE; i++)
        if ((seen += h->fine[i]) > rank)
            return (double)i / 10;
    for (size_t i = 0; i < HIST_COARSE; i++)
        if ((seen += h->coarse[i]) > rank)
            return (double)i * 1000;
    return 0;
}

#endif
