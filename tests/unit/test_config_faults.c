/* test_config_faults.c -- what a weir.yaml may not say: each fault at its line and
 * column, all of them at once, and none that quotes a key. */
#include "config_help.h"

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
    {E "ledger: {node: 256}\n", "f:2:16: error",
     "ledger: node is 256; it must be 0 to 255"},
    {E "workers: 65\n", "f:2:10: error", "1 to 64"},
    {E "workers: two\n", "f:2:10: error", "workers is 'two'; it must be a whole number"},
    {E "workers:\n", "f:2:9: error", "workers needs a value, not nothing"},
    {E "workers: [2]\n", "f:2:10: error", "workers needs a value, not a list"},
    {E "timeouts: {quiet: 0s}\n", "f:2:19: error", "must be a time"},
    {E "listen: 4141\n", "f:2:9: error", "it must be address:port"},
    {E "listen: []\n", "f:2:9: error", "it must have 1 to 8"},
    {E "listen: [127.0.0.1:1, x]\n", "f:2:23: error", "it must be address:port"},
    {E "listen: [127.0.0.1:1, 127.0.0.1:1]\n", "f:2:9: error", "twice"},
    {E "listen: {address: 127.0.0.1:1, speaks: [klingon]}\n", "f:2:41: error",
     "anthropic"},
    {E "listen: {speaks: [ollama]}\n", "f:2:9: error", "needs an address"},
    {E "listen: {address: 127.0.0.1:1, if_free: true}\n", "f:2:9: error",
     "must be there"},
    {E "listen: {address: 127.0.0.1:1, if_free: 1}\n", "f:2:41: error", "if_free"},
    {E "listen: [127.0.0.1:1, 0.0.0.0:2]\n", "f:2:9: error", "anyone there could spend"},
    {E "listen: \"::1:4141\"\n", "f:2:9: error", "it must be address:port"},
    {E "listen: 127.0.0.1:65536\n", "f:2:9: error", "it must be address:port"},
    {E "listen: 0.0.0.0:4141\n", "f:2:9: error", "anyone there could spend"},
    {E "listen: \"[::]:4141\"\n", "f:2:9: error", "add keys:"},
    {E "listen: weir.lan:4141\nkeys: []\n", "f:2:9: error", "add keys:"},
    {ENGINE("url: \"http://127.0.0.1:4141/v1\""), "f:2:", "where weir itself listens"},
    {ENGINE("url: \"http://localhost:4141\""), "f:2:", "where weir itself listens"},
    {ENGINE("url: \"http://0.0.0.0:4141\""), "f:2:", "where weir itself listens"},
    {ENGINE("url: \"http://[::1]:9/v1\"") "listen: \"[::1]:9\"\n",
     "f:2:", "where weir itself listens"},
    {E "access_log: yes\n", "f:2:13: error", "must be one of: text, json, off"},
    {E "policy: cheapest\n", "f:2:9: error", "must be one of: local-first, local-only"},
    {E "default_sensitivity: secret\n", "f:2:22: error",
     "default_sensitivity is 'secret'; it must be one of: public, internal"},
    {E "default_sensitivity: unlabelled\n", "f:2:22: error", "must be one of: public"},
    {E "limits: {body: 32MB}\n", "f:2:16: error", "512KiB or 32MiB"},
    {E "ledger: {keep: 400}\n", "f:2:16: error", "400d"},
    {E "ledger: {keep: 0d}\n", "f:2:16: error", "forever"},
    {E "limits: {body: 0}\n", "f:2:16: error", "512KiB or 32MiB"},
    {E "limits: {body: 2GiB}\n", "f:2:9: error", "at most 1GiB"},
    {E "limits: {body: 99999999999999999999}\n", "f:2:16: error", "512KiB or 32MiB"},
    {E "limits: {body: 64MiB, buffered: 32MiB}\n", "f:2:9: error", "not be smaller"},
    {E "limits: {buffered: 64MiB, vaults: 33MiB}\n", "f:2:9: error", "half of buffered"},
    {E "timeouts: {header: 10}\n", "f:2:20: error",
     "header is '10'; it must be a time with its unit"},
    {E "timeouts: {header: 0s}\n", "f:2:20: error", "a time with its unit"},
    {E "timeouts: {drain: 8000h}\n", "f:2:19: error", "at most 7 days"},
    {E "timeouts: {heder: 10s}\n", "f:2:12: error", "did you mean 'header'?"},
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
    {ENGINE(LOCAL ", api_key: \"${BAD}\""),
     "f:2:", "api_key: what ${BAD} stands for holds a"},
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
    {ENGINE(LOCAL ", may_forward: perhaps"), "f:2:", "may_forward"},
    {ENGINE(LOCAL ", speaks: olama"),
     "f:2:", "must be one of: openai, ollama, anthropic, gemini, responses"},
    {ENGINE(LOCAL ", kind: sim, speaks: ollama"), "f:2:", "speaks openai"},
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
    {E "mirror: {to: m}\n", "f:2:9: error", "mirror needs both"},
    {E "mirror: {to: n, share: 5%}\n", "f:2:14: error", "nearest: m"},
    {E "mirror: {to: local_large, share: 5%}\n", "f:2:14: error", "is not configured"},
    {E "mirror: {to: m, share: 5}\n", "f:2:24: error", "like 5%"},
    {E "escalate: {when: often}\n", "f:2:18: error", "always, asked"},
    {E "escalate: {threshold: 1.5}\n", "f:2:23: error", "0 to 1"},
    {E "escalate: {threshold: high}\n", "f:2:23: error", "0 to 1"},
    {E "escalate: yes\n", "f:2:11: error", "on, off or a mapping"},
    {E "escalate: {second_opinion: [m, m]}\n", "f:2:32: error", "named twice"},
    {E "escalate: on\n", "f:2:11: warning", "no stronger model"},
    {E "roles: {local_large: m}\nescalate: on\n", "f:3:11: warning",
     "where 'm' itself answers, nothing is judged"},
    {E "roles: {local_large: m}\nescalate: {second_opinion: m}\n", "f:3:11: warning",
     "where 'm' itself answers, nobody gives a second opinion"},
    {E "policy: cloud-only\nroles: {local_large: m}\nescalate: on\n", "f:4:11: warning",
     "under policy cloud-only"},
    {E "escalate: {judge: n}\n", "f:2:19: error", "nearest: m"},
    {E "learned: {cloud_share: 20}\n", "f:2:24: error", "like 20%"},
    {E "learned: {quality: 101%}\n", "f:2:20: error", "0% to 100%"},
    {E "learned: {month: many}\n", "f:2:18: error", "like $50"},
    {E "learned: {month: $9, quality: 95%}\n", "f:2:10: error", "takes one wish"},
    {E "learned: {learn: yes}\n", "f:2:18: error", "off, rows, on"},
    {E "learned: {share: 20%}\n", "f:2:11: error", "cloud_share"},
    {E "escalate: {hold: 1h}\n", "f:2:11: error", "10 minutes"},
    {E "escalate: {treshold: 1}\n", "f:2:12: error", "threshold"},
    {E "mirror: {to: m, share: 101%}\n", "f:2:24: error", "like 5%"},
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
        "f:6:1: error: unknown key 'colour' in the configuration\n";
    if (!str_eq(all, str_of(want)))
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
        {E "roles: {cloud_cheap: m}\n", "f:2:22: warning",
         "needs a cloud model, and 'm'"},
        {E "roles: {cloud_cheap: e/m}\n", "f:2:22: warning", "the role stays empty"},
        {E "listen: 0.0.0.0:4141\nkeys: [{name: a, hash: \"sha256:" H "\"}]\n",
         "f:2:9: warning", "is plain HTTP"},
        {E "listen: 0.0.0.0:4141\nkeys: [{name: a, hash: \"sha256:" H "\"}]\n",
         "f:2:9: warning", "under hosts:"},
        {ENGINE("url: \"http://127.0.0.1:1/v1/chat/completions\""),
         "f:2:", "url ends in /chat/completions"},
        {ENGINE("url: \"http://127.0.0.1:1/api/chat/\""),
         "f:2:", "'/v1' is taken as its path"},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_is_told_at_its_place),
        cmocka_unit_test(all_faults_come_at_once_in_the_order_of_lines),
        cmocka_unit_test(warnings_do_not_refuse),
        cmocka_unit_test(private_hosts_are_local_without_a_word),
        cmocka_unit_test(faults_never_quote_a_secret),
        cmocka_unit_test(what_cannot_be_read_is_a_fault),
        cmocka_unit_test(too_much_of_anything_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
