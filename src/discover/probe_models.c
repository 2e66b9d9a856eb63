/* probe_models.c -- models, from the list each engine gives of them.
 *
 * Ollama loads a model with a context of its own choosing (4096 tokens on small
 * machines, whatever the model was made for) and cuts longer prompts in silence.  So the
 * trained length is never taken for the context: num_ctx of its parameters counts, else
 * what weir will ask for (ollama_room.h), or more where the model is loaded with more. */
#include "discover/probe_models.h"

#include "discover/ollama_room.h"

#include <ctype.h>

enum { MAX_NAME = 200, MIN_WEIGHTS_BYTES = 1 << 20 };

bool probe_name_is_usable(struct str name)
{
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] <= ' ' || name.p[i] >= 0x7f || name.p[i] == '"' ||
            name.p[i] == '\\')
            return false;
    return name.n > 0 && name.n <= MAX_NAME;
}

/* -- "7.6B" ---------------------------------------------------------------------- */

static uint64_t scaled(double value, char unit)
{
    switch (tolower((unsigned char)unit)) {
    case 'k':
        return (uint64_t)(value * 1e3);
    case 'm':
        return (uint64_t)(value * 1e6);
    case 'b':
        return (uint64_t)(value * 1e9);
    case 't':
        return (uint64_t)(value * 1e12);
    default:
        return 0;
    }
}

uint64_t probe_params(struct str text)
{
    size_t digits = 0;
    double value = 0, experts = 1;
    ptrdiff_t times = str_index(text, 'x');
    if (times > 0 && str_to_double(str_sub(text, 0, (size_t)times), &experts))
        text = str_sub(text, (size_t)times + 1, text.n);
    while (digits < text.n &&
           (isdigit((unsigned char)text.p[digits]) || text.p[digits] == '.'))
        digits++;
    if (digits == 0 || digits + 1 != text.n || experts > 1024 ||
        !str_to_double(str_sub(text, 0, digits), &value) || value > 1e6)
        return 0;
    return scaled(value * experts, text.p[digits]);
}

uint64_t probe_params_of_name(struct str name)
{
    uint64_t params = 0;
    for (size_t from = 0, i = 0; i <= name.n; i++) {
        if (i < name.n && (isalnum((unsigned char)name.p[i]) || name.p[i] == '.'))
            continue;
        struct str part = str_sub(name, from, i);
        /* "a3b": 3 B active of a mixture, which is not its size. */
        uint64_t n = part.n && tolower((unsigned char)part.p[part.n - 1]) == 'b'
                         ? probe_params(part)
                         : 0;
        params = n ? n : params;
        from = i + 1;
    }
    return params;
}

/* -- lists ------------------------------------------------------------------------ */

static struct str text_of(const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    return (struct str){json_string_value(v), json_string_length(v)};
}

static uint64_t number_of(const json_t *object, const char *key)
{
    json_int_t n = json_integer_value(json_object_get(object, key));
    return n > 0 ? (uint64_t)n : 0;
}

static bool list_has(const json_t *array, const char *wanted)
{
    size_t i;
    const json_t *v;
    json_array_foreach(array, i,
                       v) if (json_string_value(v) &&
                              strcmp(json_string_value(v), wanted) == 0) return true;
    return false;
}

/* The next place in e->models for `name`; NULL: leave it out (counted). */
static struct found_model *add(struct found_engine *e, struct arena *a, struct str name)
{
    if (!e->models)
        e->models = arena_array(a, struct found_model, DISCOVER_MAX_MODELS);
    for (size_t i = 0; i < e->nmodels; i++)
        if (str_eq(e->models[i].name, name))
            return NULL;
    if (!e->models || e->nmodels == DISCOVER_MAX_MODELS || !probe_name_is_usable(name)) {
        e->nleft_out++;
        return NULL;
    }
    struct str copy = arena_strdup(a, name);
    if (!copy.p)
        return NULL;
    struct found_model *m = &e->models[e->nmodels++];
    m->name = copy;
    m->caps = CAP_CHAT;
    m->params = probe_params_of_name(name);
    m->is_cloud = e->side == SIDE_CLOUD;
    return m;
}

