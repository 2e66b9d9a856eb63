/* test_config.c -- what a weir.yaml says: defaults, values, keys, and the life of a
 * snapshot.  What it may not say: test_config_faults.c. */
#include "config_help.h"

#include <sys/stat.h>
#include <unistd.h>

/* -- values -------------------------------------------------------------------------- */

static void an_endpoint_at_the_end_of_a_url_is_taken_off(void **state)
{
    static const char *const cases[][2] = {
        {"http://h/v1/chat/completions", "/v1"},
        {"https://openrouter.ai/api/v1/chat/completions/", "/api/v1"},
        {"http://h/chat/completions", "/v1"},
        {"http://h:11434/api/chat", "/v1"},
        {"http://h/ollama/api/generate", "/ollama/v1"},
        {"http://h/v1/embeddings", "/v1"},
        {"http://h/v1/models", "/v1"},
        {"http://h/v1/messages", "/v1"},
        {"http://h/v1beta/openai", "/v1beta/openai"},
        {"http://h/api/v1", "/api/v1"},
        {"http://h", "/v1"},
    };
    char yaml[400];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        snprintf(
            yaml, sizeof yaml,
            "state_dir: /s\nlisten: '[fd00::1]:1'\nkeys: [{name: a, hash: "
            "'sha256:0000000000000000000000000000000000000000000000000000000000000000'}]"
            "\nengines: [{name: e, side: local, url: '%s', models: [{name: m}]}]\n",
            cases[i][0]);
        struct config_faults faults;
        config_faults_init(&faults);
        struct config *c = config_parse(str_of(yaml), "f", test_env, &faults);
        assert_non_null(c);
        assert_str(c->engines[0].base_path, cases[i][1]);
        assert_str(c->listen_host, "fd00::1");
        config_unref(c);
        config_faults_release(&faults);
    }
}

/* Nobody has to say which form a provider's own address is for; what is said counts. */
static void a_providers_own_address_says_what_it_speaks(void **state)
{
    static const struct {
        const char *url, *more;
        enum engine_speech speaks;
    } rows[] = {
        {"https://api.anthropic.com", "", SPEECH_ANTHROPIC},
        {"https://API.anthropic.com/", "", SPEECH_ANTHROPIC},
        {"https://api.anthropic.com/v1/messages", "", SPEECH_ANTHROPIC},
        {"https://api.anthropic.com/v1", "", SPEECH_OPENAI}, /* its OpenAI-compatible */
        {"https://api.anthropic.com/v1", ", speaks: anthropic", SPEECH_ANTHROPIC},
        {"https://api.anthropic.com", ", speaks: openai", SPEECH_OPENAI},
        {"https://generativelanguage.googleapis.com", "", SPEECH_GEMINI},
        {"https://generativelanguage.googleapis.com/v1beta", "", SPEECH_GEMINI},
        {"https://generativelanguage.googleapis.com/v1beta/openai", "", SPEECH_OPENAI},
        {"https://api.example.com", "", SPEECH_OPENAI},
    };
    char yaml[400];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        snprintf(yaml, sizeof yaml,
                 "engines: [{name: e, side: cloud, url: '%s'%s, models: [{name: m}]}]\n",
                 rows[i].url, rows[i].more);
        struct config *c = must_parse(yaml);
        assert_int_equal(c->engines[0].speaks, rows[i].speaks);
        config_unref(c);
    }
}

