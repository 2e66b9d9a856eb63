/* test_config.c -- what a weir.yaml may say: every fault at its place, every default,
 * and what never leaves the room (keys). */
#include "config/config.h"
#include "core/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char *test_env(const char *name)
{
    static const struct {
        const char *name, *value;
    } env[] = {{"HOME", "/home/ann"},    {"KEY", "sk-from-env"},
               {"HOST", "models.lan"},   {"EMPTY", ""},
               {"BAD", "sk-with blank"}, {"OPENAI_API_KEY", "sk-example"}};
    for (size_t i = 0; i < ARRAY_LEN(env); i++)
        if (strcmp(env[i].name, name) == 0)
            return env[i].value;
    return NULL;
}

static const char *no_env(const char *name)
{
    (void)name;
    return NULL;
}

/* Everything found wrong with a text, as it is printed. */
static struct str faults_of(const char *yaml, config_getenv_fn *env, struct buf *out)
{
    struct config_faults faults;
    config_faults_init(&faults);
    buf_init(out, 1 << 20);
    struct config *c = config_parse(str_of(yaml), "f", env, &faults);
    assert_int_equal(c == NULL, faults.nerrors > 0);
    config_faults_print(&faults, "f", out);
    config_unref(c);
    config_faults_release(&faults);
    buf_byte(out, '\0');
    return str_of(out->p ? out->p : "");
}

static struct config *must_parse_env(const char *yaml, config_getenv_fn *env)
{
    struct buf text;
    struct config_faults faults;
    config_faults_init(&faults);
    struct config *c = config_parse(str_of(yaml), "f", env, &faults);
    if (!c) {
        buf_init(&text, 1 << 20);
        config_faults_print(&faults, "f", &text);
        fail_msg("%.*s", STR_ARG(buf_view(&text)));
    }
    config_faults_release(&faults);
    return c;
}

static struct config *must_parse(const char *yaml)
{
    return must_parse_env(yaml, test_env);
}

#define assert_str(s, text) assert_string_equal_n((s), (text))
static void assert_string_equal_n(struct str s, const char *text)
{
    if (!str_eqz(s, text))
        fail_msg("'%.*s' is not '%s'", STR_ARG(s), text);
}

/* -- faults ------------------------------------------------------------------------ */

/* An engine without faults, to hang one fault on. */
#define E "engines: [{name: e, kind: sim, side: local, models: [{name: m}]}]\n"
#define ENGINE(more)                                                                     \
    "engines:\n  - {name: e, side: local, models: [{name: m}], " more "}\n"
