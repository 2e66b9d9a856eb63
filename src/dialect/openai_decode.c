/* openai_decode.c -- the client's body, read once: validated, and seen by routing.
 *
 * The body goes on to the engine as it is, so what weir reads must be what the engine
 * will read.  Two readers of one JSON text disagree over duplicate keys and may
 * disagree over escaped ones and over those in another case; all are therefore refused
 * where engines read known members (names.h).
 *
 * Types are checked only of members that weir itself reads: the engine checks the
 * rest, and members that weir does not know pass.  Messages, prompts and inputs
 * are in openai_messages.c. */
#include "config/kinds.h"
#include "dialect/body.h"
#include "dialect/forward.h"
#include "dialect/openai.h"
#include "dialect/openai_view.h"
#include "json/scan.h"

/* One reading of one body. */
struct reading {
    struct json_cur c;
    struct chat *chat;
    struct openai_view view;
    struct arena *arena;
    struct err *err;         /* set by whoever returns -1 */
    struct body_names names; /* not cleared: a request has a handful */
    struct member *newest;   /* where it is kept, or NULL */
    bool has_input;
};

static int bad_field(struct reading *r, const char *key, const char *expected)
{
    return body_bad_field(r->err, key, expected);
}

static int read_model(struct reading *r)
{
    r->newest = &r->view.model_at;
    return body_read_model(&r->c, r->arena, &r->chat->model, r->err);
}

static int read_flag(struct reading *r, const char *key, bool *ret)
{
    return body_read_flag(&r->c, key, ret, r->err);
}

static int read_stream(struct reading *r)
{
    r->newest = &r->view.stream_at;
    return read_flag(r, "stream", &r->chat->is_stream);
}

static int read_stream_options(struct reading *r)
{
    struct json_string k;
    uint64_t seen = 0;
    r->newest = &r->view.stream_options_at;
    enum json_type t = json_peek(&r->c);
    if (t != JSON_OBJECT && t != JSON_NULL)
        return bad_field(r, "stream_options", "an object");
    if (!json_object_or_skip(&r->c))
        return 0;
    while (json_next_member(&r->c, &k)) {
        int place = name_find(SHAPE_STREAM_OPTIONS, k, &seen, r->err);
        if (place == NAME_REFUSED)
            return -1;
        if (place != STREAM_OPTIONS_INCLUDE_USAGE)
            json_skip(&r->c, NULL);
        else if (read_flag(r, "stream_options.include_usage", &r->chat->wants_usage) != 0)
            return -1;
    }
    return 0;
}

static int read_integer(struct reading *r, const char *key, int64_t *ret, bool *ret_given)
{
    return body_read_integer(&r->c, key, ret, ret_given, r->err);
}

static int read_n(struct reading *r)
{
    int64_t n = 1;
    bool is_given;
    if (read_integer(r, "n", &n, &is_given) != 0)
        return -1;
    if (n < 1 || n > UINT16_MAX)
        return bad_field(r, "n", "an integer from 1 to 65535");
    r->chat->nchoices = (uint32_t)n;
    return 0;
}

/* Both spellings may be there; the larger counts, as it is what may be spent.  Some
 * servers take -1 for "no limit": that is no number to plan with. */
static int read_limit(struct reading *r, const char *name)
{
    int64_t n = -1;
    bool is_given;
    if (read_integer(r, name, &n, &is_given) != 0)
        return -1;
    if (is_given && n > r->chat->max_output_tokens)
        r->chat->max_output_tokens = n;
    return 0;
}

static int read_max_tokens(struct reading *r)
{
    return read_limit(r, "max_tokens");
}

static int read_max_completion_tokens(struct reading *r)
{
    return read_limit(r, "max_completion_tokens");
}

static int read_messages(struct reading *r)
{
    if (r->chat->surface != SURFACE_CHAT) {
        json_skip(&r->c, NULL);
        return 0;
    }
    r->newest = &r->view.messages_at;
    r->has_input = true;
    return openai_read_messages(&r->c, r->arena, r->chat, r->err);
}

