/* asked.h -- what a prompt's own form gives away; inside this folder only. */
#ifndef WEIR_JUDGE_ASKED_H
#define WEIR_JUDGE_ASKED_H

#include "core/str.h"

/* Is a sum asked for?  "What is 17 * 23?", "what's twelve plus five", "15 % of 80 =",
 * "Was ist 7 mal 8?", "3 + 4".  The sum must be all that is asked: it ends its sentence.
 * A lone "24/7" or "3-5", with no blanks around the sign, is none: that may be a date or
 * a span. */
bool asked_sum(struct str prompt);

/* How many choices A, B, C ... are listed, each on a line of its own or in one line:
 * "A. x", "(a) x", "B) x".  0 when there is no such list.  Small letters, dots within a
 * line and lists of two in one line count only behind a question for one of them: else
 * they may be the parts of an exercise, or a list in prose. */
unsigned asked_choices(struct str prompt);

#endif
