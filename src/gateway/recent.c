/* recent.c -- see recent.h.
 *
 * Three chained hash tables over one ring of slots.  Each table has a key once: a newer
 * slot of the same key takes the older one's place, so no client can make a chain long by
 * naming all its requests alike.  Keys are weir's own ids or keyed digests, so nobody can
 * aim for one chain either. */
#include "gateway/recent.h"

#include "core/mem.h"
#include "core/mutex.h"

#include <assert.h>
#include <math.h>

enum { REASK_MS = 60 * 1000, REPEATS_MOST = 3 };

enum table { BY_UID, BY_CLIENT_ID, BY_SESSION, TABLES };

struct slot {
    struct recent_request request;
    struct recent_answer answer;
    uint64_t ended_ms;     /* 0: it has not */
    uint16_t next[TABLES]; /* a slot's place and 1; 0: none */
    uint8_t nrepeats;      /* how often the same had been asked before it, in a row */
    bool is_told;          /* what a client said of it was learnt from */
    enum feedback said;    /* last */
    uint64_t said_ms;      /* wall clock */
};

struct recent {
    struct mutex lock;
    struct slot *slots;
    uint16_t *heads[TABLES];
    uint32_t most, nbuckets; /* a power of two */
    uint32_t at;             /* the slot that is written next */
};

struct recent *recent_create(uint32_t most)
{
    assert(most > 0 && most <= UINT16_MAX);
    struct recent *t = mem_new(struct recent);
    if (!t)
        return NULL;
    t->most = most;
    for (t->nbuckets = 1; t->nbuckets < most;)
        t->nbuckets *= 2;
    t->slots = mem_zalloc(most * sizeof *t->slots);
    bool ok = t->slots != NULL;
    for (int i = 0; i < TABLES; i++) {
        t->heads[i] = mem_zalloc(t->nbuckets * sizeof *t->heads[i]);
        ok &= t->heads[i] != NULL;
    }
    mutex_init(&t->lock);
    if (ok)
        return t;
    recent_free(t);
    return NULL;
}

void recent_free(struct recent *t)
{
    if (!t)
        return;
    for (int i = 0; i < TABLES; i++)
        mem_free(t->heads[i]);
    mem_free(t->slots);
    mutex_release(&t->lock);
    mem_free(t);
}

/* 0: it has no place in this table. */
static uint64_t key_of(const struct slot *s, enum table which)
{
    const uint64_t keys[TABLES] = {[BY_UID] = s->request.uid,
                                   [BY_CLIENT_ID] = s->request.client_id,
                                   [BY_SESSION] = s->request.session};
    return keys[which];
}

static uint16_t *head_of(const struct recent *t, enum table which, uint64_t key)
{
    /* Fibonacci hashing: ids count upwards. */
    uint64_t mixed = (key * UINT64_C(0x9E3779B97F4A7C15)) >> 32;
    return &t->heads[which][mixed & (t->nbuckets - 1)];
}

static struct slot *find(const struct recent *t, enum table which, uint64_t key)
{
    if (key == 0)
        return NULL;
    for (uint16_t i = *head_of(t, which, key); i; i = t->slots[i - 1].next[which])
        if (key_of(&t->slots[i - 1], which) == key)
            return &t->slots[i - 1];
    return NULL;
}

static void unlink_slot(struct recent *t, enum table which, const struct slot *s)
{
    uint64_t key = key_of(s, which);
    if (key == 0)
        return;
    uint16_t own = (uint16_t)(s - t->slots + 1);
    for (uint16_t *i = head_of(t, which, key); *i; i = &t->slots[*i - 1].next[which])
        if (*i == own) {
            *i = s->next[which];
            return;
        }
}

static void link_slot(struct recent *t, enum table which, struct slot *s)
{
    uint64_t key = key_of(s, which);
    s->next[which] = 0;
    if (key == 0)
        return;
    const struct slot *older = find(t, which, key);
    if (older)
        unlink_slot(t, which, older);
    uint16_t *head = head_of(t, which, key);
    s->next[which] = *head;
    *head = (uint16_t)(s - t->slots + 1);
}

