/* contract_policies.c -- what every policy must keep, whatever it prefers.
 *
 * Each policy meets the same 4,000 random worlds: labels, engines up or full, needs,
 * hints, models already tried.  The clauses are the ones of route/route.h. */
#include "route/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const char yaml[] =
    "state_dir: /nonexistent\n"
    "engines:\n"
    "  - {name: a, side: local, url: 'http://127.0.0.1:1',\n"
    "     models: [{name: l1, context: 8000, caps: [tools]}]}\n"
    "  - {name: b, side: local, url: 'http://127.0.0.1:2',\n"
    "     models: [{name: l2, context: 64000}]}\n"
    "  - {name: c, side: cloud, url: 'https://api.example.com',\n"
    "     models: [{name: c1, context: 128000, caps: [tools, vision]}, {name: c2}]}\n"
    "roles: {local_small: l1, local_large: l2, cloud_cheap: c1, cloud_strong: c2}\n";

enum { WORLDS = 4000, ENGINES = 3 };

static const char *const prompts[] = {
    "\"What is RAG?\"",
    "\"Explain the tradeoffs between two index types.\"",
    "\"Write a class implementing a pipeline\"",
    "[{\"type\":\"text\",\"text\":\"compare these\"},{\"type\":\"image_url\"}]",
    "\"\"",
    "null",
};

struct world {
    struct arena arena;
    struct chat chat;
    struct label label;
    struct engine_health health[ENGINES];
    struct route_query query;
    struct route_learned learned;
};

static const struct router *builtin_router(void)
{
    static struct router r;
    struct err err = {0};
    if (!r.table)
        assert_int_equal(router_open(&r, router_builtin(), &err), 0);
    return &r;
}

static unsigned next(unsigned *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

static void make_world(struct world *w, const struct config *cfg, enum policy policy,
                       unsigned *seed)
{
    arena_init(&w->arena, 1 << 20);
    w->chat = (struct chat){
        .body = STR("{}"),
        .model = next(seed) % 4 ? STR("auto") : STR("local"),
        .needs = CAP_CHAT | (next(seed) % 3 ? 0 : CAP_TOOLS),
        .nchoices = 1,
        .max_output_tokens = -1,
        .text_bytes = next(seed) % 300000,
        .last_user = str_of(prompts[next(seed) % ARRAY_LEN(prompts)]),
    };
    w->label = guard_label(&(struct label_inputs){
        .header = (enum sensitivity)(next(seed) % SENSITIVITY_COUNT)});
    for (size_t i = 0; i < ENGINES; i++)
        w->health[i] = (struct engine_health){.is_up = next(seed) % 4 != 0,
                                              .has_room = next(seed) % 4 != 0,
                                              .is_idle = next(seed) % 2};
    w->query = (struct route_query){
        .config = cfg,
        .chat = &w->chat,
        .label = &w->label,
        .policy = policy,
        .hints = {.wants_quality = next(seed) % 2,
                  .has_latency = next(seed) % 2,
                  .latency_ms = next(seed) % 300,
                  .deadline = (enum deadline)(next(seed) % 3)},
        .has_clearance = w->label.effective == SENSITIVITY_PUBLIC,
        .health = w->health,
        .learned = next(seed) % 8 ? &w->learned : NULL,
    };
    w->learned = (struct route_learned){
        .router = builtin_router(),
        .goal = {(enum goal_kind)(next(seed) % 3), (next(seed) % 11) / 10.0},
    };
    while (next(seed) % 3 == 0 && w->query.ntried < 3)
        w->query.tried[w->query.ntried++] = cfg->models[next(seed) % cfg->nmodels];
}

static void check_choice(const struct world *w, const struct route_choice *c)
{
    const struct config_model *m = c->model;
    assert_true(m->is_cloud ? w->label.effective == SENSITIVITY_PUBLIC : true);
    assert_true(w->health[m->engine->index].is_up);
    assert_true(w->health[m->engine->index].has_room);
    /* What is not known of a model may be tried; what it lacks may not. */
    assert_int_equal(w->chat.needs & ~(m->caps | m->caps_unknown), 0);
    for (size_t i = 0; i < w->query.ntried; i++)
        assert_ptr_not_equal(m, w->query.tried[i]);
    if (w->query.policy == POLICY_LOCAL_ONLY)
        assert_false(m->is_cloud);
    if (w->query.policy == POLICY_CLOUD_ONLY)
        assert_true(m->is_cloud);
}

static void check_refusal(const struct err *err)
{
    assert_true(err->kind == ERR_OVERLOAD || err->kind == ERR_BAD_REQUEST ||
                err->kind == ERR_FORBIDDEN || err->kind == ERR_NOT_FOUND);
    assert_non_null(err->code);
    assert_true(err->msg[0] != '\0');
}

static void keeps_the_contract(enum policy policy)
{
    struct config_faults faults;
    config_faults_init(&faults);
    struct config *cfg = config_parse(str_of(yaml), "t.yaml", NULL, &faults);
    assert_non_null(cfg);
    unsigned seed = 7, nchosen = 0;
    for (int i = 0; i < WORLDS; i++) {
        static struct world w;
        struct route_choice first, again;
        struct err err = {0}, err2 = {0};
        make_world(&w, cfg, policy, &seed);
        int rc = route_decide(&w.query, &w.arena, &first, &err);
        assert_int_equal(rc, route_decide(&w.query, &w.arena, &again, &err2));
        assert_ptr_equal(first.model, again.model);
        assert_true(first.nreasons > 0 && first.nreasons <= ROUTE_MAX_REASONS);
        if (rc == 0)
            check_choice(&w, &first);
        else
            check_refusal(&err);
        nchosen += rc == 0;
        arena_reset(&w.arena);
    }
    assert_true(nchosen > WORLDS / 10);
    config_unref(cfg);
    config_faults_release(&faults);
}

#define POLICY_TEST(name, policy)                                                        \
    static void name(void **state)                                                       \
    {                                                                                    \
        (void)state;                                                                     \
        keeps_the_contract(policy);                                                      \
    }
POLICY_TEST(local_first, POLICY_LOCAL_FIRST)
POLICY_TEST(local_only, POLICY_LOCAL_ONLY)
POLICY_TEST(cloud_only, POLICY_CLOUD_ONLY)
POLICY_TEST(seed_table, POLICY_SEED_TABLE)
POLICY_TEST(complexity, POLICY_COMPLEXITY)
POLICY_TEST(length_keyword, POLICY_LENGTH_KEYWORD)
POLICY_TEST(deadline, POLICY_DEADLINE)
POLICY_TEST(learned, POLICY_LEARNED)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(local_first), cmocka_unit_test(local_only),
        cmocka_unit_test(cloud_only),  cmocka_unit_test(seed_table),
        cmocka_unit_test(complexity),  cmocka_unit_test(length_keyword),
        cmocka_unit_test(deadline),    cmocka_unit_test(learned),
    };
    _Static_assert(ARRAY_LEN(tests) == POLICY_COUNT, "every policy is in the suite");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
