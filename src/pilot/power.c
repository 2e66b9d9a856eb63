/* power.c -- see power.h. */
#include "pilot/power.h"

#include "pilot/evidence.h"

#include <math.h>

/* Only the bet at the margin is played: what the interval needs takes 200 times as long.
 */
struct lean {
    double n, sum, squares, log_capital;
};

/* splitmix64 (Steele, Lea, Flood 2014), 53 bits of it. */
static double uniform(uint64_t *state)
{
    uint64_t x = (*state += 0x9E3779B97F4A7C15U);
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
    x ^= x >> 31;
    return (double)(x >> 11) / 9007199254740992.0;
}

/* -1, 0 or 1 with this mean and this share of differences. */
static double draw(const struct pilot_plan *p, uint64_t *state)
{
    double better = (p->split + p->truth) / 2, u = uniform(state);
    if (u < better)
        return 1;
    return u < p->split ? -1 : 0;
}

/* As evidence.c bets on "above"; a test compares the two. */
static void add(struct lean *l, double m, double x)
{
    double n = l->n + 2, mean = l->sum / n;
    double variance = (l->squares + .5) / n - mean * mean;
    double gain = mean - m, stake = 0;
    if (gain > 0 && 1 + m > 0) {
        stake = gain / (variance + gain * gain);
        stake = stake < .5 / (1 + m) ? stake : .5 / (1 + m);
    }
    l->log_capital += log1p(stake * (x - m));
    l->n++;
    l->sum += x;
    l->squares += x * x;
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
