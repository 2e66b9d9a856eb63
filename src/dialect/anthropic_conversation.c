/* anthropic_conversation.c -- a request of Anthropic's Messages as a conversation.
 *
 * The body has been read and found valid (anthropic_decode.c).  Its messages are in
 * anthropic_blocks.c, its tools in anthropic_tools.c; here is what stands beside them.
 * A member without a counterpart is carried under its own name ("anthropic.container"):
 * whoever translates refuses it. */
#include "dialect/anthropic.h"
#include "dialect/names.h"

void *anthropic_grown(const struct reader *r, void *v, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return v;
    size_t more = *cap ? 2 * *cap + 2 : 1; /* most messages have one piece */
    void *ret = reader_room(r, more, size);
    if (ret && n)
        memcpy(ret, v, n * size);
    *cap = more;
    return ret;
}

int anthropic_read_flag(const struct reader *r, const struct place *in, const char *name,
                        struct str raw, bool *ret)
{
    *ret = str_eqz(raw, "true");
    return !raw.p || *ret || str_eqz(raw, "false")
               ? 0
               : reader_refuse_member(r, in, name, "it must be true or false");
}

int anthropic_lose(struct anthropic_reading *a, struct str name)
{
    return reader_lose_name(&a->r, name);
}

int anthropic_add_other(struct anthropic_reading *a, struct str name, struct str value)
{
    struct conversation *c = a->r.c;
    c->others =
        anthropic_grown(&a->r, c->others, c->nothers, &a->others_cap, sizeof *c->others);
    if (!c->others)
        return -1;
    if (!name.p)
        return err_nomem(a->r.err);
    c->others[c->nothers++] = (struct other_member){name, value};
    return 0;
}

/* One of the dialect's own. */
static int add_own(struct anthropic_reading *a, struct str name, struct str value)
{
    if (json_is_empty(value))
        return 0;
    return anthropic_add_other(
        a, arena_printf(a->r.arena, "anthropic.%.*s", STR_ARG(name)), value);
}

/* -- reasoning and format -------------------------------------------------------------
 */

static int read_budget(const struct reader *r, const struct place *at, struct str raw)
{
    int64_t n;
    if (!raw.p || !json_to_i64(raw, &n) || n < 0)
        return reader_refuse_member(r, at, "budget_tokens",
                                    "it must be a number of tokens");
    r->c->thinking_budget = n;
    return 0;
}

/* What is left to the model (adaptive) says nothing here: it is what models do. */
static int read_thinking(struct anthropic_reading *a, struct str raw)
{
    static const char *const names[] = {"type", "budget_tokens", "display"};
    static const struct fields fields = {names, ARRAY_LEN(names), 3};
    const struct place at = place_of(NULL, "thinking");
    const struct reader *r = &a->r;
    struct str in[3], type, display;
    if (reader_fields(r, &at, raw, &fields, in) != 0 ||
        reader_text(r, &at, "type", in[0], &type) != 0 ||
        reader_text(r, &at, "display", in[2], &display) != 0)
        return -1;
    if (display.n && !str_eqz(display, "summarized") && !str_eqz(display, "omitted") &&
        anthropic_lose(a, STR("thinking.display")) != 0)
        return -1;
    if (str_eqz(type, "enabled"))
        return read_budget(r, &at, in[1]);
    if (str_eqz(type, "disabled"))
        r->c->thinking_budget = 0;
    else if (!str_eqz(type, "adaptive") && !str_eqz(type, "between_tools"))
        return reader_refuse_member(r, &at, "type",
                                    "it is none of enabled, adaptive, disabled");
    return 0;
}

static int read_format(const struct reader *r, const struct place *at, struct str raw)
{
    static const char *const names[] = {"type", "schema"};
    static const struct fields fields = {names, ARRAY_LEN(names), 2};
    struct str in[2], type;
    if (json_is_empty(raw))
        return 0;
    if (reader_fields(r, at, raw, &fields, in) != 0 ||
        reader_text(r, at, "type", in[0], &type) != 0)
        return -1;
    if (!str_eqz(type, "json_schema"))
        return reader_refuse_member(r, at, "type", "it is not json_schema");
    if (!raw_is(in[1], '{'))
        return reader_refuse_member(r, at, "schema", "it must be an object");
    if (r->c->schema.p && !str_eq(r->c->schema, in[1]))
        return reader_refuse(r, at, "another schema stands in 'output_config.format'");
    r->c->format = FORMAT_SCHEMA;
    r->c->schema = in[1];
    return 0;
}

