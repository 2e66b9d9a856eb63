/* cloud.h -- the switch that keeps the whole cloud away, for everybody and at once.
 *
 * Who may operate pauses it, and says why.  From then on, for all workers:
 *
 *   route/       no cloud model is chosen (route_query.paused)
 *   gateway/     what waits for a cloud engine's slot is routed again
 *   upstream/    what leaves starts, dials and writes nothing, and what has not gone out
 *                whole is ended (upstream_pool_shut()): the last gate, which nothing goes
 *                around
 *
 * A pause is acknowledged when each worker's loop has passed it: after that no byte of a
 * request goes to a cloud engine.  Answers whose request is out go on to their end.
 *
 * It holds through a restart: state_dir/cloud says so, and is written before a pause is
 * acknowledged.  A file that is there and cannot be read is a pause.  Each change is a
 * record of the audit chain; a pause holds also when that cannot be written, and the
 * cloud is opened only when it can. */
#ifndef WEIR_GATEWAY_CLOUD_H
#define WEIR_GATEWAY_CLOUD_H

#include "core/arena.h"
#include "core/err.h"
#include "gateway/page.h"
#include "json/write.h"

#include <pthread.h>
#include <stdatomic.h>

struct server;
struct worker;

enum { CLOUD_WHY_MAX = 200, CLOUD_SINCE = 24 };

struct cloud_state {
    bool is_paused;
    bool is_unreadable; /* the file is: nobody knows, so it is paused */
    uint64_t since_ms;
    char since[CLOUD_SINCE];     /* "09:40", or "2026-11-30 09:40" on another day */
    char why[CLOUD_WHY_MAX + 1]; /* one line without control characters */
};

struct cloud {
    atomic_bool is_paused;
    pthread_mutex_t mutex; /* of what is below; held for microseconds */
    pthread_cond_t seen;
    struct cloud_state state;
    uint64_t generation; /* of changes */
    size_t running;      /* answers from the cloud that go on, as workers have counted */
};

/* Reads the file; what it finds is logged.  Before the workers start. */
void cloud_open(struct server *s);
void cloud_close(struct server *s);
/* Now and then, on the main thread: the words for a pause of another day. */
void cloud_tend(struct server *s);

static inline bool cloud_is_paused(const struct cloud *c)
{
    return atomic_load_explicit(&c->is_paused, memory_order_acquire);
}
struct cloud_state cloud_look(struct server *s);
/* "the cloud is paused by the operator since 09:40 (WHY)", in a; empty: it is not. */
struct str cloud_words(struct server *s, struct arena *a);
/* Why a leg was not sent, or not to its end. */
bool cloud_is_refusal(const struct err *err);
/* {"paused":true,"since_ms":1764495600000,"why":"..."} */
void cloud_write(struct json_writer *w, const struct cloud_state *state);

/* On w's loop: the change has come here, and so many answers from the cloud go on. */
void cloud_passed(struct worker *w, size_t running);

/* GET /v1/cloud, /weir/api/cloud: as cloud_write().
 * POST, the operator's: {"do":"pause","why":"..."} or {"do":"resume","why":"..."}; the
 * answer also has "running", "recorded": whether the chain has it, and "already": it was
 * so before, nothing was changed, and the reason was not taken: the chain keeps the one
 * for which it was paused or opened. */
page_fn page_cloud, page_cloud_change;

#endif
