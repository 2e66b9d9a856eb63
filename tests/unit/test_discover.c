/* test_discover.c -- engines by their fingerprints, from answers of the shapes that each
 * engine documents, and lookalikes that must count as cloud.
 *
 * The shapes: Ollama docs/api.md (/api/version, /api/tags, /api/ps, /api/show),
 * LM Studio REST v0, llama-server (recorded from 0.5.0), vLLM's OpenAI server.
 *
 * Long because what each engine answers stands beside the test that reads it. */
#include "config/config.h"
#include "discover/probe.h"
#include "discover/yaml.h"
#include "supervise/child.h"

#include "core/mem.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define DIGEST "\"9f438cb9cd581fc025612d27f7c1a6669ff83a8bb0ed86c94fcf4c5440555697\""
#define OLLAMA_MODEL(name, size, params, more)                                           \
    "{\"name\":\"" name "\",\"model\":\"" name "\",\"modified_at\":\"2026-01-01T00:00:"  \
    "00Z\",\"size\":" size ",\"digest\":" DIGEST ",\"details\":{\"format\":\"gguf\","    \
    "\"family\":\"llama\",\"parameter_size\":\"" params                                  \
    "\",\"quantization_level\":\"Q4_K_M\"}" more "}"

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

/* One place and what it answers; everything else is a 404. */
struct answer {
    enum probe_question q;
    int status;
    const char *body;
};

struct looked {
    struct discovery *d;
    struct found_engine *e; /* NULL: no engine */
};

static struct discovery *empty(void)
{
    struct discovery *d = mem_new(struct discovery);
    assert_non_null(d);
    arena_init(&d->arena, DISCOVER_ARENA_BYTES);
    return d;
}

static struct looked look(const struct answer *answers, size_t n, bool is_child)
{
    struct probe_answer all[PROBE_QUESTIONS];
    struct looked l = {.d = empty()};
    struct found_engine *e = &l.d->engines[0];
    for (int q = 0; q < PROBE_QUESTIONS; q++)
        all[q] = (struct probe_answer){404, STR("404 page not found")};
    for (size_t i = 0; i < n; i++)
        all[answers[i].q] =
            (struct probe_answer){answers[i].status, str_of(answers[i].body)};
    *e = (struct found_engine){.name = STR("e"), .url = STR("http://127.0.0.1:9/v1")};
    if (probe_engine(all, is_child, &l.d->arena, e)) {
        l.d->nengines = 1;
        l.e = e;
    }
    return l;
}
#define LOOK(answers) look((answers), ARRAY_LEN(answers), false)

static void assert_str(struct str got, const char *wanted)
{
    if (!str_eqz(got, wanted))
        fail_msg("got '%.*s', wanted '%s'", STR_ARG(got), wanted);
}

static const struct found_model *model(const struct found_engine *e, const char *name)
{
    for (size_t i = 0; i < e->nmodels; i++)
        if (str_eqz(e->models[i].name, name))
            return &e->models[i];
    fail_msg("no model %s", name);
    return NULL;
}

/* -- Ollama ------------------------------------------------------------------------- */

#define REMOTE ",\"remote_host\":\"https://ollama.com:443\""

static const struct answer ollama[] = {
    {PROBE_ROOT, 200, "Ollama is running"},
    {PROBE_OLLAMA_VERSION, 200, "{\"version\":\"0.12.3\"}"},
    {PROBE_OLLAMA_TAGS, 200,
     "{\"models\":["
     /* clang-format off */
     OLLAMA_MODEL("qwen2.5:7b", "4683087332", "7.6B", "") ","
     OLLAMA_MODEL("llama3.2:1b", "1321098329", "1.2B", "") ","
     OLLAMA_MODEL("gpt-oss:120b-cloud", "384", "116.8B", REMOTE) ","
     OLLAMA_MODEL("renamed", "2019393189", "70B", REMOTE) ","
     OLLAMA_MODEL("stub", "402", "8B", "") ","
     OLLAMA_MODEL("nomic-embed-text:latest", "274302450", "137M", "")
     /* clang-format on */
     "]}"},
    {PROBE_OLLAMA_PS, 200,
     "{\"models\":[{\"name\":\"qwen2.5:7b\",\"model\":\"qwen2.5:7b\",\"size\":6000000000,"
     "\"size_vram\":6000000000,\"context_length\":8192}]}"},
    {PROBE_V1_MODELS, 200,
     "{\"object\":\"list\",\"data\":[{\"id\":\"qwen2.5:7b\",\"object\":\"model\","
     "\"owned_by\":\"library\"}]}"},
};

