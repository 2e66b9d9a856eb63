/* evaluate.c -- fits without a device or a collection, and medians. */
#include "fit/evaluate.h"

#include "core/mem.h"

#include <math.h>
#include <stdlib.h>

struct left {
    const struct sample *out; /* NULL: nothing is left out */
    bool by_source;
};

static bool takes(const void *arg, const struct sample *s)
{
    const struct left *l = arg;
    if (!l->out)
        return true;
    return l->by_source ? !samples_same_source(s, l->out)
                        : !samples_same_device(s, l->out);
}

/* One judged row under the three fits. */
struct outcome {
    struct speed device, source, carried;
    bool is_done;
};

static bool matches(const struct left *l, const struct sample *s)
{
    return l->by_source ? samples_same_source(s, l->out) : samples_same_device(s, l->out);
}

/* Rows of one device (or collection) share a fit, which is made once. */
static void judge_left_out(const struct samples *fitted, const struct samples *judged,
                           bool by_source, struct outcome *out)
{
    for (size_t i = 0; i < judged->n; i++)
        out[i].is_done = false;
    for (size_t i = 0; i < judged->n; i++) {
        struct left l = {&judged->v[i], by_source};
        struct refit fit;
        if (out[i].is_done)
            continue;
        refit_rows(fitted, takes, &l, &fit);
        for (size_t k = i; k < judged->n; k++) {
            if (out[k].is_done || !matches(&l, &judged->v[k]))
                continue;
            struct speed s = refit_speed(&fit, &judged->v[k]);
            if (by_source)
                out[k].source = s;
            else
                out[k].device = s;
            out[k].is_done = true;
        }
    }
}

static int by_value(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;
    return (*x > *y) - (*x < *y);
}

static double quantile(double *v, size_t n, double share)
{
    if (n == 0)
        return 0;
    qsort(v, n, sizeof *v, by_value);
    double at = share * (double)(n - 1);
    size_t low = (size_t)at;
    size_t high = low + 1 < n ? low + 1 : low;
    return v[low] + (at - (double)low) * (v[high] - v[low]);
}

static double off(const struct sample *s, const struct speed *e)
{
    return e->estimate_tok_s / s->row->tok_s - 1.0;
}

static bool inside(const struct sample *s, const struct speed *e)
{
    return s->row->tok_s >= e->low_tok_s && s->row->tok_s <= e->high_tok_s;
}

/* The rows of one kind; KINDS is all of them. */
static struct evaluated summed(const struct samples *judged, const struct outcome *out,
                               enum sample_kind kind, double *v)
{
    struct evaluated e = {.n = 0};
    double *errors[3] = {v, v + judged->n, v + 2 * judged->n};
    double *signs = v + 3 * judged->n;
    for (size_t i = 0; i < judged->n; i++) {
        const struct sample *s = &judged->v[i];
        if (kind != KINDS && s->kind != kind)
            continue;
        signs[e.n] = 100 * off(s, &out[i].device);
        errors[0][e.n] = fabs(signs[e.n]);
        errors[1][e.n] = 100 * fabs(off(s, &out[i].source));
        errors[2][e.n] = 100 * fabs(off(s, &out[i].carried));
        e.in_interval += inside(s, &out[i].device);
        e.carried_in += inside(s, &out[i].carried);
        e.above_ceiling += s->row->tok_s > out[i].device.ceiling_tok_s;
        e.n++;
    }
    e.device_pct = quantile(errors[0], e.n, 0.5);
    e.source_pct = quantile(errors[1], e.n, 0.5);
    e.carried_pct = quantile(errors[2], e.n, 0.5);
    e.bias_pct = quantile(signs, e.n, 0.5);
    if (e.n) {
        e.in_interval /= (double)e.n;
        e.carried_in /= (double)e.n;
    }
    return e;
}

