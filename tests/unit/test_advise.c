/* test_advise.c -- every combination of answers, and the gate that holds in all. */
#include "facts/embedded.h"
#include "plan/advise.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int load(void **state)
{
    struct err err;
    struct advice *a;
    if (advice_load(embedded_find("advise"), &a, &err) < 0) {
        print_error("%s\n", err.msg);
        return -1;
    }
    *state = a;
    return 0;
}

static int unload(void **state)
{
    advice_free(*state);
    return 0;
}

static void answer(struct answers *a, enum question q, const char *text)
{
    struct err err;
    if (answers_set(a, q, str_of(text), &err) < 0)
        fail_msg("%s", err.msg);
}

static enum verdict table_says(const struct advice *rules, const char *table,
                               const struct answers *a)
{
    bool open;
    const struct rule *r = advice_table(rules, table, a, &open);
    assert_false(open);
    return r ? r->then : SAYS_NOTHING;
}

/* The seven checklist answers, one bit each. */
static void seven_answers(struct answers *a, unsigned bits)
{
    *a = (struct answers){0};
    answer(a, Q_MAY_LEAVE, bits & 1 ? "no" : "yes");
    answer(a, Q_TOKENS_MONTH, bits & 2 ? "50000000" : "49999999");
    answer(a, Q_TTFT_MS, bits & 4 ? "99" : "100");
    answer(a, Q_FRONTIER, bits & 8 ? "yes" : "no");
    answer(a, Q_PARALLEL, bits & 16 ? "100" : "99");
    answer(a, Q_TEAM, bits & 32 ? "yes" : "no");
    answer(a, Q_REALTIME, bits & 64 ? "yes" : "no");
}

/* All 128 answers against the order of the article. */
static void the_checklist_speaks_in_order(void **state)
{
    for (unsigned bits = 0; bits < 128; bits++) {
        struct answers a;
        seven_answers(&a, bits);
        enum verdict want = bits & 7 ? SAYS_LOCAL : bits & 56 ? SAYS_API : SAYS_LOCAL;
        assert_int_equal(table_says(*state, "checklist", &a), want);
    }
}

/* All 16 paths through the tree. */
static void the_tree_is_walked_in_order(void **state)
{
    for (unsigned bits = 0; bits < 16; bits++) {
        struct answers a = {0};
        answer(&a, Q_MAY_LEAVE, bits & 1 ? "no" : "yes");
        answer(&a, Q_FRONTIER, bits & 2 ? "yes" : "no");
        answer(&a, Q_API_SPEND, bits & 4 ? "500.01" : "500");
        answer(&a, Q_ENGINEERS, bits & 8 ? "yes" : "no");
        enum verdict want = bits & 1                 ? SAYS_LOCAL
                            : bits & 2               ? SAYS_API
                            : (bits & 12) == (4 | 8) ? SAYS_LOCAL
                                                     : SAYS_API;
        assert_int_equal(table_says(*state, "tree", &a), want);
    }
}

static const struct advice_models models = {.local = "Qwen3.6-27B",
                                            .local_tag = "qwen3.6:27b",
                                            .device = "RTX 4090",
                                            .local_context = 16384,
                                            .cloud = "gpt-5.4-mini",
                                            .cloud_kind = "openai",
                                            .cloud_url = "https://api.openai.com/v1",
                                            .cloud_key = "OPENAI_API_KEY"};

/* Exhaustive over the answers that could argue for a cloud. */
static void data_that_may_not_leave_never_gets_a_cloud_route(void **state)
{
    (void)state;
    static const char *const regimes[] = {"none", "hipaa", "gdpr"};
    static const char *const priorities[] = {"reasoning", "speed-to-market", "cost"};
    for (unsigned bits = 0; bits < 512; bits++) {
        for (size_t k = 0; k < 9; k++) {
            struct answers a;
            struct recommendation r;
            struct err err;
            struct arena arena;
            seven_answers(&a, bits | 1);
            answer(&a, Q_MULTIMODAL, bits & 128 ? "yes" : "no");
            answer(&a, Q_CONTEXT, bits & 256 ? "1000000" : "1000");
            answer(&a, Q_COMPLIANCE, regimes[k % 3]);
            answer(&a, Q_PRIORITY, priorities[k / 3]);
            assert_int_equal(advice_recommend(&a, &r, &err), 0);
            assert_int_equal(r.architecture, SAYS_LOCAL);
            assert_false(r.cloud_allowed);
            arena_init(&arena, 1 << 16);
            struct str yaml = advice_yaml(&r, &models, &arena);
            assert_true(str_find(yaml, STR("side: cloud")) < 0);
            assert_true(str_find(yaml, STR("https:")) < 0);
            assert_true(str_find(yaml, STR("policy: local-only")) >= 0);
            arena_reset(&arena);
        }
    }
}