static int read_output_config(struct anthropic_reading *a, struct str raw)
{
    static const char *const names[] = {"format", "effort", "task_budget"};
    static const struct fields fields = {names, ARRAY_LEN(names), 3};
    const struct place at = place_of(NULL, "output_config");
    const struct place format = place_of(&at, "format");
    const struct reader *r = &a->r;
    struct str in[3];
    if (json_is_empty(raw))
        return 0;
    if (reader_fields(r, &at, raw, &fields, in) != 0 ||
        reader_text(r, &at, "effort", in[1], &r->c->effort) != 0)
        return -1;
    if (in[2].p && anthropic_lose(a, STR("output_config.task_budget")) != 0)
        return -1;
    return read_format(r, &format, in[0]);
}

/* -- limits ---------------------------------------------------------------------------
 */

static int read_stops(const struct reader *r, struct str raw)
{
    struct place at = place_of(NULL, "stop_sequences");
    struct json_cur c;
    struct str one, text;
    if (json_is_empty(raw))
        return 0;
    r->c->stops = reader_room(r, array_count(raw), sizeof *r->c->stops);
    if (!r->c->stops)
        return -1;
    if (!array_begin(&c, raw))
        return reader_refuse(r, &at, "it must be an array of strings");
    for (at.index = 0; array_next(&c, &one); at.index++) {
        if (!raw_is(one, '"'))
            return reader_refuse(r, &at, "it must be a string");
        if (reader_text(r, NULL, "stop_sequences", one, &text) != 0)
            return -1;
        if (text.n)
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
    };
    return reader_sampling(r, NULL, names, k, value);
}

/* -- what else there is ---------------------------------------------------------------
 */

/* OpenAI takes a name of at most 64 bytes there; a longer one (Claude Code's has three
 * ids in it) is of no meaning for an answer. */
static int read_metadata(struct anthropic_reading *a, struct str raw)
{
    enum { MAX_USER_BYTES = 64 };
    const struct place at = place_of(NULL, "metadata");
    if (reader_check(&a->r, NULL, "metadata", raw, KIND_OBJECT) != 0)
        return -1;
    struct str user = json_get(raw, "user_id");
    if (reader_check(&a->r, &at, "user_id", user, KIND_STRING) != 0)
        return -1;
    if (!user.n || json_is_empty(user))
        return 0;
    return user.n <= MAX_USER_BYTES + 2 ? anthropic_add_other(a, STR("user"), user)
                                        : anthropic_lose(a, STR("metadata.user_id"));
}

static int read_tier(struct anthropic_reading *a, struct str raw)
{
    if (str_eqz(raw, "\"auto\""))
        return 0;
    return str_eqz(raw, "\"standard_only\"")
               ? anthropic_add_other(a, STR("service_tier"), STR("\"default\""))
               : add_own(a, STR("service_tier"), raw);
}

static int read_speed(struct anthropic_reading *a, struct str raw)
{
    return str_eqz(raw, "\"standard\"") ? 0 : add_own(a, STR("speed"), raw);
}

/* {"edits":[{"type":"clear_thinking_...","keep":"all"}]}: that nothing be taken away. */
static bool keeps_all(struct str raw)
{
    struct json_cur c;
    struct str edit, edits = json_get(raw, "edits");
    if (!array_begin(&c, edits))
        return json_is_empty(edits);
    while (array_next(&c, &edit))
        if (!raw_is(edit, '{') ||
            !str_starts(json_get(edit, "type"), STR("\"clear_thinking_")) ||
            !str_eqz(json_get(edit, "keep"), "\"all\""))
            return false;
    return true;
}

/* What the API would take out of a long history stays in it. */
static int read_context_management(struct anthropic_reading *a, struct str raw)
{
    return keeps_all(raw) ? 0 : anthropic_lose(a, STR("context_management"));
}

/* It asks what became of the prompt's cache. */
static int lose_diagnostics(struct anthropic_reading *a, struct str raw)
{
    bool asks =
        !json_is_empty(raw) && !json_is_empty(json_get(raw, "previous_message_id"));
    return asks ? anthropic_lose(a, STR("diagnostics")) : 0;
}

