/* test_scan_sealed.c -- what providers give their models' thoughts holds nothing back
 * where it stands with a thought; the same bytes elsewhere are read as ever. */
#include "scanning.h"

/* 64 bytes of base64, as signatures are; and one of weir's seals around it. */
#define BYTES "Eq0CCkYIBxgCKkDq7Xc9mZt0Vb3pW1sYhR8nL5uGqJ2kTfA4dC6eOiMvNzUwSgHx"
#define SEAL  "weir1:anthropic-0a1b2c3d:t:12:0:" BYTES

static bool stays(void **state, const char *member)
{
    char body[1024];
    snprintf(body, sizeof body,
             "{\"messages\":[{\"role\":\"assistant\",\"content\":[{%s}]}]}", member);
    struct findings f = found_in(state, body);
    return f.is_undecodable || f.has_media || f.count[TYPE_SECRET] ||
           f.count[TYPE_PASSWORD] || f.count[TYPE_API_KEY];
}

static void signatures_of_thoughts_are_not_read(void **state)
{
    static const char *const members[] = {
        "\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"" BYTES "\"",
        "\"signature\":\"" BYTES "\",\"thinking\":\"hm\",\"type\":\"thinking\"",
        "\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"" SEAL "\"",
        "\"type\":\"redacted_thinking\",\"data\":\"" BYTES "\"",
        "\"type\":\"reasoning\",\"summary\":[],\"encrypted_content\":\"" BYTES "\"",
        "\"type\":\"reasoning.encrypted\",\"data\":\"" SEAL "\"",
        "\"functionCall\":{\"name\":\"f\"},\"thoughtSignature\":\"" BYTES "\"",
        "\"text\":\"hm\",\"thought_signature\":\"" SEAL "\"",
    };
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        if (stays(state, members[i]))
            fail_msg("%s stays", members[i]);
}

static void the_same_elsewhere_is_read(void **state)
{
    static const char *const members[] = {
        "\"type\":\"text\",\"text\":\"api_key = " BYTES "\"",
        "\"type\":\"thinking\",\"thinking\":\"the password is hunter2-hunter2!\","
        "\"signature\":\"" BYTES "\"",
        "\"type\":\"thinking\",\"signature\":\"password: hunter2-hunter2!\"",
        "\"text\":\"x\",\"thoughtSignature\":\"password: hunter2-hunter2!\"",
    };
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        if (!stays(state, members[i]))
            fail_msg("%s leaves", members[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_of_thoughts_are_not_read),
        cmocka_unit_test(the_same_elsewhere_is_read),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
