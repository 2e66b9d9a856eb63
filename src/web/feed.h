/* feed.h -- the newest rows, kept for whoever watches.
 *
 * A ring of lines of JSON.  The ledger's thread puts each settled row in; loops take what
 * they have not had.  Each line has a place, and a place has a name, which a reader shows
 * to go on there.  Whoever was away for too long is told so (*ret_gap) and asks for
 * the rows again.  Nothing is kept while nobody has watched for a minute.  A row is seen
 * once it stands in the index too (feed_publish), so that whoever notes the end and
 * then asks for the rows misses none.  The lock is held for as long as copying takes. */
#ifndef WEIR_WEB_FEED_H
#define WEIR_WEB_FEED_H

#include "core/buf.h"

enum {
    FEED_ROWS = 512,
    FEED_AT_ONCE = 64,
    FEED_ROW_BYTES = 4096,
    FEED_BYTES_AT_ONCE = 32 * 1024 /* what a reader that stands still may cost */
};

struct feed;
struct feed *feed_create(void); /* NULL: no memory, or no source of random numbers */
void feed_free(struct feed *f);

/* Somebody watches, at this moment. */
void feed_touch(struct feed *f, uint64_t now_ms);
bool feed_is_watched(const struct feed *f, uint64_t now_ms);
/* A line of at most FEED_ROW_BYTES; one that is longer, or empty because there was no
 * memory for it, is a gap. */
void feed_put(struct feed *f, struct str line);

/* Nobody watches: a row is not kept, and those before it go.  It is a gap. */
void feed_lapse(struct feed *f);
/* What was put is seen from now on. */
void feed_publish(struct feed *f);

/* The place behind the newest line. */
uint64_t feed_end(const struct feed *f);
/* Of no other feed, also none that began anew under the same weir.yaml. */
enum { FEED_NAME = 40 };
void feed_name(const struct feed *f, uint64_t at, char out[FEED_NAME]);
/* The place of this name; 0: it is none, or what stood there is not kept any more. */
uint64_t feed_find(struct feed *f, struct str name);
/* Appends the lines from `at` on to out, with commas between, at most FEED_AT_ONCE
 * and FEED_BYTES_AT_ONCE (the others come with the next call).  The place behind them. */
uint64_t feed_take(struct feed *f, uint64_t at, struct buf *out, bool *ret_gap);

#endif
