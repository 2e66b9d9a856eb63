/* contract_engines.c -- what every engine kind must keep, whatever its quirks.
 *
 * encode: pure, bounded, and nothing to the cloud without a clearance for these bytes.
 * decode: the same events however the bytes are cut. */
#include "dialect/dialect.h"
#include "engine/engine.h"
#include "unit/cleared.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char body[] =
    "{\"model\":\"auto\",\"stream\":true,\"x_odd\":[1, 2],\"messages\":[{\"role\":"
    "\"user\",\"content\":\"h\\u00e9llo\"}]}";

static const char stream[] =
    ": hello\n\n"
    "data: "
    "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"}}]}\n\n"
    "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a "
    "\xc3\xa9\"}}]}"
    "\r\n\r\n"
    "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"b\"}}]}\n\n"
    "data: "
    "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}"
    "\n\n"
    "data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,"
    "\"completion_tokens\":2}}\n\n"
    "data: [DONE]\n\n";

struct world {
    struct arena arena;
    struct chat chat;
    struct config_engine engine;
    struct config_model model;
    struct target target;
};

static void make(struct world *w, enum engine_kind kind, enum side side)
{
    struct err err = {0};
    arena_init(&w->arena, 1 << 20);
    w->engine = (struct config_engine){.name = STR("e"),
                                       .kind = kind,
                                       .side = side,
                                       .base_path = STR("/v1"),
                                       .api_key = STR("sk-operators")};
    w->model = (struct config_model){.name = STR("m"),
                                     .upstream = STR("m-up"),
                                     .engine = &w->engine,
                                     .is_cloud = side == SIDE_CLOUD};
    w->target = (struct target){.engine = &w->engine, .model = &w->model};
    assert_int_equal(dialect_read(dialect_get(DIALECT_OPENAI), SURFACE_CHAT, str_of(body),
                                  &w->arena, &w->chat, &err),
                     0);
}

static struct str joined(struct world *w, const struct http_message *m)
{
    char *p = arena_alloc(&w->arena, m->body_bytes + 1);
    size_t n = 0;
    assert_non_null(p);
    for (size_t i = 0; i < m->npieces; i++) {
        memcpy(p + n, m->body[i].p, m->body[i].n);
        n += m->body[i].n;
    }
    assert_int_equal(n, m->body_bytes);
    return (struct str){p, n};
}

/* No scan, no clearance; no clearance, no cloud: for every kind there is. */
static void nothing_leaves_without_a_clearance(void **state)
{
    (void)state;
    for (int kind = 0; kind < ENGINE_KINDS; kind++) {
        struct world w;
        struct http_message m;
        struct engine_plan plan;
        struct err err = {0};
        make(&w, (enum engine_kind)kind, SIDE_CLOUD);
        struct chat other = w.chat;
        other.body = STR("{}");
        const struct clearance *good = cleared(&w.chat, SENSITIVITY_UNLABELLED, &w.arena);
        const struct clearance *wrong = cleared(&other, SENSITIVITY_UNLABELLED, &w.arena);
        assert_int_equal(
            engine_encode(&w.chat, &w.target, NULL, &w.arena, &m, &plan, &err), -1);
        assert_string_equal(err.code, "no_clearance");
        assert_int_equal(
            engine_encode(&w.chat, &w.target, wrong, &w.arena, &m, &plan, &err), -1);
        assert_string_equal(err.code, "no_clearance");
        assert_int_equal(
            engine_encode(&w.chat, &w.target, good, &w.arena, &m, &plan, &err), 0);
        arena_reset(&w.arena);
    }
}

static void encoding_is_pure_and_keeps_what_it_does_not_know(void **state)
{
    (void)state;
    for (int kind = 0; kind < ENGINE_KINDS; kind++) {
        struct world w;
        struct http_message first, again;
        struct engine_plan plan;
        struct err err = {0};
        make(&w, (enum engine_kind)kind, SIDE_LOCAL);
        assert_int_equal(
            engine_encode(&w.chat, &w.target, NULL, &w.arena, &first, &plan, &err), 0);
        assert_int_equal(
            engine_encode(&w.chat, &w.target, NULL, &w.arena, &again, &plan, &err), 0);
        struct str a = joined(&w, &first), b = joined(&w, &again);
        assert_true(str_eq(a, b));
        assert_true(str_eqz(first.target, "/v1/chat/completions"));
        assert_true(str_find(a, STR("\"x_odd\":[1, 2]")) >= 0);
        assert_true(str_find(a, STR("h\\u00e9llo")) >= 0);
        assert_true(str_find(a, STR("\"m-up\"")) >= 0);
        assert_true(str_contains_nocase(first.fields, STR("accept-encoding: identity")));
        bool asks_usage = str_find(a, STR("include_usage")) >= 0;
        assert_int_equal(asks_usage,
                         !engine_quirks((enum engine_kind)kind)->refuses_stream_options);
        arena_reset(&w.arena);
    }
}

struct seen {
    char kinds[64];
    size_t n;
    uint64_t content_bytes;
};

static int note(void *ctx, const struct event *e)
{
    struct seen *s = ctx;
    assert_true(s->n + 1 < sizeof s->kinds);
    s->kinds[s->n++] = (char)('0' + e->kind);
    s->content_bytes += e->content_bytes;
    return 0;
}

static struct seen read_stream(size_t cut, struct usage *ret)
{
    struct seen seen = {.n = 0};
    struct engine_decoder d;
    struct err err = {0};
    struct str all = {stream, sizeof stream - 1};
    engine_decoder_init(&d, SPEECH_OPENAI, SURFACE_CHAT);
    assert_int_equal(engine_decode(&d, str_sub(all, 0, cut), note, &seen, &err), 0);
    assert_int_equal(engine_decode(&d, str_sub(all, cut, all.n), note, &seen, &err), 0);
    assert_int_equal(engine_decode_end(&d, note, &seen, &err), 0);
    *ret = d.usage;
    engine_decoder_release(&d);
    return seen;
}

static void the_same_events_however_it_is_cut(void **state)
{
    (void)state;
    struct usage usage;
    struct seen whole = read_stream(sizeof stream - 1, &usage);
    assert_true(usage.is_known);
    assert_int_equal(usage.input_tokens, 3);
    assert_int_equal(usage.output_tokens, 2);
    assert_true(whole.n >= 6);
    for (size_t cut = 0; cut < sizeof stream; cut++) {
        struct seen s = read_stream(cut, &usage);
        assert_int_equal(s.n, whole.n);
        assert_memory_equal(s.kinds, whole.kinds, whole.n);
        assert_int_equal(s.content_bytes, whole.content_bytes);
        assert_int_equal(usage.output_tokens, 2);
    }
}

static void every_kind_has_a_row_with_its_source(void **state)
{
    (void)state;
    for (int kind = 0; kind < ENGINE_KINDS; kind++) {
        const struct engine_quirks *q = engine_quirks((enum engine_kind)kind);
        assert_non_null(q);
        assert_int_equal(q->kind, kind);
        assert_non_null(q->note);
        assert_true(strlen(q->note) > 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_leaves_without_a_clearance),
        cmocka_unit_test(encoding_is_pure_and_keeps_what_it_does_not_know),
        cmocka_unit_test(the_same_events_however_it_is_cut),
        cmocka_unit_test(every_kind_has_a_row_with_its_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
