/* gemini.c -- a chat for an engine that speaks Gemini's generateContent.
 *
 * Why not by Google's OpenAI-compatible path: that one has no place for the signatures
 * that the newer models want back with their calls, and refuses what it does not know.
 * Embeddings have nothing to gain and go by it.
 *
 * What it has no place for is refused by name, so that another engine is asked. */
#include "engine/gemini.h"

#include "dialect/dialect.h"
#include "engine/own.h"

static int write_body(void *ctx, struct json_writer *w)
{
    struct gemini_asking *x = ctx;
    x->w = w;
    json_object_open(w);
    if (gemini_write_talk(x) != 0 || gemini_write_wishes(x) != 0)
        return -1;
    json_object_close(w);
    return 0;
}

/* -- where -----------------------------------------------------------------------------
 */

/* The url may end in /v1beta, /v1, /v1beta/openai, or after the host. */
static struct str base_of(struct str base)
{
    base = base_without(base, "/openai");
    return base_without(base_without(base, "/v1beta"), "/v1");
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '.' || c == '_' || c == '~';
}

/* p == NULL: no memory. */
static struct str path_of(const struct engine_asking *q, struct arena *a)
{
    static const char hex[] = "0123456789ABCDEF";
    struct str name = q->target->model->upstream;
    char *coded = arena_raw(a, 3 * name.n + 1);
    size_t n = 0;
    if (!coded)
        return (struct str){NULL, 0};
    if (str_starts(name, STR("models/")))
        name = str_sub(name, strlen("models/"), name.n);
    for (size_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.p[i];
        if (is_unreserved((char)c)) {
            coded[n++] = (char)c;
            continue;
        }
        coded[n++] = '%';
        coded[n++] = hex[c >> 4];
        coded[n++] = hex[c & 15];
    }
    return arena_printf(a, "/v1beta/models/%.*s:%s", (int)n, coded,
                        q->chat->is_stream ? "streamGenerateContent?alt=sse"
                                           : "generateContent");
}

/* By Google's OpenAI-compatible endpoint, which takes the key as OpenAI does. */
static int encode_embeddings(const struct engine_asking *q, struct arena *a,
                             struct http_message *ret, struct engine_plan *ret_plan,
                             struct err *err)
{
    struct config_engine engine = *q->target->engine;
    const struct str base[] = {base_of(engine.base_path), STR("/v1beta/openai")};
    struct target target = *q->target;
    struct engine_asking asking = *q;
    engine.base_path = arena_join(a, base, ARRAY_LEN(base));
    engine.speaks = SPEECH_OPENAI;
    target.engine = &engine;
    asking.target = &target;
    return engine.base_path.p ? translator_openai.encode(&asking, a, ret, ret_plan, err)
                              : err_nomem(err);
}

int gemini_encode(const struct engine_asking *q, struct arena *a,
                  struct http_message *ret, struct engine_plan *ret_plan, struct err *err)
{
    struct conversation c;
    struct gemini_asking x = {.q = q, .c = &c, .arena = a, .err = err};
    struct str body, path;
    if (q->chat->surface == SURFACE_EMBEDDINGS)
        return encode_embeddings(q, a, ret, ret_plan, err);
    if (q->chat->surface != SURFACE_CHAT)
        return engine_refuse(q, GEMINI_FORM, surface_name(q->chat->surface), err);
    if (engine_read_conversation(q, a, &c, err) != 0 || gemini_check_wishes(&x) != 0 ||
        asking_body(q, a, write_body, &x, &body, err) != 0)
        return -1;
    path = path_of(q, a);
    if (!path.p)
        return err_nomem(err);
    return asking_finish(q, base_of(q->target->engine->base_path), path, body, a, ret,
                         ret_plan, err);
}

/* Of a client of Gemini's own. */
int gemini_encode_own(const struct engine_asking *q, struct arena *a,
                      struct http_message *ret, struct engine_plan *ret_plan,
                      struct err *err)
{
    static const struct own_form form = {
        .dialect = DIALECT_GEMINI,
        .system = {"systemInstruction", "system_instruction"},
        .said_how = SYSTEM_PARTS};
    struct http_message message = {0};
    struct str path = path_of(q, a);
    if (!path.p)
        return err_nomem(err);
    if (own_body(q, &form, a, &message, err) != 0 ||
        engine_head(q->target, base_of(q->target->engine->base_path), path,
                    STR("application/json"), a, &message, err) != 0)
        return -1;
    *ret = message;
    *ret_plan = (struct engine_plan){.is_stream = q->chat->is_stream};
    return 0;
}
