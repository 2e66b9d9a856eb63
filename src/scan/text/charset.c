/* charset.c -- see charset.h.  Random bytes must not pass: each way of reading asks for
 * more than that nothing forbids it. */
#include "scan/text/charset.h"

#include "scan/detect.h"

enum {
    PLAIN_UNIT_LEAST = 12, /* bytes of UTF-16 without a mark in front */
    PARTLY_LEAST = 16,
    LAST_ALPHABET = 0x0700 /* alphabets of Europe and the Near East end there */
};

/* Windows-1252, 0x80 to 0x9F; 0: there is no such character. */
static const uint16_t windows[32] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
    0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
    0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178,
};

static size_t put_utf8(uint32_t cp, char *out)
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xC0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 63));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xE0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 63));
        out[2] = (char)(0x80 | (cp & 63));
        return 3;
    }
    out[0] = (char)(0xF0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 63));
    out[2] = (char)(0x80 | (cp >> 6 & 63));
    out[3] = (char)(0x80 | (cp & 63));
    return 4;
}

static bool is_control(uint32_t cp)
{
    return cp < 9 || (cp > 13 && cp < 32) || cp == 127;
}

/* -- UTF-16 ---------------------------------------------------------------------------
 */

static uint32_t unit_at(struct str bytes, size_t i, bool is_big)
{
    unsigned first = (unsigned char)bytes.p[i], second = (unsigned char)bytes.p[i + 1];
    return is_big ? first << 8 | second : second << 8 | first;
}

/* The character at i, of one unit or two; 0xFFFD when it is none. */
static uint32_t character_at(struct str bytes, size_t *i, bool is_big)
{
    uint32_t unit = unit_at(bytes, *i, is_big), low;
    *i += 2;
    if (unit < 0xD800 || unit > 0xDFFF)
        return unit >= 0xE000 && unit <= 0xF8FF ? 0xFFFD : unit;
    if (unit > 0xDBFF || *i + 1 >= bytes.n)
        return 0xFFFD;
    low = unit_at(bytes, *i, is_big);
    if (low < 0xDC00 || low > 0xDFFF)
        return 0xFFFD;
    *i += 2;
    return 0x10000 + ((unit & 0x3FF) << 10 | (low & 0x3FF));
}

/* 0: it is no such text.  Without a mark at its front a quarter must be of alphabets
 * that are written with few first bytes: of random pairs hardly any are. */
static size_t read_utf16(struct str bytes, bool is_big, bool has_mark, char *out)
{
    size_t n = 0, all = 0, known = 0;
    for (size_t i = has_mark ? 2 : 0; i + 1 < bytes.n;) {
        uint32_t cp = character_at(bytes, &i, is_big);
        if (cp == 0xFFFD || cp >= 0xFFFE || (cp && is_control(cp)))
            return 0;
        known += cp && cp < LAST_ALPHABET;
        all++;
        n += put_utf8(cp ? cp : '\n', out + n);
    }
    return has_mark || (bytes.n >= PLAIN_UNIT_LEAST && known * 4 >= all) ? n : 0;
}

static size_t read_any_utf16(struct str bytes, char *out)
{
    if (bytes.n < 4)
        return 0;
    uint32_t mark = unit_at(bytes, 0, true);
    if (mark == 0xFEFF || mark == 0xFFFE)
        return read_utf16(bytes, mark == 0xFEFF, true, out);
    size_t n = read_utf16(bytes, false, false, out);
    return n ? n : read_utf16(bytes, true, false, out);
}

/* -- bytes ----------------------------------------------------------------------------
 */

struct kinds {
    size_t plain, ends, other, high; /* ASCII, NULs, no text, one byte of Windows-1252 */
};

static size_t read_bytes(struct str bytes, char *out, struct kinds *k)
{
    const char *p = bytes.p, *end = p + bytes.n;
    size_t n = 0;
    while (p < end) {
        unsigned char c = (unsigned char)*p;
        uint32_t cp = c;
        size_t len = 1;
        if (c >= 0x80)
            len = utf8_read(p, end, &cp);
        if (c >= 0x80 && cp == 0xFFFD) {
            len = 1;
            cp = c < 0xA0 ? windows[c - 0x80] : c;
            k->high += cp != 0;
            k->other += cp == 0;
        } else if (c < 0x80) {
            k->ends += c == 0;
            k->other += c && is_control(c);
            k->plain += !is_control(c);
        }
        n += put_utf8(is_control(cp) ? '\n' : cp, out + n);
        p += len;
    }
    return n;
}

enum legible charset_read(struct str bytes, char *out, size_t *ret_n)
{
    struct kinds k = {0};
    *ret_n = read_bytes(bytes, out, &k);
    if (!k.other && !k.high && !k.ends)
        return LEGIBLE_ALL;
    bool is_text = !k.other && k.high * 4 <= bytes.n && k.ends * 4 <= bytes.n;
    bool is_mixed = bytes.n >= PARTLY_LEAST && k.plain * 4 >= bytes.n * 3;
    if (is_text)
        return k.high ? LEGIBLE_LIKELY : LEGIBLE_ALL;
    if (is_mixed)
        return LEGIBLE_PARTLY;
    *ret_n = read_any_utf16(bytes, out);
    return *ret_n ? LEGIBLE_ALL : LEGIBLE_NOT;
}