static int do_nothing(struct anthropic_reading *a, struct str raw)
{
    (void)a;
    (void)raw;
    return 0;
}

static int read_output_format(struct anthropic_reading *a, struct str raw)
{
    const struct place at = place_of(NULL, "output_format");
    return read_format(&a->r, &at, raw);
}

static int read_stop_sequences(struct anthropic_reading *a, struct str raw)
{
    return read_stops(&a->r, raw);
}

static const struct {
    const char *name;
    int (*read)(struct anthropic_reading *a, struct str raw);
} members[] = {
    {"model", do_nothing}, /* these are in struct chat */
    {"stream", do_nothing},
    {"max_tokens", do_nothing},
    {"thinking", read_thinking},
    {"output_config", read_output_config},
    {"output_format", read_output_format},
    {"stop_sequences", read_stop_sequences},
    {"metadata", read_metadata},
    {"service_tier", read_tier},
    {"speed", read_speed},
    {"context_management", read_context_management},
    {"diagnostics", lose_diagnostics},
};

/* Those that are read in an order of their own. */
struct spans {
    struct str system, tools, tool_choice, cache;
};

static struct str *span_of(struct spans *s, struct json_string k)
{
    return json_string_is(k, "system")          ? &s->system
           : json_string_is(k, "tools")         ? &s->tools
           : json_string_is(k, "tool_choice")   ? &s->tool_choice
           : json_string_is(k, "cache_control") ? &s->cache
                                                : NULL;
}

static int read_member(struct anthropic_reading *a, struct json_string k,
                       struct str value, struct spans *spans)
{
    struct str *span = span_of(spans, k);
    if (span)
        *span = value;
    int sampled = span || str_eqz(value, "null") ? 1 : read_sampling(&a->r, k, value);
    if (sampled != 0)
        return sampled < 0 ? -1 : 0;
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        if (json_string_is(k, members[i].name))
            return members[i].read(a, value);
    return add_own(a, k.raw, value);
}

static int read_messages(struct anthropic_reading *a, struct str raw)
{
    struct json_cur c;
    reader_array(&a->r, &c, raw);
    for (ptrdiff_t i = 0; json_next_element(&c); i++)
        if (anthropic_read_message(a, i, &c) != 0)
            return -1;
    return 0;
}

/* A mark beside the messages is one on the last piece. */
static void mark_last(struct conversation *c, struct str cache)
{
    struct message *last = c->nmessages ? &c->messages[c->nmessages - 1] : NULL;
    if (cache.p && !str_eqz(cache, "null") && last && last->npieces &&
        !last->pieces[last->npieces - 1].cache.p)
        last->pieces[last->npieces - 1].cache = cache;
}

int anthropic_read_conversation(const struct chat *chat, struct arena *a,
                                struct conversation *ret, struct err *err)
{
    struct conversation c = {.max_output_tokens = chat->max_output_tokens,
                             .thinking_budget = THINKING_UNSAID};
    struct anthropic_reading reading = {
        .r = {.arena = a, .c = &c, .err = err, .ends = &chat->ends}};
    struct spans spans = {.system = {NULL, 0}};
    struct json_cur cur;
    struct json_string k;
    struct str value;
    reading.messages_cap = (size_t)chat->nmessages + 1; /* results of tools may be more */
    c.messages = reader_room(&reading.r, reading.messages_cap, sizeof *c.messages);
    if (!c.messages)
        return -1;
    json_begin_known(&cur, chat->body, &chat->ends);
    json_enter_object(&cur);
    while (json_next_member(&cur, &k)) {
        if (json_string_is(k, "messages"))
            cur.p = chat->input.p + chat->input.n; /* they are valid */
        else if (!json_skip(&cur, &value) || read_member(&reading, k, value, &spans) != 0)
            return -1;
    }
    if (c.max_output_tokens == 0)
        return reader_refuse_member(&reading.r, NULL, "max_tokens",
                                    "0 only fills the cache of Anthropic's API");
    if (anthropic_read_system(&reading, spans.system) != 0 ||
        read_messages(&reading, chat->input) != 0 ||
        anthropic_read_tools(&reading, spans.tools, spans.tool_choice) != 0)
        return -1;
    mark_last(&c, spans.cache);
    *ret = c;
    return 0;
}
