/* adapt.c -- is a refusal about what weir itself has put into the body?
 *
 * Servers name the member that they do not take, in the message, in `param` or in the
 * path of a validator ("loc": ["body", "stream_options"]); so the whole body is looked
 * through.  A wrong guess costs one attempt, which is refused like the first. */
#include "engine/engine.h"
#include "json/scan.h"

static bool says(struct str body, const char *word)
{
    return str_contains_nocase(body, str_of(word));
}

static bool says_any(struct str body, const char *const *words)
{
    for (; *words; words++)
        if (says(body, *words))
            return true;
    return false;
}

/* A member that is unknown, as opposed to one with a bad value. */
static bool says_unknown(struct str body)
{
    static const char *const words[] = {"unsupported", "not support",  "not permitted",
                                        "not allowed", "unrecognized", "unknown",
                                        "unexpected",  "forbidden",    "additional",
                                        "extra",       "not valid",    "deprecated",
                                        NULL};
    return says_any(body, words);
}

/* `name` as a word of its own: max_tokens is not in max_completion_tokens. */
static bool names(struct str body, struct str name)
{
    for (size_t i = 0; i + name.n <= body.n; i++) {
        char before = i ? body.p[i - 1] : ' ';
        char after = i + name.n < body.n ? body.p[i + name.n] : ' ';
        bool is_word = before != '_' && after != '_' && before != '-';
        if (is_word && str_eq(str_sub(body, i, i + name.n), name))
            return true;
    }
    return false;
}

static bool names_a_default(struct str body, struct str params)
{
    struct json_cur c;
    struct json_string k;
    json_begin(&c, params);
    if (!params.n || !json_enter_object(&c))
        return false;
    while (json_next_member(&c, &k) && json_skip(&c, NULL))
        if (k.raw.n && names(body, k.raw))
            return true;
    return false;
}

static bool refuses_stream(struct str body)
{
    static const char *const words[] = {"not support",   "unsupported",   "not available",
                                        "must be false", "not allowed",   "disable",
                                        "to stream",     "not permitted", "unknown",
                                        "unrecognized",  "invalid",       NULL};
    return says(body, "stream") && says_any(body, words);
}

static bool refuses_system(struct str body)
{
    static const char *const words[] = {"not support",   "unsupported", "not allowed",
                                        "not permitted", "alternate",   NULL};
    return says(body, "system") && says_any(body, words);
}

/* Templates and validators answer 500 as well. */
static bool is_refusal(int status)
{
    return status == 400 || status == 404 || status == 405 || status == 415 ||
           status == 422 || status == 500 || status == 501;
}

unsigned engine_refused_changes(int status, struct str body, const struct target *t,
                                const struct engine_plan *plan)
{
    unsigned could = is_refusal(status) ? plan->could : 0;
    unsigned bits = 0;
    if ((could & ADAPT_NO_STREAM_OPTIONS) &&
        (says(body, "stream_options") || says(body, "include_usage") ||
         says(body, "stream options") || says(body, "streamoptions")))
        return ADAPT_NO_STREAM_OPTIONS; /* "stream" is in it, and not meant */
    if ((could & ADAPT_NO_STREAM) && refuses_stream(body))
        bits |= ADAPT_NO_STREAM;
    if ((could & ADAPT_NO_DEFAULTS) && names_a_default(body, t->engine->default_params))
        bits |= ADAPT_NO_DEFAULTS;
    if ((could & ADAPT_NO_SYSTEM) && refuses_system(body))
        bits |= ADAPT_NO_SYSTEM;
    if ((could & ADAPT_NEW_TOKENS) && names(body, STR("max_completion_tokens")) &&
        says_unknown(body))
        bits |= ADAPT_NEW_TOKENS;
    if ((could & ADAPT_OLD_TOKENS) && names(body, STR("max_completion_tokens")) &&
        says_unknown(body))
        bits |= ADAPT_OLD_TOKENS;
    return bits;
}

const char *engine_adapt_words(unsigned adapt)
{
    static const char *const words[] = {
        "stream_options",
        "streaming where the client did not ask for it",
        "a member of defaults: params:",
        "a system message of weir's own",
        "max_tokens, which it calls max_completion_tokens",
        "max_completion_tokens, which it calls max_tokens",
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (adapt & (1U << i))
            return words[i];
    return "nothing";
}