static int read_input_of(struct reading *r, enum surface s, const char *key)
{
    if (r->chat->surface != s) {
        json_skip(&r->c, NULL);
        return 0;
    }
    r->has_input = true;
    return openai_read_input(&r->c, r->chat, key, r->err);
}

static int read_prompt(struct reading *r)
{
    const char *from = r->c.p;
    if (read_input_of(r, SURFACE_COMPLETIONS, "prompt") != 0)
        return -1;
    struct str prompt = {from, (size_t)(r->c.p - from)};
    return r->chat->surface == SURFACE_COMPLETIONS && json_ok(&r->c)
               ? body_add_turn(r->chat, r->arena, prompt, r->err)
               : 0;
}

static int read_prompt_cache_key(struct reading *r)
{
    json_skip(&r->c, &r->chat->prompt_cache_key);
    return 0;
}

static void note_forwarding(struct reading *r, struct json_string name, struct str value)
{
    body_note_forwarding(r->chat, name, value, r->arena);
}

static int read_metadata(struct reading *r)
{
    struct json_string name = {STR("metadata"), false};
    if (json_skip(&r->c, &r->chat->metadata))
        note_forwarding(r, name, r->chat->metadata);
    return 0;
}

static int read_conversation(struct reading *r)
{
    json_skip(&r->c, &r->chat->conversation);
    return 0;
}

static int read_input(struct reading *r)
{
    return read_input_of(r, SURFACE_EMBEDDINGS, "input");
}

/* tools, or functions as they were called before: they count as text the model reads */
static int read_tools_as(struct reading *r, enum body_name name)
{
    return body_read_tools(&r->c, name == BODY_TOOLS ? "tools" : "functions",
                           name_inner(SHAPE_BODY, (int)name), r->chat, r->err);
}

static int read_tools(struct reading *r)
{
    return read_tools_as(r, BODY_TOOLS);
}

static int read_functions(struct reading *r)
{
    return read_tools_as(r, BODY_FUNCTIONS);
}

static int read_response_format(struct reading *r)
{
    struct json_cur at = r->c;
    struct json_string k, type;
    if (shape_skip(&r->c, SHAPE_FORMAT, r->err) != 0)
        return -1;
    if (!json_ok(&r->c) || !json_object_or_skip(&at))
        return 0;
    while (json_next_member(&at, &k)) {
        if (json_string_is(k, "type") && json_peek(&at) == JSON_STRING) {
            if (json_read_string(&at, &type) && json_string_is(type, "json_schema"))
                r->chat->needs |= CAP_JSON_SCHEMA;
        } else {
            json_skip(&at, NULL);
        }
    }
    return 0;
}

static int read_tool_choice(struct reading *r)
{
    return body_read_choice(&r->c, SHAPE_TOOL, r->chat, r->err);
}

/* By place in the list of names; the others are stepped over. */
static int (*const readers[])(struct reading *r) = {
    [BODY_MODEL] = read_model,
    [BODY_MESSAGES] = read_messages,
    [BODY_PROMPT] = read_prompt,
    [BODY_INPUT] = read_input,
    [BODY_STREAM] = read_stream,
    [BODY_STREAM_OPTIONS] = read_stream_options,
    [BODY_N] = read_n,
    [BODY_MAX_TOKENS] = read_max_tokens,
    [BODY_MAX_COMPLETION_TOKENS] = read_max_completion_tokens,
    [BODY_TOOLS] = read_tools,
    [BODY_FUNCTIONS] = read_functions,
    [BODY_RESPONSE_FORMAT] = read_response_format,
    [BODY_METADATA] = read_metadata,
    [BODY_PROMPT_CACHE_KEY] = read_prompt_cache_key,
    [BODY_CONVERSATION] = read_conversation,
    [BODY_TOOL_CHOICE] = read_tool_choice,
};

static int read_value(struct reading *r, struct json_string k, int place)
{
    struct str value;
    if (place >= 0 && place < (int)ARRAY_LEN(readers))
        return readers[place](r);
    if (place == NAME_UNKNOWN && UNLIKELY(forward_may_be(k))) {
        if (json_skip(&r->c, &value))
            note_forwarding(r, k, value);
        return 0;
    }
    return shape_skip(&r->c, name_inner(SHAPE_BODY, place), r->err);
}

