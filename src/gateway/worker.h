/* worker.h -- one loop thread: its listener, pool, clients and ledger log. */
#ifndef WEIR_GATEWAY_WORKER_H
#define WEIR_GATEWAY_WORKER_H

#include "core/slab.h"
#include "gateway/server.h"
#include "net/listen.h"
#include "route/route.h"
#include "upstream/exchange.h"

#include <pthread.h>

/* Where a client's connection stands, by what is lost when it is closed: when descriptors
 * run out, the first shelf that has any gives one up (client_make_room).  A stranger has
 * shown no key (or a wrong one); without configured keys all are. */
enum client_shelf {
    SHELF_STRANGER_IDLE, /* between requests; or answered, and about to be closed */
    SHELF_STRANGER_HEAD, /* part of a head has come */
    SHELF_STRANGER_BODY, /* part of a body */
    SHELF_PAGE,          /* an answer without end for a page, which comes again */
    SHELF_IDLE,
    SHELF_HEAD,
    SHELF_BUSY, /* never closed for room: a request under way, an answer being taken */
    CLIENT_SHELVES
};

/* One of its addresses; listener NULL: somebody else has it (if_free), or it is closed.
 */
struct worker_listener {
    struct worker *worker;
    struct listener *listener;
    unsigned dialects; /* bits 1 << enum dialect_id: what is spoken there */
};

struct worker {
    struct server *server;
    uint32_t index;
    struct loop *loop;
    struct worker_listener *listeners; /* in the order of the configuration */
    size_t nlisteners;
    struct upstream_pool *pool;
    struct ledger_log *log;
    struct audit_log *audit;       /* NULL: no chain */
    bool has_audit, is_audit_lost; /* records wait for this turn's flush; one is lost */
    struct setup *setup;
    uint64_t
        nsetups; /* reloads so far: a pointer into a setup is old when it has changed */
    struct link clients;                 /* every client connection */
    struct link shelves[CLIENT_SHELVES]; /* ... by their state, each oldest first */
    struct link launches;                /* legs that wait for the turn's flush */
    struct link asides;                  /* every leg aside (aside.h) */
    struct link dead, dead_asides;       /* requests and legs that ended in this turn */
    uint32_t npooled;                    /* drafts and answers on the pool */
    uint32_t nasides;
    uint64_t turn_steps; /* see worker_spend() */
    atomic_uint_fast64_t most_turn_steps;
    struct slabs requests, drafts;
    /* Shared by whatever runs in one callback; empty between callbacks. */
    struct buf out;
    struct engine_health health[CONFIG_MAX_ENGINES];
    struct {            /* the newest words for it (choose.c) */
        uint64_t setup; /* nsetups + 1; 0: none */
        size_t n;
        unsigned char codes[CONFIG_MAX_ENGINES];
        char text[512];
    } told;
    pthread_t thread;
    uint64_t refusals_since_ms; /* when the lines of this minute began (refusal.c) */
    uint32_t nrefusals;
    bool is_draining, is_started;
    struct loop_timer drain_timer;
    struct loop_task stop_task;
    struct loop_task reload_task;
    _Atomic(struct setup *) next_setup;
    struct loop_task cloud_task;
    uint64_t cloud_seen;  /* cloud.generation here; under its mutex */
    bool is_cloud_posted; /* ... */
};

/* `addresses`: of each listen of the configuration, with its port; empty: it is not
 * listened on (if_free).  Fills those with port 0, or that somebody else has. */
struct worker *worker_create(struct server *s, uint32_t index, struct setup *setup,
                             struct server_address *addresses, bool is_shared,
                             struct err *err);
int worker_start(struct worker *w, struct err *err);
void worker_drain(struct worker *w);                       /* any thread */
void worker_reload(struct worker *w, struct setup *setup); /* any thread; takes a ref */
/* All are joined before the first is freed: what one of them waits for may look at the
 * others (cloud.c). */
void worker_join(struct worker *w);
void worker_free(struct worker *w);
/* A client has gone, or something is back from the pool: a draining worker stops when
 * none is left. */
void worker_client_gone(struct worker *w);

/* What a pool could do as well is done on the loop while it is small, and while its turn
 * has not done much of it: many small ones that are ready together must not make a long
 * turn.  Counted in steps of about 10 ns, and not by a clock, so that it depends on the
 * requests alone.  The last one may go past the limit. */
enum { WORKER_TURN_STEPS = 400 * 1000 };

static inline bool worker_may_spend(const struct worker *w)
{
    return w->turn_steps < WORKER_TURN_STEPS;
}
static inline void worker_spend(struct worker *w, uint64_t steps)
{
    w->turn_steps += steps;
}
/* A conversation of so many bytes is read once more: 4 ms for each MB. */
static inline void worker_spend_reading(struct worker *w, uint64_t bytes)
{
    worker_spend(w, bytes * 2 / 5);
}

#endif
