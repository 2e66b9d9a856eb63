/* probe.c -- whose answers are these?  One recogniser a kind of engine.
 *
 * A fingerprint must be more than a list of models: every gateway has one of those, and
 * a gateway on loopback (LiteLLM, an OpenRouter bridge) sends its prompts to the cloud.
 * So each recogniser wants at least two answers that only the engine itself gives.
 *
 * What the answers say about models: probe_models.c. */
#include "discover/probe_models.h"

const char *probe_path(enum probe_question q)
{
    static const char *const paths[PROBE_QUESTIONS] = {
        [PROBE_V1_MODELS] = "/v1/models",
        [PROBE_ROOT] = "/",
        [PROBE_OLLAMA_VERSION] = "/api/version",
        [PROBE_OLLAMA_TAGS] = "/api/tags",
        [PROBE_OLLAMA_PS] = "/api/ps",
        [PROBE_LM_STUDIO] = "/api/v0/models",
        [PROBE_PROPS] = "/props",
        [PROBE_VERSION] = "/version",
        [PROBE_METRICS] = "/metrics",
    };
    return paths[q];
}

/* The answers of one place, read once. */
struct place {
    const struct probe_answer *answers;
    json_t *docs[PROBE_QUESTIONS]; /* NULL: no 200, or not JSON */
    struct arena *arena;
};

static void place_read(struct place *p, const struct probe_answer *answers,
                       struct arena *a)
{
    *p = (struct place){.answers = answers, .arena = a};
    for (int q = 0; q < PROBE_QUESTIONS; q++)
        if (answers[q].status == 200 && answers[q].body.n)
            p->docs[q] = json_loadb(answers[q].body.p, answers[q].body.n,
                                    JSON_REJECT_DUPLICATES, NULL);
}

static void place_release(struct place *p)
{
    for (int q = 0; q < PROBE_QUESTIONS; q++)
        json_decref(p->docs[q]);
}

/* A short printable text, or "". */
static const char *word(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s && strlen(s) < 40 && probe_name_is_usable(str_of(s)) ? s : "";
}

/* Every entry of the list /v1/models gives is owned by `owner`, and there is one. */
static bool all_owned_by(const json_t *v1, const char *owner)
{
    size_t i;
    const json_t *entry, *data = json_object_get(v1, "data");
    json_array_foreach(data, i, entry)
    {
        const char *by = json_string_value(json_object_get(entry, "owned_by"));
        if (!by || strcmp(by, owner) != 0)
            return false;
    }
    return json_array_size(data) > 0;
}

static void found(struct place *p, struct found_engine *e, enum engine_kind kind,
                  const char *name, const char *version, const char *proof)
{
    e->kind = kind;
    e->side = SIDE_LOCAL;
    e->why = arena_printf(p->arena, "%s%s%s on loopback: %s", name, *version ? " " : "",
                          version, proof);
}

static bool is_llama_server(struct place *p, struct found_engine *e)
{
    const json_t *props = p->docs[PROBE_PROPS], *v1 = p->docs[PROBE_V1_MODELS];
    const json_t *slots = json_object_get(props, "total_slots");
    bool is_router = strcmp(word(props, "role"), "router") == 0;
    if (!json_object_get(props, "build_info") || (!slots && !is_router))
        return false;
    if (!all_owned_by(v1, "llamacpp"))
        return false;
    found(p, e, ENGINE_LLAMA_SERVER, "llama-server", word(props, "build_info"),
          "/props and its models say so");
    long long n = json_integer_value(slots);
    e->slots = n > 0 && n < 4096 ? (uint32_t)n : 0;
    probe_models_llama_server(v1, props, p->arena, e);
    return true;
}

static bool tags_have_digests(const json_t *tags)
{
    size_t i;
    const json_t *m, *models = json_object_get(tags, "models");
    json_array_foreach(
        models, i, m) if (json_string_length(json_object_get(m, "digest")) < 12 ||
                          !json_is_object(json_object_get(m, "details"))) return false;
    return json_is_array(models);
}

static bool any_owned_by(const json_t *v1, const char *owner)
{
    size_t i;
    const json_t *entry, *data = json_object_get(v1, "data");
    json_array_foreach(data, i, entry)
    {
        const char *by = json_string_value(json_object_get(entry, "owned_by"));
        if (by && strcmp(by, owner) == 0)
            return true;
    }
    return false;
}

