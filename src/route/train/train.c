/* train.c -- from rows to the block of weights. */
#include "route/train/internal.h"

#include "core/mem.h"
#include "route/learned/weights.h"

#include <math.h>
#include <stdlib.h>

enum { COMMON_IN = 6, MAX_BUCKET_TERMS = 64 * 1024 * 1024 };

struct train_settings train_usual(void)
{
    return (struct train_settings){{2, 0.003}};
}

/* -- reading the rows --------------------------------------------------------------- */

static void design_free(struct fit_design *d)
{
    mem_free(d->figures);
    mem_free(d->first);
    mem_free(d->bucket);
}

static bool add_buckets(struct fit_design *d, const struct prompt *p, size_t i,
                        size_t *cap)
{
    uint32_t at = d->first[i];
    if (!d->bucket || at + p->nterms > *cap) {
        *cap = 2 * *cap + PROMPT_MAX_TERMS;
        uint16_t *v =
            *cap > MAX_BUCKET_TERMS ? NULL : mem_realloc(d->bucket, *cap * sizeof *v);
        if (!v)
            return false;
        d->bucket = v;
    }
    for (uint32_t t = 0; t < p->nterms; t++)
        d->bucket[at + t] = (uint16_t)(p->term[t] >> 16);
    d->first[i + 1] = at + p->nterms;
    return true;
}

int design_read(struct fit_design *d, const struct train_row *v, size_t n,
                const uint8_t *common, struct err *err)
{
    struct cue_table *words = mem_new(struct cue_table);
    struct prompt *p = mem_new(struct prompt);
    size_t cap = 0;
    *d = (struct fit_design){.n = n};
    d->figures = mem_alloc((n + 1) * F_NFEATURES * sizeof *d->figures);
    d->first = mem_zalloc((n + 1) * sizeof *d->first);
    bool ok = words && p && d->figures && d->first;
    if (ok)
        cue_table_fill(words);
    for (size_t i = 0; ok && i < n; i++) {
        prompt_read(words, common, v[i].text, p);
        memcpy(d->figures + i * F_NFEATURES, p->f, sizeof p->f);
        ok = add_buckets(d, p, i, &cap);
    }
    mem_free(words);
    mem_free(p);
    return ok ? 0 : err_nomem(err);
}

/* Words that at least six prompts have. */
static int find_common(const struct train_row *v, size_t n, uint8_t *common,
                       struct err *err)
{
    uint32_t *df = mem_zalloc(COMMON_BITS * sizeof *df);
    if (!df)
        return err_nomem(err);
    for (size_t i = 0; i < n; i++)
        prompt_count_words(v[i].text, df);
    memset(common, 0, COMMON_BYTES);
    for (size_t h = 0; h < COMMON_BITS; h++)
        if (df[h] >= COMMON_IN)
            common[h / 8] |= (uint8_t)(1u << (h & 7));
    mem_free(df);
    return 0;
}

/* Each source has the same weight; all weights together are 1. */
static void weigh(const struct train_row *v, size_t n, double *weight)
{
    double size[TRAIN_MAX_SOURCES] = {0}, sources = 0;
    for (size_t i = 0; i < n; i++)
        size[v[i].source]++;
    for (size_t s = 0; s < TRAIN_MAX_SOURCES; s++)
        sources += size[s] > 0;
    for (size_t i = 0; i < n; i++)
        weight[i] = 1 / (size[v[i].source] * sources);
}

/* -- from a solution to weights ----------------------------------------------------- */

static void prior_of(const struct fit_design *d, enum router_head head, double *x)
{
    float figure[F_NFEATURES];
    train_prior(head, figure);
    memset(x, 0, FIT_SIZE * sizeof *x);
    for (size_t k = 0; k < F_NFEATURES; k++)
        x[1 + k] = (double)figure[k] * d->deviation[k];
}