static void defaults_are_those_of_the_header(void **state)
{
    (void)state;
    struct config *c = must_parse(
        "engines:\n"
        "  - {name: l, side: local, url: \"http://127.0.0.1:11434\",\n"
        "     models: [{name: m}]}\n"
        "  - {name: c, side: cloud, url: \"https://api.example.com/api/v1/\",\n"
        "     models: [{name: m, as: n, caps: [embeddings]}]}\n");
    assert_str(c->listen, "127.0.0.1:4141");
    assert_int_equal(c->workers, 1);
    assert_str(c->state_dir, "/h/ann/.local/state/weir");
    assert_int_equal(c->access_log, ACCESS_LOG_TEXT);
    assert_int_equal(c->policy, POLICY_LOCAL_FIRST);
    assert_int_equal(c->default_sensitivity, SENSITIVITY_PUBLIC);
    assert_int_equal(c->max_body_bytes, 32 << 20);
    assert_int_equal(c->max_buffered_bytes, 256 << 20);
    assert_int_equal(c->max_vault_bytes, 0);
    assert_int_equal(c->header_timeout_ms, 10000);
    assert_int_equal(c->body_timeout_ms, 30000);
    assert_int_equal(c->drain_timeout_ms, 30000);
    assert_int_equal(c->nkeys + c->ncors + c->nhosts + c->naliases, 0);

    const struct config_engine *l = config_engine_find(c, STR("l"));
    assert_int_equal(l->kind, ENGINE_OPENAI);
    assert_str(l->host, "127.0.0.1");
    assert_int_equal(l->port, 11434);
    assert_false(l->is_tls);
    assert_str(l->base_path, "/v1");
    assert_int_equal(l->max_inflight, 4);
    assert_int_equal(l->max_queue, 64);
    assert_int_equal(l->timeouts.connect_ms, 3000);
    assert_int_equal(l->timeouts.first_byte_ms, 300000);
    assert_int_equal(l->timeouts.idle_ms, 120000);
    assert_int_equal(l->timeouts.total_ms, 1800000);
    assert_int_equal(l->api_key.n + l->default_params.n + l->sim_profile.n, 0);
    assert_false(l->may_forward);
    assert_int_equal(l->speaks, SPEECH_OPENAI);
    assert_int_equal(l->models[0].context_tokens, 0);
    assert_int_equal(l->models[0].caps, CAP_CHAT | CAP_TOOL_CHOICE);
    assert_str(l->models[0].upstream, "m");

    const struct config_engine *cl = config_engine_find(c, STR("c"));
    assert_true(cl->is_tls);
    assert_int_equal(cl->port, 443);
    assert_str(cl->base_path, "/api/v1");
    assert_int_equal(cl->max_inflight, 0);
    assert_int_equal(cl->timeouts.first_byte_ms, 60000);
    assert_int_equal(cl->models[0].caps, CAP_EMBEDDINGS);
    assert_str(cl->models[0].upstream, "n");
    assert_true(cl->models[0].is_cloud);
    assert_null(config_engine_find(c, STR("x")));

    assert_int_equal(c->nmodels, 2);
    for (size_t i = 0; i < c->nmodels; i++) {
        assert_int_equal(c->models[i]->index, i);
        assert_ptr_equal(c->models[i]->engine, &c->engines[i]);
        assert_int_equal(c->engines[i].index, i);
    }
    config_unref(c);
}

