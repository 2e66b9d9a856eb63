/* bag.c -- members of an object that is being joined from many small ones. */
#include "engine/bag.h"

enum { MAX_MEMBERS = 1024 };

static struct bag_member *member_of(struct bag *b, struct arena *a, struct str key,
                                    size_t max_bytes)
{
    struct bag_member **at = &b->first;
    unsigned n = 0;
    for (; *at && !str_eq((*at)->key, key); n++)
        at = &(*at)->next;
    if (*at || n == MAX_MEMBERS)
        return *at;
    struct bag_member *m = arena_new(a, struct bag_member);
    struct str copy = arena_strdup(a, key);
    if (!m || !copy.p)
        return NULL;
    m->key = copy;
    buf_init(&m->value, max_bytes);
    return *at = m;
}

static bool append(struct bag_member *m, size_t *room, struct str raw)
{
    if (raw.n > *room)
        return false;
    buf_append(&m->value, raw);
    if (m->value.failed)
        return false;
    *room -= raw.n;
    return true;
}

bool bag_set(struct bag *b, struct arena *a, size_t *room, struct str key, struct str raw)
{
    struct bag_member *m = member_of(b, a, key, *room);
    if (!m)
        return false;
    *room += buf_len(&m->value);
    buf_clear(&m->value);
    m->open = m->close = 0;
    return append(m, room, raw);
}

bool bag_join(struct bag *b, struct arena *a, size_t *room, struct str key,
              struct str raw, char open, char close)
{
    struct bag_member *m = member_of(b, a, key, *room);
    if (!m)
        return false;
    if (m->open != open) { /* it was null so far, or of another type */
        *room += buf_len(&m->value);
        buf_clear(&m->value);
        m->open = open;
        m->close = close;
    }
    if (open == '[' && raw.n && buf_len(&m->value) && !append(m, room, STR(",")))
        return false;
    return append(m, room, raw);
}

const struct bag_member *bag_get(const struct bag *b, struct str key)
{
    const struct bag_member *m = b->first;
    while (m && !str_eq(m->key, key))
        m = m->next;
    return m;
}

void bag_write_key(struct str key, struct buf *out, bool *needs_comma)
{
    if (*needs_comma)
        buf_byte(out, ',');
    *needs_comma = true;
    buf_byte(out, '"');
    buf_append(out, key);
    buf_lit(out, "\":");
}

static bool is_skipped(struct str key, const char *const *skip)
{
    for (; skip && *skip; skip++)
        if (str_eqz(key, *skip))
            return true;
    return false;
}

void bag_write(const struct bag *b, const char *const *skip, struct buf *out,
               bool *needs_comma)
{
    for (const struct bag_member *m = b->first; m; m = m->next) {
        if (is_skipped(m->key, skip))
            continue;
        bag_write_key(m->key, out, needs_comma);
        if (m->open)
            buf_byte(out, m->open);
        buf_append(out, buf_view(&m->value));
        if (m->close)
            buf_byte(out, m->close);
    }
}

void bag_release(struct bag *b)
{
    for (struct bag_member *m = b->first; m; m = m->next)
        buf_release(&m->value);
    b->first = NULL;
}
