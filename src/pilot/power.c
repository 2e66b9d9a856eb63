/* power.c -- see power.h. */
#include "pilot/power.h"

#include "core/random.h"
#include "pilot/book.h"

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

/* What the judge says of a pair on which y is true: now and then the opposite, or that
 * one of two equal answers is better. */
static double judge(const struct pilot_plan *p, double y, uint64_t *state)
{
    if (random_uniform(state) >= p->judge_wrong)
        return y;
    return y != 0 ? -y : random_uniform(state) < .5 ? -1 : 1;
}

/* As it counts (book.h); the person's word is there at once. */
static double draw_counted(const struct pilot_plan *p, uint64_t *state)
{
    double y = draw(p, state);
    if (p->judged <= 0 || random_uniform(state) >= p->judged)
        return y;
    double f = judge(p, y, state);
    return random_uniform(state) < p->kept ? pilot_corrected(f, y, p->kept) : f;
}

static void add(struct lean *l, double bound, double m, double x)
{
    l->log_capital += log1p(evidence_stake(&l->seen, bound, m, true) * (x - m));
    evidence_count(&l->seen, x);
}

/* The day on which it accepts, from 1; 0: on none. */
static uint64_t accepts_on(const struct pilot_plan *p, uint64_t days, uint64_t seed)
{
    struct lean l = {0};
    double enough = -log(p->alpha), best = 0;
    double bound = p->judged > 0 ? pilot_bound(p->kept) : 1;
    for (uint64_t day = 1; day <= days; day++) {
        for (uint64_t i = 0; i < p->per_day; i++) {
            add(&l, bound, -p->margin, draw_counted(p, &seed));
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

/* A simulation may be off by its standard error: so much more must be seen. */
static double to_be_sure(double power, uint32_t runs)
{
    return power + sqrt(power * (1 - power) / runs);
}

uint64_t pilot_days(const struct pilot_plan *p, double power, uint32_t runs,
                    uint64_t seed)
{
    uint64_t low = 1, high = 10 * p->days;
    struct pilot_plan q = *p;
    q.days = high;
    double enough = to_be_sure(power, runs);
    if (pilot_power(&q, runs, seed) < enough)
        return 0;
    while (low < high) { /* what has accepted by a day has by the next one */
        uint64_t middle = low + (high - low) / 2;
        q.days = middle;
        if (pilot_power(&q, runs, seed) >= enough)
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
        if (pilot_power(&q, runs, seed) >= to_be_sure(power, runs))
            return q.margin;
    }
    return NAN;
}
