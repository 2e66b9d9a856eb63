/* pattern.h -- what must stand in a text: some words, or a regular expression.
 *
 * Expressions are PCRE2's.  How much one may take, to be read and to be looked for, is
 * bounded: a script is somebody's file, and one line of it must not take all memory. */
#ifndef WEIR_SIM_PATTERN_H
#define WEIR_SIM_PATTERN_H

#include "core/err.h"
#include "core/str.h"

enum { SIM_MAX_CAPTURES = 9 };

struct sim_pattern {
    struct str text; /* p == NULL: none; else words, or "/an expression/" */
    void *code;      /* NULL: words */
    uint32_t groups; /* that the expression catches */
};

/* What was caught of a text; texts[0] is not used. */
struct sim_caught {
    struct str texts[SIM_MAX_CAPTURES + 1];
    size_t n;
};

/* Reads p->text, which `name` of a rule holds.  -1: ERR_BAD_REQUEST "bad_script".
 * sim_pattern_release() frees the rest, also after -1. */
int sim_pattern_compile(struct sim_pattern *p, const char *name, struct err *err);
void sim_pattern_release(struct sim_pattern *p);
/* Is it in the text?  1, and what it caught is appended, as parts of the text; 0; or -1:
 * no memory, or it takes too long ("bad_script"). */
int sim_pattern_find(const struct sim_pattern *p, struct str in,
                     struct sim_caught *caught, struct err *err);

#endif
