/* compare.h -- two answers to one request: which is better, by what needs no opinion.
 *
 * Asked in this order, and the first that knows decides:
 *
 *     rules      one answer surely breaks a rule of judge/ (empty, a refusal, cut off,
 *                no JSON where JSON was asked for, a schema that does not fit, a call to
 *                no offered tool, in circles, no final answer) and the other breaks none;
 *                both break one: neither is good
 *     same-call  both call the same tools with the same arguments
 *     same       the same text; the same JSON; final answers that mean the same
 *     code       code in the same language that is whole in one and broken in the other
 *                (code.h)
 *
 * What differs otherwise is not decided here: two final answers that differ say that one
 * is wrong and not which.  Pure. */
#ifndef WEIR_PILOT_COMPARE_H
#define WEIR_PILOT_COMPARE_H

#include "judge/judge.h"
#include "pilot/book.h"

/* From this weight on a rule's finding is sure. */
#define PILOT_SURE 0.8

struct pilot_compared {
    enum pilot_check check; /* PILOT_UNKNOWN: none of the above knows */
    int better;             /* 1: the first, -1: the second, 0: neither */
    unsigned task;
};

/* 0; -1: the arena is full. */
int pilot_compare(const struct judge_question *q, const struct judge_answer *first,
                  const struct judge_answer *second, struct arena *arena,
                  struct pilot_compared *ret);

#endif
