/* relay.h -- the answer of the promised leg, from its engine to the client.
 *
 *     relay.c          when a head, bytes, the end or a failure come from the exchange
 *     relay_head.c     what of an answer's head a client may learn
 *     relay_stream.c   answers that come as events
 *     relay_plain.c    answers that come as one object
 *     relay_failure.c  an engine's refusal
 *
 * A callee that may end the leg, or the request with it, says so by its `enum fate`. */
#ifndef WEIR_GATEWAY_RELAY_H
#define WEIR_GATEWAY_RELAY_H

#include "gateway/request.h"

enum { RELAY_FAILURE_BYTES = 64 << 10 }; /* of an engine's error answer */

/* -- what others call -------------------------------------------------------------- */

extern const struct exchange_events relay_events; /* ctx: the promised leg */
/* In RELAY: the client is told inside the stream that it cannot go on. */
void relay_stop(struct request *r, const struct err *err);
/* What is held of a stream goes out, and the rest as it comes. */
void relay_release(struct leg *l);
/* A whole answer that was held; takes the body. */
void relay_give(struct leg *l, struct str type, struct buf *body);

/* -- among the files above --------------------------------------------------------- */

/* Its head goes to the client; nothing is retried from here on, so what a retry would
 * need is dropped.  content_length -1: not known. */
void relay_commit(struct leg *l, int64_t content_length);
/* What the worker's buffer holds goes to the client. */
enum fate relay_flush(struct leg *l);
/* Everything that is to be said has been encoded: the request ends. */
void relay_finish(struct leg *l);
/* The engine did its work; its slot is given back. */
void relay_succeed(struct leg *l);

void relay_keep_head(struct leg *l, const struct http_head *head);
/* What a client is told that it gets, for JSON: some read nothing that is called
 * otherwise. */
struct str relay_json_type(struct str given);
/* The engine's refusal of the promised leg is whole, in answer.held. */
void relay_end_failure(struct request *r);

/* The encoder or the collector, and the stages before it.  False: no memory. */
bool relay_start_stream(struct leg *l);
enum fate relay_feed_stream(struct leg *l, struct str piece, bool is_end);
/* What is held after a read is counted, and refused when there is no room for it. */
enum fate relay_count_stream(struct leg *l);
void relay_count_collected(struct leg *l);
void relay_end_stream(struct leg *l);
void relay_end_collect(struct leg *l);
/* The stream cannot go on.  Before content another engine may answer; after it the
 * client is told inside the stream. */
enum fate relay_stream_broke(struct leg *l, const struct err *err);

/* Of a plain answer, before it is passed on. */
size_t relay_max_held(const struct leg *l);
void relay_feed_plain(struct leg *l, struct str piece);
void relay_end_plain(struct leg *l);
/* A whole_then: the answer goes to the client, or the attempt has failed. */
void relay_pass_whole(struct leg *l, struct buf *body, const struct err *err);

#endif
