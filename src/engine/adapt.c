/* adapt.c -- is a refusal about what weir itself has put into the body?
 *
 * Servers name the member that they do not take, in the message, in `param` or in the
 * path of a validator ("loc": ["body", "stream_options"]); so the whole body is looked
 * through.  A wrong guess costs one attempt, which is refused like the first. */
#include "engine/blame.h"
#include "engine/engine.h"
#include "json/scan.h"

enum { ARENA_SPARE_BYTES = 8192 };

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

/* ... of which nothing is said but that it should not be there. */
static bool says_surplus(struct str body)
{
    static const char *const surplus[] = {
        "extra ",        "unexpected",    "unrecognized", "unknown",  "not take",
        "not permitted", "been removed",  "was removed",  "replaced", "deprecated",
        "not know",      "not recognise", "renamed",      "obsolete", NULL};
    static const char *const bounds[] = {"at most", "less than", "exceed",
                                         "between", "range",     "maximum",
                                         "above",   "greater",   NULL};
    return says_any(body, surplus) && !says_any(body, bounds);
}

/* `name` as a word of its own: max_tokens is not in max_completion_tokens. */
static bool names(struct str body, struct str name)
{
    for (size_t i = 0; i + name.n <= body.n; i++) {
        char before = i ? body.p[i - 1] : ' ';
        char after = i + name.n < body.n ? body.p[i + name.n] : ' ';
        bool is_word = before != '_' && after != '_' && before != '-';
        if (is_word && str_eq_nocase(str_sub(body, i, i + name.n), name))
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
    static const char *const roles[] = {"system", "developer", "role", NULL};
    static const char *const words[] = {"not support",   "unsupported", "not allowed",
                                        "not permitted", "alternate",   "not enabled",
                                        "invalid",       "unknown",     "should be",
                                        "unexpected",    "expected",    NULL};
    return says_any(body, roles) && says_any(body, words);
}

/* Ollama: "think value \"low\" is not supported for this model", "invalid think value";
 * and of a model that cannot think at all: "\"m\" does not support thinking". */
static unsigned refused_thinking(unsigned could, struct str body)
{
    if ((could & ADAPT_PLAIN_THINK) && says(body, "think value"))
        return ADAPT_PLAIN_THINK;
    if ((could & ADAPT_NO_THINK) && says(body, "think") && says_unknown(body))
        return ADAPT_NO_THINK;
    return 0;
}

/* Templates and validators answer 500 as well. */
static bool is_refusal(int status)
{
    return status == 400 || status == 403 || status == 404 || status == 405 ||
           status == 415 || status == 422 || status == 500 || status == 501;
}

/* A refusal that gives no reason, or none that a client could mend, may be about anything
 * in the body; and so is one that says that something is too much and not what. */
static bool is_unexplained(int status, struct str body)
{
    struct arena a;
    struct said s;
    if (status != 400 && status != 422 && status != 501)
        return false;
    arena_init(&a, 4 * body.n + ARENA_SPARE_BYTES);
    said_read(body, &a, &s);
    bool is_named = s.param.raw.n || str_find(str_of(s.words), STR("_")) >= 0;
    bool ret =
        blame_of(&s) == BLAME_NOBODY && (blame_is_silent(&s) || blame_is_vague(&s) ||
                                         (!is_named && says_surplus(str_of(s.words))));
    arena_reset(&a);
    return ret;
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
    bool names_new = names(body, STR("max_completion_tokens"));
    if ((could & ADAPT_NEW_TOKENS) &&
        ((names_new && (says_unknown(body) || says_surplus(body))) ||
         (names(body, STR("max_tokens")) && says_surplus(body))))
        bits |= ADAPT_NEW_TOKENS;
    if ((could & ADAPT_OLD_TOKENS) && names_new && says_unknown(body))
        bits |= ADAPT_OLD_TOKENS;
    bits |= refused_thinking(could, body);
    if (bits == 0 && could && is_unexplained(status, body))
        bits = could & ADAPT_GUESSED;
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
        "a measure of thinking",
        "a wish to think, which its model cannot",
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (adapt & (1U << i))
            return words[i];
    return "nothing";
}
