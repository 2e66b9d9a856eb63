/* traits.h -- an answer as numbers, for the score and for who learns its weights. */
#ifndef WEIR_JUDGE_TRAITS_H
#define WEIR_JUDGE_TRAITS_H

#include "judge/judge.h"
#include "judge/sums.h"

/* X(name, group): each moves the log odds by its weight times its value. */
#define JUDGE_FEATURES(X)                                                                \
    X(ALWAYS, OF_PROMPT)    /* 1 */                                                      \
    X(IS_NUMBER, OF_PROMPT) /* the task, else 0 */                                       \
    X(IS_LETTER, OF_PROMPT)                                                              \
    X(IS_LITERAL, OF_PROMPT)                                                             \
    X(NO_OPINION, OF_OPINIONS)    /* comparable, and no other answer to compare */       \
    X(AGREE, OF_OPINIONS)         /* another answer agrees */                            \
    X(AGREE_MORE, OF_OPINIONS)    /* ... so many more, at most 3 */                      \
    X(DISAGREE, OF_OPINIONS)      /* another answer does not agree */                    \
    X(DISAGREE_MORE, OF_OPINIONS) /* ... so many more, at most 3 */                      \
    X(RIVALS, OF_OPINIONS)        /* two that disagree agree with each other */          \
    X(FINAL_MISSING, OF_FINAL)    /* comparable, and it has no final answer */           \
    X(FINAL_FRACTION, OF_FINAL)   /* a number that is not whole */                       \
    X(FINAL_LENGTH, OF_FINAL)     /* log of its bytes / 3, within +-2 */                 \
    X(SUMS_RIGHT, OF_TEXT)        /* log of 1 + how many sums add up */                  \
    X(SUMS_WRONG, OF_TEXT)        /* the same of those that do not */

#define JUDGE_FEATURE_ENUM(name, group) FEATURE_##name,
enum judge_feature { JUDGE_FEATURES(JUDGE_FEATURE_ENUM) FEATURE_COUNT };
enum judge_group {
    OF_PROMPT,
    OF_OPINIONS,
    OF_FINAL,
    OF_TEXT,
    OF_LOGPROBS,
    OF_VERDICT,
    OF_RULES,
    OF_COUNT
};
extern const char *const judge_feature_names[FEATURE_COUNT];
extern const enum judge_group judge_feature_groups[FEATURE_COUNT];

/* What was seen on the way. */
struct judge_seen {
    struct judge_findings findings;
    struct sums sums;
    bool is_comparable;
    unsigned nopinions, nagree, nrivals; /* rivals: the most that agree on another one */
    struct str rival;                    /* what these say */
};

/* Sets v and *seen.  0; -1: the arena is full. */
int judge_features(const struct judge_case *c, struct arena *arena,
                   double v[FEATURE_COUNT], struct judge_seen *seen);

/* The weights in use: data/judge/weights.inc, which `weir train judge` writes. */
extern const double judge_weights[FEATURE_COUNT];
/* judge() with other weights. */
int judge_weighted(const struct judge_case *c, const double weights[FEATURE_COUNT],
                   struct arena *arena, struct judgement *ret);

#endif
