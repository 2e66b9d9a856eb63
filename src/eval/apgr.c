/* apgr.c -- RouteLLM's figures of an order of prompts. */
#include "eval/apgr.h"

#include "core/hash.h"
#include "core/mem.h"
#include "core/random.h"

#include <math.h>
#include <stdlib.h>

enum { RANDOM_ORDERS = 10, DRAWS = 200 };
/* Means of the same scores differ in their last bits by the order of adding them up. */
#define LEAST_GAIN 1e-9

uint64_t eval_tie(struct str id)
{
    return siphash_once((struct siphash_key){0, 0}, id);
}

/* -- the order ---------------------------------------------------------------------- */

struct ranked {
    double score;
    uint64_t tie;
    uint32_t index;
};

/* Total: not a number is below all numbers; equal ties (one id twice) keep their lines'
 * order. */
static int by_score(const void *pa, const void *pb)
{
    const struct ranked *a = pa, *b = pb;
    double x = isnan(a->score) ? -INFINITY : a->score;
    double y = isnan(b->score) ? -INFINITY : b->score;
    if (x != y)
        return x > y ? -1 : 1;
    if (a->tie != b->tie)
        return a->tie < b->tie ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

uint32_t *eval_order(const struct eval_pair *pairs, const double *scores, size_t n)
{
    struct ranked *r = mem_alloc((n + 1) * sizeof *r);
    uint32_t *order = mem_alloc((n + 1) * sizeof *order);
    if (r && order) {
        for (size_t i = 0; i < n; i++)
            r[i] = (struct ranked){scores[i], pairs[i].tie, (uint32_t)i};
        qsort(r, n, sizeof *r, by_score);
        for (size_t i = 0; i < n; i++)
            order[i] = r[i].index;
    } else {
        mem_free(order);
        order = NULL;
    }
    mem_free(r);
    return order;
}

/* -- the figures -------------------------------------------------------------------- */

/* How many prompts the k-th edge of ten sends to the cloud.  The edge is the quantile
 * k/10 of the scores, which lies (n - 1) k / 10 places above the lowest. */
static size_t sent_at(size_t k, size_t n)
{
    return k == EVAL_BINS ? 0 : n - ((n - 1) * k + EVAL_BINS - 1) / EVAL_BINS;
}

static double trapezoid(const struct eval_point *p)
{
    double sum = 0;
    for (int i = 1; i < EVAL_POINTS; i++)
        sum += (p[i].share - p[i - 1].share) * (p[i].quality + p[i - 1].quality) / 2;
    return sum;
}

/* What the cloud gains; not a number where there is nothing to recover. */
static double gain_of(double local, double cloud)
{
    return fabs(cloud - local) < LEAST_GAIN ? NAN : cloud - local;
}

static double apgr_of(const struct eval_point *curve, double local, double cloud)
{
    return (trapezoid(curve) - local) / gain_of(local, cloud);
}

/* numpy.interp(q, quality, share): a binary search, whether quality rises or not. */
static double share_for(const struct eval_point *p, double q)
{
    size_t lo = 0, hi = EVAL_POINTS;
    if (q < p[0].quality)
        return p[0].share;
    if (q > p[EVAL_POINTS - 1].quality)
        return p[EVAL_POINTS - 1].share;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (q >= p[mid].quality)
            lo = mid + 1;
        else
            hi = mid;
    }
    size_t j = lo ? lo - 1 : 0;
    if (j == EVAL_POINTS - 1 || p[j + 1].quality == p[j].quality)
        return p[j].share;
    return p[j].share + (q - p[j].quality) * (p[j + 1].share - p[j].share) /
                            (p[j + 1].quality - p[j].quality);
}

static double least_share95(const struct eval_pair *pairs, const uint32_t *order,
                            size_t n, double local_sum, double cloud_sum)
{
    double sum = local_sum;
    for (size_t k = 0; k < n; k++) {
        /* Sums of many fractions differ in their last bits by order. */
        if (sum >= 0.95 * cloud_sum - 1e-9 * (double)n)
            return 100.0 * (double)k / (double)n;
        sum += pairs[order[k]].cloud - pairs[order[k]].local;
    }
    return 100;
}