static void everything_written_is_read(void **state)
{
    (void)state;
    struct config *c = must_parse(
        "listen: \"[::1]:0\"\nworkers: 64\nstate_dir: ~/w\naccess_log: off\n"
        "policy: deadline\ndefault_sensitivity: internal\n"
        "limits: {body: 1024, buffered: 1 GiB, vaults: 3MiB}\n"
        "timeouts: {header: 500ms, body: 5m, drain: 1h}\n"
        "ledger: {keep: 400d, keep_audit: 52w, node: 255}\n"
        "hosts: [weir.lan, \"fd00::1\"]\ncors: [\"http://localhost:3000\"]\n"
        "engines:\n"
        "  - name: ollama\n    kind: ollama\n    speaks: ollama\n    side: local\n"
        "    url: http://${HOST}:11434/v1\n    api_key: ${KEY}\n    max_inflight: 0\n"
        "    queue: 7\n    may_forward: true\n    timeouts: {connect: 1s, first_byte: "
        "2s, idle: 3s, total: 4s}\n"
        "    defaults:\n      params: {temperature: 0.2, stop: [\"1\", x], seed: ~,\n"
        "        o: {a: true, b: -01, c: \"true\", d: yes, e: 1e5, f: .5}}\n"
        "      system: |\n        Be brief.\n        And kind.\n"
        "    models:\n"
        "      - {name: a, as: qwen, context: 32768, caps: [tools, json_schema, vision, "
        "audio, files], price: x/y}\n"
        "      - {name: b-cloud, context_max: 4096, caps: [tools, audio?]}\n      - "
        "{name: c, as: \"x:120b-Cloud\"}\n"
        "      - {name: d, side: cloud}\n"
        "  - {name: sim, kind: sim, side: cloud, profile: p, models: [{name: a}]}\n"
        "roles: {local_small: a, cloud_strong: sim/a, cloud_cheap: a}\n"
        "aliases: {one: auto, two: b-cloud, three: cloud_strong, four: ollama/a}\n"
        "mirror: {to: cloud_strong, share: 0.5%}\n"
        "escalate: {when: asked, threshold: 80%, hold: 2s, hold_tokens: 7, "
        "second_opinion: [a], judge: cloud_strong}\n"
        "learned: {quality: 95%, weights: /w/r.bin, learn: on, adapter: /w/a.bin}\n");
    const struct config_engine *e = &c->engines[0];
    assert_str(c->listen, "[::1]:0");
    assert_int_equal(c->workers, 64);
    assert_str(c->state_dir, "/h/ann/w");
    assert_int_equal(c->access_log, ACCESS_LOG_OFF);
    assert_int_equal(c->policy, POLICY_DEADLINE);
    assert_int_equal(c->default_sensitivity, SENSITIVITY_INTERNAL);
    assert_int_equal(c->max_body_bytes, 1024);
    assert_int_equal(c->max_buffered_bytes, 1 << 30);
    assert_int_equal(c->max_vault_bytes, 3 << 20);
    assert_int_equal(c->header_timeout_ms, 500);
    assert_int_equal(c->body_timeout_ms, 300000);
    assert_int_equal(c->drain_timeout_ms, 3600000);
    assert_int_equal(c->keep_rows_ms, UINT64_C(400) * 24 * 3600000);
    assert_int_equal(c->keep_audit_ms, UINT64_C(52) * 7 * 24 * 3600000);
    assert_int_equal(c->ledger_node, 255);
    assert_int_equal(c->nhosts, 2);
    assert_str(c->hosts[1], "fd00::1");
    assert_str(c->cors[0], "http://localhost:3000");
    assert_str(e->host, "models.lan");
    assert_str(e->url, "http://models.lan:11434/v1");
    assert_str(e->api_key, "sk-from-env");
    assert_int_equal(e->max_inflight, 0);
    assert_int_equal(e->max_queue, 7);
    assert_int_equal(e->timeouts.first_byte_ms, 2000);
    assert_str(
        e->default_params,
        "{\"temperature\":0.2,\"stop\":[\"1\",\"x\"],\"seed\":null,\"o\":{\"a\":"
        "true,\"b\":\"-01\",\"c\":\"true\",\"d\":\"yes\",\"e\":1e5,\"f\":\".5\"}}");
    assert_str(e->default_system, "Be brief.\nAnd kind.\n");
    assert_int_equal(e->models[0].context_tokens, 32768);
    assert_int_equal(e->models[0].caps, CAP_TOOLS | CAP_JSON_SCHEMA | CAP_VISION |
                                            CAP_AUDIO | CAP_FILES | CAP_CHAT);
    assert_true(e->may_forward);
    assert_int_equal(e->speaks, SPEECH_OLLAMA);
    assert_int_equal(e->models[0].caps_unknown, 0);
    assert_int_equal(e->models[1].context_max, 4096);
    assert_int_equal(e->models[1].caps, CAP_TOOLS | CAP_CHAT);
    assert_int_equal(e->models[1].caps_unknown, CAP_AUDIO);
    assert_int_equal(e->models[2].caps_unknown, CAPS_UNSURE);
    assert_str(e->models[0].price, "x/y");
    assert_false(e->models[0].is_cloud);
    for (size_t i = 1; i < 4; i++)
        assert_true(e->models[i].is_cloud);
    assert_str(c->engines[1].sim_profile, "p");
    assert_int_equal(c->engines[1].host.n + c->engines[1].port, 0);
    assert_str(c->engines[1].base_path, "/v1");
    assert_ptr_equal(c->roles[ROLE_LOCAL_SMALL], &e->models[0]);
    assert_ptr_equal(c->roles[ROLE_CLOUD_STRONG], &c->engines[1].models[0]);
    assert_ptr_equal(c->roles[ROLE_CLOUD_CHEAP], &c->engines[1].models[0]);
    assert_null(c->roles[ROLE_LOCAL_LARGE]);
    assert_int_equal(c->naliases, 4);
    assert_str(c->aliases[2].from, "three");
    assert_str(c->aliases[2].to, "cloud_strong");
    assert_ptr_equal(c->mirror_to, &c->engines[1].models[0]);
    assert_int_equal(c->mirror_ppm, 5000);
    assert_true(!c->escalate.is_on && c->escalate.may_ask);
    assert_true(c->escalate.threshold > 0.7999 && c->escalate.threshold < 0.8001);
    assert_int_equal(c->learned.wish, LEARNED_QUALITY);
    assert_true(c->learned.value > 0.9499 && c->learned.value < 0.9501);
    assert_str(c->learned.weights, "/w/r.bin");
    assert_int_equal(c->learned.learn, LEARN_ON);
    assert_str(c->learned.adapter, "/w/a.bin");
    assert_int_equal(c->escalate.hold_ms, 2000);
    assert_int_equal(c->escalate.hold_tokens, 7);
    assert_ptr_equal(c->escalate.judge, &c->engines[1].models[0]);
    assert_int_equal(c->escalate.nopinions, 1);
    assert_ptr_equal(c->escalate.opinions[0], &e->models[0]);
    config_unref(c);
}

