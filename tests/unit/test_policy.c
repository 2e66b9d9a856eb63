/* test_policy.c -- each policy against the rules that docs/guide/policy-*.md states.
 *
 * Here is what a policy wishes; what the gates leave of it is test_route.c's. */
#include "route/policy.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct arena arena;

struct asked {
    enum policy policy;
    enum sensitivity declared;
    uint64_t tokens;
    bool wants_quality, has_latency;
    uint32_t latency_ms;
    enum deadline deadline;
    const char *prompt; /* raw JSON value; NULL: none */
};

static struct policy_wish wish_of(const struct asked *in)
{
    struct label label = guard_label(&(struct label_inputs){.header = in->declared});
    struct chat chat = {.last_user = in->prompt ? str_of(in->prompt) : STR("")};
    const struct route_query q = {
        .chat = &chat,
        .label = &label,
        .policy = in->policy,
        .hints = {.wants_quality = in->wants_quality,
                  .has_latency = in->has_latency,
                  .latency_ms = in->latency_ms,
                  .deadline = in->deadline,
                  .has_tokens = true,
                  .tokens = in->tokens},
    };
    return policy_wish(&q, &arena);
}

static void check(const char *what, const struct asked *in, enum role role,
                  enum side side)
{
    struct policy_wish w = wish_of(in);
    if (w.role != role || w.side != side)
        fail_msg("%s: wishes %s/%s, want %s/%s", what, role_name(w.role),
                 side_name(w.side), role_name(role), side_name(side));
    assert_true(w.why.n > 0);
}

