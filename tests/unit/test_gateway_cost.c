/* test_gateway_cost.c -- what each way of ending makes a leg cost, and what stands of it
 * in the ledger and in the row of its request. */
#include "gateway_world.h"

static struct world world;

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

enum {
    PROMPT = 1000, /* tokens, estimated */
    IN = 2000,     /* nano-dollars a token */
    CACHED = 500,
    OUT = 10000
};

/* How a leg ended. */
struct way {
    const char *what, *model;
    bool is_unsent;
    enum answer_mode mode;
    enum outcome outcome;
    struct err err; /* kind 0: none */
    struct usage usage;
    struct usage decoder; /* what has been reported by the stream so far */
    uint64_t content_bytes;
    int64_t ttft_ms;
    bool was_at_work;
    /* What it comes to. */
    int64_t cost;
    uint64_t input, output;
    bool is_reported;
    bool is_priced; /* although it comes to nothing */
};

#define REPORTED(in, out)                                                                \
    {                                                                                    \
        .input_tokens = (in), .output_tokens = (out), .is_known = true                   \
    }
#define TIMED_OUT(word)                                                                  \
    {                                                                                    \
        .kind = ERR_TIMEOUT, .code = (word)                                              \
    }
#define BROKE(word)                                                                      \
    {                                                                                    \
        .kind = ERR_UPSTREAM, .code = (word)                                             \
    }

