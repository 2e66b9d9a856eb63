/* sessions.c -- see sessions.h: the calls, each a short time under the table's lock.
 *
 * What takes longer is done outside of it: making a vault (digests, pages from the
 * system) and letting go of one (wiping, and pages to the system). */
#include "guard/sessions.h"

#include "core/hash.h"
#include "core/mem.h"
#include "guard/session_table.h"

#include <stdio.h>

enum { NEW_VAULT_BYTES = 64 * 1024 };

const struct sessions_limits sessions_default_limits = {65536, 64 << 20};

struct sessions *sessions_create(const struct sessions_limits *limits, struct err *err)
{
    struct sessions *s = mem_new(struct sessions);
    if (s)
        s->allowance = allowance_create(NULL, limits->max_vault_bytes);
    if (!s || !s->allowance) {
        mem_free(s);
        err_nomem(err);
        return NULL;
    }
    if (!random_bytes(s->key, sizeof s->key)) {
        allowance_release(s->allowance);
        mem_free(s);
        err_set(err, ERR_INTERNAL, "no_random", "the system has no random source");
        return NULL;
    }
    s->values = values_create(err);
    if (!s->values) {
        allowance_release(s->allowance);
        mem_free(s);
        return NULL;
    }
    mutex_init(&s->lock);
    s->limits = *limits;
    list_init(&s->used);
    return s;
}

static void unlock(struct sessions *s, struct trash *t)
{
    mutex_unlock(&s->lock);
    trash_release(t);
}

void sessions_free(struct sessions *s)
{
    if (!s)
        return;
    sessions_expire(s, UINT64_MAX);
    values_free(s->values);
    allowance_release(s->allowance);
    mutex_release(&s->lock);
    mem_wipe(s->key, sizeof s->key);
    mem_free(s);
}

void sessions_set_max_vault_bytes(struct sessions *s, size_t max_bytes)
{
    mutex_lock(&s->lock);
    s->limits.max_vault_bytes = max_bytes;
    allowance_set_max(s->allowance, max_bytes);
    for (size_t i = 0; i < OWNER_BUCKETS; i++)
        for (struct owner *o = s->owners[i]; o; o = o->next)
            allowance_set_max(o->allowance, session_share(max_bytes));
    mutex_unlock(&s->lock);
}

/* -- labels -------------------------------------------------------------------------- */

/* A request without turns is a prompt. */
static uint32_t turns_of(const struct session_of *of)
{
    return of->turns ? of->turns : 1;
}

static bool has_seen(const struct session *e, uint64_t turns)
{
    for (uint32_t i = 0; i < e->nseen; i++)
        if (e->seen[i] == turns)
            return true;
    return false;
}

static void see(struct session *e, uint64_t turns)
{
    if (!turns || has_seen(e, turns))
        return;
    if (e->nseen == SEEN_TURNS)
        memmove(e->seen, e->seen + 1, --e->nseen * sizeof e->seen[0]);
    e->seen[e->nseen++] = turns;
}

/* Of a session without a name another history is another session; it can only be shorter.
 * A request that is all there is has no history, unless it says that it tells of one. */
static bool is_replaced(const struct session *e, const struct session_of *of)
{
    if (!e->held_turns || turns_of(of) < e->held_turns)
        return e->held_turns > 0;
    if (!of->earlier)
        return false;
    return turns_of(of) == 1 ? of->says_summary : !has_seen(e, of->earlier);
}

/* One turn that the request continues, or its own; false: it is not known, or was not
 * when it may have been forgotten. */
static bool look_at(struct sessions *s, uint64_t id, const struct session_of *of,
                    uint64_t now_ms, struct session_state *ret)
{
    struct session *e = session_find(s, id);
    if (!e)
        return false;
    session_touch(s, e, now_ms);
    ret->accepted_groups |= e->accepted_groups;
    ret->has_vault |= e->vault != NULL;
    ret->has_held_value |= e->held_turns > 0;
    ret->is_replaced |= is_replaced(e, of);
    if (id == of->id && of->is_open) {
        ret->open_label = e->label;
        ret->open_by = e->by;
    } else if (session_is_raised(e)) {
        ret->found_groups |= e->found_groups;
        if (e->label > ret->label) {
            ret->label = e->label;
            ret->id = id;
            ret->by = e->by;
        }
    }
    return now_ms >= e->doubt_until_ms;
}

