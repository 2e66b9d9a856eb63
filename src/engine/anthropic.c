/* anthropic.c -- a chat for an engine that speaks Anthropic's Messages.
 *
 * Why not by Anthropic's own OpenAI-compatible path: that one has no place for thoughts
 * and their signatures, for marks of the prompt cache, for documents, and ignores what it
 * does not know.
 *
 * It has chats only; what it has no place for is refused by name, so that another engine
 * is asked. */
#include "engine/anthropic.h"

#include "dialect/dialect.h"
#include "engine/own.h"

static int write_body(void *ctx, struct json_writer *w)
{
    struct anthropic_asking *x = ctx;
    x->w = w;
    json_object_open(w);
    json_key(w, "model");
    json_str(w, x->q->target->model->upstream);
    json_key(w, "stream");
    json_bool(w, x->q->chat->is_stream);
    if (anthropic_write_talk(x) != 0 || anthropic_write_wishes(x) != 0)
        return -1;
    json_object_close(w);
    return 0;
}

int anthropic_encode(const struct engine_asking *q, struct arena *a,
                     struct http_message *ret, struct engine_plan *ret_plan,
                     struct err *err)
{
    struct conversation c;
    struct anthropic_asking x = {.q = q, .c = &c, .arena = a, .err = err};
    struct str body, base = base_without(q->target->engine->base_path, "/v1");
    if (q->chat->surface != SURFACE_CHAT)
        return engine_refuse(q, ANTHROPIC_FORM, surface_name(q->chat->surface), err);
    if (engine_read_conversation(q, a, &c, err) != 0 || anthropic_check_wishes(&x) != 0 ||
        asking_body(q, a, write_body, &x, &body, err) != 0)
        return -1;
    return asking_finish(q, base, STR("/v1/messages"), body, a, ret, ret_plan, err);
}

/* Of a client of Anthropic's own, by the same path. */
int anthropic_encode_own(const struct engine_asking *q, struct arena *a,
                         struct http_message *ret, struct engine_plan *ret_plan,
                         struct err *err)
{
    static const struct own_form form = {.dialect = DIALECT_ANTHROPIC,
                                         .names_model = true,
                                         .system = {"system"},
                                         .said_how = SYSTEM_BLOCKS};
    struct http_message message = {0};
    struct str base = base_without(q->target->engine->base_path, "/v1");
    if (own_body(q, &form, a, &message, err) != 0 ||
        engine_head(q->target, base, STR("/v1/messages"), STR("application/json"), a,
                    &message, err) != 0)
        return -1;
    *ret = message;
    *ret_plan = (struct engine_plan){.is_stream = q->chat->is_stream};
    return 0;
}