/* Row by row; a latency of 0 ms is a latency. */
static void seed_table(void **state)
{
    (void)state;
    static const enum sensitivity P = SENSITIVITY_PUBLIC, I = SENSITIVITY_INTERNAL,
                                  C = SENSITIVITY_CONFIDENTIAL;
    const struct {
        struct asked in;
        enum role want;
    } rows[] = {
        {{.declared = C, .tokens = 20001}, ROLE_LOCAL_LARGE},
        {{.declared = C, .tokens = 20000}, ROLE_LOCAL_SMALL},
        {{.declared = C, .tokens = 60000, .wants_quality = true}, ROLE_LOCAL_LARGE},
        {{.declared = C, .tokens = 1, .has_latency = true, .latency_ms = 50},
         ROLE_LOCAL_SMALL},
        {{.declared = P, .has_latency = true, .latency_ms = 99, .wants_quality = true},
         ROLE_LOCAL_SMALL},
        {{.declared = P, .has_latency = true, .latency_ms = 100, .wants_quality = true},
         ROLE_CLOUD_STRONG},
        {{.declared = P, .has_latency = true, .latency_ms = 0, .wants_quality = true},
         ROLE_LOCAL_SMALL},
        {{.declared = P, .wants_quality = true, .tokens = 50001}, ROLE_CLOUD_CHEAP},
        {{.declared = P, .wants_quality = true, .tokens = 50000}, ROLE_CLOUD_STRONG},
        {{.declared = SENSITIVITY_UNLABELLED, .wants_quality = true, .tokens = 10},
         ROLE_CLOUD_STRONG},
        {{.declared = I, .wants_quality = true, .tokens = 50001}, ROLE_LOCAL_SMALL},
        {{.declared = P, .tokens = 100}, ROLE_LOCAL_SMALL},
        {{.declared = I, .tokens = 100}, ROLE_LOCAL_SMALL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct asked in = rows[i].in;
        char what[32];
        snprintf(what, sizeof what, "row %zu", i);
        in.policy = POLICY_SEED_TABLE;
        bool is_cloud =
            rows[i].want == ROLE_CLOUD_CHEAP || rows[i].want == ROLE_CLOUD_STRONG;
        check(what, &in, rows[i].want, is_cloud ? SIDE_CLOUD : SIDE_LOCAL);
    }
}

/* What was measured of the models in the roles stands before the rule of 100 ms. */
static void measured_latencies_stand_before_the_rule(void **state)
{
    static const enum sensitivity P = SENSITIVITY_PUBLIC, I = SENSITIVITY_INTERNAL;
    static const struct {
        enum sensitivity declared;
        uint32_t limit_ms, small_ms, cheap_ms, strong_ms; /* 0: nobody measured it */
        enum role seed_table, learned;
    } rows[] = {
        {P, 50, 0, 0, 0, ROLE_LOCAL_SMALL, ROLE_NONE}, /* the rule alone */
        {P, 50, 0, 20, 0, ROLE_LOCAL_SMALL,
         ROLE_NONE}, /* a cloud alone decides nothing */
        {P, 300, 250, 90, 80, ROLE_LOCAL_SMALL, ROLE_LOCAL_SMALL},
        {P, 250, 250, 90, 80, ROLE_LOCAL_SMALL, ROLE_LOCAL_SMALL},
        {P, 249, 250, 90, 80, ROLE_CLOUD_CHEAP, ROLE_CLOUD_CHEAP},
        {P, 85, 250, 90, 80, ROLE_CLOUD_STRONG, ROLE_CLOUD_STRONG},
        {P, 70, 250, 90, 80, ROLE_LOCAL_SMALL, ROLE_NONE}, /* nobody keeps it */
        {I, 85, 250, 90, 80, ROLE_LOCAL_SMALL, ROLE_NONE}, /* nothing internal leaves */
    };
    struct config_engine engine = {.name = STR("e")};
    struct config_model models[3] = {{.name = STR("small"), .engine = &engine},
                                     {.name = STR("cheap"), .engine = &engine},
                                     {.name = STR("strong"), .engine = &engine}};
    const struct config_model *list[] = {&models[0], &models[1], &models[2]};
    struct config config = {.models = list, .nmodels = 3};
    (void)state;
    config.roles[ROLE_LOCAL_SMALL] = &models[0];
    config.roles[ROLE_CLOUD_CHEAP] = &models[1];
    config.roles[ROLE_CLOUD_STRONG] = &models[2];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct label label =
            guard_label(&(struct label_inputs){.header = rows[i].declared});
        const struct route_measured measured[] = {
            {.ttft_ms = rows[i].small_ms, .day = 20787},
            {.ttft_ms = rows[i].cheap_ms, .day = 20787},
            {.ttft_ms = rows[i].strong_ms}};
        struct chat chat = {.last_user = STR("\"hi\""), .is_stream = true};
        struct route_query q = {
            .config = &config,
            .chat = &chat,
            .label = &label,
            .hints = {.has_latency = true, .latency_ms = rows[i].limit_ms},
            .measured = measured};
        q.policy = POLICY_SEED_TABLE;
        struct policy_wish w = policy_wish(&q, &arena);
        assert_int_equal(w.role, rows[i].seed_table);
        q.policy = POLICY_LEARNED;
        w = policy_wish(&q, &arena);
        assert_int_equal(w.role, rows[i].learned);
        if (i == 4)
            assert_true(
                str_eq(w.why, STR("an answer within 249 ms is wanted: local_small "
                                  "takes 250, cheap begins after 90 ms (measured "
                                  "2026-11-30 by weir bench)")));
        q.hints.has_latency = false;
        assert_int_equal(policy_wish(&q, &arena).role, ROLE_NONE);
    }
}

/* Who does not ask for a stream waits for the whole answer: the one that begins soon and
 * goes on slowly is the later one. */
