/* scan_cache.c -- see scan_cache.h: sets of four slots, the one used longest ago goes. */
#include "scan/scan_cache.h"

#include "core/hash.h"
#include "core/mem.h"
#include "core/mutex.h"

enum { WAYS = 4, SETS = 4096 };

struct slot {
    struct scan_key key;     /* zeros: empty */
    uint64_t used;           /* tick of the last look */
    struct span_list *found; /* owned; NULL: nothing */
};

struct scan_cache {
    struct mutex lock;
    struct siphash_key keys[2];
    struct scan_cache_stats stats;
    size_t max_bytes;
    uint64_t tick;
    struct slot slots[SETS * WAYS];
};

struct scan_cache *scan_cache_create(size_t max_bytes, struct err *err)
{
    struct scan_cache *c = mem_new(struct scan_cache);
    if (!c) {
        err_nomem(err);
        return NULL;
    }
    if (!random_bytes(c->keys, sizeof c->keys)) {
        mem_free(c);
        err_set(err, ERR_INTERNAL, "no_random", "the system has no random source");
        return NULL;
    }
    mutex_init(&c->lock);
    c->max_bytes = max_bytes;
    return c;
}

static size_t bytes_of(const struct slot *s)
{
    return s->found ? sizeof *s->found + s->found->cap * sizeof *s->found->v : 0;
}

static void empty(struct scan_cache *c, struct slot *s)
{
    c->stats.bytes -= bytes_of(s);
    if (s->found)
        span_list_release(s->found);
    mem_free(s->found);
    *s = (struct slot){.used = 0};
}

void scan_cache_free(struct scan_cache *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < SETS * WAYS; i++)
        empty(c, &c->slots[i]);
    mutex_release(&c->lock);
    mem_wipe(c->keys, sizeof c->keys);
    mem_free(c);
}

struct scan_key scan_cache_key(const struct scan_cache *c, struct str text)
{
    struct scan_key k = {siphash_once(c->keys[0], text), siphash_once(c->keys[1], text)};
    k.a |= k.a == 0; /* zeros are for empty slots */
    return k;
}

static struct slot *find(struct scan_cache *c, struct scan_key key)
{
    struct slot *set = &c->slots[key.a % SETS * WAYS];
    for (size_t i = 0; i < WAYS; i++)
        if (set[i].key.a == key.a && set[i].key.b == key.b)
            return &set[i];
    return NULL;
}

static bool copy(struct span_list *to, const struct span_list *from)
{
    struct span *v = mem_realloc(to->v, (to->n + from->n + 1) * sizeof *v);
    if (!v)
        return false;
    if (from->n)
        memcpy(v + to->n, from->v, from->n * sizeof *v);
    to->v = v;
    to->n += from->n;
    to->cap = to->n + 1;
    to->is_clinical |= from->is_clinical;
    to->is_unsure |= from->is_unsure;
    to->has_blob |= from->has_blob;
    rule_set_join(&to->rules, &from->rules);
    return true;
}

bool scan_cache_get(struct scan_cache *c, struct scan_key key, struct span_list *ret)
{
    mutex_lock(&c->lock);
    struct slot *s = find(c, key);
    bool is_known = s && (!s->found || copy(ret, s->found));
    if (is_known)
        s->used = ++c->tick;
    c->stats.hits += is_known;
    c->stats.misses += !is_known;
    mutex_unlock(&c->lock);
    return is_known;
}

static struct slot *oldest(struct scan_cache *c, struct scan_key key)
{
    struct slot *set = &c->slots[key.a % SETS * WAYS], *ret = set;
    for (size_t i = 1; i < WAYS; i++)
        if (set[i].used < ret->used)
            ret = &set[i];
    return ret;
}

/* A copy for a slot, in *ret: NULL when there is nothing in it.  False: no room. */
static bool keep(const struct scan_cache *c, const struct span_list *l,
                 struct span_list **ret)
{
    *ret = NULL;
    if (span_list_is_clean(l))
        return true;
    if (c->stats.bytes + sizeof *l + (l->n + 1) * sizeof *l->v > c->max_bytes)
        return false;
    struct span_list *own = mem_new(struct span_list);
    if (!own || !copy(own, l)) {
        mem_free(own);
        return false;
    }
    *ret = own;
    return true;
}

void scan_cache_put(struct scan_cache *c, struct scan_key key, const struct span_list *l)
{
    if (l->n > SCAN_CACHE_MAX_SPANS)
        return;
    mutex_lock(&c->lock);
    if (!find(c, key)) {
        struct slot *s = oldest(c, key);
        empty(c, s);
        if (keep(c, l, &s->found)) {
            s->key = key;
            s->used = ++c->tick;
            c->stats.bytes += bytes_of(s);
        }
    }
    mutex_unlock(&c->lock);
}

struct scan_cache_stats scan_cache_stats(struct scan_cache *c)
{
    mutex_lock(&c->lock);
    struct scan_cache_stats s = c->stats;
    mutex_unlock(&c->lock);
    return s;
}