#define LOCAL "url: \"http://127.0.0.1:1\""
#define H     "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct {
    const char *yaml, *place, *text;
} faulty[] = {
    /* the YAML itself */
    {"", "f: error", "'engines' must list at least one"},
    {"# nothing\n", "f: error", "'engines' must list at least one"},
    {"engines: []\n", "f:1:10: error", "'engines' must list at least one"},
    {"- a\n", "f:1:1: error", "must be a mapping (key: value), not a list"},
    {"just words\n", "f:1:1: error", "must be a mapping"},
    {E "workers:\t2\n  x: [\n", "f:3:4: error", "not YAML"},
    {E "\tworkers: 2\n", "f:2:1: error", "not YAML"},
    {E "hosts: [a\n", "f:3:1: error", "not YAML"},
    {E "cors: &a []\n", "f:2:7: error", "anchors and aliases"},
    {E "cors: *a\n", "f:2:7: error", "anchors and aliases"},
    {E "workers: !!int 2\n", "f:2:10: error", "tags (!) are not used"},
    {E "---\nlisten: x\n", "f:2:1: error", "one document a file"},
    {E "? [a]\n: b\n", "f:2:3: error", "a key must be a word"},
    {E "workers: 1\nworkers: 2\n", "f:3:1: error",
     "'workers' is given twice (first on line 2)"},
    {E "policy: \"a\\0b\"\n", "f:2:9: error", "NUL"},
    {E "policy: \xff\n", "f:2:9: error", "not YAML"},
    {E "policy: \x01\n", "f:2:9: error", "not YAML"},
    {E "cors: [[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]\n", "f:2:22: error", "too deeply"},
    /* the top */
    {E "wrokers: 2\n", "f:2:1: error",
     "unknown key 'wrokers' in the configuration; did you mean 'workers'?"},
    {E "\"\\e[31m\": 2\n", "f:2:1: error", "unknown key '?[31m'"},
    {E "workers: 0\n", "f:2:10: error", "workers is 0; it must be 1 to 64"},
    {E "workers: 65\n", "f:2:10: error", "1 to 64"},
    {E "workers: two\n", "f:2:10: error", "workers is 'two'; it must be a whole number"},
    {E "workers:\n", "f:2:9: error", "workers needs a value, not nothing"},
    {E "workers: [2]\n", "f:2:10: error", "workers needs a value, not a list"},
    {E "listen: 4141\n", "f:2:9: error", "it must be address:port"},
    {E "listen: \"::1:4141\"\n", "f:2:9: error", "it must be address:port"},
    {E "listen: 127.0.0.1:65536\n", "f:2:9: error", "it must be address:port"},
    {E "listen: 0.0.0.0:4141\n", "f:2:9: error", "anyone there could spend"},
    {E "listen: \"[::]:4141\"\n", "f:2:9: error", "add keys:"},
    {E "listen: weir.lan:4141\nkeys: []\n", "f:2:9: error", "add keys:"},
    {E "access_log: yes\n", "f:2:13: error", "must be one of: text, json, off"},
    {E "policy: cheapest\n", "f:2:9: error", "must be one of: local-first, local-only"},
    {E "default_sensitivity: secret\n", "f:2:22: error",
     "default_sensitivity is 'secret'; it must be one of: public, internal"},
    {E "default_sensitivity: unlabelled\n", "f:2:22: error", "must be one of: public"},
    {E "limits: {body: 32MB}\n", "f:2:16: error", "512KiB or 32MiB"},
    {E "limits: {body: 0}\n", "f:2:16: error", "512KiB or 32MiB"},
    {E "limits: {body: 2GiB}\n", "f:2:9: error", "at most 1GiB"},
    {E "limits: {body: 99999999999999999999}\n", "f:2:16: error", "512KiB or 32MiB"},
    {E "limits: {body: 64MiB, buffered: 32MiB}\n", "f:2:9: error", "not be smaller"},
    {E "timeouts: {header: 10}\n", "f:2:20: error",
     "header is '10'; it must be a time with its unit"},
    {E "timeouts: {header: 0s}\n", "f:2:20: error", "a time with its unit"},
    {E "timeouts: {drain: 8000h}\n", "f:2:19: error", "at most 7 days"},
    {E "timeouts: {read: 10s}\n", "f:2:12: error", "did you mean 'header'?"},
    {E "timeouts: 10s\n", "f:2:11: error", "timeouts must be a mapping"},
    {E "hosts: weir.lan\n", "f:2:8: error", "hosts must be a list"},
    {E "hosts: [a, \"weir.lan:80\"]\n", "f:2:12: error", "is not a host name"},
    {E "hosts: [\"http://weir.lan\"]\n", "f:2:9: error", "is not a host name"},
    {E "cors: [\"*\"]\n", "f:2:8: error", "is not an origin"},
    {E "cors: [\"https://a.b/c\"]\n", "f:2:8: error", "is not an origin"},
    {E "cors: [\"https://\"]\n", "f:2:8: error", "is not an origin"},
    /* engines */
    {"engines: [x]\n", "f:1:11: error", "engines[0] must be a mapping"},
    {ENGINE(LOCAL ", modles: []"), "f:2:", "in engines[0]; did you mean 'models'?"},
    {"engines:\n  - {kind: sim, side: local, models: [{name: m}]}\n", "f:2:5: error",
     "engines[0] needs a name"},
    {"engines:\n  - {name: e, kind: sim, models: [{name: m}]}\n", "f:2:5: error",
     "only you can say where its data goes"},
    {"engines:\n  - {name: e, kind: sim, side: lan, models: [{name: m}]}\n",
     "f:2:32: error", "side is 'lan'; it must be one of: local, cloud"},
    {"engines:\n  - {name: e, side: local, models: [{name: m}]}\n", "f:2:5: error",
     "engines[0] needs a url"},
    {"engines:\n  - {name: e, kind: sim, side: local}\n", "f:2:5: error",
     "list at least one model"},
    {"engines:\n  - {name: e, kind: sim, side: local, models: []}\n", "f:2:47: error",
     "at least one model"},
    {"engines:\n  - {name: a/b, kind: sim, side: local, models: [{name: m}]}\n",
     "f:2:12: error", "must be letters, digits"},
    {"engines:\n  - {name: e, kind: sim, side: local, models: [{name: m}]}\n"
     "  - {name: e, kind: sim, side: local, models: [{name: m}]}\n",
     "f:3:12: error", "two engines are called 'e'"},
    {ENGINE("kind: vlm, " LOCAL), "f:2:55: error", "kind is 'vlm'; it must be one of"},
    {ENGINE(LOCAL ", profile: x"), "f:2:", "profile is of kind sim only"},
    {ENGINE(LOCAL ", queue: -1"), "f:2:", "queue is '-1'; it must be a whole number"},
    {ENGINE(LOCAL ", queue: 5000000"), "f:2:", "surely a slip"},
    {ENGINE("url: \"127.0.0.1:80\""), "f:2:54: error", "begin with http:// or https://"},
    {ENGINE("url: \"ftp://a\""), "f:2:54: error", "begin with http:// or https://"},
    {ENGINE("url: \"http://u:p@a.lan\""), "f:2:54: error", "must not hold credentials"},
    {ENGINE("url: \"http://a.lan/v1?x=1\""), "f:2:54: error", "without a query"},
    {ENGINE("url: \"http://a.lan/v1#x\""), "f:2:54: error", "without a query"},
    {ENGINE("url: \"http://\""), "f:2:54: error", "scheme://host:port/path"},
    {ENGINE("url: \"http://a.lan:0\""), "f:2:54: error", "scheme://host:port/path"},
    {ENGINE("url: \"http://a.lan:65536\""), "f:2:54: error", "scheme://host:port/path"},
    {ENGINE("url: \"http://a b.lan\""), "f:2:54: error", "scheme://host:port/path"},
    {ENGINE("url: \"http://[::1\""), "f:2:54: error", "scheme://host:port/path"},
    {ENGINE("url: \"http://[::1]x\""), "f:2:54: error", "scheme://host:port/path"},
    {ENGINE("url: \"http://a.lan/\\r\\nX: y\""), "f:2:54: error", "control character"},
    {ENGINE("url: \"http://${NOWHERE}/v1\""), "f:2:54: error",
     "url: the environment variable NOWHERE is not set"},
    {ENGINE("url: \"http://${HOST\""), "f:2:54: error", "${ without its }"},
    {ENGINE(LOCAL ", api_key: \"${NOWHERE}\""),
     "f:2:", "api_key: the environment variable NOWHERE is not set"},
    {ENGINE(LOCAL ", api_key: \"${EMPTY}\""), "f:2:", "EMPTY is empty"},
    {ENGINE(LOCAL ", api_key: \"${BAD}\""), "f:2:", "holds a blank"},
    {ENGINE(LOCAL ", api_key: \"file:/nonexistent\""),
     "f:2:", "no key could be read from /nonexistent"},
    {ENGINE(LOCAL ", ca_file: /nonexistent.pem"),
     "f:2:", "ca_file /nonexistent.pem cannot be read"},
    {"engines:\n  - {name: e, side: cloud, models: [{name: m}],\n"
     "     url: \"http://api.example.com\"}\n",
     "f:3:11: error", "would travel in clear; use https"},
    {ENGINE(LOCAL ", defaults: {params: {model: x}}"),
     "f:2:", "'model' belongs to the client"},
    {ENGINE(LOCAL ", defaults: {params: [1]}"), "f:2:", "params must be a mapping"},
    {ENGINE(LOCAL ", timeouts: {first_byte: soon}"), "f:2:", "first_byte is 'soon'"},
    /* models */
    {"engines:\n  - name: e\n    kind: sim\n    side: local\n    models:\n"
     "      - {context: 5}\n      - {name: m}\n      - {name: m}\n",
     "f:8:16: error", "the model 'm' is listed twice"},
    {"engines: [{name: e, kind: sim, side: local,\n models: [{context: 5}]}]\n",
     "f:2:11: error", "engines[0].models[0] needs a name"},
    {"engines: [{name: e, kind: sim, side: local,\n models: [m]}]\n", "f:2:11: error",
     "engines[0].models[0] must be a mapping"},
    {"engines: [{name: e, kind: sim, side: local,\n models: [{name: auto}]}]\n",
     "f:2:18: error", "weir's own word"},
    {"engines: [{name: e, kind: sim, side: local,\n models: [{name: m, context: 8k}]}]\n",
     "f:2:30: error", "context is '8k'"},
    {"engines: [{name: e, kind: sim, side: local,\n models: [{name: m, caps: "
     "[chat]}]}]\n",
     "f:2:28: error", "a capability is 'chat'; it must be one of: vision"},
    {"engines: [{name: e, kind: sim, side: cloud,\n models: [{name: m, side: "
     "local}]}]\n",
     "f:2:27: error", "a model of a cloud engine cannot be local"},
    /* roles and aliases */
    {E "roles: {local_tiny: m}\n", "f:2:9: error", "must be one of: local_small"},
    {E "roles: {local_small: n}\n", "f:2:22: error", "no engine lists a model 'n'"},
    {E "roles: {cloud_cheap: m}\n", "f:2:22: error", "needs a cloud model, and 'm'"},
    {E "roles: {cloud_cheap: e/m}\n", "f:2:22: error", "needs a cloud model"},
    {E "roles: [m]\n", "f:2:8: error", "roles must be a mapping"},
    {"engines: [{name: e, kind: sim, side: local, models: [x]}]\nroles: {cloud_cheap: "
     "y}\n",
     "f:2:22: error", "no engine lists a model 'y'"},
    {E "aliases: {x: n}\n", "f:2:14: error", "no engine lists a model 'n'; nearest: m"},
    {E "aliases: {m: auto}\n", "f:2:11: error", "'m' is a model's name already"},
    {E "aliases: {local: m}\n", "f:2:11: error", "'local' is weir's own word already"},
    {E "aliases: {local_small: m}\n", "f:2:11: error", "weir's own word already"},
    {E "aliases: {x: y, y: m}\n", "f:2:14: error", "aliases do not chain"},
    {E "aliases: {x: x}\n", "f:2:14: error", "aliases do not chain"},
    {E "aliases: {x: local_large}\n", "f:2:14: error", "local_large is not configured"},
    {E "aliases: [x]\n", "f:2:10: error", "aliases must be a mapping"},
    /* keys */
    {E "keys: {a: b}\n", "f:2:7: error", "keys must be a list"},
    {E "keys: [{name: a}]\n", "f:2:8: error", "a key needs a name and a hash"},
    {E "keys: [{name: a b, hash: \"sha256:" H "\"}]\n", "f:2:15: error",
     "must be letters"},
    {E "keys: [{name: a, hash: wk_abc}]\n", "f:2:24: error", "64 hexadecimal digits"},
    {E "keys: [{name: a, hash: \"sha256:" H "0\"}]\n", "f:2:24: error", "64 hexa"},
    {E "keys:\n  - {name: a, hash: \"sha256:" H "\"}\n  - {name: b, hash: \"sha256:" H
       "\"}\n",
     "f:4:21: error", "this hash is listed twice, first for 'a'"},
    {E "keys:\n  - {name: a, hash: \"sha256:" H "\"}\n  - {name: a, hash: \"sha256:f" H
       "\"}\n",
     "f:4:12: error", "two keys are called 'a'"},
    {E "keys: [{name: a, hash: \"sha256:" H "\", sensitivity: none}]\n",
     "f:2:", "sensitivity is 'none'; it must be one of: public"},
    {E "keys: [{name: a, hash: \"sha256:" H "\", policy: none}]\n",
     "f:2:", "policy is 'none'; it must be one of"},
};

