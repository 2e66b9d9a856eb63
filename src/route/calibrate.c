/* calibrate.c -- histograms, and three ways to cut them. */
#include "route/calibrate.h"

#include "core/hash.h"

#include <math.h>

enum { CATCH_UP = 100 };

/* Scores outside fall into the first and last bin. */
static const double LOWEST = -0.5, HIGHEST = 1.0;
static const double MONTH_MS = 30.44 * 86400e3;

static unsigned bin_of(float gap)
{
    double at = ((double)gap - LOWEST) / (HIGHEST - LOWEST) * CALIBRATE_BINS;
    return at < 0 || isnan(at)    ? 0
           : at >= CALIBRATE_BINS ? CALIBRATE_BINS - 1
                                  : (unsigned)at;
}

static double bin_low(double bin)
{
    return LOWEST + bin / CALIBRATE_BINS * (HIGHEST - LOWEST);
}

void calibration_reset(struct calibration *c)
{
    for (size_t i = 0; i < CALIBRATE_BINS; i++) {
        atomic_store_explicit(&c->seen[i], 0, memory_order_relaxed);
        atomic_store_explicit(&c->doubt[i], 0, memory_order_relaxed);
        atomic_store_explicit(&c->pairs[i], 0, memory_order_relaxed);
        atomic_store_explicit(&c->worse[i], 0, memory_order_relaxed);
    }
    atomic_store(&c->count, 0);
    atomic_store(&c->sent, 0);
    atomic_store(&c->npairs, 0);
    atomic_store(&c->models, 0);
    atomic_store(&c->files, 0);
    atomic_store(&c->cost_nanousd, 0);
    atomic_store(&c->since_ms, 0);
    atomic_store(&c->threshold, NAN);
    atomic_store(&c->nknots, 0);
    atomic_store(&c->version, 0);
}

static unsigned get(const atomic_uint *v)
{
    return atomic_load_explicit(v, memory_order_relaxed);
}

static void add(atomic_uint *v, unsigned n)
{
    atomic_fetch_add_explicit(v, n, memory_order_relaxed);
}

/* -- what the traffic looks like ---------------------------------------------------- */

/* Shares of the traffic by bin, the training's part in it; they add up to 1.  And how
 * much of each is expected to get a worse answer at home. */
struct traffic {
    double share[CALIBRATE_BINS], loss[CALIBRATE_BINS];
};

static void add_prior(struct traffic *t, const struct router *r, double weight)
{
    const float *q = r->w.quantile;
    for (size_t i = 0; i + 1 < ROUTER_QUANTILES; i++) {
        unsigned from = bin_of(q[i]), to = bin_of(q[i + 1]);
        for (unsigned b = from; b <= to; b++) {
            double part = weight / (ROUTER_QUANTILES - 1) / (to - from + 1);
            t->share[b] += part;
            t->loss[b] += part * 0.5 * (double)i / (ROUTER_QUANTILES - 2);
        }
    }
}

static void look(const struct calibration *c, const struct router *r, struct traffic *t)
{
    double own = 0;
    memset(t, 0, sizeof *t);
    for (size_t i = 0; c && i < CALIBRATE_BINS; i++)
        own += get(&c->seen[i]);
    double prior = fmax(0, CALIBRATE_PRIOR - own / 2), all = own + prior;
    add_prior(t, r, prior / all);
    for (size_t i = 0; c && i < CALIBRATE_BINS; i++) {
        t->share[i] += get(&c->seen[i]) / all;
        t->loss[i] += get(&c->doubt[i]) / 1000.0 / all;
    }
}

/* -- three ways to cut -------------------------------------------------------------- */

static double cut_share(const struct traffic *t, double share)
{
    double above = 0;
    for (unsigned b = CALIBRATE_BINS; b-- > 0;) {
        if (above + t->share[b] >= share && t->share[b] > 0)
            return bin_low(b + 1 - (share - above) / t->share[b]);
        above += t->share[b];
    }
    return bin_low(0);
}

double calibration_upper(unsigned k, unsigned n)
{
    double lo = n ? (double)k / n : 0, hi = 1;
    if (n == 0 || k >= n)
        return 1;
    for (int step = 0; step < 40;
         step++) { /* the p at which k or fewer has a chance of 5 % */
        double p = (lo + hi) / 2, tail = 0;
        for (unsigned i = 0; i <= k; i++)
            tail += exp(lgamma(n + 1.0) - lgamma(i + 1.0) - lgamma(n - i + 1.0) +
                        i * log(p) + (n - i) * log1p(-p));
        if (tail > 0.05)
            lo = p;
        else
            hi = p;
    }
    return hi;
}

