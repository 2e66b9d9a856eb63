/* adapt_own.c -- see adapt_own.h. */
#include "route/train/adapt_own.h"

#include "core/mem.h"
#include "route/train/internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FOLDS = 5 };
static const double strengths[] = {0.5, 1, 3, 10};

/* Losses of each row that its fit had not seen: as it was, and by strength. */
struct held {
    struct adapt_row *kept;
    double *was, *now[ARRAY_LEN(strengths)];
};

static int by_conversation(const void *pa, const void *pb)
{
    const struct adapt_own_row *a = pa, *b = pb;
    if (a->conversation != b->conversation)
        return a->conversation < b->conversation ? -1 : 1;
    return memcmp(&a->row.in, &b->row.in, sizeof a->row.in);
}

static unsigned fold_of(uint64_t conversation)
{
    return (unsigned)((conversation * UINT64_C(0x9E3779B97F4A7C15)) >> 32) % FOLDS;
}

static void hold_out(const struct adapt_own_row *v, size_t n, unsigned fold,
                     const struct adapter *was, struct held *h)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (fold_of(v[i].conversation) != fold)
            h->kept[kept++] = v[i].row;
    for (size_t s = 0; s < ARRAY_LEN(strengths); s++) {
        struct adapter now;
        adapt_fit(h->kept, kept, was, strengths[s], &now);
        for (size_t i = 0; i < n; i++)
            if (fold_of(v[i].conversation) == fold)
                h->now[s][i] = adapt_loss(&now, &v[i].row);
    }
}

static double mean_loss(const struct adapt_own_row *v, size_t n, const double *loss)
{
    double sum = 0, weight = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (double)v[i].row.weight * loss[i];
        weight += (double)v[i].row.weight;
    }
    return sum / weight;
}

/* Of the mean difference: what conversations add to it, around the mean. */
static double error_of(const struct adapt_own_row *v, size_t n, const struct held *h,
                       size_t s, double gain)
{
    double sum = 0, square = 0, weight = 0;
    for (size_t i = 0; i < n; i++) {
        double w = (double)v[i].row.weight;
        sum += w * (h->was[i] - h->now[s][i] - gain);
        weight += w;
        if (i + 1 == n || v[i + 1].conversation != v[i].conversation) {
            square += sum * sum;
            sum = 0;
        }
    }
    return sqrt(square) / weight;
}

static size_t compare(const struct adapt_own_row *v, size_t n, const struct held *h,
                      struct adapt_own *r)
{
    size_t best = 0;
    for (size_t s = 1; s < ARRAY_LEN(strengths); s++)
        if (mean_loss(v, n, h->now[s]) < mean_loss(v, n, h->now[best]))
            best = s;
    for (size_t i = 0; i < n; i++)
        r->nconversations += i == 0 || v[i].conversation != v[i - 1].conversation;
    r->loss_before = mean_loss(v, n, h->was);
    r->loss_after = mean_loss(v, n, h->now[best]);
    r->strength = strengths[best];
    double gain = r->loss_before - r->loss_after;
    r->error = error_of(v, n, h, best, gain);
    r->is_better = n >= ADAPT_OWN_LEAST && gain > TRAIN_SURE * r->error;
    return best;
}

int adapt_own(struct adapt_own_row *v, size_t n, const struct adapter *was,
              struct adapter *ret, struct adapt_own *report, struct err *err)
{
    double *losses = mem_zalloc((n + 1) * (1 + ARRAY_LEN(strengths)) * sizeof *losses);
    struct held h = {.kept = mem_alloc((n + 1) * sizeof *h.kept), .was = losses};
    int rc = losses && h.kept ? 0 : err_nomem(err);
    *report = (struct adapt_own){.n = n, .loss_before = NAN, .loss_after = NAN};
    *ret = *was;
    for (size_t s = 0; rc == 0 && s < ARRAY_LEN(strengths); s++)
        h.now[s] = losses + (s + 1) * n;
    if (rc == 0 && n > 0) {
        qsort(v, n, sizeof *v, by_conversation);
        for (size_t i = 0; i < n; i++)
            h.was[i] = adapt_loss(was, &v[i].row);
        for (unsigned fold = 0; fold < FOLDS; fold++)
            hold_out(v, n, fold, was, &h);
        size_t best = compare(v, n, &h, report);
        for (size_t i = 0; i < n; i++)
            h.kept[i] = v[i].row;
        if (report->is_better)
            adapt_fit(h.kept, n, was, strengths[best], ret);
    }
    mem_free(h.kept);
    mem_free(losses);
    return rc;
}
