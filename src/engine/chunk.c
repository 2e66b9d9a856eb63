/* chunk.c -- what a chunk (or a whole answer) says, in one pass.
 *
 * Read generously, because engines vary: `delta` or `message`, `text` of completions,
 * reasoning under two names, tool calls old and new, usage at the top, in a choice, in a
 * message or under x_groq, or figures beside the answer that say as much.
 * Members that are not known here are stepped over and reach the client untouched. */
#include "engine/chunk.h"

#include "engine/failure.h"
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
        ch->usage_of = ch->inside;
        return;
    }
    if (ch->inside && ch->usage_of && ch->usage_of != ch->inside) {
        usage_report_add_choice(&ch->usage, r);
        ch->usage_of = ch->inside;
        return;
    }
    struct usage_report old = ch->usage;
    if (ch->is_usage_aside)
        old = (struct usage_report){.has_tier = old.has_tier, .tier = old.tier};
    ch->usage = is_top ? *r : old;
    ch->usage_of = is_top ? 0 : ch->usage_of;
    usage_report_fill(&ch->usage, is_top ? &old : r);
    ch->is_usage_aside = false;
}

static void read_usage(struct json_cur *c, struct chunk *ch, bool is_top)
{
    struct usage_report r;
    bool is_object = json_peek(c) == JSON_OBJECT;
    bool is_known = usage_report_read_at(c, &r);
    if (!is_object || !json_ok(c))
        return;
    ch->has_usage |= is_top;
    if (is_known)
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
    if (!json_skip(c, &raw) || !usage_report_read_timings(raw, &r))
        return;
    ch->cached_aside = r.n[COUNT_CACHED];
    if (ch->usage.given)
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
    case 4: /* Cohere's own surface: meta.billed_units */
        if (!json_string_is(k, "meta"))
            return false;
        read_usage(c, ch, false);
        return true;
    case 5:
        if (!json_string_is(k, "delta"))
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

/* An error in a choice, where routers put what their provider said. */
static void read_choice_error(struct json_cur *c, struct chunk *ch)
{
    struct str raw;
    if (!json_skip(c, &raw) || failure_in_error(raw) != SAYS_FAILURE)
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

static void note_failure(struct chunk *ch, struct json_string word, bool is_native)
{
    struct finish_failure f = failure_of_finish(word.raw);
    if (LIKELY(!f.error.p))
        return;
    if (f.unless_has_text || is_native) {
        ch->failure = f.error;
        return;
    }
    ch->has_choice_error = true;
    if (!ch->error.p)
        ch->error = f.error;
}

/* What the model's own provider said, where a router has made a common word of it. */
static void read_native_finish(struct json_cur *c, struct chunk *ch)
{
    struct json_string s;
    if (json_peek(c) != JSON_STRING)
        json_skip(c, NULL);
    else if (json_read_string(c, &s))
        note_failure(ch, s, true);
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
        if (UNLIKELY(ch->finish == FINISH_OTHER))
            note_failure(ch, s, false);
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

/* One member of a choice; its text has a place of its own in the completions of old. */
static void read_choice_member(struct json_cur *c, struct chunk *ch, struct json_string k)
{
    if (json_string_is(k, "finish_reason"))
        read_finish(c, ch);
    else if (json_string_is(k, "index"))
        read_index(c, ch);
    else if (json_string_is(k, "usage"))
        read_usage(c, ch, false);
    else if (json_string_is(k, "native_finish_reason"))
        read_native_finish(c, ch);
    else if (json_string_is(k, "error"))
        read_choice_error(c, ch);
    else
        json_skip(c, NULL);
}

enum { HAS_DELTA = 1, HAS_MESSAGE = 2, HAS_TEXT = 4, CHAT_SPOKE = 8, TEXT_SPOKE = 16 };

static unsigned forms_of(unsigned has)
{
    unsigned forms = 0;
    if ((has & (HAS_DELTA | HAS_MESSAGE)) == HAS_DELTA)
        forms = FORM_DELTA;
    else if (has & HAS_MESSAGE)
        forms = has & HAS_DELTA ? 0 : FORM_MESSAGE;
    bool is_chat = has & (HAS_DELTA | HAS_MESSAGE);
    if (is_chat && (!(has & HAS_TEXT) || (has & (TEXT_SPOKE | CHAT_SPOKE)) == CHAT_SPOKE))
        forms |= FORM_CHAT;
    if ((has & HAS_TEXT) && (!is_chat || (has & (TEXT_SPOKE | CHAT_SPOKE)) == TEXT_SPOKE))
        forms |= FORM_TEXT;
    return forms;
}

static void read_choice(struct json_cur *c, struct chunk *ch)
{
    struct json_string k;
    const uint32_t nfinished = ch->nfinished, ntexts = ch->ntexts;
    unsigned has = 0;
    ch->inside = ++ch->nchoices;
    ch->choice = 0;
    if (!json_object_or_skip(c))
        return;
    while (json_next_member(c, &k)) {
        const uint32_t before = ch->ntexts;
        if (json_string_is(k, "delta") || json_string_is(k, "message")) {
            has |= k.raw.n == strlen("delta") ? HAS_DELTA : HAS_MESSAGE;
            read_delta(c, ch);
            has |= ch->ntexts != before ? CHAT_SPOKE : 0;
        } else if (json_string_is(k, "text")) {
            has |= json_peek(c) == JSON_STRING ? HAS_TEXT : 0;
            read_text(c, ch, TEXT_CONTENT);
            has |= ch->ntexts != before ? TEXT_SPOKE : 0;
        } else {
            read_choice_member(c, ch, k);
        }
    }
    ch->inside = 0;
    mark(&ch->seen, ch->choice, true);
    mark(&ch->finished, ch->choice, ch->nfinished > nfinished);
    mark(&ch->spoken, ch->choice, ch->ntexts > ntexts);
    ch->forms |= forms_of(has);
}

static void read_choices(struct json_cur *c, struct chunk *ch)
{
    if (!json_array_or_skip(c))
        return;
    ch->has_choices = true;
    while (json_next_element(c))
        read_choice(c, ch);
}

/* Many write an error where there is none.  What neither names a failure nor denies one
 * is kept apart: *ret_little. */
static void read_error(struct json_cur *c, struct chunk *ch, struct str *ret_little)
{
    struct str raw;
    if (!json_skip(c, &raw))
        return;
    enum says says = failure_in_error(raw);
    if (says == SAYS_FAILURE)
        ch->error = raw;
    else if (raw.p[0] != 'n' && raw.p[0] != 'f' && !str_eqz(raw, "0") &&
             !str_eqz(raw, "\"\""))
        ch->has_void_error = true;
    if (says == SAYS_LITTLE)
        *ret_little = raw;
}

static void read_top(struct json_cur *c, struct chunk *ch, bool *is_error_object,
                     struct str *ret_little)
{
    struct json_string k, s;
    while (json_next_member(c, &k)) {
        if (json_string_is(k, "choices"))
            read_choices(c, ch);
        else if (json_string_is(k, "usage"))
            read_usage(c, ch, true);
        else if (json_string_is(k, "error"))
            read_error(c, ch, ret_little);
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

/* An object that is no chunk at all may be an error in a form of its own. */
static NOINLINE void read_stranger(struct chunk *ch, struct str text)
{
    enum says says = failure_in_object(text);
    if (says == SAYS_FAILURE)
        ch->error = text;
    ch->has_words = says == SAYS_LITTLE;
}

/* What describes the error best: all of the object where `error` is only true. */
static void settle_error(struct chunk *ch, struct str text, struct str little,
                         bool is_error_object)
{
    bool is_answer = ch->nchoices || ch->has_data_list;
    if (!ch->error.p && little.p && !is_answer)
        ch->error = little;
    if (is_error_object && !ch->error.p && !ch->nchoices)
        ch->error = text; /* {"object":"error","message":...}: vLLM, Mistral */
    if (UNLIKELY(!ch->has_choices) && !ch->error.p && !ch->has_data_list)
        read_stranger(ch, text);
    if (UNLIKELY(ch->error.p) && strchr("\"{[", ch->error.p[0]) == NULL)
        ch->error = text;
}

/* llama-server says beside its usage how much of the prompt its cache gave, and older
 * ones say it there alone. */
static void take_cached(struct chunk *ch)
{
    const uint32_t said = 1U << COUNT_CACHED | 1U << COUNT_CACHE_READ;
    if (ch->is_usage_aside || !(ch->usage.given & 1U << COUNT_PROMPT) ||
        ch->usage.given & said || ch->cached_aside > ch->usage.n[COUNT_PROMPT])
        return;
    ch->usage.n[COUNT_CACHED] = ch->cached_aside;
    ch->usage.given |= 1U << COUNT_CACHED;
}

bool chunk_read(struct str text, struct chunk *ret)
{
    struct json_cur c;
    struct chunk ch = {0};
    struct str little = {NULL, 0};
    bool is_error_object = false;
    json_begin(&c, text);
    if (json_peek(&c) != JSON_OBJECT)
        return false;
    json_enter_object(&c);
    read_top(&c, &ch, &is_error_object, &little);
    if (json_finish(&c, NULL) != 0)
        return false;
    if (UNLIKELY(ch.cached_aside))
        take_cached(&ch);
    settle_error(&ch, text, little, is_error_object);
    ch.kind = kind_of(&ch);
    *ret = ch;
    return true;
}

bool chunk_is_of(const struct chunk *ch, enum surface s, bool is_stream)
{
    if (s == SURFACE_COMPLETIONS)
        return !(ch->forms & FORM_CHAT);
    unsigned other = is_stream ? FORM_MESSAGE | FORM_TEXT : FORM_DELTA | FORM_TEXT;
    return s != SURFACE_CHAT || !(ch->forms & other);
}
