/* halves.c -- see halves.h. */
#include "json/halves.h"

#include "json/write.h"

enum { ESCAPE_BYTES = 6 };

unsigned halves_at(struct str text, size_t at)
{
    bool is_one = text.n - at >= HALF_BYTES && text.p[at] == '\xED' &&
                  (unsigned char)text.p[at + 1] >= 0xA0;
    return is_one ? 0xD000u | ((unsigned)text.p[at + 1] & 0x3F) << 6 |
                        ((unsigned)text.p[at + 2] & 0x3F)
                  : 0;
}

size_t halves_find(struct str text, size_t at)
{
    const char *hit;
    while (at < text.n && (hit = memchr(text.p + at, '\xED', text.n - at))) {
        at = (size_t)(hit - text.p);
        if (halves_at(text, at))
            return at;
        at++;
    }
    return text.n;
}

unsigned halves_join(unsigned first, unsigned second, char out[4])
{
    unsigned code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
    out[0] = (char)(0xF0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

/* \ud83d at p; json_take_escape() has said already that its other half is not there. */
static unsigned half_at(const char *p)
{
    unsigned code = 0;
    for (size_t i = 2; i < ESCAPE_BYTES; i++) {
        unsigned char c = (unsigned char)p[i];
        code = code * 16 + (c <= '9' ? c - 48u : (c | 0x20u) - 'a' + 10u);
    }
    return code;
}

NOINLINE static struct str read_with_halves(struct arena *a, struct json_string s)
{
    struct str done = {arena_raw(a, s.raw.n + 1), 0};
    char *to = (char *)(uintptr_t)done.p;
    const char *p = s.raw.p, *end = p + s.raw.n;
    if (!to)
        return done;
    while (p < end) {
        const char *was = p;
        if (*p != '\\') {
            *to++ = *p++;
            continue;
        }
        char out[4];
        unsigned n = json_take_escape(&p, end, out);
        unsigned code = p - was == ESCAPE_BYTES && was[1] == 'u' ? half_at(was) : 0;
        if (code >= 0xD800 && code <= 0xDFFF) {
            out[0] = '\xED';
            out[1] = (char)(0x80 | (code >> 6 & 0x3F));
            out[2] = (char)(0x80 | (code & 0x3F));
            n = HALF_BYTES;
        }
        memcpy(to, out, n);
        to += n;
    }
    done.n = (size_t)(to - done.p);
    return done;
}

struct str halves_read(struct arena *a, struct json_string s)
{
    if (UNLIKELY(s.has_escapes && json_odd_escapes(s) & JSON_LONE_SURROGATE))
        return read_with_halves(a, s);
    return json_unescape(a, s);
}

void halves_write(struct buf *out, struct str text)
{
    for (size_t from = 0, at; from < text.n || from == 0; from = at + HALF_BYTES) {
        at = halves_find(text, from);
        json_write_inside(out, str_sub(text, from, at));
        if (at == text.n)
            return;
        buf_printf(out, "\\u%04x", halves_at(text, at));
    }
}
