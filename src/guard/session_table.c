/* session_table.c -- see session_table.h.
 *
 * Who fills the table makes the room: the client with the most sessions, and with the
 * most bytes in vaults, loses its own, so that none can keep the others from being
 * watched or masked. */
#include "guard/session_table.h"

#include "core/hash.h"
#include "core/mem.h"

/* -- owners -------------------------------------------------------------------------- */

static struct owner **owner_bucket(struct sessions *s, struct str name)
{
    return &s->owners[crc32c(0, name) % OWNER_BUCKETS];
}

static struct owner *find_owner(struct sessions *s, struct str name)
{
    for (struct owner *o = *owner_bucket(s, name); o; o = o->next)
        if (str_eqz(name, o->name))
            return o;
    return NULL;
}

static void free_owner(struct owner *o)
{
    allowance_release(o->allowance);
    mem_free(o->name);
    mem_free(o);
}

static struct owner *add_owner(struct sessions *s, struct str name)
{
    struct owner *o = mem_new(struct owner);
    if (!o)
        return NULL;
    o->name = mem_strndup(name.p ? name.p : "", name.n);
    o->allowance =
        allowance_create(s->allowance, session_share(s->limits.max_vault_bytes));
    if (!o->name || !o->allowance) {
        free_owner(o);
        return NULL;
    }
    for (size_t i = 0; i < SESSION_CLASSES; i++)
        list_init(&o->used[i]);
    list_init(&o->vaulted);
    o->next = *owner_bucket(s, name);
    *owner_bucket(s, name) = o;
    return o;
}

static void drop_owner(struct sessions *s, struct owner *o)
{
    struct owner **at = owner_bucket(s, str_of(o->name));
    while (*at != o)
        at = &(*at)->next;
    *at = o->next;
    free_owner(o);
}

typedef size_t owner_weight(const struct owner *o);

static size_t by_sessions(const struct owner *o)
{
    return o->nsessions;
}

static size_t by_vaults(const struct owner *o)
{
    return o->vault_bytes;
}

static struct owner *heaviest(struct sessions *s, owner_weight *weight)
{
    struct owner *ret = NULL;
    for (size_t i = 0; i < OWNER_BUCKETS; i++)
        for (struct owner *o = s->owners[i]; o; o = o->next)
            if (!ret || weight(o) > weight(ret))
                ret = o;
    return ret;
}

bool session_is_held(struct sessions *s, struct str owner, uint64_t now_ms)
{
    if (LIKELY(now_ms >= s->held_until_ms))
        return false;
    struct owner *o = find_owner(s, owner);
    return o && now_ms < o->held_until_ms;
}

/* -- sessions ------------------------------------------------------------------------ */

static struct session **bucket_of(struct sessions *s, uint64_t id)
{
    return &s->buckets[id % SESSION_BUCKETS];
}

struct session *session_find(struct sessions *s, uint64_t id)
{
    for (struct session *e = *bucket_of(s, id); e; e = e->next)
        if (e->id == id)
            return e;
    return NULL;
}

static enum session_class class_of(const struct session *e)
{
    if (e->found_groups || e->accepted_groups || e->held_turns || e->of_session)
        return SESSION_FOUND;
    return session_is_raised(e) ? SESSION_DECLARED : SESSION_PLAIN;
}

void session_reclass(struct sessions *s, struct session *e, bool was_raised)
{
    list_remove(&e->owned);
    list_append(&e->owner->used[class_of(e)], &e->owned);
    s->count.raised += session_is_raised(e);
    s->count.raised -= was_raised;
}

void session_touch(struct sessions *s, struct session *e, uint64_t now_ms)
{
    list_remove(&e->used);
    list_append(&s->used, &e->used);
    list_remove(&e->owned);
    list_append(&e->owner->used[class_of(e)], &e->owned);
    if (e->vault) {
        list_remove(&e->vaulted);
        list_append(&e->owner->vaulted, &e->vaulted);
    }
    if (now_ms > e->used_ms)
        e->used_ms = now_ms;
}

static void drop_vault(struct sessions *s, struct session *e, struct trash *t)
{
    if (!e->vault)
        return;
    t->v[t->n++] = e->vault;
    e->vault = NULL;
    e->owner->vault_bytes -= e->vault_bytes;
    s->count.vault_bytes -= e->vault_bytes;
    e->vault_bytes = 0;
    list_remove(&e->vaulted);
    s->count.vaults--;
}

static void remove_session(struct sessions *s, struct session *e, struct trash *t)
{
    struct session **at = bucket_of(s, e->id);
    while (*at != e)
        at = &(*at)->next;
    *at = e->next;
    drop_vault(s, e, t);
    list_remove(&e->used);
    list_remove(&e->owned);
    e->owner->nsessions--;
    s->count.sessions--;
    s->count.raised -= session_is_raised(e);
    mem_free(e);
}

void session_forget(struct sessions *s, struct session *e, struct trash *t)
{
    struct owner *o = e->owner;
    remove_session(s, e, t);
    if (o->nsessions == 0 && o->held_until_ms == 0)
        drop_owner(s, o);
}

/* Those that are held for labels long over, and have nothing else. */
static void end_holding(struct sessions *s)
{
    s->held_until_ms = 0;
    for (size_t i = 0; i < OWNER_BUCKETS; i++)
        for (struct owner *o = s->owners[i], *next; o; o = next) {
            next = o->next;
            o->held_until_ms = 0;
            if (o->nsessions == 0)
                drop_owner(s, o);
        }
}

