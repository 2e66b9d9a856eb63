/* places.h -- how many pages may be served at once.
 *
 * Counted are answers that take a connection for longer: streams of events, and answers
 * that wait for the page's thread.  A visit has its own limit, so that one browser (or
 * whoever has its cookie) does not take the places of the others; a worker and all
 * workers together have theirs, so that pages do not take the loops and connections of
 * apps.  The newest is refused.  Any thread. */
#ifndef WEIR_WEB_PLACES_H
#define WEIR_WEB_PLACES_H

#include "core/err.h"
#include "ledger/log/uid.h"

#include <pthread.h>

enum {
    STREAMS_OF_VISIT = 16,
    STREAMS_OF_WORKER = 128,
    STREAMS_MOST = 256,
    WAITING_OF_VISIT = 24,
    WAITING_OF_WORKER = 64,
    WAITING_MOST = 96,
    PLACES_MOST = 256,
    PAGES_SHARE = 4 /* streams take a 4th of the connections that clients may have ... */
};

struct places {
    pthread_mutex_t mutex; /* held for a microsecond */
    const char *what;      /* "streams of events" */
    uint32_t of_visit, of_worker, most;
    uint32_t n, nof_worker[LEDGER_MAX_WORKERS];
    struct places_visit {
        uint64_t visit;
        uint32_t n;
    } visits[PLACES_MOST]; /* each has at least one */
    size_t nvisits;
};

/* most <= PLACES_MOST.  what lives as long. */
void places_init(struct places *p, const char *what, uint32_t of_visit,
                 uint32_t of_worker, uint32_t most);
void places_release(struct places *p);

/* A place of this visit at this worker; most: of all together, where that is less than
 * what was said at the beginning.  -1 with *err (ERR_RATE_LIMIT): there is none. */
int places_take(struct places *p, uint64_t visit, uint32_t worker, uint32_t most,
                struct err *err);
/* What was taken. */
void places_give_back(struct places *p, uint64_t visit, uint32_t worker);

/* How many streams the limit of open files allows; 0: none may begin, because a
 * connection of this descriptor stands among the last that clients may have, which are
 * kept for apps. */
uint32_t places_of_descriptors(int fd);

#endif
