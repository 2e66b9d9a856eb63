/* head.c -- questions about a parsed head; how it came to be is head_parse.c. */
#include "http/head.h"

#include "http/head_parse.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

struct str http_head_find(const struct http_head *h, struct str name)
{
    for (size_t i = 0; i < h->nfields; i++)
        if (str_eq_nocase(h->fields[i].name, name))
            return h->fields[i].value;
    return (struct str){NULL, 0};
}

static bool is_control(char ch)
{
    return ((unsigned char)ch < 0x20 && ch != '\t') || ch == 0x7F;
}

const char *http_next_control(const char *p, const char *end)
{
#ifdef __SSE2__
    const __m128i last = _mm_set1_epi8(0x1F), tab = _mm_set1_epi8('\t');
    const __m128i del = _mm_set1_epi8(0x7F);
    for (; end - p >= 16; p += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(v, last), v);
        __m128i hit = _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(v, tab), low),
                                   _mm_cmpeq_epi8(v, del));
        unsigned mask = (unsigned)_mm_movemask_epi8(hit);
        if (mask)
            return p + __builtin_ctz(mask);
    }
#endif
    while (p < end && !is_control(*p))
        p++;
    return p;
}

/* A table, for it is asked of every name in every head, read or written. */
static const unsigned char kinds[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* controls */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* controls */
    0, 7, 2, 1, 7, 7, 7, 7, 6, 6, 7, 7, 6, 7, 7, 2, /* space !"#$%&'()*+,-./ */
    7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 6, 6, 2, 6, 2, 2, /* 0123456789:;<=>? */
    2, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, /* @ABCDEFGHIJKLMNO */
    7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 6, 2, 6, 3, 7, /* PQRSTUVWXYZ[\]^_ */
    3, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, /* `abcdefghijklmno */
    7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 2, 3, 2, 7, 0, /* pqrstuvwxyz{|}~ */
};

bool http_all_are(struct str s, unsigned kind)
{
    const unsigned char *p = (const unsigned char *)s.p, *end = p + s.n;
    unsigned all = kind;
    for (; end - p >= 4; p += 4)
        all &= kinds[p[0]] & kinds[p[1]] & kinds[p[2]] & kinds[p[3]];
    for (; p < end; p++)
        all &= kinds[*p];
    return all;
}

bool http_is_token(struct str s)
{
    return s.n > 0 && http_all_are(s, HTTP_TCHAR);
}

struct str http_host_alone(struct str host)
{
    bool is_v6 = host.n && host.p[0] == '[';
    ptrdiff_t end = str_index(host, is_v6 ? ']' : ':');
    if (end < 0)
        return is_v6 ? STR("") : host;
    struct str rest = str_sub(host, (size_t)end + (is_v6 ? 1 : 0), host.n);
    for (size_t i = 0; i < rest.n; i++)
        if (i == 0 ? rest.p[i] != ':' : rest.p[i] < '0' || rest.p[i] > '9')
            return STR("");
    return str_sub(host, is_v6 ? 1 : 0, (size_t)end);
}
