/* gate.c -- slots, the fair queue and the breaker of one engine, under one mutex.
 *
 * Fairness: keys take turns in rounds.  A ticket whose key waits already comes one
 * round after that key's last ticket; a ticket alone comes in the round after the one
 * being served, and before the followers of that round, so that a client who asks again
 * after each answer is not behind a client who asked for everything at once.  The
 * queue is sorted; nothing is kept per key.
 *
 * A slot may come free on one thread for a ticket of another.  The ticket is then
 * marked as holding the slot and linked into the mailbox of its loop; the mailbox is
 * what is posted, never the ticket, because the ticket's owner may free it at any
 * time.  gate_leave() on the ticket's thread unlinks it first and passes the slot on:
 * `granted` cannot run afterwards. */
#include "upstream/gate.h"

#include "core/mem.h"

#include <pthread.h>

enum { PAUSE_FIRST_MS = 1000, PAUSE_MAX_MS = 30000 };

/* Tickets granted and not yet told, per loop; lives as long as the gate. */
struct gate_mailbox {
    struct gate_mailbox *next;
    struct gate *gate;
    struct loop *loop;
    struct link granted;
    struct loop_task task;
    bool is_posted; /* the loop then holds a reference on the gate */
};

struct gate {
    pthread_mutex_t lock;
    uint32_t refs; /* owners, tickets and posted mailboxes */
    struct gate_limits limits;
    uint32_t inflight, queued;
    struct link queue; /* by round, then by arrival */
    uint64_t round;    /* being served, as in gate_ticket */
    struct gate_mailbox *mailboxes;
    uint32_t failures; /* in a row */
    bool is_broken, has_probe;
    uint64_t pause_ms, closed_until_ms;
};

/* -- life ------------------------------------------------------------------- */

struct gate *gate_create(struct gate_limits limits)
{
    struct gate *g = mem_new(struct gate);
    if (!g)
        return NULL;
    if (pthread_mutex_init(&g->lock, NULL) != 0) {
        mem_free(g);
        return NULL;
    }
    g->refs = 1;
    g->limits = limits;
    g->pause_ms = PAUSE_FIRST_MS;
    list_init(&g->queue);
    return g;
}

struct gate *gate_ref(struct gate *g)
{
    pthread_mutex_lock(&g->lock);
    g->refs++;
    pthread_mutex_unlock(&g->lock);
    return g;
}

/* Drops `refs` references and the lock; the last one takes the gate along. */
static void unlock_and_unref(struct gate *g, uint32_t refs)
{
    g->refs -= refs;
    bool is_last = g->refs == 0;
    pthread_mutex_unlock(&g->lock);
    if (!is_last)
        return;
    while (g->mailboxes) {
        struct gate_mailbox *m = g->mailboxes;
        g->mailboxes = m->next;
        mem_free(m);
    }
    pthread_mutex_destroy(&g->lock);
    mem_free(g);
}

void gate_unref(struct gate *g)
{
    if (!g)
        return;
    pthread_mutex_lock(&g->lock);
    unlock_and_unref(g, 1);
}

/* -- granting; all of it under the lock ---------------------------------------- */

static void run_mailbox(void *arg)
{
    struct gate_mailbox *m = arg;
    struct gate *g = m->gate;
    pthread_mutex_lock(&g->lock);
    m->is_posted = false;
    while (!list_empty(&m->granted)) {
        struct gate_ticket *t = list_first(&m->granted, struct gate_ticket, link);
        list_remove(&t->link);
        pthread_mutex_unlock(&g->lock);
        t->granted(t);
        pthread_mutex_lock(&g->lock);
    }
    unlock_and_unref(g, 1);
}

static struct gate_mailbox *mailbox_of(struct gate *g, struct loop *l)
{
    for (struct gate_mailbox *m = g->mailboxes; m; m = m->next)
        if (m->loop == l)
            return m;
    struct gate_mailbox *m = mem_new(struct gate_mailbox);
    if (!m)
        return NULL;
    m->gate = g;
    m->loop = l;
    m->task = (struct loop_task){.fn = run_mailbox, .arg = m};
    list_init(&m->granted);
    m->next = g->mailboxes;
    g->mailboxes = m;
    return m;
}

static bool has_room(const struct gate *g)
{
    return g->limits.max_inflight == 0 || g->inflight < g->limits.max_inflight;
}

static void grant_waiting(struct gate *g)
{
    while (g->queued && has_room(g)) {
        struct gate_ticket *t = list_first(&g->queue, struct gate_ticket, link);
        struct gate_mailbox *m = t->mailbox;
        list_remove(&t->link);
        g->queued--;
        g->inflight++;
        g->round = t->round;
        t->is_queued = false;
        t->holds_slot = true;
        list_append(&m->granted, &t->link);
        if (!m->is_posted) {
            m->is_posted = true;
            g->refs++;
            loop_post(m->loop, &m->task);
        }
    }
}

