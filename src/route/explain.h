/* explain.h -- a decision in JSON, before anything is sent: for `weir route` and
 * /v1/decision.  The reasons are the ones the ledger would show. */
#ifndef WEIR_ROUTE_EXPLAIN_H
#define WEIR_ROUTE_EXPLAIN_H

#include "core/buf.h"
#include "route/policy.h"

/* Is a local answer looked at before it is given (escalate), and what then? */
struct explain_judging {
    const char *why_not; /* static; NULL: it is, and the rest holds */
    double threshold;
    uint32_t hold_ms, hold_tokens; /* so long a stream is held at most */
    const struct config_model *opinions[CONFIG_MAX_OPINIONS];
    size_t nopinions;
    const struct config_model *judge;    /* NULL: none is asked */
    const struct config_model *stronger; /* who is asked when it is too weak */
};

struct explanation {
    const struct route_query *query;
    const struct route_choice *choice;   /* model == NULL: refused */
    const struct err *err;               /* why, when refused */
    bool has_cost, has_ttft, has_answer; /* false: null */
    int64_t est_cost_nanousd;
    uint64_t est_input_tokens, est_output_tokens; /* what the cost assumes */
    uint32_t est_ttft_ms;
    uint64_t est_answer_ms; /* to the end of an answer of est_output_tokens */
    const struct explain_judging *judging; /* NULL: nobody answers */
};

/* What judging comes to, in words. */
struct str explain_judging_words(const struct explain_judging *j, struct arena *a);
/* What was measured of the chosen model, where nothing newer is known of it. */
void explain_by_measurement(struct explanation *e);
/* One object: {"side","engine","model","role","label","complexity","policy","learned":
 * {"score","threshold","suffices","why"} or
 * null,"escalate":{"judged","why_not","threshold","hold_ms","hold_tokens",
 * "second_opinions":[{"engine","model"}],"judge":{...} or null,"stronger":{...} or null}
 * or
 * null,"reasons":[{"rule","detail"}],"est_cost_usd","est_ttft_ms","est_answer_ms","est_tokens":
 * {"input","output"},"error"}.  Unknown figures are null. */
void explain_json(const struct explanation *e, struct arena *a, struct buf *out);

/* The output tokens a cost estimate assumes when the request does not say: a
 * usual max_tokens of an answer of some paragraphs. */
enum { EXPLAIN_OUTPUT_TOKENS = 500 };

#endif
