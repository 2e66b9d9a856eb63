/* compare_judge.h -- a model says of each answer whether it is better than the first one.
 *
 * It is asked through the gateway, twice for each answer, with the two in both orders
 * (judge/pair.h); what may not leave is not sent to a judge in the cloud. */
#ifndef WEIR_CMD_DECIDE_COMPARE_JUDGE_H
#define WEIR_CMD_DECIDE_COMPARE_JUDGE_H

#include "cmd/decide/compare_column.h"
#include "judge/pair.h"

struct compare_judged {
    enum pair_verdict verdicts[COMPARE_MODELS]; /* PAIR_SECOND: better than the first */
    int64_t cost_nanousd;                       /* of all questions; -1: unknown */
    size_t asked, answered;
    char failure[600]; /* why the last one that was not answered was not */
};

/* columns: all answers, of which those that there are are judged; the first of them is
 * the one that the others are held against.  Ends early when shared->is_stopped. */
int compare_judge(struct compare_shared *shared, struct str model, struct str request,
                  const struct compare_column *columns, size_t n,
                  const struct prices *prices, struct compare_judged *ret,
                  struct err *err);

#endif
