/* no_value.h -- what stands where a value would and is none: a placeholder, a variable, a
 * template's reference, a path, an ordinary word.  Inside read/ only. */
#ifndef WEIR_SCAN_READ_NO_VALUE_H
#define WEIR_SCAN_READ_NO_VALUE_H

#include "scan/read/judge.h"

/* `s` is the trimmed value of `g`. */
bool is_no_value(const struct given *g, struct str s);
/* A reference to where the value is: ${X}, $X, %X%, {{ x }}, <x>, op://, vault:x. */
bool is_reference(struct str s, bool is_quoted);
/* "the", "with": makes a sentence of words. */
bool is_function_word(struct str s);

#endif
