/* normal.h -- a final answer in the form that is compared; inside this folder only. */
#ifndef WEIR_JUDGE_NORMAL_H
#define WEIR_JUDGE_NORMAL_H

#include "core/arena.h"

/* The number that s is as a whole: signs, currency, units in LaTeX, separators of
 * thousands, fractions (3/4, \frac{3}{4}, 1 1/2), percent signs and exponents apart. */
bool normal_number(struct str s, double *ret);
/* The first (or last) number in s, and where it stands. */
bool normal_first_number(struct str s, struct str *ret);
bool normal_last_number(struct str s, struct str *ret);
/* The last number from two to twenty that is written as an English word. */
bool normal_last_word(struct str s, struct str *ret, double *ret_number);
/* A formula: without blanks, dollars, \left and \right, \text{...}; lower case kept.
 * p == NULL: the arena is full. */
struct str normal_formula(struct str s, struct arena *arena);
/* A literal of a programming language: no blanks outside of strings, one kind of quotes,
 * no comma at the end of a list. */
struct str normal_literal(struct str s, struct arena *arena);

#endif