static bool has_line(struct str all, const char *place, const char *text)
{
    struct str line;
    while (str_split(&all, '\n', &line)) {
        bool has_text = str_find(line, str_of(text)) >= 0;
        if (str_starts(line, str_of(place)) && has_text)
            return true;
    }
    return false;
}

static void each_fault_is_told_at_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(faulty); i++) {
        struct buf out;
        struct str all = faults_of(faulty[i].yaml, test_env, &out);
        if (!has_line(all, faulty[i].place, faulty[i].text))
            fail_msg("row %zu: wanted '%s ... %s' for\n%s\ngot\n%.*s", i, faulty[i].place,
                     faulty[i].text, faulty[i].yaml, STR_ARG(all));
        buf_release(&out);
    }
}

static void all_faults_come_at_once_in_the_order_of_lines(void **state)
{
    (void)state;
    struct buf out;
    struct str all =
        faults_of("keys: [{name: a}]\n"
                  "workers: 99\n"
                  "engines:\n"
                  "  - {name: one, kind: nonsense, side: local, mdls: []}\n"
                  "  - {name: two, kind: sim, side: up, models: [{nme: x}]}\n"
                  "colour: red\n",
                  test_env, &out);
    static const char want[] =
        "f:1:8: error: a key needs a name and a hash; make them with: weir key new NAME\n"
        "f:2:10: error: workers is 99; it must be 1 to 64\n"
        "f:4:5: error: engines[0] needs a url, like http://127.0.0.1:11434/v1\n"
        "f:4:5: error: engines[0] needs models: list at least one model\n"
        "f:4:23: error: kind is 'nonsense'; it must be one of: openai, llama-server, "
        "ollama, lm-studio, vllm, mistral, gemini, anthropic, openrouter, groq, sim\n"
        "f:4:46: error: unknown key 'mdls' in engines[0]; did you mean 'models'?\n"
        "f:5:34: error: side is 'up'; it must be one of: local, cloud\n"
        "f:5:47: error: engines[1].models[0] needs a name: what clients ask for\n"
        "f:5:48: error: unknown key 'nme' in engines[1].models[0]; did you mean 'name'?\n"
        "f:6:1: error: unknown key 'colour' in the configuration; did you mean ";
    if (!str_starts(all, str_of(want)))
        fail_msg("got\n%.*s", STR_ARG(all));
    buf_release(&out);
}

