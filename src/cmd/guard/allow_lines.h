/* allow_lines.h -- what `weir scan` prints for the file that guard: allow names. */
#ifndef WEIR_CMD_GUARD_ALLOW_LINES_H
#define WEIR_CMD_GUARD_ALLOW_LINES_H

#include "guard/rules.h"

enum { ALLOW_NAME_BYTES = 72 /* "sha256:" and 64 digits, with NUL */ };

/* What such a file calls the value.  False: it has no letter and no digit. */
bool allow_name(struct str value, char ret[ALLOW_NAME_BYTES]);

/* The values that were printed: each is one line, wherever else it stands. */
struct allow_lines {
    char (*name)[ALLOW_NAME_BYTES];
    size_t n, cap;
};
/* A line for each value of this file that must stay, with its kind and place; of what
 * nobody may let go a comment. */
void allow_lines_print(struct allow_lines *a, const struct guard_rules *rules,
                       const char *path, struct str text, const struct span_list *l);
void allow_lines_release(struct allow_lines *a);

#endif