struct session_state sessions_look(struct sessions *s, const struct session_of *of,
                                   uint64_t now_ms)
{
    struct session_state ret = {.label = SENSITIVITY_UNLABELLED, .id = of->id};
    struct trash t = {.n = 0};
    bool is_all_known = true;
    mutex_lock(&s->lock);
    session_expire(s, now_ms, &t);
    for (size_t i = 0; i < of->nbefore; i++)
        is_all_known &= look_at(s, of->before[i], of, now_ms, &ret);
    is_all_known &= look_at(s, of->id, of, now_ms, &ret) || of->is_open;
    if (UNLIKELY(!is_all_known) && ret.label < SENSITIVITY_CONFIDENTIAL)
        ret.is_held = session_is_held(s, of->owner, now_ms);
    unlock(s, &t);
    return ret;
}

bool sessions_raise(struct sessions *s, uint64_t id, struct str owner,
                    enum sensitivity to, uint32_t groups, uint64_t by, uint64_t now_ms)
{
    struct trash t = {.n = 0};
    mutex_lock(&s->lock);
    session_expire(s, now_ms, &t);
    struct session *e = session_find_or_add(s, id, owner, now_ms, &t);
    if (e) {
        bool was_raised = session_is_raised(e);
        if (to > e->label) {
            e->label = to;
            e->by = by;
        }
        e->found_groups |= groups;
        session_reclass(s, e, was_raised);
    }
    unlock(s, &t);
    return e != NULL;
}

struct session_state sessions_look_reference(struct sessions *s, uint64_t id,
                                             struct str owner, uint64_t now_ms)
{
    struct session_state ret = {.label = SENSITIVITY_UNLABELLED, .id = id};
    struct trash t = {.n = 0};
    mutex_lock(&s->lock);
    session_expire(s, now_ms, &t);
    struct session *e = session_find(s, id);
    struct session *of = e && e->of_session ? session_find(s, e->of_session) : e;
    bool is_known = e && now_ms >= e->doubt_until_ms;
    if (e)
        session_touch(s, e, now_ms);
    if (of) {
        session_touch(s, of, now_ms);
        ret.label = of->label;
        ret.by = of->by;
        ret.id = of->id;
        ret.found_groups = of->found_groups;
        ret.accepted_groups = of->accepted_groups;
    }
    if (UNLIKELY(!is_known) && ret.label < SENSITIVITY_CONFIDENTIAL)
        ret.is_held = session_is_held(s, owner, now_ms);
    unlock(s, &t);
    return ret;
}

bool sessions_raise_reference(struct sessions *s, uint64_t id, struct str owner,
                              uint64_t of_session, uint64_t now_ms)
{
    struct trash t = {.n = 0};
    mutex_lock(&s->lock);
    session_expire(s, now_ms, &t);
    struct session *e = session_find_or_add(s, id, owner, now_ms, &t);
    struct session *before = e && e->of_session ? session_find(s, e->of_session) : e;
    if (e && !(before && session_is_raised(before))) {
        e->of_session = of_session;
        session_reclass(s, e, session_is_raised(e));
    }
    unlock(s, &t);
    return e != NULL;
}

bool sessions_hold_value(struct sessions *s, const struct session_of *of, bool is_newest,
                         uint64_t by, uint64_t now_ms)
{
    struct trash t = {.n = 0};
    mutex_lock(&s->lock);
    session_expire(s, now_ms, &t);
    struct session *e = session_find_or_add(s, of->id, of->owner, now_ms, &t);
    if (e) {
        bool was_raised = session_is_raised(e);
        if (turns_of(of) > e->held_turns)
            e->held_turns = turns_of(of);
        if (is_newest)
            see(e, of->earlier);
        if (!e->by)
            e->by = by;
        session_reclass(s, e, was_raised);
    }
    unlock(s, &t);
    return e != NULL;
}

void sessions_let_through(struct sessions *s, const struct session_of *of)
{
    mutex_lock(&s->lock);
    struct session *e = session_find(s, of->id);
    if (e && e->held_turns)
        see(e, of->all);
    mutex_unlock(&s->lock);
}

struct values *sessions_values(const struct sessions *s)
{
    return s->values;
}

bool sessions_is_raised(struct sessions *s, uint64_t id, uint64_t now_ms)
{
    struct trash t = {.n = 0};
    mutex_lock(&s->lock);
    session_expire(s, now_ms, &t);
    struct session *e = session_find(s, id);
    bool ret = e && session_is_raised(e);
    unlock(s, &t);
    return ret;
}

bool sessions_can_lower(struct sessions *s, uint64_t id, uint64_t now_ms)
{
    struct trash t = {.n = 0};
    mutex_lock(&s->lock);
    session_expire(s, now_ms, &t);
    struct session *e = session_find(s, id);
    bool ret = e && (session_is_raised(e) || e->held_turns);
    unlock(s, &t);
    return ret;
}

