/* test_route.c -- the walk from a request to one engine, as a table.
 *
 * Each row is a request and a state of the world; the expectation is the model, or the
 * word of the refusal.  The property at the end is the one that must never break. */
#include "route/route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const char yaml[] =
    "listen: 127.0.0.1:0\n"
    "state_dir: /nonexistent\n"
    "engines:\n"
    "  - {name: small, side: local, url: 'http://127.0.0.1:1/v1',\n"
    "     models: [{name: l1, context: 8000, caps: [tools]}]}\n"
    "  - {name: large, side: local, url: 'http://127.0.0.1:2/v1',\n"
    "     models: [{name: l2, context: 64000, caps: []},\n"
    "              {name: both, context: 8000, caps: []}]}\n"
    "  - {name: cloud, side: cloud, url: 'https://api.example.com/v1',\n"
    "     models: [{name: c1, context: 128000, caps: [tools, vision, json_schema]},\n"
    "              {name: both, context: 8000, caps: []}, {name: c2, caps: []}]}\n"
    "  - {name: emb, side: local, url: 'http://127.0.0.1:3/v1',\n"
    "     models: [{name: e1, caps: [embeddings]}]}\n"
    "roles: {local_small: l1, local_large: l2, cloud_cheap: c1, cloud_strong: c2}\n"
    "aliases: {gpt-4o: auto, my-cloud: c1, strong: cloud_strong}\n";

enum { SMALL = 1, LARGE = 2, CLOUD = 4, EMB = 8, ALL = 15 };

struct row {
    const char *what, *model;
    enum sensitivity declared;
    unsigned needs;
    uint64_t text_bytes;
    enum policy policy;
    unsigned up, room; /* bits of engines */
    const char *want;  /* "engine/model" or the error's code */
};

static struct config *load(void)
{
    struct config_faults faults;
    config_faults_init(&faults);
    struct config *c = config_parse(str_of(yaml), "test.yaml", NULL, &faults);
    if (!c) {
        struct buf b;
        buf_init(&b, 1 << 16);
        config_faults_print(&faults, "test.yaml", &b);
        fail_msg("%.*s", STR_ARG(buf_view(&b)));
    }
    config_faults_release(&faults);
    return c;
}

struct world {
    struct arena arena;
    struct chat chat;
    struct label label;
    struct engine_health health[4];
    struct route_choice choice;
    struct err err;
};

/* Of the world, whatever the row is. */
static bool is_paused; /* the cloud */
static bool is_weak;   /* l1's answer was */
static unsigned held;  /* bits of engines that the operator has stopped */

static int decide(struct world *w, const struct config *cfg, const struct row *row)
{
    arena_init(&w->arena, 1 << 20);
    w->err = (struct err){0};
    w->chat = (struct chat){
        .body = STR("{}"),
        .model = str_of(row->model),
        .surface = row->needs & CAP_EMBEDDINGS ? SURFACE_EMBEDDINGS : SURFACE_CHAT,
        .needs = row->needs ? row->needs : CAP_CHAT,
        .nchoices = 1,
        .max_output_tokens = -1,
        .text_bytes = row->text_bytes,
    };
    w->label = guard_label(&(struct label_inputs){.header = row->declared});
    for (unsigned i = 0; i < 4; i++)
        w->health[i] = (struct engine_health){.is_up = row->up >> i & 1,
                                              .is_idle = row->room >> i & 1,
                                              .has_room = row->room >> i & 1,
                                              .held = held >> i & 1 ? "is stopped" : NULL,
                                              .retry_after_s = 7};
    const struct route_query q = {
        .config = cfg,
        .chat = &w->chat,
        .label = &w->label,
        .policy = row->policy,
        .has_clearance = w->label.effective == SENSITIVITY_PUBLIC,
        .health = w->health,
        .paused = is_paused ? STR("the cloud is paused (a test)") : STR(""),
        .weak = is_weak ? cfg->roles[ROLE_LOCAL_SMALL] : NULL,
        .weak_why = STR("too weak"),
    };
    w->err = (struct err){0};
    return route_decide(&q, &w->arena, &w->choice, &w->err);
}

