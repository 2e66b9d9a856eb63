/* clean.c -- see clean.h. */
#include "core/clean.h"

static const struct {
    uint32_t from, to;
} unclean[] = {
    {0x00, 0x1F},       /* C0 */
    {0x7F, 0x9F},       /* delete, C1 */
    {0x061C, 0x061C},   /* Arabic letter mark */
    {0x200E, 0x200F},   /* left-to-right and right-to-left mark */
    {0x2028, 0x202E},   /* line and paragraph separator, embeddings, overrides */
    {0x2066, 0x206F},   /* isolates, and what they replaced */
    {0xFEFF, 0xFEFF},   /* byte order mark */
    {0xFFF9, 0xFFFB},   /* interlinear annotation */
    {0xE0000, 0xE0FFF}, /* tags: text that no screen shows */
};

static bool is_clean(uint32_t c)
{
    for (size_t i = 0; i < ARRAY_LEN(unclean) && c >= unclean[i].from; i++)
        if (c <= unclean[i].to)
            return false;
    return true;
}

/* The character at p, of *ret_len bytes; false when its first byte begins none.  Neither
 * overlong forms nor surrogates are characters. */
static bool next_char(const char *p, size_t n, size_t *ret_len, uint32_t *ret)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)*p;
    size_t len = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    uint32_t c = len == 1 ? first : first & (0x7FU >> len);
    *ret_len = 1;
    if ((len > 1 && first < 0xC2) || first > 0xF4 || len > n)
        return false;
    for (size_t i = 1; i < len; i++) {
        if (((unsigned char)p[i] & 0xC0) != 0x80)
            return false;
        c = c << 6 | ((unsigned char)p[i] & 0x3F);
    }
    if (c < smallest[len] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return false;
    *ret_len = len;
    *ret = c;
    return true;
}

/* How many bytes of s may be printed as they are; *ret is the character after them. */
static size_t clean_run(struct str s, size_t *ret_len, uint32_t *ret)
{
    size_t at = 0;
    while (at < s.n) {
        if (s.p[at] >= ' ' && s.p[at] < 0x7F) {
            at++;
            continue;
        }
        *ret = 0xFFFD;
        if (!next_char(s.p + at, s.n - at, ret_len, ret) || !is_clean(*ret))
            break;
        at += *ret_len;
    }
    return at;
}

bool clean_is(struct str s)
{
    size_t len = 0;
    uint32_t c = 0;
    return clean_run(s, &len, &c) == s.n;
}

void clean_append(struct buf *b, struct str s)
{
    while (s.n) {
        size_t len = 0;
        uint32_t c = 0;
        size_t run = clean_run(s, &len, &c);
        buf_append(b, str_sub(s, 0, run));
        if (run < s.n)
            buf_byte(b, '?');
        s = str_sub(s, run + len, s.n);
    }
}

size_t clean_in_place(char *p, size_t n)
{
    struct str s = {p, n};
    size_t kept = 0;
    while (s.n) {
        size_t len = 0;
        uint32_t c = 0;
        size_t run = clean_run(s, &len, &c);
        if (s.p != p + kept)
            memmove(p + kept, s.p, run);
        kept += run;
        if (run < s.n)
            p[kept++] = '?';
        s = str_sub(s, run + len, s.n);
    }
    return kept;
}

static void append_escape(struct buf *b, uint32_t c)
{
    if (c < 0x10000) {
        buf_printf(b, "\\u%04x", c);
        return;
    }
    c -= 0x10000;
    buf_printf(b, "\\u%04x\\u%04x", 0xD800 + (c >> 10), 0xDC00 + (c & 0x3FF));
}

void clean_append_json(struct buf *b, struct str json)
{
    while (json.n) {
        size_t len = 0;
        uint32_t c = 0;
        size_t run = clean_run(json, &len, &c);
        bool is_space = run < json.n && strchr("\t\n\r", json.p[run]) && json.p[run];
        buf_append(b, str_sub(json, 0, run + is_space));
        if (run < json.n && !is_space)
            append_escape(b, c);
        json = str_sub(json, run + len, json.n);
    }
}