static const char *xdg_env(const char *name)
{
    return strcmp(name, "XDG_STATE_HOME") == 0 ? "/state" : test_env(name);
}

static void the_state_folder_follows_the_environment(void **state)
{
    (void)state;
    struct buf out;
    struct config *c = must_parse_env(E, xdg_env);
    assert_str(c->state_dir, "/state/weir");
    config_unref(c);
    struct str all = faults_of(E, no_env, &out);
    assert_true(str_find(all, STR("neither XDG_STATE_HOME nor HOME is set")) >= 0);
    buf_release(&out);
    c = must_parse_env(E "state_dir: /var/lib/weir\n", no_env);
    assert_str(c->state_dir, "/var/lib/weir");
    config_unref(c);
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    assert_int_equal(chmod(path, mode), 0);
}

static void a_key_file_gives_its_first_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *key; /* key NULL: a fault */
        mode_t mode;
        bool warns;
    } rows[] = {
        {"sk-file\n", "sk-file", 0600, false},
        {"  sk-file \r\nmore\n", "sk-file", 0600, false},
        {"sk-file", "sk-file", 0640, true},
        {"", NULL, 0600, false},
        {"\nsk-second\n", NULL, 0600, false},
        {"sk-\rInjected: x\n", NULL, 0600, false},
        {"two words\n", NULL, 0600, false},
        {"sk-\xc3\xa9\n", NULL, 0600, false},
    };
    char path[] = "/tmp/weir-key-XXXXXX", yaml[300];
    close(mkstemp(path));
    snprintf(yaml, sizeof yaml, ENGINE(LOCAL ", api_key: \"file:%s\""), path);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct config_faults faults;
        write_file(path, rows[i].text, rows[i].mode);
        config_faults_init(&faults);
        struct config *c = config_parse(str_of(yaml), "f", test_env, &faults);
        assert_int_equal(c != NULL, rows[i].key != NULL);
        if (c) {
            assert_str(c->engines[0].api_key, rows[i].key);
            assert_int_equal(faults.n, rows[i].warns);
        }
        config_unref(c);
        config_faults_release(&faults);
    }
    unlink(path);
}