static void measured_speeds_decide_about_whole_answers(void **state)
{
    static const struct {
        uint32_t limit_ms;
        int64_t max_tokens; /* -1: the client does not say */
        double small_s, cheap_s;
        bool is_stream;
        enum role seed_table, learned;
    } rows[] = {
        /* 500 tokens: 50 ms + 10 s here, 400 ms + 2.5 s there. */
        {10050, -1, 50, 200, false, ROLE_LOCAL_SMALL, ROLE_LOCAL_SMALL},
        {10049, -1, 50, 200, false, ROLE_CLOUD_CHEAP, ROLE_CLOUD_CHEAP},
        {2900, -1, 50, 200, false, ROLE_CLOUD_CHEAP, ROLE_CLOUD_CHEAP},
        {2899, -1, 50, 200, false, ROLE_LOCAL_SMALL, ROLE_NONE}, /* nobody keeps it */
        {2899, -1, 50, 200, true, ROLE_LOCAL_SMALL, ROLE_LOCAL_SMALL},
        {300, 10, 50, 200, false, ROLE_LOCAL_SMALL, ROLE_LOCAL_SMALL}, /* a short one */
        {300, 100, 50, 2000, false, ROLE_LOCAL_SMALL, ROLE_NONE},
        {500, 100, 50, 2000, false, ROLE_CLOUD_CHEAP, ROLE_CLOUD_CHEAP},
        {10050, 90000, 50, 200, false, ROLE_LOCAL_SMALL, ROLE_LOCAL_SMALL}, /* a limit */
        {50, 0, 50, 200, false, ROLE_LOCAL_SMALL, ROLE_LOCAL_SMALL},
        {99, -1, 50, 200, false, ROLE_LOCAL_SMALL, ROLE_NONE},  /* the table's rule */
        {9000, -1, 0, 200, false, ROLE_LOCAL_SMALL, ROLE_NONE}, /* unknown is not fast */
        {9000, -1, 50, 0, false, ROLE_LOCAL_SMALL, ROLE_NONE},
    };
    struct config_engine engine = {.name = STR("e")};
    struct config_model models[2] = {{.name = STR("small"), .engine = &engine},
                                     {.name = STR("cheap"), .engine = &engine}};
    const struct config_model *list[] = {&models[0], &models[1]};
    struct config config = {.models = list, .nmodels = 2};
    struct label label =
        guard_label(&(struct label_inputs){.header = SENSITIVITY_PUBLIC});
    (void)state;
    config.roles[ROLE_LOCAL_SMALL] = &models[0];
    config.roles[ROLE_CLOUD_CHEAP] = &models[1];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct route_measured measured[] = {{50, rows[i].small_s, 20787},
                                                  {400, rows[i].cheap_s, 20787}};
        struct chat chat = {.last_user = STR("\"hi\""),
                            .is_stream = rows[i].is_stream,
                            .max_output_tokens = rows[i].max_tokens};
        struct route_query q = {
            .config = &config,
            .chat = &chat,
            .label = &label,
            .hints = {.has_latency = true, .latency_ms = rows[i].limit_ms},
            .measured = measured};
        q.policy = POLICY_SEED_TABLE;
        struct policy_wish w = policy_wish(&q, &arena);
        assert_int_equal(w.role, rows[i].seed_table);
        q.policy = POLICY_LEARNED;
        w = policy_wish(&q, &arena);
        assert_int_equal(w.role, rows[i].learned);
        if (i == 1)
            assert_true(str_eq(
                w.why, STR("a whole answer within 10049 ms is wanted: local_small takes "
                           "10050, cheap about 2900 for 500 tokens (begins after "
                           "400, then 200 tokens a second: measured 2026-11-30 by weir "
                           "bench)")));
        chat.surface = SURFACE_EMBEDDINGS;
        assert_false(measured_wish(&q, &arena, &w));
    }
}

/* Simple is looked at first and must be short; substrings, without case. */
static void complexity(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum complexity want;
    } rows[] = {
        {"what is it", COMPLEXITY_SIMPLE},
        {"WHAT IS IT", COMPLEXITY_SIMPLE},
        {"Define entropy", COMPLEXITY_SIMPLE},
        {"when did it start", COMPLEXITY_SIMPLE},
        {"how many", COMPLEXITY_SIMPLE},
        {"list the planets", COMPLEXITY_SIMPLE},
        {"what is it? compare them", COMPLEXITY_SIMPLE}, /* simple comes first */
        {"compare them", COMPLEXITY_COMPLEX},
        {"analyze this", COMPLEXITY_COMPLEX},
        {"explain why it fell", COMPLEXITY_COMPLEX},
        {"redesign the hall", COMPLEXITY_COMPLEX}, /* a substring, as the seed has it */
        {"implement it", COMPLEXITY_COMPLEX},
        {"debug it", COMPLEXITY_COMPLEX},
        {"optimize it", COMPLEXITY_COMPLEX},
        {"write a program", COMPLEXITY_COMPLEX},
        {"tell me a story", COMPLEXITY_MEDIUM},
        {"", COMPLEXITY_MEDIUM},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (complexity_of(str_of(rows[i].text)) != rows[i].want)
            fail_msg("'%s' is %s", rows[i].text,
                     complexity_name(complexity_of(str_of(rows[i].text))));
}

static void complexity_counts_characters_not_bytes(void **state)
{
    (void)state;
    char text[400] = "what is ";
    size_t n = strlen(text);
    for (size_t i = 0; i < 91; i++, n += 2)
        memcpy(text + n, "\xc3\xa9", 2); /* 99 characters, 190 bytes */
    assert_int_equal(complexity_of((struct str){text, n}), COMPLEXITY_SIMPLE);
    memcpy(text + n, "x", 1); /* 100 characters */
    assert_int_equal(complexity_of((struct str){text, n + 1}), COMPLEXITY_MEDIUM);
}