static const struct way ways[] = {
    {.what = "answered, with usage",
     .model = "priced",
     .mode = ANSWER_PLAIN,
     .usage = REPORTED(100, 10),
     .ttft_ms = 5,
     .content_bytes = 40,
     .cost = 100 * IN + 10 * OUT,
     .input = 100,
     .output = 10,
     .is_reported = true},
    {.what = "answered, part of the prompt out of a cache",
     .model = "priced",
     .mode = ANSWER_PLAIN,
     .usage = {.input_tokens = 100,
               .cached_tokens = 60,
               .output_tokens = 10,
               .is_known = true},
     .ttft_ms = 5,
     .content_bytes = 40,
     .cost = 40 * IN + 60 * CACHED + 10 * OUT,
     .input = 100,
     .output = 10,
     .is_reported = true},
    {.what = "usage known to the decoder alone",
     .model = "priced",
     .mode = ANSWER_STREAM,
     .decoder = REPORTED(100, 10),
     .ttft_ms = 5,
     .content_bytes = 40,
     .cost = 100 * IN + 10 * OUT,
     .input = 100,
     .output = 10,
     .is_reported = true},
    {.what = "answered without a word of usage: estimated",
     .model = "priced",
     .mode = ANSWER_STREAM,
     .ttft_ms = 5,
     .content_bytes = 41,
     .cost = PROMPT * IN + 11 * OUT,
     .input = PROMPT,
     .output = 11},
    {.what = "no prompt is read without a token",
     .model = "priced",
     .mode = ANSWER_PLAIN,
     .usage = REPORTED(0, 10),
     .ttft_ms = 5,
     .content_bytes = 40,
     .cost = PROMPT * IN + 10 * OUT,
     .input = PROMPT,
     .output = 10},
    {.what = "no text is made without a token",
     .model = "priced",
     .mode = ANSWER_PLAIN,
     .usage = REPORTED(100, 0),
     .ttft_ms = 5,
     .content_bytes = 8,
     .cost = 100 * IN + 2 * OUT,
     .input = 100,
     .output = 2},
    {.what = "an answer without text has no token",
     .model = "priced",
     .mode = ANSWER_PLAIN,
     .usage = REPORTED(100, 0),
     .ttft_ms = 5,
     .cost = 100 * IN,
     .input = 100,
     .is_reported = true},
    {.what = "a local engine is owed nothing",
     .model = "near",
     .mode = ANSWER_PLAIN,
     .usage = REPORTED(100, 10),
     .ttft_ms = 5,
     .content_bytes = 40,
     .cost = 0,
     .input = 100,
     .output = 10,
     .is_reported = true},
    {.what = "no price: unknown, and not nothing",
     .model = "unpriced",
     .mode = ANSWER_PLAIN,
     .usage = REPORTED(100, 10),
     .ttft_ms = 5,
     .content_bytes = 40,
     .cost = COST_UNKNOWN,
     .input = 100,
     .output = 10,
     .is_reported = true},
    {.what = "a tier whose price is in no list",
     .model = "priced",
     .mode = ANSWER_PLAIN,
     .usage = {.input_tokens = 100,
               .output_tokens = 10,
               .tier = TIER_PRIORITY,
               .is_known = true},
     .ttft_ms = 5,
     .content_bytes = 40,
     .cost = COST_UNKNOWN,
     .input = 100,
     .output = 10,
     .is_reported = true},
    {.what = "things in it that no list prices",
     .model = "priced",
     .mode = ANSWER_PLAIN,
     .usage = {.input_tokens = 100,
               .output_tokens = 10,
               .is_known = true,
               .has_unpriced = true},
     .ttft_ms = 5,
     .content_bytes = 40,
     .cost = COST_UNKNOWN,
     .input = 100,
     .output = 10,
     .is_reported = true},
    {.what = "sound, which has no price of its own",
     .model = "priced",
     .mode = ANSWER_PLAIN,
     .usage = {.input_tokens = 100,
               .output_tokens = 10,
               .audio_input_tokens = 50,
               .is_known = true},
     .ttft_ms = 5,
     .content_bytes = 40,
     .cost = COST_UNKNOWN,
     .input = 100,
     .output = 10,
     .is_reported = true},
    {.what = "the client left before a byte had gone",
     .model = "priced",
     .is_unsent = true,
     .outcome = OUTCOME_CANCELLED,
     .ttft_ms = -1},
    {.what = "no byte went to an engine without a price either",
     .model = "unpriced",
     .is_unsent = true,
     .outcome = OUTCOME_CANCELLED,
     .ttft_ms = -1},
    {.what = "the client left while the engine was at work",
     .model = "priced",
     .outcome = OUTCOME_CANCELLED,
     .ttft_ms = -1,
     .cost = PROMPT * IN,
     .input = PROMPT},
    {.what = "the client left in the middle of the stream",
     .model = "priced",
     .mode = ANSWER_STREAM,
     .outcome = OUTCOME_CANCELLED,
     .ttft_ms = 5,
     .content_bytes = 400,
     .cost = PROMPT * IN + 100 * OUT,
     .input = PROMPT,
     .output = 100},
    {.what = "an answer that weir could not take",
     .model = "priced",
     .mode = ANSWER_PLAIN,
     .outcome = OUTCOME_ERROR,
     .ttft_ms = -1,
     .cost = PROMPT * IN,
     .input = PROMPT},
    {.what = "an error that is the request's own, before any answer",
     .model = "priced",
     .outcome = OUTCOME_ERROR,
     .ttft_ms = -1,
     .is_priced = true},
    {.what = "refused by the engine",
     .model = "priced",
     .mode = ANSWER_FAILURE,
     .err = BROKE("upstream_error"),
     .was_at_work = true,
     .ttft_ms = -1},
    {.what = "no connection",
     .model = "priced",
     .err = TIMED_OUT("connect_timeout"),
     .ttft_ms = -1},
    {.what = "given up after its first byte did not come",
     .model = "priced",
     .err = TIMED_OUT("first_byte_timeout"),
     .ttft_ms = -1,
     .cost = PROMPT * IN,
     .input = PROMPT},
    {.what = "given up, at an unknown price",
     .model = "unpriced",
     .err = TIMED_OUT("first_byte_timeout"),
     .ttft_ms = -1,
     .cost = COST_UNKNOWN,
     .input = PROMPT},
    {.what = "broke off at once",
     .model = "priced",
     .err = BROKE("upstream_closed"),
     .ttft_ms = -1},
    {.what = "broke off after a while of work",
     .model = "priced",
     .err = BROKE("upstream_closed"),
     .was_at_work = true,
     .ttft_ms = -1,
     .cost = PROMPT * IN,
     .input = PROMPT},
    {.what = "broke off in the middle of its words",
     .model = "priced",
     .mode = ANSWER_STREAM,
     .err = BROKE("upstream_closed"),
     .ttft_ms = 3,
     .content_bytes = 20,
     .cost = PROMPT * IN + 5 * OUT,
     .input = PROMPT,
     .output = 5},
    {.what = "broke off, but had said what it used",
     .model = "priced",
     .mode = ANSWER_PLAIN,
     .err = BROKE("upstream_bad_answer"),
     .usage = REPORTED(90, 3),
     .ttft_ms = -1,
     .cost = 90 * IN + 3 * OUT,
     .input = 90,
     .output = 3},
    {.what = "broke off, and its stream had said what it used",
     .model = "priced",
     .mode = ANSWER_STREAM,
     .err = BROKE("upstream_closed"),
     .decoder = REPORTED(90, 3),
     .ttft_ms = -1,
     .cost = 90 * IN + 3 * OUT,
     .input = 90,
     .output = 3},
    {.what = "could not be sent",
     .model = "priced",
     .is_unsent = true,
     .err = TIMED_OUT("first_byte_timeout"),
     .ttft_ms = -1},
};

