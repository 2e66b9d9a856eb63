/* test_discover_yaml.c -- providers by their keys, who plays which role, and the
 * weir.yaml that all of it comes to, also when weir looks again. */
#include "config/config.h"
#include "discover/yaml.h"
#include "found.h"

static struct prices *prices;

static int load_prices(void **state)
{
    struct err err;
    (void)state;
    return prices_load_embedded(&prices, &err);
}

static int free_prices(void **state)
{
    (void)state;
    prices_free(prices);
    return 0;
}

/* -- providers, roles, YAML -------------------------------------------------------- */

static const char *all_keys(const char *name)
{
    (void)name;
    return "sk-very-secret";
}

static const char *home_and_keys(const char *name)
{
    return strcmp(name, "HOME") == 0                 ? "/nonexistent"
           : str_ends(str_of(name), STR("_API_KEY")) ? "sk-very-secret"
                                                     : NULL;
}

static const char *only_openai(const char *name)
{
    return strcmp(name, "OPENAI_API_KEY") == 0 ? "sk-very-secret"
           : strcmp(name, "HOME") == 0         ? "/nonexistent"
                                               : NULL;
}

static const char *broken_key(const char *name)
{
    return strcmp(name, "OPENAI_API_KEY") == 0      ? "sk-with\nline"
           : strcmp(name, "GROQ_API_KEY") == 0      ? " sk-only-copied\r\n"
           : strcmp(name, "MISTRAL_API_KEY") == 0   ? "sk-\xc3\xa4"
           : strcmp(name, "ANTHROPIC_API_KEY") == 0 ? "  \n"
           : strcmp(name, "HOME") == 0              ? "/nonexistent"
                                                    : NULL;
}

static struct config *configure_with(const struct discovery *d, struct buf *text,
                                     config_getenv_fn *env)
{
    struct config_faults faults;
    config_faults_init(&faults);
    buf_init(text, 1 << 20);
    discover_yaml(d, STR("127.0.0.1:4242"), text);
    struct config *c = config_parse(buf_view(text), "up", env, &faults);
    for (size_t i = 0; i < faults.n; i++)
        print_error("%u: %.*s\n", faults.items[i].line, STR_ARG(faults.items[i].text));
    assert_int_equal(faults.nerrors, 0);
    assert_non_null(c);
    config_faults_release(&faults);
    return c;
}

static void every_listed_cloud_model_is_in_the_price_list(void **state)
{
    struct discovery *d = empty();
    const struct discover_options o = {.prices = prices, .getenv_fn = all_keys};
    (void)state;
    discover_add_providers(d, &o);
    assert_int_equal(d->nengines, 6);
    for (size_t e = 0; e < d->nengines; e++)
        for (size_t i = 0; i < d->engines[e].nmodels; i++) {
            const struct found_model *m = &d->engines[e].models[i];
            if (!m->price || m->price->input < 0 || !m->context_tokens)
                fail_msg("%.*s: no price or context", STR_ARG(m->name));
        }
    discover_assign_roles(d);
    assert_true(d->roles[ROLE_CLOUD_CHEAP].engine >= 0);
    assert_true(d->roles[ROLE_LOCAL_SMALL].engine < 0);
    struct buf text;
    struct config *c = configure_with(d, &text, home_and_keys);
    assert_int_equal(c->nengines, 6);
    config_unref(c);
    buf_release(&text);
    discover_free(d);
}

/* What stands around a key is an accident of copying; what stands in it is told. */
static void a_key_with_a_line_end_in_it_is_named(void **state)
{
    struct discovery *d = empty();
    const struct discover_options o = {.prices = prices, .getenv_fn = broken_key};
    (void)state;
    discover_add_providers(d, &o);
    assert_int_equal(d->nengines, 3);
    for (size_t i = 0; i < d->nengines; i++) {
        const struct found_engine *e = &d->engines[i];
        bool is_good = str_eqz(e->name, "groq");
        assert_int_equal(e->problem.n == 0, is_good);
        assert_int_equal(e->nmodels > 0, is_good);
        if (!is_good)
            assert_true(str_starts(e->problem, e->key_env));
        assert_true(str_find(e->problem, STR("sk-")) < 0);
    }
    struct buf text;
    discover_assign_roles(d);
    struct config *c = configure_with(d, &text, broken_key);
    assert_int_equal(c->nengines, 1);
    assert_true(str_eqz(c->engines[0].api_key, "sk-only-copied"));
    config_unref(c);
    buf_release(&text);
    discover_free(d);
}

