/* scanning.h -- a scanner as a test's state, and what it sees in a text. */
#ifndef WEIR_TESTS_SCANNING_H
#define WEIR_TESTS_SCANNING_H

#include "scan/scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static inline int open_scanner(void **state)
{
    struct err err = {0};
    *state = scanner_create(&err);
    return *state ? 0 : -1;
}

static inline int close_scanner(void **state)
{
    scanner_free(*state);
    return 0;
}

static inline struct span_list scan(void **state, const char *text)
{
    struct span_list l = {0};
    struct err err = {0};
    assert_int_equal(guard_scan_text(*state, str_of(text), &l, &err), 0);
    return l;
}

/* The first span of the type, as text; "" when there is none. */
static inline void expect(void **state, const char *text, enum guard_type type,
                          const char *want)
{
    struct span_list l = scan(state, text);
    struct str seen = STR("");
    for (size_t i = 0; i < l.n && seen.n == 0; i++)
        if (l.v[i].type == type)
            seen = (struct str){text + l.v[i].start, l.v[i].end - l.v[i].start};
    if (!str_eqz(seen, want))
        fail_msg("%s in \"%s\": saw \"%.*s\", not \"%s\"", guard_type_name(type), text,
                 STR_ARG(seen), want);
    span_list_release(&l);
}

/* What a body has. */
static inline struct findings found_in(void **state, const char *json)
{
    struct body_scan b = {0};
    struct err err = {0};
    assert_int_equal(guard_scan_body(*state, str_of(json), &b, &err), 0);
    struct findings f = b.found;
    body_scan_release(&b);
    return f;
}

#endif
