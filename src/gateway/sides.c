/* sides.c -- see sides.h: buckets of a few entries; in a full one the oldest goes. */
#include "gateway/sides.h"

#include "core/mem.h"
#include "core/mutex.h"

enum { BUCKET = 8, NBUCKETS = SIDES_ENTRIES / BUCKET };

struct entry {
    uint64_t id; /* SESSION_NONE: free */
    uint64_t at_ms;
    uint32_t turns; /* how often users had spoken */
    uint16_t calm_turns;
    uint8_t side;
    bool is_lifted;
};

struct sides {
    struct mutex lock;
    struct entry *entries; /* NULL until the first note */
};

struct sides *sides_create(void)
{
    struct sides *s = mem_new(struct sides);
    if (!s)
        return NULL;
    s->entries = NULL;
    mutex_init(&s->lock);
    return s;
}

void sides_free(struct sides *s)
{
    if (!s)
        return;
    mem_free(s->entries);
    mutex_release(&s->lock);
    mem_free(s);
}

/* Ids are keyed digests: their bits are as good as random. */
static struct entry *bucket_of(struct sides *s, uint64_t id)
{
    return s->entries + (id % NBUCKETS) * BUCKET;
}

static struct entry *look_up(struct sides *s, uint64_t id, uint64_t now_ms)
{
    struct entry *b = bucket_of(s, id);
    for (size_t i = 0; i < BUCKET; i++)
        if (b[i].id == id)
            return now_ms - b[i].at_ms <= SIDES_IDLE_MS ? &b[i] : NULL;
    return NULL;
}

/* The request's own turn, else the newest before it. */
static const struct entry *newest(struct sides *s, const struct session_of *of,
                                  uint64_t now_ms)
{
    const struct entry *e = look_up(s, of->id, now_ms);
    for (size_t i = of->nbefore; i-- > 0 && !e;)
        e = look_up(s, of->before[i], now_ms);
    return e;
}

struct side_kept sides_find(struct sides *s, const struct session_of *of, uint64_t now_ms)
{
    struct side_kept ret = {.is_known = false};
    if (of->id == SESSION_NONE)
        return ret;
    mutex_lock(&s->lock);
    const struct entry *e = s->entries ? newest(s, of, now_ms) : NULL;
    if (e)
        ret = (struct side_kept){
            .is_known = true,
            .is_same_turn = e->turns == of->turns,
            .side = (enum side)e->side,
            .is_lifted = e->is_lifted,
            .calm_turns = e->calm_turns,
        };
    mutex_unlock(&s->lock);
    return ret;
}

static struct entry *place_for(struct sides *s, uint64_t id)
{
    struct entry *b = bucket_of(s, id), *oldest = b;
    for (size_t i = 0; i < BUCKET; i++) {
        if (b[i].id == id || b[i].id == SESSION_NONE)
            return &b[i];
        if (b[i].at_ms < oldest->at_ms)
            oldest = &b[i];
    }
    return oldest;
}

void sides_note(struct sides *s, const struct session_of *of,
                const struct side_kept *kept, uint64_t now_ms)
{
    if (of->id == SESSION_NONE)
        return;
    mutex_lock(&s->lock);
    if (!s->entries)
        s->entries = mem_zalloc(SIDES_ENTRIES * sizeof(struct entry));
    if (s->entries)
        *place_for(s, of->id) = (struct entry){
            .id = of->id,
            .at_ms = now_ms,
            .turns = of->turns,
            .calm_turns =
                (uint16_t)(kept->calm_turns < UINT16_MAX ? kept->calm_turns : UINT16_MAX),
            .side = (uint8_t)kept->side,
            .is_lifted = kept->is_lifted,
        };
    mutex_unlock(&s->lock);
}
