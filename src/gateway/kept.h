/* kept.h -- engines that weir itself runs: how they are, and who may stop and start them.
 *
 * Whoever starts the gateway and runs engines beside it says how (struct kept_engines);
 * the gateway knows no process.  An order is the operator's: it has a reason, stands in
 * the audit chain before it is given, and holds for all workers, as they share the
 * engine's gate.  It holds until the next one, or until weir ends. */
#ifndef WEIR_GATEWAY_KEPT_H
#define WEIR_GATEWAY_KEPT_H

#include "config/config.h"
#include "gateway/page.h"
#include "upstream/gate.h"
#include "json/write.h"

struct server;

enum kept_state { KEPT_RUNNING, KEPT_STARTING, KEPT_STOPPING, KEPT_STOPPED, KEPT_FAILED };
const char *kept_state_name(enum kept_state s); /* "running" */

enum { KEPT_WHY_MAX = 200 };
struct kept_look {
    enum kept_state state;
    uint64_t since_ms; /* since 1970 */
    /* Stopped or stopping: the operator's reason.  Failed: how it ended. */
    char why[KEPT_WHY_MAX + 1];
};

/* Any thread, and neither waits. */
struct kept_engines {
    /* False: weir does not run this one. */
    bool (*look)(void *ctx, const struct config_engine *e, struct kept_look *ret);
    /* Stop: from now on the gate is held, the requests under way may finish for the drain
     * time, then the engine ends.  Start: the gate opens when the engine answers. */
    void (*order)(void *ctx, struct gate *gate, bool is_start, const char *why);
};

/* Member `run` of an open object: null when weir does not run it. */
void kept_write(struct json_writer *w, const struct server *s,
                const struct config_engine *e);

/* GET /v1/engines: {"engines":[{"name","run","inflight"}]}, those that weir runs.
 * POST .../engines/NAME/stop and .../start, the operator's: {"why":"..."}; the answer is
 * such an entry. */
page_fn page_kept, page_kept_order;

#endif
