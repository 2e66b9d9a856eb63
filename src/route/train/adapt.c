/* adapt.c -- see adapt.h. */
#include "route/train/adapt.h"

#include <math.h>
#include <string.h>

enum { STEPS = 25, HALVINGS = 8 };
static const double ENOUGH = 1e-5; /* the largest change of a weight in the last step */

/* Precisions: 1 / (how far the weight is expected to go) squared. */
static const double OF_LEVEL = 1, OF_SCORES = 10, OF_FIGURES = 60;

static double hold_of(size_t k, double strength)
{
    return k == 0 ? OF_LEVEL : k < 3 ? OF_SCORES : OF_FIGURES * strength;
}

/* One point: its weights, the objective there, its gradient, and the lower half of its
 * matrix of second derivatives. */
struct point {
    double x[ADAPTER_SIZE], value, g[ADAPTER_SIZE], m[ADAPTER_SIZE][ADAPTER_SIZE];
};

/* Adds one row. */
static void add_row(const struct adapt_row *r, struct point *at)
{
    double row[ADAPTER_SIZE], s = 0;
    adapter_row(&r->in, row);
    for (size_t k = 0; k < ADAPTER_SIZE; k++)
        s += at->x[k] * row[k];
    double wrong = r->suffices ? -s : s, w = (double)r->weight;
    double q = exp(-fabs(s)), p = (s >= 0 ? 1 : q) / (1 + q);
    double off = w * (p - (r->suffices ? 1 : 0)), bend = w * p * (1 - p);
    at->value += w * (fmax(0, wrong) + log1p(q)); /* ln(1 + exp(wrong)) */
    for (size_t k = 0; k < ADAPTER_SIZE; k++) {
        double each = bend * row[k], *m = at->m[k];
        at->g[k] += off * row[k];
        for (size_t j = 0; j <= k; j++)
            m[j] += each * row[j];
    }
}

static void look(const struct adapt_row *v, size_t n, const struct adapter *from,
                 double strength, struct point *at)
{
    at->value = 0;
    memset(at->m, 0, sizeof at->m);
    for (size_t k = 0; k < ADAPTER_SIZE; k++) {
        double hold = hold_of(k, strength), off = at->x[k] - (double)from->x[k];
        at->value += 0.5 * hold * off * off;
        at->g[k] = hold * off;
        at->m[k][k] = hold;
    }
    for (size_t i = 0; i < n; i++)
        add_row(&v[i], at);
}

/* Solves m d = g by Cholesky's factors, which take m's place.  The holds make m positive
 * definite. */
static void solve(double m[ADAPTER_SIZE][ADAPTER_SIZE], const double *g, double *d)
{
    for (size_t k = 0; k < ADAPTER_SIZE; k++)
        for (size_t j = 0; j <= k; j++) {
            double sum = m[k][j];
            for (size_t i = 0; i < j; i++)
                sum -= m[k][i] * m[j][i];
            m[k][j] = k == j ? sqrt(sum) : sum / m[j][j];
        }
    for (size_t k = 0; k < ADAPTER_SIZE; k++) {
        d[k] = g[k];
        for (size_t i = 0; i < k; i++)
            d[k] -= m[k][i] * d[i];
        d[k] /= m[k][k];
    }
    for (size_t k = ADAPTER_SIZE; k-- > 0;) {
        for (size_t i = k + 1; i < ADAPTER_SIZE; i++)
            d[k] -= m[i][k] * d[i];
        d[k] /= m[k][k];
    }
}

/* The step that would be best were the objective a parabola, or so much of it that the
 * objective does not rise.  Returns how far it went; 0: nowhere. */
static double step(const struct adapt_row *v, size_t n, const struct adapter *from,
                   double strength, struct point *at, struct point *to)
{
    double d[ADAPTER_SIZE], length = 1, most = 0;
    solve(at->m, at->g, d);
    for (size_t k = 0; k < ADAPTER_SIZE; k++)
        most = fmax(most, fabs(d[k]));
    for (int half = 0; half < HALVINGS; half++, length /= 2) {
        for (size_t k = 0; k < ADAPTER_SIZE; k++)
            to->x[k] = at->x[k] - length * d[k];
        look(v, n, from, strength, to);
        if (to->value <= at->value)
            return length * most;
    }
    return 0;
}

void adapt_fit(const struct adapt_row *v, size_t n, const struct adapter *from,
               double strength, struct adapter *ret)
{
    struct point points[2], *at = &points[0], *to = &points[1];
    for (size_t k = 0; k < ADAPTER_SIZE; k++)
        at->x[k] = (double)from->x[k];
    look(v, n, from, strength, at);
    for (int i = 0; i < STEPS; i++) {
        double far = step(v, n, from, strength, at, to);
        if (far > 0) {
            struct point *was = at;
            at = to;
            to = was;
        }
        if (far < ENOUGH)
            break;
    }
    for (size_t k = 0; k < ADAPTER_SIZE; k++)
        ret->x[k] = (float)at->x[k];
}

double adapt_loss(const struct adapter *a, const struct adapt_row *r)
{
    double p = adapter_suffices(a, &r->in);
    return -log(fmax(0.001, r->suffices ? p : 1 - p));
}
