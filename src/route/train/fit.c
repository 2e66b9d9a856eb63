/* fit.c -- the normal equations are never formed: each step is two passes over the rows.
 */
#include "route/train/fit.h"

#include "core/mem.h"

#include <math.h>

enum { STEPS = 60 };
static const double ENOUGH = 1e-10; /* of the squared residual at the start */

static const float *row(const struct fit_design *d, size_t i)
{
    return d->figures + i * F_NFEATURES;
}

void fit_standardise(struct fit_design *d, const double *weight)
{
    double sum[F_NFEATURES] = {0}, square[F_NFEATURES] = {0}, all = 0;
    for (size_t i = 0; i < d->n; i++) {
        all += weight[i];
        for (size_t k = 0; k < F_NFEATURES; k++) {
            double v = (double)row(d, i)[k];
            sum[k] += weight[i] * v;
            square[k] += weight[i] * v * v;
        }
    }
    for (size_t k = 0; k < F_NFEATURES; k++) {
        d->mean[k] = sum[k] / all;
        double s = sqrt(fmax(0, square[k] / all - d->mean[k] * d->mean[k]));
        d->deviation[k] = s < 0.1 ? 0.1 : s;
    }
    for (size_t i = 0; i < d->n; i++)
        for (size_t k = 0; k < F_NFEATURES; k++) {
            float *v = d->figures + i * F_NFEATURES + k;
            *v = (float)(((double)*v - d->mean[k]) / d->deviation[k]);
        }
}

double fit_at(const struct fit_design *d, const double *x, size_t i)
{
    const double *a = x + 1, *u = a + F_NFEATURES;
    uint32_t from = d->first[i], to = d->first[i + 1];
    double sum = x[0], terms = 0;
    for (size_t k = 0; k < F_NFEATURES; k++)
        sum += a[k] * (double)row(d, i)[k];
    for (uint32_t t = from; t < to; t++)
        terms += u[d->bucket[t]];
    return sum + (to > from ? terms / sqrt((double)(to - from)) : 0);
}

/* out += scale * row i */
static void add_row(const struct fit_design *d, size_t i, double scale, double *out)
{
    double *a = out + 1, *u = a + F_NFEATURES;
    uint32_t from = d->first[i], to = d->first[i + 1];
    out[0] += scale;
    for (size_t k = 0; k < F_NFEATURES; k++)
        a[k] += scale * (double)row(d, i)[k];
    double each = to > from ? scale / sqrt((double)(to - from)) : 0;
    for (uint32_t t = from; t < to; t++)
        u[d->bucket[t]] += each;
}

/* out = (Z'WZ + L) x */
static void multiply(const struct fit_design *d, const double *weight,
                     struct fit_strength s, const double *x, double *out)
{
    out[0] = 0;
    for (size_t k = 1; k < FIT_SIZE; k++)
        out[k] = x[k] * (k <= F_NFEATURES ? s.figures : s.terms);
    for (size_t i = 0; i < d->n; i++)
        if (weight[i] > 0)
            add_row(d, i, weight[i] * fit_at(d, x, i), out);
}

static double dot(const double *a, const double *b)
{
    double sum = 0;
    for (size_t k = 0; k < FIT_SIZE; k++)
        sum += a[k] * b[k];
    return sum;
}

int fit_solve(const struct fit_design *d, const double *weight, const double *y,
              struct fit_strength s, double *x, struct err *err)
{
    double *m = mem_zalloc(3 * FIT_SIZE * sizeof *m);
    if (!m)
        return err_nomem(err);
    double *r = m, *p = m + FIT_SIZE, *q = p + FIT_SIZE;
    for (size_t i = 0; i < d->n; i++)
        if (weight[i] > 0)
            add_row(d, i, weight[i] * (y[i] - fit_at(d, x, i)), r);
    memcpy(p, r, FIT_SIZE * sizeof *p);
    double rr = dot(r, r), enough = rr * ENOUGH;
    for (int step = 0; step < STEPS && rr > enough; step++) {
        multiply(d, weight, s, p, q);
        double alpha = rr / dot(p, q);
        for (size_t k = 0; k < FIT_SIZE; k++) {
            x[k] += alpha * p[k];
            r[k] -= alpha * q[k];
        }
        double now = dot(r, r), beta = now / rr;
        for (size_t k = 0; k < FIT_SIZE; k++)
            p[k] = r[k] + beta * p[k];
        rr = now;
    }
    mem_free(m);
    return 0;
}

/* Pools neighbours that fall (Ayer et al., 1955). */
uint32_t fit_rising(const double *pos, const double *y, size_t n, struct router_knot *ret)
{
    double x[ROUTER_KNOTS], p[ROUTER_KNOTS], size[ROUTER_KNOTS];
    uint32_t bins = n < ROUTER_KNOTS ? (uint32_t)n : ROUTER_KNOTS, top = 0;
    for (uint32_t b = 0; b < bins; b++) {
        size_t from = n * b / bins, to = n * (b + 1) / bins;
        x[top] = p[top] = 0;
        size[top] = (double)(to - from);
        for (size_t i = from; i < to; i++) {
            x[top] += pos[i] / size[top];
            p[top] += y[i] / size[top];
        }
        for (top++; top > 1 && p[top - 2] >= p[top - 1]; top--) {
            double all = size[top - 2] + size[top - 1];
            p[top - 2] = (p[top - 2] * size[top - 2] + p[top - 1] * size[top - 1]) / all;
            x[top - 2] = (x[top - 2] * size[top - 2] + x[top - 1] * size[top - 1]) / all;
            size[top - 2] = all;
        }
    }
    for (uint32_t b = 0; b < top; b++)
        ret[b] = (struct router_knot){(float)x[b], (float)fmin(1, fmax(0, p[b]))};
    return top;
}
