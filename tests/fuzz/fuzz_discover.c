/* fuzz_discover.c -- any bytes as the answers of an engine: what is found is always a
 * configuration without a fault, and nothing of a cloud engine counts as local.
 *
 * The answers are separated by byte 0x1e, in the order of enum probe_question, then one
 * more for /api/show; an empty one is a 404. */
#include "config/config.h"
#include "discover/probe.h"
#include "discover/yaml.h"

#include "core/mem.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static const char *home_only(const char *name)
{
    return strcmp(name, "HOME") == 0 ? "/nonexistent" : NULL;
}

static void must_be_configurable(struct discovery *d)
{
    struct buf yaml, json;
    struct config_faults faults;
    buf_init(&yaml, (size_t)1 << 22);
    buf_init(&json, (size_t)1 << 22);
    config_faults_init(&faults);
    discover_assign_roles(d);
    discover_yaml(d, STR(""), &yaml);
    discover_json(d, &json);
    struct config *c = config_parse(buf_view(&yaml), "fuzz", home_only, &faults);
    require(c != NULL && !json.failed);
    for (size_t i = 0; i < c->nmodels; i++)
        require(c->models[i]->is_cloud == d->engines[0].models[i].is_cloud);
    config_unref(c);
    config_faults_release(&faults);
    buf_release(&yaml);
    buf_release(&json);
}

static void look(struct discovery *d, struct str rest)
{
    struct probe_answer answers[PROBE_QUESTIONS];
    struct found_engine *e = &d->engines[0];
    for (int q = 0; q < PROBE_QUESTIONS; q++) {
        struct str body = STR("");
        str_split(&rest, '\x1e', &body);
        answers[q] = (struct probe_answer){body.n ? 200 : 404, body};
    }
    *e = (struct found_engine){.name = STR("e"), .url = STR("http://127.0.0.1:9/v1")};
    if (!probe_engine(answers, false, &d->arena, e))
        return;
    d->nengines = 1;
    if (e->nmodels)
        probe_ollama_show(rest, &d->arena, &e->models[0]);
    for (size_t i = 0; i < e->nmodels; i++)
        require(e->side == SIDE_LOCAL || e->models[i].is_cloud);
    if (e->nmodels && !e->problem.n)
        must_be_configurable(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    union {
        const uint8_t *in;
        const char *out;
    } bytes = {data};
    struct discovery *d = mem_new(struct discovery);
    if (!d)
        return 0;
    arena_init(&d->arena, DISCOVER_ARENA_BYTES);
    look(d, (struct str){bytes.out, size});
    discover_free(d);
    return 0;
}
