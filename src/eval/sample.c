/* sample.c -- see sample.h. */
#include "eval/sample.h"

#include "core/mem.h"
#include "core/random.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum { FIRST_VALUES = 64 };

void sample_init(struct sample *s)
{
    *s = (struct sample){.is_sorted = false};
}

void sample_release(struct sample *s)
{
    mem_free(s->values);
    sample_init(s);
}

int sample_add(struct sample *s, double value, struct err *err)
{
    if (!isfinite(value))
        return 0;
    s->seen++;
    if (s->most && s->n == s->most) { /* Vitter 1985, algorithm R */
        uint64_t at = (uint64_t)(random_uniform(&s->chance) * (double)s->seen);
        if (at < s->n)
            s->values[at] = value;
        return 0;
    }
    if (s->n == s->room) {
        size_t room = s->room ? 2 * s->room : FIRST_VALUES;
        double *values = mem_realloc(s->values, room * sizeof *values);
        if (!values)
            return err_nomem(err);
        s->values = values;
        s->room = room;
    }
    s->values[s->n++] = value;
    s->is_sorted = false;
    return 0;
}

double sample_sum(const struct sample *s)
{
    double sum = 0, lost = 0; /* Neumaier: what rounding lost is kept beside the sum */
    for (size_t i = 0; i < s->n; i++) {
        double next = sum + s->values[i];
        lost += fabs(sum) >= fabs(s->values[i]) ? (sum - next) + s->values[i]
                                                : (s->values[i] - next) + sum;
        sum = next;
    }
    return sum + lost;
}

double sample_mean(const struct sample *s)
{
    return s->n ? sample_sum(s) / (double)s->n : NAN;
}

double sample_deviation(const struct sample *s)
{
    double mean = sample_mean(s), squares = 0;
    if (s->n < 2)
        return NAN;
    for (size_t i = 0; i < s->n; i++)
        squares += (s->values[i] - mean) * (s->values[i] - mean);
    return sqrt(squares / (double)(s->n - 1));
}

double sample_variation(const struct sample *s)
{
    double mean = sample_mean(s);
    return mean > 0 ? sample_deviation(s) / mean : NAN;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double sample_quantile(struct sample *s, double p)
{
    if (s->n == 0)
        return NAN;
    if (!s->is_sorted)
        qsort(s->values, s->n, sizeof *s->values, by_value);
    s->is_sorted = true;
    double rank = p * (double)(s->n - 1);
    size_t below = (size_t)rank, above = below + 1 < s->n ? below + 1 : below;
    return s->values[below] +
           (rank - (double)below) * (s->values[above] - s->values[below]);
}

double sample_jitter(const struct sample *s)
{
    double sum = 0;
    assert(!s->is_sorted); /* the order has to be the one of time */
    if (s->n < 2)
        return NAN;
    for (size_t i = 1; i < s->n; i++)
        sum += fabs(s->values[i] - s->values[i - 1]);
    return sum / (double)(s->n - 1);
}