static void ollama_is_local_and_its_cloud_models_are_not(void **state)
{
    struct looked l = LOOK(ollama);
    (void)state;
    assert_non_null(l.e);
    assert_int_equal(l.e->kind, ENGINE_OLLAMA);
    assert_int_equal(l.e->side, SIDE_LOCAL);
    assert_true(str_find(l.e->why, STR("Ollama 0.12.3")) >= 0);
    assert_int_equal(l.e->nmodels, 6);
    assert_false(model(l.e, "qwen2.5:7b")->is_cloud);
    assert_int_equal(model(l.e, "qwen2.5:7b")->load, LOAD_YES);
    assert_int_equal(model(l.e, "qwen2.5:7b")->context_tokens, 8192);
    assert_int_equal(model(l.e, "qwen2.5:7b")->params, 7600000000);
    assert_int_equal(model(l.e, "llama3.2:1b")->load, LOAD_NO);
    assert_int_equal(model(l.e, "llama3.2:1b")->context_tokens, 0);
    assert_true(model(l.e, "gpt-oss:120b-cloud")->is_cloud);
    assert_str(model(l.e, "gpt-oss:120b-cloud")->why,
               "Ollama passes it on to https://ollama.com:443");
    assert_true(model(l.e, "renamed")->is_cloud);
    assert_true(model(l.e, "stub")->is_cloud);
    assert_int_equal(model(l.e, "nomic-embed-text:latest")->caps, CAP_EMBEDDINGS);
    discover_free(l.d);
}

