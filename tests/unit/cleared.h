/* cleared.h -- a clearance for tests, made the one way there is: by a scan. */
#ifndef WEIR_TESTS_CLEARED_H
#define WEIR_TESTS_CLEARED_H

#include "guard/screen.h"

#include <assert.h>

/* What the default rules say of a body under what its header declares. */
static inline struct screened screened_of(struct str body, enum sensitivity header,
                                          struct arena *a)
{
    static struct guard_rules *rules; /* kept: building one reads every list */
    static struct buf masked;
    struct err err = {0};
    struct screened s;
    if (!rules)
        rules = guard_rules_create(NULL, &err);
    assert(rules);
    const struct screen_input in = {
        .rules = rules, .declared = {.header = header}, .body = body, .is_dry = true};
    buf_release(&masked);
    buf_init(&masked, 1 << 20);
    guard_screen(&in, a, &masked, &s);
    screened_release(&(struct screened){.vault = s.vault});
    s.vault = NULL;
    return s;
}

/* For a chat with nothing to hide; NULL when it is declared to stay. */
static inline const struct clearance *cleared(const struct chat *chat,
                                              enum sensitivity header, struct arena *a)
{
    return screened_of(chat->body, header, a).clearance;
}

#endif
