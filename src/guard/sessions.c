/* sessions.c -- see sessions.h.
 *
 * A table of chains under one lock; every entry is also in a list by last use, and
 * those with a vault in another, so that what has to go is at the front. */
#include "guard/sessions.h"

#include "core/hash.h"
#include "core/list.h"
#include "core/mem.h"
#include "core/mutex.h"

#include <stdio.h>

enum { BUCKETS = 1 << 14 };

struct session {
    struct session *next; /* of its bucket */
    struct link used, vaulted;
    uint64_t id, used_ms;
    struct vault *vault;
    enum sensitivity label;
    uint32_t found_groups, accepted_groups;
};

struct sessions {
    struct mutex lock;
    struct sessions_limits limits;
    struct sessions_counts count;
    struct link used, vaulted; /* least recently used first */
    unsigned char key[VAULT_KEY_BYTES];
    struct session *buckets[BUCKETS];
};

const struct sessions_limits sessions_default_limits = {65536, 4096};

struct sessions *sessions_create(const struct sessions_limits *limits, struct err *err)
{
    struct sessions *s = mem_new(struct sessions);
    if (!s) {
        err_nomem(err);
        return NULL;
    }
    if (!random_bytes(s->key, sizeof s->key)) {
        mem_free(s);
        err_set(err, ERR_INTERNAL, "no_random", "the system has no random source");
        return NULL;
    }
    mutex_init(&s->lock);
    s->limits = *limits;
    list_init(&s->used);
    list_init(&s->vaulted);
    return s;
}

/* -- under the lock ------------------------------------------------------------ */

static struct session **bucket_of(struct sessions *s, uint64_t id)
{
    return &s->buckets[id % BUCKETS];
}

static struct session *find(struct sessions *s, uint64_t id)
{
    for (struct session *e = *bucket_of(s, id); e; e = e->next)
        if (e->id == id)
            return e;
    return NULL;
}

static bool is_raised(const struct session *e)
{
    return e->label > SENSITIVITY_PUBLIC;
}

static void drop_vault(struct sessions *s, struct session *e)
{
    if (!e->vault)
        return;
    vault_release(e->vault);
    e->vault = NULL;
    list_remove(&e->vaulted);
    s->count.vaults--;
}

static void forget(struct sessions *s, struct session *e)
{
    struct session **at = bucket_of(s, e->id);
    while (*at != e)
        at = &(*at)->next;
    *at = e->next;
    drop_vault(s, e);
    list_remove(&e->used);
    s->count.sessions--;
    s->count.raised -= is_raised(e);
    mem_free(e);
}

static void expire(struct sessions *s, uint64_t now_ms)
{
    while (!list_empty(&s->used)) {
        struct session *e = list_first(&s->used, struct session, used);
        if (e->used_ms + SESSION_IDLE_MS > now_ms)
            return;
        forget(s, e);
    }
}

static void touch(struct sessions *s, struct session *e, uint64_t now_ms)
{
    list_remove(&e->used);
    list_append(&s->used, &e->used);
    if (e->vault) {
        list_remove(&e->vaulted);
        list_append(&s->vaulted, &e->vaulted);
    }
    if (now_ms > e->used_ms)
        e->used_ms = now_ms;
}

/* What may be forgotten to make room: a session that was never raised nor lowered. */
static bool make_room(struct sessions *s)
{
    for (struct link *l = s->used.next; l != &s->used; l = l->next) {
        struct session *e = CONTAINER_OF(l, struct session, used);
        if (is_raised(e) || e->accepted_groups)
            continue;
        forget(s, e);
        return true;
    }
    return false;
}

static struct session *find_or_add(struct sessions *s, uint64_t id, uint64_t now_ms)
{
    struct session *e = find(s, id);
    if (e) {
        touch(s, e, now_ms);
        return e;
    }
    if (s->count.sessions >= s->limits.max_sessions && !make_room(s))
        return NULL;
    e = mem_new(struct session);
    if (!e)
        return NULL;
    *e = (struct session){.id = id, .used_ms = now_ms, .next = *bucket_of(s, id)};
    *bucket_of(s, id) = e;
    list_append(&s->used, &e->used);
    list_init(&e->vaulted);
    s->count.sessions++;
    return e;
}