static void warnings_do_not_refuse(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *place, *text;
    } rows[] = {
        {"engines:\n  - {name: e, side: local, url: \"https://api.example.com\",\n"
         "     models: [{name: m}]}\n",
         "f:2:21: warning", "api.example.com is a public name: data labelled internal"},
        {ENGINE("url: \"http://134744072\""), "f:2:21: warning", "is a public name"},
        {ENGINE(LOCAL ", api_key: sk-literal"), "f:2:", "better api_key: ${NAME}"},
        {"engines:\n  - {name: e, kind: ollama, side: local, " LOCAL ",\n"
         "     models: [{name: m, as: \"m:cloud\", side: local}]}\n",
         "f:3:46: warning", "Ollama serves 'm:cloud' from its cloud"},
        {E "listen: 0.0.0.0:4141\nkeys: [{name: a, hash: \"sha256:" H "\"}]\n",
         "f:2:9: warning", "is plain HTTP"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out;
        struct str all = faults_of(rows[i].yaml, test_env, &out);
        if (!has_line(all, rows[i].place, rows[i].text) ||
            str_find(all, STR(": error: ")) >= 0)
            fail_msg("row %zu: got\n%.*s", i, STR_ARG(all));
        buf_release(&out);
    }
}

static void private_hosts_are_local_without_a_word(void **state)
{
    (void)state;
    static const char *const hosts[] = {
        "127.0.0.1",  "localhost",   "[::1]",       "10.1.2.3",        "172.16.0.1",
        "172.31.9.9", "192.168.1.1", "169.254.1.1", "[fd00::1]",       "[fe80::1]",
        "gpu",        "gpu.local",   "gpu.lan",     "ollama.internal", "a.home.arpa"};
    static const char *const public_hosts[] = {"172.32.0.1",
                                               "11.0.0.1",
                                               "api.openai.com",
                                               "local.com",
                                               "[2001:db8::1]",
                                               "192.169.1.1",
                                               "lan"
                                               ".example"};
    char yaml[300];
    struct buf out;
    for (size_t i = 0; i < ARRAY_LEN(hosts) + ARRAY_LEN(public_hosts); i++) {
        bool is_private = i < ARRAY_LEN(hosts);
        snprintf(yaml, sizeof yaml, ENGINE("url: \"http://%s/v1\""),
                 is_private ? hosts[i] : public_hosts[i - ARRAY_LEN(hosts)]);
        struct str all = faults_of(yaml, test_env, &out);
        if ((str_find(all, STR("public name")) < 0) != is_private)
            fail_msg("%s gave '%.*s'", yaml, STR_ARG(all));
        buf_release(&out);
    }
}

