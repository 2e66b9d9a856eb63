/* test_gateway_worker.c -- what a worker keeps account of: the bytes it holds, the
 * figures of /metrics, what was learnt of models, and the lines about refused heads. */
#include "gateway/budget.h"
#include "gateway/refusal.h"
#include "gateway/stages.h"

#include "gateway_world.h"
#include "nomem.h"

#include <unistd.h>

static struct world world;
static const unsigned char vault_key[VAULT_KEY_BYTES] = {7};

static int open_world(void **state)
{
    (void)state;
    world_open(&world, world_yaml);
    return 0;
}

static int close_world(void **state)
{
    (void)state;
    world_close(&world);
    return 0;
}

/* -- the budget -------------------------------------------------------------------- */

static uint64_t held(void)
{
    return atomic_load(&world.server.counters.buffered_bytes);
}

static void small_places_count_for_nothing(void **state)
{
    (void)state;
    uint64_t mine = 0;
    assert_true(budget_hold(&world.worker, &mine, BUDGET_SMALL_BYTES));
    assert_int_equal(held(), 0);
    assert_int_equal(mine, 0);
    assert_true(budget_hold(&world.worker, &mine, BUDGET_SMALL_BYTES + 1));
    assert_int_equal(held(), BUDGET_SMALL_BYTES + 1);
    assert_true(budget_hold(&world.worker, &mine, 9000));
    assert_int_equal(held(), 9000);
    /* Shrunk to little, it counts for nothing again. */
    assert_true(budget_hold(&world.worker, &mine, 100));
    assert_int_equal(held(), 0);
    budget_release(&world.worker, &mine);
    assert_int_equal(held(), 0);
}

static void past_the_limit_whoever_wants_more_is_refused(void **state)
{
    (void)state;
    struct worker *w = &world.worker;
    uint64_t limit = world.server.setup->config->max_buffered_bytes;
    uint64_t a = 0, b = 0, aside = 0;
    struct err err = {0};
    assert_true(budget_hold(w, &a, limit));
    assert_false(budget_was_short_since(w, 1));
    assert_false(budget_hold(w, &b, 5000));
    assert_int_equal(held(), limit + 5000); /* counted all the same */
    assert_true(budget_was_short_since(w, 0));
    assert_int_equal(atomic_load(&world.server.counters.short_at_ms),
                     loop_now_ms(w->loop));
    assert_false(budget_hold_aside(w, world.server.setup->config, &aside, 6000));
    assert_int_equal(held(), limit + 11000);
    assert_false(budget_is_burst(w));
    assert_false(budget_hold(w, &b, 5000 + BUDGET_SLACK_BYTES));
    assert_true(budget_is_burst(w));
    /* Whoever has less now than before is not in the way. */
    atomic_store(&world.server.counters.short_at_ms, 0);
    budget_change(w, &b, 5000);
    assert_int_equal(atomic_load(&world.server.counters.short_at_ms), 0);
    budget_release(w, &b);
    budget_release(w, &a);
    assert_true(budget_hold_aside(w, world.server.setup->config, &aside, 6000));
    budget_release(w, &aside);
    assert_int_equal(held(), 0);
    assert_int_equal(budget_refuse(&err), -1);
    assert_string_equal(err.code, "buffers_full");
    assert_int_equal(err_http_status(err.kind), 503);
}

/* -- meters ------------------------------------------------------------------------ */

static struct config_engine odd_engine = {.name = {"a\"b\\c\nd", 7}};

static struct str written(struct meters *m, struct buf *b)
{
    buf_init(b, 1 << 20);
    meters_write(m, b);
    return buf_view(b);
}

#define SAYS(text, line)                                                                 \
    do {                                                                                 \
        if (str_find((text), STR(line "\n")) < 0)                                        \
            fail_msg("no '%s' in:\n%.*s", line, STR_ARG(text));                          \
    } while (0)

#define NAMED                                                                            \
    "gen_ai_provider_name=\"a\\\"b\\\\c\\nd\",gen_ai_request_model=\"m\",side=\"cloud\""

