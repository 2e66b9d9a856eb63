/* responses_conversation.c -- a request to Responses, said as a conversation.
 *
 * The body has been read and found valid (responses_decode.c).  Items are in
 * responses_items.c, tools in responses_tools.c; here is what stands beside them. */
#include "dialect/body.h"
#include "dialect/responses.h"

/* Members that are read here, those that go on under OpenAI's name for chat, and those
 * without a meaning for the answer. */
enum {
    IN_INSTRUCTIONS,
    IN_TOOLS,
    IN_TOOL_CHOICE,
    IN_TEXT,
    IN_REASONING,
    IN_INCLUDE,
    IN_TOP_LOGPROBS,
    IN_TRUNCATION,
    IN_TEMPERATURE,
    IN_TOP_P,
    IN_PREVIOUS,
    IN_CONVERSATION,
    IN_PROMPT,
    IN_BACKGROUND,
    IN_COUNT
};

static const char *const read_names[IN_COUNT] = {
    [IN_INSTRUCTIONS] = "instructions",
    [IN_TOOLS] = "tools",
    [IN_TOOL_CHOICE] = "tool_choice",
    [IN_TEXT] = "text",
    [IN_REASONING] = "reasoning",
    [IN_INCLUDE] = "include",
    [IN_TOP_LOGPROBS] = "top_logprobs",
    [IN_TRUNCATION] = "truncation",
    [IN_TEMPERATURE] = "temperature",
    [IN_TOP_P] = "top_p",
    [IN_PREVIOUS] = "previous_response_id",
    [IN_CONVERSATION] = "conversation",
    [IN_PROMPT] = "prompt",
    [IN_BACKGROUND] = "background",
};

static const char *const meaningless[] = {"model", "stream", "stream_options",
                                          "max_output_tokens"};

/* `store` is answered with false: nothing is kept.  `max_tool_calls` counts calls of
 * tools that the provider runs, and none of those comes through. */
static const char *const left_out[] = {"store", "client_metadata", "max_tool_calls",
                                       "background_options", "prompt_cache_options"};

static const char *const passed[] = {
    "user",
    "service_tier",
    "metadata",
    "parallel_tool_calls",
    "prompt_cache_key",
    "prompt_cache_retention",
    "safety_identifier",
};

static bool is_one_of(struct json_string k, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (json_string_is(k, names[i]))
            return true;
    return false;
}

static void add_other(const struct reader *r, struct str name, struct str value)
{
    r->c->others[r->c->nothers++] = (struct other_member){name, value};
}

/* What nobody here knows goes on under this dialect's name: engines refuse it by that. */
static int read_unknown(const struct reader *r, struct json_string k, struct str value)
{
    struct str name = k.raw;
    bool is_passed = is_one_of(k, passed, ARRAY_LEN(passed));
    if (is_one_of(k, meaningless, ARRAY_LEN(meaningless)) ||
        (!is_passed && json_is_empty(value)))
        return 0;
    if (is_one_of(k, left_out, ARRAY_LEN(left_out)))
        return reader_lose_name(r, k.raw);
    if (!is_passed)
        name = arena_printf(r->arena, "responses.%.*s", STR_ARG(k.raw));
    if (!name.p)
        return err_nomem(r->err);
    add_other(r, name, value);
    return is_passed ? reader_check_other(r, k, value) : 0;
}

int responses_lose(const struct reader *r, const struct place *at, struct str what)
{
    struct str said =
        at->index == NO_INDEX
            ? arena_printf(r->arena, "%.*s (%.*s)", STR_ARG(at->name), STR_ARG(what))
            : arena_printf(r->arena, "%.*s[%td] (%.*s)", STR_ARG(at->name), at->index,
                           STR_ARG(what));
    return reader_lose_name(r, said);
}

/* -- state ------------------------------------------------------------------------------
 */

static int check_state(const struct reader *r, const struct str in[IN_COUNT])
{
    static const struct {
        int at;
        const char *why;
    } rows[] = {
        {IN_CONVERSATION, "weir keeps no conversations; send all items in 'input'"},
        {IN_PROMPT, "weir has no stored prompts; send 'instructions' and 'input'"},
        {IN_BACKGROUND, "weir answers at once; leave it out"},
    };
    if (!json_is_empty(in[IN_PREVIOUS]))
        return err_set(r->err, ERR_BAD_REQUEST, "previous_response_not_found",
                       "'previous_response_id' names a response that is not here: weir "
                       "keeps none; send the whole conversation in 'input'");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (!json_is_empty(in[rows[i].at]))
            return reader_refuse_member(r, NULL, read_names[rows[i].at], rows[i].why);
    return 0;
}

