/* ollama_pages.c -- what a client of Ollama asks beside answers: which models there are,
 * what they can do, which version it talks to.
 *
 * Clients decide by these: VS Code offers its agent only to models whose `capabilities`
 * have tools, and cuts prompts to 4096 tokens without a `context_length`; Open WebUI and
 * VS Code compare the version's numbers; Home Assistant pulls what is not in the list.
 * What weir does not know of a model is empty or left out. */
#include "dialect/ollama.h"

#include "config/kinds.h"
#include "core/hash.h"
#include "dialect/ollama_line.h"
#include "dialect/reader.h"
#include "json/write.h"

#include <stdio.h>
#include <time.h>

/* Of the API as it is served here; clients ask for 0.6.4 and newer. */
#define API_VERSION "0.12.6"
/* When a model was changed is not known, but must be a time. */
#define NO_TIME "1970-01-01T00:00:00Z"
/* Of an engine that keeps a model for good. */
#define NO_END "9999-12-31T23:59:59Z"
/* Some clients ask for an architecture, to find the members that begin with its name. */
#define ARCHITECTURE "weir"

static void text(struct json_writer *w, const char *name, struct str value)
{
    json_key(w, name);
    json_str(w, value);
}

/* The same name, the same digest; some clients keep models apart by it. */
static void write_digest(struct json_writer *w, struct str name)
{
    char hex[65];
    struct buf b;
    buf_init_in(&b, sizeof hex, hex, sizeof hex);
    for (uint64_t i = 0; i < 4; i++)
        buf_printf(&b, "%016llx",
                   (unsigned long long)siphash_once((struct siphash_key){i, 1}, name));
    text(w, "digest", buf_view(&b));
    buf_release(&b);
}

static void write_details(struct json_writer *w, const struct dialect_model *m)
{
    json_key(w, "details");
    json_object_open(w);
    text(w, "parent_model", STR(""));
    text(w, "format", STR(""));
    text(w, "family", STR(ARCHITECTURE));
    json_key(w, "families");
    json_array_open(w);
    json_str(w, STR(ARCHITECTURE));
    json_array_close(w);
    text(w, "parameter_size", STR(""));
    text(w, "quantization_level", STR(""));
    if (m->max_context) {
        json_key(w, "context_length");
        json_u64(w, m->max_context);
    }
    json_object_close(w);
}

static void write_capabilities(struct json_writer *w, const struct dialect_model *m)
{
    static const struct {
        unsigned cap;
        const char *word;
    } rows[] = {{CAP_CHAT, "completion"},
                {CAP_TOOLS, "tools"},
                {CAP_VISION, "vision"},
                {CAP_AUDIO, "audio"},
                {CAP_EMBEDDINGS, "embedding"}};
    json_key(w, "capabilities");
    json_array_open(w);
    /* Tools are tried where nobody said whether there are any. */
    unsigned caps = m->caps | (m->caps_unsaid & CAP_TOOLS);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (caps & rows[i].cap)
            json_str(w, str_of(rows[i].word));
    json_array_close(w);
}

static void write_model(struct json_writer *w, const struct dialect_model *m)
{
    text(w, "name", m->id);
    text(w, "model", m->id);
    json_key(w, "size");
    json_u64(w, m->loaded_bytes);
    write_digest(w, m->id);
    write_details(w, m);
}

int ollama_tell_tags(const struct dialect_query *q, struct buf *out, struct err *err)
{
    struct json_writer w;
    (void)err;
    json_writer_init(&w, out);
    json_object_open(&w);
    json_key(&w, "models");
    json_array_open(&w);
    for (size_t i = 0; i < q->nmodels; i++) {
        if (!q->models[i].caps)
            continue; /* "cloud" where there is none: nothing stands behind the name */
        json_object_open(&w);
        write_model(&w, &q->models[i]);
        text(&w, "modified_at", STR(NO_TIME));
        write_capabilities(&w, &q->models[i]);
        json_object_close(&w);
    }
    json_array_close(&w);
    json_object_close(&w);
    return 0;
}

