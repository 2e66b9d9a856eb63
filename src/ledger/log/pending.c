/* pending.c -- a hash table with linear probing and deletion by shifting back.
 *
 * Ids count upwards, so their bits are mixed by a multiplication (Fibonacci hashing)
 * before the low ones pick a slot.  Slots keep their memory when they become free. */
#include "ledger/log/pending.h"

#include "core/mem.h"
#include "ledger/log/record.h"

/* Most OPENs fit with an ATTEMPT and a LEG: names and reasons are short. */
enum { FIRST_SLOTS = 256, ITEM_BYTES = 480, MORE_BYTES = 256 * 1024 };

void pending_init(struct pending *p)
{
    *p = (struct pending){0};
}

void pending_release(struct pending *p)
{
    for (size_t i = 0; i < p->nslots; i++)
        mem_free(p->slots[i].bytes);
    mem_free(p->slots);
    mem_free(p->unsaved);
    *p = (struct pending){0};
}

static size_t home(const struct pending *p, uint64_t uid)
{
    return (size_t)((uid * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & (p->nslots - 1);
}

struct pending_item *pending_find(const struct pending *p, uint64_t uid)
{
    if (p->n == 0)
        return NULL;
    for (size_t i = home(p, uid); p->slots[i].uid; i = (i + 1) & (p->nslots - 1))
        if (p->slots[i].uid == uid)
            return &p->slots[i];
    return NULL;
}

static struct pending_item *free_slot(const struct pending *p, uint64_t uid)
{
    size_t i = home(p, uid);
    while (p->slots[i].uid)
        i = (i + 1) & (p->nslots - 1);
    return &p->slots[i];
}

static bool grow(struct pending *p)
{
    struct pending old = *p;
    size_t more = old.nslots ? old.nslots * 2 : FIRST_SLOTS;
    struct pending_item *slots = mem_zalloc(more * sizeof *slots);
    if (!slots)
        return false;
    p->slots = slots;
    p->nslots = more;
    for (size_t i = 0; i < old.nslots; i++) {
        if (old.slots[i].uid)
            *free_slot(p, old.slots[i].uid) = old.slots[i];
        else
            mem_free(old.slots[i].bytes);
    }
    mem_free(old.slots);
    return true;
}

static bool list_unsaved(struct pending *p, struct pending_item *item)
{
    if (item->is_listed)
        return true;
    if (p->nunsaved == p->unsaved_cap) {
        size_t more = p->unsaved_cap ? p->unsaved_cap * 2 : FIRST_SLOTS;
        uint64_t *u = mem_realloc(p->unsaved, more * sizeof *u);
        if (!u)
            return false;
        p->unsaved = u;
        p->unsaved_cap = more;
    }
    p->unsaved[p->nunsaved++] = item->uid;
    item->is_listed = true;
    return true;
}

static bool hold(struct pending_item *item, size_t n)
{
    if (n <= item->cap)
        return true;
    size_t cap = n < ITEM_BYTES ? ITEM_BYTES : n;
    char *bytes = mem_realloc(item->bytes, cap);
    if (!bytes)
        return false;
    item->bytes = bytes;
    item->cap = (uint32_t)cap;
    return true;
}

bool pending_open(struct pending *p, uint64_t uid, struct str record)
{
    if (uid == 0)
        return false;
    struct pending_item *item = pending_find(p, uid);
    if (item)
        return true; /* read again after a rollback */
    if (p->n >= p->nslots / 2 && !grow(p))
        return false;
    item = free_slot(p, uid);
    if (!hold(item, record.n))
        return false;
    memcpy(item->bytes, record.p, record.n);
    item->open_bytes = (uint32_t)record.n;
    item->more_bytes = 0;
    item->is_saved = item->is_listed = false;
    item->uid = uid;
    p->n++;
    return list_unsaved(p, item);
}

/* Is the same record held already, read again after a rollback? */
static bool is_held(const struct pending_item *item, struct str record)
{
    struct str rest = pending_more(item);
    while (rest.n) {
        size_t n = record_size(rest);
        if (n == record.n && memcmp(rest.p, record.p, n) == 0)
            return true;
        rest = str_sub(rest, n ? n : rest.n, rest.n);
    }
    return false;
}

bool pending_add(struct pending *p, uint64_t uid, struct str record)
{
    struct pending_item *item = pending_find(p, uid);
    if (!item || is_held(item, record))
        return true;
    size_t end = (size_t)item->open_bytes + item->more_bytes;
    if (record.n > MORE_BYTES - item->more_bytes)
        return true; /* more legs than a request can have: what is held says enough */
    if (!hold(item, end + record.n))
        return false;
    memcpy(item->bytes + end, record.p, record.n);
    item->more_bytes += (uint32_t)record.n;
    return list_unsaved(p, item);
}

/* Closes the gap at `at`, so that probing never meets a false end.  The freed slot's
 * memory moves along to the slot that becomes free. */
static void remove_at(struct pending *p, size_t at)
{
    size_t mask = p->nslots - 1;
    for (size_t i = (at + 1) & mask; p->slots[i].uid; i = (i + 1) & mask) {
        size_t want = home(p, p->slots[i].uid);
        if (((i - want) & mask) < ((i - at) & mask))
            continue;
        struct pending_item gone = p->slots[at];
        p->slots[at] = p->slots[i];
        p->slots[i] = gone;
        at = i;
    }
    p->slots[at].uid = 0;
    p->n--;
}

bool pending_settle(struct pending *p, uint64_t uid, bool *ret_known)
{
    struct pending_item *item = pending_find(p, uid);
    *ret_known = item != NULL;
    if (!item)
        return false;
    bool was_saved = item->is_saved;
    remove_at(p, (size_t)(item - p->slots));
    return was_saved;
}

void pending_mark_saved(struct pending_item *item)
{
    item->is_saved = true;
    item->is_listed = false;
}

struct str pending_opened(const struct pending_item *i)
{
    return (struct str){i->bytes, i->open_bytes};
}

struct str pending_more(const struct pending_item *i)
{
    return (struct str){i->bytes + i->open_bytes, i->more_bytes};
}
