/* learning.h -- policy learned learns while it runs (`learned: {learn: on}`).
 *
 * Workers hand outcomes in and read the adapter that serves; the main thread learns
 * (route/train/learner.h), a few times a second at most, and keeps all it knows in the
 * file `route.adapter` of the state directory, as calibration.h does with its own. */
#ifndef WEIR_GATEWAY_LEARNING_H
#define WEIR_GATEWAY_LEARNING_H

#include "config/config.h"
#include "core/buf.h"
#include "route/calibrate.h"
#include "route/learned/noted.h"

enum { LEARNING_QUEUE = 1024 }; /* outcomes that wait for the main thread */

struct learning;
struct learning *learning_create(void); /* NULL: no memory */
void learning_free(struct learning *l); /* NULL is fine */

/* -- any thread; no call waits for more than microseconds ------------------------------
 */

/* True: an adapter serves, and is copied to *ret.  No lock and no waiting: false also
 * while it is being changed, and then the configuration's serves for that request. */
bool learning_serves(const struct learning *l, struct adapter *ret);
/* One outcome of a local answer; weight: above 0, 1 for a sure one.  One that finds the
 * queue full is lost, and counted. */
void learning_outcome(struct learning *l, const struct noted *n, bool suffices,
                      float weight);
/* What somebody said of an answer; a re-ask counts a third. */
struct feedback_heard;
void learning_heard(struct learning *l, const struct feedback_heard *heard);
/* Its lines of /metrics. */
void learning_write_metrics(const struct learning *l, struct buf *out);

/* -- the main thread -------------------------------------------------------------------
 */

/* What is learnt is of these weights and local models, on top of this adapter (NULL:
 * none).  Another configuration serves from now on, or the first: what is of others
 * begins anew, and is told.  is_on: `learn: on`. */
void learning_change(struct learning *l, const char *state_dir, bool is_on,
                     uint32_t weights, uint32_t models, const struct adapter *base);
/* The local models answer otherwise than those that were learnt from: it begins anew, on
 * top of this adapter (NULL: none); so do the scores of the traffic, if what was learnt
 * had served. */
void learning_forget(struct learning *l, struct calibration *c,
                     const struct adapter *base);
/* Learns from what has come.  When another adapter serves from then on, the scores of
 * the traffic begin anew.  Writes the file when there is news: at most once a minute, or
 * now. */
void learning_tend(struct learning *l, const char *state_dir, struct calibration *c,
                   uint64_t now_ms, bool must);

/* What a running weir has last written, without one: true, and *ret serves.  base: as for
 * learning_change(). */
bool learning_saved(const char *state_dir, const struct config *c, const struct router *r,
                    const struct adapter *base, struct adapter *ret);

#endif