static bool is_ollama(struct place *p, struct found_engine *e)
{
    const struct probe_answer *root = &p->answers[PROBE_ROOT];
    const char *version = word(p->docs[PROBE_OLLAMA_VERSION], "version");
    if (!*version || !tags_have_digests(p->docs[PROBE_OLLAMA_TAGS]) ||
        root->status != 200 || !str_starts(root->body, STR("Ollama is running")) ||
        any_owned_by(p->docs[PROBE_V1_MODELS], "weir")) /* which answers like Ollama */
        return false;
    found(p, e, ENGINE_OLLAMA, "Ollama", version, "its own API answers");
    probe_models_ollama(p->docs[PROBE_OLLAMA_TAGS], p->docs[PROBE_OLLAMA_PS], p->arena,
                        e);
    return true;
}

static bool is_lm_studio(struct place *p, struct found_engine *e)
{
    size_t i;
    const json_t *m, *data = json_object_get(p->docs[PROBE_LM_STUDIO], "data");
    json_array_foreach(data, i, m) if (!*word(m, "type") || !*word(m, "state") ||
                                       !*word(m, "compatibility_type")) return false;
    if (!json_is_array(data))
        return false;
    found(p, e, ENGINE_LM_STUDIO, "LM Studio", "", "its own API answers");
    probe_models_lm_studio(p->docs[PROBE_LM_STUDIO], p->arena, e);
    return true;
}

static bool is_vllm(struct place *p, struct found_engine *e)
{
    const char *version = word(p->docs[PROBE_VERSION], "version");
    const struct probe_answer *metrics = &p->answers[PROBE_METRICS];
    if (!*version || metrics->status != 200 || str_find(metrics->body, STR("vllm:")) < 0)
        return false;
    bool is_locked = p->answers[PROBE_V1_MODELS].status == 401;
    if (!is_locked && !all_owned_by(p->docs[PROBE_V1_MODELS], "vllm"))
        return false;
    found(p, e, ENGINE_VLLM, "vLLM", version, "/version and /metrics are its own");
    if (is_locked)
        e->problem = STR("it asks for an API key; write it into a weir.yaml");
    probe_models_openai(p->docs[PROBE_V1_MODELS], p->arena, e);
    return true;
}

/* Somebody speaks OpenAI here, and nothing says that the prompt stays. */
static bool is_unknown(struct place *p, struct found_engine *e)
{
    const json_t *v1 = p->docs[PROBE_V1_MODELS];
    if (!json_is_array(json_object_get(v1, "data")) || any_owned_by(v1, "weir"))
        return false;
    e->kind = ENGINE_OPENAI;
    e->side = SIDE_CLOUD;
    e->why = STR("speaks OpenAI without a known fingerprint: it may be a proxy, and a "
                 "localhost address is not evidence of locality");
    probe_models_openai(v1, p->arena, e);
    return true;
}

/* A key is asked for, in JSON: an engine or a gateway that cannot be told apart without
 * it.  Web servers that want a password answer otherwise. */
static bool is_locked_place(struct place *p, struct found_engine *e)
{
    const struct probe_answer *v1 = &p->answers[PROBE_V1_MODELS];
    if (v1->status != 401)
        return false;
    json_t *doc = json_loadb(v1->body.p, v1->body.n, 0, NULL);
    bool speaks_json = json_is_object(doc);
    json_decref(doc);
    if (!speaks_json)
        return false;
    e->kind = ENGINE_OPENAI;
    e->side = SIDE_CLOUD;
    e->why = STR("answers /v1/models with 401");
    e->problem = STR("it asks for an API key; write it into a weir.yaml");
    return true;
}

/* What weir started itself runs here; its fingerprint only tells the dialect. */
static bool is_child_engine(struct place *p, struct found_engine *e)
{
    if (!is_llama_server(p, e) && !is_vllm(p, e) && !is_unknown(p, e))
        return false;
    e->side = SIDE_LOCAL;
    e->why = STR("started by this weir");
    for (size_t i = 0; i < e->nmodels; i++) {
        e->models[i].is_cloud = false;
        e->models[i].load = LOAD_YES;
    }
    return true;
}

bool probe_engine(const struct probe_answer answers[PROBE_QUESTIONS], bool is_child,
                  struct arena *a, struct found_engine *e)
{
    struct place p;
    place_read(&p, answers, a);
    bool is_found = is_child ? is_child_engine(&p, e)
                             : is_llama_server(&p, e) || is_ollama(&p, e) ||
                                   is_lm_studio(&p, e) || is_vllm(&p, e) ||
                                   is_unknown(&p, e) || is_locked_place(&p, e);
    place_release(&p);
    if (is_found && e->nmodels == 0 && e->problem.n == 0)
        e->problem = STR("it has no model yet");
    return is_found;
}
