/* worker.c -- one loop: what happens at the end of its turns, on reload and on drain.
 *
 * The end of a turn is where the ledger is written: all records of the turn in one
 * write(2), and only then do the attempts recorded in it go to their engines.  At 64
 * busy connections that is one system call for a dozen requests. */
#include "gateway/worker.h"

#include "core/log.h"
#include "core/mem.h"
#include "gateway/aside.h"
#include "gateway/request.h"
#include "gateway/witness.h"

#include <signal.h>
#include <stdio.h>

enum {
    MAX_OUT_BYTES = 36 << 20, /* the largest event of an engine, framed anew */
    KEEP_OUT_BYTES = 1 << 20
};

static void on_accept(void *arg, int fd)
{
    const struct worker_listener *l = arg;
    client_accept(l->worker, l->dialects, fd);
}

static bool on_no_room(void *arg)
{
    const struct worker_listener *l = arg;
    return client_make_room(l->worker);
}

static void launch_all(struct worker *w, enum missing_record missing)
{
    struct link batch;
    list_init(&batch);
    while (!list_empty(&w->launches)) {
        struct link *l = w->launches.next;
        list_remove(l);
        list_append(&batch, l);
    }
    while (!list_empty(&batch)) {
        struct leg *l = list_first(&batch, struct leg, launch);
        list_remove(&l->launch);
        leg_launch(l, missing);
    }
}

static void end_steps(struct worker *w)
{
    uint64_t most = atomic_load_explicit(&w->most_turn_steps, memory_order_relaxed);
    if (UNLIKELY(w->turn_steps > most))
        atomic_store_explicit(&w->most_turn_steps, w->turn_steps, memory_order_relaxed);
    w->turn_steps = 0;
}

/* A launch that fails at once routes again and wants another flush, so this repeats
 * until nothing is left; attempts per request are bounded, so it ends.  The chain waits
 * for the ledger: what is refused for want of a ledger record is taken back in the chain
 * by the same write that would have said that it leaves. */
static void on_turn_end(void *arg)
{
    struct worker *w = arg;
    do {
        enum missing_record missing = MISSING_NONE;
        if (ledger_log_flush(w->log) != 0)
            missing = MISSING_LEDGER;
        else if (!witness_flush(w))
            missing = MISSING_CHAIN;
        launch_all(w, missing);
    } while (!list_empty(&w->launches));
    ledger_log_flush(w->log);
    witness_flush_rest(w);
    request_free_dead(w);
    aside_free_dead(w);
    end_steps(w);
    if (w->out.cap > KEEP_OUT_BYTES)
        buf_release(&w->out);
}

/* -- reload ---------------------------------------------------------------------- */

static void on_reload(void *arg)
{
    struct worker *w = arg;
    struct setup *next = atomic_exchange(&w->next_setup, NULL);
    if (!next)
        return;
    struct str origins[CONFIG_MAX_ENGINES];
    size_t n = next->config->nengines;
    for (size_t i = 0; i < n; i++)
        origins[i] = next->endpoints[i].origin;
    upstream_pool_retain(w->pool, origins, n);
    setup_unref(w->setup);
    w->setup = next;
    w->nsetups++;
}

void worker_reload(struct worker *w, struct setup *setup)
{
    struct setup *unseen = atomic_exchange(&w->next_setup, setup_ref(setup));
    if (unseen) {
        setup_unref(unseen); /* its task is still queued and will take the newer one */
        return;
    }
    loop_post(w->loop, &w->reload_task);
}

/* -- drain ----------------------------------------------------------------------- */

void worker_client_gone(struct worker *w)
{
    if (w->is_draining && list_empty(&w->clients) && w->npooled == 0 && w->nasides == 0)
        loop_stop(w->loop);
}

static void each_client(struct worker *w, void (*fn)(struct client *c))
{
    struct link *l = w->clients.next;
    while (l != &w->clients) {
        struct client *c = CONTAINER_OF(l, struct client, link);
        l = l->next;
        fn(c);
    }
}

/* -- the cloud is paused, or open again --------------------------------------------- */

static void recall(struct client *c)
{
    if (c->request)
        attempt_recall(c->request);
}

static void on_cloud(void *arg)
{
    struct worker *w = arg;
    size_t running = 0;
    if (cloud_is_paused(&w->server->cloud)) {
        running = upstream_pool_shut(w->pool);
        each_client(w, recall);
    }
    cloud_passed(w, running);
}

static void on_drain_timeout(struct loop_timer *t)
{
    struct worker *w = CONTAINER_OF(t, struct worker, drain_timer);
    log_warn("drain time is over: requests still under way are cancelled");
    each_client(w, client_stop);
    each_client(w, client_close);
    aside_stop(w);
}

static void close_listeners(struct worker *w)
{
    for (size_t i = 0; i < w->nlisteners; i++)
        if (w->listeners[i].listener) {
            listener_close(w->listeners[i].listener);
            w->listeners[i].listener = NULL;
        }
}

static void on_drain(void *arg)
{
    struct worker *w = arg;
    w->is_draining = true;
    close_listeners(w);
    each_client(w, client_drain);
    loop_timer_at(&w->drain_timer,
                  loop_now_ms(w->loop) + w->setup->config->drain_timeout_ms);
    worker_client_gone(w);
}

