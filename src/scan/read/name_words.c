/* name_words.c -- see name_words.h. */
#include "scan/read/name_words.h"

#include "scan/find/plausible.h"
#include "scan/read/inside.h"
#include "scan/read/schemes.h"
#include "scan/text/stems.h"

enum telling telling_of_stem(uint64_t roles)
{
    static const struct {
        uint64_t role;
        enum telling what;
    } rows[] = {{STEM_CARD, TELLS_CARD},         {STEM_LICENSE, TELLS_LICENSE},
                {STEM_PASSPORT, TELLS_PASSPORT}, {STEM_PLAN, TELLS_PLAN},
                {STEM_TAX, TELLS_TAX},           {STEM_ACCOUNT, TELLS_ACCOUNT},
                {STEM_NATIONAL, TELLS_NATIONAL}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (roles & rows[i].role)
            return rows[i].what;
    return TELLS_NOTHING;
}

static bool is_date(struct str s)
{
    size_t marks = 0;
    for (size_t i = 0; i < s.n; i++)
        marks += s.p[i] == '.' || s.p[i] == '/' || s.p[i] == '-';
    return marks == 2 && count_digits(s) <= 8 && s.n <= 10 && count_digits(s) + 2 == s.n;
}

bool fits_paper(struct str s, enum telling what, bool is_vague)
{
    enum {
        DIGITS_LEAST = 6,
        ACCOUNT_LEAST = 7,
        VAGUE_ACCOUNT_LEAST = 12,
        CARD_LEAST = 12,
        DIGITS_MOST = 28
    };
    size_t digits = count_digits(s), letters = 0, small = 0;
    for (size_t i = 0; i < s.n; i++) {
        letters += is_alpha(s.p[i]);
        small += is_lower(s.p[i]);
    }
    size_t least = what == TELLS_CARD      ? CARD_LEAST
                   : what != TELLS_ACCOUNT ? DIGITS_LEAST - (letters > 0)
                   : is_vague              ? VAGUE_ACCOUNT_LEAST
                                           : ACCOUNT_LEAST;
    return digits >= least && digits <= DIGITS_MOST && letters <= 5 && small <= 1 &&
           !is_date(s);
}

/* The next word of a name: letters and the marks inside of abbreviations. */
static bool next_word(struct str *rest, struct str *ret)
{
    size_t i = 0, to;
    while (i < rest->n && rest->p[i] > 0 && !is_alnum(rest->p[i]))
        i++;
    for (to = i; to < rest->n; to++) {
        char c = rest->p[to];
        bool is_mark = c == '.' || c == '\'' || c == '"' || c == '/' || c == '-';
        if (c > 0 && !is_alnum(c) && !(is_mark && to + 1 < rest->n))
            break;
    }
    *ret = str_sub(*rest, i, to);
    *rest = str_sub(*rest, to, rest->n);
    return ret->n > 0;
}

/* Of "handy-pin" the parts, when the whole says nothing. */
static uint64_t roles_of_word(struct str word)
{
    uint64_t roles = spoken_roles(word);
    struct str part;
    bool has_parts = !roles && word.n && memchr(word.p, '-', word.n);
    while (has_parts && str_split(&word, '-', &part))
        roles |= spoken_roles(part);
    return roles;
}

uint64_t name_roles(struct str name)
{
    uint64_t roles = 0;
    struct str word;
    while (next_word(&name, &word)) {
        char folded[STEM_FOLD_BYTES];
        roles |= roles_of_word(word);
        if (memchr(word.p, '\'', word.n))
            roles |= stems_of(scheme_name(word, folded));
    }
    return roles;
}

bool names_paper(uint64_t roles)
{
    bool is_vague = (roles & STEM_VAGUE) && !(roles & STEM_NUMBER);
    return (roles & STEM_SCHEME) || ((roles & STEMS_OF_PAPERS) && !is_vague);
}

enum telling paper_of(struct str name, uint64_t roles, struct str value,
                      bool *ret_in_form)
{
    enum { LEAST = 6 };
    enum telling what = telling_of_stem(roles);
    bool is_vague = (roles & STEM_VAGUE) != 0;
    struct str word;
    *ret_in_form = false;
    while ((roles & STEM_SCHEME) && next_word(&name, &word)) {
        char folded[STEM_FOLD_BYTES];
        enum telling told = TELLS_NOTHING;
        if (past_scheme(value, 0, scheme_name(word, folded), &told) == value.n) {
            *ret_in_form = true;
            return told;
        }
    }
    bool is_told = what != TELLS_NOTHING && count_digits(value) >= LEAST &&
                   (!is_vague || (roles & STEM_NUMBER) || what == TELLS_ACCOUNT) &&
                   fits_paper(value, what, is_vague);
    return is_told ? what : TELLS_NOTHING;
}

/* -- secrets ---------------------------------------------------------------------------
 */

enum { CODES = STEM_CODE | STEM_PASS, PLASTIC = STEM_CARD | STEM_PLASTIC };

/* A code that is typed: of a door, a card, or sent for one time. */
static bool names_code(uint64_t roles)
{
    bool is_code = (roles & CODES) != 0;
    return (roles & STEM_ONCE) ||
           (is_code && (roles & (STEM_LOCK | STEM_KEYPAD | PLASTIC | STEM_PROVE |
                                 STEM_DEVICE | STEM_CAME))) != 0;
}

static bool names_rescue(uint64_t roles)
{
    return (roles & STEM_RESCUE) && (roles & CODES);
}

static bool names_password(uint64_t roles)
{
    bool is_key = (roles & (STEM_KEYNAME | STEM_CODE)) != 0;
    return (roles & STEM_PASS) || (is_key && (roles & STEM_NET)) ||
           ((roles & STEM_KEYNAME) && (roles & STEM_WEB));
}

bool names_secret(uint64_t roles)
{
    return !(roles & STEM_OTHER_WORD) &&
           (names_code(roles) || names_rescue(roles) || names_password(roles));
}

enum telling secret_of(uint64_t roles, struct str value)
{
    enum { CODE_LEAST = 4, CODE_MOST = 8 };
    size_t digits = count_digits(value), letters = 0;
    for (size_t i = 0; i < value.n; i++)
        letters += is_alpha(value.p[i]);
    bool is_code = letters == 0 && digits >= CODE_LEAST && digits <= CODE_MOST &&
                   value.n <= digits + 2;
    if (!names_secret(roles))
        return TELLS_NOTHING;
    if (names_rescue(roles) && digits >= 2)
        return TELLS_PIN;
    if (is_code && names_code(roles))
        return TELLS_PIN;
    bool is_pass =
        names_password(roles) ||
        ((roles & CODES) && (roles & (STEM_LOCK | STEM_KEYPAD)) && letters && digits);
    return is_pass && !memchr(value.p, ' ', value.n) ? TELLS_PASSWORD : TELLS_NOTHING;
}