void take_solution(const struct fit_design *d, enum router_head head, const double *x,
                   struct router_weights *w, int8_t *table)
{
    const double *a = x + 1, *u = a + F_NFEATURES;
    double bias = x[0], square = 0, largest = 0;
    for (size_t k = 0; k < F_NFEATURES; k++) {
        w->figure[head][k] = (float)(a[k] / d->deviation[k]);
        w->usual[k] = (float)d->mean[k];
        bias -= a[k] * d->mean[k] / d->deviation[k];
    }
    for (size_t t = 0; t < ROUTER_BUCKETS; t++) {
        square += u[t] * u[t];
        largest = fmax(largest, fabs(u[t]));
    }
    /* A few large ones must not cost all others their precision. */
    double most = fmin(largest, 8 * sqrt(square / ROUTER_BUCKETS));
    double unit = most > 0 ? most / 127 : 1;
    w->bias[head] = (float)bias;
    w->unit[head] = (float)unit;
    for (size_t t = 0; t < ROUTER_BUCKETS; t++)
        table[t * HEAD_COUNT + head] = (int8_t)lround(fmax(-127, fmin(127, u[t] / unit)));
}

struct point {
    double at, y;
    uint64_t tie;
};

static int by_at(const void *pa, const void *pb)
{
    const struct point *a = pa, *b = pb;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return a->tie < b->tie ? -1 : a->tie > b->tie;
}

/* Half learns, the other half is predicted, and the other way about: what was learnt by
 * heart would look surer than it is. */
static int cross_points(const struct fit_design *d, const struct train_row *v,
                        const double *weight, const double *y, struct fit_strength s,
                        struct point *points, struct err *err)
{
    double *half = mem_alloc((d->n + 1) * sizeof *half);
    double *x = mem_alloc(FIT_SIZE * sizeof *x);
    int rc = 0;
    if (!half || !x) {
        (void)err_nomem(err);
        rc = -1;
    }
    for (unsigned h = 0; rc == 0 && h < 2; h++) {
        for (size_t i = 0; i < d->n; i++)
            half[i] = (v[i].tie & 1) == h ? 2 * weight[i] : 0;
        prior_of(d, HEAD_SUFFICES, x);
        rc = fit_solve(d, half, y, s, x, err);
        for (size_t i = 0; rc == 0 && i < d->n; i++)
            if (half[i] == 0)
                points[i] = (struct point){fit_at(d, x, i), y[i], v[i].tie};
    }
    mem_free(half);
    mem_free(x);
    return rc;
}

static int find_knots(const struct fit_design *d, const struct train_row *v,
                      const double *weight, const double *y, struct fit_strength s,
                      struct router_weights *w, struct err *err)
{
    struct point *points = mem_alloc((d->n + 1) * sizeof *points);
    double *pos = mem_alloc((2 * d->n + 1) * sizeof *pos);
    int rc = -1;
    if (points && pos)
        rc = cross_points(d, v, weight, y, s, points, err);
    else
        (void)err_nomem(err);
    if (rc == 0) {
        qsort(points, d->n, sizeof *points, by_at);
        for (size_t i = 0; i < d->n; i++) {
            pos[i] = points[i].at;
            pos[d->n + i] = points[i].y;
        }
        w->nknots = fit_rising(pos, pos + d->n, d->n, w->knots);
    }
    mem_free(points);
    mem_free(pos);
    return rc;
}

int find_quantiles(struct router_weights *w, const int8_t *table,
                   const struct train_row *v, size_t n, struct err *err)
{
    struct router *r = mem_new(struct router);
    struct point *points = mem_alloc((n + 1) * sizeof *points);
    bool ok = r && points;
    if (!ok)
        (void)err_nomem(err);
    if (ok) {
        r->w = *w;
        r->table = table;
        cue_table_fill(&r->words);
        for (size_t i = 0; i < n; i++) {
            struct router_score s;
            router_read(r, v[i].text, &s);
            points[i] = (struct point){(double)s.gap, 0, v[i].tie};
        }
        qsort(points, n, sizeof *points, by_at);
        for (size_t q = 0; q < ROUTER_QUANTILES; q++)
            w->quantile[q] = (float)points[(n - 1) * q / (ROUTER_QUANTILES - 1)].at;
    }
    mem_free(r);
    mem_free(points);
    return ok ? 0 : -1;
}

