/* refusal.h -- requests that are refused by their head: the answer, and a line about it.
 *
 * Such a request has no row in the ledger, so the line is all that an operator sees of
 * a client with a wrong base URL, a wrong key or another API. */
#ifndef WEIR_GATEWAY_REFUSAL_H
#define WEIR_GATEWAY_REFUSAL_H

#include "gateway/paths.h"

enum { REFUSAL_SUBJECT_BYTES = 160 };

/* Why a head is not served, and what its answer carries. */
struct refusal {
    struct err err;
    const struct dialect *dialect;       /* in whose form the error is shown */
    struct buf fields;                   /* complete lines */
    char subject[REFUSAL_SUBJECT_BYTES]; /* "POST /v1/messages (claude-cli/2.1)" */
};

/* NULL: no memory.  The caller frees it. */
struct refusal *refusal_create(const struct worker *w, const struct http_head *head,
                               const struct err *err);
void refusal_free(struct refusal *f);
/* The line, unless access_log is off; at most LINES_A_MINUTE, the rest is counted. */
void refusal_tell(struct worker *w, const struct err *err, const char *subject);

#endif