static void ollama_show_tells_context_capabilities_and_cloud(void **state)
{
    static const struct {
        const char *body;
        enum load_state load;
        uint64_t context, trained;
        unsigned caps;
        bool is_cloud;
    } rows[] = {
        {"{\"parameters\":\"stop \\\"<x>\\\"\\nnum_ctx                        16384\","
         "\"model_info\":{\"general.architecture\":\"qwen2\",\"qwen2.context_length\":"
         "32768},\"capabilities\":[\"completion\",\"tools\"]}",
         LOAD_NO, 16384, 32768, CAP_CHAT | CAP_JSON_SCHEMA | CAP_TOOLS, false},
        {"{\"model_info\":{\"llama.context_length\":131072},\"capabilities\":["
         "\"completion\",\"vision\"]}",
         LOAD_NO, 0, 131072, CAP_CHAT | CAP_JSON_SCHEMA | CAP_VISION, false},
        {"{\"parameters\":\"num_ctx 16384\",\"model_info\":{}}", LOAD_YES, 4096, 0,
         CAP_CHAT, false},
        {"{\"capabilities\":[\"embedding\"]}", LOAD_NO, 0, 0, CAP_EMBEDDINGS, false},
        {"{\"remote_host\":\"https://ollama.com:443\",\"remote_model\":\"glm\","
         "\"model_info\":{\"glm.context_length\":200000}}",
         LOAD_NO, 200000, 200000, CAP_CHAT, true},
        {"not json", LOAD_NO, 0, 0, CAP_CHAT, false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct discovery *d = empty();
        struct found_model m = {.name = STR("m"),
                                .caps = CAP_CHAT,
                                .load = rows[i].load,
                                .context_tokens = rows[i].load == LOAD_YES ? 4096 : 0};
        probe_ollama_show(str_of(rows[i].body), &d->arena, &m);
        assert_int_equal(m.context_tokens, rows[i].context);
        assert_int_equal(m.trained_tokens, rows[i].trained);
        assert_int_equal(m.caps, rows[i].caps);
        assert_int_equal(m.is_cloud, rows[i].is_cloud);
        discover_free(d);
    }
}

/* -- the other three ------------------------------------------------------------------
 */

static void lm_studio_by_its_own_list(void **state)
{
    static const struct answer answers[] = {
        {PROBE_LM_STUDIO, 200,
         "{\"object\":\"list\",\"data\":[{\"id\":\"gemma-3-4b-it\",\"object\":\"model\","
         "\"type\":\"vlm\",\"publisher\":\"lmstudio-community\",\"arch\":\"gemma3\","
         "\"compatibility_type\":\"gguf\",\"quantization\":\"Q4_K_M\",\"state\":"
         "\"loaded\",\"max_context_length\":131072,\"loaded_context_length\":4096,"
         "\"capabilities\":[\"tool_use\"]},{\"id\":\"text-embedding-nomic\",\"object\":"
         "\"model\",\"type\":\"embeddings\",\"compatibility_type\":\"gguf\",\"state\":"
         "\"not-loaded\",\"max_context_length\":2048}]}"},
        {PROBE_V1_MODELS, 200, "{\"data\":[{\"id\":\"gemma-3-4b-it\"}]}"},
    };
    struct looked l = LOOK(answers);
    (void)state;
    assert_non_null(l.e);
    assert_int_equal(l.e->kind, ENGINE_LM_STUDIO);
    assert_int_equal(l.e->side, SIDE_LOCAL);
    const struct found_model *m = model(l.e, "gemma-3-4b-it");
    assert_int_equal(m->load, LOAD_YES);
    assert_int_equal(m->context_tokens, 4096);
    assert_int_equal(m->trained_tokens, 131072);
    assert_int_equal(m->params, 4000000000);
    assert_int_equal(m->caps, CAP_CHAT | CAP_JSON_SCHEMA | CAP_VISION | CAP_TOOLS);
    assert_int_equal(model(l.e, "text-embedding-nomic")->caps, CAP_EMBEDDINGS);
    assert_int_equal(model(l.e, "text-embedding-nomic")->load, LOAD_NO);
    discover_free(l.d);
}

#define LLAMA_PROPS                                                                      \
    "{\"default_generation_settings\":{\"n_ctx\":1024},\"total_slots\":2,"               \
    "\"model_alias\":\"weir-tiny\",\"model_path\":\"models/tiny.gguf\",\"modalities\":{" \
    "\"vision\":false,\"audio\":false},\"chat_template_caps\":{\"supports_tools\":"      \
    "false},\"build_info\":\"b1-de3ff81\"}"
#define LLAMA_MODELS                                                                     \
    "{\"models\":[{\"name\":\"weir-tiny\"}],\"object\":\"list\",\"data\":[{\"id\":"      \
    "\"weir-tiny\",\"object\":\"model\",\"owned_by\":\"llamacpp\",\"meta\":{\"n_ctx\":"  \
    "1024,\"n_ctx_train\":2048,\"n_params\":134848,\"size\":539392}}]}"

/* One place, several models: each is asked about by itself, and one that is not loaded
 * tells of itself by what it would be started with. */
static void a_router_tells_of_each_model(void **state)
{
    static const struct answer answers[] = {
        {PROBE_PROPS, 200,
         "{\"role\":\"router\",\"build_info\":\"b7\",\"default_generation_settings\":{"
         "\"n_ctx\":0}}"},
        {PROBE_V1_MODELS, 200,
         "{\"data\":[{\"id\":\"gemma\",\"owned_by\":\"llamacpp\",\"status\":{\"value\":"
         "\"loaded\"}},"
         "{\"id\":\"qwen\",\"owned_by\":\"llamacpp\",\"status\":{\"value\":\"unloaded\","
         "\"args\":[\"llama-server\",\"--ctx-size\",\"65536\",\"--mmproj\",\"p.gguf\"]}},"
         "{\"id\":\"two\",\"owned_by\":\"llamacpp\",\"status\":{\"value\":\"unloaded\","
         "\"args\":[\"-c\",\"8192\",\"-np\",\"4\"]}},"
         "{\"id\":\"e\",\"owned_by\":\"llamacpp\",\"status\":{\"value\":\"unloaded\","
         "\"args\":[\"--ctx-size=512\",\"--embeddings\"]}}]}"},
    };
    struct looked l = LOOK(answers);
    (void)state;
    assert_non_null(l.e);
    assert_true(l.e->is_router);
    struct found_model *gemma = &l.e->models[0];
    assert_int_equal(gemma->context_tokens, 0);
    assert_int_equal(gemma->load, LOAD_YES);
    probe_llama_props(STR("{\"default_generation_settings\":{\"n_ctx\":8192},"
                          "\"modalities\":{\"vision\":true,\"audio\":true},"
                          "\"chat_template_caps\":{\"supports_tools\":false}}"),
                      gemma);
    assert_int_equal(gemma->context_tokens, 8192);
    assert_int_equal(gemma->caps, CAP_CHAT | CAP_JSON_SCHEMA | CAP_VISION | CAP_AUDIO);
    assert_int_equal(gemma->caps_unknown, 0);
    probe_llama_props(STR("not JSON"), gemma);
    assert_int_equal(gemma->context_tokens, 8192);
    const struct found_model *qwen = model(l.e, "qwen");
    assert_int_equal(qwen->context_tokens, 65536);
    assert_int_equal(qwen->caps, CAP_CHAT | CAP_JSON_SCHEMA | CAP_VISION);
    assert_int_equal(qwen->caps_unknown & CAP_TOOLS, CAP_TOOLS);
    assert_int_equal(model(l.e, "two")->context_tokens, 2048);
    assert_int_equal(model(l.e, "e")->caps, CAP_EMBEDDINGS);
    assert_int_equal(model(l.e, "e")->context_tokens, 512);
    discover_free(l.d);
}

static void llama_server_by_props_and_owner(void **state)
{
    static const struct answer answers[] = {
        {PROBE_PROPS, 200, LLAMA_PROPS},
        {PROBE_V1_MODELS, 200, LLAMA_MODELS},
        {PROBE_OLLAMA_TAGS, 200, "{\"models\":[{\"name\":\"weir-tiny\"}]}"},
    };
    struct looked l = LOOK(answers);
    (void)state;
    assert_non_null(l.e);
    assert_int_equal(l.e->kind, ENGINE_LLAMA_SERVER);
    assert_int_equal(l.e->side, SIDE_LOCAL);
    assert_int_equal(l.e->slots, 2);
    const struct found_model *m = model(l.e, "weir-tiny");
    assert_int_equal(m->context_tokens, 1024);
    assert_int_equal(m->trained_tokens, 2048);
    assert_int_equal(m->params, 134848);
    assert_int_equal(m->load, LOAD_YES);
    assert_int_equal(m->caps, CAP_CHAT | CAP_JSON_SCHEMA);
    discover_free(l.d);
}

#define VLLM_MODELS                                                                      \
    "{\"object\":\"list\",\"data\":[{\"id\":\"Qwen/Qwen2.5-14B-Instruct\",\"object\":"   \
    "\"model\",\"created\":1,\"owned_by\":\"vllm\",\"root\":\"Qwen/"                     \
    "Qwen2.5-14B-Instruct\",\"parent\":null,\"max_model_len\":32768,\"permission\":[]}"  \
    "]}"
#define VLLM_METRICS                                                                     \
    "# HELP vllm:num_requests_running Number of requests\n"                              \
    "# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running 0.0\n"

static void vllm_by_version_metrics_and_owner(void **state)
{
    static const struct answer answers[] = {
        {PROBE_VERSION, 200, "{\"version\":\"0.11.0\"}"},
        {PROBE_METRICS, 200, VLLM_METRICS},
        {PROBE_V1_MODELS, 200, VLLM_MODELS},
    };
    static const struct answer locked[] = {
        {PROBE_VERSION, 200, "{\"version\":\"0.11.0\"}"},
        {PROBE_METRICS, 200, VLLM_METRICS},
        {PROBE_V1_MODELS, 401, "{\"error\":\"Unauthorized\"}"},
    };
    struct looked l = LOOK(answers);
    (void)state;
    assert_non_null(l.e);
    assert_int_equal(l.e->kind, ENGINE_VLLM);
    assert_int_equal(l.e->side, SIDE_LOCAL);
    const struct found_model *m = model(l.e, "Qwen/Qwen2.5-14B-Instruct");
    assert_int_equal(m->context_tokens, 32768);
    assert_int_equal(m->params, 14000000000);
    assert_int_equal(m->caps, CAP_CHAT | CAP_JSON_SCHEMA);
    assert_int_equal(m->caps_unknown, CAP_TOOLS | CAP_VISION | CAP_AUDIO | CAP_FILES);
    discover_free(l.d);
    l = LOOK(locked);
    assert_non_null(l.e);
    assert_int_equal(l.e->side, SIDE_LOCAL);
    assert_true(l.e->problem.n > 0);
    discover_free(l.d);
}

/* -- lookalikes ------------------------------------------------------------------------
 */

/* Each is on loopback and each could hand the prompt to anybody. */
static void lookalikes_count_as_cloud(void **state)
{
    static const struct answer litellm[] = {
        {PROBE_ROOT, 200, "\"LiteLLM: RUNNING\""},
        {PROBE_V1_MODELS, 200,
         "{\"data\":[{\"id\":\"gpt-4o\",\"object\":\"model\",\"created\":1677610602,"
         "\"owned_by\":\"openai\"}],\"object\":\"list\"}"},
    };
    /* A gateway that passes an engine's list through, owner and all. */
    static const struct answer bridge_to_vllm[] = {{PROBE_V1_MODELS, 200, VLLM_MODELS}};
    static const struct answer bridge_to_llama[] = {{PROBE_V1_MODELS, 200, LLAMA_MODELS}};
    /* One that copies /version too, as many web services have it. */
    static const struct answer versioned[] = {
        {PROBE_VERSION, 200, "{\"version\":\"1.2.3\"}"},
        {PROBE_METRICS, 200, "litellm_requests_total 3\n"},
        {PROBE_V1_MODELS, 200, VLLM_MODELS},
    };
    /* llama.cpp's props before a list of somebody else's models. */
    static const struct answer props_only[] = {
        {PROBE_PROPS, 200, LLAMA_PROPS},
        {PROBE_V1_MODELS, 200,
         "{\"data\":[{\"id\":\"m\",\"owned_by\":\"llamacpp\"},{\"id\":\"gpt-4o\","
         "\"owned_by\":\"openai\"}]}"},
    };
    /* An adapter that imitates Ollama's list without weights behind it. */
    static const struct answer like_ollama[] = {
        {PROBE_ROOT, 200, "Ollama is running"},
        {PROBE_OLLAMA_VERSION, 200, "{\"version\":\"0.6.4\"}"},
        {PROBE_OLLAMA_TAGS, 200, "{\"models\":[{\"name\":\"gpt-4o:latest\"}]}"},
        {PROBE_V1_MODELS, 200, "{\"data\":[{\"id\":\"gpt-4o\"}]}"},
    };
    static const struct {
        const struct answer *answers;
        size_t n;
    } rows[] = {
        {litellm, ARRAY_LEN(litellm)},
        {bridge_to_vllm, ARRAY_LEN(bridge_to_vllm)},
        {bridge_to_llama, ARRAY_LEN(bridge_to_llama)},
        {versioned, ARRAY_LEN(versioned)},
        {props_only, ARRAY_LEN(props_only)},
        {like_ollama, ARRAY_LEN(like_ollama)},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct looked l = look(rows[i].answers, rows[i].n, false);
        assert_non_null(l.e);
        if (l.e->side != SIDE_CLOUD || l.e->kind != ENGINE_OPENAI)
            fail_msg("lookalike %zu counts as %s", i, side_name(l.e->side));
        for (size_t k = 0; k < l.e->nmodels; k++)
            assert_true(l.e->models[k].is_cloud);
        discover_free(l.d);
    }
}

static void what_is_no_engine_is_left_alone(void **state)
{
    static const struct answer web[] = {{PROBE_ROOT, 200, "<html>"},
                                        {PROBE_V1_MODELS, 404, "<html>"}};
    static const struct answer html[] = {{PROBE_V1_MODELS, 200, "<html>"}};
    static const struct answer weir[] = {
        {PROBE_V1_MODELS, 200, "{\"data\":[{\"id\":\"auto\",\"owned_by\":\"weir\"}]}"}};
    static const struct answer null[] = {{PROBE_V1_MODELS, 200, "null"},
                                         {PROBE_OLLAMA_TAGS, 200, "[1,2]"},
                                         {PROBE_LM_STUDIO, 200, "{\"data\":3}"}};
    (void)state;
    struct looked l[] = {LOOK(web), LOOK(html), LOOK(weir), LOOK(null)};
    for (size_t i = 0; i < ARRAY_LEN(l); i++) {
        assert_null(l[i].e);
        discover_free(l[i].d);
    }
}

static void who_asks_for_a_key_is_shown_and_not_used(void **state)
{
    /* llama-server with --api-key, as recorded. */
    static const struct answer locked[] = {
        {PROBE_V1_MODELS, 401,
         "{\"error\":{\"message\":\"Invalid API Key\",\"type\":\"authentication_error\","
         "\"code\":401}}"}};
    static const struct answer password[] = {{PROBE_V1_MODELS, 401, "<html>"}};
    (void)state;
    struct looked l = LOOK(locked);
    assert_non_null(l.e);
    assert_int_equal(l.e->side, SIDE_CLOUD);
    assert_true(str_find(l.e->problem, STR("API key")) > 0);
    discover_free(l.d);
    l = LOOK(password);
    assert_null(l.e);
    discover_free(l.d);
}

static void an_engine_weir_started_is_local(void **state)
{
    static const struct answer answers[] = {
        {PROBE_V1_MODELS, 200, "{\"data\":[{\"id\":\"tiny\",\"owned_by\":\"me\"}]}"}};
    (void)state;
    struct looked l = look(answers, 1, true);
    assert_non_null(l.e);
    assert_int_equal(l.e->side, SIDE_LOCAL);
    assert_false(l.e->models[0].is_cloud);
    discover_free(l.d);
}

static void names_that_could_hurt_are_left_out(void **state)
{
    static const struct answer answers[] = {
        {PROBE_V1_MODELS, 200,
         "{\"data\":[{\"id\":\"ok\"},{\"id\":\"\\u001b[2J\"},{\"id\":\"a\\nb: c\"},"
         "{\"id\":\"\"},{\"id\":7},{\"id\":\"q\\\"\"},{\"id\":\"ok\"}]}"}};
    (void)state;
    struct looked l = LOOK(answers);
    assert_non_null(l.e);
    assert_int_equal(l.e->nmodels, 1);
    assert_str(l.e->models[0].name, "ok");
    assert_int_equal(l.e->nleft_out, 5);
    discover_free(l.d);
}

static void parameters_from_words(void **state)
{
    static const struct {
        const char *text;
        uint64_t size, of_name;
    } rows[] = {
        {"7.6B", 7600000000, 7600000000},
        {"134.52M", 134520000, 0},
        {"8x7B", 56000000000, 56000000000},
        {"", 0, 0},
        {"B", 0, 0},
        {"qwen2.5:7b", 0, 7000000000},
        {"llama-3.1-8b-instruct", 0, 8000000000},
        {"qwen3-30b-a3b", 0, 30000000000},
        {"gpt-oss:120b-cloud", 0, 120000000000},
        {"nomic-embed-text", 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(probe_params(str_of(rows[i].text)), rows[i].size);
        assert_int_equal(probe_params_of_name(str_of(rows[i].text)), rows[i].of_name);
    }
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

/* -- the engine child ------------------------------------------------------------------
 */

static void a_command_is_words_without_a_shell(void **state)
{
    struct child c;
    struct err err;
    (void)state;
    assert_int_equal(child_init(&c, "run  \"a b\" --m={model} -p {port} 'x; rm y'",
                                "/models/my model.gguf", 4711, "/dev/null", &err),
                     0);
    static const char *const words[] = {
        "run", "a b", "--m=/models/my model.gguf", "-p", "4711", "x; rm y", NULL};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (words[i])
            assert_string_equal(c.argv[i], words[i]);
        else
            assert_null(c.argv[i]);
    }
    child_release(&c);
    assert_int_equal(child_init(&c, "run {model}", "m", 1, "/dev/null", &err), -1);
    assert_non_null(strstr(err.msg, "{port}"));
}

static void pause_ms(long ms)
{
    const struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

/* The death is seen, the wait doubles, and the wait ends. */
static void a_child_that_dies_is_restarted_later_and_later(void **state)
{
    struct child c;
    struct err err;
    char words[64];
    uint64_t now = 1000000;
    (void)state;
    assert_int_equal(child_init(&c, "sh -c 'echo no {model} {port} >&2; exit 3'", "m", 1,
                                "/tmp/weir-test-child.log", &err),
                     0);
    assert_int_equal(child_start(&c, &err), 0);
    for (uint32_t wait_ms = 1000; wait_ms <= 30000 && c.deaths < 8;) {
        enum child_event event = CHILD_SAME;
        c.started_ms = now;
        for (int i = 0; i < 200 && event != CHILD_DIED; i++, pause_ms(10))
            event = child_poll(&c, now);
        assert_int_equal(event, CHILD_DIED);
        assert_int_equal(c.backoff_ms, wait_ms);
        assert_int_equal(child_poll(&c, now + wait_ms - 1), CHILD_SAME);
        assert_int_equal(child_poll(&c, now + wait_ms), CHILD_RESTARTED);
        now += wait_ms;
        wait_ms = wait_ms * 2 < 30000 ? wait_ms * 2 : 30000;
    }
    assert_int_equal(c.backoff_ms, 30000);
    child_last_words(&c, words, sizeof words);
    assert_non_null(strstr(words, "no m 1"));
    child_stop(&c, 1000);
    child_release(&c);
    unlink("/tmp/weir-test-child.log");
}

static void a_child_that_ignores_term_is_killed(void **state)
{
    struct child c;
    struct err err;
    (void)state;
    assert_int_equal(child_init(&c, "sh -c 'trap \"\" TERM; sleep 60; : {model} {port}'",
                                "m", 1, "/dev/null", &err),
                     0);
    assert_int_equal(child_start(&c, &err), 0);
    pid_t pid = c.pid;
    pause_ms(200);
    child_stop(&c, 200);
    assert_int_equal(c.pid, 0);
    assert_int_equal(kill(pid, 0), -1);
    child_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_router_tells_of_each_model),
        cmocka_unit_test(ollama_is_local_and_its_cloud_models_are_not),
        cmocka_unit_test(ollama_show_tells_context_capabilities_and_cloud),
        cmocka_unit_test(lm_studio_by_its_own_list),
        cmocka_unit_test(llama_server_by_props_and_owner),
        cmocka_unit_test(vllm_by_version_metrics_and_owner),
        cmocka_unit_test(lookalikes_count_as_cloud),
        cmocka_unit_test(what_is_no_engine_is_left_alone),
        cmocka_unit_test(who_asks_for_a_key_is_shown_and_not_used),
        cmocka_unit_test(an_engine_weir_started_is_local),
        cmocka_unit_test(names_that_could_hurt_are_left_out),
        cmocka_unit_test(parameters_from_words),
        cmocka_unit_test(every_listed_cloud_model_is_in_the_price_list),
        cmocka_unit_test(a_key_with_a_line_end_in_it_is_named),
        cmocka_unit_test(roles_by_size_load_and_price),
        cmocka_unit_test(what_is_found_is_a_configuration_without_the_key),
        cmocka_unit_test(awkward_names_survive_yaml),
        cmocka_unit_test(a_model_called_auto_gets_its_engines_name),
        cmocka_unit_test(with_nothing_found_the_simulated_ones_serve),
        cmocka_unit_test(an_engine_that_is_busy_is_kept_twice),
        cmocka_unit_test(somebody_else_on_the_port_replaces_it),
        cmocka_unit_test(a_command_is_words_without_a_shell),
        cmocka_unit_test(a_child_that_dies_is_restarted_later_and_later),
        cmocka_unit_test(a_child_that_ignores_term_is_killed),
    };
    return cmocka_run_group_tests(tests, load_prices, free_prices);
}
