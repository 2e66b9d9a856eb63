/* test_tool_names.c -- a tool that is called as a person may be is no person where its
 * name stands; elsewhere, and where no such tool is declared, nothing changes. */
#include "scanning.h"

#define BASH "{\"name\":\"Bash\",\"input_schema\":{\"type\":\"object\"}}"

static unsigned persons_in(void **state, const char *json)
{
    return found_in(state, json).count[TYPE_PERSON];
}

static void a_declared_tool_is_no_person(void **state)
{
    static const char *const clear[] = {
        "{\"tools\":[" BASH "]}",
        "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\","
        "\"name\":\"Bash\",\"input\":{}}]}],\"tools\":[" BASH "]}",
        "{\"tools\":[{\"type\":\"function\",\"function\":" BASH "}],"
        "\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"Bash\"}}}",
        "{\"tools\":[{\"functionDeclarations\":[" BASH "]}],\"toolConfig\":{"
        "\"functionCallingConfig\":{\"allowedFunctionNames\":[\"Bash\"]}}}",
        "{\"functions\":[" BASH "]}",
        "{\"messages\":[{\"role\":\"tool\",\"tool_name\":\"Bash\"}],\"tools\":[" BASH
        "]}",
        "{\"messages\":[{\"role\":\"tool\",\"tool_name\":\"lookup\"}]}",
    };
    for (size_t i = 0; i < ARRAY_LEN(clear); i++)
        if (persons_in(state, clear[i]) != 0)
            fail_msg("a person in %s", clear[i]);
}

static void others_are_seen_as_ever(void **state)
{
    static const char *const seen[] = {
        "{\"name\":\"Bash\"}",
        "{\"user\":{\"name\":\"Maria\"},\"tools\":[" BASH "]}",
        "{\"tools\":[{\"name\":\"Maria Schmidt\"}]}",
        "{\"tools\":[{\"parameters\":{\"name\":\"Bash\"}}]}",
        "{\"x\":{\"tools\":[" BASH "]}}",
        "{\"tools\":[" BASH "],\"employee\":\"Maria Schmidt\"}",
    };
    for (size_t i = 0; i < ARRAY_LEN(seen); i++)
        if (persons_in(state, seen[i]) == 0)
            fail_msg("no person in %s", seen[i]);
}

/* A name of a tool may hold what is no person's name. */
static void a_secret_stays_one(void **state)
{
    struct findings f =
        found_in(state, "{\"tools\":[{\"name\":\"AKIAIOSFODNN7EXAMPL2\"}]}");
    unsigned n = 0;
    for (size_t i = 0; i < GUARD_NTYPES; i++)
        n += f.count[i];
    assert_true(n > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_declared_tool_is_no_person),
        cmocka_unit_test(others_are_seen_as_ever),
        cmocka_unit_test(a_secret_stays_one),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