static const struct leg_kind answer_kind = {.purpose = LEG_ANSWER};

/* A leg of q that has ended this way. */
static void settle(struct asked *q, const struct way *w)
{
    struct engine_decoder decoder = {.usage = w->decoder};
    struct leg *l = &q->r.leg;
    q->r.input_estimate = PROMPT;
    q->r.outcome = w->outcome;
    leg_begin(l, &q->r, &answer_kind, world_model(&world, w->model));
    leg_announce(l);
    list_remove(&l->launch);
    l->is_launched = !w->is_unsent;
    l->ttft_ms = w->ttft_ms;
    l->answer = (struct answer){.mode = w->mode,
                                .usage = w->usage,
                                .content_bytes = w->content_bytes,
                                .was_at_work = w->was_at_work,
                                .decoder = w->decoder.is_known ? &decoder : NULL};
    leg_settle(l, w->err.kind ? OUTCOME_ERROR : w->outcome, w->err.kind ? &w->err : NULL);
    l->answer.decoder = NULL;
}

static struct meter counted(const char *model)
{
    return *world.server.setup->model_meters[world_model(&world, model)->index];
}

/* By the sums of its request, and by what its model's meter has counted. */
static void check_leg(const struct way *w, const struct request *r,
                      const struct meter *was)
{
    struct meter now = counted(w->model);
    uint64_t input = now.input_tokens - was->input_tokens,
             output = now.output_tokens - was->output_tokens;
    if (r->cost_nanousd != w->cost || input != w->input || output != w->output)
        fail_msg("%s: costs %lld for %llu and %llu tokens", w->what,
                 (long long)r->cost_nanousd, (unsigned long long)input,
                 (unsigned long long)output);
    assert_int_equal(now.uncosted - was->uncosted, w->cost == COST_UNKNOWN);
    assert_int_equal(now.cost_nanousd - was->cost_nanousd, w->cost > 0 ? w->cost : 0);
    if (!str_eqz(r->price_date, w->cost > 0 || w->is_priced ? "2026-07-01" : ""))
        fail_msg("%s: priced as of '%.*s'", w->what, STR_ARG(r->price_date));
    if (w->err.kind) { /* the row shows the tokens of its answer alone */
        assert_int_equal(r->usage.input_tokens, 0);
        assert_false(r->usage_is_reported);
        return;
    }
    assert_int_equal(r->usage.input_tokens, w->input);
    assert_int_equal(r->usage.output_tokens, w->output);
    if (r->usage_is_reported != w->is_reported)
        fail_msg("%s: %s", w->what, r->usage_is_reported ? "reported" : "estimated");
}

/* The request that failed at this leg still needs a row to be read back. */
static void close_row(struct asked *q)
{
    struct ledger_open open = request_open(&q->r);
    q->r.outcome = OUTCOME_OK;
    q->r.ended_ms = q->r.started_ms;
    q->r.model = q->r.leg.model;
    ledger_append_open(world.worker.log, &open);
    settle_row(&q->r);
}

static void each_way_of_ending_has_its_cost(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        struct asked q;
        struct meter was = counted(ways[i].model);
        ask(&q, &world, A_CHAT);
        settle(&q, &ways[i]);
        check_leg(&ways[i], &q.r, &was);
        close_row(&q);
        struct collected *c = world_row(&world, q.r.uid);
        assert_int_equal(c->rows[0].cost_nanousd, ways[i].cost);
        drop_rows(c);
        forget(&q);
    }
}

static const struct way *way(const char *what)
{
    for (size_t i = 0; i < ARRAY_LEN(ways); i++)
        if (strcmp(ways[i].what, what) == 0)
            return &ways[i];
    fail_msg("no case '%s'", what);
    return NULL;
}

static void a_leg_settles_once(void **state)
{
    (void)state;
    struct asked q;
    ask(&q, &world, A_CHAT);
    struct meter was = counted("priced");
    leg_settle(&q.r.leg, OUTCOME_OK, NULL); /* never announced */
    settle(&q, way("answered, with usage"));
    leg_settle(&q.r.leg, OUTCOME_OK, NULL);
    struct meter now = counted("priced");
    assert_int_equal(now.cost_nanousd - was.cost_nanousd, 300000);
    assert_int_equal(q.r.cost_nanousd, 300000);
    close_row(&q);
    forget(&q);
}

