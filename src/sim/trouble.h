/* trouble.h -- an error answer, in the words and the form of the vendor whose dialect is
 * spoken.
 *
 * The forms are written out here and not taken from weir's own dialects: a client of weir
 * and an engine of weir that shared one would be wrong together. */
#ifndef WEIR_SIM_TROUBLE_H
#define WEIR_SIM_TROUBLE_H

#include "core/buf.h"
#include "dialect/chat.h"

struct sim_trouble {
    enum dialect_id dialect;
    int status;
    const char *type;   /* NULL: what the vendor calls this status */
    const char *code;   /* of OpenAI's two; NULL: none */
    const char *param;  /* ... the member that is at fault; NULL: none */
    const char *reason; /* ... of Google's errors, or NULL */
    uint64_t retry_s;   /* 0: not told */
    const char *message;
};

/* Appends the JSON body. */
void sim_trouble_write(const struct sim_trouble *t, struct buf *out);
/* Appends the fields of the head that tell when to try again, whole lines; or nothing. */
void sim_trouble_fields(const struct sim_trouble *t, struct buf *out);

/* What the vendor answers to a prompt too long for the model; `t->message` is in
 * `room`. */
enum { SIM_MESSAGE_BYTES = 400 };
void sim_trouble_overflow(struct sim_trouble *t, enum dialect_id d, uint64_t tokens,
                          uint64_t most, char room[SIM_MESSAGE_BYTES]);
/* ... to a key that it does not know. */
void sim_trouble_key(struct sim_trouble *t, enum dialect_id d);
/* ... to too many requests. */
void sim_trouble_limited(struct sim_trouble *t, enum dialect_id d, uint64_t retry_s,
                         char room[SIM_MESSAGE_BYTES]);

#endif
