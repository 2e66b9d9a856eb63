/* engines.c -- engines, checked.
 *
 * "Local" is a promise about where data goes, so it is declared and never guessed from
 * an address; what can be said against a declaration is said as a warning.  An address
 * that would carry a key in clear is a fault.
 *
 * Elsewhere: models (models.c), default parameters (params.c), keys (secret.c). */
#include "config/read.h"
#include "config/url.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <unistd.h>

enum {
    DEFAULT_LOCAL_INFLIGHT = 4,
    DEFAULT_QUEUE = 64,
    LOCAL_FIRST_BYTE_MS = 300 * 1000, /* the time to load a model */
    CLOUD_FIRST_BYTE_MS = 60 * 1000,
    IDENTITY_KEY_BYTES = 16
};

struct engine_draft {
    struct config_engine e;
    bool has_inflight;
};

static void read_kind(struct reading *rd, const struct ynode *n, void *out)
{
    const char *words[ENGINE_KINDS];
    for (int k = 0; k < ENGINE_KINDS; k++)
        words[k] = engine_kind_name((enum engine_kind)k);
    if (n->kind != YNODE_SCALAR || !engine_kind_parse(n->text, out))
        read_word_fault(rd, n, "kind", words, ENGINE_KINDS);
}

static void read_speaks(struct reading *rd, const struct ynode *n, void *out)
{
    const char *words[SPEECH_COUNT];
    for (int s = 0; s < SPEECH_COUNT; s++)
        words[s] = engine_speech_name((enum engine_speech)s);
    if (n->kind != YNODE_SCALAR || !engine_speech_parse(n->text, out))
        read_word_fault(rd, n, "speaks", words, SPEECH_COUNT);
}

bool read_side_word(struct reading *rd, const struct ynode *n, enum side *ret)
{
    static const char *const words[] = {"local", "cloud"};
    if (n->kind == YNODE_SCALAR && side_parse(n->text, ret))
        return true;
    read_word_fault(rd, n, "side", words, ARRAY_LEN(words));
    return false;
}

static void read_side(struct reading *rd, const struct ynode *n, void *out)
{
    read_side_word(rd, n, out);
}

static void read_may_forward(struct reading *rd, const struct ynode *n, void *out)
{
    static const char *const words[] = {"true", "false"};
    bool is_true = n->kind == YNODE_SCALAR && str_eqz(n->text, "true");
    if (!is_true && (n->kind != YNODE_SCALAR || !str_eqz(n->text, "false")))
        read_word_fault(rd, n, "may_forward", words, ARRAY_LEN(words));
    *(bool *)out = is_true;
}

static void read_inflight(struct reading *rd, const struct ynode *n, void *out)
{
    CONTAINER_OF(out, struct engine_draft, e.max_inflight)->has_inflight = true;
    read_u32(rd, n, out);
}

static void read_ca_file(struct reading *rd, const struct ynode *n, void *out)
{
    struct str path = STR("");
    read_path(rd, n, &path);
    if (path.n && access(path.p, R_OK) != 0)
        fault_at(rd->faults, n, "ca_file %s cannot be read", path.p);
    else
        *(struct str *)out = path;
}

static void read_timeouts(struct reading *rd, const struct ynode *n, void *out)
{
    static const struct field fields[] = {
        {"connect", read_duration_ms, offsetof(struct config_timeouts, connect_ms)},
        {"first_byte", read_duration_ms, offsetof(struct config_timeouts, first_byte_ms)},
        {"idle", read_duration_ms, offsetof(struct config_timeouts, idle_ms)},
        {"total", read_duration_ms, offsetof(struct config_timeouts, total_ms)},
    };
    read_fields(rd, n, fields, ARRAY_LEN(fields), out, "timeouts");
}

static void read_defaults(struct reading *rd, const struct ynode *n, void *out)
{
    static const struct field fields[] = {
        {"params", read_params, offsetof(struct config_engine, default_params)},
        {"system", read_prose, offsetof(struct config_engine, default_system)},
    };
    read_fields(rd, n, fields, ARRAY_LEN(fields),
                CONTAINER_OF(out, struct config_engine, default_params), "defaults");
}