static void set_embeddings(struct found_model *m)
{
    m->caps = CAP_EMBEDDINGS;
    m->caps_unknown = 0;
}

/* What people call embedding models, when the engine does not say. */
static bool sounds_like_embeddings(struct str name)
{
    static const char *const parts[] = {"embed", "bge-", "minilm", "gte-", "e5-"};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (str_contains_nocase(name, str_of(parts[i])))
            return true;
    return false;
}

void probe_models_openai(const json_t *v1, struct arena *a, struct found_engine *e)
{
    size_t i;
    const json_t *entry;
    json_array_foreach(json_object_get(v1, "data"), i, entry)
    {
        struct found_model *m = add(e, a, text_of(entry, "id"));
        if (!m)
            continue;
        m->context_tokens = number_of(entry, "max_model_len");
        if (!m->context_tokens)
            m->context_tokens = number_of(entry, "context_length");
        m->load = e->kind == ENGINE_VLLM ? LOAD_YES : LOAD_UNKNOWN;
        if (e->kind == ENGINE_VLLM)
            m->caps |= CAP_JSON_SCHEMA; /* by grammar, any model */
        m->caps_unknown =
            CAPS_UNSURE & ~m->caps; /* by its flags, which it does not tell */
        if (sounds_like_embeddings(m->name))
            set_embeddings(m);
    }
}

/* -- llama-server ------------------------------------------------------------------- */

static unsigned caps_of_props(const json_t *props)
{
    const json_t *modes = json_object_get(props, "modalities");
    const json_t *chat = json_object_get(props, "chat_template_caps");
    unsigned caps = CAP_CHAT | CAP_JSON_SCHEMA; /* by grammar, any model */
    if (json_is_true(json_object_get(modes, "vision")))
        caps |= CAP_VISION;
    if (json_is_true(json_object_get(modes, "audio")))
        caps |= CAP_AUDIO;
    if (json_is_true(json_object_get(chat, "supports_tools")) || !chat)
        caps |= CAP_TOOLS;
    return caps;
}

static enum load_state load_of_status(const json_t *entry, bool is_router)
{
    struct str value = text_of(json_object_get(entry, "status"), "value");
    if (!value.p) /* one server has one model; a router may have it anywhere */
        return is_router ? LOAD_UNKNOWN : LOAD_YES;
    return str_eqz(value, "loaded") ? LOAD_YES : LOAD_NO;
}

/* The value of an option among the arguments that a router starts a model with. */
static const char *arg_of(const json_t *args, const char *name, const char *short_name)
{
    size_t i, n = strlen(name);
    const json_t *v;
    json_array_foreach(args, i, v)
    {
        const char *arg = json_string_value(v);
        const char *next = json_string_value(json_array_get(args, i + 1));
        if (!arg)
            continue;
        if (strncmp(arg, name, n) == 0 && arg[n] == '=')
            return arg + n + 1;
        if (strcmp(arg, name) == 0 || strcmp(arg, short_name) == 0)
            return next ? next : "";
    }
    return NULL;
}

static uint64_t number_arg(const json_t *args, const char *name, const char *short_name)
{
    const char *value = arg_of(args, name, short_name);
    uint64_t n = 0;
    return value && str_to_u64(str_of(value), &n) ? n : 0;
}

/* A model of a router: what it is started with tells of it before it is loaded.  The
 * context is divided among the slots unless they share it. */
static void read_router_args(const json_t *entry, struct found_model *m)
{
    const json_t *args = json_object_get(json_object_get(entry, "status"), "args");
    uint64_t context = number_arg(args, "--ctx-size", "-c");
    uint64_t slots = number_arg(args, "--parallel", "-np");
    bool is_shared = arg_of(args, "--kv-unified", "-kvu") != NULL;
    m->context_tokens = slots > 1 && !is_shared ? context / slots : context;
    m->caps = CAP_CHAT | CAP_JSON_SCHEMA;
    m->caps_unknown = CAP_TOOLS | CAP_VISION | CAP_AUDIO;
    if (arg_of(args, "--mmproj", "-mm") || arg_of(args, "--mmproj-url", "-mmu"))
        m->caps |= CAP_VISION;
    if (arg_of(args, "--embedding", "--embeddings"))
        set_embeddings(m);
}

