/* halves.c -- see halves.h. */
#include "mask/halves.h"

#include "json/write.h"

enum { HALF_BYTES = 3, ESCAPE_BYTES = 6 };

static bool is_half_at(struct str text, size_t at)
{
    return text.n - at >= HALF_BYTES && text.p[at] == '\xED' &&
           (unsigned char)text.p[at + 1] >= 0xA0;
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
    size_t from = 0, at = 0;
    const char *hit;
    while (at < text.n && (hit = memchr(text.p + at, '\xED', text.n - at))) {
        at = (size_t)(hit - text.p);
        if (!is_half_at(text, at)) {
            at++;
            continue;
        }
        unsigned code = 0xD000u | ((unsigned)text.p[at + 1] & 0x3F) << 6 |
                        ((unsigned)text.p[at + 2] & 0x3F);
        json_write_inside(out, str_sub(text, from, at));
        buf_printf(out, "\\u%04x", code);
        from = at += HALF_BYTES;
    }
    json_write_inside(out, str_sub(text, from, text.n));
}