bool sessions_lower(struct sessions *s, uint64_t id, uint64_t now_ms)
{
    struct trash t = {.n = 0};
    mutex_lock(&s->lock);
    session_expire(s, now_ms, &t);
    struct session *e = session_find(s, id);
    bool ok = e && (session_is_raised(e) || e->held_turns);
    if (ok) {
        bool was_raised = session_is_raised(e);
        e->label = SENSITIVITY_UNLABELLED;
        e->by = 0;
        e->accepted_groups |= e->found_groups;
        e->found_groups = 0;
        e->held_turns = e->nseen = 0;
        session_touch(s, e, now_ms);
        session_reclass(s, e, was_raised);
    }
    unlock(s, &t);
    return ok;
}

/* -- vaults -------------------------------------------------------------------------- */

static struct vault *make_vault(const struct sessions *s, struct str owner,
                                struct allowance *allowance)
{
    unsigned char key[VAULT_KEY_BYTES];
    struct vault *v = NULL;
    if (vault_key_derive(s->key, owner, key))
        v = vault_create(key, NULL, allowance);
    mem_wipe(key, sizeof key);
    return v;
}

/* The turn whose vault the request uses, or NULL. */
static struct session *find_vaulted(struct sessions *s, const struct session_of *of)
{
    struct session *e = NULL;
    for (size_t i = 0; i < of->nbefore && !(e && e->vault); i++)
        e = session_find(s, of->before[i]);
    if (!e || !e->vault)
        e = session_find(s, of->id);
    return e && e->vault ? e : NULL;
}

/* Another thread may have given the session a vault meanwhile, or forgotten it. */
static struct vault *settle_vault(struct sessions *s, const struct session_of *of,
                                  struct vault *made, uint64_t now_ms)
{
    struct trash t = {.n = 0};
    struct vault *ret = NULL;
    mutex_lock(&s->lock);
    struct session *e = session_find_or_add(s, of->id, of->owner, now_ms, &t);
    if (e && !e->vault) {
        session_give_vault(s, e, made);
        made = NULL;
    }
    if (e)
        ret = vault_retain(e->vault);
    unlock(s, &t);
    vault_release(made);
    return ret;
}

struct vault *sessions_vault(struct sessions *s, const struct session_of *of,
                             uint64_t now_ms)
{
    struct trash t = {.n = 0};
    struct vault *v = NULL;
    struct allowance *allowance = NULL;
    if (of->id == SESSION_NONE)
        return make_vault(s, of->owner, s->allowance);
    mutex_lock(&s->lock);
    session_expire(s, now_ms, &t);
    struct session *e = find_vaulted(s, of);
    if (e) {
        session_touch(s, e, now_ms);
        v = vault_retain(e->vault);
    } else if ((e = session_find_or_add(s, of->id, of->owner, now_ms, &t)) != NULL) {
        session_weigh(s, e, NEW_VAULT_BYTES, &t);
        allowance = allowance_retain(e->owner->allowance);
    }
    unlock(s, &t);
    if (v || !allowance)
        return v;
    v = make_vault(s, of->owner, allowance);
    allowance_release(allowance);
    return v ? settle_vault(s, of, v, now_ms) : NULL;
}

struct vault *sessions_find_vault(struct sessions *s, const struct session_of *of)
{
    mutex_lock(&s->lock);
    struct session *e = find_vaulted(s, of);
    struct vault *v = e ? vault_retain(e->vault) : NULL;
    mutex_unlock(&s->lock);
    return v;
}

void sessions_weigh(struct sessions *s, const struct session_of *of)
{
    struct trash t = {.n = 0};
    mutex_lock(&s->lock);
    session_weigh(s, find_vaulted(s, of), 0, &t);
    unlock(s, &t);
}

/* -- all of them --------------------------------------------------------------------- */

void sessions_expire(struct sessions *s, uint64_t now_ms)
{
    struct trash t = {.n = 0};
    bool has_more = true;
    while (has_more) {
        mutex_lock(&s->lock);
        has_more = session_expire(s, now_ms, &t);
        unlock(s, &t);
    }
}

struct sessions_counts sessions_count(struct sessions *s)
{
    mutex_lock(&s->lock);
    struct sessions_counts n = s->count;
    mutex_unlock(&s->lock);
    return n;
}

size_t sessions_vault_bytes(const struct sessions *s)
{
    return allowance_used(s->allowance);
}

uint32_t sessions_heaviest(struct sessions *s, char *ret, size_t n)
{
    uint32_t most = 0;
    mutex_lock(&s->lock);
    for (size_t i = 0; i < OWNER_BUCKETS; i++)
        for (const struct owner *o = s->owners[i]; o; o = o->next)
            if (o->nsessions > most) {
                most = o->nsessions;
                snprintf(ret, n, "%s", o->name);
            }
    mutex_unlock(&s->lock);
    if (most == 0 && n)
        ret[0] = '\0';
    return most;
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
