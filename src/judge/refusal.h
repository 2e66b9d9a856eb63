/* refusal.h -- is the gist of an answer that there will be none? */
#ifndef WEIR_JUDGE_REFUSAL_H
#define WEIR_JUDGE_REFUSAL_H

#include "core/str.h"

/* The words that refuse, when the answer opens with them and says little else; p ==
 * NULL: it does not refuse.  Words inside quotes and code do not count, nor does a
 * long answer that goes on after them. */
struct str refusal_in(struct str text);

#endif
