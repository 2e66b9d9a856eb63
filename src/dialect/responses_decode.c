/* responses_decode.c -- the client's body, read once: validated, and seen by routing.
 *
 * An engine that speaks Responses, too, gets these very bytes, so names are as strict as
 * in OpenAI's chat (names.h).  What refers to state on a server (previous_response_id, an
 * item_reference, ...) passes here: such an engine may have it, and who translates
 * refuses it by name (responses_conversation.c).  Items of the input are in
 * responses_input.c. */
#include "config/kinds.h"
#include "dialect/body.h"
#include "dialect/forward.h"
#include "dialect/responses.h"

/* One reading of one body. */
struct reading {
    struct json_cur c;
    struct chat *chat;
    struct arena *arena;
    struct err *err; /* set by whoever returns -1 */
    struct body_names names;
    bool has_input; /* or refers to where it is */
};

static int read_model(struct reading *r)
{
    return body_read_model(&r->c, r->arena, &r->chat->model, r->err);
}

static int read_input(struct reading *r)
{
    r->has_input = true;
    return responses_read_input(&r->c, r->arena, r->chat, r->err);
}

static int read_instructions(struct reading *r)
{
    struct chat *chat = r->chat;
    struct str raw;
    enum json_type t = json_peek(&r->c);
    if (t != JSON_STRING && t != JSON_NULL)
        return body_bad_field(r->err, "instructions", "a string");
    if (!json_skip(&r->c, &raw) || t == JSON_NULL)
        return 0;
    chat->has_system = true;
    chat->system_text = raw; /* also when an item of the input was one */
    chat->text_bytes += raw.n;
    chat->wide_bytes += body_wide_bytes(raw);
    return 0;
}

static int read_stream(struct reading *r)
{
    return body_read_flag(&r->c, "stream", &r->chat->is_stream, r->err);
}

static int read_limit(struct reading *r)
{
    int64_t n;
    bool is_given;
    if (body_read_integer(&r->c, "max_output_tokens", &n, &is_given, r->err) != 0)
        return -1;
    if (!is_given || !json_ok(&r->c))
        return 0;
    if (n < 0)
        return body_bad_field(r->err, "max_output_tokens", "a number of tokens");
    r->chat->max_output_tokens = n;
    return 0;
}

/* A server of tools that the engine is to ask is another place. */
static int read_tool_member(struct reading *r, struct json_string k, int place)
{
    struct str value;
    if (place == NAME_REFUSED)
        return -1;
    if (place != RESPONSE_TOOL_SERVER_URL &&
        (place != NAME_UNKNOWN || !forward_may_be(k)))
        return shape_skip(&r->c, name_inner(SHAPE_RESPONSE_TOOL, place), r->err);
    if (json_skip(&r->c, &value))
        body_note_forwarding(r->chat, k, value, r->arena);
    return 0;
}

static int read_tool(struct reading *r)
{
    struct json_string k;
    uint64_t seen = 0;
    if (json_peek(&r->c) != JSON_OBJECT)
        return json_ok(&r->c) ? body_bad_field(r->err, "tools", "an array of objects")
                              : 0;
    json_enter_object(&r->c);
    while (json_next_member(&r->c, &k))
        if (read_tool_member(r, k, name_find(SHAPE_RESPONSE_TOOL, k, &seen, r->err)) != 0)
            return -1;
    return 0;
}

static int read_tools(struct reading *r)
{
    enum json_type t = json_peek(&r->c);
    const char *from = r->c.p;
    bool is_empty = true;
    if (t != JSON_ARRAY && t != JSON_NULL)
        return body_bad_field(r->err, "tools", "an array");
    if (!json_array_or_skip(&r->c))
        return 0;
    for (; json_next_element(&r->c); is_empty = false)
        if (read_tool(r) != 0)
            return -1;
    if (is_empty)
        return 0;
    struct str raw = {from, (size_t)(r->c.p - from)};
    r->chat->needs |= CAP_TOOLS;
    r->chat->text_bytes += raw.n;
    r->chat->wide_bytes += body_wide_bytes(raw);
    return 0;
}

