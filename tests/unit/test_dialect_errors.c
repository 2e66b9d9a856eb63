/* test_dialect_errors.c -- errors in the form of each dialect, and surfaces that it has
 * not.
 */
#include "dialect/dialect.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Clients of APIs that are not served read each error in their own form. */
static void errors_have_the_form_of_each_dialect(void **state)
{
    (void)state;
    static const struct {
        enum dialect_id dialect;
        enum err_kind kind;
        const char *says;
    } rows[] = {
        {DIALECT_ANTHROPIC, ERR_AUTH, "\"type\":\"authentication_error\""},
        {DIALECT_ANTHROPIC, ERR_FORBIDDEN, "\"type\":\"permission_error\""},
        {DIALECT_ANTHROPIC, ERR_NOT_FOUND, "\"type\":\"not_found_error\""},
        {DIALECT_ANTHROPIC, ERR_TOO_LARGE, "\"type\":\"request_too_large\""},
        {DIALECT_ANTHROPIC, ERR_BAD_REQUEST, "\"type\":\"invalid_request_error\""},
        {DIALECT_OLLAMA, ERR_NOT_FOUND, "{\"error\":\"what \\\"it\\\" was\"}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct dialect *d = dialect_get(rows[i].dialect);
        const struct err err = {.kind = rows[i].kind, .msg = "what \"it\" was"};
        struct buf b;
        json_error_t why;
        buf_init(&b, 4096);
        d->encode_error(&err, &b);
        struct str text = buf_view(&b);
        json_t *json = json_loadb(text.p, text.n, 0, &why);
        assert_non_null(json);
        if (str_find(text, str_of(rows[i].says)) < 0 ||
            str_find(text, STR("what \\\"it\\\" was")) < 0)
            fail_msg("%.*s", STR_ARG(text));
        assert_int_equal(dialect_error_status(d, &err), err_http_status(err.kind));
        json_decref(json);
        buf_release(&b);
    }
}

/* What a dialect has no path for is refused, and asks for no memory. */
static void surfaces_without_a_path_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < dialect_count; i++)
        for (enum surface s = SURFACE_CHAT; s < SURFACE_COUNT; s++) {
            struct arena a;
            struct chat chat;
            struct err err = {0};
            if (dialect_path_of(dialect_table[i], s))
                continue;
            arena_init(&a, 4096);
            assert_int_equal(
                dialect_read(dialect_table[i], s, STR("{}"), &a, &chat, &err), -1);
            assert_string_equal(err.code, "unsupported_surface");
            assert_int_equal(a.used_bytes, 0);
            assert_non_null(strstr(err.msg, surface_name(s)));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_have_the_form_of_each_dialect),
        cmocka_unit_test(surfaces_without_a_path_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