/* No message may carry a secret, wherever it was put by mistake. */
static void faults_never_quote_a_secret(void **state)
{
    (void)state;
    static const char *const rows[] = {
        ENGINE(LOCAL ", api_key: \"SECRET key\""),
        ENGINE(LOCAL ", api_key: \"SECRET\\nkey\""),
        ENGINE(LOCAL ", api_key: [SECRET]"),
        ENGINE("url: \"https://user:SECRET@a.lan\""),
        E "keys: [{name: a, hash: wk_SECRET}]\n",
        E "keys: [{name: a, hash: [wk_SECRET]}]\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out;
        struct str all = faults_of(rows[i], test_env, &out);
        assert_true(str_find(all, STR(": error: ")) >= 0);
        if (str_find(all, STR("SECRET")) >= 0)
            fail_msg("row %zu: %.*s", i, STR_ARG(all));
        buf_release(&out);
    }
}

/* -- values -------------------------------------------------------------------------- */

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
    assert_str(c->state_dir, "/home/ann/.local/state/weir");
    assert_int_equal(c->access_log, ACCESS_LOG_TEXT);
    assert_int_equal(c->policy, POLICY_LOCAL_FIRST);
    assert_int_equal(c->default_sensitivity, SENSITIVITY_PUBLIC);
    assert_int_equal(c->max_body_bytes, 32 << 20);
    assert_int_equal(c->max_buffered_bytes, 256 << 20);
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
    assert_int_equal(l->models[0].context_tokens, 0);
    assert_int_equal(l->models[0].caps, CAP_CHAT);
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
        "limits: {body: 1024, buffered: 1 GiB}\n"
        "timeouts: {header: 500ms, body: 5m, drain: 1h}\n"
        "hosts: [weir.lan, \"fd00::1\"]\ncors: [\"http://localhost:3000\"]\n"
        "engines:\n"
        "  - name: ollama\n    kind: ollama\n    side: local\n"
        "    url: http://${HOST}:11434/v1\n    api_key: ${KEY}\n    max_inflight: 0\n"
        "    queue: 7\n    timeouts: {connect: 1s, first_byte: 2s, idle: 3s, total: 4s}\n"
        "    defaults:\n      params: {temperature: 0.2, stop: [\"1\", x], seed: ~,\n"
        "        o: {a: true, b: -01, c: \"true\", d: yes, e: 1e5, f: .5}}\n"
        "      system: |\n        Be brief.\n        And kind.\n"
        "    models:\n"
        "      - {name: a, as: qwen, context: 32768, caps: [tools, json_schema, vision, "
        "audio, files], price: x/y}\n"
        "      - {name: b-cloud}\n      - {name: c, as: \"x:120b-Cloud\"}\n"
        "      - {name: d, side: cloud}\n"
        "  - {name: sim, kind: sim, side: cloud, profile: p, models: [{name: a}]}\n"
        "roles: {local_small: a, cloud_strong: sim/a, cloud_cheap: a}\n"
        "aliases: {one: auto, two: b-cloud, three: cloud_strong, four: ollama/a}\n");
    const struct config_engine *e = &c->engines[0];
    assert_str(c->listen, "[::1]:0");
    assert_int_equal(c->workers, 64);
    assert_str(c->state_dir, "/home/ann/w");
    assert_int_equal(c->access_log, ACCESS_LOG_OFF);
    assert_int_equal(c->policy, POLICY_DEADLINE);
    assert_int_equal(c->default_sensitivity, SENSITIVITY_INTERNAL);
    assert_int_equal(c->max_body_bytes, 1024);
    assert_int_equal(c->max_buffered_bytes, 1 << 30);
    assert_int_equal(c->header_timeout_ms, 500);
    assert_int_equal(c->body_timeout_ms, 300000);
    assert_int_equal(c->drain_timeout_ms, 3600000);
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

