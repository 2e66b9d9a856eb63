/* plain.h -- the two questions that the reader and the writer of strings share: how
 * far do bytes run that mean themselves, and how long is this UTF-8 character.
 *
 * Text in chat bodies is long and mostly ASCII, so 16 bytes are looked at together
 * where SSE2 is there (every x86-64); elsewhere one by one. */
#ifndef WEIR_JSON_PLAIN_H
#define WEIR_JSON_PLAIN_H

#include "core/compiler.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Ends a run: a quote, a backslash, a control character, a byte past ASCII. */
static inline bool json_ends_plain(char ch)
{
    unsigned char u = (unsigned char)ch;
    return u < 0x20 || u >= 0x80 || u == '"' || u == '\\';
}

#ifdef __SSE2__
/* Of 16 bytes those that end a run, a bit each. */
static inline unsigned json_stops_in(__m128i v)
{
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
    const __m128i space = _mm_set1_epi8(' ');
    /* As signed bytes those from 0x80 up are negative: below the space too. */
    __m128i stop = _mm_or_si128(
        _mm_cmplt_epi8(v, space),
        _mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, backslash)));
    return (unsigned)_mm_movemask_epi8(stop);
}

/* Of the 16 bytes at p; of the 8 bytes at p. */
static inline unsigned json_stops_in_block(const char *p)
{
    return json_stops_in(_mm_loadu_si128((const __m128i *)(const void *)p));
}
static inline unsigned json_stops_in_half(const char *p)
{
    return json_stops_in(_mm_loadl_epi64((const __m128i *)(const void *)p)) & 0xFF;
}
#endif

/* The quote that ends a string whose text begins at p, when it stands in the first 16
 * bytes with nothing but plain ones before it, as with most keys; else NULL. */
static inline const char *json_short_end(const char *p, const char *end)
{
#ifdef __SSE2__
    unsigned stops = end - p >= 16 ? json_stops_in_block(p) : 0;
    if (stops && p[__builtin_ctz(stops)] == '"')
        return p + __builtin_ctz(stops);
#else
    (void)p;
    (void)end;
#endif
    return NULL;
}

/* The first byte in [p, end) that ends a run, or end. */
static inline const char *json_plain_run(const char *p, const char *end)
{
#ifdef __SSE2__
    const char *from = p;
    for (; end - p >= 16; p += 16) {
        unsigned stops = json_stops_in_block(p);
        if (stops)
            return p + __builtin_ctz(stops);
    }
    /* The rest, with bytes before it that are plain. */
    if (end - from >= 16) {
        unsigned stops = json_stops_in_block(end - 16) >> (16 - (end - p));
        return stops ? p + __builtin_ctz(stops) : end;
    }
    if (end - p >= 8) {
        unsigned stops = json_stops_in_half(p) | json_stops_in_half(end - 8)
                                                     << (end - p - 8);
        return stops ? p + __builtin_ctz(stops) : end;
    }
#endif
    while (p < end && !json_ends_plain(*p))
        p++;
    return p;
}

/* Bytes of the well-formed UTF-8 character at p (2 to 4), or 0.  *p is not ASCII.
 * Unicode 15, table 3-7: no overlong forms, no surrogates, nothing past U+10FFFF. */
static inline unsigned json_utf8_len(const char *p, const char *end)
{
    const unsigned char *u = (const unsigned char *)p;
    ptrdiff_t room = end - p;
    if (u[0] < 0xC2 || u[0] > 0xF4)
        return 0;
    if (u[0] < 0xE0)
        return room >= 2 && (u[1] & 0xC0) == 0x80 ? 2 : 0;
    if (room < 3 || (u[1] & 0xC0) != 0x80 || (u[2] & 0xC0) != 0x80)
        return 0;
    unsigned lead = u[0] * 256u + u[1];
    if (u[0] < 0xF0)
        return lead >= 0xE0A0 && (lead < 0xEDA0 || lead > 0xEDBF) ? 3 : 0;
    if (room < 4 || (u[3] & 0xC0) != 0x80)
        return 0;
    return lead >= 0xF090 && lead <= 0xF48F ? 4 : 0;
}

#endif
