/* numbers.c -- see numbers.h. */
#include "scan/numbers.h"

#include "json/scan.h"

enum kind {
    KIND_STRUCTURE, /* what it holds is known by the names in it */
    KIND_UNKNOWN,
    KIND_TEXT,   /* token ids, or vectors of them */
    KIND_PLACES, /* coordinates: many say little */
    KIND_PLAIN
};

/* What a number says, and how much makes a text: six whole numbers of two digits and
 * more, or sixteen others.  One digit is less than a character of any vocabulary that
 * has letters, and a fraction is a part of a vector.  A member of the request has four
 * times as much in all. */
enum { SAYS_WHOLE = 24, SAYS_LITTLE = 9, ENOUGH = 144, ENOUGH_IN_ALL = 4 * ENOUGH };
enum { PLACES_SAY_LESS = 8, MAX_DIGITS = 24 };

static bool is_one_of(struct str name, const struct str *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(name, names[i]))
            return true;
    return false;
}
#define IS_ONE_OF(name, list) is_one_of(name, list, ARRAY_LEN(list))

static bool is_text(struct str name)
{
    static const struct str ends[] = {STR_INIT("token_ids"), STR_INIT("input_ids"),
                                      STR_INIT("prompt_ids"), STR_INIT("_embeds")};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (name.n >= ends[i].n &&
            str_eq_nocase(str_sub(name, name.n - ends[i].n, name.n), ends[i]))
            return true;
    return false;
}

static bool is_prompt(struct str name)
{
    static const struct str names[] = {STR_INIT("prompt"), STR_INIT("input"),
                                       STR_INIT("inputs"), STR_INIT("tokens"),
                                       STR_INIT("context")};
    return IS_ONE_OF(name, names);
}

static bool is_plain(struct str name)
{
    static const struct str names[] = {STR_INIT("tools"),
                                       STR_INIT("functions"),
                                       STR_INIT("response_format"),
                                       STR_INIT("logit_bias"),
                                       STR_INIT("tool_choice"),
                                       STR_INIT("guided_json"),
                                       STR_INIT("stop_token_ids"),
                                       STR_INIT("allowed_token_ids"),
                                       STR_INIT("arguments"),
                                       STR_INIT("parameters"),
                                       STR_INIT("input"),
                                       STR_INIT("bad_token_ids"),
                                       STR_INIT("json_schema"),
                                       STR_INIT("input_schema"),
                                       STR_INIT("schema"),
                                       STR_INIT("format"),
                                       STR_INIT("enum"),
                                       STR_INIT("suppress_tokens")};
    return IS_ONE_OF(name, names);
}

/* Of a call or a tool, and right in a request nothing that is known. */
static bool is_of_call(struct str name)
{
    static const struct str names[] = {STR_INIT("arguments"), STR_INIT("parameters"),
                                       STR_INIT("input_schema"), STR_INIT("schema"),
                                       STR_INIT("enum")};
    return IS_ONE_OF(name, names);
}

static bool is_structure(struct str name)
{
    static const struct str names[] = {STR_INIT("messages"),
                                       STR_INIT("message"),
                                       STR_INIT("content"),
                                       STR_INIT("contents"),
                                       STR_INIT("parts"),
                                       STR_INIT("choices"),
                                       STR_INIT("tool_calls"),
                                       STR_INIT("function"),
                                       STR_INIT("annotations"),
                                       STR_INIT("citations"),
                                       STR_INIT("reasoning_details"),
                                       STR_INIT("provider_specific_fields"),
                                       STR_INIT("extra_body"),
                                       STR_INIT("extra"),
                                       STR_INIT("options"),
                                       STR_INIT("metadata"),
                                       STR_INIT("input")};
    return IS_ONE_OF(name, names);
}

static bool is_place(struct str name)
{
    static const struct str names[] = {
        STR_INIT("coordinates"), STR_INIT("coordinate"),   STR_INIT("location"),
        STR_INIT("bbox"),        STR_INIT("bounding_box"), STR_INIT("geometry"),
        STR_INIT("polygon"),     STR_INIT("points"),       STR_INIT("user_location")};
    return IS_ONE_OF(name, names);
}

static enum kind kind_of(struct str name, bool is_of_request)
{
    if (is_of_request && is_prompt(name))
        return KIND_TEXT;
    if (is_of_request && is_of_call(name))
        return str_eqz(name, "parameters") ? KIND_STRUCTURE : KIND_UNKNOWN;
    return is_plain(name)       ? KIND_PLAIN
           : is_text(name)      ? KIND_TEXT
           : is_structure(name) ? KIND_STRUCTURE
           : is_place(name)     ? KIND_PLACES
                                : KIND_UNKNOWN;
}

void numbers_enter(struct numbers *n, const struct numbers *outer, struct str name,
                   bool is_of_request)
{
    if (outer->kind == KIND_UNKNOWN && is_text(name))
        n->kind = KIND_TEXT;
    if (outer->kind != KIND_STRUCTURE)
        return; /* what is in it is of its kind, and counts together */
    n->kind = (uint8_t)kind_of(name, is_of_request);
    n->said = 0;
    if (is_of_request) {
        n->said_in_all = 0;
        n->is_own = n->kind == KIND_UNKNOWN;
    }
}

void numbers_leave(struct numbers *n, const struct numbers *outer)
{
    n->kind = outer->kind;
    n->is_own = outer->is_own;
    if (outer->kind == KIND_STRUCTURE)
        n->said = outer->said;
}

static uint32_t said_by(struct str number)
{
    char room[MAX_DIGITS];
    struct str digits = json_is_plain_integer(number)
                            ? number
                            : json_plain_integer(number, room, sizeof room);
    if (!digits.p)
        return SAYS_LITTLE;
    size_t sign = digits.n && digits.p[0] == '-';
    return digits.n - sign >= 2 ? SAYS_WHOLE : SAYS_LITTLE;
}

bool numbers_note(struct numbers *n, struct str number, bool is_element)
{
    if (n->kind == KIND_PLAIN || n->lists == 0)
        return false;
    if (n->kind == KIND_TEXT)
        return is_element;
    if (!is_element && !n->is_own)
        return false; /* in what is known objects in lists have counts and places */
    uint32_t said = said_by(number);
    said = n->kind == KIND_PLACES ? said / PLACES_SAY_LESS : said;
    n->said += said;
    n->said_in_all += said;
    return n->said >= ENOUGH || n->said_in_all >= ENOUGH_IN_ALL;
}