/* The oldest, free for another request. */
static struct slot *take(struct recent *t)
{
    struct slot *s = &t->slots[t->at];
    t->at = (t->at + 1) % t->most;
    for (int i = 0; i < TABLES; i++)
        unlink_slot(t, (enum table)i, s);
    return s;
}

static bool is_recent(const struct slot *s, uint64_t now_ms)
{
    return !s->ended_ms || now_ms <= s->ended_ms + REASK_MS;
}

/* A program that sends one prompt over and over wants no better answer: after so many in
 * a row nothing is counted. */
static bool counts(const struct slot *before)
{
    return before->ended_ms && before->answer.is_there && before->said == FEEDBACK_NONE &&
           before->nrepeats < REPEATS_MOST;
}

bool recent_add(struct recent *t, const struct recent_request *r, uint64_t now_ms,
                uint64_t wall_ms, struct ledger_feedback *ret,
                struct recent_answer *ret_answer)
{
    uint8_t nrepeats = 0;
    bool is_reask = false;
    mutex_lock(&t->lock);
    struct slot *before = find(t, BY_SESSION, r->session);
    if (before && is_recent(before, now_ms) &&
        reask_is(&r->mark, &before->request.mark)) {
        nrepeats = before->nrepeats < REPEATS_MOST ? before->nrepeats + 1 : REPEATS_MOST;
        is_reask = counts(before);
    }
    if (is_reask) {
        before->said = FEEDBACK_REASK;
        before->said_ms = wall_ms;
        *ret = (struct ledger_feedback){before->request.uid, wall_ms, FEEDBACK_REASK};
        *ret_answer = before->answer;
    }
    struct slot *s = take(t);
    *s = (struct slot){.request = *r, .answer.score = NAN, .nrepeats = nrepeats};
    for (int i = 0; i < TABLES; i++)
        link_slot(t, (enum table)i, s);
    mutex_unlock(&t->lock);
    return is_reask;
}

enum feedback recent_end(struct recent *t, uint64_t uid, const struct recent_answer *a,
                         uint64_t now_ms)
{
    enum feedback said = FEEDBACK_NONE;
    mutex_lock(&t->lock);
    struct slot *s = find(t, BY_UID, uid);
    if (s && !s->ended_ms) {
        s->answer = *a;
        s->ended_ms = now_ms ? now_ms : 1;
        said = s->said;
        s->is_told = said != FEEDBACK_NONE;
    }
    mutex_unlock(&t->lock);
    return said;
}

static struct slot *find_own(const struct recent *t, uint64_t owner, uint64_t uid,
                             uint64_t client_id)
{
    struct slot *s = find(t, BY_UID, uid);
    if (!s)
        s = find(t, BY_CLIENT_ID, client_id);
    return s && s->request.owner == owner ? s : NULL;
}

enum recent_said recent_say(struct recent *t, uint64_t owner, uint64_t client_id,
                            struct ledger_feedback *f, struct recent_answer *ret_answer)
{
    enum recent_said ret = RECENT_UNKNOWN;
    mutex_lock(&t->lock);
    struct slot *s = find_own(t, owner, f->uid, client_id);
    if (s) {
        ret = s->said == f->said ? RECENT_SAME
              : !s->ended_ms     ? RECENT_EARLY
              : s->is_told       ? RECENT_CHANGED
                                 : RECENT_SAID;
        s->is_told |= ret == RECENT_SAID;
        if (f->ts_ms <= s->said_ms)
            f->ts_ms = s->said_ms + 1;
        f->uid = s->request.uid;
        s->said = f->said;
        s->said_ms = f->ts_ms;
        *ret_answer = s->answer;
    }
    mutex_unlock(&t->lock);
    return ret;
}
