/* test_gateway_setup.c -- from a configuration to gates, endpoints and prices. */
#include "gateway_world.h"
#include "nomem.h"

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

/* The configuration is the setup's in any case. */
static void a_setup_is_made_whole_or_not_at_all(void **state)
{
    (void)state;
    const struct setup *was = world.server.setup;
    struct config *c = must_parse(world_yaml);
    for (long n = 1; nomem_begin(n); n++) {
        struct err err = {0};
        struct setup *s = setup_create(config_ref(c), was, &world.server.parts, &err);
        bool was_short = nomem_end();
        if (!was_short)
            assert_non_null(s);
        if (!s) {
            assert_true(err.kind != ERR_NONE && err.code);
            continue;
        }
        assert_non_null(s->rules);
        for (size_t i = 0; i < c->nengines; i++) {
            assert_true(s->gates[i] == was->gates[i]); /* breaker and all */
            assert_true(str_eq(s->endpoints[i].name, c->engines[i].name));
            assert_int_equal(s->endpoints[i].use_proxy, c->engines[i].side == SIDE_CLOUD);
        }
        setup_unref(s);
    }
    config_unref(c);
    setup_unref(NULL);
}

static void other_engines_have_gates_of_their_own(void **state)
{
    (void)state;
    static const char other[] =
        "engines:\n"
        "  - {name: home, side: local, url: 'http://127.0.0.1:7/v1', max_inflight: 5,\n"
        "     models: [{name: near}]}\n";
    struct err err = {0};
    struct setup *s =
        setup_create(must_parse(other), world.server.setup, &world.server.parts, &err);
    assert_non_null(s);
    assert_true(s->gates[0] != world.server.setup->gates[0]);
    assert_null(s->rules); /* nothing can leave, and nothing is blocked */
    assert_false(setup_has_cloud(s->config));
    assert_true(setup_has_cloud(world.server.setup->config));
    setup_unref(s);
}

/* Limits of a gate that both share change when the new setup is taken, not before. */
static void limits_change_when_a_setup_is_taken(void **state)
{
    (void)state;
    static const char narrower[] =
        "engines:\n"
        "  - {name: home, side: local, url: 'http://127.0.0.1:1/v1', max_inflight: 1,\n"
        "     queue: 0, models: [{name: near}]}\n";
    struct err err = {0};
    struct gate *gate = world.server.setup->gates[0];
    struct gate_ticket t[3] = {{.loop = world.worker.loop},
                               {.loop = world.worker.loop},
                               {.loop = world.worker.loop}};
    struct setup *s =
        setup_create(must_parse(narrower), world.server.setup, &world.server.parts, &err);
    assert_non_null(s);
    assert_true(s->gates[0] == gate);
    for (size_t i = 0; i < 3; i++)
        list_init(&t[i].link);
    assert_int_equal(gate_enter(gate, &t[0], 0), GATE_GRANTED);
    assert_int_equal(gate_enter(gate, &t[1], 0), GATE_GRANTED);
    gate_leave(&t[1]);
    setup_apply(s);
    assert_int_equal(gate_enter(gate, &t[2], 0), GATE_FULL);
    gate_leave(&t[0]);
    setup_apply(world.server.setup);
    setup_unref(s);
}

/* -- prices -------------------------------------------------------------------------- */

static const struct {
    const char *host, *provider;
} hosts[] = {
    {"api.openai.com", "openai"},
    {"eu.api.openai.com", "openai"},
    {"API.ANTHROPIC.COM", "anthropic"},
    {"generativelanguage.googleapis.com", "google"},
    {"openrouter.ai", "openrouter"},
    {"api.groq.com", "groq"},
    {"api.mistral.ai", "mistral"},
    {"api.deepseek.com", "deepseek"},
    {"api.together.xyz", "togetherai"},
    {"api.fireworks.ai", "fireworks-ai"},
    {"api.x.ai", "xai"},
};

static struct prices *prices_of_all_hosts(void)
{
    struct buf b;
    struct err err = {0};
    struct prices *p = NULL;
    buf_init(&b, 1 << 16);
    buf_lit(&b, "{\"format\":1,\"currency\":\"USD\",\"per_tokens\":1000000,\"built\":"
                "\"2026-07-01\",\"stale_after_days\":90,\"rows\":[");
    for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
        if (i == 0 || strcmp(hosts[i].provider, hosts[i - 1].provider) != 0)
            buf_printf(&b,
                       "%s{\"provider\":\"%s\",\"id\":\"m\",\"input\":\"%zu\",\"output\":"
                       "\"1\",\"source\":\"s\",\"source_date\":\"2026-07-01\"}",
                       i ? "," : "", hosts[i].provider, i + 1);
    buf_lit(&b, "]}");
    if (prices_load(buf_view(&b), &p, &err) < 0)
        fail_msg("%s", err.msg);
    buf_release(&b);
    return p;
}

/* A cloud model without `price:` costs what the provider of its host asks for it. */
static void a_price_is_found_by_the_host_or_by_name(void **state)
{
    (void)state;
    struct prices *prices = prices_of_all_hosts();
    struct config_engine e = {.name = STR("e")};
    struct config_model m = {.engine = &e, .upstream = STR("m"), .is_cloud = true};
    for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
        e.host = str_of(hosts[i].host);
        const struct price *p = setup_price(&m, prices);
        assert_non_null(p);
        assert_string_equal_n(p->provider, hosts[i].provider);
    }
    m.is_cloud = false; /* nobody is paid for it */
    assert_null(setup_price(&m, prices));
    m.price = STR("groq/m"); /* unless a price is named */
    assert_string_equal_n(setup_price(&m, prices)->provider, "groq");
    m.price = STR("m");
    assert_string_equal_n(setup_price(&m, prices)->provider, "openai");
    m.price = STR("groq/another");
    assert_null(setup_price(&m, prices));
    m = (struct config_model){.engine = &e, .upstream = STR("n"), .is_cloud = true};
    assert_null(setup_price(&m, prices));
    prices_free(prices);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_setup_is_made_whole_or_not_at_all),
        cmocka_unit_test(other_engines_have_gates_of_their_own),
        cmocka_unit_test(limits_change_when_a_setup_is_taken),
        cmocka_unit_test(a_price_is_found_by_the_host_or_by_name),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
