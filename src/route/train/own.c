/* own.c -- a user's own labels, on top of weights there are, and only when they help.
 *
 * A few dozen labels make a router worse than none (its own noise is larger than what
 * they say), so nothing is believed before it has been held out: the labels are cut into
 * five parts, each is predicted by what the other four say, once by the old weights
 * (stretched and shifted to these labels, which is fair to them) and once by new ones
 * that may depart from the old ones.  The new ones serve only when their error is lower
 * by more than two standard errors of the difference. */
#include "route/train/internal.h"

#include "core/mem.h"
#include "route/learned/weights.h"

#include <math.h>

enum { FOLDS = 5 };

/* How freely the new weights may depart, from hardly to freely. */
static const struct fit_strength tries[] = {
    {3, 0.1}, {1, 0.03}, {0.3, 0.01}, {0.1, 0.003}, {0.1, 0.3}};

/* The old weights in the coordinates of the design. */
static void old_solution(const struct router *r, const struct fit_design *d,
                         enum router_head head, double *x)
{
    x[0] = (double)r->w.bias[head];
    for (size_t k = 0; k < F_NFEATURES; k++) {
        x[0] += (double)r->w.figure[head][k] * d->mean[k];
        x[1 + k] = (double)r->w.figure[head][k] * d->deviation[k];
    }
    for (size_t t = 0; t < ROUTER_BUCKETS; t++)
        x[1 + F_NFEATURES + t] =
            (double)r->table[t * HEAD_COUNT + head] * (double)r->w.unit[head];
}

/* Stretches and shifts x so that it fits the rows with a weight best; never turns it. */
static void stretch(const struct fit_design *d, const double *weight, const double *y,
                    double *x)
{
    double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (size_t i = 0; i < d->n; i++) {
        double p = fit_at(d, x, i), w = weight[i];
        n += w;
        sx += w * p;
        sy += w * y[i];
        sxx += w * p * p;
        sxy += w * p * y[i];
    }
    double var = sxx / n - sx / n * sx / n, cov = sxy / n - sx / n * sy / n;
    double by = var > 1e-12 ? fmin(3, fmax(0, cov / var)) : 0;
    for (size_t k = 0; k < FIT_SIZE; k++)
        x[k] *= by;
    x[0] += (sy - by * sx) / n;
}

/* Squared errors of the rows of all folds: of the old weights and of each try. */
struct held {
    double *old, *now[ARRAY_LEN(tries)];
};

static int hold_out(const struct fit_design *d, const struct train_row *v,
                    const struct router *was, unsigned fold, double *weight,
                    const double *y, struct held *h, double *x, struct err *err)
{
    size_t kept = 0;
    for (size_t i = 0; i < d->n; i++)
        kept += v[i].tie % FOLDS != fold;
    for (size_t i = 0; i < d->n; i++)
        weight[i] = v[i].tie % FOLDS != fold ? 1 / (double)kept : 0;
    for (size_t s = 0; s <= ARRAY_LEN(tries); s++) {
        double *error = s == 0 ? h->old : h->now[s - 1];
        old_solution(was, d, HEAD_GAP, x);
        stretch(d, weight, y, x);
        if (s && fit_solve(d, weight, y, tries[s - 1], x, err) < 0)
            return -1;
        for (size_t i = 0; i < d->n; i++)
            if (weight[i] == 0) {
                double off = y[i] - fit_at(d, x, i);
                error[i] = off * off;
            }
    }
    return 0;
}

static double mean_of(const double *v, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i];
    return sum / (double)n;
}

/* The best try, and whether it is clearly better than the old weights. */
static size_t compare(const struct held *h, size_t n, struct train_own *ret)
{
    size_t best = 0;
    double mean = 0, square = 0;
    for (size_t s = 1; s < ARRAY_LEN(tries); s++)
        if (mean_of(h->now[s], n) < mean_of(h->now[best], n))
            best = s;
    for (size_t i = 0; i < n; i++) {
        double x = h->old[i] - h->now[best][i];
        mean += x / (double)n;
        square += x * x / (double)n;
    }
    ret->n = n;
    ret->loss_before = mean_of(h->old, n);
    ret->loss_after = mean_of(h->now[best], n);
    ret->error = sqrt(fmax(0, square - mean * mean) / (double)n);
    ret->is_better = n >= TRAIN_OWN_LEAST && mean > TRAIN_SURE * ret->error;
    return best;
}

static int write_own(struct trainer *t, const struct router *was,
                     const struct train_row *v, size_t n, struct fit_strength s,
                     struct buf *out, struct err *err)
{
    t->w = was->w;
    for (size_t i = 0; i < n; i++)
        t->weight[i] = 1 / (double)n;
    for (int h = 0; h < HEAD_COUNT; h++) {
        for (size_t i = 0; i < n; i++)
            t->y[i] = h == HEAD_GAP ? (double)v[i].gap : (double)v[i].suffices;
        old_solution(was, &t->d, (enum router_head)h, t->x);
        stretch(&t->d, t->weight, t->y, t->x);
        if (fit_solve(&t->d, t->weight, t->y, s, t->x, err) < 0)
            return -1;
        take_solution(&t->d, (enum router_head)h, t->x, &t->w, t->table);
    }
    /* What suffices is now learnt as a chance: its table is a straight line. */
    t->w.nknots = 2;
    t->w.knots[0] = (struct router_knot){0, 0};
    t->w.knots[1] = (struct router_knot){1, 1};
    if (find_quantiles(&t->w, t->table, v, n, err) < 0)
        return -1;
    weights_write(&t->w, t->table, out);
    return out->failed ? err_nomem(err) : 0;
}

static int weigh_own(struct trainer *t, const struct router *was,
                     const struct train_row *v, size_t n, struct held *h, struct buf *out,
                     struct train_own *ret, struct err *err)
{
    if (design_read(&t->d, v, n, was->w.common, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        t->weight[i] = 1 / (double)n;
        t->y[i] = (double)v[i].gap;
    }
    fit_standardise(&t->d, t->weight);
    for (unsigned fold = 0; fold < FOLDS; fold++)
        if (hold_out(&t->d, v, was, fold, t->weight, t->y, h, t->x, err) < 0)
            return -1;
    size_t best = compare(h, n, ret);
    return ret->is_better ? write_own(t, was, v, n, tries[best], out, err) : 0;
}

int train_own(const struct router *was, const struct train_row *v, size_t n,
              struct buf *out, struct train_own *ret, struct err *err)
{
    struct trainer *t = trainer_create(n);
    double *errors = mem_zalloc((n + 1) * (1 + ARRAY_LEN(tries)) * sizeof *errors);
    struct held h = {.old = errors};
    int rc = t && errors ? 0 : err_nomem(err);
    *ret = (struct train_own){.n = n};
    for (size_t s = 0; s < ARRAY_LEN(tries); s++)
        h.now[s] = errors ? errors + (s + 1) * n : NULL;
    if (rc == 0 && n >= FOLDS)
        rc = weigh_own(t, was, v, n, &h, out, ret, err);
    trainer_free(t);
    mem_free(errors);
    return rc;
}