/* Rounds are counted in halves: even for tickets alone, odd for followers. */
static void insert_fairly(struct gate *g, struct gate_ticket *t)
{
    struct link *before = &g->queue;
    t->round = (g->round / 2 + 1) * 2;
    for (struct link *l = g->queue.prev; l != &g->queue; l = l->prev) {
        const struct gate_ticket *other = CONTAINER_OF(l, struct gate_ticket, link);
        if (other->key_id == t->key_id) {
            t->round = (other->round / 2 + 1) * 2 + 1;
            break;
        }
    }
    for (struct link *l = g->queue.prev; l != &g->queue; l = l->prev) {
        if (CONTAINER_OF(l, struct gate_ticket, link)->round <= t->round)
            break;
        before = l;
    }
    list_append(before, &t->link); /* in front of `before` */
    g->queued++;
}

/* -- coming and going --------------------------------------------------------- */

/* True when the breaker lets this one pass; *ret_is_probe when it is the one that
 * finds out whether the engine is back. */
static bool breaker_lets_pass(const struct gate *g, uint64_t now_ms, bool *ret_is_probe)
{
    *ret_is_probe = g->is_broken;
    return !g->is_broken || (!g->has_probe && now_ms >= g->closed_until_ms);
}

static enum gate_answer enter(struct gate *g, struct gate_ticket *t, uint64_t now_ms)
{
    bool is_probe;
    if (!breaker_lets_pass(g, now_ms, &is_probe))
        return GATE_BROKEN;
    if (g->queued == 0 && has_room(g)) {
        g->inflight++;
        t->holds_slot = true;
    } else {
        if (g->queued >= g->limits.max_queue)
            return GATE_FULL;
        t->mailbox = mailbox_of(g, t->loop);
        if (!t->mailbox)
            return GATE_FULL;
        t->is_queued = true;
        insert_fairly(g, t);
    }
    t->is_probe = is_probe;
    g->has_probe = g->has_probe || is_probe;
    t->gate = g;
    g->refs++;
    return t->is_queued ? GATE_QUEUED : GATE_GRANTED;
}

enum gate_answer gate_enter(struct gate *g, struct gate_ticket *t, uint64_t now_ms)
{
    list_init(&t->link);
    t->gate = NULL;
    t->holds_slot = t->is_queued = t->is_probe = false;
    pthread_mutex_lock(&g->lock);
    enum gate_answer answer = enter(g, t, now_ms);
    pthread_mutex_unlock(&g->lock);
    return answer;
}

void gate_leave(struct gate_ticket *t)
{
    struct gate *g = t->gate;
    if (!g)
        return;
    pthread_mutex_lock(&g->lock);
    list_remove(&t->link); /* out of the queue, or of the mailbox before it was told */
    if (t->is_queued)
        g->queued--;
    if (t->holds_slot)
        g->inflight--;
    if (t->is_probe) /* gone without a report, or after it: the next one may probe */
        g->has_probe = false;
    t->gate = NULL;
    t->holds_slot = t->is_queued = t->is_probe = false;
    grant_waiting(g);
    unlock_and_unref(g, 1);
}

void gate_set_limits(struct gate *g, struct gate_limits limits)
{
    pthread_mutex_lock(&g->lock);
    g->limits = limits;
    grant_waiting(g);
    pthread_mutex_unlock(&g->lock);
}

/* -- the breaker -------------------------------------------------------------- */

static void note_success(struct gate *g)
{
    g->failures = 0;
    g->is_broken = g->has_probe = false;
    g->pause_ms = PAUSE_FIRST_MS;
}

/* Failures of requests sent before the breaker opened say nothing new. */
static void note_failure(struct gate *g, uint64_t now_ms)
{
    bool is_half_open = g->is_broken && now_ms >= g->closed_until_ms;
    g->failures += g->failures < BREAKER_FAILURES;
    if (is_half_open)
        g->pause_ms = g->pause_ms * 2 < PAUSE_MAX_MS ? g->pause_ms * 2 : PAUSE_MAX_MS;
    else if (g->is_broken || g->failures < BREAKER_FAILURES)
        return;
    g->is_broken = true;
    g->has_probe = false;
    g->closed_until_ms = now_ms + g->pause_ms;
}

void gate_report(struct gate *g, bool is_success, uint64_t now_ms)
{
    pthread_mutex_lock(&g->lock);
    if (is_success)
        note_success(g);
    else
        note_failure(g, now_ms);
    pthread_mutex_unlock(&g->lock);
}

struct gate_state gate_look(struct gate *g, uint64_t now_ms)
{
    pthread_mutex_lock(&g->lock);
    struct gate_state s = {.inflight = g->inflight, .queued = g->queued};
    if (g->is_broken && now_ms < g->closed_until_ms) {
        s.breaker = BREAKER_OPEN;
        s.retry_after_ms = g->closed_until_ms - now_ms;
    } else if (g->is_broken) {
        s.breaker = BREAKER_HALF_OPEN;
    }
    pthread_mutex_unlock(&g->lock);
    return s;
}
