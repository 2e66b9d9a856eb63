/* complexity.c -- three levels of a question, from its words and length.
 *
 * Published studies put heuristics of this kind barely above chance (AUC 0.52 on mixed
 * prompts), so it is a policy that one may choose, never the default;
 * docs/guide/policy-complexity.md says when it pays. */
#include "route/policy.h"

#include "json/scan.h"

enum { SIMPLE_MAX_CHARS = 100, MAX_QUERY_BYTES = 16 * 1024 };

static bool has_any(struct str text, const struct str *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_contains_nocase(text, words[i]))
            return true;
    return false;
}

static size_t count_chars(struct str utf8)
{
    size_t n = 0;
    for (size_t i = 0; i < utf8.n; i++)
        n += ((unsigned char)utf8.p[i] & 0xC0) != 0x80;
    return n;
}

enum complexity complexity_of(struct str text)
{
    static const struct str simple[] = {STR_INIT("what is"), STR_INIT("define"),
                                        STR_INIT("when did"), STR_INIT("how many"),
                                        STR_INIT("list the")};
    static const struct str complex[] = {
        STR_INIT("compare"),  STR_INIT("analyze"),        STR_INIT("explain why"),
        STR_INIT("design"),   STR_INIT("implement"),      STR_INIT("debug"),
        STR_INIT("optimize"), STR_INIT("write a program")};
    if (count_chars(text) < SIMPLE_MAX_CHARS && has_any(text, simple, ARRAY_LEN(simple)))
        return COMPLEXITY_SIMPLE;
    return has_any(text, complex, ARRAY_LEN(complex)) ? COMPLEXITY_COMPLEX
                                                      : COMPLEXITY_MEDIUM;
}

const char *complexity_name(enum complexity c)
{
    static const char *const names[] = {"simple", "medium", "complex"};
    return names[c];
}

/* The first text of a content value: a string, or an array of parts. */
static struct str text_of(struct str raw, struct arena *a)
{
    struct json_cur c;
    struct json_string s = {{NULL, 0}, false}, key;
    json_begin(&c, raw);
    if (json_peek(&c) == JSON_STRING)
        return json_read_string(&c, &s) ? json_unescape(a, s) : STR("");
    if (json_peek(&c) != JSON_ARRAY || !json_enter_array(&c))
        return STR("");
    while (json_next_element(&c)) {
        if (json_peek(&c) != JSON_OBJECT) {
            json_skip(&c, NULL);
            continue;
        }
        json_enter_object(&c);
        while (json_next_member(&c, &key)) {
            bool is_text = json_string_is(key, "text") && json_peek(&c) == JSON_STRING;
            if (!is_text)
                json_skip(&c, NULL);
            else if (json_read_string(&c, &s))
                return json_unescape(a, s);
        }
    }
    return STR("");
}

struct str policy_query_text(const struct chat *chat, struct arena *a)
{
    struct str text = text_of(chat->last_user, a);
    return text.p ? str_sub(text, 0, MAX_QUERY_BYTES) : STR("");
}
