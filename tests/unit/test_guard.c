/* test_guard.c -- labels only rise, and a clearance is for one body. */
#include "guard/guard.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct {
    enum sensitivity header, key, fallback, want;
    const char *name, *source;
} rows[] = {
    {0, 0, 0, SENSITIVITY_PUBLIC, "unlabelled", "default"},
    {0, 0, SENSITIVITY_PUBLIC, SENSITIVITY_PUBLIC, "unlabelled", "default"},
    {SENSITIVITY_PUBLIC, 0, SENSITIVITY_PUBLIC, SENSITIVITY_PUBLIC, "public", "header"},
    {SENSITIVITY_CONFIDENTIAL, 0, 0, SENSITIVITY_CONFIDENTIAL, "confidential", "header"},
    {0, SENSITIVITY_INTERNAL, 0, SENSITIVITY_INTERNAL, "internal", "key"},
    {SENSITIVITY_PUBLIC, SENSITIVITY_INTERNAL, 0, SENSITIVITY_INTERNAL, "internal",
     "key"},
    {SENSITIVITY_CONFIDENTIAL, SENSITIVITY_INTERNAL, 0, SENSITIVITY_CONFIDENTIAL,
     "confidential", "header"},
    {0, 0, SENSITIVITY_INTERNAL, SENSITIVITY_INTERNAL, "unlabelled", "default"},
    {SENSITIVITY_PUBLIC, 0, SENSITIVITY_CONFIDENTIAL, SENSITIVITY_CONFIDENTIAL,
     "confidential", "default"},
};

static void the_highest_declaration_wins(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct label_inputs in = {rows[i].header, rows[i].key, rows[i].fallback};
        struct label l = guard_label(&in);
        assert_int_equal(l.effective, rows[i].want);
        assert_string_equal(label_name(&l), rows[i].name);
        assert_string_equal(l.source, rows[i].source);
    }
}

static void only_public_gets_a_clearance_and_for_its_own_body(void **state)
{
    (void)state;
    struct arena a;
    struct err err = {0};
    struct chat chat = {.body = STR("{\"a\":1}")}, other = {.body = STR("{\"b\":1}")};
    struct label open = {.effective = SENSITIVITY_PUBLIC, .source = "default"};
    struct label held = {.effective = SENSITIVITY_INTERNAL, .source = "key"};
    arena_init(&a, 4096);
    const struct clearance *c = guard_clear(&open, &chat, &a, &err);
    assert_non_null(c);
    assert_true(clearance_covers(c, &chat));
    assert_false(clearance_covers(c, &other));
    assert_false(clearance_covers(NULL, &chat));
    assert_null(guard_clear(&held, &chat, &a, &err));
    assert_string_equal(err.code, "label_stays_local");
    assert_int_equal(err.kind, ERR_FORBIDDEN);
    arena_reset(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_highest_declaration_wins),
        cmocka_unit_test(only_public_gets_a_clearance_and_for_its_own_body),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