/* -- settings ---------------------------------------------------------------------------
 */

static int read_format(const struct reader *r, const struct place *in, struct str raw)
{
    static const char *const names[] = {"type", "schema", "name", "strict",
                                        "description"};
    static const struct fields fields = {names, ARRAY_LEN(names), 4};
    const struct place at = place_of(in, "format");
    struct str found[4], type;
    if (json_is_empty(raw))
        return 0;
    if (reader_fields(r, &at, raw, &fields, found) != 0 ||
        reader_text(r, &at, "type", found[0], &type) != 0 ||
        reader_text(r, &at, "name", found[2], &r->c->schema_name) != 0)
        return -1;
    if (str_eqz(type, "text"))
        return 0;
    r->c->format = FORMAT_JSON;
    if (str_eqz(type, "json_object"))
        return 0;
    if (!str_eqz(type, "json_schema"))
        return reader_refuse_member(r, &at, "type",
                                    "it is none of text, json_object, json_schema");
    if (!raw_is(found[1], '{'))
        return reader_refuse_member(r, &at, "schema", "it must be an object");
    r->c->format = FORMAT_SCHEMA;
    r->c->schema = found[1];
    r->c->schema_strict = found[3];
    return 0;
}

static int read_text(const struct reader *r, struct str raw)
{
    static const char *const names[] = {"format", "verbosity"};
    static const struct fields fields = {names, 2, 2};
    const struct place at = place_of(NULL, "text");
    struct str found[2];
    if (json_is_empty(raw))
        return 0;
    if (reader_fields(r, &at, raw, &fields, found) != 0 ||
        read_format(r, &at, found[0]) != 0)
        return -1;
    if (reader_check(r, &at, "verbosity", found[1], KIND_STRING) != 0)
        return -1;
    if (found[1].p)
        add_other(r, STR("verbosity"), found[1]);
    return 0;
}

/* Summaries are whatever an engine says of its reasoning. */
static int read_reasoning(const struct reader *r, struct str raw)
{
    static const char *const names[] = {"effort", "mode", "context", "summary",
                                        "generate_summary"};
    static const struct fields fields = {names, ARRAY_LEN(names), 3};
    const struct place at = place_of(NULL, "reasoning");
    const struct place context = place_of(NULL, "reasoning.context");
    struct str found[3], mode, keep;
    if (json_is_empty(raw))
        return 0;
    if (reader_fields(r, &at, raw, &fields, found) != 0 ||
        reader_text(r, &at, "effort", found[0], &r->c->effort) != 0 ||
        reader_text(r, &at, "mode", found[1], &mode) != 0 ||
        reader_text(r, &at, "context", found[2], &keep) != 0)
        return -1;
    if (mode.n && !str_eqz(mode, "standard"))
        return reader_refuse_member(r, &at, "mode", "only 'standard' has a place");
    return !keep.n || str_eqz(keep, "auto") ? 0 : responses_lose(r, &context, keep);
}

static int read_include(const struct reader *r, struct str raw, bool *wants_logprobs)
{
    struct place at = place_of(NULL, "include");
    struct json_cur c;
    struct str one, word;
    if (!reader_array(r, &c, raw))
        return json_is_empty(raw) ? 0 : reader_refuse(r, &at, "it must be an array");
    for (at.index = 0; array_next(&c, &one); at.index++) {
        if (reader_text(r, NULL, "include", one, &word) != 0)
            return -1;
        bool is_of_logprobs = str_eqz(word, "message.output_text.logprobs");
        *wants_logprobs |= is_of_logprobs;
        /* What is encrypted is always given. */
        if (!is_of_logprobs && !str_eqz(word, "reasoning.encrypted_content") &&
            responses_lose(r, &at, word) != 0)
            return -1;
    }
    return 0;
}

