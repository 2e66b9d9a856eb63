/* plausible.h -- is this string somebody's secret, or the example of a manual? */
#ifndef WEIR_SCAN_FIND_PLAUSIBLE_H
#define WEIR_SCAN_FIND_PLAUSIBLE_H

#include "core/str.h"

/* xxxx, EXAMPLE, <your key>, ${VAR}, ****, 00000: stands for a value, is none. */
bool is_placeholder(struct str s);
/* "stored?", "expired?**": the last word of a question. */
bool ends_question(struct str s);
/* Six characters in the order of the alphabet or the digits, or against it, or one and
 * the same: a person typed them. */
bool is_typed(struct str s);
/* What follows it at text[end] says that the value goes on: dots, stars, crosses. */
bool is_elided(struct str text, size_t end);
/* Shannon's, in bits per character. */
double entropy_of(struct str s);
size_t count_digits(struct str s);
/* A plain identifier, path or call of a program: config.password, getenv("X"). */
bool is_expression(struct str s);

#endif
