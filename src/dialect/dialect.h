/* dialect.h -- what clients speak: a translator with no socket.
 *
 *     decode: the client's body   -> struct chat
 *     encode: events of an answer -> bytes for the client
 *
 * One static table (dialect.c) holds the implementations.  `struct answer_encoder` is
 * the state of one streamed answer: it keeps the canonical order (deltas, finish, one
 * usage, [DONE]) whatever the engine did, and shows usage only when it was asked. */
#ifndef WEIR_DIALECT_DIALECT_H
#define WEIR_DIALECT_DIALECT_H

#include "core/buf.h"
#include "dialect/chat.h"
#include "dialect/event.h"

/* The state of one streamed answer towards the client.  Finishes wait until the
 * engine has ended, because some engines send deltas, of the same or another choice,
 * after one, or put one on every delta; usage waits because some send it early, twice or
 * merged. */
struct answer_encoder {
    const struct dialect_ops *ops;
    bool wants_usage; /* the client asked for the usage chunk */
    bool is_ended;    /* [DONE] or an error has been written */
    bool has_error;
    struct usage usage;       /* as in the last event that carried any */
    struct buf held_finishes; /* the last of each choice (openai_finish.h) */
    struct buf held_usage;    /* JSON of the usage chunk, to be sent last */
};

struct dialect_ops {
    enum dialect_id id;
    /* Reads and validates the body.  Errors: ERR_BAD_REQUEST with codes
     * "invalid_json", "duplicate_key", "ambiguous_key" (names.h), "missing_field",
     * "invalid_field", and the member's name in the message. */
    int (*decode)(enum surface surface, struct str body, struct arena *a,
                  struct chat *ret, struct err *err);
    /* Appends what this event looks like to the client (maybe nothing yet). */
    void (*encode_event)(struct answer_encoder *enc, const struct event *e,
                         struct buf *out);
    /* Appends what must still come (held usage, [DONE]); idempotent. */
    void (*encode_end)(struct answer_encoder *enc, struct buf *out);
    /* An error after the stream has begun: its event; no success mark follows. */
    void (*encode_stream_error)(struct answer_encoder *enc, const struct err *err,
                                struct buf *out);
    /* The JSON body of an error answer. */
    void (*encode_error)(const struct err *err, struct buf *out);
};

const struct dialect_ops *dialect_get(enum dialect_id id); /* NULL: not implemented */

void answer_encoder_init(struct answer_encoder *enc, enum dialect_id id,
                         bool wants_usage);
void answer_encoder_release(struct answer_encoder *enc);
/* Bytes that wait for the end of the stream. */
static inline size_t answer_encoder_held(const struct answer_encoder *enc)
{
    return enc->held_finishes.n + enc->held_usage.n;
}

#endif
