/* escalate_rows.h -- reads the lines of `weir eval escalate` and `weir train judge`.
 *
 *     {"id","prompt","answers":[{"engine","text","logprobs"?,"finish_reason"?}],
 *      "local_score","cloud_score"}
 *
 * answers[0] is judged, the others are opinions of further local models.  Scores go from
 * 0 to 1 (or are true or false); an id is there once in a file. */
#ifndef WEIR_CMD_DECIDE_ESCALATE_ROWS_H
#define WEIR_CMD_DECIDE_ESCALATE_ROWS_H

#include "judge/judge.h"

struct escalate_row {
    struct str id;
    struct judge_question question;
    struct judge_answer answers[JUDGE_MAX_ANSWERS];
    struct logprobs logprobs[JUDGE_MAX_ANSWERS];
    size_t nanswers;
    double local, cloud;
};

/* Takes one row.  What it points to lives until the call returns.  -1 stops. */
typedef int escalate_sink(void *ctx, const struct escalate_row *row, struct arena *arena,
                          struct err *err);

/* Every line of the file ("-": stdin), at least one, to the sink.  0; -1 with "FILE:LINE:
 * what is wrong and what helps". */
int escalate_read(const char *path, escalate_sink *sink, void *ctx, struct err *err);

/* Weights as `weir train judge` writes them: lines JUDGE_WEIGHT(NAME, value).  What is
 * not named is 0, but one must be.  -1 with "FILE:LINE: what". */
int escalate_read_weights(const char *path, double *ret, struct err *err);

#endif
