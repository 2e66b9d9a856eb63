/* evaluate.c -- weighted least squares in two unknowns, and leave-one-out over it. */
#include "fit/evaluate.h"

#include "core/mem.h"

#include <math.h>
#include <stdlib.h>

struct sample {
    const struct speed_row *row;
    struct speed_load load;
    enum speed_family family;
    bool is_dense;
};

struct samples {
    struct sample *v;
    size_t n;
};

static const double widths[3] = {0.0, 0.5, 1.0};

/* Rows of one set whose model and quantisation are known, on one GPU. */
static int collect(const struct facts *f, const struct speeds *s, const char *set,
                   struct samples *ret, struct err *err)
{
    size_t total = speeds_count(s);
    ret->n = 0;
    ret->v = mem_zalloc(sizeof *ret->v * (total ? total : 1));
    if (!ret->v)
        return err_nomem(err);
    for (size_t i = 0; i < total; i++) {
        const struct speed_row *row = speeds_at(s, i);
        enum quant q;
        struct sample *to = &ret->v[ret->n];
        const struct model *m = models_find(f->models, row->model);
        if (!str_eqz(row->set, set) || row->gpus != 1 || !m || row->tok_s <= 0 ||
            row->bandwidth_gbs <= 0 || !quant_parse(row->quant, &q))
            continue;
        if (speed_load_of(m, q, (uint64_t)row->depth_tokens, &to->load, err) < 0) {
            mem_free(ret->v);
            return -1;
        }
        struct device named = {.name = row->gpu, .kind = DEVICE_NVIDIA};
        if (str_starts(row->gpu, STR("Apple")))
            named.kind = DEVICE_APPLE;
        else if (str_starts(row->gpu, STR("RX ")))
            named.kind = DEVICE_AMD;
        to->row = row;
        to->family = speed_family_of(&named);
        to->is_dense = m->experts == 0;
        ret->n++;
    }
    return 0;
}

static double predict(const struct speed_fit *fit, double width, const struct sample *s)
{
    struct speed_coefficients c = {.efficiency = fit->efficiency,
                                   .overhead_us = fit->overhead_us,
                                   .width_exponent = width};
    return speed_estimate(&c, &s->load, s->row->bandwidth_gbs).estimate_tok_s;
}

static bool takes_part(const struct sample *s, enum speed_family family, struct str skip)
{
    return s->family == family && !(skip.n && str_eq(s->row->gpu, skip));
}

/* One pass: weights from the last fit, normal equations of two unknowns. */
static void fit_pass(const struct samples *all, enum speed_family family, struct str skip,
                     double width, bool weighted, struct speed_fit *fit)
{
    double a11 = 0, a12 = 0, a22 = 0, b1 = 0, b2 = 0;
    for (size_t i = 0; i < all->n; i++) {
        const struct sample *s = &all->v[i];
        if (!takes_part(s, family, skip))
            continue;
        double t = 1.0 / s->row->tok_s;
        double x1 =
            (s->load.weight_bytes + s->load.kv_bytes) / (s->row->bandwidth_gbs * 1e9) / t;
        double x2 = s->load.layers * pow(s->load.hidden / 4096.0, width) * 1e-6 / t;
        double ratio = weighted ? 1.0 / (t * predict(fit, width, s)) : 1.0;
        double w = 1.0 / (ratio * ratio);
        a11 += w * x1 * x1;
        a12 += w * x1 * x2;
        a22 += w * x2 * x2;
        b1 += w * x1;
        b2 += w * x2;
    }
    double det = a11 * a22 - a12 * a12;
    if (!(fabs(det) > 1e-12))
        return;
    fit->efficiency = det / (b1 * a22 - b2 * a12);
    fit->overhead_us = (a11 * b2 - a12 * b1) / det;
}

static struct speed_fit fit_rows(const struct samples *all, enum speed_family family,
                                 struct str skip, double width)
{
    struct speed_fit fit = {speed_families[family].efficiency,
                            speed_families[family].overhead_us};
    for (int pass = 0; pass < 12; pass++)
        fit_pass(all, family, skip, width, pass > 0, &fit);
    return fit;
}

static double relative_error(const struct speed_fit *fit, double width,
                             const struct sample *s)
{
    return fabs(predict(fit, width, s) / s->row->tok_s - 1.0);
}

static bool seen_before(const struct samples *all, size_t i, enum speed_family family)
{
    for (size_t k = 0; k < i; k++)
        if (all->v[k].family == family && str_eq(all->v[k].row->gpu, all->v[i].row->gpu))
            return true;
    return false;
}

/* Every GPU is left out once and predicted by the others. */
static double left_out(const struct samples *all, enum speed_family family, double width)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < all->n; i++) {
        struct str gpu = all->v[i].row->gpu;
        if (all->v[i].family != family || seen_before(all, i, family))
            continue;
        struct speed_fit fit = fit_rows(all, family, gpu, width);
        for (size_t k = 0; k < all->n; k++) {
            if (all->v[k].family != family || !str_eq(all->v[k].row->gpu, gpu))
                continue;
            sum += relative_error(&fit, width, &all->v[k]);
            n++;
        }
    }
    return n ? 100.0 * sum / (double)n : 0;
}