/* -- client keys ------------------------------------------------------------------- */

static void a_key_is_found_by_its_digest_alone(void **state)
{
    (void)state;
    /* SHA-256 of "abc", FIPS 180-2 appendix B.1. */
    struct config *c = must_parse(
        E "keys:\n  - {name: a, hash: \"sha256:" H "\"}\n"
          "  - {name: b, hash: "
          "\"sha256:"
          "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD\", "
          "sensitivity: internal, policy: local-only}\n");
    const struct config_key *k = config_key_find(c, STR("abc"));
    assert_non_null(k);
    assert_str(k->name, "b");
    assert_int_equal(k->id, 2);
    assert_int_equal(k->sensitivity, SENSITIVITY_INTERNAL);
    assert_true(k->has_policy);
    assert_int_equal(k->policy, POLICY_LOCAL_ONLY);
    assert_int_equal(c->keys[0].sensitivity, SENSITIVITY_UNLABELLED);
    assert_false(c->keys[0].has_policy);
    assert_null(config_key_find(c, STR("abd")));
    assert_null(config_key_find(c, STR("")));
    assert_null(config_key_find(c, STR(H)));
    config_unref(c);
}

static void a_new_key_opens_the_door_its_hash_describes(void **state)
{
    (void)state;
    char key[64], other[64], yaml[400], hex[65];
    unsigned char hash[CONFIG_KEY_HASH_BYTES];
    assert_int_equal(config_key_generate(key, NULL), 0);
    assert_int_equal(config_key_generate(other, NULL), 0);
    assert_int_equal(strlen(key), 46);
    assert_memory_equal(key, "wk_", 3);
    assert_int_equal(strspn(key + 3,
                            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                            "0123456789-_"),
                     43);
    assert_string_not_equal(key, other);
    config_key_hash(str_of(key), hash);
    for (size_t i = 0; i < sizeof hash; i++)
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    snprintf(yaml, sizeof yaml, E "keys: [{name: a, hash: \"sha256:%s\"}]\n", hex);
    struct config *c = must_parse(yaml);
    assert_non_null(config_key_find(c, str_of(key)));
    assert_null(config_key_find(c, str_of(other)));
    config_unref(c);
}

/* -- snapshots ------------------------------------------------------------------------
 */

static void a_snapshot_lives_as_long_as_it_is_held(void **state)
{
    (void)state;
    struct config *c = must_parse(ENGINE(LOCAL ", api_key: \"${KEY}\""));
    struct config *again = config_ref(c);
    assert_ptr_equal(again, c);
    config_unref(c);
    assert_str(again->engines[0].api_key, "sk-from-env"); /* ASan watches this read */
    config_unref(again);
    config_unref(NULL);
}

static void there_may_be_several_addresses(void **state)
{
    (void)state;
    struct config *c = must_parse(
        ENGINE("url: \"http://127.0.0.1:11434/v1\"") "listen:\n  - 127.0.0.1:4141\n  - "
                                                     "{address: \"[::1]:11434\", speaks: "
                                                     "[ollama, openai], if_free: true}\n "
                                                     " - {address: 127.0.0.1:11434, "
                                                     "if_free: true}\n");
    assert_int_equal(c->nlistens, 2); /* the engine's own port is left to it */
    assert_str(c->listen, "127.0.0.1:4141");
    assert_int_equal(c->listens[0].ndialects, 0);
    assert_str(c->listens[1].address, "[::1]:11434");
    assert_str(c->listens[1].host, "::1");
    assert_true(c->listens[1].if_free);
    assert_int_equal(c->listens[1].ndialects, 2);
    assert_str(c->listens[1].dialects[0], "ollama");
    config_unref(c);
}

