/* tool_names.h -- names of tools, which may look like names of persons: Bash, Grep. */
#ifndef WEIR_SCAN_TOOL_NAMES_H
#define WEIR_SCAN_TOOL_NAMES_H

#include "core/str.h"

enum { TOOL_NAMES_MOST = 256 };

/* The names are the body's own bytes. */
struct tool_names {
    bool is_read;
    size_t n;
    struct str v[TOOL_NAMES_MOST];
};

static inline void tool_names_init(struct tool_names *t)
{
    t->is_read = false;
    t->n = 0;
}

/* Does this value name a tool?  `member` is the name of its member; the body declares a
 * tool of this name among its own members (`tools`, `functions`).  What is no identifier
 * ("Maria Schmidt") is none, whatever the body says; nor is what comes after the first
 * TOOL_NAMES_MOST.  The body is read when this is asked first. */
bool tool_names_have(struct tool_names *t, struct str body, struct str member,
                     struct str value);

#endif