/* Every row's sum has its legs, and says what was paid beside the answer. */
static void a_row_sums_its_legs(void **state)
{
    (void)state;
    static const struct {
        const char *ways[3];
        int64_t cost, other;
        uint32_t nfailed;
        const char *says; /* in the row's reasons; NULL: nothing of it */
    } rows[] = {
        {{"no connection", "answered, with usage"}, 300000, 0, 0, NULL},
        {{"broke off after a while of work", "answered, with usage"},
         PROMPT * IN + 300000,
         PROMPT * IN,
         1,
         "1 cloud attempts that failed had begun: 2000000 nano-dollars"},
        {{"broke off after a while of work", "broke off in the middle of its words",
          "a local engine is owed nothing"},
         2 * PROMPT * IN + 5 * OUT,
         2 * PROMPT * IN + 5 * OUT,
         2,
         "2 cloud attempts that failed had begun: 4050000 nano-dollars"},
        {{"given up, at an unknown price", "answered, with usage"},
         COST_UNKNOWN,
         COST_UNKNOWN,
         1,
         "1 cloud attempts that failed had begun: at an unknown price"},
        {{"broke off at once", "a local engine is owed nothing"}, 0, 0, 0, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct asked q;
        ask(&q, &world, A_CHAT);
        for (size_t k = 0; k < 3 && rows[i].ways[k]; k++)
            settle(&q, way(rows[i].ways[k]));
        assert_int_equal(q.r.cost_nanousd, rows[i].cost);
        assert_int_equal(q.r.other_nanousd, rows[i].other);
        assert_int_equal(q.r.nfailed_paid, rows[i].nfailed);
        assert_int_equal(q.r.naside_paid, 0);
        close_row(&q);
        struct collected *c = world_row(&world, q.r.uid);
        struct str reasons = c->rows[0].reasons_json;
        if (rows[i].says)
            assert_true(str_find(reasons, str_of(rows[i].says)) >= 0);
        else
            assert_string_equal_n(reasons, "[]");
        drop_rows(c);
        forget(&q);
    }
}

/* An engine that says it read far fewer tokens than were sent has cut the prompt. */
static void a_cut_prompt_is_told(void **state)
{
    (void)state;
    static const struct {
        uint64_t floor, got;
        enum outcome outcome;
        enum surface surface;
        bool is_reported, is_told;
    } rows[] = {
        {600, 100, OUTCOME_OK, SURFACE_CHAT, true, true},
        {600, 600, OUTCOME_OK, SURFACE_CHAT, true, false},
        {600, 100, OUTCOME_OK, SURFACE_CHAT, false, false},
        {600, 0, OUTCOME_OK, SURFACE_CHAT, true, false},
        {255, 100, OUTCOME_OK, SURFACE_CHAT, true, false}, /* too short to be cut */
        {600, 100, OUTCOME_CANCELLED, SURFACE_CHAT, true, false},
        {600, 100, OUTCOME_OK, SURFACE_EMBEDDINGS, true, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct asked q;
        ask(&q, &world, A_CHAT);
        q.r.model = world_model(&world, "near");
        q.r.input_floor = rows[i].floor;
        q.r.surface = rows[i].surface;
        q.r.outcome = rows[i].outcome;
        q.r.ended_ms = q.r.started_ms;
        q.r.usage = (struct usage)REPORTED(rows[i].got, 5);
        q.r.usage_is_reported = rows[i].is_reported;
        q.r.reasons_json = STR("[{\"rule\":\"pin\",\"detail\":\"near\"}]");
        struct ledger_open open = request_open(&q.r);
        ledger_append_open(world.worker.log, &open);
        settle_row(&q.r);
        struct collected *c = world_row(&world, q.r.uid);
        struct str reasons = c->rows[0].reasons_json;
        assert_true(str_starts(reasons, STR("[{\"rule\":\"pin\",\"detail\":\"near\"}")));
        assert_int_equal(str_find(reasons, STR("{\"rule\":\"truncated\",\"detail\":"
                                               "\"the engine read 100 of")) >= 0,
                         rows[i].is_told);
        drop_rows(c);
        forget(&q);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_way_of_ending_has_its_cost),
        cmocka_unit_test(a_leg_settles_once),
        cmocka_unit_test(a_row_sums_its_legs),
        cmocka_unit_test(a_cut_prompt_is_told),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