static void check(const struct config *cfg, const struct row *row)
{
    static struct world w;
    char got[200];
    if (decide(&w, cfg, row) == 0)
        snprintf(got, sizeof got, "%.*s/%.*s", STR_ARG(w.choice.model->engine->name),
                 STR_ARG(w.choice.model->name));
    else
        snprintf(got, sizeof got, "%s", w.err.code);
    if (strcmp(got, row->want) != 0)
        fail_msg("%s: got %s, want %s (%s)", row->what, got, row->want, w.err.msg);
    assert_true(w.choice.nreasons > 0);
    arena_reset(&w.arena);
}

static const struct row rows[] = {
    {"auto is local first", "auto", 0, 0, 100, 0, ALL, ALL, "small/l1"},
    {"an alias of auto", "gpt-4o", 0, 0, 100, 0, ALL, ALL, "small/l1"},
    {"an alias of a model", "my-cloud", 0, 0, 100, 0, ALL, ALL, "cloud/c1"},
    {"an alias of a role", "strong", 0, 0, 100, 0, ALL, ALL, "cloud/c2"},
    {"local pin", "local", 0, 0, 100, 0, ALL, ALL, "small/l1"},
    {"cloud pin takes the cheap role", "cloud", 0, 0, 100, 0, ALL, ALL, "cloud/c1"},
    {"exact name", "l2", 0, 0, 100, 0, ALL, ALL, "large/l2"},
    {"engine/model", "cloud/both", 0, 0, 100, 0, ALL, ALL, "cloud/both"},
    {"one name on two sides: local", "both", 0, 0, 100, 0, ALL, ALL, "large/both"},
    {"... and cloud when local is down", "both", 0, 0, 100, 0, CLOUD, ALL, "cloud/both"},
    {"unknown name", "gpt-9", 0, 0, 100, 0, ALL, ALL, "model_not_found"},
    {"vision only in the cloud", "auto", 0, CAP_CHAT | CAP_VISION, 100, 0, ALL, ALL,
     "cloud/c1"},
    {"vision and confidential", "auto", SENSITIVITY_CONFIDENTIAL, CAP_CHAT | CAP_VISION,
     100, 0, ALL, ALL, "no_local_engine"},
    {"pinned model without tools", "l2", 0, CAP_CHAT | CAP_TOOLS, 100, 0, ALL, ALL,
     "model_lacks_capability"},
    {"a long prompt takes the wide local", "auto", 0, 0, 60000, 0, ALL, ALL, "large/l2"},
    {"a longer one the cloud", "auto", 0, 0, 300000, 0, ALL, ALL, "cloud/c1"},
    {"what surely fits beats what may", "auto", 0, 0, 220000, 0, ALL, ALL, "cloud/c1"},
    {"... but not what may not leave", "auto", SENSITIVITY_CONFIDENTIAL, 0, 220000, 0,
     ALL, ALL, "large/l2"},
    {"... nor under local-only", "auto", 0, 0, 220000, POLICY_LOCAL_ONLY, ALL, ALL,
     "large/l2"},
    {"too long for the pinned", "l1", 0, 0, 300000, 0, ALL, ALL,
     "context_length_exceeded"},
    {"confidential stays", "auto", SENSITIVITY_CONFIDENTIAL, 0, 100, 0, ALL, ALL,
     "small/l1"},
    {"internal stays", "auto", SENSITIVITY_INTERNAL, 0, 100, 0, CLOUD | LARGE, ALL,
     "large/l2"},
    {"confidential pinned to cloud", "c1", SENSITIVITY_CONFIDENTIAL, 0, 100, 0, ALL, ALL,
     "confidential_pinned_to_cloud"},
    {"confidential, word cloud", "cloud", SENSITIVITY_CONFIDENTIAL, 0, 100, 0, ALL, ALL,
     "confidential_pinned_to_cloud"},
    {"internal, alias of cloud", "my-cloud", SENSITIVITY_INTERNAL, 0, 100, 0, ALL, ALL,
     "confidential_pinned_to_cloud"},
    {"confidential on a shared name", "both", SENSITIVITY_CONFIDENTIAL, 0, 100, 0, ALL,
     ALL, "large/both"},
    {"confidential, local down", "auto", SENSITIVITY_CONFIDENTIAL, 0, 100, 0, CLOUD, ALL,
     "no_local_engine"},
    {"confidential, local full", "auto", SENSITIVITY_CONFIDENTIAL, 0, 100, 0, ALL, CLOUD,
     "queue_full"},
    {"local full spills", "auto", 0, 0, 100, 0, ALL, CLOUD, "cloud/c1"},
    {"a busy small gives way to an idle large", "auto", 0, 0, 100, 0, ALL, LARGE | CLOUD,
     "large/l2"},
    {"nothing up", "auto", 0, 0, 100, 0, 0, ALL, "no_engine_available"},
    {"local-only never spills", "auto", 0, 0, 100, POLICY_LOCAL_ONLY, CLOUD, ALL,
     "no_engine_available"},
    {"cloud-only", "auto", 0, 0, 100, POLICY_CLOUD_ONLY, ALL, ALL, "cloud/c1"},
    {"local-only refuses a cloud pin", "c1", 0, 0, 100, POLICY_LOCAL_ONLY, ALL, ALL,
     "policy_leaves_no_engine"},
    {"embeddings go to the embedding model", "auto", 0, CAP_EMBEDDINGS, 100, 0, ALL, ALL,
     "emb/e1"},
    {"a chat model cannot embed", "l1", 0, CAP_EMBEDDINGS, 100, 0, ALL, ALL,
     "model_lacks_capability"},
    {"an embedding model cannot chat", "e1", 0, 0, 100, 0, ALL, ALL,
     "model_lacks_capability"},
    {"embeddings never move when down", "e1", 0, CAP_EMBEDDINGS, 100, 0, CLOUD | SMALL,
     ALL, "no_engine_available"},
};

