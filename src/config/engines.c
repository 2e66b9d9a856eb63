/* engines.c -- engines and their models, checked.
 *
 * "Local" is a promise about where data goes, so it is declared and never guessed from
 * an address; what can be said against a declaration is said as a warning.  Ollama
 * serves some models from its own cloud ("-cloud" tags): those are cloud whatever their
 * engine is. */
#include "config/url.h"

#include <openssl/sha.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEFAULT_LOCAL_INFLIGHT = 4, DEFAULT_QUEUE = 64 };

struct engine_draft {
    struct config_engine e;
    bool has_side, has_inflight, has_timeouts_first;
    const struct ynode *models, *side_node, *params, *node;
};

struct model_draft {
    struct config_model m;
    enum side side;
    bool has_side;
};

/* -- single values --------------------------------------------------------------- */

static void read_kind(struct reading *rd, const struct ynode *n, void *out)
{
    const char *words[ENGINE_KINDS];
    for (int k = 0; k < ENGINE_KINDS; k++)
        words[k] = engine_kind_name((enum engine_kind)k);
    if (n->kind != YNODE_SCALAR || !engine_kind_parse(n->text, out))
        read_word_fault(rd, n, "kind", words, ENGINE_KINDS);
}

static void read_side(struct reading *rd, const struct ynode *n, void *out)
{
    static const char *const words[] = {"local", "cloud"};
    struct engine_draft *d = CONTAINER_OF(out, struct engine_draft, e.side);
    d->side_node = n;
    d->has_side = n->kind == YNODE_SCALAR && side_parse(n->text, out);
    if (!d->has_side)
        read_word_fault(rd, n, "side", words, 2);
}

static void read_model_side(struct reading *rd, const struct ynode *n, void *out)
{
    static const char *const words[] = {"local", "cloud"};
    struct model_draft *d = CONTAINER_OF(out, struct model_draft, side);
    d->has_side = n->kind == YNODE_SCALAR && side_parse(n->text, out);
    if (!d->has_side)
        read_word_fault(rd, n, "side", words, 2);
}

static void read_inflight(struct reading *rd, const struct ynode *n, void *out)
{
    CONTAINER_OF(out, struct engine_draft, e.max_inflight)->has_inflight = true;
    read_u32(rd, n, out);
}

static struct str first_line(struct str text)
{
    ptrdiff_t end = str_index(text, '\n');
    struct str line = end < 0 ? text : str_sub(text, 0, (size_t)end);
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    return str_trim(line);
}

static void read_key_file(struct reading *rd, const struct ynode *n, struct str path,
                          struct str *out)
{
    char text[8192], name[1024];
    struct stat st;
    snprintf(name, sizeof name, "%.*s", STR_ARG(path));
    FILE *f = fopen(name, "re");
    size_t got = f ? fread(text, 1, sizeof text, f) : 0;
    if (f && fstat(fileno(f), &st) == 0 && (st.st_mode & 077))
        warn_at(rd->faults, n, "%s can be read by others; chmod 600 it", name);
    if (f)
        fclose(f);
    struct str key = first_line((struct str){text, got});
    if (key.n == 0)
        fault_at(rd->faults, n, "no key could be read from %s", name);
    else
        *out = arena_strdup(rd->arena, key);
    mem_wipe(text, sizeof text);
}

static void read_api_key(struct reading *rd, const struct ynode *n, void *out)
{
    struct str raw = STR(""), key = STR("");
    read_text(rd, n, &raw);
    if (str_starts(raw, STR("file:"))) {
        read_key_file(rd, n, str_sub(raw, 5, raw.n), out);
        return;
    }
    read_expanded(rd, n, &key);
    if (key.n && str_find(raw, STR("${")) < 0)
        warn_at(rd->faults, n,
                "the key stands in the file itself; better ${NAME} or file:/path");
    for (size_t i = 0; i < key.n; i++)
        if (key.p[i] <= ' ' || key.p[i] == 0x7f) {
            fault_at(rd->faults, n, "api_key holds a blank or control character");
            return;
        }
    *(struct str *)out = key;
}

