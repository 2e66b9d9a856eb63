/* repeat.h -- does a text go in circles, as models do that have lost the thread? */
#ifndef WEIR_JUDGE_REPEAT_H
#define WEIR_JUDGE_REPEAT_H

#include "core/str.h"

enum repeat_kind { REPEAT_NONE, REPEAT_TAIL, REPEAT_LINES, REPEAT_PHRASES };
struct repeat {
    enum repeat_kind kind;
    struct str unit; /* what is repeated (of phrases: empty) */
    unsigned times;
};

/* Looks for an end that is one piece again and again, for a line that makes up most of
 * the text, and for phrases most of which have been there before.  Rules, dots and
 * blanks are no text, and what the prompt itself contains was perhaps asked for. */
struct repeat repeat_in(struct str text, struct str prompt);

#endif