static void every_row_of_the_table(void **state)
{
    (void)state;
    struct config *cfg = load();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check(cfg, &rows[i]);
    config_unref(cfg);
}

/* Marsaglia's xorshift32: the low bits of a plain congruence follow each other. */
static unsigned random_next(unsigned *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 17;
    *x ^= *x << 5;
    return *x;
}

/* Whatever is asked, up, full or declared: a label above public never meets a cloud
 * model.  This is the sentence the product stands on. */
static void a_label_never_leaves(void **state)
{
    (void)state;
    static const char *const names[] = {"auto",   "cloud",     "local", "l1",
                                        "c1",     "both",      "c2",    "gpt-4o",
                                        "strong", "cloud/both"};
    struct config *cfg = load();
    unsigned seed = 1, nlocal = 0, nrefused = 0;
    for (int i = 0; i < 20000; i++) {
        static struct world w;
        unsigned r[6];
        for (size_t k = 0; k < 6; k++)
            r[k] = random_next(&seed);
        const struct row row = {
            .model = names[r[0] % ARRAY_LEN(names)],
            .declared = r[1] & 1 ? SENSITIVITY_INTERNAL : SENSITIVITY_CONFIDENTIAL,
            .needs = CAP_CHAT | (r[2] % 4 ? 0 : (r[2] >> 2) & (CAP_VISION | CAP_TOOLS)),
            .text_bytes = r[3] % 30000,
            .policy = (enum policy)(r[4] % POLICY_COUNT),
            .up = r[5] & ALL,
            .room = (r[5] >> 4) & ALL,
        };
        if (decide(&w, cfg, &row) == 0) {
            assert_false(w.choice.model->is_cloud);
            nlocal++;
        } else {
            nrefused++;
        }
        arena_reset(&w.arena);
    }
    if (nlocal < 1000 || nrefused < 1000)
        fail_msg("a lopsided sample: %u local, %u refused", nlocal, nrefused);
    config_unref(cfg);
}

/* While the cloud is paused: what only it could take is refused as that and nothing else,
 * and never answered by a model that was not asked for. */
static const struct row paused[] = {
    {.what = "auto", .model = "auto", .want = "small/l1"},
    {.what = "the policy wishes for the cloud",
     .model = "auto",
     .policy = POLICY_COMPLEXITY,
     .want = "small/l1"},
    {.what = "the policy wants nothing else",
     .model = "auto",
     .policy = POLICY_CLOUD_ONLY,
     .want = "cloud_paused"},
    {.what = "pinned", .model = "c1", .want = "cloud_paused"},
    {.what = "by a role", .model = "cloud_strong", .want = "cloud_paused"},
    {.what = "by an alias", .model = "my-cloud", .want = "cloud_paused"},
    {.what = "the side", .model = "cloud", .want = "cloud_paused"},
    {.what = "on both sides", .model = "both", .want = "large/both"},
    {.what = "a capability",
     .model = "auto",
     .needs = CAP_VISION,
     .want = "cloud_paused"},
    {.what = "only the cloud surely fits",
     .model = "auto",
     .text_bytes = 90000,
     .want = "large/l2"},
    {.what = "the label is the stronger word",
     .model = "c1",
     .declared = SENSITIVITY_CONFIDENTIAL,
     .want = "confidential_pinned_to_cloud"},
    {.what = "too weak, and a larger one here", .model = "auto", .want = "large/l2"},
};

