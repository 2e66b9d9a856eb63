/* openai_conversation.c -- a chat request in OpenAI's form as a conversation.
 *
 * The body has been read and found valid (openai_decode.c).  Messages are in
 * openai_said.c; here is what stands beside them. */
#include "dialect/openai.h"
#include "dialect/openai_view.h"
#include "dialect/reader.h"

/* They may be nearly all of the body: they are passed over as seldom as can be. */
static int read_messages(struct reader *r, const struct chat *chat)
{
    struct json_cur c;
    r->c->messages = reader_room(r, chat->nmessages, sizeof *r->c->messages);
    if (!r->c->messages)
        return -1;
    if (reader_array(r, &c, member_value(chat->body, &chat->view->messages_at)))
        while (json_next_element(&c))
            if (openai_read_said(r, &c) != 0)
                return -1;
    return 0;
}

/* -- tools --------------------------------------------------------------------------- */

static int read_function(const struct reader *r, const struct place *at, struct str raw,
                         const struct fields *f, struct tool *ret)
{
    struct str in[5]; /* as below */
    if (reader_fields(r, at, raw, f, in) != 0 ||
        reader_text(r, at, "name", in[0], &ret->name) != 0 ||
        reader_words(r, at, "description", in[1], &ret->description) != 0)
        return -1;
    if (!ret->name.n)
        return reader_refuse(r, at, "it has no name");
    if (in[2].p && !raw_is(in[2], '{'))
        return reader_refuse_member(r, at, "parameters", "it must be an object");
    ret->parameters = in[2];
    ret->strict = in[3];
    return 0;
}

/* A function in its member `function`, or with its members beside the type. */
static int read_tool(const struct reader *r, const struct place *at, struct str raw,
                     struct tool *ret)
{
    static const char *const tool_names[] = {"function", "cache_control", "type",
                                             "strict"};
    static const char *const names[] = {"name",   "description",   "parameters",
                                        "strict", "cache_control", "type"};
    static const struct fields of_tool = {tool_names, ARRAY_LEN(tool_names), 2};
    static const struct fields of_function = {names, 4, 4};
    static const struct fields of_both = {names, ARRAY_LEN(names), 5};
    const struct place function = place_of(at, "function");
    struct str in[2], type;
    if (!raw_is(raw, '{'))
        return reader_refuse(r, at, "it must be an object");
    if (reader_text(r, at, "type", reader_get(r, raw, "type"), &type) != 0)
        return -1;
    if (type.n && !str_eqz(type, "function"))
        return reader_refuse_member(r, at, "type",
                                    "only tools of type 'function' have a place");
    ret->cache = reader_get(r, raw, "cache_control");
    if (!reader_get(r, raw, "function").p)
        return read_function(r, at, raw, &of_both, ret);
    if (reader_fields(r, at, raw, &of_tool, in) != 0)
        return -1;
    return read_function(r, &function, in[0], &of_function, ret);
}

static int read_tools(const struct reader *r, struct str raw)
{
    struct place at = place_of(NULL, "tools");
    struct json_cur c;
    struct str tool;
    r->c->tools = reader_room(r, reader_count(r, raw), sizeof *r->c->tools);
    if (!r->c->tools)
        return -1;
    if (!reader_array(r, &c, raw))
        return json_is_empty(raw) ? 0 : reader_refuse(r, &at, "it must be an array");
    for (at.index = 0; array_next(&c, &tool); at.index++)
        if (read_tool(r, &at, tool, &r->c->tools[r->c->ntools++]) != 0)
            return -1;
    return 0;
}

static bool choice_of(struct str word, enum tool_choice *ret)
{
    static const struct {
        const char *word;
        enum tool_choice choice;
    } rows[] = {
        {"auto", CHOICE_AUTO},
        {"none", CHOICE_NONE},
        {"required", CHOICE_REQUIRED},
        {"any", CHOICE_REQUIRED}, /* Mistral's and Anthropic's word for it */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_eqz(word, rows[i].word)) {
            *ret = rows[i].choice;
            return true;
        }
    return false;
}