void probe_llama_props(struct str body, struct found_model *m)
{
    json_t *props = json_loadb(body.p, body.n, 0, NULL);
    uint64_t slot_tokens =
        number_of(json_object_get(props, "default_generation_settings"), "n_ctx");
    if (json_is_object(props) && !(m->caps & CAP_EMBEDDINGS)) {
        m->caps = caps_of_props(props);
        m->caps_unknown = 0;
    }
    if (slot_tokens)
        m->context_tokens = slot_tokens;
    json_decref(props);
}

/* With several slots the context is divided among them, and n_ctx of the default
 * settings is what one request gets. */
void probe_models_llama_server(const json_t *v1, const json_t *props, struct arena *a,
                               struct found_engine *e)
{
    size_t i;
    const json_t *entry;
    e->is_router = str_eqz(text_of(props, "role"), "router");
    uint64_t slot_tokens =
        number_of(json_object_get(props, "default_generation_settings"), "n_ctx");
    json_array_foreach(json_object_get(v1, "data"), i, entry)
    {
        const json_t *meta = json_object_get(entry, "meta");
        struct found_model *m = add(e, a, text_of(entry, "id"));
        if (!m)
            continue;
        m->trained_tokens = number_of(meta, "n_ctx_train");
        m->context_tokens = slot_tokens ? slot_tokens : number_of(meta, "n_ctx");
        m->size_bytes = number_of(meta, "size");
        if (number_of(meta, "n_params"))
            m->params = number_of(meta, "n_params");
        m->load = load_of_status(entry, e->is_router);
        m->caps = caps_of_props(props);
        if (e->is_router)
            read_router_args(entry, m);
        if (sounds_like_embeddings(m->name))
            set_embeddings(m);
    }
}

/* -- LM Studio ---------------------------------------------------------------------- */

void probe_models_lm_studio(const json_t *list, struct arena *a, struct found_engine *e)
{
    size_t i;
    const json_t *entry;
    json_array_foreach(json_object_get(list, "data"), i, entry)
    {
        struct found_model *m = add(e, a, text_of(entry, "id"));
        if (!m)
            continue;
        bool is_loaded = str_eqz(text_of(entry, "state"), "loaded");
        m->load = is_loaded ? LOAD_YES : LOAD_NO;
        m->trained_tokens = number_of(entry, "max_context_length");
        m->context_tokens = is_loaded ? number_of(entry, "loaded_context_length") : 0;
        if (str_eqz(text_of(entry, "type"), "embeddings")) {
            set_embeddings(m);
            continue;
        }
        m->caps |= CAP_JSON_SCHEMA;
        if (str_eqz(text_of(entry, "type"), "vlm"))
            m->caps |= CAP_VISION;
        /* Before 0.3.16 the list had no capabilities; any model may be given tools. */
        const json_t *caps = json_object_get(entry, "capabilities");
        if (!caps || list_has(caps, "tool_use"))
            m->caps |= CAP_TOOLS;
    }
}

/* -- Ollama ------------------------------------------------------------------------- */

static void set_cloud(struct found_model *m, struct arena *a, struct str host)
{
    m->is_cloud = true;
    m->load = LOAD_UNKNOWN;
    m->context_tokens = 0;
    m->why = probe_name_is_usable(host)
                 ? arena_printf(a, "Ollama passes it on to %.*s", STR_ARG(host))
                 : STR("Ollama passes it on to its cloud");
}

/* Three signs, any one is enough: the engine says so, the tag says so, or there are no
 * weights on this machine. */
static void look_for_cloud(const json_t *entry, struct arena *a, struct found_model *m)
{
    struct str host = text_of(entry, "remote_host"),
               model = text_of(entry, "remote_model");
    struct str end = str_sub(m->name, m->name.n > 6 ? m->name.n - 6 : 0, m->name.n);
    bool has_tag = str_eq_nocase(end, STR("-cloud")) || str_eq_nocase(end, STR(":cloud"));
    if (host.n || model.n)
        set_cloud(m, a, host);
    else if (has_tag)
        set_cloud(m, a, STR(""));
    else if (json_object_get(entry, "size") && m->size_bytes < MIN_WEIGHTS_BYTES) {
        set_cloud(m, a, STR(""));
        m->why = STR("its weights are not on this machine");
    }
}

