/* feedback.h -- what an answer was worth: said by the client (POST /v1/feedback), or seen
 * when its user asks the same again.
 *
 * It becomes a FEEDBACK record, and whoever learns from it is told.  Nothing of it
 * changes the request that it is about. */
#ifndef WEIR_GATEWAY_FEEDBACK_H
#define WEIR_GATEWAY_FEEDBACK_H

#include "gateway/page.h"
#include "gateway/recent.h"

struct request;

/* What there is to learn. */
struct feedback_heard {
    uint64_t uid;
    enum feedback said; /* a re-ask is a weak sign */
    struct recent_answer answer;
};
/* Told once for each word about an answer that is there, when both are known.  On the
 * loop of any worker, so it is thread safe and takes microseconds. */
typedef void feedback_fn(void *ctx, const struct feedback_heard *heard);

page_fn page_feedback;

/* r is read and begins: it is remembered, and may ask again what was answered. */
void feedback_begin(struct request *r);
/* r's answer has ended. */
void feedback_end(struct request *r);

#endif
