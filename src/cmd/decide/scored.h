/* scored.h -- what all lines with scores share: a score, and ids that are there once. */
#ifndef WEIR_CMD_DECIDE_SCORED_H
#define WEIR_CMD_DECIDE_SCORED_H

#include "json/scan.h"

/* Each reads the value at the cursor; any other than it says is a problem of the
 * cursor's. Texts are copied into the arena; p == NULL at its ceiling. */
void scored_read_score(struct json_cur *c, double *ret); /* 0 to 1, or true or false */
void scored_read_id(struct json_cur *c, struct arena *a,
                    struct str *ret); /* or a number */
void scored_read_prompt(struct json_cur *c, struct arena *a, struct str *ret);

/* The ids of one file.  = {0} before the first. */
struct id_set {
    struct id_slot *slots; /* owned */
    size_t n, cap;
};
void id_set_release(struct id_set *s);

/* Adds one, which stands in this line (from 1).  -1 when an earlier line has it: *err
 * says which one; or no memory. */
int id_set_add(struct id_set *s, struct str id, size_t line, struct err *err);

#endif