static void assert_role(const struct discovery *d, enum role role, const char *name)
{
    if (!name) {
        assert_true(d->roles[role].engine < 0);
        return;
    }
    assert_true(d->roles[role].engine >= 0);
    assert_str(d->engines[d->roles[role].engine].models[d->roles[role].model].name, name);
}

static void roles_by_size_load_and_price(void **state)
{
    static struct found_model local[] = {
        {.name = STR_INIT("big"), .params = 70000000000, .caps = CAP_CHAT},
        {.name = STR_INIT("mid"), .params = 8000000000, .caps = CAP_CHAT},
        {.name = STR_INIT("small"), .params = 1000000000, .caps = CAP_CHAT},
        {.name = STR_INIT("embed"), .params = 100, .caps = CAP_EMBEDDINGS},
        {.name = STR_INIT("away"), .params = 5, .caps = CAP_CHAT, .is_cloud = true},
    };
    struct discovery *d = empty();
    const struct discover_options o = {.prices = prices, .getenv_fn = only_openai};
    (void)state;
    d->engines[d->nengines++] =
        (struct found_engine){.name = STR("l"), .models = local, .nmodels = 5};
    discover_add_providers(d, &o);
    discover_assign_roles(d);
    assert_role(d, ROLE_LOCAL_SMALL, "small");
    assert_role(d, ROLE_LOCAL_LARGE, "big");
    assert_role(d, ROLE_CLOUD_CHEAP, "gpt-4o-mini");
    assert_role(d, ROLE_CLOUD_STRONG, "gpt-5.5");
    local[1].load = LOAD_YES; /* in memory beats small */
    discover_assign_roles(d);
    assert_role(d, ROLE_LOCAL_SMALL, "mid");
    d->engines[0].problem = STR("asks for a key");
    discover_assign_roles(d);
    assert_role(d, ROLE_LOCAL_SMALL, NULL);
    discover_free(d);
}

static struct config *configure(const struct discovery *d, struct buf *text)
{
    return configure_with(d, text, only_openai);
}

static void what_is_found_is_a_configuration_without_the_key(void **state)
{
    const struct discover_options o = {.prices = prices, .getenv_fn = only_openai};
    struct looked l = LOOK(ollama);
    struct buf text;
    (void)state;
    discover_add_providers(l.d, &o);
    discover_assign_roles(l.d);
    struct config *c = configure(l.d, &text);
    assert_str(c->listen, "127.0.0.1:4242");
    assert_int_equal(c->nengines, 2);
    assert_int_equal(c->engines[0].side, SIDE_LOCAL);
    for (size_t i = 0; i < c->engines[0].nmodels; i++) {
        const struct config_model *m = &c->engines[0].models[i];
        assert_int_equal(m->is_cloud, model(l.e, m->name.p)->is_cloud);
        assert_int_equal(m->caps, model(l.e, m->name.p)->caps);
        assert_int_equal(m->caps_unknown, model(l.e, m->name.p)->caps_unknown);
        if (!m->context_tokens)
            assert_int_equal(m->context_max, model(l.e, m->name.p)->trained_tokens);
    }
    assert_str(c->engines[1].api_key, "sk-very-secret");
    assert_true(str_find(buf_view(&text), STR("secret")) < 0);
    assert_true(str_find(buf_view(&text), STR("${OPENAI_API_KEY}")) > 0);
    assert_str(c->roles[ROLE_LOCAL_SMALL]->name, "qwen2.5:7b");
    assert_str(c->roles[ROLE_CLOUD_STRONG]->name, "gpt-5.5");
    config_unref(c);
    buf_release(&text);
    discover_free(l.d);
}

