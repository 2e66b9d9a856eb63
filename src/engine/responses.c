/* responses.c -- a chat for an engine that speaks OpenAI's Responses.
 *
 * Why not by chat completions: there the newer models do not give their thoughts back, in
 * whatever form, and so think anew at each step of an agent's loop; some models are
 * served by this path alone.
 *
 * Completions and embeddings go by OpenAI's own paths. */
#include "engine/responses.h"

#include "dialect/dialect.h"
#include "engine/own.h"

static int write_body(void *ctx, struct json_writer *w)
{
    struct responses_asking *x = ctx;
    x->w = w;
    json_object_open(w);
    json_key(w, "model");
    json_str(w, x->q->target->model->upstream);
    json_key(w, "stream");
    json_bool(w, x->q->chat->is_stream);
    if (responses_write_talk(x) != 0 || responses_write_wishes(x) != 0)
        return -1;
    json_object_close(w);
    return 0;
}

int responses_encode(const struct engine_asking *q, struct arena *a,
                     struct http_message *ret, struct engine_plan *ret_plan,
                     struct err *err)
{
    struct conversation c;
    struct responses_asking x = {.q = q, .c = &c, .arena = a, .err = err};
    struct str body;
    if (q->chat->surface != SURFACE_CHAT)
        return translator_openai.encode(q, a, ret, ret_plan, err);
    if (engine_read_conversation(q, a, &c, err) != 0 || responses_check_wishes(&x) != 0 ||
        asking_body(q, a, write_body, &x, &body, err) != 0)
        return -1;
    return asking_finish(q, q->target->engine->base_path, STR("/responses"), body, a, ret,
                         ret_plan, err);
}

/* Of a client of Responses, by the same path. */
int responses_encode_own(const struct engine_asking *q, struct arena *a,
                         struct http_message *ret, struct engine_plan *ret_plan,
                         struct err *err)
{
    static const struct own_form form = {.dialect = DIALECT_OPENAI_RESPONSES,
                                         .names_model = true,
                                         .system = {"instructions"},
                                         .said_how = SYSTEM_TEXT};
    struct http_message message = {0};
    if (own_body(q, &form, a, &message, err) != 0 ||
        engine_head(q->target, q->target->engine->base_path, STR("/responses"),
                    STR("application/json"), a, &message, err) != 0)
        return -1;
    *ret = message;
    *ret_plan = (struct engine_plan){.is_stream = q->chat->is_stream};
    return 0;
}
