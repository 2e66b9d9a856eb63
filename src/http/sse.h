/* sse.h -- splitting server-sent events out of a byte stream.
 *
 * WHATWG HTML, section 9.2.6: lines end in LF, CRLF or CR; "data:" with or without
 * a space; comments start with ':'; several data lines join with LF; a BOM at the
 * start is skipped.  Events that lie whole in the fed bytes are not copied. */
#ifndef WEIR_HTTP_SSE_H
#define WEIR_HTTP_SSE_H

#include "core/buf.h"

struct sse_reader {
    struct buf partial; /* an event that is not yet whole; bounded */
    struct buf joined;  /* several data lines of one event     */
    bool has_started;   /* a BOM may no longer come */
    bool after_cr;      /* the last event ended in CR: an LF may still belong to it */
    bool is_taken;      /* partial was given out and is to be emptied */
};

struct sse_event {
    struct str raw;   /* all its bytes, with the blank line that ends it; the raws of
                       * a stream, one after the other, are the stream */
    struct str data;  /* joined data lines; empty for a comment or bare field */
    struct str event; /* the event field, or empty */
    bool has_data;
};

void sse_init(struct sse_reader *r, size_t max_event_bytes);
void sse_release(struct sse_reader *r);
/* Bytes kept for an event that is not yet whole, or was given out last. */
static inline size_t sse_held(const struct sse_reader *r)
{
    return r->partial.n + r->joined.n;
}

/* Takes the next whole event off *in.  1: *ret is set, valid until the next call and
 * while in's bytes live.  0: *in is used up, feed more.  -1: an event exceeds the
 * maximum, or memory is out; then only sse_release() is allowed. */
int sse_next(struct sse_reader *r, struct str *in, struct sse_event *ret);
/* At the end of the stream: an unterminated event, as some servers leave; 1, or 0 when
 * there is none (or no memory for it). */
int sse_finish(struct sse_reader *r, struct sse_event *ret);

#endif