static void judge_all(const struct samples *fitted, const struct samples *judged,
                      struct outcome *out, double *v, struct evaluation *ret)
{
    struct refit carried = {.ram_gbs = RAM_GBS_USUAL};
    struct left nothing = {NULL, false};
    for (int f = 0; f < FAMILIES; f++)
        carried.families[f] = speed_families[f];
    refit_rows(fitted, takes, &nothing, &ret->fit);
    judge_left_out(fitted, judged, false, out);
    judge_left_out(fitted, judged, true, out);
    for (size_t i = 0; i < judged->n; i++)
        out[i].carried = refit_speed(&carried, &judged->v[i]);
    ret->all = summed(judged, out, KINDS, v);
    for (int k = 0; k < KINDS; k++)
        ret->of[k] = summed(judged, out, (enum sample_kind)k, v);
    for (size_t i = 0; i < judged->n; i++)
        v[i] = judged->v[i].row->tok_s / out[i].device.estimate_tok_s;
    ret->low_10 = quantile(v, judged->n, 0.1);
    ret->high_90 = quantile(v, judged->n, 0.9);
}

static int collect_both(const struct facts *f, const struct speeds *s,
                        struct samples *fitted, struct samples *judged, struct err *err)
{
    if (samples_collect(f, f->speeds, true, fitted, err) < 0)
        return -1;
    if (samples_collect(f, s, false, judged, err) < 0) {
        samples_release(fitted);
        return -1;
    }
    if (judged->n)
        return 0;
    samples_release(fitted);
    samples_release(judged);
    return err_set(err, ERR_CONFIG, "no_rows",
                   "speeds: no row with a model and a quantisation that weir knows");
}

int evaluate_rows(const struct facts *f, const struct speeds *judged_rows,
                  struct evaluation *ret, struct err *err)
{
    struct samples fitted;
    struct samples judged;
    if (collect_both(f, judged_rows, &fitted, &judged, err) < 0)
        return -1;
    struct outcome *out = mem_zalloc(sizeof *out * judged.n);
    double *v = mem_zalloc(sizeof *v * 4 * judged.n);
    int rc = out && v ? 0 : err_nomem(err);
    if (rc == 0)
        judge_all(&fitted, &judged, out, v, ret);
    mem_free(out);
    mem_free(v);
    samples_release(&fitted);
    samples_release(&judged);
    return rc;
}

/* --- one measurement corrects another model --- */

static bool is_pair(const struct sample *a, const struct sample *b)
{
    return a != b && !a->row->is_split && !b->row->is_split &&
           samples_same_device(a, b) && samples_same_source(a, b) &&
           !str_eq(a->row->model, b->row->model);
}

/* Every row of a device corrects every other row of it; the fit saw neither. */
static void judge_pairs(const struct samples *fitted, const struct samples *judged,
                        double *v, size_t room, struct pairs_evaluation *ret)
{
    double *plain = v + room;
    for (size_t i = 0; i < judged->n; i++) {
        const struct sample *a = &judged->v[i];
        struct left l = {a, false};
        struct refit fit;
        refit_rows(fitted, takes, &l, &fit);
        const struct speed_coefficients *c = &fit.families[a->family];
        for (size_t k = 0; k < judged->n; k++) {
            const struct sample *b = &judged->v[k];
            struct speed_coefficients own;
            struct err err;
            if (!is_pair(a, b) || ret->n == room ||
                speed_calibrate_others(c, &a->load, a->bandwidth_gbs, a->row->tok_s, &own,
                                       &err) < 0)
                continue;
            struct speed s = speed_estimate(&own, &b->load, b->bandwidth_gbs);
            struct speed before = speed_estimate(c, &b->load, b->bandwidth_gbs);
            v[ret->n] = 100 * fabs(off(b, &s));
            plain[ret->n] = 100 * fabs(off(b, &before));
            ret->in_interval += inside(b, &s);
            ret->n++;
        }
    }
    ret->median_pct = quantile(v, ret->n, 0.5);
    ret->uncorrected_pct = quantile(plain, ret->n, 0.5);
    if (ret->n)
        ret->in_interval /= (double)ret->n;
}

int evaluate_pairs(const struct facts *f, const struct speeds *rows,
                   struct pairs_evaluation *ret, struct err *err)
{
    enum { ROOM = 20000 };
    struct samples fitted;
    struct samples judged;
    *ret = (struct pairs_evaluation){0};
    if (collect_both(f, rows, &fitted, &judged, err) < 0)
        return -1;
    double *v = mem_zalloc(sizeof *v * 2 * ROOM);
    if (v)
        judge_pairs(&fitted, &judged, v, ROOM, ret);
    mem_free(v);
    samples_release(&fitted);
    samples_release(&judged);
    return v ? 0 : err_nomem(err);
}
