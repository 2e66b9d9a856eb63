/* ollama_conversation.c -- a request of /api/chat or /api/generate as a conversation.
 *
 * The body has been read and found valid (ollama_decode.c).  Messages are in
 * ollama_said.c; here is what stands beside them.  What only Ollama knows (num_ctx,
 * keep_alive) is kept under its name for an engine that is Ollama; another leaves it out
 * and says so where the answer could differ. */
#include "dialect/ollama.h"
#include "dialect/ollama_said.h"

#include "core/buf.h"

enum {
    IN_MESSAGES,
    IN_PROMPT,
    IN_SYSTEM,
    IN_IMAGES,
    IN_TOOLS,
    IN_FORMAT,
    IN_OPTIONS,
    IN_THINK,
    IN_KEEP_ALIVE,
    IN_TRUNCATE,
    IN_SHIFT,
    IN_LOGPROBS,
    IN_TOP_LOGPROBS,
    IN_COUNT
};

static const char *const member_names[] = {
    [IN_MESSAGES] = "messages",
    [IN_PROMPT] = "prompt",
    [IN_SYSTEM] = "system",
    [IN_IMAGES] = "images",
    [IN_TOOLS] = "tools",
    [IN_FORMAT] = "format",
    [IN_OPTIONS] = "options",
    [IN_THINK] = "think",
    [IN_KEEP_ALIVE] = "keep_alive",
    [IN_TRUNCATE] = "truncate",
    [IN_SHIFT] = "shift",
    [IN_LOGPROBS] = "logprobs",
    [IN_TOP_LOGPROBS] = "top_logprobs",
    /* in struct chat */
    "model",
    "stream",
};

/* -- tools --------------------------------------------------------------------------- */

static int read_tool(const struct reader *r, const struct place *at, struct str raw,
                     struct tool *ret)
{
    static const char *const tool_names[] = {"function", "type", "items"};
    static const char *const names[] = {"name", "description", "parameters", "strict"};
    static const struct fields of_tool = {tool_names, ARRAY_LEN(tool_names), 2};
    static const struct fields of_function = {names, ARRAY_LEN(names), 4};
    const struct place function = place_of(at, "function");
    struct str in[2], own[4], type;
    if (reader_fields(r, at, raw, &of_tool, in) != 0 ||
        reader_text(r, at, "type", in[1], &type) != 0)
        return -1;
    if (type.n && !str_eqz(type, "function"))
        return reader_refuse_member(r, at, "type",
                                    "only tools of type 'function' have a place");
    if (!in[0].p)
        return reader_refuse_member(r, at, "function", "it is missing");
    if (reader_fields(r, &function, in[0], &of_function, own) != 0 ||
        reader_text(r, &function, "name", own[0], &ret->name) != 0 ||
        reader_words(r, &function, "description", own[1], &ret->description) != 0)
        return -1;
    if (!ret->name.n)
        return reader_refuse(r, &function, "it has no name");
    if (own[2].p && !raw_is(own[2], '{'))
        return reader_refuse_member(r, &function, "parameters", "it must be an object");
    ret->parameters = own[2];
    ret->strict = own[3];
    return 0;
}

static int read_tools(const struct reader *r, struct str raw)
{
    struct place at = place_of(NULL, "tools");
    struct json_cur c;
    struct str tool;
    r->c->tools = reader_room(r, reader_count(r, raw), sizeof *r->c->tools);
    if (!r->c->tools || reader_check(r, NULL, "tools", raw, KIND_ARRAY) != 0)
        return -1;
    if (!reader_array(r, &c, raw))
        return 0;
    for (at.index = 0; array_next(&c, &tool); at.index++)
        if (read_tool(r, &at, tool, &r->c->tools[r->c->ntools++]) != 0)
            return -1;
    return 0;
}

/* -- options ------------------------------------------------------------------------- */

