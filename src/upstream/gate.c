/* gate.c -- slots and the breaker of one engine, under one mutex; the queue is turns.c's.
 *
 * A slot may come free on one thread for a ticket of another, and so may a place in the
 * queue be lost.  The ticket is then marked and linked into the mailbox of its loop; the
 * mailbox is what is posted, never the ticket, because the ticket's owner may free it at
 * any time.  gate_leave() on the ticket's thread unlinks it first and passes the slot on:
 * `granted` and `refused` cannot run afterwards.
 *
 * How long a slot is held, as a moving mean over tickets that did not fail, gives the
 * time in which the queue is worked off. */
#include "upstream/gate.h"

#include "core/clock.h"
#include "core/mem.h"
#include "upstream/turns.h"

#include <pthread.h>
#include <stdio.h>

enum { PAUSE_FIRST_MS = 1000, PAUSE_MAX_MS = 30000 };
/* The newest counts for a quarter. */
enum { HELD_WEIGHT = 4 };

/* Tickets that are to be told something, per loop; lives as long as the gate. */
struct gate_mailbox {
    struct gate_mailbox *next;
    struct gate *gate;
    struct loop *loop;
    struct link told;
    struct loop_task task;
    bool is_posted; /* the loop then holds a reference on the gate */
};

struct gate {
    pthread_mutex_t lock;
    uint32_t refs; /* owners, tickets and posted mailboxes */
    struct gate_limits limits;
    uint32_t inflight;
    uint32_t nyielding;   /* ... of them, those that give their slot to whoever waits */
    uint32_t ntold;       /* ... of these, those that were told to */
    struct link yielding; /* the others */
    struct turns waiting;
    uint64_t held_us; /* moving mean; 0: not known yet */
    struct gate_mailbox *mailboxes;
    uint32_t failures; /* in a row */
    /* Whose failures these were, when each may be its request's fault. */
    struct gate_who culprits[BREAKER_FAILURES];
    uint32_t nculprits;
    bool is_its_own; /* at least one was the engine's own */
    bool is_broken, has_probe;
    bool is_pause_over; /* and the past has it */
    enum gate_hold hold;
    uint64_t pause_ms, closed_until_ms;
    struct past past;
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
    turns_init(&g->waiting);
    list_init(&g->yielding);
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
    past_release(&g->past);
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
    while (!list_empty(&m->told)) {
        struct gate_ticket *t = list_first(&m->told, struct gate_ticket, link);
        bool is_granted = t->holds_slot, is_yielding = t->yield != NULL;
        list_remove(&t->link);
        if (!is_granted) {
            t->gate = NULL; /* the mailbox's own reference is still there */
            g->refs--;
        }
        pthread_mutex_unlock(&g->lock);
        if (is_yielding)
            t->yield(t);
        else if (is_granted)
            t->granted(t);
        else
            t->refused(t);
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
    list_init(&m->told);
    m->next = g->mailboxes;
    g->mailboxes = m;
    return m;
}

static bool has_room(const struct gate *g)
{
    return g->limits.max_inflight == 0 || g->inflight < g->limits.max_inflight;
}

/* The same, for whoever may take the slots of those that yield. */
static bool has_room_behind_yielding(const struct gate *g)
{
    return has_room(g) || g->inflight - g->nyielding < g->limits.max_inflight;
}

/* Its loop will tell it. */
static void mail(struct gate *g, struct gate_ticket *t)
{
    struct gate_mailbox *m = t->mailbox;
    t->is_queued = false;
    list_append(&m->told, &t->link);
    if (m->is_posted)
        return;
    m->is_posted = true;
    g->refs++;
    loop_post(m->loop, &m->task);
}

static void hold_slot(struct gate *g, struct gate_ticket *t, uint64_t now_ms)
{
    g->inflight++;
    t->holds_slot = true;
    t->held_from_ms = now_ms;
    turns_hold(&g->waiting, t);
}

/* So many slots are asked back of those that yield. */
static void ask_back(struct gate *g, uint32_t n)
{
    while (!list_empty(&g->yielding) && g->ntold < n) {
        struct gate_ticket *t = list_first(&g->yielding, struct gate_ticket, held);
        list_remove(&t->held);
        t->is_told_to_yield = true;
        g->ntold++;
        mail(g, t);
    }
}

static void grant_waiting(struct gate *g, uint64_t now_ms)
{
    while (g->waiting.n && has_room(g)) {
        struct gate_ticket *t = turns_take(&g->waiting);
        hold_slot(g, t, now_ms);
        mail(g, t);
    }
}

static void give_slot_back(struct gate *g, struct gate_ticket *t, uint64_t now_ms)
{
    turns_unhold(t);
    g->inflight--;
    t->holds_slot = false;
    if (g->failures || now_ms < t->held_from_ms)
        return;
    uint64_t us = now_ms > t->held_from_ms ? (now_ms - t->held_from_ms) * 1000 : 1;
    g->held_us =
        g->held_us ? g->held_us - g->held_us / HELD_WEIGHT + us / HELD_WEIGHT : us;
}

/* How long a mirror takes says nothing about how long a queue does. */
static void give_yielded_back(struct gate *g, struct gate_ticket *t)
{
    list_remove(&t->held);
    g->inflight--;
    g->nyielding--;
    g->ntold -= t->is_told_to_yield;
    t->holds_slot = false;
}

/* One that waits, and is no longer in the queue, will be told that it waits in vain. */
static void refuse(struct gate *g, struct gate_ticket *out)
{
    if (out->is_probe)
        g->has_probe = false;
    out->is_probe = false;
    mail(g, out);
}

/* Room for t in a full queue: another key's last ticket is refused in its place. */
static bool make_room(struct gate *g, uint64_t key_id)
{
    struct gate_ticket *out = turns_giving_way(&g->waiting, key_id);
    if (!out)
        return false;
    turns_remove(&g->waiting, out);
    refuse(g, out);
    return true;
}

/* -- coming and going --------------------------------------------------------- */

/* Nothing like it is among the requests that failed. */
static bool is_stranger(const struct gate *g, struct gate_who who)
{
    bool has_shape = false, has_session = false, is_one_session = true;
    if (g->is_its_own || g->nculprits == 0 || (!who.session && !who.shape))
        return false;
    for (uint32_t i = 0; i < g->nculprits; i++) {
        has_shape |= g->culprits[i].shape == who.shape;
        has_session |= g->culprits[i].session == who.session;
        is_one_session &= g->culprits[i].session == g->culprits[0].session;
    }
    return !has_shape || (is_one_session && !has_session);
}

/* True when the breaker lets this one pass; *ret_is_probe when it is the one that
 * finds out whether the engine is back. */
static bool breaker_lets_pass(const struct gate *g, struct gate_who who, uint64_t now_ms,
                              bool *ret_is_probe)
{
    *ret_is_probe = g->is_broken;
    return !g->is_broken ||
           (!g->has_probe && (now_ms >= g->closed_until_ms || is_stranger(g, who)));
}

/* It neither waits nor finds out whether an engine is back. */
static enum gate_answer enter_yielding(struct gate *g, struct gate_ticket *t,
                                       uint64_t now_ms)
{
    t->mailbox = mailbox_of(g, t->loop);
    if (g->is_broken || g->hold || g->waiting.n || !has_room(g) || !t->mailbox)
        return GATE_FULL;
    g->inflight++;
    g->nyielding++;
    t->holds_slot = true;
    t->held_from_ms = now_ms;
    list_append(&g->yielding, &t->held);
    t->gate = g;
    g->refs++;
    return GATE_GRANTED;
}

static enum gate_answer enter(struct gate *g, struct gate_ticket *t, uint64_t now_ms)
{
    bool is_probe;
    if (UNLIKELY(t->yield != NULL))
        return enter_yielding(g, t, now_ms);
    if (UNLIKELY(g->hold) || !breaker_lets_pass(g, t->who, now_ms, &is_probe))
        return GATE_BROKEN;
    if (g->waiting.n == 0 && has_room(g)) {
        hold_slot(g, t, now_ms);
    } else {
        t->mailbox = mailbox_of(g, t->loop);
        if (!t->mailbox)
            return GATE_FULL;
        bool has_place =
            g->waiting.n < g->limits.max_queue || g->waiting.n < g->nyielding;
        if (!has_place && !make_room(g, t->key_id))
            return GATE_FULL;
        t->is_queued = true;
        turns_add(&g->waiting, t);
        ask_back(g, g->waiting.n);
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
    list_init(&t->held);
    t->gate = NULL;
    t->holds_slot = t->is_queued = t->is_probe = t->is_told_to_yield = false;
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
    uint64_t now_ms = loop_now_ms(t->loop);
    pthread_mutex_lock(&g->lock);
    if (t->is_queued)
        turns_remove(&g->waiting, t);
    else
        list_remove(&t->link); /* out of the mailbox, before it was told */
    if (t->holds_slot && t->yield)
        give_yielded_back(g, t);
    else if (t->holds_slot)
        give_slot_back(g, t, now_ms);
    if (t->is_probe) /* gone without a report, or after it: the next one may probe */
        g->has_probe = false;
    t->gate = NULL;
    t->is_queued = t->is_probe = false;
    grant_waiting(g, now_ms);
    unlock_and_unref(g, 1);
}

void gate_set_limits(struct gate *g, struct gate_limits limits)
{
    pthread_mutex_lock(&g->lock);
    g->limits = limits;
    grant_waiting(g, clock_mono_ms());
    pthread_mutex_unlock(&g->lock);
}

/* -- the breaker --------------------------------------------------------------
 *
 * What it does goes into the past, with the wall clock's time. */

static void note_change(struct gate *g, enum past_what what, const char *why)
{
    past_add(&g->past, what, clock_wall_ms(), why);
}

/* Nothing happens when a pause ends: whoever looks next notes when it was. */
static void note_pause_over(struct gate *g, uint64_t now_ms)
{
    char why[PAST_WHY];
    if (LIKELY(!g->is_broken) || g->is_pause_over || now_ms < g->closed_until_ms)
        return;
    g->is_pause_over = true;
    snprintf(why, sizeof why, "after %llu s one request may try it",
             (unsigned long long)(g->pause_ms / 1000));
    past_add(&g->past, PAST_HALF_OPENED, clock_wall_ms() - (now_ms - g->closed_until_ms),
             why);
}

static void close_breaker(struct gate *g)
{
    g->failures = g->nculprits = 0;
    g->is_broken = g->has_probe = g->is_its_own = g->is_pause_over = false;
    g->pause_ms = PAUSE_FIRST_MS;
}

void gate_succeed(struct gate *g, uint64_t now_ms)
{
    pthread_mutex_lock(&g->lock);
    note_pause_over(g, now_ms);
    if (UNLIKELY(g->is_broken))
        note_change(g, PAST_CLOSED, "it answered a request");
    close_breaker(g);
    pthread_mutex_unlock(&g->lock);
}

void gate_hold(struct gate *g, enum gate_hold hold, const char *why, uint64_t now_ms)
{
    pthread_mutex_lock(&g->lock);
    note_pause_over(g, now_ms);
    enum gate_hold was = g->hold;
    g->hold = hold;
    if (was != GATE_STOPPED && hold == GATE_STOPPED)
        note_change(g, PAST_STOPPED, why);
    else if (was == GATE_RUNS && hold == GATE_STARTING)
        note_change(g, PAST_DIED, why);
    else if (was != GATE_RUNS && hold == GATE_RUNS)
        note_change(g, PAST_STARTED, why);
    if (hold)
        ask_back(g, UINT32_MAX);
    else if (was)
        close_breaker(g);
    while (hold && g->waiting.n)
        refuse(g, turns_take(&g->waiting));
    pthread_mutex_unlock(&g->lock);
}

static void note_opened(struct gate *g, bool is_again, const char *why)
{
    char words[PAST_WHY];
    snprintf(words, sizeof words,
             is_again ? "%.90s" : "%.90s (%d failures in a row; this was the last)", why,
             BREAKER_FAILURES);
    note_change(g, is_again ? PAST_OPENED_AGAIN : PAST_OPENED, words);
}

/* Failures of requests sent before the breaker opened say nothing new. */
static void note_failure(struct gate *g, const char *why, uint64_t now_ms)
{
    bool is_half_open = g->is_broken && now_ms >= g->closed_until_ms;
    if (UNLIKELY(g->hold))
        return;
    note_pause_over(g, now_ms);
    g->failures += g->failures < BREAKER_FAILURES;
    if (is_half_open)
        g->pause_ms = g->pause_ms * 2 < PAUSE_MAX_MS ? g->pause_ms * 2 : PAUSE_MAX_MS;
    else if (g->is_broken || g->failures < BREAKER_FAILURES)
        return;
    note_opened(g, is_half_open, why);
    g->is_broken = true;
    g->has_probe = g->is_pause_over = false;
    g->closed_until_ms = now_ms + g->pause_ms;
}

void gate_fail(struct gate *g, const char *why, uint64_t now_ms)
{
    pthread_mutex_lock(&g->lock);
    g->is_its_own = true;
    note_failure(g, why, now_ms);
    pthread_mutex_unlock(&g->lock);
}

/* More of them than there is room for are no chance any more. */
static void note_culprit(struct gate *g, struct gate_who who)
{
    for (uint32_t i = 0; i < g->nculprits; i++)
        if (g->culprits[i].session == who.session && g->culprits[i].shape == who.shape)
            return;
    if (g->nculprits == BREAKER_FAILURES)
        g->is_its_own = true;
    else
        g->culprits[g->nculprits++] = who;
}

void gate_blame(struct gate *g, struct gate_who who, const char *why, uint64_t now_ms)
{
    pthread_mutex_lock(&g->lock);
    note_culprit(g, who);
    note_failure(g, why, now_ms);
    pthread_mutex_unlock(&g->lock);
}

bool gate_knows_not(struct gate *g, struct gate_who who)
{
    pthread_mutex_lock(&g->lock);
    bool is_let_pass = !g->has_probe && !g->hold && is_stranger(g, who);
    pthread_mutex_unlock(&g->lock);
    return is_let_pass;
}

/* Until the queue as it is, and one more, has been worked off; 0: not known. */
static uint64_t queue_time_ms(const struct gate *g)
{
    uint64_t slots = g->limits.max_inflight ? g->limits.max_inflight : 1;
    return (g->held_us * (g->waiting.n + 1) / slots + 999) / 1000;
}

static bool takes_key(const struct gate *g, uint64_t key_id)
{
    return has_room_behind_yielding(g) || g->waiting.n < g->limits.max_queue ||
           turns_giving_way(&g->waiting, key_id) != NULL;
}

struct gate_state gate_look(struct gate *g, uint64_t key_id, uint64_t now_ms)
{
    pthread_mutex_lock(&g->lock);
    struct gate_state s = {.inflight = g->inflight,
                           .queued = g->waiting.n,
                           .hold = g->hold,
                           .has_slot = has_room_behind_yielding(g),
                           .takes_key = takes_key(g, key_id)};
    if (!s.takes_key)
        s.queue_time_ms = queue_time_ms(g);
    if (g->is_broken && now_ms < g->closed_until_ms) {
        s.breaker = BREAKER_OPEN;
        s.retry_after_ms = g->closed_until_ms - now_ms;
    } else if (g->is_broken) {
        s.breaker = BREAKER_HALF_OPEN;
    }
    pthread_mutex_unlock(&g->lock);
    return s;
}

size_t gate_past(struct gate *g, uint64_t now_ms, uint64_t since_ms,
                 struct past_change ret[PAST_CHANGES])
{
    pthread_mutex_lock(&g->lock);
    note_pause_over(g, now_ms);
    size_t n = past_list(&g->past, since_ms, ret);
    pthread_mutex_unlock(&g->lock);
    return n;
}