static void a_paused_cloud_is_never_chosen(void **state)
{
    (void)state;
    struct config *cfg = load();
    is_paused = true;
    for (size_t i = 0; i < ARRAY_LEN(paused); i++) {
        struct row row = paused[i];
        row.up = row.room = ALL;
        is_weak = strstr(row.what, "too weak") != NULL;
        row.needs = row.needs ? row.needs | CAP_CHAT : 0;
        check(cfg, &row);
    }
    static const char *const names[] = {"auto", "cloud", "local", "l1",
                                        "both", "c1",    "c2",    "strong"};
    unsigned x = 7, nlocal = 0, nrefused = 0;
    for (int i = 0; i < 20000; i++) {
        static struct world w;
        unsigned r[6];
        for (size_t k = 0; k < 6; k++)
            r[k] = random_next(&x);
        const struct row row = {
            .model = names[r[0] % ARRAY_LEN(names)],
            .declared = (enum sensitivity)(r[1] % 3),
            .needs = CAP_CHAT | (r[2] % 3 ? 0 : CAP_TOOLS),
            .text_bytes = r[3] % 30000,
            .policy = (enum policy)(r[4] % POLICY_COUNT),
            .up = r[5] & ALL,
            .room = (r[5] >> 4) & ALL,
        };
        is_weak = r[5] >> 8 & 1;
        if (decide(&w, cfg, &row) == 0) {
            assert_false(w.choice.model->is_cloud);
            nlocal++;
        } else {
            nrefused++;
        }
        arena_reset(&w.arena);
    }
    if (nlocal < 1000 || nrefused < 1000)
        fail_msg("a lopsided sample: %u local, %u refused", nlocal, nrefused);
    is_paused = is_weak = false;
    config_unref(cfg);
}

/* A refusal says which engine was stopped, and an answer of the cloud why it is one. */
static void a_stopped_engine_is_named(void **state)
{
    (void)state;
    static const struct {
        struct row row;
        unsigned held;
        const char *words; /* of the error, or of the reason */
    } cases[] = {
        {{.model = "l1", .up = LARGE | CLOUD},
         SMALL,
         "engine 'small' is stopped, and no other"},
        {{.model = "local", .up = CLOUD},
         SMALL,
         "engine 'small' is stopped, and every other"},
        {{.model = "local", .up = CLOUD}, SMALL | LARGE, " is stopped, and no other"},
        {{.model = "local", .up = CLOUD}, 0, "every engine that could answer failed"},
        {{.model = "l1", .declared = SENSITIVITY_CONFIDENTIAL, .up = CLOUD},
         SMALL,
         "its label keeps it off the cloud"},
        {{.model = "auto", .up = CLOUD},
         SMALL | LARGE,
         ": cloud: the local engine is stopped"},
        {{.model = "auto", .up = CLOUD}, SMALL, ": cloud: no local engine is reachable"},
        {{.model = "auto", .up = LARGE | CLOUD},
         SMALL,
         ": local: an engine here can do it"},
    };
    struct config *cfg = load();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        static struct world w;
        struct row row = cases[i].row;
        row.room = ALL;
        held = cases[i].held;
        int rc = decide(&w, cfg, &row);
        struct str line = route_reason_line(&w.choice, &w.arena);
        char got[1000];
        snprintf(got, sizeof got, "%.*s", STR_ARG(rc < 0 ? str_of(w.err.msg) : line));
        if (!strstr(got, cases[i].words))
            fail_msg("case %zu: '%s' in '%s'", i, cases[i].words, got);
        if (rc < 0)
            assert_int_equal(w.choice.retry_after_s, 7);
        arena_reset(&w.arena);
    }
    held = 0;
    config_unref(cfg);
}

