/* learn.c -- weights of the score, learnt.
 *
 * Newton's method on the penalised log-likelihood: with two dozen features a step is a
 * small linear system, solved by Cholesky's method.  The constant is not penalised. */
#include "judge/learn.h"

#include <math.h>

enum { STEPS = 25 };

double learn_log_odds(const double w[FEATURE_COUNT], const double v[FEATURE_COUNT])
{
    double sum = 0;
    for (size_t i = 0; i < FEATURE_COUNT; i++)
        sum += w[i] * v[i];
    return sum;
}

/* Solves h x = g in place of g; h is symmetric and, with the penalty, positive. */
static void solve(double h[FEATURE_COUNT][FEATURE_COUNT], double g[FEATURE_COUNT])
{
    for (size_t i = 0; i < FEATURE_COUNT; i++) {
        for (size_t k = 0; k <= i; k++) {
            double s = h[i][k];
            for (size_t m = 0; m < k; m++)
                s -= h[i][m] * h[k][m];
            h[i][k] = i == k ? sqrt(s > 1e-12 ? s : 1e-12) : s / h[k][k];
        }
    }
    for (size_t i = 0; i < FEATURE_COUNT; i++) {
        for (size_t m = 0; m < i; m++)
            g[i] -= h[i][m] * g[m];
        g[i] /= h[i][i];
    }
    for (size_t i = FEATURE_COUNT; i-- > 0;) {
        for (size_t m = i + 1; m < FEATURE_COUNT; m++)
            g[i] -= h[m][i] * g[m];
        g[i] /= h[i][i];
    }
}

static void add_row(const struct learn_row *r, const double w[FEATURE_COUNT],
                    double h[FEATURE_COUNT][FEATURE_COUNT], double g[FEATURE_COUNT])
{
    double p = 1 / (1 + exp(-learn_log_odds(w, r->v)));
    double slope = r->weight * p * (1 - p), miss = r->weight * (r->good - p);
    for (size_t i = 0; i < FEATURE_COUNT; i++) {
        if (r->v[i] == 0)
            continue;
        g[i] += miss * r->v[i];
        for (size_t k = 0; k <= i; k++)
            h[i][k] += slope * r->v[i] * r->v[k];
    }
}

void learn_weights(const struct learn_row *rows, size_t n, unsigned leave_out,
                   double ridge, double w[FEATURE_COUNT])
{
    memset(w, 0, FEATURE_COUNT * sizeof *w);
    for (int step = 0; step < STEPS; step++) {
        double h[FEATURE_COUNT][FEATURE_COUNT] = {{0}}, g[FEATURE_COUNT] = {0};
        for (size_t i = 0; i < n; i++)
            if (rows[i].source != leave_out)
                add_row(&rows[i], w, h, g);
        for (size_t i = 0; i < FEATURE_COUNT; i++) {
            double penalty = i == FEATURE_ALWAYS ? 1e-6 : ridge;
            h[i][i] += penalty;
            g[i] -= penalty * w[i];
        }
        solve(h, g);
        double largest = 0;
        for (size_t i = 0; i < FEATURE_COUNT; i++) {
            w[i] += g[i];
            largest = fmax(largest, fabs(g[i]));
        }
        if (largest < 1e-9)
            break;
    }
}
