/* ledger_fixture.h -- a ledger in a folder of its own, with rows to write and read back.
 */
#ifndef WEIR_TESTS_LEDGER_FIXTURE_H
#define WEIR_TESTS_LEDGER_FIXTURE_H

#include "core/mem.h"
#include "ledger/ledger.h"

#include "folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

static const uint64_t start_ms = 1795000000000; /* 2026-11-18T11:06:40Z */

static inline int make_dir(void **state)
{
    char *dir = mem_zalloc(64);
    snprintf(dir, 64, "/tmp/weir-test-ledger-XXXXXX");
    *state = mkdtemp(dir);
    return *state ? 0 : -1;
}

static inline int drop_dir(void **state)
{
    int failed = folder_remove(*state);
    mem_free(*state);
    return failed;
}

static inline struct ledger *open_or_fail(const char *dir, uint32_t workers)
{
    struct err err;
    err_clear(&err);
    struct ledger *l = ledger_open(str_of(dir), workers, ACCESS_LOG_OFF, &err);
    if (!l)
        fail_msg("%s", err.msg);
    return l;
}

static inline struct ledger_row row_of(uint64_t uid, uint64_t ts_ms)
{
    return (struct ledger_row){
        .open = {.uid = uid,
                 .ts_ms = ts_ms,
                 .key = STR("laptop"),
                 .model_asked = STR("auto"),
                 .label = "public"},
        .side = SIDE_LOCAL,
        .has_engine = true,
        .engine = STR("ollama"),
        .model_used = STR("qwen2.5:7b"),
        .policy = STR("local-first"),
        .reasons_json = STR("[{\"rule\":\"pin\",\"detail\":\"auto\"}]"),
        .status = 200,
        .attempts = 1,
        .usage = {.input_tokens = 12, .output_tokens = 24, .is_known = true},
        .usage_is_reported = true,
        .ttft_ms = 51,
        .total_ms = 812,
    };
}

static inline void append_all(struct ledger_log *log, const struct ledger_row *r)
{
    struct ledger_attempt a = {.uid = r->open.uid,
                               .number = 1,
                               .engine = r->engine,
                               .model = r->model_used,
                               .side = r->side,
                               .policy = r->policy,
                               .reasons_json = r->reasons_json};
    struct ledger_leg only = ledger_leg_of_row(r);
    const struct ledger_leg *legs = r->nlegs ? r->legs : &only;
    struct ledger_row row = *r;
    only.number = 1;
    row.nlegs_told = (uint32_t)(r->nlegs || !r->has_engine ? r->nlegs : 1);
    ledger_append_open(log, &r->open);
    ledger_append_attempt(log, &a);
    for (uint32_t i = 0; i < row.nlegs_told; i++)
        ledger_append_leg(log, &legs[i]);
    ledger_append_settle(log, &row);
}

struct collected {
    struct arena arena;
    struct ledger_row rows[64];
    size_t n;
};

static inline int collect(void *ctx, const struct ledger_row *row)
{
    struct collected *c = ctx;
    struct str *const words[] = {
        &c->rows[c->n].open.request_id, &c->rows[c->n].engine,
        &c->rows[c->n].model_used,      &c->rows[c->n].error_code,
        &c->rows[c->n].reasons_json,    &c->rows[c->n].open.key,
        &c->rows[c->n].session_name,    &c->rows[c->n].open.model_asked};
    struct ledger_leg *legs = arena_array(&c->arena, struct ledger_leg, row->nlegs + 1);
    c->rows[c->n] = *row;
    c->rows[c->n].legs = legs;
    for (size_t i = 0; i < row->nlegs; i++) {
        legs[i] = row->legs[i];
        legs[i].engine = arena_strdup(&c->arena, legs[i].engine);
        legs[i].model = arena_strdup(&c->arena, legs[i].model);
        legs[i].error_code = arena_strdup(&c->arena, legs[i].error_code);
        legs[i].price_date = arena_strdup(&c->arena, legs[i].price_date);
    }
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        *words[i] = arena_strdup(&c->arena, *words[i]);
    c->n++;
    return c->n == ARRAY_LEN(c->rows);
}

static inline struct collected *read_with(struct ledger_query q)
{
    struct collected *c = mem_new(struct collected);
    struct err err;
    arena_init(&c->arena, 1 << 20);
    err_clear(&err);
    if (ledger_read(&q, collect, c, &err) < 0)
        fail_msg("%s", err.msg);
    return c;
}

static inline struct collected *read_rows(const char *dir)
{
    return read_with((struct ledger_query){.state_dir = str_of(dir)});
}

static inline void drop_rows(struct collected *c)
{
    arena_reset(&c->arena);
    mem_free(c);
}

#endif