static void only_what_is_bound_at_start_needs_a_restart(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *key;
    } rows[] = {
        {E "listen: 127.0.0.1:4142\n", "listen"},
        {E "workers: 2\n", "workers"},
        {E "listen: [127.0.0.1:4141]\n", NULL},
        {E "listen: [127.0.0.1:4141, 127.0.0.1:9]\n", "listen"},
        {E "listen: {address: 127.0.0.1:4141, speaks: [ollama]}\n", "listen"},
        {E "state_dir: /elsewhere\n", "state_dir"},
        {E "policy: local-only\n", NULL},
        {E "timeouts: {header: 1s}\n", NULL},
        {ENGINE(LOCAL), NULL},
    };
    struct config *was = must_parse(E);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct config *now = must_parse(rows[i].yaml);
        const char *key = config_needs_restart(was, now);
        if (rows[i].key)
            assert_string_equal(key, rows[i].key);
        else
            assert_null(key);
        config_unref(now);
    }
    config_unref(was);
}

/* Pools outlive a reload exactly when nothing changed that they depend on. */
static void identity_changes_with_what_a_connection_depends_on(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        bool is_same;
    } rows[] = {
        {ENGINE(LOCAL ", api_key: \"${KEY}\""), true},
        {ENGINE(LOCAL ", api_key: \"${KEY}\", queue: 9"), true},
        {ENGINE(LOCAL), false},
        {ENGINE(LOCAL ", api_key: other"), false},
        {ENGINE("url: \"http://127.0.0.1:2\", api_key: \"${KEY}\""), false},
        {ENGINE(LOCAL ", kind: vllm, api_key: \"${KEY}\""), false},
        {"engines: [{name: f, side: local, models: [{name: m}], " LOCAL
         ", api_key: \"${KEY}\"}]\n",
         false},
    };
    struct config *was = must_parse(rows[0].yaml);
    assert_true(str_find(was->engines[0].identity, STR("sk-from-env")) < 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct config *now = must_parse(rows[i].yaml);
        assert_int_equal(str_eq(was->engines[0].identity, now->engines[0].identity),
                         rows[i].is_same);
        config_unref(now);
    }
    config_unref(was);
}

static void the_builtin_configuration_is_in_order(void **state)
{
    (void)state;
    struct buf out;
    char yaml[4096];
    struct str text = config_builtin_yaml();
    snprintf(yaml, sizeof yaml, "%.*s", STR_ARG(text));
    struct str all = faults_of(yaml, test_env, &out);
    assert_int_equal(all.n, 0);
    buf_release(&out);
    struct config *c = must_parse(yaml);
    assert_int_equal(c->nengines, 2);
    assert_int_equal(c->nmodels, 3);
    assert_false(c->roles[ROLE_LOCAL_SMALL]->is_cloud);
    assert_str(c->roles[ROLE_CLOUD_CHEAP]->price, "openai/gpt-4o-mini");
    assert_str(c->roles[ROLE_CLOUD_STRONG]->name, "gpt-4o");
    config_unref(c);
}

/* The path of a file of the repository, from this one's. */
static const char *beside(const char *name, char *out, size_t size)
{
    const char *slash = strrchr(__FILE__, '/');
    snprintf(out, size, "%.*s/../../%s", slash ? (int)(slash - __FILE__) : 1,
             slash ? __FILE__ : ".", name);
    return out;
}

/* Ollama behind kind openai: what it serves from its cloud must not pass for local. */
static void a_name_that_ends_in_cloud_counts_on_every_engine(void **state)
{
    static const char yaml[] =
        "engines:\n  - {name: o, side: local, url: \"http://127.0.0.1:11434/v1\",\n"
        "     models: [{name: \"gpt-oss:120b-cloud\"}, {name: g, as: \"glm:cloud\"},\n"
        "       {name: \"a:1b-cloud\", side: local}, {name: my-cloud}]}\n";
    static const bool is_cloud[] = {true, true, false, false};
    struct buf out;
    (void)state;
    struct str all = faults_of(yaml, test_env, &out);
    assert_true(str_contains_nocase(all, STR("warning: 'gpt-oss:120b-cloud' is named")));
    buf_release(&out);
    struct config *c = must_parse(yaml);
    for (size_t i = 0; i < ARRAY_LEN(is_cloud); i++)
        assert_int_equal(c->models[i]->is_cloud, is_cloud[i]);
    config_unref(c);
}

