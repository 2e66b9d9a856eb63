/* chunk.c -- what a chunk (or a whole answer) says, in one pass.
 *
 * Read generously, because engines vary: `delta` or `message`, `text` of completions,
 * reasoning under two names, tool calls old and new, usage at the top, in a choice, in a
 * message or under x_groq, or figures beside the answer that say as much.
 * Members that are not known here are stepped over and reach the client untouched. */
#include "engine/chunk.h"

#include "json/scan.h"

static void count_text(struct chunk *ch, struct str raw, enum text_kind kind)
{
    if (raw.n == 0)
        return;
    ch->text_bytes[kind] += raw.n;
    ch->sole = raw;
    ch->sole_kind = kind;
    ch->ntexts++;
}

/* The tier of service stands beside the usage or in it. */
static void take_tier(struct usage_report *to, const struct usage_report *from)
{
    if (to->has_tier)
        return;
    to->has_tier = from->has_tier;
    to->tier = from->tier;
}

/* -- usage ------------------------------------------------------------------------- */

/* Of several in one chunk the one at the top is believed before the others, and of these
 * the first; where it says nothing or 0, they may say more. */
static void take_report(struct chunk *ch, const struct usage_report *r, bool is_top)
{
    if (LIKELY(!ch->usage.given && !ch->usage.has_tier)) {
        ch->usage = *r;
        return;
    }
    struct usage_report old = ch->usage;
    if (ch->is_usage_aside)
        old = (struct usage_report){.has_tier = old.has_tier, .tier = old.tier};
    ch->usage = is_top ? *r : old;
    usage_report_fill(&ch->usage, is_top ? &old : r);
    ch->is_usage_aside = false;
}

static void read_usage(struct json_cur *c, struct chunk *ch, bool is_top)
{
    struct str raw;
    struct usage_report r;
    bool is_object = json_peek(c) == JSON_OBJECT;
    if (!json_skip(c, &raw) || !is_object)
        return;
    ch->has_usage |= is_top;
    if (usage_report_read(raw, &r))
        take_report(ch, &r, is_top);
}

/* An object that may hold usage: x_groq, or the message of another surface's event. */
static void read_holder(struct json_cur *c, struct chunk *ch)
{
    struct json_string k;
    if (!json_object_or_skip(c))
        return;
    while (json_next_member(c, &k)) {
        if (json_string_is(k, "usage"))
            read_usage(c, ch, false);
        else
            json_skip(c, NULL);
    }
}

static void read_timings(struct json_cur *c, struct chunk *ch)
{
    struct str raw;
    struct usage_report r;
    if (!json_skip(c, &raw) || ch->usage.given || !usage_report_read_timings(raw, &r))
        return;
    take_tier(&r, &ch->usage);
    ch->usage = r;
    ch->is_usage_aside = true;
}

static void read_figure(struct json_cur *c, struct chunk *ch, struct str name)
{
    struct str raw;
    if (json_skip(c, &raw) && (!ch->usage.given || ch->is_usage_aside) &&
        usage_report_add(&ch->usage, name, raw))
        ch->is_usage_aside = true;
}

static void read_tier(struct json_cur *c, struct chunk *ch)
{
    struct json_string s;
    if (json_peek(c) != JSON_STRING) {
        json_skip(c, NULL);
        return;
    }
    if (!json_read_string(c, &s) || s.raw.n == 0 || ch->usage.has_tier)
        return;
    ch->usage.tier = service_tier_of(s.raw);
    ch->usage.has_tier = true;
}

/* Where usage may stand at the top; the names of different lengths are told apart by
 * these, as an answer has many members that are none of them. */
static bool read_top_usage(struct json_cur *c, struct chunk *ch, struct json_string k)
{
    switch (k.raw.n) {
    case 6:
        if (!json_string_is(k, "x_groq"))
            return false;
        read_holder(c, ch);
        return true;
    case 7:
        if (json_string_is(k, "timings"))
            read_timings(c, ch);
        else if (json_string_is(k, "message"))
            read_holder(c, ch);
        else
            return false;
        return true;
    case 8:
        if (!json_string_is(k, "response"))
            return false;
        read_holder(c, ch);
        return true;
    case 12:
        if (!json_string_is(k, "service_tier"))
            return false;
        read_tier(c, ch);
        return true;
    case 13:
    case 14:
        if (!json_string_is(k, "usageMetadata") && !json_string_is(k, "usage_metadata"))
            return false;
        read_usage(c, ch, false);
        return true;
    case 10:
    case 16:
    case 17:
        if (!json_string_is(k, "eval_count") && !json_string_is(k, "prompt_eval_count") &&
            !json_string_is(k, "tokens_evaluated") &&
            !json_string_is(k, "tokens_predicted"))
            return false;
        read_figure(c, ch, k.raw);
        return true;
    default:
        return false;
    }
}

