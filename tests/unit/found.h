/* found.h -- what an engine would answer, looked at without a socket; a helper of the
 * tests of discover. */
#ifndef WEIR_TESTS_FOUND_H
#define WEIR_TESTS_FOUND_H

#include "discover/probe.h"

#include "core/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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

static inline struct discovery *empty(void)
{
    struct discovery *d = mem_new(struct discovery);
    assert_non_null(d);
    arena_init(&d->arena, DISCOVER_ARENA_BYTES);
    return d;
}

static inline struct looked look(const struct answer *answers, size_t n, bool is_child)
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

static inline void assert_str(struct str got, const char *wanted)
{
    if (!str_eqz(got, wanted))
        fail_msg("got '%.*s', wanted '%s'", STR_ARG(got), wanted);
}

static inline const struct found_model *model(const struct found_engine *e,
                                              const char *name)
{
    for (size_t i = 0; i < e->nmodels; i++)
        if (str_eqz(e->models[i].name, name))
            return &e->models[i];
    fail_msg("no model %s", name);
    return NULL;
}

#define DIGEST "\"9f438cb9cd581fc025612d27f7c1a6669ff83a8bb0ed86c94fcf4c5440555697\""
#define OLLAMA_MODEL(name, size, params, more)                                           \
    "{\"name\":\"" name "\",\"model\":\"" name "\",\"modified_at\":\"2026-01-01T00:00:"  \
    "00Z\",\"size\":" size ",\"digest\":" DIGEST ",\"details\":{\"format\":\"gguf\","    \
    "\"family\":\"llama\",\"parameter_size\":\"" params                                  \
    "\",\"quantization_level\":\"Q4_K_M\"}" more "}"

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

#endif