static void the_shipped_example_is_in_order(void **state)
{
    (void)state;
    char path[1024];
    struct config_faults faults;
    config_faults_init(&faults);
    struct config *c =
        config_load(beside("examples/weir.yaml", path, sizeof path), test_env, &faults);
    for (size_t i = 0; i < faults.n; i++)
        print_error("%u:%u: %.*s\n", faults.items[i].line, faults.items[i].column,
                    STR_ARG(faults.items[i].text));
    assert_non_null(c);
    assert_int_equal(faults.n, 0);
    assert_int_equal(c->nengines, 2);
    assert_true(c->engines[0].models[3].is_cloud);
    assert_str(c->roles[ROLE_CLOUD_STRONG]->name, "gpt-4o");
    assert_int_equal(c->nkeys, 1);
    config_unref(c);
    config_faults_release(&faults);
}

static void every_word_reads_back(void **state)
{
    (void)state;
    enum sensitivity s;
    enum side side;
    enum engine_kind kind;
    enum role role;
    enum policy policy;
    unsigned bit = 0;
    for (int i = SENSITIVITY_PUBLIC; i < SENSITIVITY_COUNT; i++)
        assert_true(
            sensitivity_parse(str_of(sensitivity_name((enum sensitivity)i)), &s) &&
            (int)s == i);
    for (int i = 0; i < SIDE_COUNT; i++)
        assert_true(side_parse(str_of(side_name((enum side)i)), &side) && (int)side == i);
    for (int i = 0; i < ENGINE_KINDS; i++)
        assert_true(
            engine_kind_parse(str_of(engine_kind_name((enum engine_kind)i)), &kind) &&
            (int)kind == i);
    for (int i = ROLE_NONE + 1; i < ROLE_COUNT; i++)
        assert_true(role_parse(str_of(role_name((enum role)i)), &role) && (int)role == i);
    for (int i = 0; i < POLICY_COUNT; i++)
        assert_true(policy_parse(str_of(policy_name((enum policy)i)), &policy) &&
                    (int)policy == i);
    for (unsigned b = CAP_VISION; b <= CAP_CHAT; b <<= 1)
        assert_true(capability_parse(str_of(capability_name(b)), &bit) && bit == b);
    assert_null(capability_name(1 << 20));
    assert_false(sensitivity_parse(STR("unlabelled"), &s));
    assert_false(role_parse(STR(""), &role));
    assert_false(policy_parse(STR("Local-first"), &policy));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_endpoint_at_the_end_of_a_url_is_taken_off),
        cmocka_unit_test(a_name_that_ends_in_cloud_counts_on_every_engine),
        cmocka_unit_test(a_providers_own_address_says_what_it_speaks),
        cmocka_unit_test(defaults_are_those_of_the_header),
        cmocka_unit_test(everything_written_is_read),
        cmocka_unit_test(the_state_folder_follows_the_environment),
        cmocka_unit_test(a_key_file_gives_its_first_line),
        cmocka_unit_test(a_key_is_found_by_its_digest_alone),
        cmocka_unit_test(a_new_key_opens_the_door_its_hash_describes),
        cmocka_unit_test(a_snapshot_lives_as_long_as_it_is_held),
        cmocka_unit_test(there_may_be_several_addresses),
        cmocka_unit_test(only_what_is_bound_at_start_needs_a_restart),
        cmocka_unit_test(identity_changes_with_what_a_connection_depends_on),
        cmocka_unit_test(the_builtin_configuration_is_in_order),
        cmocka_unit_test(the_shipped_example_is_in_order),
        cmocka_unit_test(every_word_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