#define AT(member) offsetof(struct engine_draft, e.member)
static const struct field engine_fields[] = {
    {"name", read_name, AT(name)},
    {"kind", read_kind, AT(kind)},
    {"speaks", read_speaks, AT(speaks)},
    {"side", read_side, AT(side)},
    {"url", read_expanded, AT(url)},
    {"api_key", read_secret, AT(api_key)},
    {"ca_file", read_ca_file, AT(ca_file)},
    {"max_inflight", read_inflight, AT(max_inflight)},
    {"queue", read_u32, AT(max_queue)},
    {"timeouts", read_timeouts, AT(timeouts)},
    {"defaults", read_defaults, AT(default_params)},
    {"profile", read_text, AT(sim_profile)},
    {"may_forward", read_may_forward, AT(may_forward)},
    {"models", read_nothing, 0},
};
#undef AT

static void check_present(struct reading *rd, const struct ynode *n,
                          const struct config_engine *e, const char *where)
{
    bool is_sim = e->kind == ENGINE_SIM;
    if (!read_child(n, "name"))
        fault_at(rd->faults, n, "%s needs a name", where);
    if (!read_child(n, "side"))
        fault_at(rd->faults, n,
                 "%s needs 'side: local' or 'side: cloud': only you can say where its "
                 "data goes",
                 where);
    if (!read_child(n, "url") && !is_sim)
        fault_at(rd->faults, n, "%s needs a url, like http://127.0.0.1:11434/v1", where);
    if (!read_child(n, "models"))
        fault_at(rd->faults, n, "%s needs models: list at least one model", where);
    if (is_sim && e->speaks != SPEECH_OPENAI)
        fault_at(rd->faults, read_child(n, "speaks"),
                 "an engine of kind sim speaks openai; leave 'speaks' out");
    if (read_child(n, "profile") && !is_sim)
        fault_at(rd->faults, read_child(n, "profile"),
                 "profile is of kind sim only; %s is of kind %s", where,
                 engine_kind_name(e->kind));
}

static void set_defaults(struct engine_draft *d)
{
    struct config_engine *e = &d->e;
    bool is_local = e->side == SIDE_LOCAL;
    if (!d->has_inflight)
        e->max_inflight = is_local ? DEFAULT_LOCAL_INFLIGHT : 0;
    if (!e->timeouts.first_byte_ms)
        e->timeouts.first_byte_ms = is_local ? LOCAL_FIRST_BYTE_MS : CLOUD_FIRST_BYTE_MS;
    if (e->kind == ENGINE_SIM && e->sim_profile.n == 0)
        e->sim_profile = STR("rtx4060-qwen2.5-7b");
}

static void check_place(struct reading *rd, const struct ynode *n,
                        const struct config_engine *e)
{
    if (e->host.n == 0 || !read_child(n, "side"))
        return;
    if (e->side == SIDE_LOCAL && !url_host_is_private(e->host))
        warn_at(rd->faults, read_child(n, "side"),
                "'%.*s' is declared local, but %.*s is a public name: data labelled "
                "internal or confidential would be sent there",
                STR_ARG(e->name), STR_ARG(e->host));
    if (e->side == SIDE_CLOUD && !e->is_tls && !url_host_is_loopback(e->host))
        fault_at(rd->faults, read_child(n, "url"),
                 "'%.*s' is a cloud engine reached by plain http: prompts and the API "
                 "key would travel in clear; use https",
                 STR_ARG(e->name));
}

static void check_not_own(struct reading *rd, const struct ynode *n,
                          const struct config_engine *e)
{
    if (e->kind == ENGINE_SIM || !url_is_own(e, rd->config))
        return;
    fault_at(
        rd->faults, read_child(n, "url"),
        "the url of '%.*s' is where weir itself listens (%.*s): it would ask itself; "
        "write the engine's own address",
        STR_ARG(e->name), STR_ARG(rd->config->listen));
}

/* What must be equal for pools and breaker to survive a reload: a digest stands for
 * the key, because this string may be printed. */