/* Parts, pictures, sound: content as a whole.  Its bytes count, but it is no string. */
static void read_parts(struct json_cur *c, struct chunk *ch, enum text_kind kind)
{
    struct str raw;
    enum json_type t = json_peek(c);
    bool is_compound = t == JSON_OBJECT || t == JSON_ARRAY;
    if (!json_skip(c, &raw) || !is_compound || raw.n <= strlen("[]"))
        return;
    count_text(ch, raw, kind);
    ch->ntexts++; /* never the sole string */
}

/* A string counts, and so do parts; null counts as nothing. */
static void read_text(struct json_cur *c, struct chunk *ch, enum text_kind kind)
{
    struct json_string s;
    if (json_peek(c) != JSON_STRING)
        read_parts(c, ch, kind);
    else if (json_read_string(c, &s))
        count_text(ch, s.raw, kind);
}

/* {"name":..., "arguments":...} */
static void read_function(struct json_cur *c, struct chunk *ch)
{
    struct json_string k;
    if (!json_object_or_skip(c))
        return;
    while (json_next_member(c, &k)) {
        if (json_string_is(k, "name") || json_string_is(k, "arguments"))
            read_text(c, ch, TEXT_TOOL);
        else
            json_skip(c, NULL);
    }
}

static void read_tool_call(struct json_cur *c, struct chunk *ch)
{
    struct json_string k;
    if (!json_object_or_skip(c))
        return;
    while (json_next_member(c, &k)) {
        if (json_string_is(k, "function") || json_string_is(k, "custom"))
            read_function(c, ch);
        else
            json_skip(c, NULL);
    }
}

static void read_tool_calls(struct json_cur *c, struct chunk *ch)
{
    if (!json_array_or_skip(c))
        return;
    while (json_next_element(c))
        read_tool_call(c, ch);
}

/* Many write an empty error where there is none. */
static bool is_empty(struct str raw)
{
    if (raw.n > 2 && raw.p[0] == '"')
        return str_trim(str_sub(raw, 1, raw.n - 1)).n == 0;
    return str_eqz(raw, "null") || str_eqz(raw, "false") || str_eqz(raw, "\"\"") ||
           str_eqz(raw, "{}") || str_eqz(raw, "[]") || str_eqz(raw, "0");
}

static bool says_nothing(struct str raw)
{
    struct json_cur c;
    struct json_string k;
    struct str value;
    bool is_silent = true;
    if (is_empty(raw) || (raw.p[0] != '{' && raw.p[0] != '"'))
        return true;
    if (raw.p[0] == '"')
        return false;
    json_begin(&c, raw);
    json_enter_object(&c);
    while (json_next_member(&c, &k) && json_skip(&c, &value))
        is_silent &= is_empty(value);
    return is_silent;
}

/* An error in a choice, where routers put what their provider said. */
static void read_choice_error(struct json_cur *c, struct chunk *ch)
{
    struct str raw;
    if (!json_skip(c, &raw) || says_nothing(raw))
        return;
    ch->has_choice_error = true;
    ch->error = raw;
}

static void read_delta(struct json_cur *c, struct chunk *ch)
{
    struct json_string k;
    if (!json_object_or_skip(c))
        return;
    while (json_next_member(c, &k)) {
        if (json_string_is(k, "content") || json_string_is(k, "refusal"))
            read_text(c, ch, TEXT_CONTENT);
        else if (json_string_is(k, "reasoning_content") || json_string_is(k, "reasoning"))
            read_text(c, ch, TEXT_REASONING);
        else if (json_string_is(k, "tool_calls"))
            read_tool_calls(c, ch);
        else if (json_string_is(k, "function_call"))
            read_function(c, ch);
        else if (json_string_is(k, "usage"))
            read_usage(c, ch, false);
        else if (UNLIKELY(json_string_is(k, "error")))
            read_choice_error(c, ch);
        else /* audio, images, details of the reasoning, and what is yet to come */
            read_parts(c, ch, TEXT_CONTENT);
    }
}

