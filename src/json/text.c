/* text.c -- what a raw JSON string stands for.
 *
 * The scanner has checked the raw bytes; this only replaces escapes.  JavaScript and
 * Python write half a surrogate pair when they cut a string in the middle of a
 * character, so a lone one is legal here and becomes U+FFFD. */
#include "json/text.h"

#include "json/plain.h"
#include "json/scan.h"
#include "json/write.h"

static unsigned hex4(const char *p)
{
    unsigned v = 0;
    for (int i = 0; i < 4; i++) {
        unsigned ch = (unsigned char)p[i];
        v = v * 16 + (ch <= '9' ? ch - '0' : (ch | 0x20) - 'a' + 10);
    }
    return v;
}

static unsigned put_utf8(unsigned code, char out[4])
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

/* *p stands at the backslash of \uXXXX. */
static unsigned take_unicode(const char **p, const char *end, char out[4])
{
    unsigned code = hex4(*p + 2);
    *p += 6;
    if (code >= 0xD800 && code <= 0xDBFF && end - *p >= 6 && (*p)[0] == '\\' &&
        (*p)[1] == 'u') {
        unsigned low = hex4(*p + 2);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            *p += 6;
            return put_utf8(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00), out);
        }
    }
    return put_utf8(code >= 0xD800 && code <= 0xDFFF ? 0xFFFD : code, out);
}

unsigned json_take_escape(const char **p, const char *end, char out[4])
{
    static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    char letter = (*p)[1];
    if (letter == 'u')
        return take_unicode(p, end, out);
    const char *hit = strchr(letters, letter);
    out[0] = hit ? meanings[hit - letters] : letter;
    *p += 2;
    return 1;
}

struct str json_unescape(struct arena *a, struct json_string s)
{
    if (!s.has_escapes)
        return s.raw;
    char *to = arena_raw(a, s.raw.n + 1); /* an escape is longer than its meaning */
    if (!to)
        return (struct str){NULL, 0};
    struct str done = {to, 0};
    for (const char *p = s.raw.p, *end = p + s.raw.n; p < end;) {
        const char *run = memchr(p, '\\', (size_t)(end - p));
        size_t n = (size_t)((run ? run : end) - p);
        memcpy(to, p, n);
        to += n;
        p += n;
        if (run) {
            char out[4];
            unsigned len = json_take_escape(&p, end, out);
            memcpy(to, out, len);
            to += len;
        }
    }
    done.n = (size_t)(to - done.p);
    return done;
}

bool json_escaped_is(struct json_string s, struct str want)
{
    const char *p = s.raw.p, *end = p + s.raw.n;
    while (p < end) {
        char out[4] = {*p};
        unsigned len = 1;
        if (*p == '\\')
            len = json_take_escape(&p, end, out);
        else
            p++;
        if (!str_starts(want, (struct str){out, len}))
            return false;
        want = str_sub(want, len, want.n);
    }
    return want.n == 0;
}

/* A backslash of the text itself, and behind it u00XX as the text of a JSON in a JSON has
 * it; p stands at the escape of the backslash. */
static bool is_written_control(const char *p, const char *end)
{
    return p[1] == '\\' && end - p >= 7 && p[2] == 'u' && p[3] == '0' && p[4] == '0' &&
           (p[5] == '0' || p[5] == '1' || p[5] == '7');
}

unsigned json_odd_escapes(struct json_string s)
{
    const char *p = s.raw.p, *end = p + s.raw.n;
    unsigned odd = 0;
    while (s.has_escapes && (p = memchr(p, '\\', (size_t)(end - p))) != NULL) {
        if (p[1] != 'u') {
            odd |= p[1] == 'b' || is_written_control(p, end) ? JSON_CONTROL : 0;
            p += 2;
            continue;
        }
        unsigned code = hex4(p + 2);
        p += 6;
        if (code < 0x20 || code == 0x7F)
            odd |= code == '\t' || code == '\n' || code == '\r' ? 0 : JSON_CONTROL;
        if (code < 0xD800 || code > 0xDFFF)
            continue;
        unsigned low = end - p >= 6 && p[0] == '\\' && p[1] == 'u' ? hex4(p + 2) : 0;
        if (code > 0xDBFF || low < 0xDC00 || low > 0xDFFF)
            odd |= JSON_LONE_SURROGATE;
        else
            p += 6;
    }
    return odd;
}

/* -- texts that stay as they are written
 * -------------------------------------------------- */

#ifdef __SSE2__
/* Which of the 16 bytes at p are a backslash before a 'u'; the 17th is read, too. */
static inline __m128i codes_in(const char *p)
{
    const __m128i backslash = _mm_set1_epi8('\\'), letter = _mm_set1_epi8('u');
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i next = _mm_loadu_si128((const __m128i *)(const void *)(p + 1));
    return _mm_and_si128(_mm_cmpeq_epi8(v, backslash), _mm_cmpeq_epi8(next, letter));
}
#endif

/* Is there a backslash before a 'u'?  Perhaps of a backslash that is escaped itself. */
static bool may_have_code(struct str s)
{
    const char *p = s.p, *end = p + s.n;
#ifdef __SSE2__
    for (; end - p > 32; p += 32)
        if (_mm_movemask_epi8(_mm_or_si128(codes_in(p), codes_in(p + 16))))
            return true;
    for (; end - p > 16; p += 16)
        if (_mm_movemask_epi8(codes_in(p)))
            return true;
#endif
    for (; end - p > 1; p++)
        if (p[0] == '\\' && p[1] == 'u')
            return true;
    return false;
}

struct json_text json_text_saying(struct arena *a, struct str plain)
{
    struct buf b;
    buf_init(&b, 6 * plain.n + 1);
    json_write_inside(&b, plain);
    struct str raw = b.failed ? (struct str){NULL, 0} : arena_strdup(a, buf_view(&b));
    buf_release(&b);
    return (struct json_text){raw};
}

struct json_text json_text_of(struct arena *a, struct str inside)
{
    const struct json_string s = {inside, true};
    if (LIKELY(!may_have_code(inside)) || !(json_odd_escapes(s) & JSON_LONE_SURROGATE))
        return (struct json_text){inside};
    struct str plain = json_unescape(a, s);
    return plain.p ? json_text_saying(a, plain) : (struct json_text){plain};
}

struct str json_text_plain(struct arena *a, struct json_text t)
{
    bool has_escapes = t.raw.n && memchr(t.raw.p, '\\', t.raw.n) != NULL;
    return json_unescape(a, (struct json_string){t.raw, has_escapes});
}

bool json_text_is_blank(struct json_text t)
{
    const char *p = t.raw.p, *end = t.raw.n ? p + t.raw.n : p;
    while (p < end) {
        char out[4] = {*p};
        unsigned n = 1;
        if (*p == '\\')
            n = json_take_escape(&p, end, out);
        else
            p++;
        if (n != 1 ||
            (out[0] != ' ' && out[0] != '\t' && out[0] != '\n' && out[0] != '\r'))
            return false;
    }
    return true;
}
