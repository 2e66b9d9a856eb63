/* responses_stream.h -- inside dialect/: the encoder of Responses. */
#ifndef WEIR_DIALECT_RESPONSES_STREAM_H
#define WEIR_DIALECT_RESPONSES_STREAM_H

#include "dialect/openai_usage.h"
#include "dialect/responses_output.h"

struct responses_encoder {
    struct answer_encoder base;
    struct output output;
};
void responses_encoder_init(struct answer_encoder *base);
void responses_encoder_release(struct answer_encoder *base);
void responses_encode_event(struct answer_encoder *base, const struct event *e,
                            struct buf *out);
bool responses_encode_sole(struct answer_encoder *base, const struct event *e,
                           struct buf *out);
void responses_encode_end(struct answer_encoder *base, struct buf *out);
void responses_encode_stream_error(struct answer_encoder *base, const struct err *err,
                                   struct buf *out);
/* The engine's numbers go on. */
void responses_note_own(struct answer_encoder *base, struct str own);
int responses_encode_answer(const struct answer_about *about, struct str answer,
                            struct buf *out, struct err *err);

#endif