bool session_expire(struct sessions *s, uint64_t now_ms, struct trash *t)
{
    if (s->held_until_ms && now_ms >= s->held_until_ms)
        end_holding(s);
    for (int i = 0; i < FORGET_MAX && t->n < TRASH_MAX; i++) {
        struct session *e = list_first(&s->used, struct session, used);
        if (list_empty(&s->used) || e->used_ms + SESSION_IDLE_MS > now_ms)
            return false;
        session_forget(s, e, t);
    }
    return true;
}

/* As long as the label that is forgotten would have held, sessions of this client that
 * nobody knows count as confidential: one of them is the one that had it. */
static void hold_owner(struct sessions *s, struct owner *o, const struct session *e,
                       enum session_class class)
{
    uint64_t rest = class == SESSION_DECLARED ? SESSION_DECLARED_MS : SESSION_IDLE_MS;
    if (e->used_ms + rest > o->held_until_ms)
        o->held_until_ms = e->used_ms + rest;
    if (o->held_until_ms > s->held_until_ms)
        s->held_until_ms = o->held_until_ms;
    s->count.forgotten++;
}

/* A client loses no finding of its own to make room for itself: it counts as full. */
static bool make_room(struct sessions *s, const struct owner *mine, struct trash *t)
{
    struct owner *o = heaviest(s, by_sessions);
    if (!o || t->n == TRASH_MAX)
        return false;
    for (int class = SESSION_PLAIN; class < SESSION_CLASSES; class ++) {
        if (list_empty(&o->used[class]))
            continue;
        struct session *e = list_first(&o->used[class], struct session, owned);
        if (class == SESSION_FOUND && o == mine)
            break;
        if (class != SESSION_PLAIN)
            hold_owner(s, o, e, (enum session_class) class);
        remove_session(s, e, t);
        if (o != mine && o->nsessions == 0 && o->held_until_ms == 0)
            drop_owner(s, o);
        return true;
    }
    s->count.refused++;
    return false;
}

static struct session *add_session(struct sessions *s, struct owner *o, uint64_t id,
                                   uint64_t now_ms)
{
    struct session *e = mem_new(struct session);
    if (!e)
        return NULL;
    *e = (struct session){.id = id,
                          .owner = o,
                          .used_ms = now_ms,
                          .doubt_until_ms = o->held_until_ms,
                          .next = *bucket_of(s, id)};
    *bucket_of(s, id) = e;
    list_append(&s->used, &e->used);
    list_init(&e->owned);
    list_append(&o->used[SESSION_PLAIN], &e->owned);
    list_init(&e->vaulted);
    o->nsessions++;
    s->count.sessions++;
    return e;
}

struct session *session_find_or_add(struct sessions *s, uint64_t id, struct str owner,
                                    uint64_t now_ms, struct trash *t)
{
    struct session *e = session_find(s, id);
    if (e) {
        session_touch(s, e, now_ms);
        return e;
    }
    struct owner *o = find_owner(s, owner);
    if (!o)
        o = add_owner(s, owner);
    if (o && (s->count.sessions < s->limits.max_sessions || make_room(s, o, t)))
        e = add_session(s, o, id, now_ms);
    if (o && !e && o->nsessions == 0 && o->held_until_ms == 0)
        drop_owner(s, o);
    return e;
}

/* -- vaults -------------------------------------------------------------------------- */

size_t session_share(size_t max_bytes)
{
    return max_bytes / 2;
}

/* What is kept in the table, so that there is something left to take for the newest. */
static size_t kept(size_t max_bytes)
{
    return max_bytes - max_bytes / 8;
}

static void count_vault(struct sessions *s, struct session *e)
{
    size_t now = vault_stats(e->vault).memory_bytes;
    e->owner->vault_bytes += now - e->vault_bytes;
    s->count.vault_bytes += now - e->vault_bytes;
    e->vault_bytes = now;
}

void session_give_vault(struct sessions *s, struct session *e, struct vault *v)
{
    e->vault = v;
    list_append(&e->owner->vaulted, &e->vaulted);
    s->count.vaults++;
    count_vault(s, e);
}

/* The least recently used one but e's. */
static bool drop_oldest_vault(struct sessions *s, struct owner *o,
                              const struct session *keep, struct trash *t)
{
    for (struct link *l = o ? o->vaulted.next : NULL; l && l != &o->vaulted;
         l = l->next) {
        struct session *e = CONTAINER_OF(l, struct session, vaulted);
        if (e == keep)
            continue;
        drop_vault(s, e, t);
        return true;
    }
    return false;
}

void session_weigh(struct sessions *s, struct session *e, size_t more, struct trash *t)
{
    size_t max = kept(s->limits.max_vault_bytes);
    if (e && e->vault)
        count_vault(s, e);
    while (e && t->n < TRASH_MAX && e->owner->vault_bytes + more > session_share(max))
        if (!drop_oldest_vault(s, e->owner, e, t))
            break;
    while (t->n < TRASH_MAX && s->count.vault_bytes + more > max)
        if (!drop_oldest_vault(s, heaviest(s, by_vaults), e, t))
            break;
}

void trash_release(struct trash *t)
{
    for (uint32_t i = 0; i < t->n; i++)
        vault_release(t->v[i]);
    t->n = 0;
}
