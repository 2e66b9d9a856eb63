/* compare_say.h -- what `weir compare` shows: while the answers come, and afterwards. */
#ifndef WEIR_CMD_DECIDE_COMPARE_SAY_H
#define WEIR_CMD_DECIDE_COMPARE_SAY_H

#include "cmd/decide/compare_judge.h"
#include "report/report.h"

/* Shows the newest lines of each answer, in the place of the `drawn` lines that the call
 * before wrote; returns how many lines it wrote.  Takes the lock of the columns. */
size_t compare_say_frame(struct compare_column *columns, size_t n, size_t drawn);
/* Takes those lines away. */
void compare_say_clear(size_t drawn);

/* The answers as they are, in columns, as wide as the terminal or 100 characters. */
void compare_say_columns(const struct compare_column *columns, size_t n);

/* Sections of the report: one row for each model; the labels, where there are any; what
 * the judge said; the answers; and each answer's words beside those of the first one. */
void compare_say_figures(struct report *r, const struct compare_column *columns,
                         size_t n);
void compare_say_labels(struct report *r, const struct compare_column *columns, size_t n);
void compare_say_judged(struct report *r, const struct compare_column *columns, size_t n,
                        const char *judge, const struct compare_judged *judged);
void compare_say_answers(struct report *r, const struct compare_column *columns,
                         size_t n);
void compare_say_differences(struct report *r, const struct compare_column *columns,
                             size_t n);

#endif
