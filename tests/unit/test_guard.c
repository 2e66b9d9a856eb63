/* test_guard.c -- labels only rise, and say who raised them. */
#include "guard/guard.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define PUBLIC   SENSITIVITY_PUBLIC
#define INTERNAL SENSITIVITY_INTERNAL
#define SECRET   SENSITIVITY_CONFIDENTIAL

static const struct {
    struct label_inputs in;
    enum sensitivity want;
    const char *name, *words;
} rows[] = {
    {{0}, PUBLIC, "unlabelled", "unlabelled, public by default"},
    {{.fallback = PUBLIC}, PUBLIC, "unlabelled", "unlabelled, public by default"},
    {{.header = PUBLIC, .fallback = PUBLIC}, PUBLIC, "public", "public (header)"},
    {{.header = SECRET}, SECRET, "confidential", "confidential (header)"},
    {{.key = INTERNAL}, INTERNAL, "internal", "internal (key)"},
    {{.header = PUBLIC, .key = INTERNAL}, INTERNAL, "internal", "internal (key)"},
    {{.header = SECRET, .key = INTERNAL},
     SECRET,
     "confidential",
     "confidential (header)"},
    {{.fallback = INTERNAL}, INTERNAL, "unlabelled", "unlabelled, internal by default"},
    {{.header = PUBLIC, .fallback = SECRET},
     SECRET,
     "confidential",
     "confidential (default)"},
    {{.session = SECRET}, SECRET, "confidential", "confidential (session)"},
    {{.header = PUBLIC, .found = SECRET, .found_why = "secret"},
     SECRET,
     "confidential",
     "confidential (scan: secret)"},
    {{.header = SECRET, .found = SECRET, .found_why = "secret"},
     SECRET,
     "confidential",
     "confidential (header)"},
    {{.fallback = SECRET, .found = SECRET, .found_why = "secret"},
     SECRET,
     "confidential",
     "confidential (scan: secret)"},
    {{.session = INTERNAL, .found = SECRET},
     SECRET,
     "confidential",
     "confidential (scan)"},
    {{.key = INTERNAL, .session = PUBLIC, .found = PUBLIC},
     INTERNAL,
     "internal",
     "internal (key)"},
};

static void the_highest_wins_and_is_named(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 64 * 1024);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct label l = guard_label(&rows[i].in);
        assert_int_equal(l.effective, rows[i].want);
        assert_string_equal(label_name(&l), rows[i].name);
        assert_string_equal(label_words(&l, &a).p, rows[i].words);
    }
    arena_reset(&a);
}

/* Whatever stands beside it, no input lowers what another one says. */
static void no_input_lowers_another(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4 * 4 * 4 * 4 * 4; i++) {
        const struct label_inputs in = {
            .header = (enum sensitivity)(i % 4),
            .key = (enum sensitivity)(i / 4 % 4),
            .fallback = (enum sensitivity)(i / 16 % 4),
            .session = (enum sensitivity)(i / 64 % 4),
            .found = (enum sensitivity)(i / 256 % 4),
        };
        enum sensitivity l = guard_label(&in).effective;
        assert_true(l >= PUBLIC);
        assert_true(l >= in.header && l >= in.key && l >= in.fallback);
        assert_true(l >= in.session && l >= in.found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_highest_wins_and_is_named),
        cmocka_unit_test(no_input_lowers_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
