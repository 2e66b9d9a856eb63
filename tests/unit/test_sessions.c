/* test_sessions.c -- a session's label rises, ends with it, and is lowered by hand. */
#include "guard/sessions.h"

#include "config/types.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SECRET SENSITIVITY_CONFIDENTIAL

static struct sessions *small(uint32_t max_sessions, uint32_t max_vaults)
{
    const struct sessions_limits limits = {max_sessions, max_vaults};
    struct err err = {0};
    struct sessions *s = sessions_create(&limits, &err);
    assert_non_null(s);
    return s;
}

static void a_label_only_rises(void **state)
{
    (void)state;
    struct sessions *s = small(10, 10);
    assert_int_equal(sessions_look(s, 7, 0).label, SENSITIVITY_UNLABELLED);
    assert_true(sessions_raise(s, 7, SECRET, 1u << GROUP_SECRET, 1));
    assert_true(sessions_raise(s, 7, SENSITIVITY_INTERNAL, 0, 2));
    assert_int_equal(sessions_look(s, 7, 3).label, SECRET);
    assert_int_equal(sessions_look(s, 8, 3).label, SENSITIVITY_UNLABELLED);
    sessions_free(s);
}

static void it_ends_with_the_session(void **state)
{
    (void)state;
    struct sessions *s = small(10, 10);
    assert_true(sessions_raise(s, 7, SECRET, 0, 1000));
    assert_int_equal(sessions_look(s, 7, 1000 + SESSION_IDLE_MS - 1).label, SECRET);
    /* That look was a use: the time begins anew. */
    assert_int_equal(sessions_look(s, 7, 1000 + 2 * SESSION_IDLE_MS - 2).label, SECRET);
    assert_int_equal(sessions_look(s, 7, 1000 + 4 * SESSION_IDLE_MS).label,
                     SENSITIVITY_UNLABELLED);
    assert_int_equal(sessions_count(s).sessions, 0);
    sessions_free(s);
}

static void lowering_accepts_what_was_found_and_no_more(void **state)
{
    (void)state;
    struct sessions *s = small(10, 10);
    assert_false(sessions_lower(s, 7, 0));
    assert_true(sessions_raise(s, 7, SECRET, 1u << GROUP_SECRET, 1));
    assert_true(sessions_lower(s, 7, 2));
    struct session_state now = sessions_look(s, 7, 3);
    assert_int_equal(now.label, SENSITIVITY_UNLABELLED);
    assert_int_equal(now.accepted_groups, 1u << GROUP_SECRET);
    assert_false(sessions_lower(s, 7, 4));
    assert_true(sessions_raise(s, 7, SECRET, 1u << GROUP_IBAN, 5));
    now = sessions_look(s, 7, 6);
    assert_int_equal(now.label, SECRET);
    assert_int_equal(now.accepted_groups, 1u << GROUP_SECRET);
    sessions_free(s);
}

/* A table full of raised sessions must say so: forgetting one would let it leave. */
static void a_full_table_forgets_no_label(void **state)
{
    (void)state;
    struct sessions *s = small(3, 3);
    struct vault *v = sessions_vault(s, 100, STR("k"), 0);
    assert_non_null(v);
    vault_release(v);
    for (uint64_t id = 1; id <= 3; id++)
        assert_true(sessions_raise(s, id, SECRET, 0, id)); /* the third evicts 100 */
    assert_false(sessions_raise(s, 4, SECRET, 0, 10));
    assert_null(sessions_vault(s, 4, STR("k"), 10));
    for (uint64_t id = 1; id <= 3; id++)
        assert_int_equal(sessions_look(s, id, 11).label, SECRET);
    assert_int_equal(sessions_count(s).raised, 3);
    sessions_free(s);
}

static void vaults_are_fewer_and_come_back_with_the_same_tags(void **state)
{
    (void)state;
    struct sessions *s = small(10, 2);
    struct err err = {0};
    struct tag first, again, other;
    struct vault *v = sessions_vault(s, 1, STR("anna"), 0);
    assert_int_equal(
        vault_tag(v, "PERSON", STR("Ann Ray"), false, NULL, NULL, &first, &err), 0);
    vault_release(v);
    for (uint64_t id = 2; id <= 3; id++)
        vault_release(sessions_vault(s, id, STR("anna"), id));
    assert_int_equal(sessions_count(s).vaults, 2);
    assert_null(sessions_find_vault(s, 1));
    v = sessions_vault(s, 1, STR("anna"), 9);
    assert_int_equal(vault_stats(v).entries, 0);
    assert_int_equal(
        vault_tag(v, "PERSON", STR("Ann Ray"), false, NULL, NULL, &again, &err), 0);
    assert_string_equal(first.text, again.text);
    vault_release(v);
    v = sessions_vault(s, 4, STR("bert"), 9);
    assert_int_equal(
        vault_tag(v, "PERSON", STR("Ann Ray"), false, NULL, NULL, &other, &err), 0);
    assert_string_not_equal(first.text, other.text);
    vault_release(v);
    sessions_free(s);
}

static void names_read_back(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "s-",
                                      "s-0123456789abcde",
                                      "s-0123456789abcdeF",
                                      "x-0123456789abcdef",
                                      "s-0123456789abcdef0"};
    char text[SESSION_TEXT_BYTES];
    uint64_t id = 0;
    session_format(UINT64_C(0x0123456789abcdef), text);
    assert_string_equal(text, "s-0123456789abcdef");
    assert_true(session_parse(str_of(text), &id));
    assert_true(id == UINT64_C(0x0123456789abcdef));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(session_parse(str_of(bad[i]), &id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_label_only_rises),
        cmocka_unit_test(it_ends_with_the_session),
        cmocka_unit_test(lowering_accepts_what_was_found_and_no_more),
        cmocka_unit_test(a_full_table_forgets_no_label),
        cmocka_unit_test(vaults_are_fewer_and_come_back_with_the_same_tags),
        cmocka_unit_test(names_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
