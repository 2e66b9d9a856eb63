/* pair.h -- two answers to one request are shown to a model that says which is better.
 *
 * A judge prefers what stands first, or second, more often than not.  So it is asked
 * twice, with the two in both orders, and one that names another answer in the other
 * order has named none. */
#ifndef WEIR_JUDGE_PAIR_H
#define WEIR_JUDGE_PAIR_H

#include "core/buf.h"

enum pair_verdict {
    PAIR_UNKNOWN, /* the judge named neither, or did not answer */
    PAIR_FIRST,
    PAIR_SECOND,
    PAIR_TIE
};
const char *pair_verdict_name(enum pair_verdict v); /* "first", "second", ... */

/* The system's words: what is judged, and how the verdict is written.  Static. */
struct str pair_instructions(void);
/* Appends the user's words: the request and the two answers, called A and B. */
void pair_question(struct str request, struct str a, struct str b, struct buf *out);
/* What the judge said of A and B: PAIR_FIRST is A.  Its last line with a verdict counts,
 * else an answer that is a verdict alone. */
enum pair_verdict pair_read(struct str answer);
/* Of both orders: `there` was asked with the first answer as A, `back` as B.  Two
 * verdicts that contradict each other are a tie, as is one tie beside a winner; with one
 * order unknown nothing is known. */
enum pair_verdict pair_of_both(enum pair_verdict there, enum pair_verdict back);

#endif
