/* book.h -- the pairs of a pilot, and what they say.
 *
 * A pair is one request that the local side and the other one answered.  Where a check
 * says who was better, that counts.  Where none does, a judge is asked, or nobody, and of
 * these pairs a share that was fixed before is drawn for a person to look at.
 *
 * The judge's word is corrected by what people say.  With f the judge's score (0 where
 * there is no judge), y the person's, and k the share that is drawn, such a pair counts
 * as
 *
 *     X = f                 when it was not drawn
 *     X = f + (y - f) / k   when it was
 *
 * whose mean is that of y whatever the judge says: a judge who favours one side, or who
 * guesses, makes the pilot longer and not wrong.  Source: Angelopoulos, Bates, Fannjiang,
 * Jordan and Zrnic, "Prediction-powered inference" (2023), and Zrnic and Candes, "Active
 * statistical inference" (2024), for the weight 1 / k.  X lies within 2/k - 1.
 *
 * Pairs count in the order in which they came: a drawn one that nobody has looked at
 * stops the evidence until somebody has, since to pass over it would count the judge's
 * word where it was not to count.
 *
 * A pair that no check decides and that may not be kept for a person (its request must
 * not be stored) is unknown.  It counts against whatever is to be shown: as lost by the
 * local side for "it is good enough", as won for "it is not".
 *
 * Verdicts: overall at alpha.  Of each task at alpha / PILOT_TASKS (Bonferroni), so that
 * all verdicts of tasks together are right with 1 - alpha.  Pure but for its memory. */
#ifndef WEIR_PILOT_BOOK_H
#define WEIR_PILOT_BOOK_H

#include "judge/task.h"
#include "pilot/evidence.h"

/* What a request was: a task of judge/task.h, or one whose answers call tools. */
enum { PILOT_CALLS = TASK_COUNT, PILOT_TASKS };
const char *pilot_task_name(unsigned task);
/* The task with this name; PILOT_TASKS: none has it. */
unsigned pilot_task_of(struct str name);

/* What decided a pair. */
enum pilot_check {
    PILOT_UNKNOWN, /* nothing, and nobody may look at it */
    PILOT_RULES,   /* one side broke a rule that the other kept, or both did */
    PILOT_SAME,    /* the same text, final answer or JSON */
    PILOT_SAME_CALL,
    PILOT_JUDGED, /* a judge */
    PILOT_ASKED,  /* nothing; a share is looked at by people */
    PILOT_CODE,   /* the code of one side is surely not whole, that of the other is */
    PILOT_CHECKS
};
const char *pilot_check_name(enum pilot_check c);

struct pilot_pair {
    uint64_t at_ms;        /* since 1970 */
    uint64_t question;     /* digests: keyed, so that nobody can guess at texts */
    uint64_t local, other; /* ... of the answers */
    int64_t local_nanousd; /* what the answers cost; -1: unknown */
    int64_t other_nanousd;
    int64_t judge_nanousd; /* what judging cost */
    int32_t local_ttft_ms; /* -1: not measured */
    int32_t other_ttft_ms;
    float score; /* (local good) - (other good), -1 to 1, as decided */
    float label; /* the same, as a person says */
    uint8_t task;
    uint8_t check; /* enum pilot_check */
    bool is_kept;  /* drawn for a person */
    bool has_label;
};

/* What is asked of a pilot. */
struct pilot_bar {
    double margin, alpha;
    double kept; /* share of what no check decides that is drawn; 0: nothing is kept */
};

struct pilot_book {
    struct pilot_bar bar;
    struct pilot_pair *pairs;
    size_t n, cap;
    size_t next; /* the first that does not count yet */
    /* [0] overall, [1 + task] of a task; for accepting and for rejecting. */
    struct evidence *low, *high;
};

/* -1: no memory. */
int pilot_book_init(struct pilot_book *b, const struct pilot_bar *bar);
void pilot_book_release(struct pilot_book *b);
/* Adds a pair, as number b->n - 1, and what may count now counts.  -1: no memory. */
int pilot_book_add(struct pilot_book *b, const struct pilot_pair *p);
/* What a person said of a pair that was drawn; the first word counts.  False: there is no
 * such pair, it was not drawn or has its label. */
bool pilot_book_label(struct pilot_book *b, size_t pair, double label);

/* scope: 0 overall, 1 + task. */
enum verdict_of_pilot pilot_book_verdict(const struct pilot_book *b, size_t scope);
/* How much better the local side is, within what has not been ruled out; *ret_mean is NAN
 * while nothing counts or part of it is unknown. */
void pilot_book_interval(const struct pilot_book *b, size_t scope, double *ret_low,
                         double *ret_high, double *ret_mean);
/* Pairs that count. */
size_t pilot_book_counted(const struct pilot_book *b, size_t scope);

/* X of a drawn pair's judge and person, and the bound of all X. */
double pilot_corrected(double judged, double label, double kept);
double pilot_bound(double kept);

#endif
