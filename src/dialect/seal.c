/* seal.c -- see seal.h. */
#include "dialect/seal.h"

#include "json/write.h"

#define MARK "weir1:"

enum { MAX_SEAL_BYTES = 16 * 1024 * 1024 };

static const char letters[SEAL_KINDS] = {
    [SEAL_THOUGHT] = 't', [SEAL_REDACTED] = 'r', [SEAL_CALL] = 'c', [SEAL_TEXT] = 'x'};

void seal_write(const struct seal *s, struct buf *out)
{
    buf_printf(out, MARK "%.*s:%c:%llu:%zu:", STR_ARG(s->issuer), letters[s->kind],
               (unsigned long long)s->length, s->call.n);
    buf_append(out, s->call);
    buf_append(out, s->payload);
}

static bool take_number(struct str *rest, uint64_t *ret)
{
    struct str part;
    return str_index(*rest, ':') >= 0 && str_split(rest, ':', &part) &&
           str_to_u64(part, ret);
}

bool seal_read(struct str text, struct seal *ret)
{
    struct str rest, kind;
    uint64_t ncall;
    struct seal s = {.kind = SEAL_KINDS};
    if (!str_starts(text, STR(MARK)))
        return false;
    rest = str_sub(text, strlen(MARK), text.n);
    if (!str_split(&rest, ':', &s.issuer) || !str_split(&rest, ':', &kind) ||
        kind.n != 1 || !take_number(&rest, &s.length) || !take_number(&rest, &ncall) ||
        ncall > rest.n)
        return false;
    for (int i = 0; i < SEAL_KINDS; i++)
        if (letters[i] == kind.p[0])
            s.kind = (enum seal_kind)i;
    s.call = str_sub(rest, 0, (size_t)ncall);
    s.payload = str_sub(rest, (size_t)ncall, rest.n);
    *ret = s;
    return s.kind < SEAL_KINDS;
}

/* -- as base64 -------------------------------------------------------------------------
 */

static void write_base64(struct str s, struct buf *out)
{
    static const char letters_of_base64[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < s.n; i += 3) {
        size_t n = s.n - i < 3 ? s.n - i : 3;
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (k < n ? (unsigned char)s.p[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            buf_byte(out, k <= n ? letters_of_base64[bits >> (18 - 6 * k) & 63] : '=');
    }
}

void seal_write_string(struct str sealed, struct buf *out)
{
    if (!str_starts(sealed, STR(MARK))) {
        json_write_string(out, sealed);
        return;
    }
    buf_byte(out, '"');
    write_base64(sealed, out);
    buf_byte(out, '"');
}

/* 64: none of them. */
static unsigned value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (unsigned)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (unsigned)(c - 'a') + 26;
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0') + 52;
    if (c == '+' || c == '-')
        return 62;
    return c == '/' || c == '_' ? 63 : 64;
}

struct str seal_of_base64(struct str text, struct arena *a)
{
    uint32_t bits = 0;
    size_t n = 0;
    if (LIKELY(!str_starts(text, STR(SEAL_BASE64_MARK))))
        return text;
    char *to = arena_raw(a, text.n);
    if (!to)
        return (struct str){NULL, 0};
    while (text.n && text.p[text.n - 1] == '=')
        text.n--;
    for (size_t i = 0; i < text.n; i++) {
        unsigned value = value_of(text.p[i]);
        if (value > 63)
            return text;
        bits = bits << 6 | value;
        if (i % 4 != 0)
            to[n++] = (char)(bits >> (6 - 2 * (i % 4)) & 255);
    }
    return (struct str){to, n};
}

void seal_write_member(const struct seal *s, struct buf *out)
{
    struct buf text;
    buf_init(&text, MAX_SEAL_BYTES);
    seal_write(s, &text);
    buf_lit(out, "\"reasoning_details\":[{\"type\":\"reasoning.encrypted\",\"data\":");
    json_write_string(out, buf_view(&text));
    buf_lit(out, "}]");
    out->failed |= text.failed;
    buf_release(&text);
}