/* {"type":"function","function":{"name":"f"}}; also {"type":"auto"}. */
static int read_choice_object(const struct reader *r, const struct place *at,
                              struct str raw)
{
    static const char *const names[] = {"type", "name", "function"};
    static const struct fields fields = {names, 3, 3};
    static const struct fields of_function = {names + 1, 1, 1};
    const struct place function = place_of(at, "function");
    struct conversation *c = r->c;
    struct str in[3], type, name, inner;
    if (reader_fields(r, at, raw, &fields, in) != 0 ||
        reader_text(r, at, "type", in[0], &type) != 0 ||
        reader_text(r, at, "name", in[1], &name) != 0)
        return -1;
    if (in[2].p && (reader_fields(r, &function, in[2], &of_function, &inner) != 0 ||
                    reader_agreeing(r, &function, "name", inner, &name) != 0))
        return -1;
    if (!name.n && choice_of(type, &c->choice))
        return 0;
    if (!name.n || (type.n && !str_eqz(type, "function") && !str_eqz(type, "tool")))
        return reader_refuse(r, at,
                             "it is none of auto, none, required, or one function");
    c->choice = CHOICE_NAMED;
    c->choice_name = name;
    return 0;
}

static int read_choice(const struct reader *r, struct str raw)
{
    const struct place at = place_of(NULL, "tool_choice");
    struct str word;
    if (json_is_empty(raw))
        return 0;
    if (raw_is(raw, '{'))
        return read_choice_object(r, &at, raw);
    if (reader_text(r, NULL, "tool_choice", raw, &word) != 0)
        return -1;
    return choice_of(word, &r->c->choice)
               ? 0
               : reader_refuse(r, &at,
                               "it is none of auto, none, required, or one function");
}

/* -- stops, format, reasoning -------------------------------------------------------- */

/* An empty text would stop some engines at once. */
static int add_stop(const struct reader *r, const struct place *at, struct str raw)
{
    struct str text;
    if (str_eqz(raw, "null"))
        return 0;
    if (!raw_is(raw, '"'))
        return reader_refuse(r, at, "it must be a string");
    if (reader_text(r, NULL, "stop", raw, &text) != 0)
        return -1;
    if (text.n)
        r->c->stops[r->c->nstops++] = text;
    return 0;
}

static int read_stops(const struct reader *r, struct str raw)
{
    struct place at = place_of(NULL, "stop");
    struct json_cur c;
    struct str one;
    if (json_is_empty(raw))
        return 0;
    r->c->stops = reader_room(r, reader_count(r, raw) + 1, sizeof *r->c->stops);
    if (!r->c->stops)
        return -1;
    if (raw_is(raw, '"'))
        return add_stop(r, &at, raw);
    if (!reader_array(r, &c, raw))
        return reader_refuse(r, &at, "it must be a string or an array of strings");
    for (at.index = 0; array_next(&c, &one); at.index++)
        if (add_stop(r, &at, one) != 0)
            return -1;
    return 0;
}

/* {"json_schema":{"schema":{...}}} as OpenAI has it, or {"schema":{...}} as llama.cpp. */
static int read_schema(const struct reader *r, const struct place *at,
                       const struct str in[2])
{
    static const char *const names[] = {"schema", "name", "strict", "description"};
    static const struct fields fields = {names, ARRAY_LEN(names), 3};
    const struct place inner = place_of(at, "json_schema");
    struct str found[3] = {{NULL, 0}}, own, schema = in[1];
    if (in[0].p && reader_fields(r, &inner, in[0], &fields, found) != 0)
        return -1;
    own = found[0];
    if (reader_text(r, &inner, "name", found[1], &r->c->schema_name) != 0)
        return -1;
    r->c->schema_strict = found[2];
    if (own.p && schema.p && !str_eq(own, schema))
        return reader_refuse_member(r, at, "schema", "another stands in 'json_schema'");
    schema = own.p ? own : schema;
    if (schema.p && !raw_is(schema, '{'))
        return reader_refuse_member(r, own.p ? &inner : at, "schema",
                                    "it must be an object");
    r->c->format = schema.p ? FORMAT_SCHEMA : FORMAT_JSON;
    r->c->schema = schema;
    return 0;
}

static int read_format(const struct reader *r, struct str raw)
{
    static const char *const names[] = {"json_schema", "schema", "type",
                                        "name",        "strict", "description"};
    static const struct fields fields = {names, ARRAY_LEN(names), 2};
    const struct place at = place_of(NULL, "response_format");
    struct str in[2], type = {NULL, 0};
    if (json_is_empty(raw))
        return 0;
    if (raw_is(raw, '{') &&
        reader_text(r, &at, "type", reader_get(r, raw, "type"), &type) != 0)
        return -1;
    bool is_json = str_eqz(type, "json_schema") || str_eqz(type, "json_object");
    if (raw_is(raw, '{') && !is_json && !str_eqz(type, "text"))
        return reader_refuse_member(r, &at, "type",
                                    "it is none of text, json_object, json_schema");
    if (reader_fields(r, &at, raw, &fields, in) != 0)
        return -1;
    if (is_json)
        return read_schema(r, &at, in);
    return json_is_empty(in[0]) && json_is_empty(in[1])
               ? 0
               : reader_refuse(r, &at, "it has a schema, and the type 'text'");
}

