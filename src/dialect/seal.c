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