/* The three questions of the article and where they go. */
static void complexity_of_three_questions(void **state)
{
    (void)state;
    const struct asked simple = {.policy = POLICY_COMPLEXITY,
                                 .prompt = "\"What is RAG?\""};
    const struct asked medium = {
        .policy = POLICY_COMPLEXITY,
        .prompt = "\"Explain the tradeoffs between HNSW and IVF-PQ index types.\""};
    const struct asked complex = {
        .policy = POLICY_COMPLEXITY,
        .prompt =
            "[{\"type\":\"text\",\"text\":\"Write a Python class implementing a full "
            "RAG pipeline\"}]"};
    check("simple", &simple, ROLE_LOCAL_SMALL, SIDE_LOCAL);
    check("medium", &medium, ROLE_CLOUD_CHEAP, SIDE_CLOUD);
    check("complex", &complex, ROLE_CLOUD_STRONG, SIDE_CLOUD);
}

/* Frontier for the hard few, local for the many, by length and keyword. */
static void length_keyword(void **state)
{
    (void)state;
    const struct asked easy = {.policy = POLICY_LENGTH_KEYWORD,
                               .tokens = 50,
                               .prompt = "\"translate this line\""};
    const struct asked word = {.policy = POLICY_LENGTH_KEYWORD,
                               .tokens = 50,
                               .prompt = "\"please analyze this contract\""};
    const struct asked length = {.policy = POLICY_LENGTH_KEYWORD,
                                 .tokens = 4001,
                                 .prompt = "\"translate this line\""};
    check("easy", &easy, ROLE_LOCAL_SMALL, SIDE_LOCAL);
    check("keyword", &word, ROLE_CLOUD_STRONG, SIDE_CLOUD);
    check("length", &length, ROLE_CLOUD_STRONG, SIDE_CLOUD);
}

