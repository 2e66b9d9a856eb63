/* ends.c -- see ends.h.
 *
 * Entries are put in when a value begins, so they stand in the order of their beginnings,
 * and taken out again when it turns out to be short: what was in it is shorter still, so
 * it is the last.  A second walk over what was noted, with a copy of the cursor, notes
 * nothing. */
#include "json/ends.h"

#include "json/scan.h"

#include <string.h>

enum {
    LEAST_TEXT_BYTES = 4096, /* shorter ones are walked as fast */
    LONG_BYTES = 128,
    FIRST_ENTRIES = 64
};

#define NOT_NOTED UINT32_MAX

_Static_assert((int)JSON_NOTED_DEPTH == (int)JSON_MAX_DEPTH, "one entry a depth");

void json_begin_noting(struct json_cur *c, struct str text, struct json_noting *noting,
                       struct arena *a)
{
    json_begin(c, text);
    noting->ends = (struct json_ends){.base = text.p, .bytes = text.n};
    if (text.n < LEAST_TEXT_BYTES || text.n >= UINT32_MAX)
        return;
    noting->v = NULL;
    noting->arena = a;
    noting->cap = 0;
    noting->most = (uint32_t)(text.n / LONG_BYTES);
    c->noting = noting;
}

static bool has_room(struct json_noting *n)
{
    if (LIKELY(n->ends.n < n->cap))
        return true;
    uint32_t cap = n->cap ? 2 * n->cap : FIRST_ENTRIES;
    struct json_end *v =
        n->cap < n->most ? arena_raw_array(n->arena, struct json_end, cap) : NULL;
    if (!v) {
        n->most = 0; /* nothing more: what is known stays true */
        return false;
    }
    if (n->ends.n)
        memcpy(v, n->v, n->ends.n * sizeof *v);
    n->ends.v = n->v = v;
    n->cap = cap;
    return true;
}

/* It lies behind all that is noted. */
static bool is_new(const struct json_noting *n, uint32_t from)
{
    return n->ends.n == 0 || n->v[n->ends.n - 1].from < from;
}

void json_note_open(struct json_noting *n, const char *at, unsigned depth)
{
    uint32_t from = (uint32_t)(at - n->ends.base);
    n->open[depth] = NOT_NOTED;
    if (!is_new(n, from) || !has_room(n))
        return;
    n->open[depth] = n->ends.n;
    n->v[n->ends.n++] = (struct json_end){.from = from};
}

void json_note_close(struct json_noting *n, const char *end, unsigned depth)
{
    uint32_t i = n->open[depth], to = (uint32_t)(end - n->ends.base);
    if (i == NOT_NOTED)
        return;
    if (to - n->v[i].from < LONG_BYTES) {
        n->ends.n = i;
        return;
    }
    n->v[i].to = to;
    n->v[i].next = n->ends.n;
}

void json_note_string(struct json_noting *n, const char *at, const char *end,
                      bool has_escapes)
{
    uint32_t from = (uint32_t)(at - n->ends.base);
    if (end - at < LONG_BYTES || !is_new(n, from) || !has_room(n))
        return;
    uint32_t i = n->ends.n++;
    n->v[i] = (struct json_end){from, (uint32_t)(end - n->ends.base), i + 1,
                                .has_escapes = has_escapes};
}

/* The first entry that begins at `from` or behind it. */
static uint32_t first_from(const struct json_ends *e, uint32_t from)
{
    uint32_t low = 0, high = e->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (e->v[middle].from < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void json_begin_known(struct json_cur *c, struct str text, const struct json_ends *ends)
{
    json_begin(c, text);
    if (!ends || !ends->n || !text.p || text.p < ends->base ||
        text.p + text.n > ends->base + ends->bytes)
        return;
    c->ends = ends;
    c->at_end = first_from(ends, (uint32_t)(text.p - ends->base));
}

const struct json_end *json_known(struct json_cur *c, const char *p)
{
    const struct json_ends *e = c->ends;
    uint32_t from = (uint32_t)(p - e->base), i = c->at_end;
    while (i < e->n && e->v[i].from < from)
        i++;
    c->at_end = i;
    /* One that nobody has seen the end of has none. */
    if (i == e->n || e->v[i].from != from || e->v[i].to <= from ||
        e->base + e->v[i].to > c->end)
        return NULL;
    c->at_end = e->v[i].next;
    return &e->v[i];
}
