/* top_feed.h -- what `weir top` knows of the weir that runs: asked over its own address,
 * with the operator's token, and told by its events.
 *
 * When weir goes away it is looked for once a second, by what its state directory then
 * says: a weir that was restarted has another token, and may have another port. */
#ifndef WEIR_CMD_SERVE_TOP_FEED_H
#define WEIR_CMD_SERVE_TOP_FEED_H

#include "cmd/lib/running.h"
#include "cmd/serve/top_draw.h"
#include "loop/loop.h"

struct top_feed;

/* The loop is the caller's; it is told that something has changed.  NULL: no memory. */
struct top_feed *top_feed_create(struct loop *l, const struct running *at,
                                 void (*changed)(void *ctx), void *ctx);
void top_feed_free(struct top_feed *f); /* NULL is fine */

/* Asks for all of one request. */
void top_feed_open(struct top_feed *f, const char *id);
/* The view's message. */
void top_feed_say(struct top_feed *f, const char *message);
/* Pauses the cloud, or opens it again; what came of it is in the view's message. */
void top_feed_set_cloud(struct top_feed *f, bool is_pause, const char *why);
/* Fills in what it knows; it stays valid until the loop runs on. */
void top_feed_show(const struct top_feed *f, struct top_view *v);

#endif