static int read_member(struct reading *r, struct json_string k)
{
    r->newest = NULL;
    int place = body_note_name(&r->names, SHAPE_BODY, k, r->err);
    json_peek(&r->c);
    uint32_t value_at = (uint32_t)json_offset(&r->c);
    if (place == NAME_REFUSED || read_value(r, k, place) != 0)
        return -1;
    if (r->newest && json_ok(&r->c))
        *r->newest = (struct member){.at = (uint32_t)(k.raw.p - 1 - r->c.start),
                                     .value_at = value_at,
                                     .end = (uint32_t)json_offset(&r->c),
                                     .first = r->names.n == 1};
    return 0;
}

static int read_body(struct reading *r)
{
    struct json_string k;
    if (body_enter(&r->c, r->err) != 0)
        return -1;
    r->view.object_at = (uint32_t)json_offset(&r->c);
    while (json_next_member(&r->c, &k))
        if (read_member(r, k) != 0)
            return -1;
    if (r->newest)
        r->newest->last = true;
    r->view.object_is_empty = r->names.n == 0;
    return json_finish(&r->c, r->err);
}

static int check_whole(struct reading *r)
{
    static const char *const input[SURFACE_COUNT] = {
        [SURFACE_CHAT] = "messages",
        [SURFACE_COMPLETIONS] = "prompt",
        [SURFACE_EMBEDDINGS] = "input",
    };
    struct chat *chat = r->chat;
    if (!r->view.model_at.end)
        return body_missing(r->err, "model");
    if (!r->has_input)
        return body_missing(r->err, input[chat->surface]);
    chat->input = member_value(chat->body, &r->view.messages_at);
    if (chat->surface == SURFACE_EMBEDDINGS)
        chat->is_stream = false;
    if (chat->surface == SURFACE_COMPLETIONS)
        chat->nchoices =
            chat->nprompts > UINT16_MAX ? UINT32_MAX : chat->nchoices * chat->nprompts;
    if (chat->surface == SURFACE_CHAT)
        chat->longest_bytes = chat->text_bytes;
    chat->wants_usage = chat->wants_usage && chat->is_stream;
    struct str *keys = arena_array(r->arena, struct str, r->names.n);
    if (!keys)
        return err_nomem(r->err);
    memcpy(keys, r->names.raw, r->names.n * sizeof *keys);
    for (size_t i = 0; UNLIKELY(r->names.has_odd) && i < r->names.n; i++) {
        keys[i] = json_unescape(r->arena, (struct json_string){r->names.raw[i], true});
        if (!keys[i].p)
            return err_nomem(r->err);
    }
    r->view.keys = keys;
    r->view.nkeys = r->names.n;
    struct openai_view *view = arena_raw(r->arena, sizeof *view);
    if (!view)
        return err_nomem(r->err);
    *view = r->view;
    chat->view = view;
    return 0;
}

int openai_decode(const struct dialect_ask *ask, struct arena *a, struct chat *ret,
                  struct err *err)
{
    enum surface surface = ask->path->surface;
    struct str body = ask->body;
    if (body_check_bytes(body, err) != 0)
        return -1;
    struct chat chat = {
        .surface = surface,
        .body = body,
        .nchoices = 1,
        .max_output_tokens = -1,
        .needs = surface == SURFACE_EMBEDDINGS ? CAP_EMBEDDINGS : CAP_CHAT,
    };
    struct json_noting noting;
    struct reading r;
    r.chat = &chat;
    memset(&r.view, 0, sizeof r.view);
    r.arena = a;
    r.err = err;
    r.names.n = 0;
    r.names.seen = 0;
    r.names.has_odd = false;
    r.newest = NULL;
    r.has_input = false;
    json_begin_noting(&r.c, body, &noting, a);
    if (read_body(&r) != 0 || check_whole(&r) != 0)
        return -1;
    chat.ends = noting.ends;
    *ret = chat;
    return 0;
}
