/* feature_names.c -- see feature_names.h. */
#include "dialect/feature_names.h"

enum {
    MAX_BYTES = 1024,
    MAX_NAME_BYTES = 48,
    MAX_NAME_WORDS = 8,
    MAX_NAME_DIGITS = 3, /* in a row: more may be somebody's number */
    FIRST_YEAR = 2022,   /* before that no such API was there: a date of birth is none */
    LAST_YEAR = 2039
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_small(char c)
{
    return c >= 'a' && c <= 'z';
}

static unsigned number(struct str digits)
{
    unsigned n = 0;
    for (size_t i = 0; i < digits.n; i++)
        n = n * 10 + (unsigned)(digits.p[i] - '0');
    return n;
}

/* 2025-08-07, or 20250807. */
static bool is_date(struct str s)
{
    bool has_marks = s.n == 10;
    if (!has_marks && s.n != 8)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        bool is_mark = has_marks && (i == 4 || i == 7);
        if (is_mark ? s.p[i] != '-' : !is_digit(s.p[i]))
            return false;
    }
    unsigned year = number(str_sub(s, 0, 4)),
             month = number(str_sub(s, 4u + has_marks, 6u + has_marks)),
             day = number(str_sub(s, s.n - 2, s.n));
    return year >= FIRST_YEAR && year <= LAST_YEAR && month >= 1 && month <= 12 &&
           day >= 1 && day <= 31;
}

/* Small letters, and few digits, in words. */
static bool is_name(struct str s)
{
    size_t nwords = 1, ndigits = 0;
    if (!s.n || s.n > MAX_NAME_BYTES || !is_small(s.p[0]))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        bool is_mark = s.p[i] == '-' || s.p[i] == '_' || s.p[i] == '.';
        if (!is_mark && !is_small(s.p[i]) && !is_digit(s.p[i]))
            return false;
        nwords += is_mark;
        ndigits = is_digit(s.p[i]) ? ndigits + 1 : 0;
        if (ndigits > MAX_NAME_DIGITS)
            return false;
    }
    return nwords <= MAX_NAME_WORDS && (is_small(s.p[s.n - 1]) || is_digit(s.p[s.n - 1]));
}

/* v1, v2.1, experimental, or a date. */
static bool is_version(struct str s)
{
    if (str_eqz(s, "experimental") || is_date(s))
        return true;
    bool is_one = s.n >= 2 && s.n <= 5 && s.p[0] == 'v' && is_digit(s.p[1]);
    for (size_t i = 2; is_one && i < s.n; i++)
        is_one = is_digit(s.p[i]) || s.p[i] == '.';
    return is_one;
}

/* Does it end in a date behind a name? */
static bool is_dated(struct str s, size_t date_bytes)
{
    return s.n > date_bytes + 1 && s.p[s.n - date_bytes - 1] == '-' &&
           is_date(str_sub(s, s.n - date_bytes, s.n)) &&
           is_name(str_sub(s, 0, s.n - date_bytes - 1));
}

static bool is_feature(struct str s)
{
    ptrdiff_t equals = str_index(s, '=');
    if (equals > 0)
        return is_name(str_sub(s, 0, (size_t)equals)) &&
               is_version(str_sub(s, (size_t)equals + 1, s.n));
    return is_date(s) || is_dated(s, 10) || is_dated(s, 8);
}

bool features_are_plain(struct str value)
{
    struct str one;
    size_t n = 0;
    if (value.n > MAX_BYTES)
        return false;
    for (; str_split(&value, ',', &one); n++)
        if (!is_feature(str_trim(one)))
            return false;
    return n > 0;
}
