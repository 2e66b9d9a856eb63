/* anthropic_decode.c -- the body of an Anthropic client, read once: validated, and seen
 * by routing.
 *
 * Names are checked as for OpenAI's form (names.h): an engine may speak this form too and
 * get the client's own bytes.  Types are checked of what weir reads itself; the other
 * members pass here, and are looked at when the request must be translated. */
#include "config/kinds.h"
#include "dialect/anthropic.h"
#include "dialect/body.h"
#include "dialect/forward.h"

struct reading {
    struct json_cur c;
    struct chat *chat;
    struct arena *arena;
    struct err *err;
    struct body_names names; /* not cleared: a request has a handful */
    bool has_max_tokens;
};

static int read_model(struct reading *r)
{
    return body_read_model(&r->c, r->arena, &r->chat->model, r->err);
}

static int read_messages(struct reading *r)
{
    const char *from = r->c.p;
    if (anthropic_note_messages(&r->c, r->arena, r->chat, r->err) != 0)
        return -1;
    r->chat->input = (struct str){from, (size_t)(r->c.p - from)};
    return 0;
}

static int read_system(struct reading *r)
{
    return anthropic_note_system(&r->c, r->chat, r->err);
}

static int read_stream(struct reading *r)
{
    return body_read_flag(&r->c, "stream", &r->chat->is_stream, r->err);
}

static int read_max_tokens(struct reading *r)
{
    int64_t n = 0;
    if (body_read_integer(&r->c, "max_tokens", &n, &r->has_max_tokens, r->err) != 0)
        return -1;
    if (n < 0)
        return body_bad_field(r->err, "max_tokens", "a number of tokens");
    if (r->has_max_tokens)
        r->chat->max_output_tokens = n;
    return 0;
}

static int read_tools(struct reading *r)
{
    return body_read_tools(&r->c, "tools", SHAPE_ANTHROPIC_TOOL, r->chat, r->err);
}

static int read_metadata(struct reading *r)
{
    const struct json_string name = {STR("metadata"), false};
    if (json_skip(&r->c, &r->chat->metadata))
        body_note_forwarding(r->chat, name, r->chat->metadata, r->arena);
    return 0;
}

static void need_schema(struct reading *r, struct str format)
{
    if (!json_is_empty(format))
        r->chat->needs |= CAP_JSON_SCHEMA;
}

static int read_output_config(struct reading *r)
{
    const char *from = r->c.p;
    if (shape_skip(&r->c, SHAPE_ANTHROPIC_OUTPUT, r->err) != 0)
        return -1;
    if (json_ok(&r->c))
        need_schema(r, json_get((struct str){from, (size_t)(r->c.p - from)}, "format"));
    return 0;
}

/* What `output_config.format` was called before. */
static int read_output_format(struct reading *r)
{
    const char *from = r->c.p;
    if (shape_skip(&r->c, SHAPE_ANTHROPIC_FORMAT, r->err) != 0)
        return -1;
    if (json_ok(&r->c))
        need_schema(r, (struct str){from, (size_t)(r->c.p - from)});
    return 0;
}

static int read_thinking(struct reading *r)
{
    const char *from = r->c.p;
    if (shape_skip(&r->c, SHAPE_ANTHROPIC_THINKING, r->err) != 0)
        return -1;
    r->chat->thinking = (struct str){from, (size_t)(r->c.p - from)};
    return 0;
}

static int read_tool_choice(struct reading *r)
{
    return body_read_choice(&r->c, SHAPE_ANTHROPIC_CHOICE, r->chat, r->err);
}

static int (*const readers[])(struct reading *r) = {
    [ANTHROPIC_MODEL] = read_model,
    [ANTHROPIC_MESSAGES] = read_messages,
    [ANTHROPIC_SYSTEM] = read_system,
    [ANTHROPIC_STREAM] = read_stream,
    [ANTHROPIC_MAX_TOKENS] = read_max_tokens,
    [ANTHROPIC_TOOLS] = read_tools,
    [ANTHROPIC_METADATA] = read_metadata,
    [ANTHROPIC_OUTPUT_CONFIG] = read_output_config,
    [ANTHROPIC_OUTPUT_FORMAT] = read_output_format,
    [ANTHROPIC_THINKING] = read_thinking,
    [ANTHROPIC_TOOL_CHOICE] = read_tool_choice,
};

static int read_member(struct reading *r, struct json_string k)
{
    int place = body_note_name(&r->names, SHAPE_ANTHROPIC_BODY, k, r->err);
    if (place == NAME_REFUSED)
        return -1;
    json_peek(&r->c);
    if (place >= 0 && place < (int)ARRAY_LEN(readers))
        return readers[place](r);
    return body_step_over(&r->c, SHAPE_ANTHROPIC_BODY, place, k, r->chat, r->arena,
                          r->err);
}

static int read_body(struct reading *r)
{
    struct json_string k;
    if (body_enter(&r->c, r->err) != 0)
        return -1;
    while (json_next_member(&r->c, &k))
        if (read_member(r, k) != 0)
            return -1;
    return json_finish(&r->c, r->err);
}

static int check_whole(const struct reading *r, bool is_to_be_answered)
{
    const struct chat *chat = r->chat;
    if (!chat->model.p)
        return body_missing(r->err, "model");
    if (!chat->input.p)
        return body_missing(r->err, "messages");
    if (is_to_be_answered && !r->has_max_tokens)
        return body_missing(r->err, "max_tokens");
    return 0;
}

int anthropic_decode(const struct dialect_ask *ask, struct arena *a, struct chat *ret,
                     struct err *err)
{
    struct chat chat = {
        .surface = ask->path->surface,
        .body = ask->body,
        .wants_usage = true,
        .nchoices = 1,
        .max_output_tokens = -1,
        .needs = CAP_CHAT,
    };
    struct json_noting noting;
    struct reading r;
    r.chat = &chat;
    r.arena = a;
    r.err = err;
    r.names.n = 0;
    r.names.seen = 0;
    r.names.has_odd = false;
    r.has_max_tokens = false;
    if (body_check_bytes(ask->body, err) != 0)
        return -1;
    json_begin_noting(&r.c, ask->body, &noting, a);
    if (read_body(&r) != 0 ||
        check_whole(&r, ask->path->answer == ANSWERED_BY_MODEL) != 0)
        return -1;
    chat.longest_bytes = chat.text_bytes;
    chat.ends = noting.ends;
    *ret = chat;
    return 0;
}