/* Regulated data stays, whatever "may leave" says. */
static void regulated_data_stays(void **state)
{
    static const char *const regimes[] = {"hipaa", "pci-dss", "legal",
                                          "gdpr",  "soc2",    "eu-ai-act"};
    for (size_t i = 0; i < ARRAY_LEN(regimes); i++) {
        struct answers a = {0};
        struct recommendation r;
        struct err err;
        answer(&a, Q_MAY_LEAVE, "yes");
        answer(&a, Q_FRONTIER, "yes");
        answer(&a, Q_COMPLIANCE, regimes[i]);
        assert_int_equal(advice_recommend(&a, &r, &err), 0);
        assert_false(r.cloud_allowed);
        assert_int_equal(table_says(*state, "compliance", &a), SAYS_LOCAL);
    }
}

static void without_the_privacy_answer_nothing_is_advised(void **state)
{
    (void)state;
    struct answers a = {0};
    struct recommendation r;
    struct err err;
    answer(&a, Q_FRONTIER, "yes");
    assert_int_equal(advice_recommend(&a, &r, &err), -1);
    assert_non_null(strstr(err.msg, "--may-leave"));
}

/* 0 ms is an answer, absence is not. */
static void zero_is_an_answer_and_absence_is_not(void **state)
{
    struct answers a = {0};
    struct recommendation r;
    struct err err;
    answer(&a, Q_MAY_LEAVE, "yes");
    answer(&a, Q_TTFT_MS, "0");
    assert_int_equal(advice_recommend(&a, &r, &err), 0);
    assert_non_null(strstr(r.binds, "100 ms"));
    struct answers silent = {0};
    answer(&silent, Q_MAY_LEAVE, "yes");
    assert_int_equal(advice_recommend(&silent, &r, &err), 0);
    assert_null(strstr(r.binds, "100 ms"));
    bool open;
    advice_table(*state, "checklist", &silent, &open);
    assert_true(open);
}

/* What decides about money is what was computed, not a threshold of an article. */
static void computed_money_decides_and_no_threshold(void **state)
{
    (void)state;
    static const struct {
        enum verdict money, architecture;
    } rows[] = {
        {SAYS_LOCAL, SAYS_LOCAL}, {SAYS_API, SAYS_API}, {SAYS_HYBRID, SAYS_HYBRID}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct answers a = {.money = rows[i].money};
        struct recommendation r;
        struct err err;
        answer(&a, Q_MAY_LEAVE, "yes");
        answer(&a, Q_TOKENS_MONTH, "60000000");
        answer(&a, Q_API_SPEND, "5");
        assert_int_equal(advice_recommend(&a, &r, &err), 0);
        assert_int_equal(r.architecture, rows[i].architecture);
        assert_non_null(strstr(r.binds, "money"));
        answer(&a, Q_MAY_LEAVE, "no"); /* the gate stands before money */
        assert_int_equal(advice_recommend(&a, &r, &err), 0);
        assert_int_equal(r.architecture, SAYS_LOCAL);
        assert_false(r.cloud_allowed);
    }
}

/* Both sides binding make a hybrid. */
static void both_sides_binding_make_a_hybrid(void **state)
{
    (void)state;
    struct answers a = {0};
    struct recommendation r;
    struct err err;
    struct arena arena;
    answer(&a, Q_MAY_LEAVE, "yes");
    answer(&a, Q_FRONTIER, "yes");
    answer(&a, Q_TTFT_MS, "50");
    assert_int_equal(advice_recommend(&a, &r, &err), 0);
    assert_int_equal(r.architecture, SAYS_HYBRID);
    arena_init(&arena, 1 << 16);
    struct str yaml = advice_yaml(&r, &models, &arena);
    assert_true(str_find(yaml, STR("side: cloud")) >= 0);
    assert_true(str_find(yaml, STR("side: local")) >= 0);
    arena_reset(&arena);
}

/* Part of the data may not leave: unlabelled requests stay. */
static void mixed_data_keeps_the_unlabelled_here(void **state)
{
    (void)state;
    struct answers a = {0};
    struct recommendation r;
    struct err err;
    struct arena arena;
    answer(&a, Q_MAY_LEAVE, "some");
    assert_int_equal(advice_recommend(&a, &r, &err), 0);
    assert_int_equal(r.architecture, SAYS_HYBRID);
    arena_init(&arena, 1 << 16);
    assert_true(str_find(advice_yaml(&r, &models, &arena),
                         STR("default_sensitivity: internal")) >= 0);
    arena_reset(&arena);
}