static struct str identity_of(struct reading *rd, const struct config_engine *e)
{
    unsigned char digest[SHA256_DIGEST_LENGTH] = {0};
    char hex[2 * IDENTITY_KEY_BYTES + 1];
    union {
        const char *in;
        const unsigned char *out;
    } key = {e->api_key.n ? e->api_key.p : ""};
    SHA256(key.out, e->api_key.n, digest);
    for (size_t i = 0; i < IDENTITY_KEY_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    struct str s =
        arena_printf(rd->arena, "%.*s|%s|%s|%s|%.*s|%s|%.*s", STR_ARG(e->name),
                     engine_kind_name(e->kind), engine_speech_name(e->speaks),
                     side_name(e->side), STR_ARG(e->url), hex, STR_ARG(e->ca_file));
    if (!s.p)
        fault_at(rd->faults, NULL, "the file says more than memory can hold");
    return s;
}

static void read_engine(struct reading *rd, const struct ynode *n,
                        struct config_engine *ret, size_t index)
{
    char where[32];
    struct engine_draft d = {.e = {.timeouts = {.connect_ms = 3 * 1000,
                                                .idle_ms = 120 * 1000,
                                                .total_ms = 30 * 60 * 1000},
                                   .max_queue = DEFAULT_QUEUE,
                                   .base_path = STR_INIT("/v1"),
                                   .index = (uint32_t)index}};
    snprintf(where, sizeof where, "engines[%zu]", index);
    if (!read_fields(rd, n, engine_fields, ARRAY_LEN(engine_fields), &d, where))
        return;
    check_present(rd, n, &d.e, where);
    if (d.e.url.n)
        url_read(rd, read_child(n, "url"), &d.e);
    if (!read_child(n, "speaks"))
        d.e.speaks = url_speech(&d.e);
    set_defaults(&d);
    check_place(rd, n, &d.e);
    check_not_own(rd, n, &d.e);
    *ret = d.e;
    ret->identity = identity_of(rd, ret);
    if (read_child(n, "models"))
        read_models(rd, read_child(n, "models"), ret);
}

static void collect_models(struct reading *rd, const struct ynode *n,
                           struct config_engine *engines)
{
    struct config *c = rd->config;
    size_t count = 0;
    for (size_t i = 0; i < c->nengines; i++)
        count += engines[i].nmodels;
    if (count > CONFIG_MAX_MODELS) {
        fault_at(rd->faults, n, "%zu models are listed; at most %d can be", count,
                 CONFIG_MAX_MODELS);
        return;
    }
    const struct config_model **all =
        read_array(rd, const struct config_model *, count + 1);
    for (size_t i = 0; all && i < c->nengines; i++)
        for (size_t k = 0; k < engines[i].nmodels; k++) {
            union {
                const struct config_model *in;
                struct config_model *out;
            } m = {&engines[i].models[k]};
            m.out->index = (uint32_t)c->nmodels;
            all[c->nmodels++] = m.in;
        }
    c->models = all;
}

void read_engines(struct reading *rd, const struct ynode *n)
{
    struct config *c = rd->config;
    if (!n || n->kind != YNODE_LIST || !n->first) {
        fault_at(rd->faults, n,
                 "'engines' must list at least one engine; see "
                 "docs/configuration.md for an example");
        return;
    }
    size_t count = read_count(n), i = 0;
    if (count > CONFIG_MAX_ENGINES) {
        fault_at(rd->faults, n, "%zu engines are listed; at most %d can be", count,
                 CONFIG_MAX_ENGINES);
        return;
    }
    struct config_engine *engines = read_array(rd, struct config_engine, count);
    if (!engines)
        return;
    c->engines = engines; /* also after a fault: their keys are to be wiped */
    c->nengines = count;
    for (const struct ynode *e = n->first; e; e = e->next, i++) {
        read_engine(rd, e, &engines[i], i);
        for (size_t k = 0; engines[i].name.n && k < i; k++)
            if (str_eq(engines[i].name, engines[k].name))
                fault_at(rd->faults, read_child(e, "name"),
                         "two engines are called '%.*s'", STR_ARG(engines[i].name));
    }
    collect_models(rd, n, engines);
}
