/* openai.h -- the parts of the OpenAI dialect; inside this folder only. */
#ifndef WEIR_DIALECT_OPENAI_H
#define WEIR_DIALECT_OPENAI_H

#include "dialect/dialect.h"

int openai_decode(enum surface surface, struct str body, struct arena *a,
                  struct chat *ret, struct err *err);
/* messages, prompt and input: what the model reads. */
struct json_cur;
int openai_read_messages(struct json_cur *c, struct arena *a, struct chat *chat,
                         struct err *err);
int openai_read_input(struct json_cur *c, struct chat *chat, const char *key,
                      struct err *err);
int openai_add_turn(struct chat *chat, struct arena *a, struct str user, struct err *err);

void openai_encode_event(struct answer_encoder *enc, const struct event *e,
                         struct buf *out);
void openai_encode_end(struct answer_encoder *enc, struct buf *out);
void openai_encode_stream_error(struct answer_encoder *enc, const struct err *err,
                                struct buf *out);
void openai_encode_error(const struct err *err, struct buf *out);

extern const struct dialect_ops openai_ops;

#endif
