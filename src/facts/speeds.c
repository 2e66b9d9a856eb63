/* speeds.c -- loading measured speeds. */
#include "facts/speeds.h"

#include "core/mem.h"
#include "facts/table.h"

enum { SPEEDS_ARENA = 8 << 20 };

struct speeds {
    struct arena arena;
    struct speed_row *rows;
    size_t n;
};

/* Rows that weir carries say "gpu" and "mean_depth_tokens"; a bare collection may say
 * "device" and "depth_tokens". */
static int read_row(const struct table *t, size_t row, struct speed_row *r,
                    struct err *err)
{
    r->gpus = 1;
    if (table_str(t, row, "set", &r->set, err) < 0 ||
        table_str(t, row, "device", &r->gpu, err) < 0 ||
        table_str(t, row, "gpu", &r->gpu, err) < 0 ||
        table_str(t, row, "model", &r->model, err) < 0 ||
        table_str(t, row, "quant", &r->quant, err) < 0 ||
        table_str(t, row, "flag", &r->flag, err) < 0 ||
        table_str(t, row, "engine", &r->engine, err) < 0 ||
        table_bool(t, row, "splits_with_ram", &r->is_split, err) < 0 ||
        table_str(t, row, "source", &r->source, err) < 0 ||
        table_date(t, row, "source_date", &r->source_days, err) < 0 ||
        table_u64(t, row, "gpus", &r->gpus, err) < 0 ||
        table_number(t, row, "bandwidth_gbs", &r->bandwidth_gbs, err) < 0 ||
        table_number(t, row, "depth_tokens", &r->depth_tokens, err) < 0 ||
        table_number(t, row, "mean_depth_tokens", &r->depth_tokens, err) < 0 ||
        table_number(t, row, "tok_s", &r->tok_s, err) < 0)
        return -1;
    if (r->gpu.n == 0 || r->model.n == 0 || r->source.n == 0)
        return table_fault(t, row, "gpu, model, source", "all are needed", err);
    return 0;
}

int speeds_load(struct str json, struct speeds **ret, struct err *err)
{
    struct table t;
    struct speeds *s = mem_new(struct speeds);
    if (!s)
        return err_nomem(err);
    arena_init(&s->arena, SPEEDS_ARENA);
    if (table_open_rows(&t, "speeds", json, &s->arena, err) < 0) {
        speeds_free(s);
        return -1;
    }
    s->rows = arena_array(&s->arena, struct speed_row, t.n);
    int rc = s->rows ? 0 : err_nomem(err);
    for (size_t i = 0; rc == 0 && i < t.n; i++)
        rc = read_row(&t, i, &s->rows[i], err);
    s->n = t.n;
    table_close(&t);
    if (rc < 0) {
        speeds_free(s);
        return -1;
    }
    *ret = s;
    return 0;
}

void speeds_free(struct speeds *s)
{
    if (!s)
        return;
    arena_reset(&s->arena);
    mem_free(s);
}

size_t speeds_count(const struct speeds *s)
{
    return s->n;
}

const struct speed_row *speeds_at(const struct speeds *s, size_t i)
{
    return &s->rows[i];
}