static void look_whether_loaded(const json_t *ps, struct found_model *m)
{
    size_t i;
    const json_t *entry;
    if (!json_is_array(json_object_get(ps, "models")))
        return;
    m->load = LOAD_NO;
    json_array_foreach(json_object_get(ps, "models"), i,
                       entry) if (str_eq(text_of(entry, "name"), m->name))
    {
        m->load = LOAD_YES;
        m->context_tokens = number_of(entry, "context_length");
    }
}

void probe_models_ollama(const json_t *tags, const json_t *ps, struct arena *a,
                         struct found_engine *e)
{
    size_t i;
    const json_t *entry;
    json_array_foreach(json_object_get(tags, "models"), i, entry)
    {
        struct found_model *m = add(e, a, text_of(entry, "name"));
        const json_t *details = json_object_get(entry, "details");
        if (!m)
            continue;
        uint64_t params = probe_params(text_of(details, "parameter_size"));
        if (params)
            m->params = params;
        m->size_bytes = number_of(entry, "size");
        m->trained_tokens = number_of(details, "context_length");
        if (sounds_like_embeddings(m->name) ||
            str_contains_nocase(text_of(details, "family"), STR("bert")))
            set_embeddings(m);
        look_whether_loaded(ps, m);
        look_for_cloud(entry, a, m);
    }
}

/* "num_ctx   8192\nstop ...": the parameters are text, a name and a value a line. */
static uint64_t num_ctx_of(struct str parameters)
{
    struct str line;
    uint64_t n = 0;
    while (str_split(&parameters, '\n', &line)) {
        line = str_trim(line);
        if (str_starts(line, STR("num_ctx")) &&
            !str_to_u64(str_trim(str_sub(line, 7, line.n)), &n))
            n = 0;
    }
    return n;
}

/* "llama.context_length": the architecture is part of the name. */
static uint64_t trained_of(json_t *info)
{
    const char *key;
    json_t *value;
    json_object_foreach(info, key,
                        value) if (str_ends(str_of(key), STR(".context_length")) &&
                                   json_integer_value(value) >
                                       0) return (uint64_t)json_integer_value(value);
    return 0;
}

static void read_capabilities(const json_t *caps, struct found_model *m)
{
    if (!json_is_array(caps))
        return;
    if (list_has(caps, "embedding") && !list_has(caps, "completion")) {
        set_embeddings(m);
        return;
    }
    m->caps = CAP_CHAT | CAP_JSON_SCHEMA;
    if (list_has(caps, "tools"))
        m->caps |= CAP_TOOLS;
    if (list_has(caps, "vision"))
        m->caps |= CAP_VISION;
    if (list_has(caps, "audio"))
        m->caps |= CAP_AUDIO;
}

/* Whoever made the model may have said it.  What is in memory with more room keeps it. */
static void choose_context(const json_t *doc, struct found_model *m)
{
    uint64_t said = num_ctx_of(text_of(doc, "parameters")),
             loaded = m->load == LOAD_YES ? m->context_tokens : 0,
             room = ollama_room(json_object_get(doc, "model_info"), m->size_bytes,
                                m->trained_tokens);
    if (m->caps & CAP_EMBEDDINGS)
        m->context_tokens = loaded ? loaded : said;
    else
        m->context_tokens = said ? said : loaded > room ? loaded : room;
}

void probe_ollama_show(struct str body, struct arena *a, struct found_model *m)
{
    json_t *doc = json_loadb(body.p, body.n, 0, NULL);
    if (!json_is_object(doc)) {
        json_decref(doc);
        return;
    }
    struct str host = text_of(doc, "remote_host");
    uint64_t trained = trained_of(json_object_get(doc, "model_info"));
    if (trained)
        m->trained_tokens = trained;
    if (!m->is_cloud && (host.n || text_of(doc, "remote_model").n))
        set_cloud(m, a, host);
    read_capabilities(json_object_get(doc, "capabilities"), m);
    if (m->is_cloud)
        m->context_tokens = m->trained_tokens;
    else
        choose_context(doc, m);
    json_decref(doc);
}
