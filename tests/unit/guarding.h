/* guarding.h -- the default rules, and sessions, for all tests of a suite. */
#ifndef WEIR_TESTS_GUARDING_H
#define WEIR_TESTS_GUARDING_H

#include "guard/screen.h"

static struct guard_rules *rules;
static struct sessions *sessions;

static inline int set_up(void **state)
{
    struct err err = {0};
    (void)state;
    rules = guard_rules_create(NULL, &err);
    sessions = sessions_create(&sessions_default_limits, &err);
    return rules && sessions ? 0 : -1;
}

static inline int tear_down(void **state)
{
    (void)state;
    guard_rules_free(rules);
    sessions_free(sessions);
    return 0;
}

#endif
