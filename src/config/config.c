/* config.c -- building, sharing and finding in a snapshot. */
#include "config/config.h"

#include "config/read.h"
#include "config/url.h"
#include "core/mem.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { CONFIG_ARENA_BYTES = 16 << 20 };

/* -- top level ----------------------------------------------------------------------- */

static void read_listen(struct reading *rd, const struct ynode *n, void *out)
{
    struct str text = STR("");
    uint64_t port = 0;
    read_text(rd, n, &text);
    size_t colon = text.n;
    while (colon > 0 && text.p[colon - 1] != ':')
        colon--;
    struct str host = str_sub(text, 0, colon ? colon - 1 : 0);
    if (host.n == 0 || !str_to_u64(str_sub(text, colon, text.n), &port) || port > 65535)
        fault_at(rd->faults, n,
                 "listen is '%.*s'; it must be address:port, like 127.0.0.1:4141 or "
                 "[::1]:4141",
                 STR_ARG(text));
    else
        *(struct str *)out = text;
}

static void read_workers(struct reading *rd, const struct ynode *n, void *out)
{
    uint32_t v = 1;
    read_u32(rd, n, &v);
    if (v < 1 || v > 64)
        fault_at(rd->faults, n,
                 "workers must be 1 to 64 (1 serves about 50000 requests a "
                 "second)");
    else
        *(uint32_t *)out = v;
}

