/* facts_loaded.h -- the facts that weir carries, for a group of tests: its set-up and
 * tear-down.  *state is the struct facts. */
#ifndef WEIR_TEST_FACTS_LOADED_H
#define WEIR_TEST_FACTS_LOADED_H

#include "facts/facts.h"

#include <setjmp.h>
#include <stdarg.h>

/* cmocka.h wants what stands above */
#include <cmocka.h>

static inline int load(void **state)
{
    static struct facts f;
    struct err err;
    if (facts_load(&f, NULL, &err) < 0) {
        print_error("%s\n", err.msg);
        return -1;
    }
    *state = &f;
    return 0;
}

static inline int unload(void **state)
{
    facts_release(*state);
    return 0;
}

#endif
