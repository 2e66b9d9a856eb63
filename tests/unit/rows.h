/* rows.h -- texts with a value and what must become of it, as rows of a test. */
#ifndef WEIR_TESTS_ROWS_H
#define WEIR_TESTS_ROWS_H

#include "scanning.h"

struct row {
    const char *text, *value;
    enum action
        least; /* of the text; ACTION_MASK: the value is hidden, or the text held */
};

static inline enum action verdict_of(const struct span_list *l)
{
    struct act_rules rules;
    struct findings f = {0};
    act_rules_init(&rules);
    findings_add(&f, l);
    return guard_act(&f, &rules).action;
}

static inline bool is_held(void **state, const char *text)
{
    struct span_list l = scan(state, text);
    bool held = verdict_of(&l) >= ACTION_LOCAL;
    span_list_release(&l);
    return held;
}

static inline bool hides(const struct span_list *l, struct str text, struct str value)
{
    struct act_rules rules;
    ptrdiff_t at = str_find(text, value);
    act_rules_init(&rules);
    assert_true(at >= 0);
    for (size_t i = (size_t)at; i < (size_t)at + value.n; i++) {
        bool is_told = (text.p[i] >= '0' && text.p[i] <= '9') ||
                       (text.p[i] | 32) >= 'a' || text.p[i] < 0;
        bool covered = !is_told;
        for (size_t k = 0; k < l->n; k++)
            covered |= l->v[k].start <= i && i < l->v[k].end &&
                       guard_act_span(&rules, &l->v[k]) > ACTION_CLEAR;
        if (!covered)
            return false;
    }
    return true;
}

static inline void check_rows(void **state, const struct row *rows, size_t n)
{
    size_t missed = 0;
    for (size_t i = 0; i < n; i++) {
        struct span_list l = scan(state, rows[i].text);
        enum action a = verdict_of(&l);
        bool right = a >= rows[i].least;
        if (rows[i].least == ACTION_MASK && a < ACTION_LOCAL)
            right = hides(&l, str_of(rows[i].text), str_of(rows[i].value));
        if (!right)
            print_message("not seen: %s\n", rows[i].text);
        missed += !right;
        span_list_release(&l);
    }
    assert_int_equal(missed, 0);
}
#define CHECK_ROWS(rows) check_rows(state, rows, ARRAY_LEN(rows))

static inline void check_clear(void **state, const char *const *texts, size_t n)
{
    size_t touched = 0;
    for (size_t i = 0; i < n; i++) {
        struct span_list l = scan(state, texts[i]);
        bool is_clear = verdict_of(&l) == ACTION_CLEAR;
        if (!is_clear)
            print_message("touched: %s\n", texts[i]);
        touched += !is_clear;
        span_list_release(&l);
    }
    assert_int_equal(touched, 0);
}
#define CHECK_CLEAR(texts) check_clear(state, texts, ARRAY_LEN(texts))

#endif
