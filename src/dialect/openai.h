/* openai.h -- the parts of the OpenAI dialect; inside this folder only. */
#ifndef WEIR_DIALECT_OPENAI_H
#define WEIR_DIALECT_OPENAI_H

#include "dialect/dialect.h"

struct json_cur;

int openai_decode(const struct dialect_ask *ask, struct arena *a, struct chat *ret,
                  struct err *err);
int openai_read_conversation(const struct chat *chat, struct arena *a,
                             struct conversation *ret, struct err *err);
/* The message at the cursor, as the next of r->c.  There is room for it. */
struct reader;
int openai_read_said(struct reader *r, struct json_cur *c);
/* messages, prompt and input: what the model reads. */
int openai_read_messages(struct json_cur *c, struct arena *a, struct chat *chat,
                         struct err *err);
int openai_read_input(struct json_cur *c, struct chat *chat, const char *key,
                      struct err *err);

/* The state of a stream.  Finishes wait until the engine has ended, because some engines
 * send deltas, of the same or another choice, after one, or put one on every delta; usage
 * waits because some send it early, twice or merged. */
struct openai_encoder {
    struct answer_encoder base;
    struct buf held_finishes; /* the last of each choice (openai_finish.h) */
    struct buf held_usage;    /* JSON of the usage chunk, to be sent last */
};
void openai_encoder_init(struct answer_encoder *base);
void openai_encoder_release(struct answer_encoder *base);
void openai_encode_event(struct answer_encoder *base, const struct event *e,
                         struct buf *out);
void openai_encode_end(struct answer_encoder *base, struct buf *out);
void openai_encode_stream_error(struct answer_encoder *base, const struct err *err,
                                struct buf *out);
void openai_encode_error(const struct err *err, struct buf *out);
/* With the name of the member at fault; p == NULL: none is named. */
void openai_encode_error_about(const struct err *err, struct str param, struct buf *out);

extern const struct dialect dialect_openai;

#endif