void eval_measure(const struct eval_pair *pairs, const uint32_t *order, size_t n,
                  struct eval_figures *ret)
{
    double local = 0, cloud = 0, won = 0;
    for (size_t i = 0; i < n; i++) {
        local += pairs[i].local;
        cloud += pairs[i].cloud;
    }
    *ret = (struct eval_figures){
        .n = n, .local = local / (double)n, .cloud = cloud / (double)n};
    for (size_t k = EVAL_POINTS, sent = 0; k-- > 0;) {
        for (; sent < sent_at(k, n); sent++)
            won += pairs[order[sent]].cloud - pairs[order[sent]].local;
        ret->curve[EVAL_BINS - k] = (struct eval_point){
            (double)sent / (double)n, sent == n ? ret->cloud : (local + won) / (double)n};
    }
    double gain = n > 1 ? gain_of(ret->local, ret->cloud) : NAN;
    bool exists = isfinite(gain);
    ret->apgr = exists ? apgr_of(ret->curve, ret->local, ret->cloud) : NAN;
    ret->cpt50 = exists ? 100 * share_for(ret->curve, ret->local + 0.5 * gain) : NAN;
    ret->cpt80 = exists ? 100 * share_for(ret->curve, ret->local + 0.8 * gain) : NAN;
    ret->share95 = least_share95(pairs, order, n, local, cloud);
}

int eval_scores(const struct eval_pair *pairs, const double *scores, size_t n,
                struct eval_figures *ret, struct err *err)
{
    uint32_t *order = eval_order(pairs, scores, n);
    if (!order)
        return err_nomem(err);
    eval_measure(pairs, order, n, ret);
    mem_free(order);
    return 0;
}

/* -- what it is compared with ------------------------------------------------------- */

int eval_oracle(const struct eval_pair *pairs, size_t n, struct eval_figures *ret,
                struct err *err)
{
    double *gap = mem_alloc((n + 1) * sizeof *gap);
    for (size_t i = 0; gap && i < n; i++)
        gap[i] = pairs[i].cloud - pairs[i].local;
    int rc = gap ? eval_scores(pairs, gap, n, ret, err) : err_nomem(err);
    mem_free(gap);
    return rc;
}

static uint64_t mix(uint64_t x)
{
    return random_next(&x);
}

int eval_random(const struct eval_pair *pairs, size_t n, double *ret_apgr,
                struct err *err)
{
    double *score = mem_alloc((n + 1) * sizeof *score);
    struct eval_figures f = {0};
    double sum = 0;
    int rc = 0;
    if (!score)
        return err_nomem(err);
    for (uint64_t seed = 1; rc == 0 && seed <= RANDOM_ORDERS; seed++) {
        for (size_t i = 0; i < n; i++)
            score[i] = (double)(mix(pairs[i].tie ^ mix(seed)) >> 11);
        rc = eval_scores(pairs, score, n, &f, err);
        sum += f.apgr;
    }
    mem_free(score);
    if (rc == 0)
        *ret_apgr = sum / RANDOM_ORDERS;
    return rc;
}

double eval_length(struct str prompt)
{
    size_t n = 0;
    for (size_t i = 0; i < prompt.n; i++)
        n += ((unsigned char)prompt.p[i] & 0xc0) != 0x80;
    return (double)n;
}

/* -- how sure ----------------------------------------------------------------------- */

/* APGR of the order with each prompt as often as it was drawn, n in all. */
static double drawn_apgr(const struct eval_pair *pairs, const uint32_t *order,
                         const uint32_t *times, size_t n)
{
    struct eval_point curve[EVAL_POINTS];
    double local = 0, cloud = 0, won = 0;
    for (size_t i = 0; i < n; i++) {
        local += times[i] * pairs[i].local;
        cloud += times[i] * pairs[i].cloud;
    }
    for (size_t k = EVAL_POINTS, sent = 0, i = 0, used = 0; k-- > 0;) {
        for (; sent < sent_at(k, n); sent++) {
            for (; used == times[order[i]]; i++)
                used = 0;
            won += pairs[order[i]].cloud - pairs[order[i]].local;
            used++;
        }
        curve[EVAL_BINS - k] =
            (struct eval_point){(double)sent / (double)n, (local + won) / (double)n};
    }
    return apgr_of(curve, local / (double)n, cloud / (double)n);
}

int eval_error(const struct eval_pair *pairs, const uint32_t *order,
               const uint32_t *other, size_t n, double *ret, struct err *err)
{
    uint32_t *times = mem_alloc((n + 1) * sizeof *times);
    struct eval_figures all;
    double sum = 0, squares = 0, used = 0;
    *ret = NAN;
    if (!times)
        return err_nomem(err);
    eval_measure(pairs, order, n, &all);
    for (uint64_t draw = 0; draw < DRAWS; draw++) {
        memset(times, 0, n * sizeof *times);
        for (size_t i = 0; i < n; i++)
            times[mix(mix(draw) + i) % n]++;
        double x = drawn_apgr(pairs, order, times, n) -
                   (other ? drawn_apgr(pairs, other, times, n) : 0);
        if (!isfinite(x)) /* both sides equally good in this draw */
            continue;
        sum += x;
        squares += x * x;
        used++;
    }
    mem_free(times);
    double mean = used > 0 ? sum / used : 0;
    if (used > 1 && isfinite(all.apgr))
        *ret = sqrt(fmax(0, squares / used - mean * mean) * used / (used - 1));
    return 0;
}
