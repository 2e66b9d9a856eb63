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
    OUT = 10000,
    PROMPT_COST = PROMPT * IN
};

/* How a leg ended. */
struct way {
    const char *what, *model; /* NULL: "priced" */
    bool is_unsent;
    enum answer_mode mode;
    enum outcome outcome;
    struct err err; /* kind 0: none */
    struct usage usage;
    struct usage decoder; /* what has been reported by the stream so far */
    uint64_t content_bytes;
    int64_t first_ms; /* when content came first; 0: none did */
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

#define ANSWERED(how, bytes)          .mode = (how), .first_ms = 5, .content_bytes = (bytes)
#define COMES_TO(nanousd, in, out)    .cost = (nanousd), .input = (in), .output = (out)
#define AS_REPORTED(nanousd, in, out) COMES_TO(nanousd, in, out), .is_reported = true

static const struct way ways[] = {
    {.what = "answered, with usage",
     ANSWERED(ANSWER_PLAIN, 40),
     .usage = REPORTED(100, 10),
     AS_REPORTED(100 * IN + 10 * OUT, 100, 10)},
    {.what = "answered, part of the prompt out of a cache",
     ANSWERED(ANSWER_PLAIN, 40),
     .usage = {.input_tokens = 100,
               .cached_tokens = 60,
               .output_tokens = 10,
               .is_known = true},
     AS_REPORTED(40 * IN + 60 * CACHED + 10 * OUT, 100, 10)},
    {.what = "usage known to the decoder alone",
     ANSWERED(ANSWER_STREAM, 40),
     .decoder = REPORTED(100, 10),
     AS_REPORTED(100 * IN + 10 * OUT, 100, 10)},
    {.what = "answered without a word of usage: estimated",
     ANSWERED(ANSWER_STREAM, 41),
     COMES_TO(PROMPT_COST + 11 * OUT, PROMPT, 11)},
    {.what = "no prompt is read without a token",
     ANSWERED(ANSWER_PLAIN, 40),
     .usage = REPORTED(0, 10),
     COMES_TO(PROMPT_COST + 10 * OUT, PROMPT, 10)},
    {.what = "no text is made without a token",
     ANSWERED(ANSWER_PLAIN, 8),
     .usage = REPORTED(100, 0),
     COMES_TO(100 * IN + 2 * OUT, 100, 2)},
    {.what = "an answer without text has no token",
     ANSWERED(ANSWER_PLAIN, 0),
     .usage = REPORTED(100, 0),
     AS_REPORTED(100 * IN, 100, 0)},
    {.what = "a local engine is owed nothing",
     .model = "near",
     ANSWERED(ANSWER_PLAIN, 40),
     .usage = REPORTED(100, 10),
     AS_REPORTED(0, 100, 10)},
    {.what = "no price: unknown, and not nothing",
     .model = "unpriced",
     ANSWERED(ANSWER_PLAIN, 40),
     .usage = REPORTED(100, 10),
     AS_REPORTED(COST_UNKNOWN, 100, 10)},
    {.what = "a tier whose price is in no list",
     ANSWERED(ANSWER_PLAIN, 40),
     .usage = {.input_tokens = 100,
               .output_tokens = 10,
               .tier = TIER_PRIORITY,
               .is_known = true},
     AS_REPORTED(COST_UNKNOWN, 100, 10)},
    {.what = "things in it that no list prices",
     ANSWERED(ANSWER_PLAIN, 40),
     .usage = {.input_tokens = 100,
               .output_tokens = 10,
               .is_known = true,
               .has_unpriced = true},
     AS_REPORTED(COST_UNKNOWN, 100, 10)},
    {.what = "sound, which has no price of its own",
     ANSWERED(ANSWER_PLAIN, 40),
     .usage = {.input_tokens = 100,
               .output_tokens = 10,
               .audio_input_tokens = 50,
               .is_known = true},
     AS_REPORTED(COST_UNKNOWN, 100, 10)},
    {.what = "the client left before a byte had gone",
     .is_unsent = true,
     .outcome = OUTCOME_CANCELLED},
    {.what = "no byte went to an engine without a price either",
     .model = "unpriced",
     .is_unsent = true,
     .outcome = OUTCOME_CANCELLED},
    {.what = "the client left while the engine was at work",
     .outcome = OUTCOME_CANCELLED,
     COMES_TO(PROMPT_COST, PROMPT, 0)},
    {.what = "the client left in the middle of the stream",
     ANSWERED(ANSWER_STREAM, 400),
     .outcome = OUTCOME_CANCELLED,
     COMES_TO(PROMPT_COST + 100 * OUT, PROMPT, 100)},
    {.what = "an answer that weir could not take",
     .mode = ANSWER_PLAIN,
     .outcome = OUTCOME_ERROR,
     COMES_TO(PROMPT_COST, PROMPT, 0)},
    {.what = "an error that is the request's own, before any answer",
     .outcome = OUTCOME_ERROR,
     .is_priced = true},
    {.what = "refused by the engine",
     .mode = ANSWER_FAILURE,
     .err = BROKE("upstream_error"),
     .was_at_work = true},
    {.what = "no connection", .err = TIMED_OUT("connect_timeout")},
    {.what = "given up after its first byte did not come",
     .err = TIMED_OUT("first_byte_timeout"),
     COMES_TO(PROMPT_COST, PROMPT, 0)},
    {.what = "given up, at an unknown price",
     .model = "unpriced",
     .err = TIMED_OUT("first_byte_timeout"),
     COMES_TO(COST_UNKNOWN, PROMPT, 0)},
    {.what = "broke off at once", .err = BROKE("upstream_closed")},
    {.what = "broke off after a while of work",
     .err = BROKE("upstream_closed"),
     .was_at_work = true,
     COMES_TO(PROMPT_COST, PROMPT, 0)},
    {.what = "broke off in the middle of its words",
     .mode = ANSWER_STREAM,
     .first_ms = 3,
     .err = BROKE("upstream_closed"),
     .content_bytes = 20,
     COMES_TO(PROMPT_COST + 5 * OUT, PROMPT, 5)},
    {.what = "broke off, but had said what it used",
     .mode = ANSWER_PLAIN,
     .err = BROKE("upstream_bad_answer"),
     .usage = REPORTED(90, 3),
     COMES_TO(90 * IN + 3 * OUT, 90, 3)},
    {.what = "broke off, and its stream had said what it used",
     .mode = ANSWER_STREAM,
     .err = BROKE("upstream_closed"),
     .decoder = REPORTED(90, 3),
     COMES_TO(90 * IN + 3 * OUT, 90, 3)},
    {.what = "could not be sent",
     .is_unsent = true,
     .err = TIMED_OUT("first_byte_timeout")},
};

static const char *model_of(const struct way *w)
{
    return w->model ? w->model : "priced";
}

static const struct leg_kind answer_kind = {.purpose = LEG_ANSWER};

/* A leg of q that has ended this way. */
static void settle(struct asked *q, const struct way *w)
{
    struct engine_decoder decoder = {.usage = w->decoder};
    struct leg *l = &q->r.leg;
    q->r.input_estimate = PROMPT;
    q->r.outcome = w->outcome;
    leg_begin(l, &q->r, &answer_kind, world_model(&world, model_of(w)), q->r.draft);
    leg_announce(l);
    list_remove(&l->launch);
    l->is_launched = !w->is_unsent;
    l->ttft_ms = w->first_ms ? w->first_ms : -1;
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
    struct meter now = counted(model_of(w));
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
        struct meter was = counted(model_of(&ways[i]));
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
         PROMPT_COST + 300000,
         PROMPT_COST,
         1,
         "1 cloud attempts that failed had begun: 2000000 nano-dollars"},
        {{"broke off after a while of work", "broke off in the middle of its words",
          "a local engine is owed nothing"},
         2 * PROMPT_COST + 5 * OUT,
         2 * PROMPT_COST + 5 * OUT,
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