/* -- calls --------------------------------------------------------------------- */

void sessions_free(struct sessions *s)
{
    if (!s)
        return;
    while (!list_empty(&s->used))
        forget(s, list_first(&s->used, struct session, used));
    mutex_release(&s->lock);
    mem_wipe(s->key, sizeof s->key);
    mem_free(s);
}

struct session_state sessions_look(struct sessions *s, uint64_t id, uint64_t now_ms)
{
    struct session_state ret = {SENSITIVITY_UNLABELLED, 0};
    mutex_lock(&s->lock);
    expire(s, now_ms);
    struct session *e = find(s, id);
    if (e) {
        touch(s, e, now_ms);
        ret = (struct session_state){e->label, e->accepted_groups};
    }
    mutex_unlock(&s->lock);
    return ret;
}

bool sessions_raise(struct sessions *s, uint64_t id, enum sensitivity to, uint32_t groups,
                    uint64_t now_ms)
{
    mutex_lock(&s->lock);
    expire(s, now_ms);
    struct session *e = find_or_add(s, id, now_ms);
    if (e) {
        bool was_raised = is_raised(e);
        if (to > e->label)
            e->label = to;
        e->found_groups |= groups;
        s->count.raised += is_raised(e) && !was_raised;
    }
    mutex_unlock(&s->lock);
    return e != NULL;
}

bool sessions_lower(struct sessions *s, uint64_t id, uint64_t now_ms)
{
    mutex_lock(&s->lock);
    expire(s, now_ms);
    struct session *e = find(s, id);
    bool ok = e && is_raised(e);
    if (ok) {
        e->label = SENSITIVITY_UNLABELLED;
        e->accepted_groups |= e->found_groups;
        e->found_groups = 0;
        s->count.raised--;
        touch(s, e, now_ms);
    }
    mutex_unlock(&s->lock);
    return ok;
}

static bool give_vault(struct sessions *s, struct session *e, struct str tenant)
{
    unsigned char key[VAULT_KEY_BYTES];
    if (s->count.vaults >= s->limits.max_vaults)
        drop_vault(s, list_first(&s->vaulted, struct session, vaulted));
    if (vault_key_derive(s->key, tenant, key))
        e->vault = vault_create(key, NULL, NULL);
    mem_wipe(key, sizeof key);
    if (!e->vault)
        return false;
    list_append(&s->vaulted, &e->vaulted);
    s->count.vaults++;
    return true;
}

struct vault *sessions_vault(struct sessions *s, uint64_t id, struct str tenant,
                             uint64_t now_ms)
{
    struct vault *v = NULL;
    mutex_lock(&s->lock);
    expire(s, now_ms);
    struct session *e = find_or_add(s, id, now_ms);
    if (e && (e->vault || give_vault(s, e, tenant)))
        v = vault_retain(e->vault);
    mutex_unlock(&s->lock);
    return v;
}

struct vault *sessions_find_vault(struct sessions *s, uint64_t id)
{
    mutex_lock(&s->lock);
    struct session *e = find(s, id);
    struct vault *v = e && e->vault ? vault_retain(e->vault) : NULL;
    mutex_unlock(&s->lock);
    return v;
}

void sessions_expire(struct sessions *s, uint64_t now_ms)
{
    mutex_lock(&s->lock);
    expire(s, now_ms);
    mutex_unlock(&s->lock);
}

struct sessions_counts sessions_count(struct sessions *s)
{
    mutex_lock(&s->lock);
    struct sessions_counts n = s->count;
    mutex_unlock(&s->lock);
    return n;
}

/* -- names --------------------------------------------------------------------- */

void session_format(uint64_t id, char ret[SESSION_TEXT_BYTES])
{
    snprintf(ret, SESSION_TEXT_BYTES, "s-%016llx", (unsigned long long)id);
}

bool session_parse(struct str text, uint64_t *ret)
{
    uint64_t id = 0;
    if (text.n != SESSION_TEXT_BYTES - 1 || !str_starts(text, STR("s-")))
        return false;
    for (size_t i = 2; i < text.n; i++) {
        char c = text.p[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
            return false;
        id = id << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    *ret = id;
    return true;
}