static int read_stops(const struct reader *r, struct str raw)
{
    struct place at = place_of(NULL, "options.stop");
    struct json_cur c;
    struct str one, text;
    if (json_is_empty(raw))
        return 0;
    r->c->stops = reader_room(r, reader_count(r, raw) + 1, sizeof *r->c->stops);
    if (!r->c->stops)
        return -1;
    if (raw_is(raw, '"')) {
        if (reader_text(r, NULL, "options.stop", raw, &text) != 0)
            return -1;
        r->c->stops[r->c->nstops++] = text;
        return 0;
    }
    if (!reader_array(r, &c, raw))
        return reader_refuse(r, &at, "it must be a string or an array of strings");
    for (at.index = 0; array_next(&c, &one); at.index++) {
        if (reader_text(r, NULL, "options.stop", one, &text) != 0)
            return -1;
        if (text.n) /* an empty one would stop some engines at once */
            r->c->stops[r->c->nstops++] = text;
    }
    return 0;
}

static int read_sampling(const struct reader *r, struct json_string k, struct str value)
{
    static const char *const names[SAMPLING_COUNT] = {
        [SAMPLING_TEMPERATURE] = "temperature",
        [SAMPLING_TOP_P] = "top_p",
        [SAMPLING_TOP_K] = "top_k",
        [SAMPLING_MIN_P] = "min_p",
        [SAMPLING_SEED] = "seed",
        [SAMPLING_FREQUENCY_PENALTY] = "frequency_penalty",
        [SAMPLING_PRESENCE_PENALTY] = "presence_penalty",
    };
    const struct place at = place_of(NULL, "options");
    int rc = reader_sampling(r, &at, names, k, value);
    if (raw_is(r->c->sampling[SAMPLING_SEED], '-')) /* asks for any */
        r->c->sampling[SAMPLING_SEED] = (struct str){NULL, 0};
    return rc;
}

static void add_other(const struct reader *r, const char *name, struct str value)
{
    if (value.p && !str_eqz(value, "null"))
        r->c->others[r->c->nothers++] = (struct other_member){str_of(name), value};
}

/* 1: it has; 0; -1: it is of the wrong kind. */
static int has_own_place(const struct reader *r, struct json_string k, struct str value)
{
    if (str_eqz(value, "null") || json_string_is(k, "num_predict") ||
        json_string_is(k, "stop"))
        return 1;
    return read_sampling(r, k, value);
}

/* Those without a place of their own in a conversation stay together. */
static int keep_options(const struct reader *r, struct str raw)
{
    struct json_cur c;
    struct json_string k;
    struct str value;
    struct buf kept;
    int has = 0;
    buf_init(&kept, raw.n + 16);
    json_begin(&c, raw);
    json_enter_object(&c);
    while (has >= 0 && json_next_member(&c, &k) && json_skip(&c, &value))
        if ((has = has_own_place(r, k, value)) == 0) {
            buf_lit(&kept, ",\"");
            buf_append(&kept, k.raw);
            buf_lit(&kept, "\":");
            buf_append(&kept, value);
        }
    if (kept.n) {
        kept.p[0] = '{';
        buf_byte(&kept, '}');
    }
    struct str own = kept.n ? arena_strdup(r->arena, buf_view(&kept)) : STR("");
    bool has_failed = kept.failed || !own.p;
    buf_release(&kept);
    if (has < 0)
        return -1;
    if (has_failed)
        return err_nomem(r->err);
    if (own.n)
        add_other(r, OLLAMA_OTHER_OPTIONS, own);
    return 0;
}

static int read_options(const struct reader *r, struct str raw)
{
    if (json_is_empty(raw))
        return 0;
    if (reader_check(r, NULL, "options", raw, KIND_OBJECT) != 0)
        return -1;
    return read_stops(r, json_get(raw, "stop")) != 0 ? -1 : keep_options(r, raw);
}

/* -- think, format ------------------------------------------------------------------- */

/* true: as much as the model does by itself; false: none. */
static int read_think(const struct reader *r, struct str raw)
{
    const struct place at = place_of(NULL, "think");
    struct str word;
    if (!raw.p)
        return 0;
    if (str_eqz(raw, "false")) {
        r->c->thinking_budget = 0;
        return 0;
    }
    if (str_eqz(raw, "true")) {
        r->c->effort = STR("medium");
        return 0;
    }
    if (!raw_is(raw, '"'))
        return reader_refuse(r, &at, "it is none of true, false, low, medium, high, max");
    if (reader_text(r, NULL, "think", raw, &word) != 0)
        return -1;
    r->c->effort = str_eqz(word, "max") ? STR("xhigh") : word;
    return 0;
}

