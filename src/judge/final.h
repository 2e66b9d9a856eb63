/* final.h -- the final answer in a text, and whether two of them are the same.
 *
 * Models end their texts in many ways: \boxed{18}, "#### 18", "The answer is **18**.",
 * {"reasoning": ..., "answer": "18"}, or just 18.  All are read; the strongest mark wins,
 * of equal marks the last.  Two finals agree when they mean the same: 1,234.50 and
 * 1234.5, \frac{1}{2} and 1/2 and 0.5, [1, 2] and [1,2], (B) and B. */
#ifndef WEIR_JUDGE_FINAL_H
#define WEIR_JUDGE_FINAL_H

#include "core/arena.h"
#include "judge/task.h"

/* How the text marks it: what is marked better was meant more surely. */
enum final_mark {
    FINAL_NONE,   /* there is none */
    FINAL_GUESS,  /* unmarked: the last number, a letter that stands alone */
    FINAL_SAID,   /* "the answer is", "= 18" at the end, a lone code block */
    FINAL_MARKED, /* boxed, "####", a member "answer", the text is nothing else */
};

struct final {
    enum final_mark mark;
    struct str text; /* as it stands in the answer, without its mark */
    struct str norm; /* in the form that is compared; in the arena */
    bool is_number;  /* then `number` holds it */
    double number;
    /* Another mark in the same text says another answer. */
    bool is_contradicted;
};

/* Finds it.  0; -1: the arena is full. */
int final_find(struct task_facts task, struct str text, struct arena *arena,
               struct final *ret);
/* Do they mean the same?  False when one is FINAL_NONE. */
bool final_agree(const struct final *a, const struct final *b);

enum { FINAL_GROUPS_MOST = 32 };
/* Which of n texts, at most FINAL_GROUPS_MOST, end in the same: 1, 2, ... in ret; 0:
 * nobody can say, as the text states no final answer (a guess is none), is NULL, or the
 * task has no answer that can be compared.  0; -1: the arena is full. */
int final_groups(struct task_facts task, const struct str *texts, size_t n,
                 struct arena *arena, int *ret);

#endif