static void read_access_log(struct reading *rd, const struct ynode *n, void *out)
{
    static const char *const words[] = {"text", "json", "off"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (n->kind == YNODE_SCALAR && str_eqz(n->text, words[i])) {
            *(enum access_log *)out = (enum access_log)i;
            return;
        }
    read_word_fault(rd, n, "access_log", words, ARRAY_LEN(words));
}

static void read_policy(struct reading *rd, const struct ynode *n, void *out)
{
    const char *words[POLICY_COUNT];
    for (int p = 0; p < POLICY_COUNT; p++)
        words[p] = policy_name((enum policy)p);
    if (n->kind != YNODE_SCALAR || !policy_parse(n->text, out))
        read_word_fault(rd, n, "policy", words, POLICY_COUNT);
}

static void read_sensitivity(struct reading *rd, const struct ynode *n, void *out)
{
    static const char *const words[] = {"public", "internal", "confidential"};
    if (n->kind != YNODE_SCALAR || !sensitivity_parse(n->text, out))
        read_word_fault(rd, n, "default_sensitivity", words, ARRAY_LEN(words));
}

static void read_limits(struct reading *rd, const struct ynode *n, void *out)
{
    static const struct field fields[] = {
        {"body", read_size, offsetof(struct config, max_body_bytes)},
        {"buffered", read_size, offsetof(struct config, max_buffered_bytes)},
    };
    struct config *c = CONTAINER_OF(out, struct config, max_body_bytes);
    read_fields(rd, n, fields, ARRAY_LEN(fields), c, "limits");
    if (c->max_body_bytes > 1ULL << 30)
        fault_at(rd->faults, n, "limits: body can be at most 1GiB");
    if (c->max_buffered_bytes < c->max_body_bytes)
        fault_at(rd->faults, n, "limits: buffered must not be smaller than body");
}

static void read_timeouts(struct reading *rd, const struct ynode *n, void *out)
{
    static const struct field fields[] = {
        {"header", read_duration_ms, offsetof(struct config, header_timeout_ms)},
        {"body", read_duration_ms, offsetof(struct config, body_timeout_ms)},
        {"drain", read_duration_ms, offsetof(struct config, drain_timeout_ms)},
    };
    read_fields(rd, n, fields, ARRAY_LEN(fields),
                CONTAINER_OF(out, struct config, header_timeout_ms), "timeouts");
}

static void read_hosts(struct reading *rd, const struct ynode *n, void *out)
{
    struct config *c = CONTAINER_OF(out, struct config, hosts);
    struct text_list list = {NULL, NULL, 0};
    read_text_list(rd, n, &list);
    c->hosts = list.items;
    c->nhosts = list.n;
}

static void read_cors(struct reading *rd, const struct ynode *n, void *out)
{
    struct config *c = CONTAINER_OF(out, struct config, cors);
    struct text_list list = {NULL, NULL, 0};
    read_text_list(rd, n, &list);
    for (size_t i = 0; i < list.n; i++) {
        struct str o = list.items[i];
        bool has_scheme = str_starts(o, STR("http://")) || str_starts(o, STR("https://"));
        if (!has_scheme || str_ends(o, STR("/")))
            fault_at(rd->faults, list.nodes[i],
                     "'%.*s' is not an origin; write it like https://app.example.com",
                     STR_ARG(o));
    }
    c->cors = list.items;
    c->ncors = list.n;
}

static const struct field top_fields[] = {
    {"listen", read_listen, offsetof(struct config, listen)},
    {"workers", read_workers, offsetof(struct config, workers)},
    {"state_dir", read_path, offsetof(struct config, state_dir)},
    {"access_log", read_access_log, offsetof(struct config, access_log)},
    {"policy", read_policy, offsetof(struct config, policy)},
    {"default_sensitivity", read_sensitivity,
     offsetof(struct config, default_sensitivity)},
    {"limits", read_limits, offsetof(struct config, max_body_bytes)},
    {"timeouts", read_timeouts, offsetof(struct config, header_timeout_ms)},
    {"hosts", read_hosts, offsetof(struct config, hosts)},
    {"cors", read_cors, offsetof(struct config, cors)},
    {"engines", read_nothing, 0},
    {"roles", read_nothing, 0},
    {"aliases", read_nothing, 0},
    {"keys", read_nothing, 0},
};

static void default_state_dir(struct reading *rd)
{
    struct config *c = rd->config;
    const char *xdg = read_getenv(rd, STR("XDG_STATE_HOME"));
    const char *home = read_getenv(rd, STR("HOME"));
    if (c->state_dir.n)
        return;
    if (xdg && xdg[0] == '/')
        c->state_dir = arena_printf(rd->arena, "%s/weir", xdg);
    else if (home)
        c->state_dir = arena_printf(rd->arena, "%s/.local/state/weir", home);
    else
        fault_at(rd->faults, NULL,
                 "neither XDG_STATE_HOME nor HOME is set; give state_dir");
}

static bool listens_publicly(struct str listen)
{
    size_t colon = listen.n;
    while (colon > 0 && listen.p[colon - 1] != ':')
        colon--;
    struct str host = str_sub(listen, 0, colon ? colon - 1 : 0);
    if (host.n > 1 && host.p[0] == '[')
        host = str_sub(host, 1, host.n - 1);
    return !url_host_is_loopback(host);
}

static void check_exposure(struct reading *rd, const struct ynode *root)
{
    const struct config *c = rd->config;
    const struct ynode *n = read_child(root, "listen");
    if (!listens_publicly(c->listen))
        return;
    if (c->nkeys == 0)
        fault_at(rd->faults, n,
                 "%.*s can be reached from the network, so anyone there could spend your "
                 "API keys; add keys: (weir key new NAME), or listen on 127.0.0.1",
                 STR_ARG(c->listen));
    else
        warn_at(
            rd->faults, n,
            "%.*s is plain HTTP and can be reached from the network; put TLS in front",
            STR_ARG(c->listen));
}

static void read_all(struct reading *rd, const struct ynode *root)
{
    const struct ynode *keys = read_child(root, "keys");
    if (!read_fields(rd, root, top_fields, ARRAY_LEN(top_fields), rd->config,
                     "the configuration"))
        return;
    default_state_dir(rd);
    read_engines(rd, read_child(root, "engines"));
    if (keys)
        read_keys(rd, keys);
    read_routes(rd, read_child(root, "roles"), read_child(root, "aliases"));
    check_exposure(rd, root);
}

/* -- snapshots ------------------------------------------------------------------------
 */

static struct config *new_config(const char *path)
{
    struct config *c = mem_new(struct config);
    if (!c)
        return NULL;
    atomic_init(&c->refs, 1);
    arena_init(&c->arena, CONFIG_ARENA_BYTES);
    c->path = arena_strdup(&c->arena, str_of(path));
    c->listen = STR("127.0.0.1:4141");
    c->workers = 1;
    c->default_sensitivity = SENSITIVITY_PUBLIC;
    c->max_body_bytes = 32 << 20;
    c->max_buffered_bytes = 256 << 20;
    c->header_timeout_ms = 10000;
    c->body_timeout_ms = 30000;
    c->drain_timeout_ms = 30000;
    return c;
}

struct config *config_parse(struct str yaml, const char *path,
                            config_getenv_fn *getenv_fn, struct config_faults *faults)
{
    struct config *c = new_config(path);
    if (!c) {
        fault_at(faults, NULL, "out of memory");
        return NULL;
    }
    struct reading rd = {&c->arena, faults, getenv_fn, c};
    struct ynode *root = yaml_read(yaml, &c->arena, faults);
    if (root)
        read_all(&rd, root);
    if (faults->nerrors || !root) {
        config_unref(c);
        return NULL;
    }
    return c;
}

struct config *config_load(const char *path, config_getenv_fn *getenv_fn,
                           struct config_faults *faults)
{
    struct config *c = NULL;
    struct buf text;
    FILE *f = fopen(path, "re");
    if (!f) {
        fault_at(faults, NULL, "cannot be read: %s", strerror(errno));
        return NULL;
    }
    buf_init(&text, YAML_MAX_BYTES + 1);
    size_t got = buf_reserve(&text, YAML_MAX_BYTES + 1)
                     ? fread(text.p, 1, YAML_MAX_BYTES + 1, f)
                     : 0;
    if (ferror(f))
        fault_at(faults, NULL, "cannot be read: %s", strerror(errno));
    else
        c = config_parse((struct str){text.p, got}, path, getenv_fn, faults);
    fclose(f);
    buf_release(&text);
    return c;
}

struct config *config_ref(const struct config *c)
{
    union {
        const struct config *in;
        struct config *out;
    } shared = {c};
    atomic_fetch_add_explicit(&shared.out->refs, 1, memory_order_relaxed);
    return shared.out;
}

static void wipe(struct str secret)
{
    union {
        const char *in;
        char *out;
    } bytes = {secret.p};
    mem_wipe(bytes.out, secret.n);
}

void config_unref(struct config *c)
{
    if (!c || atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < c->nengines; i++)
        if (c->engines[i].api_key.n)
            wipe(c->engines[i].api_key);
    arena_reset(&c->arena);
    mem_free(c);
}

const char *config_needs_restart(const struct config *was, const struct config *now)
{
    if (!str_eq(was->listen, now->listen))
        return "listen";
    if (was->workers != now->workers)
        return "workers";
    if (!str_eq(was->state_dir, now->state_dir))
        return "state_dir";
    if (was->access_log != now->access_log)
        return "access_log";
    return NULL;
}

const struct config_engine *config_engine_find(const struct config *c, struct str name)
{
    for (size_t i = 0; i < c->nengines; i++)
        if (str_eq(c->engines[i].name, name))
            return &c->engines[i];
    return NULL;
}

struct str config_builtin_yaml(void)
{
    return STR("engines:\n"
               "  - name: sim-local\n"
               "    kind: sim\n"
               "    side: local\n"
               "    profile: rtx4060-qwen2.5-7b\n"
               "    models: [{name: qwen2.5-7b, context: 32768, caps: [tools, "
               "json_schema]}]\n"
               "  - name: sim-cloud\n"
               "    kind: sim\n"
               "    side: cloud\n"
               "    profile: cloud-gpt-4o-mini\n"
               "    models:\n"
               "      - {name: gpt-4o-mini, context: 128000, price: openai/gpt-4o-mini,\n"
               "         caps: [tools, json_schema, vision]}\n"
               "      - {name: gpt-4o, context: 128000, price: openai/gpt-4o,\n"
               "         caps: [tools, json_schema, vision]}\n"
               "roles: {local_small: qwen2.5-7b, cloud_cheap: gpt-4o-mini, cloud_strong: "
               "gpt-4o}\n");
}