static int read_text(struct reading *r)
{
    struct json_cur at = r->c;
    struct str raw;
    if (json_peek(&r->c) != JSON_OBJECT && json_peek(&r->c) != JSON_NULL)
        return body_bad_field(r->err, "text", "an object");
    if (shape_skip(&r->c, SHAPE_RESPONSE_TEXT, r->err) != 0)
        return -1;
    if (json_ok(&r->c) && json_skip(&at, &raw) &&
        str_eqz(json_path(raw, "format", "type", NULL), "\"json_schema\""))
        r->chat->needs |= CAP_JSON_SCHEMA;
    return 0;
}

static int read_metadata(struct reading *r)
{
    struct json_string name = {STR("metadata"), false};
    if (json_skip(&r->c, &r->chat->metadata))
        body_note_forwarding(r->chat, name, r->chat->metadata, r->arena);
    return 0;
}

static int read_prompt_cache_key(struct reading *r)
{
    json_skip(&r->c, &r->chat->prompt_cache_key);
    return 0;
}

static int read_conversation(struct reading *r)
{
    json_skip(&r->c, &r->chat->conversation);
    r->has_input |= !json_is_empty(r->chat->conversation);
    return 0;
}

/* What they name holds an input. */
static int read_reference(struct reading *r)
{
    struct str raw;
    if (json_skip(&r->c, &raw))
        r->has_input |= !json_is_empty(raw);
    return 0;
}

static int read_tool_choice(struct reading *r)
{
    return body_read_choice(&r->c, SHAPE_RESPONSE_TOOL, r->chat, r->err);
}

/* By place in the list of names; the others are stepped over. */
static int (*const readers[])(struct reading *r) = {
    [RESPONSE_MODEL] = read_model,
    [RESPONSE_INPUT] = read_input,
    [RESPONSE_INSTRUCTIONS] = read_instructions,
    [RESPONSE_STREAM] = read_stream,
    [RESPONSE_MAX_OUTPUT_TOKENS] = read_limit,
    [RESPONSE_TOOLS] = read_tools,
    [RESPONSE_TEXT] = read_text,
    [RESPONSE_METADATA] = read_metadata,
    [RESPONSE_PROMPT_CACHE_KEY] = read_prompt_cache_key,
    [RESPONSE_CONVERSATION] = read_conversation,
    [RESPONSE_PREVIOUS] = read_reference,
    [RESPONSE_PROMPT] = read_reference,
    [RESPONSE_TOOL_CHOICE] = read_tool_choice,
};

static int read_member(struct reading *r, struct json_string k)
{
    int place = body_note_name(&r->names, SHAPE_RESPONSE, k, r->err);
    if (place == NAME_REFUSED)
        return -1;
    if (place >= 0 && place < (int)ARRAY_LEN(readers))
        return readers[place](r);
    return body_step_over(&r->c, SHAPE_RESPONSE, place, k, r->chat, r->arena, r->err);
}

static int read_body(struct reading *r)
{
    struct json_string k;
    if (body_enter(&r->c, r->err) != 0)
        return -1;
    while (json_next_member(&r->c, &k))
        if (read_member(r, k) != 0)
            return -1;
    if (json_finish(&r->c, r->err) != 0)
        return -1;
    if (!r->chat->model.p)
        return body_missing(r->err, "model");
    return r->has_input ? 0 : body_missing(r->err, "input");
}

int responses_decode(const struct dialect_ask *ask, struct arena *a, struct chat *ret,
                     struct err *err)
{
    struct chat chat = {
        .surface = SURFACE_CHAT,
        .body = ask->body,
        .nchoices = 1,
        .wants_usage = true,
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
    r.has_input = false;
    if (body_check_bytes(ask->body, err) != 0)
        return -1;
    json_begin_noting(&r.c, ask->body, &noting, a);
    if (read_body(&r) != 0)
        return -1;
    chat.longest_bytes = chat.text_bytes;
    chat.ends = noting.ends;
    *ret = chat;
    return 0;
}