static void metrics_say_what_was_counted(void **state)
{
    (void)state;
    struct buf b;
    const struct config_model model = {
        .name = STR("m"), .engine = &odd_engine, .is_cloud = true};
    struct meters *all = meters_create();
    struct meter *m = meters_for(all, &model);
    assert_true(meters_for(all, &model) == m);
    const struct ledger_leg paid = {
        .usage = {.input_tokens = 5, .cached_tokens = 2, .output_tokens = 7},
        .cost_nanousd = 1500000001};
    const struct ledger_leg unknown = {.cost_nanousd = COST_UNKNOWN};
    meter_count(m, OUTCOME_OK, 500, 11);
    meter_count(m, OUTCOME_ERROR, -1, 100000); /* a plain answer: no time to a token */
    meter_count_leg(m, &paid);
    meter_count_leg(m, &unknown);
    meter_count_leg(NULL, &paid);
    meters_count_refused(all, OUTCOME_REFUSED);
    struct str text = written(all, &b);
    SAYS(text, "weir_requests_total{" NAMED ",outcome=\"ok\"} 1");
    SAYS(text, "weir_requests_total{" NAMED ",outcome=\"error\"} 1");
    SAYS(text, "weir_requests_total{side=\"none\",outcome=\"refused\"} 1");
    SAYS(text,
         "gen_ai_client_token_usage_total{" NAMED ",gen_ai_token_type=\"cached\"} 2");
    SAYS(text, "weir_cost_usd_total{" NAMED "} 1.500000001");
    SAYS(text, "weir_uncosted_requests_total{" NAMED "} 1");
#define TIME "gen_ai_client_operation_duration_seconds"
    SAYS(text, TIME "_bucket{" NAMED ",le=\"0.01\"} 0");
    SAYS(text, TIME "_bucket{" NAMED ",le=\"0.02\"} 1");
    SAYS(text, TIME "_bucket{" NAMED ",le=\"81.92\"} 1");
    SAYS(text, TIME "_bucket{" NAMED ",le=\"+Inf\"} 2");
    SAYS(text, TIME "_sum{" NAMED "} 100.011000");
    SAYS(text, TIME "_count{" NAMED "} 2");
    SAYS(text, "gen_ai_server_time_to_first_token_seconds_count{" NAMED "} 1");
    buf_release(&b);
    meters_free(all);
}

static void the_time_to_a_token_follows_slowly(void **state)
{
    (void)state;
    struct meter m = {0};
    static const struct {
        int64_t ttft;
        unsigned now;
    } steps[] = {{0, 1}, {80, 10}, {90, 20}, {20, 20}, {-1, 20}};
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        meter_count(&m, OUTCOME_OK, steps[i].ttft, 0);
        assert_int_equal(m.ttft_ewma_ms, steps[i].now);
    }
}

static void tables_without_memory_have_no_entry(void **state)
{
    (void)state;
    const struct config_model *model = world_model(&world, "near");
    for (long n = 1; nomem_begin(n); n++) {
        struct meters *meters = meters_create();
        struct standings *learnt = standings_create();
        struct meter *m = meters ? meters_for(meters, model) : NULL;
        struct standing *s = learnt ? standings_for(learnt, model) : NULL;
        bool was_short = nomem_end();
        assert_int_equal(m && s, !was_short);
        /* What lacked memory once is made when it is asked for again. */
        if (meters)
            assert_non_null(meters_for(meters, model));
        if (learnt)
            assert_true(standings_for(learnt, model) == standings_for(learnt, model));
        meters_free(meters);
        standings_free(learnt);
    }
}

/* What was learnt of a model is kept by its engine's identity and its name there. */
static void another_engine_or_name_is_learnt_anew(void **state)
{
    (void)state;
    struct standings *t = standings_create();
    struct config_engine one = {.identity = STR("one")}, two = {.identity = STR("two")};
    struct config_model a = {.engine = &one, .upstream = STR("a")},
                        b = {.engine = &one, .upstream = STR("b")},
                        c = {.engine = &two, .upstream = STR("a")},
                        empty = {.engine = &one};
    assert_true(standings_for(t, &a) == standings_for(t, &a));
    assert_true(standings_for(t, &a) != standings_for(t, &b));
    assert_true(standings_for(t, &a) != standings_for(t, &c));
    assert_true(standings_for(t, &empty) == standings_for(t, &empty));
    standings_free(t);
}