/* OpenAI's Responses and OpenRouter have the effort in an object. */
static int read_reasoning(const struct reader *r, struct str raw)
{
    static const char *const names[] = {"effort", "summary"};
    static const struct fields fields = {names, ARRAY_LEN(names), 1};
    const struct place at = place_of(NULL, "reasoning");
    struct str effort;
    if (json_is_empty(raw))
        return 0;
    if (reader_fields(r, &at, raw, &fields, &effort) != 0)
        return -1;
    return reader_agreeing(r, &at, "effort", effort, &r->c->effort);
}

static int read_effort(const struct reader *r, struct str raw)
{
    return reader_agreeing(r, NULL, "reasoning_effort", raw, &r->c->effort);
}

/* -- the rest ------------------------------------------------------------------------ */

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
    return reader_sampling(r, NULL, names, k, value);
}

/* Its number is in struct chat.  Servers take -1 for "no limit"; what else is below 0
 * means something of their own. */
static int check_limit(const struct reader *r, const char *name, struct str raw)
{
    int64_t n;
    return json_to_i64(raw, &n) && n < -1
               ? reader_refuse_member(r, NULL, name, "it must be a number of tokens")
               : 0;
}

static int read_max_tokens(const struct reader *r, struct str raw)
{
    return check_limit(r, "max_tokens", raw);
}

static int read_max_completion_tokens(const struct reader *r, struct str raw)
{
    return check_limit(r, "max_completion_tokens", raw);
}

/* Padding that hides lengths is of no meaning for the answer. */
static int check_stream_options(const struct reader *r, struct str raw)
{
    static const char *const names[] = {"include_usage", "include_obfuscation"};
    static const struct fields fields = {names, ARRAY_LEN(names), 1};
    const struct place at = place_of(NULL, "stream_options");
    struct str include_usage;
    return reader_fields(r, &at, raw, &fields, &include_usage);
}

static int do_nothing(const struct reader *r, struct str raw)
{
    (void)r;
    (void)raw;
    return 0;
}

static const struct {
    const char *name;
    int (*read)(const struct reader *r, struct str raw);
} members[] = {
    {"model", do_nothing}, /* these three are in struct chat */
    {"stream", do_nothing},
    {"n", do_nothing},
    {"tools", read_tools},
    {"tool_choice", read_choice},
    {"stop", read_stops},
    {"response_format", read_format},
    {"reasoning", read_reasoning},
    {"reasoning_effort", read_effort},
    {"max_tokens", read_max_tokens},
    {"max_completion_tokens", read_max_completion_tokens},
    {"stream_options", check_stream_options},
};

static int read_member(struct reader *r, struct json_string k, struct str value)
{
    int sampled = str_eqz(value, "null") ? 1 : read_sampling(r, k, value);
    if (sampled != 0)
        return sampled < 0 ? -1 : 0;
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        if (json_string_is(k, members[i].name))
            return members[i].read(r, value);
    r->c->others[r->c->nothers++] = (struct other_member){k.raw, value};
    return reader_check_other(r, k, value);
}

int openai_read_conversation(const struct chat *chat, struct arena *a,
                             struct conversation *ret, struct err *err)
{
    struct conversation c = {.max_output_tokens = chat->max_output_tokens,
                             .thinking_budget = THINKING_UNSAID};
    struct reader r = {.arena = a, .c = &c, .err = err, .ends = &chat->ends};
    const struct member *messages = &chat->view->messages_at;
    struct json_cur cur;
    struct json_string k;
    struct str value;
    c.others = reader_room(&r, chat->view->nkeys, sizeof *c.others);
    if (!c.others)
        return -1;
    if (read_messages(&r, chat) != 0)
        return -1;
    json_begin_known(&cur, chat->body, &chat->ends);
    json_enter_object(&cur);
    while (json_next_member(&cur, &k)) {
        if (json_string_is(k, "messages"))
            cur.p = cur.start + messages->end; /* they are valid */
        else if (!json_skip(&cur, &value) || read_member(&r, k, value) != 0)
            return -1;
    }
    *ret = c;
    return 0;
}