/* -- the two ways ------------------------------------------------------------------- */

void trainer_free(struct trainer *t)
{
    if (!t)
        return;
    design_free(&t->d);
    mem_free(t->table);
    mem_free(t->weight);
    mem_free(t->y);
    mem_free(t->x);
    mem_free(t);
}

struct trainer *trainer_create(size_t n)
{
    struct trainer *t = mem_new(struct trainer);
    if (!t)
        return NULL;
    t->table = mem_zalloc(ROUTER_BUCKETS * HEAD_COUNT);
    t->weight = mem_alloc((n + 1) * sizeof *t->weight);
    t->y = mem_alloc((n + 1) * sizeof *t->y);
    t->x = mem_alloc(FIT_SIZE * sizeof *t->x);
    if (!t->table || !t->weight || !t->y || !t->x) {
        trainer_free(t);
        return NULL;
    }
    return t;
}

static void targets(const struct train_row *v, size_t n, enum router_head head, double *y)
{
    for (size_t i = 0; i < n; i++)
        y[i] = head == HEAD_GAP ? (double)v[i].gap : (double)v[i].suffices;
}

/* A source differs from another in how good its models are: only how its prompts differ
 * from each other is learnt, around the mean of all. */
static void centre(const struct train_row *v, size_t n, double *y)
{
    double sum[TRAIN_MAX_SOURCES] = {0}, size[TRAIN_MAX_SOURCES] = {0}, all = 0;
    double sources = 0;
    for (size_t i = 0; i < n; i++) {
        sum[v[i].source] += y[i];
        size[v[i].source]++;
    }
    for (size_t s = 0; s < TRAIN_MAX_SOURCES; s++)
        if (size[s] > 0) {
            all += sum[s] / size[s];
            sources++;
        }
    for (size_t i = 0; i < n; i++)
        y[i] += all / sources - sum[v[i].source] / size[v[i].source];
}

int train_router(const struct train_row *v, size_t n, const struct train_settings *s,
                 struct buf *out, struct err *err)
{
    if (n < TRAIN_LEAST)
        return err_set(err, ERR_CONFIG, "train_few",
                       "%zu prompts are too few: at least %d are needed, about four for "
                       "each of the %d figures that are learnt; with fewer the weights "
                       "would be the noise of the scores",
                       n, TRAIN_LEAST, F_NFEATURES);
    struct trainer *t = trainer_create(n);
    int rc = t ? find_common(v, n, t->w.common, err) : err_nomem(err);
    if (rc == 0)
        rc = design_read(&t->d, v, n, t->w.common, err);
    if (rc == 0) {
        weigh(v, n, t->weight);
        fit_standardise(&t->d, t->weight);
    }
    for (int h = 0; rc == 0 && h < HEAD_COUNT; h++) {
        targets(v, n, (enum router_head)h, t->y);
        if (h == HEAD_GAP)
            centre(v, n, t->y);
        prior_of(&t->d, (enum router_head)h, t->x);
        rc = fit_solve(&t->d, t->weight, t->y, s->strength, t->x, err);
        if (rc == 0)
            take_solution(&t->d, (enum router_head)h, t->x, &t->w, t->table);
    }
    if (rc == 0) /* t->y is what suffices: the last head */
        rc = find_knots(&t->d, v, t->weight, t->y, s->strength, &t->w, err);
    if (rc == 0)
        rc = find_quantiles(&t->w, t->table, v, n, err);
    if (rc == 0)
        weights_write(&t->w, t->table, out);
    trainer_free(t);
    return rc < 0 ? -1 : out->failed ? err_nomem(err) : 0;
}