/* -- stages ------------------------------------------------------------------------ */

/* Tags are put back where an engine in the cloud has seen some, and nowhere else. */
static void only_answers_of_the_cloud_are_restored(void **state)
{
    (void)state;
    struct vault *vault = vault_create(vault_key, NULL, NULL);
    for (unsigned i = 0; i < 8; i++) {
        bool is_cloud = i & 1, has_vault = i & 2, is_vectors = i & 4;
        struct request r = {.vault = has_vault ? vault : NULL,
                            .surface = is_vectors ? SURFACE_EMBEDDINGS : SURFACE_CHAT};
        struct leg l = {.request = &r, .is_cloud = is_cloud};
        bool is_restored = is_cloud && has_vault && !is_vectors;
        assert_int_equal(stages_restores(&l), is_restored);
        assert_true(stages_begin_restoring(&l));
        assert_int_equal(l.answer.restorer != NULL, is_restored);
        stages_release(&l);
        assert_null(l.answer.restorer);
    }
    vault_release(vault);
}

static int note_kind(void *ctx, const struct event *e)
{
    struct leg *l = ctx;
    l->answer.content_bytes += e->content_bytes;
    return 0;
}

static void a_stage_that_lacks_memory_is_not_begun(void **state)
{
    (void)state;
    struct vault *vault = vault_create(vault_key, NULL, NULL);
    for (long n = 1; nomem_begin(n); n++) {
        struct request r = {
            .vault = vault, .dialect = dialect_first(), .surface = SURFACE_CHAT};
        struct leg l = {
            .request = &r, .is_cloud = true, .model = world_model(&world, "priced")};
        struct err err = {0};
        bool ok = stages_begin_restoring(&l) && stages_begin(&l, note_kind);
        int rc = ok ? stages_feed(&l,
                                  STR("data: {\"choices\":[{\"index\":0,\"delta\":"
                                      "{\"content\":\"hello\"}}]}\n\n"),
                                  false, &err)
                    : -1;
        if (rc == 0)
            rc = stages_feed(&l, STR(""), true, &err);
        stages_flush(&l);
        bool was_short = nomem_end();
        if (!was_short) {
            assert_int_equal(rc, 0);
            assert_true(l.answer.content_bytes >= 5);
        } else if (rc == 0) { /* it could do without: then nothing may be lost */
            assert_true(l.answer.content_bytes >= 5);
        }
        stages_release(&l);
        assert_null(l.answer.decoder);
    }
    vault_release(vault);
}

/* -- refused heads ----------------------------------------------------------------- */

static struct http_head head_of(const char *target, const struct http_field *agent)
{
    return (struct http_head){.method = STR("POST"),
                              .target = str_of(target),
                              .minor_version = 1,
                              .nfields = agent->name.n ? 1 : 0,
                              .fields = agent};
}

/* The line names the path without what may be a key, and the program by its first word.
 */
static void a_refusal_names_who_asked_for_what(void **state)
{
    (void)state;
#define A20 "aaaaaaaaaaaaaaaaaaaa"
    static const struct {
        const char *target, *agent, *subject;
    } rows[] = {
        {"/v1/x", NULL, "POST /v1/x"},
        {"/v1/x", "", "POST /v1/x"},
        {"/v1/x?key=AIza-secret", "curl/8", "POST /v1/x (curl/8)"},
        {"/v1/x", "claude-cli/2.1.197 (external, cli)",
         "POST /v1/x (claude-cli/2.1.197)"},
        {"/" A20 A20 A20 A20 "?key=secret", A20 A20 A20,
         "POST /" A20 A20 A20 "aaaaaaaaaaaaaaaaaaa (" A20 A20 ")"},
    };
    const struct err err = {.kind = ERR_NOT_FOUND, .code = "unknown_path"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *agent = rows[i].agent;
        const struct http_field field = {agent ? STR("User-Agent") : STR(""),
                                         str_of(agent ? agent : "")};
        struct http_head head = head_of(rows[i].target, &field);
        struct refusal *f = refusal_create(&world.worker, &head, &err);
        assert_string_equal(f->subject, rows[i].subject);
        assert_int_equal(f->err.kind, ERR_NOT_FOUND);
        refusal_free(f);
    }
    refusal_free(NULL);
}