/* What the prompts below the bin lose by staying, as a share of all. */
static double loss_below(const struct calibration *c, const struct traffic *t,
                         unsigned bin)
{
    double stay = 0, doubt = 0;
    unsigned pairs = 0, worse = 0;
    for (unsigned b = 0; b < bin; b++) {
        stay += t->share[b];
        doubt += t->loss[b];
        pairs += c ? get(&c->pairs[b]) : 0;
        worse += c ? get(&c->worse[b]) : 0;
    }
    return c && get(&c->npairs) >= CALIBRATE_PAIRS
               ? stay * calibration_upper(worse, pairs)
               : doubt;
}

/* The highest threshold that keeps the loss; loss_below rises with the bin but for the
 * bound's width, so halving finds one that holds. */
static double cut_quality(const struct calibration *c, const struct traffic *t,
                          double quality)
{
    unsigned lo = 0, hi = CALIBRATE_BINS;
    while (lo < hi) {
        unsigned mid = (lo + hi + 1) / 2;
        if (loss_below(c, t, mid) <= 1 - quality)
            lo = mid;
        else
            hi = mid - 1;
    }
    return bin_low(lo);
}

/* The share of the traffic that the month's money pays for. */
static double affordable(const struct calibration *c, double usd, uint64_t now_ms)
{
    double n = c ? get(&c->count) : 0;
    double cost = c ? (double)atomic_load(&c->cost_nanousd) / 1e9 : 0;
    uint64_t since = c ? atomic_load(&c->since_ms) : 0;
    double ms = since && now_ms > since ? (double)(now_ms - since) : 0;
    if (n < CALIBRATE_EVERY || ms < 1000 || cost <= 0)
        return 0; /* nothing is known of what it costs: nothing is spent */
    double month = cost / ms * MONTH_MS;
    return month <= usd ? 1 : usd / month;
}

/* The histogram is of the past, and the first requests met a threshold of no traffic at
 * all: what went too much or too little is made good over the next CATCH_UP requests. */
static double caught_up(const struct calibration *c, double share)
{
    double owed = c ? share * get(&c->count) - get(&c->sent) : 0;
    double now = share + owed / CATCH_UP;
    return fmin((1 + share) / 2, fmax(share / 2, now));
}

float calibration_threshold(const struct calibration *c, const struct router *r,
                            const struct goal *goal, uint64_t now_ms)
{
    struct traffic t;
    double share =
        goal->kind == GOAL_PRICE ? affordable(c, goal->value, now_ms) : goal->value;
    if (goal->kind != GOAL_QUALITY && share <= 0)
        return INFINITY;
    if (goal->kind != GOAL_QUALITY && share >= 1)
        return -INFINITY;
    look(c, r, &t);
    if (goal->kind == GOAL_QUALITY)
        return (float)cut_quality(c, &t, goal->value);
    return (float)cut_share(&t, goal->kind == GOAL_SHARE ? caught_up(c, share) : share);
}

bool calibration_curve(const struct calibration *c, const struct router *r,
                       struct calibration_point *ret, size_t n)
{
    struct traffic t;
    look(c, r, &t);
    for (size_t i = 0; i < n; i++) {
        double share = n > 1 ? (double)i / (double)(n - 1) : 0;
        unsigned bin = share <= 0   ? CALIBRATE_BINS
                       : share >= 1 ? 0
                                    : bin_of((float)cut_share(&t, share));
        ret[i] =
            (struct calibration_point){.share = share, .loss = loss_below(c, &t, bin)};
    }
    return c && get(&c->npairs) >= CALIBRATE_PAIRS;
}

struct calibration_counts calibration_count(const struct calibration *c)
{
    struct calibration_counts ret = {.count = get(&c->count),
                                     .sent = get(&c->sent),
                                     .npairs = get(&c->npairs),
                                     .cost_nanousd =
                                         (int64_t)atomic_load(&c->cost_nanousd),
                                     .since_ms = atomic_load(&c->since_ms)};
    for (size_t i = 0; i < CALIBRATE_BINS; i++)
        ret.worse += get(&c->worse[i]);
    return ret;
}

static void make_table(struct calibration *c);

/* -- counting ----------------------------------------------------------------------- */

static void halve(atomic_uint *v)
{
    unsigned n = get(v);
    atomic_fetch_sub_explicit(v, n / 2, memory_order_relaxed);
}

