/* test_discover.c -- engines by their fingerprints, from answers of the shapes that each
 * engine documents, and lookalikes that must count as cloud.
 *
 * The shapes: Ollama docs/api.md (/api/version, /api/tags, /api/ps, /api/show),
 * LM Studio REST v0, llama-server (recorded from 0.5.0), vLLM's OpenAI server. */
#include "found.h"

#include "discover/ollama_room.h"

/* -- Ollama ------------------------------------------------------------------------- */

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
         LOAD_NO, 8192, 131072, CAP_CHAT | CAP_JSON_SCHEMA | CAP_VISION, false},
        {"{\"model_info\":{\"llama.context_length\":2048},\"capabilities\":["
         "\"completion\"]}",
         LOAD_NO, 2048, 2048, CAP_CHAT | CAP_JSON_SCHEMA, false},
        {"{\"model_info\":{\"llama.context_length\":131072}}", LOAD_YES, 8192, 131072,
         CAP_CHAT, false},
        {"{\"parameters\":\"num_ctx 16384\",\"model_info\":{}}", LOAD_YES, 16384, 0,
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

/* Qwen 2.5 7B: 28 layers, 4 heads of 128 for keys and for values: 56 KiB a token. */
#define SEVEN_B                                                                          \
    "{\"qwen2.block_count\":28,\"qwen2.embedding_length\":3584,"                         \
    "\"qwen2.attention.head_count\":28,\"qwen2.attention.head_count_kv\":4}"

static void the_room_of_a_model_is_half_of_its_weights(void **state)
{
    static const struct {
        const char *info;
        uint64_t gib, trained, room;
    } rows[] = {
        {SEVEN_B, 5, 131072, 32768},
        {SEVEN_B, 1, 131072, 16384}, /* 1 GiB is always fine */
        {SEVEN_B, 5, 8192, 8192},
        {"{\"llama.block_count\":32,\"llama.embedding_length\":4096,"
         "\"llama.attention.head_count\":32}",
         4, 131072, 4096}, /* 512 KiB a token */
        {"{\"llama.block_count\":32,\"llama.embedding_length\":4096,"
         "\"llama.attention.head_count\":32,\"llama.attention.head_count_kv\":8,"
         "\"llama.attention.key_length\":128,\"llama.attention.value_length\":128}",
         5, 131072, 16384}, /* 128 KiB */
        {"{}", 5, 131072, 8192},
        {"{}", 5, 0, 8192},
        {"[]", 5, 0, 8192},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_t *info = json_loads(rows[i].info, 0, NULL);
        assert_non_null(info);
        assert_int_equal(ollama_room(info, rows[i].gib << 30, rows[i].trained),
                         rows[i].room);
        json_decref(info);
    }
    assert_int_equal(ollama_room(NULL, 0, 4096), 4096);
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
        {PROBE_ROOT, 200, "Ollama is running"},
        {PROBE_OLLAMA_VERSION, 200, "{\"version\":\"0.12.6\"}"},
        {PROBE_OLLAMA_TAGS, 200,
         "{\"models\":[{\"name\":\"auto\",\"digest\":\"0123456789abcdef\","
         "\"details\":{}}]}"},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_router_tells_of_each_model),
        cmocka_unit_test(ollama_is_local_and_its_cloud_models_are_not),
        cmocka_unit_test(ollama_show_tells_context_capabilities_and_cloud),
        cmocka_unit_test(the_room_of_a_model_is_half_of_its_weights),
        cmocka_unit_test(lm_studio_by_its_own_list),
        cmocka_unit_test(llama_server_by_props_and_owner),
        cmocka_unit_test(vllm_by_version_metrics_and_owner),
        cmocka_unit_test(lookalikes_count_as_cloud),
        cmocka_unit_test(what_is_no_engine_is_left_alone),
        cmocka_unit_test(who_asks_for_a_key_is_shown_and_not_used),
        cmocka_unit_test(an_engine_weir_started_is_local),
        cmocka_unit_test(names_that_could_hurt_are_left_out),
        cmocka_unit_test(parameters_from_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