static void read_ca_file(struct reading *rd, const struct ynode *n, void *out)
{
    char name[1024];
    struct str path = STR("");
    read_path(rd, n, &path);
    snprintf(name, sizeof name, "%.*s", STR_ARG(path));
    if (path.n && access(name, R_OK) != 0)
        fault_at(rd->faults, n, "ca_file %s cannot be read", name);
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

/* -- defaults: YAML to JSON -------------------------------------------------------- */

static bool is_json_number(struct str s)
{
    double ignored;
    bool starts = s.n && (s.p[0] == '-' || (s.p[0] >= '0' && s.p[0] <= '9'));
    bool leading_zero = s.n > 1 && s.p[0] == '0' && s.p[1] >= '0' && s.p[1] <= '9';
    return starts && !leading_zero && s.p[s.n - 1] != '.' && str_to_double(s, &ignored);
}

static void write_json(struct buf *b, const struct ynode *n)
{
    const char *sep = "";
    if (n->kind == YNODE_SCALAR) {
        bool is_word = str_eqz(n->text, "true") || str_eqz(n->text, "false") ||
                       str_eqz(n->text, "null");
        if (n->is_plain && (is_word || is_json_number(n->text)))
            buf_append(b, n->text);
        else
            json_write_string(b, n->text);
        return;
    }
    buf_byte(b, n->kind == YNODE_MAP ? '{' : '[');
    for (const struct ynode *c = n->first; c; c = c->next) {
        buf_append(b, str_of(sep));
        if (n->kind == YNODE_MAP) {
            json_write_string(b, c->key->text);
            buf_byte(b, ':');
        }
        write_json(b, c);
        sep = ",";
    }
    buf_byte(b, n->kind == YNODE_MAP ? '}' : ']');
}

static void read_params(struct reading *rd, const struct ynode *n, void *out)
{
    static const char *const owned[] = {"model",          "messages", "stream",
                                        "stream_options", "prompt",   "input"};
    struct buf b;
    if (n->kind != YNODE_MAP) {
        fault_at(rd->faults, n, "params must be a mapping, like {temperature: 0.2}");
        return;
    }
    for (const struct ynode *c = n->first; c; c = c->next)
        for (size_t i = 0; i < ARRAY_LEN(owned); i++)
            if (str_eqz(c->key->text, owned[i]))
                fault_at(rd->faults, c->key,
                         "'%s' belongs to the client; it has no default", owned[i]);
    buf_init(&b, 64 * 1024);
    write_json(&b, n);
    *(struct str *)out = arena_strdup(rd->arena, buf_view(&b));
    buf_release(&b);
}

static void read_defaults(struct reading *rd, const struct ynode *n, void *out)
{
    static const struct field fields[] = {
        {"params", read_params, offsetof(struct config_engine, default_params)},
        {"system", read_text, offsetof(struct config_engine, default_system)},
    };
    read_fields(rd, n, fields, ARRAY_LEN(fields),
                CONTAINER_OF(out, struct config_engine, default_params), "defaults");
}

/* -- models ------------------------------------------------------------------------ */

static void read_caps(struct reading *rd, const struct ynode *n, void *out)
{
    static const char *const words[] = {"vision",     "tools", "json_schema",
                                        "embeddings", "audio", "files"};
    struct text_list list = {NULL, NULL, 0};
    read_text_list(rd, n, &list);
    for (size_t i = 0; i < list.n; i++) {
        unsigned bit = 0;
        if (capability_parse(list.items[i], &bit) && bit != CAP_CHAT)
            *(unsigned *)out |= bit;
        else
            read_word_fault(rd, list.nodes[i], "a capability", words, ARRAY_LEN(words));
    }
}

static bool has_cloud_tag(struct str name)
{
    return str_ends(name, STR("-cloud")) || str_ends(name, STR(":cloud"));
}

static void read_model(struct reading *rd, const struct ynode *n, struct config_engine *e,
                       struct config_model *ret)
{
    static const struct field fields[] = {
        {"name", read_text, offsetof(struct model_draft, m.name)},
        {"as", read_text, offsetof(struct model_draft, m.upstream)},
        {"context", read_u64, offsetof(struct model_draft, m.context_tokens)},
        {"caps", read_caps, offsetof(struct model_draft, m.caps)},
        {"price", read_text, offsetof(struct model_draft, m.price)},
        {"side", read_model_side, offsetof(struct model_draft, side)},
    };
    struct model_draft d = {.side = e->side};
    if (!read_fields(rd, n, fields, ARRAY_LEN(fields), &d, "a model"))
        return;
    if (d.m.name.n == 0 && !read_child(n, "name"))
        fault_at(rd->faults, n, "a model needs a name: what clients ask for");
    if (d.has_side && d.side == SIDE_LOCAL && e->side == SIDE_CLOUD)
        fault_at(rd->faults, n, "a model of a cloud engine cannot be local");
    d.m.is_cloud = e->side == SIDE_CLOUD || (d.has_side && d.side == SIDE_CLOUD);
    if (e->kind == ENGINE_OLLAMA && has_cloud_tag(d.m.name) && !d.m.is_cloud) {
        d.m.is_cloud = true;
        if (d.has_side)
            warn_at(rd->faults, n,
                    "Ollama serves '%.*s' from its cloud: it counts as cloud",
                    STR_ARG(d.m.name));
    }
    if (!(d.m.caps & CAP_EMBEDDINGS))
        d.m.caps |= CAP_CHAT;
    if (d.m.upstream.n == 0)
        d.m.upstream = d.m.name;
    d.m.engine = e;
    *ret = d.m;
}

static void read_models(struct reading *rd, const struct ynode *n,
                        struct config_engine *e)
{
    if (!n || n->kind != YNODE_LIST || !n->first) {
        if (n)
            fault_at(rd->faults, n, "models must be a list with at least one model");
        return;
    }
    struct config_model *models =
        arena_array(rd->arena, struct config_model, read_count(n) + 1);
    if (!models)
        return;
    for (const struct ynode *c = n->first; c; c = c->next)
        read_model(rd, c, e, &models[e->nmodels++]);
    for (size_t i = 0; i < e->nmodels; i++)
        for (size_t k = 0; k < i; k++)
            if (models[i].name.n && str_eq(models[i].name, models[k].name))
                fault_at(rd->faults, n, "the model '%.*s' is listed twice",
                         STR_ARG(models[i].name));
    e->models = models;
}

/* -- an engine ----------------------------------------------------------------------- */

static void set_defaults(struct engine_draft *d)
{
    struct config_engine *e = &d->e;
    if (!d->has_inflight)
        e->max_inflight = e->side == SIDE_LOCAL ? DEFAULT_LOCAL_INFLIGHT : 0;
    if (!e->timeouts.first_byte_ms)
        e->timeouts.first_byte_ms = e->side == SIDE_LOCAL ? 300000 : 60000;
    if (e->side == SIDE_CLOUD)
        return;
}

/* What must be equal for pools and breaker to survive a reload.  The key's digest, not
 * the key. */
static struct str identity_of(struct reading *rd, const struct config_engine *e)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    union {
        const char *in;
        const unsigned char *out;
    } key = {e->api_key.n ? e->api_key.p : ""};
    SHA256(key.out, e->api_key.n, digest);
    return arena_printf(rd->arena, "%.*s|%s|%d|%.*s|%02x%02x%02x%02x|%.*s",
                        STR_ARG(e->name), engine_kind_name(e->kind), e->side,
                        STR_ARG(e->url), digest[0], digest[1], digest[2], digest[3],
                        STR_ARG(e->ca_file));
}