/* Half of what is known is forgotten; the time that it stands for halves too. */
static void forget(struct calibration *c, uint64_t now_ms)
{
    for (size_t i = 0; i < CALIBRATE_BINS; i++) {
        halve(&c->seen[i]);
        halve(&c->doubt[i]);
    }
    halve(&c->sent);
    uint64_t since = atomic_load(&c->since_ms), cost = atomic_load(&c->cost_nanousd);
    if (since && now_ms > since)
        atomic_store(&c->since_ms, since + (now_ms - since) / 2);
    atomic_fetch_sub(&c->cost_nanousd, cost / 2);
}

float calibration_decide(struct calibration *c, const struct router *r,
                         const struct router_score *s, const struct goal *goal,
                         int64_t cost_nanousd, uint64_t now_ms)
{
    unsigned b = bin_of(s->gap), full = CALIBRATE_FULL;
    float at = atomic_load_explicit(&c->threshold, memory_order_relaxed);
    unsigned n = atomic_fetch_add_explicit(&c->count, 1, memory_order_relaxed) + 1;
    if (n == 1)
        atomic_store(&c->since_ms, now_ms);
    add(&c->seen[b], 1);
    add(&c->doubt[b], (unsigned)lrintf(1000 * (1 - calibration_suffices(c, s))));
    add(&c->version, 1);
    if (cost_nanousd > 0)
        atomic_fetch_add_explicit(&c->cost_nanousd, (unsigned long long)cost_nanousd,
                                  memory_order_relaxed);
    /* One worker sees the count at its limit, and halves. */
    if (n >= full && atomic_compare_exchange_strong(&c->count, &n, full / 2))
        forget(c, now_ms);
    if (n % CALIBRATE_EVERY == 1 || isnan(at)) {
        make_table(c);
        at = calibration_threshold(c, r, goal, now_ms);
        atomic_store_explicit(&c->threshold, at, memory_order_relaxed);
    }
    add(&c->sent, s->gap >= at);
    return at;
}

void calibration_outcome(struct calibration *c, float gap, bool local_was_worse)
{
    unsigned b = bin_of(gap);
    add(&c->pairs[b], 1);
    add(&c->worse[b], local_was_worse);
    add(&c->npairs, 1);
    add(&c->version, 1);
    if (get(&c->npairs) < CALIBRATE_FULL)
        return;
    for (size_t i = 0; i < CALIBRATE_BINS; i++) {
        halve(&c->pairs[i]);
        halve(&c->worse[i]);
    }
    atomic_store(&c->npairs, CALIBRATE_FULL / 2);
}

/* Groups of neighbouring bins with enough outcomes; where the share of worse ones falls
 * with the score, neighbours are pooled (Ayer et al., 1955). */
static void make_table(struct calibration *c)
{
    double x[ROUTER_KNOTS], p[ROUTER_KNOTS], size[ROUTER_KNOTS];
    if (get(&c->npairs) < CALIBRATE_PAIRS) {
        atomic_store(&c->nknots, 0);
        return;
    }
    double least = fmax(10, get(&c->npairs) / (double)ROUTER_KNOTS);
    double n = 0, at = 0, bad = 0;
    unsigned top = 0;
    for (unsigned b = 0; b < CALIBRATE_BINS && top < ROUTER_KNOTS; b++) {
        double here = get(&c->pairs[b]);
        n += here;
        at += here * bin_low(b + 0.5);
        bad += get(&c->worse[b]);
        if (n < least)
            continue;
        x[top] = at / n;
        p[top] = bad / n;
        size[top++] = n;
        n = at = bad = 0;
        for (; top > 1 && p[top - 2] >= p[top - 1]; top--) {
            double all = size[top - 2] + size[top - 1];
            p[top - 2] = (p[top - 2] * size[top - 2] + p[top - 1] * size[top - 1]) / all;
            x[top - 2] = (x[top - 2] * size[top - 2] + x[top - 1] * size[top - 1]) / all;
            size[top - 2] = all;
        }
    }
    for (unsigned i = 0; i < top; i++) {
        atomic_store_explicit(&c->knot_gap[i], (float)x[i], memory_order_relaxed);
        atomic_store_explicit(&c->knot_worse[i], (float)p[i], memory_order_relaxed);
    }
    atomic_store(&c->nknots, top);
}

float calibration_suffices(const struct calibration *c, const struct router_score *s)
{
    unsigned n = c ? atomic_load(&c->nknots) : 0;
    float x0 = 0, p0 = 0;
    for (unsigned i = 0; i < n; i++) {
        float x = atomic_load_explicit(&c->knot_gap[i], memory_order_relaxed);
        float p = atomic_load_explicit(&c->knot_worse[i], memory_order_relaxed);
        if (s->gap < x)
            return 1 - (i && x > x0 ? p0 + (s->gap - x0) / (x - x0) * (p - p0) : p);
        x0 = x;
        p0 = p;
    }
    return n ? 1 - p0 : s->suffices;
}

