/* serving.h -- the gateway as a process: what `weir serve` and `weir up` share.
 *
 * serving_begin() comes first, before any thread: it blocks the signals that
 * serving_pause() then takes.  Faults are logged here; callers only choose the exit
 * code. */
#ifndef WEIR_CMD_SERVE_SERVING_H
#define WEIR_CMD_SERVE_SERVING_H

#include "cmd/serve/serve_sims.h"
#include "gateway/server.h"
#include "ledger/spend.h"

#include <signal.h>

struct serving {
    struct server *server; /* NULL until serving_start() */
    struct prices *prices; /* NULL until serving_prices() */
    struct serve_sims sims;
    struct web *web; /* NULL until serving_start() */
    struct spend_watch spend;
    const struct kept_engines *kept; /* set by the caller: what it runs beside; or NULL */
    void *kept_ctx;
    sigset_t signals;
};

/* Signals, descriptor limit. */
void serving_begin(struct serving *s);
/* Binds and starts the workers.  Takes over the config reference. */
int serving_start(struct serving *s, struct config *config);

/* The price list, read when it is first asked for; NULL when it cannot be (logged). */
const struct prices *serving_prices(struct serving *s);

enum { SERVING_URL = 300 };
/* "http://127.0.0.1:4141" */
void serving_url(const struct serving *s, char out[SERVING_URL]);
/* On stderr, in order with the log; whole lines.  Never waits. */
void serving_say(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* On stderr: "weir VERSION listening on http://..."; scripts wait for this line. */
void serving_announce(const struct serving *s);

enum serving_wake { SERVING_TIME, SERVING_RELOAD, SERVING_STOP };
/* Waits for a signal, at most one second; looks at the month's spend now and then. */
enum serving_wake serving_pause(struct serving *s);

/* Lets requests finish (a second TERM or INT ends the process at once, a HUP
 * changes nothing any more), stops, frees. */
void serving_drain(struct serving *s);
/* The rest; after serving_drain(), or when nothing was started.  What is printed
 * afterwards may be lost. */
void serving_end(struct serving *s);

/* Parses and prints every fault on stderr; NULL when there is an error. */
struct config *serving_parse(struct str yaml, const char *name);
/* The same of a file; path NULL: the built-in configuration. */
struct config *serving_load(const char *path);

#endif
