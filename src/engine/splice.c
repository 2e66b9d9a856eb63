/* splice.c -- edits sorted by place, then pieces. */
#include "engine/splice.h"

#include <assert.h>

_Static_assert(2 * SPLICE_MAX_EDITS + 1 <= HTTP_MAX_PIECES, "edits must fit the pieces");

void splice_add(struct splice *s, uint32_t from, uint32_t to, struct str text)
{
    assert(s->n < SPLICE_MAX_EDITS && from <= to);
    size_t i = s->n++;
    for (; i > 0 && s->edits[i - 1].from > from; i--)
        s->edits[i] = s->edits[i - 1];
    s->edits[i] = (struct edit){.from = from, .to = to, .text = text};
}

static void add_piece(struct http_message *m, struct str s)
{
    if (s.n == 0)
        return;
    m->body[m->npieces++] = s;
    m->body_bytes += s.n;
}

void splice_apply(const struct splice *s, struct str body, struct http_message *ret)
{
    size_t done = 0;
    ret->npieces = ret->body_bytes = 0;
    for (size_t i = 0; i < s->n; i++) {
        add_piece(ret, str_sub(body, done, s->edits[i].from));
        add_piece(ret, s->edits[i].text);
        if (s->edits[i].to > done) /* an insertion may stand where a removal began */
            done = s->edits[i].to;
    }
    add_piece(ret, str_sub(body, done, body.n));
}