static void forget_outcomes(struct calibration *c)
{
    for (size_t i = 0; i < CALIBRATE_BINS; i++) {
        atomic_store_explicit(&c->pairs[i], 0, memory_order_relaxed);
        atomic_store_explicit(&c->worse[i], 0, memory_order_relaxed);
    }
    atomic_store(&c->npairs, 0);
    atomic_store(&c->nknots, 0);
    atomic_store(&c->threshold, NAN);
    atomic_fetch_add(&c->version, 1);
}

void calibration_rescored(struct calibration *c)
{
    for (size_t i = 0; i < CALIBRATE_BINS; i++) {
        atomic_store_explicit(&c->seen[i], 0, memory_order_relaxed);
        atomic_store_explicit(&c->doubt[i], 0, memory_order_relaxed);
    }
    forget_outcomes(c);
}

bool calibration_of_models(struct calibration *c, uint32_t models)
{
    uint32_t was = get(&c->models);
    bool had = get(&c->npairs) > 0;
    atomic_store(&c->models, models);
    if (was == models)
        return false;
    atomic_store(&c->files, 0);
    forget_outcomes(c);
    return had;
}

bool calibration_of_files(struct calibration *c, uint32_t files)
{
    uint32_t was = get(&c->files);
    if (files == 0 || was == files)
        return false;
    atomic_store(&c->files, files);
    atomic_fetch_add(&c->version, 1);
    if (was)
        forget_outcomes(c);
    return was != 0;
}

/* -- the disk ----------------------------------------------------------------------- */

struct saved {
    char magic[8];
    uint32_t digest, count;
    uint64_t cost_nanousd, since_ms;
    uint32_t npairs, sent;
    uint32_t bins[4][CALIBRATE_BINS];
    uint32_t models, files, spare, crc;
};
_Static_assert(sizeof(struct saved) == CALIBRATION_BYTES, "CALIBRATION_BYTES");
static const char magic[8] = {'W', 'E', 'I', 'R', 'C', 'A', 'L', '2'};

void calibration_save(const struct calibration *c, uint32_t digest,
                      unsigned char out[CALIBRATION_BYTES])
{
    struct saved s = {.digest = digest,
                      .count = get(&c->count),
                      .cost_nanousd = atomic_load(&c->cost_nanousd),
                      .since_ms = atomic_load(&c->since_ms),
                      .npairs = get(&c->npairs),
                      .sent = get(&c->sent),
                      .models = get(&c->models),
                      .files = get(&c->files)};
    memcpy(s.magic, magic, sizeof magic);
    for (size_t i = 0; i < CALIBRATE_BINS; i++) {
        s.bins[0][i] = get(&c->seen[i]);
        s.bins[1][i] = get(&c->doubt[i]);
        s.bins[2][i] = get(&c->pairs[i]);
        s.bins[3][i] = get(&c->worse[i]);
    }
    s.crc = crc32c(0, (struct str){(const char *)&s, offsetof(struct saved, crc)});
    memcpy(out, &s, sizeof s);
}

bool calibration_load(struct calibration *c, uint32_t digest, struct str bytes)
{
    struct saved s;
    calibration_reset(c);
    if (bytes.n != sizeof s)
        return false;
    memcpy(&s, bytes.p, sizeof s);
    if (memcmp(s.magic, magic, sizeof magic) != 0 || s.digest != digest ||
        s.crc != crc32c(0, str_sub(bytes, 0, offsetof(struct saved, crc))))
        return false;
    for (size_t i = 0; i < CALIBRATE_BINS; i++) {
        atomic_store(&c->seen[i], s.bins[0][i]);
        atomic_store(&c->doubt[i], s.bins[1][i]);
        atomic_store(&c->pairs[i], s.bins[2][i]);
        atomic_store(&c->worse[i], s.bins[3][i]);
    }
    atomic_store(&c->count, s.count);
    atomic_store(&c->npairs, s.npairs);
    atomic_store(&c->sent, s.sent);
    atomic_store(&c->models, s.models);
    atomic_store(&c->files, s.files);
    atomic_store(&c->cost_nanousd, s.cost_nanousd);
    atomic_store(&c->since_ms, s.since_ms);
    make_table(c);
    return true;
}
