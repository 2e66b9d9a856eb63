/* contract_engines.c -- what every engine kind must keep, whatever its quirks.
 *
 * encode: pure, bounded, and nothing to the cloud without a clearance for these bytes.
 * decode: the same events however the bytes are cut. */
#include "contract/engine_world.h"
#include "unit/cleared.h"

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

/* No scan, no clearance; no clearance, no cloud: for every kind there is. */
static void nothing_leaves_without_a_clearance(void **state)
{
    (void)state;
    for (int kind = 0; kind < ENGINE_KINDS; kind++) {
        struct world w;
        struct http_message m;
        struct engine_plan plan;
        struct err err = {0};
        world_make(&w, body, (enum engine_kind)kind, SPEECH_OPENAI, SIDE_CLOUD);
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
        world_make(&w, body, (enum engine_kind)kind, SPEECH_OPENAI, SIDE_LOCAL);
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
