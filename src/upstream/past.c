/* past.c -- see past.h. */
#include "upstream/past.h"

#include "core/mem.h"

#include <stdio.h>

const char *past_what_name(enum past_what w)
{
    static const char *const names[] = {
        "opened", "half-opened", "opened-again", "closed", "stopped", "died", "started"};
    return names[w];
}

/* The nth newest, from 0 on. */
static struct past_change *newest(const struct past *p, size_t nth)
{
    return &p->items[(p->next + 2 * PAST_CHANGES - 1 - nth) % PAST_CHANGES];
}

/* The entry of the same outage that this one counts to, made the newest; or NULL. */
static struct past_change *same(struct past *p, enum past_what what)
{
    bool is_counted = what == PAST_HALF_OPENED || what == PAST_OPENED_AGAIN;
    for (size_t i = 0; is_counted && i < p->n && i < 2; i++) {
        struct past_change *c = newest(p, i);
        if (c->what != PAST_HALF_OPENED && c->what != PAST_OPENED_AGAIN)
            break;
        if (c->what != what)
            continue;
        struct past_change found = *c;
        if (i == 1)
            *c = *newest(p, 0);
        *newest(p, 0) = found;
        return newest(p, 0);
    }
    return NULL;
}

static struct past_change *append(struct past *p)
{
    struct past_change *c = &p->items[p->next];
    p->next = (p->next + 1) % PAST_CHANGES;
    p->n += p->n < PAST_CHANGES;
    *c = (struct past_change){.times = 0};
    return c;
}

void past_add(struct past *p, enum past_what what, uint64_t at_ms, const char *why)
{
    if (!p->items)
        p->items = mem_zalloc(PAST_CHANGES * sizeof *p->items);
    if (!p->items)
        return;
    struct past_change *c = same(p, what);
    if (!c) {
        c = append(p);
        c->what = what;
        c->first_ms = at_ms;
    }
    c->times++;
    c->at_ms = at_ms;
    snprintf(c->why, sizeof c->why, "%s", why);
}

size_t past_list(const struct past *p, uint64_t since_ms,
                 struct past_change ret[PAST_CHANGES])
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        if (newest(p, i)->at_ms >= since_ms)
            ret[n++] = *newest(p, i);
    return n;
}

void past_release(struct past *p)
{
    mem_free(p->items);
    *p = (struct past){.items = NULL};
}