static void awkward_names_survive_yaml(void **state)
{
    static const struct answer answers[] = {
        {PROBE_V1_MODELS, 200,
         "{\"data\":[{\"id\":\"true\"},{\"id\":\"8080\"},{\"id\":\"a,b\"},{\"id\":\"{x}"
         "\"}"
         ",{\"id\":\"#c\"},{\"id\":\"k:\"},{\"id\":\"${HOME}\"},{\"id\":\"'q'\"}]}"}};
    static const char *const names[] = {"true", "8080", "a,b",     "{x}",
                                        "#c",   "k:",   "${HOME}", "'q'"};
    struct buf text;
    (void)state;
    struct looked l = LOOK(answers);
    assert_non_null(l.e);
    discover_assign_roles(l.d);
    struct config *c = configure(l.d, &text);
    assert_int_equal(c->engines[0].nmodels, ARRAY_LEN(names));
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_str(c->engines[0].models[i].name, names[i]);
    config_unref(c);
    buf_release(&text);
    discover_free(l.d);
}

/* The words that weir keeps for itself are somebody's model names. */
static void a_model_called_auto_gets_its_engines_name(void **state)
{
    static const struct answer answers[] = {
        {PROBE_V1_MODELS, 200,
         "{\"data\":[{\"id\":\"auto\"},{\"id\":\"cloud_cheap\"}]}"}};
    struct buf text;
    (void)state;
    struct looked l = LOOK(answers);
    assert_non_null(l.e);
    discover_assign_roles(l.d);
    struct config *c = configure(l.d, &text);
    assert_str(c->engines[0].models[0].name, "e-auto");
    assert_str(c->engines[0].models[0].upstream, "auto");
    assert_str(c->engines[0].models[1].name, "e-cloud_cheap");
    assert_non_null(c->roles[ROLE_CLOUD_CHEAP]);
    config_unref(c);
    buf_release(&text);
    discover_free(l.d);
}

static void with_nothing_found_the_simulated_ones_serve(void **state)
{
    struct discovery *d = empty();
    struct buf text, json;
    (void)state;
    discover_add_simulated(d, prices);
    discover_assign_roles(d);
    struct config *c = configure(d, &text);
    assert_int_equal(c->nengines, 2);
    assert_int_equal(c->engines[0].kind, ENGINE_SIM);
    assert_non_null(c->roles[ROLE_LOCAL_SMALL]);
    assert_non_null(c->roles[ROLE_CLOUD_STRONG]);
    buf_init(&json, 1 << 20);
    discover_json(d, &json);
    assert_true(str_find(buf_view(&json), STR("\"simulated\":true")) >= 0);
    buf_release(&json);
    config_unref(c);
    buf_release(&text);
    discover_free(d);
}

static void an_engine_that_is_busy_is_kept_twice(void **state)
{
    struct looked was = LOOK(ollama);
    struct discovery *d = was.d;
    (void)state;
    for (unsigned round = 1; round <= 3; round++) {
        struct discovery *next = empty();
        discover_add_simulated(next, prices);
        assert_int_equal(discover_keep(next, d), 0);
        assert_int_equal(next->engines[0].kind, round < 3 ? ENGINE_OLLAMA : ENGINE_SIM);
        assert_int_equal(next->is_simulated, round == 3);
        if (round < 3)
            assert_int_equal(next->engines[0].misses, round);
        discover_free(d);
        d = next;
    }
    discover_free(d);
}

static void somebody_else_on_the_port_replaces_it(void **state)
{
    static const struct answer proxy[] = {
        {PROBE_V1_MODELS, 200, "{\"data\":[{\"id\":\"qwen2.5:7b\"}]}"}};
    struct looked was = LOOK(ollama), now = LOOK(proxy);
    (void)state;
    assert_int_equal(discover_keep(now.d, was.d), 0);
    assert_int_equal(now.d->nengines, 1);
    assert_int_equal(now.d->engines[0].side, SIDE_CLOUD);
    discover_free(was.d);
    discover_free(now.d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_listed_cloud_model_is_in_the_price_list),
        cmocka_unit_test(a_key_with_a_line_end_in_it_is_named),
        cmocka_unit_test(roles_by_size_load_and_price),
        cmocka_unit_test(what_is_found_is_a_configuration_without_the_key),
        cmocka_unit_test(awkward_names_survive_yaml),
        cmocka_unit_test(a_model_called_auto_gets_its_engines_name),
        cmocka_unit_test(with_nothing_found_the_simulated_ones_serve),
        cmocka_unit_test(an_engine_that_is_busy_is_kept_twice),
        cmocka_unit_test(somebody_else_on_the_port_replaces_it),
    };
    return cmocka_run_group_tests(tests, load_prices, free_prices);
}
