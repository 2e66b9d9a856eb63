/* evidence.c -- see evidence.h. */
#include "pilot/evidence.h"

#include <math.h>
#include <string.h>

/* Half of what could lose everything: a stake of all of it would end the bet. */
#define LARGEST_STAKE 0.5
/* Before there are pairs: as if two of them had come, a half apart. */
#define PRIOR_PAIRS    2.0
#define PRIOR_VARIANCE 0.25

static double mean_at(size_t i)
{
    return (double)i / 100 - 1;
}

void evidence_init(struct evidence *e, double margin, double alpha, double bound)
{
    memset(e, 0, sizeof *e);
    e->bound = bound;
    e->margin = margin;
    e->alpha = alpha;
}

double evidence_mean(const struct evidence *e)
{
    return e->seen.n > 0 ? e->seen.sum / e->seen.n : NAN;
}

void evidence_count(struct evidence_tally *t, double x)
{
    t->n++;
    t->sum += x;
    t->squares += x * x;
}

/* aGRAPA: the expected gain
 * divided by the expected square, within what cannot lose everything. */
double evidence_stake(const struct evidence_tally *t, double bound, double m,
                      bool is_above)
{
    double n = t->n + PRIOR_PAIRS;
    double mean = t->sum / n;
    double variance = (t->squares + PRIOR_PAIRS * PRIOR_VARIANCE) / n - mean * mean;
    double gain = is_above ? mean - m : m - mean;
    double worst = is_above ? bound + m : bound - m; /* what a pair may lose at most */
    if (gain <= 0 || worst <= 0)
        return 0;
    double part = gain / (variance + gain * gain), most = LARGEST_STAKE / worst;
    return part < most ? part : most;
}

static void bet(struct evidence *e, size_t i, double m, double x)
{
    double up = evidence_stake(&e->seen, e->bound, m, true);
    double down = evidence_stake(&e->seen, e->bound, m, false);
    e->above[i] += log1p(up * (x - m));
    e->below[i] += log1p(down * (m - x));
    if (e->above[i] > e->best_above[i])
        e->best_above[i] = e->above[i];
    if (e->below[i] > e->best_below[i])
        e->best_below[i] = e->below[i];
}

void evidence_add(struct evidence *e, double x)
{
    for (size_t i = 0; i < EVIDENCE_MEANS; i++)
        bet(e, i, mean_at(i), x);
    bet(e, EVIDENCE_MEANS, -e->margin, x);
    evidence_count(&e->seen, x);
}

enum verdict_of_pilot evidence_verdict(const struct evidence *e)
{
    double enough = -log(e->alpha);
    if (e->best_above[EVIDENCE_MEANS] >= enough)
        return PILOT_ACCEPT;
    return e->best_below[EVIDENCE_MEANS] >= enough ? PILOT_REJECT : PILOT_UNDECIDED;
}

void evidence_interval(const struct evidence *e, double *ret_low, double *ret_high)
{
    double enough = -log(e->alpha);
    size_t low = 0, high = EVIDENCE_MEANS - 1;
    /* Of -1 and 1 nobody can bet that the mean is beyond them. */
    for (size_t i = 1; i < EVIDENCE_MEANS - 1; i++)
        if (e->best_above[i] >= enough)
            low = i; /* what is above it has been shown; the mean itself is in between */
    for (size_t i = EVIDENCE_MEANS - 2; i > 0; i--)
        if (e->best_below[i] >= enough)
            high = i;
    *ret_low = mean_at(low);
    *ret_high = mean_at(high);
}
