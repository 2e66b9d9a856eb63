/* quiet.h -- a stream's client hears from weir while its engine says nothing: a model is
 * being loaded, a prompt is long, an answer stands still.  Clients and proxies between
 * give up on a connection that is silent.
 *
 * After `timeouts: quiet` without a byte the client gets a ping of its dialect, which
 * every reader steps over, and again after as long.  Where nothing has gone out yet the
 * stream's head does first: from then on an error is told inside the stream. */
#ifndef WEIR_GATEWAY_QUIET_H
#define WEIR_GATEWAY_QUIET_H

#include "gateway/request.h"

/* The request has been read.  Nothing where it asks for no stream, or its dialect has no
 * ping. */
void quiet_begin(struct request *r);
void quiet_end(struct request *r);
/* A piece of the answer goes to the client. */
static inline enum fate quiet_break(struct request *r, struct str piece)
{
    r->said_ms = loop_now_ms(r->worker->loop);
    return client_answer_piece(r->client, piece);
}

#endif