static enum finish_reason finish_of(struct json_string s)
{
    static const struct {
        const char *word;
        enum finish_reason reason;
    } words[] = {
        {"stop", FINISH_STOP},
        {"length", FINISH_LENGTH},
        {"tool_calls", FINISH_TOOL_CALLS},
        {"function_call", FINISH_TOOL_CALLS},
        {"content_filter", FINISH_CONTENT_FILTER},
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (json_string_is(s, words[i].word))
            return words[i].reason;
    return FINISH_OTHER;
}

/* "error", "network_error", ...: the answer did not finish, it failed. */
static bool is_failure_word(struct json_string s)
{
    static const struct str tail = STR_INIT("error");
    struct str w = s.raw;
    return w.n >= tail.n && str_eq_nocase(str_sub(w, w.n - tail.n, w.n), tail) &&
           (w.n == tail.n || w.p[w.n - tail.n - 1] == '_');
}

/* What the model's own provider said, where a router has made a common word of it. */
static void read_native_finish(struct json_cur *c, struct chunk *ch)
{
    struct json_string s;
    if (json_peek(c) != JSON_STRING)
        json_skip(c, NULL);
    else if (json_read_string(c, &s))
        ch->has_native_error |= is_failure_word(s);
}

static void read_finish(struct json_cur *c, struct chunk *ch)
{
    struct json_string s;
    if (json_peek(c) != JSON_STRING) {
        json_skip(c, NULL);
        return;
    }
    /* Some write "" where null is meant. */
    if (json_read_string(c, &s) && s.raw.n) {
        ch->finish = finish_of(s);
        ch->nfinished++;
        if (UNLIKELY(ch->finish == FINISH_OTHER && is_failure_word(s)))
            ch->has_choice_error = true;
    }
}

static void read_index(struct json_cur *c, struct chunk *ch)
{
    struct str raw;
    uint64_t n;
    if (json_skip(c, &raw) && str_to_u64(raw, &n) && n <= UINT32_MAX)
        ch->choice = (uint32_t)n;
}

static void mark(struct choice_set *set, uint32_t choice, bool is_in)
{
    uint32_t i = choice < CHOICES_MAX ? choice : CHOICES_MAX - 1;
    set->bits[i / 64] |= (uint64_t)is_in << (i % 64);
}

static void read_choice(struct json_cur *c, struct chunk *ch)
{
    struct json_string k;
    const uint32_t nfinished = ch->nfinished, ntexts = ch->ntexts;
    bool has_delta = false, has_message = false;
    ch->nchoices++;
    ch->choice = 0;
    if (!json_object_or_skip(c))
        return;
    while (json_next_member(c, &k)) {
        bool is_delta = json_string_is(k, "delta");
        bool is_message = !is_delta && json_string_is(k, "message");
        has_delta |= is_delta;
        has_message |= is_message;
        if (is_delta || is_message)
            read_delta(c, ch);
        else if (json_string_is(k, "finish_reason"))
            read_finish(c, ch);
        else if (json_string_is(k, "index"))
            read_index(c, ch);
        else if (json_string_is(k, "text"))
            read_text(c, ch, TEXT_CONTENT);
        else if (json_string_is(k, "usage"))
            read_usage(c, ch, false);
        else if (json_string_is(k, "native_finish_reason"))
            read_native_finish(c, ch);
        else if (json_string_is(k, "error"))
            read_choice_error(c, ch);
        else
            json_skip(c, NULL);
    }
    mark(&ch->seen, ch->choice, true);
    mark(&ch->finished, ch->choice, ch->nfinished > nfinished);
    mark(&ch->spoken, ch->choice, ch->ntexts > ntexts);
    ch->has_message |= has_message && !has_delta;
}

static void read_choices(struct json_cur *c, struct chunk *ch)
{
    if (!json_array_or_skip(c))
        return;
    while (json_next_element(c))
        read_choice(c, ch);
}

static void read_error(struct json_cur *c, struct chunk *ch)
{
    struct str raw;
    enum json_type t = json_peek(c);
    if (json_skip(c, &raw) && (t == JSON_OBJECT || t == JSON_STRING) &&
        !says_nothing(raw))
        ch->error = raw;
}

static void read_top(struct json_cur *c, struct chunk *ch, bool *is_error_object)
{
    struct json_string k, s;
    while (json_next_member(c, &k)) {
        if (json_string_is(k, "choices"))
            read_choices(c, ch);
        else if (json_string_is(k, "usage"))
            read_usage(c, ch, true);
        else if (json_string_is(k, "error"))
            read_error(c, ch);
        else if (json_string_is(k, "object") && json_peek(c) == JSON_STRING)
            *is_error_object = json_read_string(c, &s) && json_string_is(s, "error");
        else if (json_string_is(k, "data") && json_peek(c) == JSON_ARRAY)
            ch->has_data_list = json_skip(c, NULL);
        else if (!read_top_usage(c, ch, k))
            json_skip(c, NULL);
    }
}

static enum event_kind kind_of(const struct chunk *ch)
{
    if (ch->error.p)
        return EVENT_ERROR;
    if (ch->nfinished)
        return EVENT_FINISH;
    if (ch->ntexts)
        return EVENT_DELTA;
    if (ch->nchoices)
        return EVENT_START;
    return ch->has_usage ? EVENT_USAGE : EVENT_NOTE;
}

bool chunk_read(struct str text, struct chunk *ret)
{
    struct json_cur c;
    struct chunk ch = {0};
    bool is_error_object = false;
    json_begin(&c, text);
    if (json_peek(&c) != JSON_OBJECT)
        return false;
    json_enter_object(&c);
    read_top(&c, &ch, &is_error_object);
    if (json_finish(&c, NULL) != 0)
        return false;
    if (is_error_object && !ch.error.p && !ch.nchoices)
        ch.error = text; /* {"object":"error","message":...}: vLLM, Mistral */
    if (UNLIKELY(ch.has_choice_error && !ch.error.p))
        ch.error = CHUNK_FAILED;
    ch.kind = kind_of(&ch);
    *ret = ch;
    return true;
}
