/* later.h -- an answer that needs the disk: made on the page's own thread.
 *
 * One thread serves all pages, first come, first served: a page never takes a core from
 * more than one request of an app. */
#ifndef WEIR_WEB_LATER_H
#define WEIR_WEB_LATER_H

#include "web/room.h"

struct later {
    struct page_hold hold;
    struct work work;
    struct request *request; /* NULL: its client has left, or nobody asked */
    struct worker *worker;
    struct server *server;
    struct setup *setup; /* a reference */
    struct arena arena;
    struct str name, query, body; /* of the request, in the arena */
    bool may_operate;
    bool is_report;      /* set by make(): HTML that stands in a frame of the page */
    atomic_bool is_left; /* nobody waits any more, or weir stops; make() may look */
    int (*make)(struct later *l, struct err *err);
    struct buf out; /* JSON, up to 16 MB */
    struct err err;
};

/* On the page's thread.  Fills l->out; -1 with *err: that is answered. */
typedef int later_fn(struct later *l, struct err *err);
/* r is answered when make() has run. */
void later_answer(struct request *r, later_fn *make);
/* The same for what takes long: make() calls pool_step_aside() now and then, so that
 * other answers need not wait for it. */
void later_answer_slowly(struct request *r, later_fn *make);
/* Nobody is answered: make() runs on a thread of `pool`, done(l) is called on the
 * worker's loop, and l freed after it.  False: no memory. */
bool later_run(struct worker *w, struct pool *pool, later_fn *make,
               void (*done)(struct later *l));

#endif
