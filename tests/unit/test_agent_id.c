/* test_agent_id.c -- the ids by which a coding agent names its conversation hold nothing
 * back; what only looks like them is read as ever. */
#include "scan/agent_id.h"
#include "scanning.h"

#define DIGEST "af2f4bcaf81f18fd8a0dd7863a2bbc029e603d619b77ae4b5035cb6b18af8d6d"
#define UUID   "f82f1b47-9797-460c-9db0-a074540a0c0a"

static void ids_are_known_by_all_they_are(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        bool is_one;
    } rows[] = {
        {"user_id",
         "{\"device_id\":\"" DIGEST "\",\"account_uuid\":\"\",\"session_id\":\"" UUID
         "\"}",
         true},
        {"user_id", "{\"session_id\": \"" UUID "\"}", true},
        {"user_id", "{}", true},
        {"user", "{\"session_id\":\"" UUID "\"}", false},
        {"user_id", "{\"session_id\":\"" DIGEST "\"}", false}, /* that may be a secret */
        {"user_id", "{\"session_id\":\"536-22-8726\"}", false},
        {"user_id", "{\"device_id\":\"maria.schmidt@acme-labs.io\"}", false},
        {"user_id", "{\"device_id\":\"" DIGEST "\",\"password\":\"" UUID "\"}", false},
        {"user_id", "{\"session_id\":7}", false},
        {"user_id", "{\"session_id\":\"" UUID "\"} hunter2", false},
        {"user_id", "{\"session_id\":\"" UUID, false},
        {"user_id", UUID, false},
        {"user_id", "", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (agent_id_is(str_of(rows[i].name), str_of(rows[i].text)) != rows[i].is_one)
            fail_msg("%s: %s", rows[i].name, rows[i].text);
}

static void a_body_with_them_is_clear(void **state)
{
    struct findings f =
        found_in(state, "{\"metadata\":{\"user_id\":\"{\\\"device_id\\\":\\\"" DIGEST
                        "\\\",\\\"account_uuid\\\":\\\"\\\",\\\"session_id\\\":\\\"" UUID
                        "\\\"}\"}}");
    assert_int_equal(f.count[TYPE_PASSWORD], 0);
    assert_int_equal(f.count[TYPE_SECRET], 0);
    f = found_in(state, "{\"metadata\":{\"user_id\":\"{\\\"device_id\\\":\\\"" DIGEST
                        "\\\",\\\"session_id\\\":\\\"hunter2-hunter2\\\"}\"}}");
    assert_true(f.count[TYPE_PASSWORD] + f.count[TYPE_SECRET] > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_known_by_all_they_are),
        cmocka_unit_test(a_body_with_them_is_clear),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
