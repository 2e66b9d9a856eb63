/* power.c -- see power.h. */
#include "pilot/power.h"

#include "core/random.h"
#include "pilot/evidence.h"

#include <math.h>

/* Only the bet at the margin is played: what the interval needs takes 200 times as long.
 */
struct lean {
    struct evidence_tally seen;
    double log_capital;
};

/* -1, 0 or 1 with this mean and this share of differences. */
static double draw(const struct pilot_plan *p, uint64_t *state)
{
    double better = (p->split + p->truth) / 2, u = random_uniform(state);
    if (u < better)
        return 1;
    return u < p->split ? -1 : 0;
}

static void add(struct lean *l, double m, double x)
{
    l->log_capital += log1p(evidence_stake(&l->seen, m, true) * (x - m));
    evidence_count(&l->seen, x);
}

/* The day on which it accepts, from 1; 0: on none. */
static uint64_t accepts_on(const struct pilot_plan *p, uint64_t days, uint64_t seed)
{
    struct lean l = {0};
    double enough = -log(p->alpha), best = 0;
    for (uint64_t day = 1; day <= days; day++) {
        for (uint64_t i = 0; i < p->per_day; i++) {
            add(&l, -p->margin, draw(p, &seed));
            best = l.log_capital > best ? l.log_capital : best;
        }
        if (best >= enough)
            return day;
    }
    return 0;
}

static uint64_t seed_of(uint64_t seed, uint32_t run)
{
    return seed + run * 0xD1B54A32D192ED03U;
}

double pilot_power(const struct pilot_plan *p, uint32_t runs, uint64_t seed)
{
    uint32_t accepted = 0;
    for (uint32_t i = 0; i < runs; i++)
        accepted += accepts_on(p, p->days, seed_of(seed, i)) > 0;
    return (double)accepted / runs;
}

uint64_t pilot_days(const struct pilot_plan *p, double power, uint32_t runs,
                    uint64_t seed)
{
    uint64_t low = 1, high = 10 * p->days;
    struct pilot_plan q = *p;
    q.days = high;
    if (pilot_power(&q, runs, seed) < power)
        return 0;
    while (low < high) { /* what has accepted by a day has by the next one */
        uint64_t middle = low + (high - low) / 2;
        q.days = middle;
        if (pilot_power(&q, runs, seed) >= power)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

double pilot_margin(const struct pilot_plan *p, double power, uint32_t runs,
                    uint64_t seed)
{
    struct pilot_plan q = *p;
    for (int half_points = 1; half_points < 100; half_points++) {
        q.margin = half_points * .005;
        if (pilot_power(&q, runs, seed) >= power)
            return q.margin;
    }
    return NAN;
}