/* "json", a schema, or "" for neither. */
static int read_format(const struct reader *r, struct str raw)
{
    const struct place at = place_of(NULL, "format");
    struct str word;
    if (json_is_empty(raw))
        return 0;
    if (raw_is(raw, '{')) {
        r->c->format = FORMAT_SCHEMA;
        r->c->schema = raw;
        return 0;
    }
    if (reader_text(r, NULL, "format", raw, &word) != 0)
        return -1;
    if (!str_eqz(word, "json"))
        return reader_refuse(r, &at, "it is neither \"json\" nor a schema");
    r->c->format = FORMAT_JSON;
    return 0;
}

/* -- all of it ----------------------------------------------------------------------- */

/* /api/generate: what one user says, perhaps with instructions and pictures. */
static int read_prompt(struct reader *r, const struct str in[IN_COUNT])
{
    struct conversation *c = r->c;
    struct json_text system, prompt;
    c->messages = reader_room(r, 2, sizeof *c->messages);
    if (!c->messages || reader_words(r, NULL, "system", in[IN_SYSTEM], &system) != 0 ||
        reader_words(r, NULL, "prompt", in[IN_PROMPT], &prompt) != 0)
        return -1;
    if (system.raw.n &&
        ollama_add_text(r, SPEAKER_SYSTEM, system, NULL, (struct str){NULL, 0}) != 0)
        return -1;
    return ollama_add_text(r, SPEAKER_USER, prompt, NULL, in[IN_IMAGES]);
}

static int read_members(struct reader *r, const struct chat *chat,
                        const struct str in[IN_COUNT])
{
    if (read_tools(r, in[IN_TOOLS]) != 0 || read_options(r, in[IN_OPTIONS]) != 0 ||
        read_think(r, in[IN_THINK]) != 0 || read_format(r, in[IN_FORMAT]) != 0)
        return -1;
    if (reader_check(r, NULL, "logprobs", in[IN_LOGPROBS], KIND_FLAG) != 0 ||
        reader_check(r, NULL, "top_logprobs", in[IN_TOP_LOGPROBS], KIND_NUMBER) != 0 ||
        reader_check(r, NULL, "truncate", in[IN_TRUNCATE], KIND_FLAG) != 0 ||
        reader_check(r, NULL, "shift", in[IN_SHIFT], KIND_FLAG) != 0)
        return -1;
    if (str_eqz(in[IN_LOGPROBS], "true")) {
        add_other(r, "logprobs", in[IN_LOGPROBS]);
        add_other(r, "top_logprobs", in[IN_TOP_LOGPROBS]);
    }
    add_other(r, OLLAMA_OTHER_KEEP_ALIVE, in[IN_KEEP_ALIVE]);
    add_other(r, OLLAMA_OTHER_TRUNCATE, in[IN_TRUNCATE]);
    add_other(r, OLLAMA_OTHER_SHIFT, in[IN_SHIFT]);
    return ollama_request_of(chat->path) == OLLAMA_GENERATE
               ? read_prompt(r, in)
               : ollama_read_messages(r, in[IN_MESSAGES], chat->nmessages);
}

int ollama_read_conversation(const struct chat *chat, struct arena *a,
                             struct conversation *ret, struct err *err)
{
    static const struct fields fields = {member_names, ARRAY_LEN(member_names), IN_COUNT};
    struct conversation c = {.max_output_tokens = chat->max_output_tokens,
                             .thinking_budget = THINKING_UNSAID};
    struct reader r = {.arena = a, .c = &c, .err = err, .ends = &chat->ends};
    struct json_cur cur;
    struct str in[IN_COUNT];
    c.others = reader_room(&r, IN_COUNT, sizeof *c.others);
    if (!c.others)
        return -1;
    json_begin_known(&cur, chat->body, &chat->ends);
    if (reader_fields_at(&r, NULL, &cur, &fields, in) != 0 ||
        read_members(&r, chat, in) != 0)
        return -1;
    *ret = c;
    return 0;
}