static void check_places(struct reading *rd, const struct engine_draft *d)
{
    const struct config_engine *e = &d->e;
    if (e->host.n == 0)
        return;
    if (e->side == SIDE_LOCAL && !url_host_is_private(e->host))
        warn_at(rd->faults, d->side_node,
                "'%.*s' is declared local, but %.*s is a public name: requests labelled "
                "internal or confidential would be sent there",
                STR_ARG(e->name), STR_ARG(e->host));
    if (e->side == SIDE_CLOUD && !e->is_tls && !url_host_is_loopback(e->host))
        fault_at(
            rd->faults, d->node,
            "'%.*s' is a cloud engine reached by plain http: prompts and the API key "
            "would travel in clear; use https",
            STR_ARG(e->name));
}

static void read_engine(struct reading *rd, const struct ynode *n,
                        struct config_engine *ret, size_t index)
{
#define AT(member) offsetof(struct engine_draft, e.member)
    static const struct field fields[] = {
        {"name", read_text, AT(name)},
        {"kind", read_kind, AT(kind)},
        {"side", read_side, AT(side)},
        {"url", read_expanded, AT(url)},
        {"api_key", read_api_key, AT(api_key)},
        {"ca_file", read_ca_file, AT(ca_file)},
        {"max_inflight", read_inflight, AT(max_inflight)},
        {"queue", read_u32, AT(max_queue)},
        {"timeouts", read_timeouts, AT(timeouts)},
        {"defaults", read_defaults, AT(default_params)},
        {"profile", read_text, AT(sim_profile)},
        {"models", read_nothing, 0},
    };
#undef AT
    char where[32];
    struct engine_draft d = {
        .e = {.timeouts = {.connect_ms = 3000, .idle_ms = 120000, .total_ms = 1800000},
              .max_queue = DEFAULT_QUEUE,
              .base_path = STR_INIT("/v1"),
              .sim_profile = STR_INIT("rtx4060-qwen2.5-7b")},
        .node = n};
    snprintf(where, sizeof where, "engines[%zu]", index);
    if (!read_fields(rd, n, fields, ARRAY_LEN(fields), &d, where))
        return;
    if (!read_child(n, "name"))
        fault_at(rd->faults, n, "%s needs a name", where);
    if (!d.side_node)
        fault_at(rd->faults, n,
                 "%s needs 'side: local' or 'side: cloud': only you can say where its "
                 "data goes",
                 where);
    if (!d.e.url.n && !read_child(n, "url") && d.e.kind != ENGINE_SIM)
        fault_at(rd->faults, n, "%s needs a url, like http://127.0.0.1:11434/v1", where);
    if (d.e.url.n)
        url_read(rd, read_child(n, "url"), &d.e);
    if (!read_child(n, "models"))
        fault_at(rd->faults, n, "%s needs models: list at least one", where);
    set_defaults(&d);
    check_places(rd, &d);
    *ret = d.e;
    ret->index = (uint32_t)index;
    ret->identity = identity_of(rd, ret);
    read_models(rd, read_child(n, "models"), ret);
}

