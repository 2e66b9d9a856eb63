/* pages.h -- what weir answers by itself: models, health, readiness, preflight. */
#ifndef WEIR_GATEWAY_PAGES_H
#define WEIR_GATEWAY_PAGES_H

#include "gateway/request.h"

/* Answers r and ends it; pages have no ledger row. */
page_fn page_models, page_model, page_dialect, page_health, page_ready, page_preflight,
    page_metrics;
page_fn page_decision; /* decision.c */

/* Texts of r's body, one object: of each name its value, unescaped, or p == NULL. Other
 * members are stepped over.  False: it is no object, or one of them is no text. */
struct page_text {
    const char *name;
    struct str *ret;
};
bool page_read_texts(struct request *r, const struct page_text *texts, size_t n);
/* Ends r and answers it; body may be NULL. */
void page_answer(struct request *r, int status, struct str type, struct buf *body);
/* The same with more fields, complete lines.  A page for browsers also gets those below,
 * however it is answered. */
void page_answer_with(struct request *r, int status, struct str type, struct str fields,
                      struct buf *body);
/* JSON that nobody keeps: `out`, or the error when there is one.  Releases `out`. */
void page_tell(struct request *r, const struct err *err, struct buf *out);
extern const char page_guard_fields[];
/* HTML without scripts that weir's page shows in a frame: 200. */
void page_answer_report(struct request *r, struct buf *body);

#endif