static int read_logprobs(const struct reader *r, const struct str in[IN_COUNT])
{
    bool wants = false;
    if (read_include(r, in[IN_INCLUDE], &wants) != 0 ||
        reader_check(r, NULL, "top_logprobs", in[IN_TOP_LOGPROBS], KIND_NUMBER) != 0)
        return -1;
    if (in[IN_TOP_LOGPROBS].p && !str_eqz(in[IN_TOP_LOGPROBS], "0")) {
        wants = true;
        add_other(r, STR("top_logprobs"), in[IN_TOP_LOGPROBS]);
    }
    if (wants)
        add_other(r, STR("logprobs"), STR("true"));
    return 0;
}

/* Engines refuse a prompt that is too long; to cut it is not weir's to decide. */
static int check_truncation(const struct reader *r, struct str raw)
{
    const struct place at = place_of(NULL, "truncation");
    if (!json_is_empty(raw) && reader_check(r, NULL, "truncation", raw, KIND_STRING) != 0)
        return -1;
    return json_is_empty(raw) || str_eqz(raw, "\"disabled\"")
               ? 0
               : responses_lose(r, &at, str_sub(raw, 1, raw.n - 1));
}

/* -- the whole --------------------------------------------------------------------------
 */

static int read_members(const struct reader *r, const struct chat *chat,
                        struct str in[IN_COUNT])
{
    struct json_cur c;
    struct json_string k;
    struct str value;
    json_begin_known(&c, chat->body, &chat->ends);
    json_enter_object(&c);
    while (json_next_member(&c, &k)) {
        int i = 0;
        if (json_string_is(k, "input") && chat->input.p) {
            c.p = chat->input.p + chat->input.n; /* may be nearly all, and is valid */
            continue;
        }
        if (!json_skip(&c, &value) || str_eqz(value, "null"))
            continue;
        while (i < IN_COUNT && !json_string_is(k, read_names[i]))
            i++;
        if (i < IN_COUNT)
            in[i] = value;
        else if (read_unknown(r, k, value) != 0)
            return -1;
    }
    return 0;
}

static int read_instructions(const struct reader *r, struct str raw)
{
    struct message *m = &r->c->messages[0];
    struct json_text text;
    if (reader_words(r, NULL, "instructions", raw, &text) != 0)
        return -1;
    if (!text.raw.n)
        return 0;
    m->pieces = reader_room(r, 1, sizeof *m->pieces);
    if (!m->pieces)
        return -1;
    m->speaker = SPEAKER_SYSTEM;
    m->pieces[m->npieces++] = (struct piece){.kind = PIECE_TEXT, .text = text};
    r->c->nmessages = 1;
    return 0;
}

/* A body has no more members; verbosity and logprobs stand inside of others. */
enum { MAX_OTHERS = BODY_MAX_MEMBERS + 2 };

int responses_read_conversation(const struct chat *chat, struct arena *a,
                                struct conversation *ret, struct err *err)
{
    struct conversation c = {.max_output_tokens = chat->max_output_tokens,
                             .thinking_budget = THINKING_UNSAID};
    const struct reader r = {.arena = a, .c = &c, .err = err, .ends = &chat->ends};
    struct str in[IN_COUNT] = {{NULL, 0}};
    c.others = reader_room(&r, MAX_OTHERS, sizeof *c.others);
    c.messages = reader_room(&r, (size_t)chat->nmessages + 1, sizeof *c.messages);
    if (!c.others || !c.messages || read_members(&r, chat, in) != 0 ||
        check_state(&r, in) != 0 || read_instructions(&r, in[IN_INSTRUCTIONS]) != 0 ||
        responses_read_items(&r, chat) != 0 ||
        responses_read_tools(&r, in[IN_TOOLS], in[IN_TOOL_CHOICE]) != 0 ||
        read_text(&r, in[IN_TEXT]) != 0 || read_reasoning(&r, in[IN_REASONING]) != 0 ||
        read_logprobs(&r, in) != 0 || check_truncation(&r, in[IN_TRUNCATION]) != 0 ||
        reader_check(&r, NULL, "temperature", in[IN_TEMPERATURE], KIND_NUMBER) != 0 ||
        reader_check(&r, NULL, "top_p", in[IN_TOP_P], KIND_NUMBER) != 0)
        return -1;
    c.sampling[SAMPLING_TEMPERATURE] = in[IN_TEMPERATURE];
    c.sampling[SAMPLING_TOP_P] = in[IN_TOP_P];
    *ret = c;
    return 0;
}
