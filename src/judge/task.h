/* task.h -- does this task end in an answer that can be compared, and of which kind?
 *
 * Read from the request's own words and members: a format that was asked for, choices
 * that are listed, a question for a number, an assertion to complete.  In doubt it is
 * TASK_OPEN: two good letters to a landlord are never equal. */
#ifndef WEIR_JUDGE_TASK_H
#define WEIR_JUDGE_TASK_H

#include "core/str.h"

enum task {
    TASK_OPEN,    /* nothing to compare */
    TASK_NUMBER,  /* "How many apples are left?" */
    TASK_LETTER,  /* choices A, B, C ...: one of them */
    TASK_JSON,    /* a JSON value */
    TASK_LITERAL, /* what code gives: a literal of a programming language */
    TASK_CODE,    /* a program: there must be one, but two are not compared */
    TASK_COUNT
};

struct task_facts {
    enum task task;
    unsigned nchoices; /* of TASK_LETTER: 10 when the last one is J */
};

/* The prompt's task; has_json_format: the request itself asks for JSON. */
struct task_facts task_of(struct str prompt, bool has_json_format);
const char *task_name(enum task t); /* "number", ... */
static inline bool task_is_comparable(enum task t)
{
    return t == TASK_NUMBER || t == TASK_LETTER || t == TASK_JSON || t == TASK_LITERAL;
}

#endif