/* The last turn as a client sends it: a string, parts, both ends of a long one. */
static void the_turn_is_read_as_it_was_written(void **state)
{
    (void)state;
    static const struct {
        const char *raw, *want;
    } rows[] = {
        {"\"What is RAG?\"", "What is RAG?"},
        {"\"a\\nb \\u0041\"", "a\nb A"},
        {"[{\"type\":\"text\",\"text\":\"one\"},{\"type\":\"image_url\"},7,"
         "{\"text\":\"two\"}]",
         "one\ntwo"},
        {"null", ""},
        {"[]", ""},
        {"", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_true(str_eqz(score_text(str_of(rows[i].raw), &arena), rows[i].want));
    static char raw[100000];
    size_t n = 0;
    raw[n++] = '"';
    for (n = 1; n + 8 < sizeof raw; n += 6) /* escapes all the way */
        memcpy(raw + n, "\\u0041", 6);
    raw[n++] = '"';
    struct str text = score_text((struct str){raw, n}, &arena);
    assert_true(text.n > 2000 && str_starts(text, STR("AAAA")));
    assert_true(str_ends(text, STR("AAAA")));
    memset(raw + 1, 'x', n - 2);
    memcpy(raw + n - 5, "last", 4);
    text = score_text((struct str){raw, n}, &arena);
    assert_true(text.n < 14000 && str_ends(text, STR("last")));
}

static void learned_goes_where_the_score_says(void **state)
{
    (void)state;
    static struct router r;
    static struct calibration cal;
    struct err err = {0};
    struct label label = guard_label(&(struct label_inputs){0});
    struct chat chat = {.last_user = STR("\"What is the capital of France?\"")};
    assert_int_equal(router_open(&r, router_builtin(), &err), 0);
    calibration_reset(&cal);
    for (int share = 0; share <= 1; share++) {
        struct route_learned l = {
            .router = &r, .calibration = &cal, .goal = {GOAL_SHARE, share}};
        const struct route_query q = {
            .chat = &chat, .label = &label, .policy = POLICY_LEARNED, .learned = &l};
        struct policy_wish w = policy_wish(&q, &arena);
        assert_int_equal(w.side, share ? SIDE_CLOUD : SIDE_LOCAL);
        assert_false(w.is_strict);
        assert_true(str_starts(
            w.why, share ? STR("by the goal all are to go to the cloud (score ")
                         : STR("by the goal none is to go to the cloud (score ")));
        assert_non_null(strstr(l.why, "a short question"));
        policy_wish(&q, &arena); /* asked again: the same request, counted once */
        assert_int_equal(atomic_load(&cal.count), 1);
        l = (struct route_learned){.router = &r,
                                   .calibration = &cal,
                                   .goal = {GOAL_SHARE, share},
                                   .is_dry = true};
        policy_wish(&q, &arena); /* what if: no traffic */
        assert_int_equal(atomic_load(&cal.count), 1);
        calibration_reset(&cal);
    }
}

/* The wish for a score of 0 beside a threshold, given how the conversation stands. */
static bool goes(float threshold, struct route_kept kept, uint32_t explore_ppm,
                 char why[300])
{
    static struct router r;
    struct err err = {0};
    assert_int_equal(router_open(&r, router_builtin(), &err), 0);
    struct route_learned l = {.router = &r,
                              .goal = {GOAL_SHARE, 0.5},
                              .kept = kept,
                              .explore_ppm = explore_ppm,
                              .draw = 10};
    struct str text = STR("\"What is the capital of France?\"");
    score_wants_cloud(&l, text, &arena);
    /* the same once more, with the threshold that the test wants */
    float gap = l.score.gap;
    l.threshold = gap + threshold;
    bool ret = score_decide(&l);
    memcpy(why, l.why, 300);
    return ret;
}

static void a_conversation_moves_for_a_reason_alone(void **state)
{
    (void)state;
    char why[300];
    const struct route_kept here = {.is_known = true, .side = SIDE_LOCAL, .margin = .05F},
                            there = {.is_known = true,
                                     .side = SIDE_CLOUD,
                                     .margin = .05F},
                            none = {0};
    assert_true(goes(-.02F, none, 0, why));
    assert_false(goes(-.02F, here, 0, why));
    assert_non_null(strstr(why, "not enough to move"));
    assert_true(goes(-.06F, here, 0, why));
    assert_true(goes(.02F, there, 0, why));
    assert_false(goes(.06F, there, 0, why));
    struct route_kept loop = there;
    loop.is_same_turn = true;
    assert_true(goes(1, loop, 1000000, why)); /* nor is it explored */
    assert_non_null(strstr(why, "in the middle of a turn"));
    loop.side = SIDE_LOCAL;
    loop.is_lifted = true;
    assert_true(goes(1, loop, 0, why));
    assert_non_null(strstr(why, "stuck"));
    loop.is_lifted = false;
    loop.is_back = true;
    assert_false(goes(-1, loop, 0, why));
    assert_non_null(strstr(why, "goes well again"));
}

static void a_share_of_turns_goes_to_the_other_side_and_says_so(void **state)
{
    (void)state;
    char why[300];
    const struct route_kept none = {0};
    assert_true(goes(1, none, 11, why)); /* number 10 of a million */
    assert_true(
        str_starts(str_of(why), STR("to learn what the other side is worth, though "
                                    "the cloud would add too little (score ")));
    assert_non_null(strstr(why, "; drawn with chance 0.0000; a local"));
    assert_false(goes(1, none, 10, why));
    assert_true(str_starts(str_of(why), STR("the cloud would add too little (score ")));
    assert_non_null(strstr(why, "; drawn with chance 1.0000"));
    assert_false(goes(-1, none, 11, why));
}

static struct route_learned scored(const struct router *r, const struct adapter *a,
                                   uint32_t explore_ppm, uint32_t draw)
{
    struct route_learned l = {.router = r,
                              .adapter = a,
                              .keeps_noted = true,
                              .goal = {GOAL_SHARE, 0.5},
                              .explore_ppm = explore_ppm,
                              .draw = draw};
    score_wants_cloud(&l, STR("\"What is the capital of France?\""), &arena);
    return l;
}

static void what_was_learnt_changes_the_score_and_says_so(void **state)
{
    static struct router r;
    struct err err = {0};
    struct adapter a = adapter_base();
    (void)state;
    assert_int_equal(router_open(&r, router_builtin(), &err), 0);
    const struct route_learned plain = scored(&r, NULL, 0, 0);
    a.x[0] = -2; /* local answers are mostly bad here */
    const struct route_learned learnt = scored(&r, &a, 0, 0);
    assert_true(learnt.score.gap > plain.score.gap + 0.1f);
    assert_true(learnt.suffices < plain.suffices - 0.1f);
    assert_null(strstr(plain.why, "as learnt here"));
    assert_non_null(strstr(learnt.why, " %, as learnt here; a short question"));
    /* What is noted is what the weights say, whatever serves. */
    assert_memory_equal(&plain.noted.in, &learnt.noted.in, sizeof plain.noted.in);
    assert_int_equal(plain.noted.in.gap, lrintf(1000 * plain.score.gap));
    assert_true(plain.noted.weights == r.digest && plain.noted.goes == plain.goes);
}

static void the_chance_of_a_side_is_noted(void **state)
{
    static struct router r;
    struct err err = {0};
    (void)state;
    assert_int_equal(router_open(&r, router_builtin(), &err), 0);
    assert_int_equal(scored(&r, NULL, 0, 0).noted.chance, NOTED_CHANCE);
    assert_int_equal(scored(&r, NULL, 50000, 60000).noted.chance, 9500);
    assert_int_equal(scored(&r, NULL, 50000, 10).noted.chance, 500);
    assert_int_equal(scored(&r, NULL, 11, 10).noted.chance, 1); /* never 0 */
}

/* Worked by hand: gpt-4o's prices, 2.5, 1.25 and 10 USD a million tokens. */
static void a_switch_pays_for_the_cache_that_it_throws_away(void **state)
{
    (void)state;
    assert_true(fabs(score_margin(0, 0, 0, 1000) - .01) < 1e-6);
    /* lost 1,250; the turn 1,250 + 5,120 */
    assert_true(fabs(score_margin(2.5, 1.25, 10, 1000) - .01 * (1 + 1250 / 6370.)) <
                1e-6);
    assert_true(fabs(score_margin(3, .3, 15, 100000) - .01 * (1 + 270000 / 37680.)) <
                1e-6);
    assert_true(fabs(score_margin(3, 0, 0, 100000) - .01) < 1e-6);   /* unknown */
    assert_true(fabs(score_margin(3, .01, 0, 1000000) - .1) < 1e-6); /* the most */
}

/* A batch with a deadline scales in the cloud; without one it may wait. */
static void deadline(void **state)
{
    (void)state;
    const struct asked timed = {.policy = POLICY_DEADLINE, .deadline = DEADLINE_SECONDS};
    const struct asked none = {.policy = POLICY_DEADLINE, .deadline = DEADLINE_NONE};
    const struct asked unsaid = {.policy = POLICY_DEADLINE};
    check("deadline", &timed, ROLE_CLOUD_CHEAP, SIDE_CLOUD);
    check("none", &none, ROLE_NONE, SIDE_LOCAL);
    check("unsaid", &unsaid, ROLE_NONE, SIDE_LOCAL);
}

static void the_strict_ones_know_no_substitute(void **state)
{
    (void)state;
    const struct asked local = {.policy = POLICY_LOCAL_ONLY};
    const struct asked cloud = {.policy = POLICY_CLOUD_ONLY};
    const struct asked first = {.policy = POLICY_LOCAL_FIRST};
    check("local-only", &local, ROLE_NONE, SIDE_LOCAL);
    check("cloud-only", &cloud, ROLE_NONE, SIDE_CLOUD);
    check("local-first", &first, ROLE_NONE, SIDE_LOCAL);
    assert_true(wish_of(&local).is_strict);
    assert_true(wish_of(&cloud).is_strict);
    assert_false(wish_of(&first).is_strict);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seed_table),
        cmocka_unit_test(measured_latencies_stand_before_the_rule),
        cmocka_unit_test(measured_speeds_decide_about_whole_answers),
        cmocka_unit_test(complexity),
        cmocka_unit_test(complexity_counts_characters_not_bytes),
        cmocka_unit_test(complexity_of_three_questions),
        cmocka_unit_test(length_keyword),
        cmocka_unit_test(deadline),
        cmocka_unit_test(the_turn_is_read_as_it_was_written),
        cmocka_unit_test(learned_goes_where_the_score_says),
        cmocka_unit_test(a_conversation_moves_for_a_reason_alone),
        cmocka_unit_test(what_was_learnt_changes_the_score_and_says_so),
        cmocka_unit_test(the_chance_of_a_side_is_noted),
        cmocka_unit_test(a_share_of_turns_goes_to_the_other_side_and_says_so),
        cmocka_unit_test(a_switch_pays_for_the_cache_that_it_throws_away),
        cmocka_unit_test(the_strict_ones_know_no_substitute),
    };
    arena_init(&arena, 1 << 20);
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    arena_reset(&arena);
    return rc;
}