static void only_what_is_bound_at_start_needs_a_restart(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *key;
    } rows[] = {
        {E "listen: 127.0.0.1:4142\n", "listen"},   {E "workers: 2\n", "workers"},
        {E "state_dir: /elsewhere\n", "state_dir"}, {E "policy: local-only\n", NULL},
        {E "timeouts: {header: 1s}\n", NULL},       {ENGINE(LOCAL), NULL},
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
    assert_true(c->engines[0].models[2].is_cloud);
    assert_str(c->roles[ROLE_CLOUD_STRONG]->name, "gpt-4o");
    assert_int_equal(c->nkeys, 1);
    config_unref(c);
    config_faults_release(&faults);
}

static void what_cannot_be_read_is_a_fault(void **state)
{
    (void)state;
    static const char *const paths[] = {"/nonexistent/weir.yaml", "/"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        struct config_faults faults;
        config_faults_init(&faults);
        assert_null(config_load(paths[i], test_env, &faults));
        assert_int_equal(faults.nerrors, 1);
        assert_int_equal(faults.items[0].line, 0);
        assert_true(str_find(faults.items[0].text, STR("cannot be read")) >= 0);
        config_faults_release(&faults);
    }
}

/* Files that are too much of one thing are refused, in time and in memory. */
static void too_much_of_anything_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *head, *each, *tail, *text;
        size_t times;
    } rows[] = {
        {E "hosts: [", "h, ", "]\n", "larger than 1 MiB", 400000},
        {"engines: [", "[], ", "]\n", "at most 64 can be", 65},
        {"engines: [{models: [", "{}, ", "]}]\n", "at most 1024 can be", 200000},
        {E "hosts: [", "[],", "]\n", "too large to be held", 300000},
        {"{", "? x%zu,", "}\n", "more than 4096 keys", 5000},
        {E "colour: ", "[", "\n", "too deeply", 100000},
        {E "policy: \"", "x", "\"\n", "policy is 'xxxx", 1000000},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf yaml, out;
        buf_init(&yaml, 8 << 20);
        buf_append(&yaml, str_of(rows[i].head));
        for (size_t k = 0; k < rows[i].times; k++) {
            if (str_find(str_of(rows[i].each), STR("%zu")) >= 0)
                buf_printf(&yaml, "? x%zu,", k);
            else
                buf_append(&yaml, str_of(rows[i].each));
        }
        buf_append(&yaml, str_of(rows[i].tail));
        buf_byte(&yaml, '\0');
        assert_false(yaml.failed);
        struct str all = faults_of(yaml.p, test_env, &out);
        if (str_find(all, str_of(rows[i].text)) < 0)
            fail_msg("row %zu: got\n%.*s", i, (int)(all.n > 2000 ? 2000 : all.n), all.p);
        buf_release(&out);
        buf_release(&yaml);
    }
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
        cmocka_unit_test(each_fault_is_told_at_its_place),
        cmocka_unit_test(all_faults_come_at_once_in_the_order_of_lines),
        cmocka_unit_test(warnings_do_not_refuse),
        cmocka_unit_test(private_hosts_are_local_without_a_word),
        cmocka_unit_test(faults_never_quote_a_secret),
        cmocka_unit_test(defaults_are_those_of_the_header),
        cmocka_unit_test(everything_written_is_read),
        cmocka_unit_test(the_state_folder_follows_the_environment),
        cmocka_unit_test(a_key_file_gives_its_first_line),
        cmocka_unit_test(a_key_is_found_by_its_digest_alone),
        cmocka_unit_test(a_new_key_opens_the_door_its_hash_describes),
        cmocka_unit_test(a_snapshot_lives_as_long_as_it_is_held),
        cmocka_unit_test(only_what_is_bound_at_start_needs_a_restart),
        cmocka_unit_test(identity_changes_with_what_a_connection_depends_on),
        cmocka_unit_test(the_builtin_configuration_is_in_order),
        cmocka_unit_test(the_shipped_example_is_in_order),
        cmocka_unit_test(what_cannot_be_read_is_a_fault),
        cmocka_unit_test(too_much_of_anything_is_refused),
        cmocka_unit_test(every_word_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
