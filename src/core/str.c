/* str.c -- what can be asked of borrowed bytes; no allocation here. */
#include "core/str.h"

#include <math.h>
#include <stdlib.h>

static unsigned char lower(char c)
{
    unsigned char u = (unsigned char)c;
    return (u >= 'A' && u <= 'Z') ? (unsigned char)(u + 32) : u;
}

/* Eight bytes at a time while they are the very same, as names mostly are. */
bool str_same_nocase(const char *a, const char *b, size_t n)
{
    uint64_t x, y;
    size_t i = 0;
    for (; i + sizeof x <= n; i += sizeof x) {
        memcpy(&x, a + i, sizeof x);
        memcpy(&y, b + i, sizeof y);
        if (x != y)
            break;
    }
    for (; i < n; i++)
        if (a[i] != b[i] && lower(a[i]) != lower(b[i]))
            return false;
    return true;
}

bool str_starts_nocase(struct str s, struct str prefix)
{
    return s.n >= prefix.n && str_eq_nocase(str_sub(s, 0, prefix.n), prefix);
}

ptrdiff_t str_index(struct str s, char c)
{
    const char *hit = s.n ? memchr(s.p, c, s.n) : NULL;
    return hit ? hit - s.p : -1;
}

/* Not inlined: gcc 12 loses track of str_sub()'s clamping across files and warns of a
 * length that cannot be. */
__attribute__((noinline)) ptrdiff_t str_find(struct str s, struct str needle)
{
    if (needle.n == 0)
        return 0;
    const char *hit = s.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;
    return hit ? hit - s.p : -1;
}

/* Where the first byte is this one. */
static bool begins_within(struct str s, char first, struct str needle)
{
    const char *end = s.p + (s.n - needle.n) + 1;
    for (const char *p = s.p; (p = memchr(p, first, (size_t)(end - p))); p++)
        if (str_same_nocase(p, needle.p, needle.n))
            return true;
    return false;
}

bool str_contains_nocase(struct str s, struct str needle)
{
    if (needle.n == 0 || needle.n > s.n)
        return needle.n == 0;
    char small = (char)lower(needle.p[0]);
    bool is_letter = small >= 'a' && small <= 'z';
    return begins_within(s, small, needle) ||
           (is_letter && begins_within(s, (char)(small - 32), needle));
}

struct str str_after_mark(struct str s)
{
    return str_starts(s, STR("\xef\xbb\xbf")) ? str_sub(s, 3, s.n) : s;
}

struct str str_trim(struct str s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t')) {
        s.p++;
        s.n--;
    }
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    return s;
}

bool str_split(struct str *rest, char sep, struct str *ret_part)
{
    if (rest->n == 0)
        return false;
    ptrdiff_t at = str_index(*rest, sep);
    size_t end = at < 0 ? rest->n : (size_t)at;
    *ret_part = str_sub(*rest, 0, end);
    *rest = str_sub(*rest, at < 0 ? end : end + 1, rest->n);
    return true;
}

bool str_to_u64(struct str s, uint64_t *ret)
{
    uint64_t v = 0;
    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(s.p[i] - '0');
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, digit, &v))
            return false;
    }
    *ret = v;
    return true;
}

bool str_to_i64(struct str s, int64_t *ret)
{
    bool is_negative = s.n && s.p[0] == '-';
    uint64_t v = 0;
    if (!str_to_u64(str_sub(s, is_negative ? 1 : 0, s.n), &v))
        return false;
    if (v > (uint64_t)INT64_MAX)
        return false;
    *ret = is_negative ? -(int64_t)v : (int64_t)v;
    return true;
}

bool str_to_double(struct str s, double *ret)
{
    char copy[64];
    if (s.n == 0 || s.n >= sizeof copy)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!strchr("0123456789+-.eE", s.p[i]))
            return false; /* keeps out nan, inf and hex, which strtod takes */
    memcpy(copy, s.p, s.n);
    copy[s.n] = '\0';
    char *end = NULL;
    double v = strtod(copy, &end);
    if (end != copy + s.n || !isfinite(v))
        return false;
    *ret = v;
    return true;
}
