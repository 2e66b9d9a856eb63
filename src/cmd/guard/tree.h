/* tree.h -- the files under a folder, for `weir scan --dir`. */
#ifndef WEIR_CMD_GUARD_TREE_H
#define WEIR_CMD_GUARD_TREE_H

#include <stddef.h>

struct tree {
    char **path; /* owned */
    size_t n, cap;
    size_t nlost; /* names under it that could not be followed or listed */
};

/* All files, also those that links name; not what is under .git. */
void tree_walk(struct tree *t, const char *dir);
/* Nobody has looked into it: the sum says so. */
void tree_lose(struct tree *t, const char *path, const char *why);
void tree_release(struct tree *t);

#endif