static void a_refusal_without_memory_is_none(void **state)
{
    (void)state;
    const struct err err = {.kind = ERR_METHOD, .code = "method_not_allowed"};
    const struct http_field field = {STR("Origin"), STR("http://127.0.0.1")};
    struct http_head head = head_of("/v1/models", &field);
    for (long n = 1; nomem_begin(n); n++) {
        struct refusal *f = refusal_create(&world.worker, &head, &err);
        bool was_short = nomem_end();
        if (!was_short) {
            assert_non_null(f);
            assert_true(str_find(buf_view(&f->fields), STR("allow: GET")) >= 0);
        } else if (f) { /* no field, or whole ones */
            assert_true(f->fields.failed);
        }
        refusal_free(f);
    }
}

/* Standard error into a file while `fn` runs; how many lines it wrote. */
static size_t lines_of(void (*fn)(void))
{
    char path[] = "/tmp/weir-test-lines-XXXXXX";
    int fd = mkstemp(path), was = dup(STDERR_FILENO);
    size_t lines = 0;
    char c;
    fflush(stderr);
    dup2(fd, STDERR_FILENO);
    fn();
    fflush(stderr);
    dup2(was, STDERR_FILENO);
    lseek(fd, 0, SEEK_SET);
    while (read(fd, &c, 1) == 1)
        lines += c == '\n';
    close(fd);
    close(was);
    unlink(path);
    return lines;
}

static void refuse_often(void)
{
    const struct err err = {.kind = ERR_AUTH, .msg = "no key"};
    for (int i = 0; i < 100; i++)
        refusal_tell(&world.worker, &err, "GET /");
}

static void refuse_once(void)
{
    const struct err err = {.kind = ERR_AUTH, .msg = "no key"};
    refusal_tell(&world.worker, &err, "GET /");
}

static void refusals_are_told_sixty_times_a_minute(void **state)
{
    (void)state;
    world.worker.nrefusals = 0;
    world.worker.refusals_since_ms = 0;
    assert_int_equal(lines_of(refuse_often), 60);
    assert_int_equal(lines_of(refuse_once), 0);
    /* A minute later: how many were held back, and the new one. */
    world.worker.refusals_since_ms = loop_now_ms(world.worker.loop) - 60000;
    assert_int_equal(lines_of(refuse_once), 2);
    assert_int_equal(world.worker.nrefusals, 1);
    enum access_log was = world.server.setup->config->access_log;
    world.server.setup->config->access_log = ACCESS_LOG_OFF;
    assert_int_equal(lines_of(refuse_once), 0);
    world.server.setup->config->access_log = was;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_places_count_for_nothing),
        cmocka_unit_test(past_the_limit_whoever_wants_more_is_refused),
        cmocka_unit_test(metrics_say_what_was_counted),
        cmocka_unit_test(the_time_to_a_token_follows_slowly),
        cmocka_unit_test(tables_without_memory_have_no_entry),
        cmocka_unit_test(another_engine_or_name_is_learnt_anew),
        cmocka_unit_test(only_answers_of_the_cloud_are_restored),
        cmocka_unit_test(a_stage_that_lacks_memory_is_not_begun),
        cmocka_unit_test(a_refusal_names_who_asked_for_what),
        cmocka_unit_test(a_refusal_without_memory_is_none),
        cmocka_unit_test(refusals_are_told_sixty_times_a_minute),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