void worker_drain(struct worker *w)
{
    loop_post(w->loop, &w->stop_task);
}

/* -- life ------------------------------------------------------------------------ */

void worker_free(struct worker *w)
{
    close_listeners(w);
    mem_free(w->listeners);
    upstream_pool_free(w->pool);
    loop_free(w->loop);
    audit_log_free(w->audit);
    slabs_release(&w->drafts);
    slabs_release(&w->requests);
    buf_release(&w->out);
    setup_unref(w->setup);
    setup_unref(atomic_exchange(&w->next_setup, NULL));
    mem_free(w);
}

/* The dialects that an address offers, as bits. */
static unsigned dialects_of(const struct config_listen *l)
{
    unsigned bits = 0;
    for (size_t i = 0; i < l->ndialects; i++)
        for (int d = 0; d < DIALECT_COUNT; d++)
            if (str_eqz(l->dialects[i], dialect_name((enum dialect_id)d)))
                bits |= 1U << d;
    return bits ? bits : ~0U;
}

/* Its address gets the port that was picked. */
static void note_port(struct server_address *a, const struct listener *l)
{
    char *colon = strrchr(a->text, ':');
    size_t room = sizeof a->text - (size_t)(colon + 1 - a->text);
    snprintf(colon + 1, room, "%u", listener_port(l));
}

/* 0 also where somebody else has it and weir goes without. */
static int open_listener(struct worker *w, const struct config_listen *l,
                         struct server_address *a, bool is_shared, struct err *err)
{
    struct worker_listener *to = &w->listeners[w->nlisteners++];
    to->worker = w;
    to->dialects = dialects_of(l);
    if (!a->text[0])
        return 0;
    to->listener =
        listener_create(w->loop, str_of(a->text), is_shared, on_accept, to, err);
    if (!to->listener && l->if_free && err->code &&
        strcmp(err->code, LISTEN_IN_USE) == 0) {
        log_info("%s is somebody else's: weir goes without it", a->text);
        err_init(err);
        a->text[0] = '\0';
        return 0;
    }
    if (!to->listener)
        return -1;
    note_port(a, to->listener);
    listener_keep_reserve(to->listener, on_no_room);
    return 0;
}

static int open_listeners(struct worker *w, struct server_address *addresses,
                          bool is_shared, struct err *err)
{
    const struct config *c = w->setup->config;
    w->listeners = mem_zalloc(c->nlistens * sizeof *w->listeners);
    if (!w->listeners)
        return err_nomem(err);
    for (size_t i = 0; i < c->nlistens; i++)
        if (open_listener(w, &c->listens[i], &addresses[i], is_shared, err) != 0)
            return -1;
    return 0;
}

struct worker *worker_create(struct server *s, uint32_t index, struct setup *setup,
                             struct server_address *addresses, bool is_shared,
                             struct err *err)
{
    struct worker *w = mem_new(struct worker);
    if (!w) {
        err_nomem(err);
        return NULL;
    }
    w->server = s;
    w->index = index;
    w->setup = setup_ref(setup);
    w->log = ledger_log_of(s->ledger, index);
    w->audit = s->audit ? audit_log_create(s->audit) : NULL;
    w->stop_task = (struct loop_task){.fn = on_drain, .arg = w};
    w->cloud_task = (struct loop_task){.fn = on_cloud, .arg = w};
    w->reload_task = (struct loop_task){.fn = on_reload, .arg = w};
    list_init(&w->clients);
    for (size_t i = 0; i < CLIENT_SHELVES; i++)
        list_init(&w->shelves[i]);
    list_init(&w->launches);
    list_init(&w->asides);
    list_init(&w->dead);
    list_init(&w->dead_asides);
    slabs_init(&w->requests, sizeof(struct request));
    slabs_init(&w->drafts, sizeof(struct draft));
    buf_init(&w->out, MAX_OUT_BYTES);
    w->loop = loop_create(err);
    w->pool = w->loop ? upstream_pool_create(w->loop, err) : NULL;
    if (!w->pool || open_listeners(w, addresses, is_shared, err) != 0) {
        worker_free(w);
        return NULL;
    }
    upstream_pool_shut_by(w->pool, &s->cloud.is_paused);
    loop_timer_init(w->loop, &w->drain_timer, on_drain_timeout);
    loop_on_turn_end(w->loop, on_turn_end, w);
    return w;
}

static void *worker_main(void *arg)
{
    struct worker *w = arg;
    char name[16];
    snprintf(name, sizeof name, "weir-worker-%u", w->index % 1000);
#ifdef __linux__ /* what top -H shows */
    pthread_setname_np(pthread_self(), name);
#else
    pthread_setname_np(name);
#endif
    loop_run(w->loop);
    on_turn_end(w);
    return NULL;
}

int worker_start(struct worker *w, struct err *err)
{
    sigset_t all, was;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &was); /* signals belong to the main thread */
    int rc = pthread_create(&w->thread, NULL, worker_main, w);
    pthread_sigmask(SIG_SETMASK, &was, NULL);
    if (rc == 0)
        w->is_started = true;
    return rc == 0 ? 0
                   : err_set(err, ERR_INTERNAL, "thread", "cannot start a worker thread");
}

void worker_join(struct worker *w)
{
    if (w->is_started)
        pthread_join(w->thread, NULL);
    w->is_started = false;
}
