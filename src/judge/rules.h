/* rules.h -- what the rules share; inside this folder only. */
#ifndef WEIR_JUDGE_RULES_H
#define WEIR_JUDGE_RULES_H

#include "judge/judge.h"
#include "judge/sums.h"

/* Adds a finding, the weightiest first; the least of too many is dropped. */
void rules_add(struct judge_findings *f, enum judge_rule rule, double weight,
               struct str detail);
/* The calls of an answer, against the tools that were offered. */
void rules_calls(const struct judge_question *q, const struct judge_answer *a,
                 struct arena *arena, struct judge_findings *f);
/* Like judge_rules(), and what its task and its sums were. */
int rules_run(const struct judge_question *q, const struct judge_answer *a,
              struct arena *arena, struct judge_findings *ret,
              struct task_facts *ret_task, struct sums *ret_sums);

#endif