static void write_end(struct json_writer *w, uint64_t until_s)
{
    char at[32];
    struct tm utc;
    time_t t = (time_t)until_s;
    if (until_s == UINT64_MAX || !gmtime_r(&t, &utc) ||
        !strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%SZ", &utc))
        snprintf(at, sizeof at, "%s", NO_END);
    text(w, "expires_at", str_of(at));
}

int ollama_tell_loaded(const struct dialect_query *q, struct buf *out, struct err *err)
{
    struct json_writer w;
    (void)err;
    json_writer_init(&w, out);
    json_object_open(&w);
    json_key(&w, "models");
    json_array_open(&w);
    for (size_t i = 0; i < q->nmodels; i++) {
        if (q->models[i].loaded_until_s <= q->now_s)
            continue;
        json_object_open(&w);
        write_model(&w, &q->models[i]);
        write_end(&w, q->models[i].loaded_until_s);
        json_key(&w, "size_vram");
        json_u64(&w, q->models[i].loaded_bytes);
        if (q->models[i].max_context) {
            json_key(&w, "context_length");
            json_u64(&w, q->models[i].max_context);
        }
        json_object_close(&w);
    }
    json_array_close(&w);
    json_object_close(&w);
    return 0;
}

int ollama_tell_version(const struct dialect_query *q, struct buf *out, struct err *err)
{
    (void)q;
    (void)err;
    buf_lit(out, "{\"version\":\"" API_VERSION "\"}");
    return 0;
}

int ollama_tell_root(const struct dialect_query *q, struct buf *out, struct err *err)
{
    (void)q;
    (void)err;
    buf_lit(out, "Ollama is running");
    return 0;
}

/* -- one model ----------------------------------------------------------------------- */

static struct str without_latest(struct str name)
{
    const struct str tail = STR(":latest");
    return str_ends(name, tail) ? str_sub(name, 0, name.n - tail.n) : name;
}

/* "m" and "m:latest" are one model to Ollama. */
static const struct dialect_model *find(const struct dialect_query *q, struct str name)
{
    for (size_t i = 0; i < q->nmodels; i++)
        if (str_eq(q->models[i].id, name))
            return &q->models[i];
    for (size_t i = 0; i < q->nmodels; i++)
        if (str_eq(without_latest(q->models[i].id), without_latest(name)))
            return &q->models[i];
    return NULL;
}

/* `model`, or `name` as it was called before. */
static int read_name(const struct dialect_query *q, struct str *ret, struct err *err)
{
    const struct reader r = {.arena = q->arena, .err = err};
    struct json_cur c;
    struct str model, name;
    json_begin(&c, q->body);
    if (json_peek(&c) != JSON_OBJECT || !json_skip(&c, NULL) ||
        json_finish(&c, NULL) != 0)
        return err_set(err, ERR_BAD_REQUEST, "invalid_json",
                       "the body must be one JSON object");
    model = json_get(q->body, "model");
    name = json_get(q->body, "name");
    bool has_model = !json_is_empty(model);
    if (!raw_is(has_model ? model : name, '"'))
        return err_set(err, ERR_BAD_REQUEST, "missing_field", "'model' is missing");
    return reader_text(&r, NULL, "model", has_model ? model : name, ret);
}

static void write_info(struct json_writer *w, const struct dialect_model *m)
{
    json_key(w, "model_info");
    json_object_open(w);
    text(w, "general.architecture", STR(ARCHITECTURE));
    text(w, "general.basename", m->id);
    /* Without these `ollama show` ends itself; 0: nobody knows. */
    json_key(w, "general.parameter_count");
    json_u64(w, 0);
    json_key(w, ARCHITECTURE ".embedding_length");
    json_u64(w, 0);
    if (m->max_context) {
        json_key(w, ARCHITECTURE ".context_length");
        json_u64(w, m->max_context);
    }
    json_object_close(w);
}

int ollama_tell_model(const struct dialect_query *q, struct buf *out, struct err *err)
{
    struct json_writer w;
    struct str name;
    if (read_name(q, &name, err) != 0)
        return -1;
    const struct dialect_model *m = find(q, name);
    if (!m)
        return err_set(err, ERR_NOT_FOUND, "model_not_found", "model '%.*s' not found",
                       STR_ARG(str_sub(name, 0, 64)));
    json_writer_init(&w, out);
    json_object_open(&w);
    text(&w, "modelfile", STR(""));
    text(&w, "parameters", STR(""));
    text(&w, "template", STR(""));
    text(&w, "system", STR(""));
    write_details(&w, m);
    write_info(&w, m);
    write_capabilities(&w, m);
    text(&w, "modified_at", STR(NO_TIME));
    json_object_close(&w);
    return 0;
}

void ollama_write_idle(enum ollama_request request, struct str model, const char *word,
                       struct buf *out)
{
    const struct ollama_line l = {
        .request = request, .model = model, .is_done = true, .finish = str_of(word)};
    ollama_write_line(&l, out);
    buf_byte(out, '\n');
}
