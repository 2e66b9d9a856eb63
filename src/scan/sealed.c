/* sealed.c -- see sealed.h. */
#include "scan/sealed.h"

enum { LEAST_BYTES = 16 };

#define WEIRS_MARK "weir1:" /* dialect/seal.h */

static bool is_one_of(struct str s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eqz(s, words[i]))
            return true;
    return false;
}

static bool is_base64(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && !(c >= '0' && c <= '9') && !(c && strchr("+/=_-", c)))
            return false;
    }
    return s.n >= LEAST_BYTES;
}

/* Behind weir's mark stand an issuer, a letter, two numbers, the id of a call and then
 * what the provider gave. */
static struct str behind_mark(struct str s)
{
    struct str part;
    if (!str_starts(s, STR(WEIRS_MARK)))
        return s;
    s = str_sub(s, strlen(WEIRS_MARK), s.n);
    for (int i = 0; i < 4; i++)
        (void)str_split(&s, ':', &part);
    return s;
}

static bool is_thought(const struct json_cur *object)
{
    static const char *const types[] = {"\"thinking\"",       "\"redacted_thinking\"",
                                        "\"reasoning\"",      "\"reasoning.encrypted\"",
                                        "\"reasoning.text\"", "\"compaction\""};
    struct json_cur c = *object;
    struct str raw;
    return json_skip(&c, &raw) &&
           is_one_of(json_get(raw, "type"), types, ARRAY_LEN(types));
}

bool sealed_is(struct str name, struct str text, const struct json_cur *object)
{
    static const char *const of_thoughts[] = {"signature", "data", "encrypted_content"};
    static const char *const own[] = {"thoughtSignature", "thought_signature"};
    bool is_own = is_one_of(name, own, ARRAY_LEN(own));
    if (LIKELY(!is_own && !is_one_of(name, of_thoughts, ARRAY_LEN(of_thoughts))))
        return false;
    return is_base64(behind_mark(text)) && (is_own || (object && is_thought(object)));
}