static void collect_models(struct reading *rd, const struct ynode *n)
{
    struct config *c = rd->config;
    size_t count = 0;
    for (size_t i = 0; i < c->nengines; i++)
        count += c->engines[i].nmodels;
    if (count > CONFIG_MAX_MODELS) {
        fault_at(rd->faults, n, "%zu models are listed; at most %d can be", count,
                 CONFIG_MAX_MODELS);
        return;
    }
    const struct config_model **all =
        arena_array(rd->arena, const struct config_model *, count + 1);
    for (size_t i = 0; all && i < c->nengines; i++)
        for (size_t k = 0; k < c->engines[i].nmodels; k++) {
            union {
                const struct config_model *in;
                struct config_model *out;
            } m = {&c->engines[i].models[k]};
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
    struct config_engine *engines = arena_array(rd->arena, struct config_engine, count);
    if (!engines)
        return;
    for (const struct ynode *e = n->first; e; e = e->next, i++) {
        read_engine(rd, e, &engines[i], i);
        engines[i].index = (uint32_t)i;
        for (size_t k = 0; k < i; k++)
            if (engines[i].name.n && str_eq(engines[i].name, engines[k].name))
                fault_at(rd->faults, e, "two engines are called '%.*s'",
                         STR_ARG(engines[i].name));
    }
    c->engines = engines;
    c->nengines = count;
    collect_models(rd, n);
}