int evaluate_family(const struct facts *f, const struct speeds *s,
                    enum speed_family family, struct evaluation *ret, struct err *err)
{
    struct samples all;
    double width = speed_families[family].width_exponent;
    if (collect(f, s, "public", &all, err) < 0)
        return -1;
    *ret = (struct evaluation){.fit = fit_rows(&all, family, (struct str){0}, width)};
    for (size_t i = 0; i < all.n; i++) {
        const struct sample *one = &all.v[i];
        if (one->family != family)
            continue;
        struct speed at =
            speed_estimate(&speed_families[family], &one->load, one->row->bandwidth_gbs);
        double share = one->row->tok_s / at.ceiling_tok_s;
        ret->mape_pct += relative_error(&ret->fit, width, one);
        ret->max_of_ceiling = fmax(ret->max_of_ceiling, share);
        ret->above_ceiling += share > 1.0;
        ret->n++;
    }
    if (ret->n == 0) {
        mem_free(all.v);
        return err_set(err, ERR_CONFIG, "no_rows",
                       "speeds: no measured row of the family %s",
                       speed_families[family].name);
    }
    ret->mape_pct *= 100.0 / (double)ret->n;
    for (size_t w = 0; w < ARRAY_LEN(widths); w++)
        ret->left_out_by_width[w] = left_out(&all, family, widths[w]);
    ret->left_out_mape_pct = left_out(&all, family, width);
    mem_free(all.v);
    return 0;
}

static int by_value(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;
    return (*x > *y) - (*x < *y);
}

static double median_of(double *v, size_t n)
{
    if (n == 0)
        return 0;
    qsort(v, n, sizeof *v, by_value);
    return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static bool same_row(const struct speed_row *a, const struct speed_row *b)
{
    return str_eq(a->gpu, b->gpu) && str_eq(a->model, b->model) &&
           str_eq(a->quant, b->quant) && fabs(a->tok_s - b->tok_s) < 1e-9 &&
           fabs(a->depth_tokens - b->depth_tokens) < 1e-9;
}

/* Keeps distinct dense NVIDIA rows, in place. */
static void keep_outside(struct samples *all)
{
    size_t kept = 0;
    for (size_t i = 0; i < all->n; i++) {
        const struct sample *s = &all->v[i];
        bool fresh = s->is_dense && (s->family == FAMILY_RTX || s->family == FAMILY_HBM);
        for (size_t k = 0; k < kept && fresh; k++)
            fresh = !same_row(all->v[k].row, s->row);
        if (fresh)
            all->v[kept++] = *s;
    }
    all->n = kept;
}

static void judge_outside(const struct samples *out, double *errors,
                          struct outside_evaluation *ret)
{
    size_t within = 0;
    size_t covered = 0;
    for (size_t i = 0; i < out->n; i++) {
        const struct sample *s = &out->v[i];
        struct speed at =
            speed_estimate(&speed_families[s->family], &s->load, s->row->bandwidth_gbs);
        errors[i] = 100.0 * fabs(at.estimate_tok_s / s->row->tok_s - 1.0);
        ret->mape_pct += errors[i] / (double)out->n;
        within += errors[i] <= 20.0;
        covered += s->row->tok_s >= at.low_tok_s && s->row->tok_s <= at.high_tok_s;
    }
    ret->n = out->n;
    ret->within_20_pct = 100.0 * (double)within / (double)out->n;
    ret->covered_pct = 100.0 * (double)covered / (double)out->n;
    ret->median_pct = median_of(errors, out->n);
}

int evaluate_outside(const struct facts *f, const struct speeds *s,
                     struct outside_evaluation *ret, struct err *err)
{
    struct samples in;
    struct samples out;
    *ret = (struct outside_evaluation){0};
    if (collect(f, s, "public", &in, err) < 0)
        return -1;
    if (collect(f, s, "crowd", &out, err) < 0) {
        mem_free(in.v);
        return -1;
    }
    keep_outside(&out);
    double *errors = mem_zalloc(sizeof *errors * (out.n + 1));
    int rc = 0;
    if (!errors)
        rc = err_nomem(err);
    else if (out.n == 0)
        rc = err_set(err, ERR_CONFIG, "no_rows", "speeds: no row of the set \"crowd\"");
    else
        judge_outside(&out, errors, ret);
    for (size_t w = 0; errors && out.n && w < ARRAY_LEN(widths); w++) {
        struct speed_fit fit = fit_rows(&in, FAMILY_RTX, (struct str){0}, widths[w]);
        for (size_t i = 0; i < out.n; i++)
            errors[i] = 100.0 * relative_error(&fit, widths[w], &out.v[i]);
        ret->median_by_width[w] = median_of(errors, out.n);
    }
    mem_free(errors);
    mem_free(in.v);
    mem_free(out.v);
    return rc;
}