/* A reason begins with the side and its cause: what comes behind may be cut. */
static void a_reason_begins_with_outcome_and_cause(void **state)
{
    (void)state;
    static const struct {
        struct row row;
        const char *line;
    } cases[] = {
        {{.model = "auto", .up = ALL, .room = ALL},
         "local-first: local: an engine here can do it"},
        {{.model = "auto", .needs = CAP_CHAT | CAP_VISION, .up = ALL, .room = ALL},
         "local-first: cloud: no local model can take images"},
        {{.model = "auto",
          .needs = CAP_CHAT | CAP_VISION | CAP_TOOLS,
          .policy = POLICY_SEED_TABLE,
          .up = ALL,
          .room = ALL},
         "seed-table: cloud: no local model can take images; the policy wished for "
         "local: "
         "by default, for cost"},
        {{.model = "auto", .text_bytes = 400000, .up = ALL, .room = ALL},
         "local-first: cloud: no local model surely takes so long a prompt"},
        {{.model = "auto",
          .needs = CAP_EMBEDDINGS,
          .policy = POLICY_LEARNED,
          .up = ALL,
          .room = ALL},
         "learned: local: no cloud model is configured for it"},
        {{.model = "auto",
          .needs = CAP_CHAT | CAP_VISION,
          .policy = POLICY_LEARNED,
          .up = ALL,
          .room = ALL},
         "learned: cloud: no local model can take images"},
        {{.model = "auto",
          .declared = SENSITIVITY_CONFIDENTIAL,
          .policy = POLICY_LEARNED,
          .up = ALL,
          .room = ALL},
         "learned: local: labelled confidential, so it stays"},
        {{.model = "auto", .up = CLOUD | SMALL | LARGE, .room = CLOUD},
         "local-first: cloud: the local queue is full"},
        {{.model = "auto",
          .policy = POLICY_LENGTH_KEYWORD,
          .text_bytes = 30000,
          .up = SMALL | LARGE,
          .room = ALL},
         "length-keyword: local: no cloud engine is reachable; the policy wished for "
         "cloud: a long prompt (over 4000 tokens)"},
    };
    struct config *cfg = load();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        static struct world w;
        assert_int_equal(decide(&w, cfg, &cases[i].row), 0);
        struct str line = route_reason_line(&w.choice, &w.arena);
        if (!str_eqz(line, cases[i].line))
            fail_msg("case %zu: '%.*s', not '%s'", i, STR_ARG(line), cases[i].line);
        arena_reset(&w.arena);
    }
    config_unref(cfg);
}

static void the_unknown_name_lists_the_known(void **state)
{
    (void)state;
    static struct world w;
    struct config *cfg = load();
    const struct row row = {.model = "gpt-9", .up = ALL, .room = ALL};
    assert_int_equal(decide(&w, cfg, &row), -1);
    assert_int_equal(w.err.kind, ERR_NOT_FOUND);
    assert_non_null(strstr(w.err.msg, "l1"));
    assert_non_null(strstr(w.err.msg, "auto"));
    arena_reset(&w.arena);
    config_unref(cfg);
}

static void reasons_are_safe_in_a_header(void **state)
{
    (void)state;
    static struct world w;
    struct config *cfg = load();
    const struct row row = {.model = "auto", .up = ALL, .room = ALL};
    assert_int_equal(decide(&w, cfg, &row), 0);
    struct str line = route_reason_line(&w.choice, &w.arena);
    assert_true(line.n > 0 && line.n <= 200);
    for (size_t i = 0; i < line.n; i++)
        assert_true(line.p[i] >= ' ' && line.p[i] < 0x7f);
    struct str json = route_reasons_json(&w.choice, &w.arena);
    assert_true(str_starts(
        json, STR("[{\"rule\":\"label\",\"detail\":\"unlabelled, public by default")));
    arena_reset(&w.arena);
    config_unref(cfg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_of_the_table),
        cmocka_unit_test(a_label_never_leaves),
        cmocka_unit_test(a_stopped_engine_is_named),
        cmocka_unit_test(a_reason_begins_with_outcome_and_cause),
        cmocka_unit_test(a_paused_cloud_is_never_chosen),
        cmocka_unit_test(the_unknown_name_lists_the_known),
        cmocka_unit_test(reasons_are_safe_in_a_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
