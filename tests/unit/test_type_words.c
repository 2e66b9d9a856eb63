/* test_type_words.c -- each type of value and each group has words for one and for many,
 * and no two types have the same. */
#include "config/type_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void expect(const char *name, uint64_t n, const char *want)
{
    char got[GUARD_WORDS];
    guard_type_words(str_of(name), n, got);
    assert_string_equal(got, want);
}

static void each_has_words_for_one_and_many(void **state)
{
    char all[GUARD_NTYPES][GUARD_WORDS], many[GUARD_WORDS];
    (void)state;
    for (int t = 0; t < GUARD_NTYPES; t++) {
        struct str name = str_of(guard_type_name((enum guard_type)t));
        guard_type_words(name, 1, all[t]);
        guard_type_words(name, 2, many);
        assert_string_not_equal(all[t], many);
        assert_null(strpbrk(all[t], "|*_"));
        assert_null(strpbrk(many, "|*_"));
    }
    for (int g = 0; g < GUARD_NGROUPS; g++) {
        struct str name = str_of(guard_group_name((enum guard_group)g));
        char one[GUARD_WORDS];
        guard_group_words(name, 1, one);
        guard_group_words(name, 0, many);
        assert_string_not_equal(one, many);
    }
}

static void words_are_as_people_say_them(void **state)
{
    (void)state;
    expect("PERSON", 1, "name of a person");
    expect("PERSON", 2, "names of persons");
    expect("US_SSN", 1, "social security number (US)");
    expect("US_SSN", 0, "social security numbers (US)");
    expect("EMAIL", 3, "e-mail addresses");
    expect("national_id", 1, "national identity number");
    expect("clinical", 2, "clinical texts about persons");
}

static void what_nobody_knows_is_itself(void **state)
{
    (void)state;
    expect("OF_A_NEWER_Weir", 2, "of a newer weir");
    expect("", 1, "");
    expect(
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        1, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_has_words_for_one_and_many),
        cmocka_unit_test(words_are_as_people_say_them),
        cmocka_unit_test(what_nobody_knows_is_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
