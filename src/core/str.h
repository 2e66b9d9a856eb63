/* str.h -- a borrowed run of bytes: pointer and length, passed by value.
 *
 * A struct str owns nothing and need not end in NUL.  It is valid as long as what
 * it points into; whoever keeps one longer copies it (arena_strdup, mem_strndup). */
#ifndef WEIR_CORE_STR_H
#define WEIR_CORE_STR_H

#include "core/compiler.h"

#include <string.h>

struct str {
    const char *p;
    size_t n;
};

/* A literal as a struct str, usable in expressions and in static initialisers. */
#define STR(lit) ((struct str){("" lit), sizeof(lit) - 1})
#define STR_INIT(lit)                                                                    \
    {                                                                                    \
        ("" lit), sizeof(lit) - 1                                                        \
    }
/* For printf: "%.*s", STR_ARG(s). */
#define STR_ARG(s) (int)(s).n, (s).p

static inline struct str str_of(const char *cstr)
{
    return (struct str){cstr, cstr ? strlen(cstr) : 0};
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool str_eqz(struct str a, const char *cstr)
{
    return str_eq(a, str_of(cstr));
}

bool str_same_nocase(const char *a, const char *b, size_t n);
/* ASCII case-insensitive, as HTTP field names and host names are compared. */
static inline bool str_eq_nocase(struct str a, struct str b)
{
    return a.n == b.n && str_same_nocase(a.p, b.p, a.n);
}
/* Most differ in the first or last byte, which is looked at before anything is called. */
static inline bool str_starts(struct str s, struct str prefix)
{
    return prefix.n == 0 || (s.n >= prefix.n && s.p[0] == prefix.p[0] &&
                             memcmp(s.p, prefix.p, prefix.n) == 0);
}
/* The same of a word of a list, which is measured only where its first byte stands; none
 * is empty. */
static inline bool str_startsz(struct str s, const char *prefix)
{
    return s.n && s.p[0] == prefix[0] && str_starts(s, str_of(prefix));
}
static inline bool str_ends(struct str s, struct str suffix)
{
    return suffix.n == 0 || (s.n >= suffix.n && s.p[s.n - 1] == suffix.p[suffix.n - 1] &&
                             memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}
bool str_starts_nocase(struct str s, struct str prefix);
/* Index of the first c or needle, or -1. */
ptrdiff_t str_index(struct str s, char c);
ptrdiff_t str_find(struct str s, struct str needle);
bool str_contains_nocase(struct str s, struct str needle);
/* Without leading and trailing spaces and tabs. */
struct str str_trim(struct str s);
/* Without the mark of UTF-8 (EF BB BF) that some editors put at a file's beginning. */
struct str str_after_mark(struct str s);
/* s[from, to), clamped to s. */
static inline struct str str_sub(struct str s, size_t from, size_t to)
{
    if (to > s.n)
        to = s.n;
    if (from > to)
        from = to;
    return (struct str){from ? s.p + from : s.p, to - from};
}
/* Takes what stands before the first sep off *rest and steps over sep; false when
 * *rest was empty.  "a,b" gives "a", "b"; "a," gives "a". */
bool str_split(struct str *rest, char sep, struct str *ret_part);
/* Decimal digits only, all of s, no sign; false on anything else or overflow. */
bool str_to_u64(struct str s, uint64_t *ret);
/* As above with one optional leading '-'. */
bool str_to_i64(struct str s, int64_t *ret);
/* All of s as a finite decimal number. */
bool str_to_double(struct str s, double *ret);

#endif
