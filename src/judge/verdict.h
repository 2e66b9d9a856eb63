/* verdict.h -- asking a model whether an answer is good, and understanding its reply. */
#ifndef WEIR_JUDGE_VERDICT_H
#define WEIR_JUDGE_VERDICT_H

#include "core/buf.h"

/* Appends what to ask a judge model: one user message of plain text.  Question and answer
 * are cut in the middle to at most max_bytes each (0: 6,000), and stand between marks
 * that they cannot contain, so that what they say is read and not obeyed. */
void verdict_ask(struct str question, struct str answer, size_t max_bytes,
                 struct buf *out);

/* What the reply means, 0 (bad) to 1 (good): "0.8", "8/10", "80 %", "Score: 0.8",
 * {"score":0.8}, "Verdict: good", in any case, with words around it and thoughts before
 * it.  NAN: no verdict, also where it says two that differ. */
double verdict_read(struct str reply);

#endif