/* Thresholds that disagree are all there. */
static void thresholds_at_their_edges(void **state)
{
    static const struct {
        const char *table, *value;
        enum verdict says;
    } rows[] = {
        {"start", "300", SAYS_API},           {"start", "300.01", SAYS_EVALUATE},
        {"constraint", "200.01", SAYS_LOCAL}, {"constraint", "200", SAYS_EVALUATE},
        {"constraint", "30", SAYS_HYBRID},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct answers a = {0};
        answer(&a, Q_MAY_LEAVE, "yes");
        answer(&a, Q_OFFLINE, "no");
        answer(&a, Q_FRONTIER, "no");
        answer(&a, Q_MULTIMODAL, "no");
        answer(&a, Q_CONTEXT, "1000");
        answer(&a, Q_TOKENS_MONTH, "1000000");
        answer(&a, Q_API_SPEND, rows[i].value);
        assert_int_equal(table_says(*state, rows[i].table, &a), rows[i].says);
    }
}

static void tables_of_volume_priority_latency_and_task(void **state)
{
    static const struct {
        const char *table;
        enum question q;
        const char *value;
        enum verdict says;
    } rows[] = {
        {"volume", Q_REQUESTS_MONTH, "99999", SAYS_API},
        {"volume", Q_REQUESTS_MONTH, "150000", SAYS_EVALUATE},
        {"volume", Q_REQUESTS_MONTH, "200001", SAYS_LOCAL},
        {"priority", Q_PRIORITY, "privacy", SAYS_LOCAL},
        {"priority", Q_PRIORITY, "cost", SAYS_HYBRID},
        {"priority", Q_PRIORITY, "reasoning", SAYS_API},
        {"priority", Q_PRIORITY, "speed-to-market", SAYS_API},
        {"priority", Q_PRIORITY, "compliance", SAYS_LOCAL},
        {"priority", Q_PRIORITY, "realtime", SAYS_LOCAL},
        {"capability", Q_TASK, "classification", SAYS_LOCAL},
        {"capability", Q_TASK, "architecture", SAYS_API},
        {"capability", Q_TASK, "proof", SAYS_API},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct answers a = {0};
        bool open;
        answer(&a, rows[i].q, rows[i].value);
        const struct rule *r = advice_table(*state, rows[i].table, &a, &open);
        assert_non_null(r);
        assert_int_equal(r->then, rows[i].says);
    }
}

/* Eight factors, six
 * tasks, a policy for each tier, the sides' strengths, and opinions kept as opinions. */
static void the_descriptive_tables_are_complete(void **state)
{
    static const struct {
        const char *table;
        size_t n;
    } rows[] = {{"checklist", 7}, {"tree", 5},       {"axes", 7},
                {"factors", 8},   {"capability", 6}, {"priority", 6},
                {"policy", 6},    {"wins", 13},      {"predictions", 3}};
    for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
        size_t n = 0;
        for (size_t i = 0; i < advice_count(*state); i++) {
            const struct rule *r = advice_at(*state, i);
            assert_true(r->source.n > 0 && r->say.n > 0);
            n += str_eqz(r->table, rows[k].table);
        }
        assert_int_equal(n, rows[k].n);
    }
}

static void answers_out_of_their_words_are_refused(void **state)
{
    (void)state;
    static const struct {
        enum question q;
        const char *text, *says;
    } rows[] = {
        {Q_MAY_LEAVE, "maybe", "--may-leave"}, {Q_PARALLEL, "-1", "--parallel"},
        {Q_TTFT_MS, "nan", "--ttft-ms"},       {Q_API_SPEND, "12 EUR", "--api-spend"},
        {Q_FRONTIER, "", "--frontier"},        {Q_PRIORITY, "all", "--priority"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct answers a = {0};
        struct err err;
        assert_int_equal(answers_set(&a, rows[i].q, str_of(rows[i].text), &err), -1);
        assert_non_null(strstr(err.msg, rows[i].says));
        assert_false(a.v[rows[i].q].known);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_checklist_speaks_in_order),
        cmocka_unit_test(the_tree_is_walked_in_order),
        cmocka_unit_test(data_that_may_not_leave_never_gets_a_cloud_route),
        cmocka_unit_test(regulated_data_stays),
        cmocka_unit_test(without_the_privacy_answer_nothing_is_advised),
        cmocka_unit_test(zero_is_an_answer_and_absence_is_not),
        cmocka_unit_test(computed_money_decides_and_no_threshold),
        cmocka_unit_test(both_sides_binding_make_a_hybrid),
        cmocka_unit_test(mixed_data_keeps_the_unlabelled_here),
        cmocka_unit_test(thresholds_at_their_edges),
        cmocka_unit_test(tables_of_volume_priority_latency_and_task),
        cmocka_unit_test(the_descriptive_tables_are_complete),
        cmocka_unit_test(answers_out_of_their_words_are_refused),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
