/* session_list.c -- which sessions have a raised label. */
#include "guard/session_table.h"

#include <stdio.h>

struct listing {
    struct session_row *rows;
    size_t n, max, looked;
};

static void take(struct listing *l, const struct session *e)
{
    struct session_row *row = &l->rows[l->n++];
    *row = (struct session_row){.id = e->id,
                                .used_ms = e->used_ms,
                                .by = e->by,
                                .found_groups = e->found_groups,
                                .label = e->label};
    snprintf(row->owner, sizeof row->owner, "%s", e->owner->name);
}

/* Newest first.  Those that a person lowered stand in the same list: only so many are
 * looked at, for the lock is held. */
static void list_class(struct listing *l, struct link *head)
{
    for (struct link *at = head->prev; at != head && l->n < l->max; at = at->prev) {
        const struct session *e = CONTAINER_OF(at, struct session, owned);
        if (++l->looked > 2 * l->max)
            return;
        if (session_is_raised(e))
            take(l, e);
    }
}

size_t sessions_list(struct sessions *s, uint64_t now_ms, struct session_row *ret,
                     size_t max)
{
    struct listing l = {.rows = ret, .max = max};
    struct trash t = {.n = 0};
    mutex_lock(&s->lock);
    session_expire(s, now_ms, &t);
    for (size_t i = 0; i < OWNER_BUCKETS; i++)
        for (struct owner *o = s->owners[i]; o; o = o->next) {
            list_class(&l, &o->used[SESSION_FOUND]);
            list_class(&l, &o->used[SESSION_DECLARED]);
        }
    mutex_unlock(&s->lock);
    trash_release(&t);
    return l.n;
}
