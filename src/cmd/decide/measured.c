/* measured.c -- see measured.h. */
#include "cmd/decide/measured.h"

#include "cmd/lib/state_dir.h"
#include "core/mem.h"

#include <stdio.h>

enum { DAY_MS = 86400000 };

struct wanted {
    const struct models *models;
    const struct model *m;
    const char *quant;
};

static bool is_wanted(const void *ctx, const struct bench_kept_row *row)
{
    const struct wanted *w = ctx;
    struct model_answer a = {.n = 0};
    if (!row->is_local)
        return false;
    models_ask(w->models, str_of(row->model), &a);
    return a.n == 1 && a.choices[0] == w->m &&
           (!a.quant[0] || !w->quant || !w->quant[0] ||
            str_eq_nocase(str_of(a.quant), str_of(w->quant)));
}

bool measured_find(const struct models *models, const struct model *m, const char *quant,
                   const char *state_dir, struct bench_kept_row *ret)
{
    char dir[STATE_DIR_BYTES];
    struct bench_kept_row *rows;
    struct err ignored;
    size_t n;
    const struct wanted w = {models, m, quant};
    if (!state_dir_find(state_dir, dir) || bench_kept_read(dir, &rows, &n, &ignored) < 0)
        return false;
    const struct bench_kept_row *found = bench_kept_newest(rows, n, is_wanted, &w);
    if (found)
        *ret = *found;
    mem_free(rows);
    return found != NULL;
}

static bool is_known(const void *ctx, const struct bench_kept_row *row)
{
    struct model_answer a = {.n = 0};
    models_ask(ctx, str_of(row->model), &a);
    return row->is_local && a.n == 1;
}

bool measured_any(const struct models *models, const char *state_dir,
                  struct bench_kept_row *ret, struct model_answer *ret_model)
{
    char dir[STATE_DIR_BYTES];
    struct bench_kept_row *rows;
    struct err ignored;
    size_t n;
    if (!state_dir_find(state_dir, dir) || bench_kept_read(dir, &rows, &n, &ignored) < 0)
        return false;
    const struct bench_kept_row *found = bench_kept_newest(rows, n, is_known, models);
    if (found) {
        *ret = *found;
        models_ask(models, str_of(found->model), ret_model);
    }
    mem_free(rows);
    return found != NULL;
}

int64_t measured_day(const struct bench_kept_row *row)
{
    return (int64_t)(row->at_ms / DAY_MS);
}

static bool is_of_model(const void *ctx, const struct bench_kept_row *row)
{
    const struct config_model *m = ctx;
    return str_eqz(m->engine->name, row->engine) && str_eqz(m->name, row->model) &&
           row->ttft_ms_p50 > 0;
}

void measured_of_config(void *ctx, const struct config *c, struct route_measured *ret)
{
    char dir[STATE_DIR_BYTES];
    struct bench_kept_row *rows;
    struct err ignored;
    size_t n;
    (void)ctx;
    snprintf(dir, sizeof dir, "%.*s", STR_ARG(c->state_dir));
    if (bench_kept_read(dir, &rows, &n, &ignored) < 0)
        return;
    for (size_t i = 0; i < c->nmodels; i++) {
        const struct bench_kept_row *row =
            bench_kept_newest(rows, n, is_of_model, c->models[i]);
        if (row)
            ret[i] = (struct route_measured){
                .ttft_ms = (uint32_t)row->ttft_ms_p50 + 1,
                .tok_s = row->stream_tok_s > 0 ? row->stream_tok_s : 0,
                .day = measured_day(row)};
    }
    mem_free(rows);
}
