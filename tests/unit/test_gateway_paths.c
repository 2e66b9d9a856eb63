/* test_gateway_paths.c -- which path means what, who may ask, and what is said of
 * another. */
#include "gateway/paths.h"

#include "gateway/pages.h"

#include "gateway_world.h"

static const struct page_table *const pages = &world_pages;

static struct http_head head_of(const char *method, const char *target)
{
    return (struct http_head){.method = str_of(method), .target = str_of(target)};
}

static void each_path_has_its_page_and_its_access(void **state)
{
    (void)state;
    static const struct {
        const char *method, *target;
        page_fn *page; /* NULL: a model answers */
        enum access access;
        const char *name;
    } rows[] = {
        {"POST", "/v1/chat/completions", NULL, ACCESS_KEY, ""},
        {"POST", "/v1/chat/completions/", NULL, ACCESS_KEY, ""},
        {"POST", "/v1/chat/completions?x=1", NULL, ACCESS_KEY, ""},
        {"GET", "/v1/models", page_models, ACCESS_KEY, ""},
        {"HEAD", "/v1/models", page_models, ACCESS_KEY, ""},
        {"GET", "/v1/models/a/b", page_model, ACCESS_KEY, "a/b"},
        {"GET", "/v1/models/a%2Fb?x", page_model, ACCESS_KEY, "a%2Fb"},
        {"GET", "/health", page_health, ACCESS_OPEN, ""},
        {"HEAD", "/health/", page_health, ACCESS_OPEN, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct path_found found = {0};
        struct err err = {0};
        struct http_head head = head_of(rows[i].method, rows[i].target);
        if (path_find(pages, &head, &found, &err) < 0)
            fail_msg("%s: %s", rows[i].target, err.msg);
        assert_true(found.page == rows[i].page);
        assert_int_equal(found.access, rows[i].access);
        assert_string_equal_n(found.name, rows[i].name);
        assert_non_null(found.dialect);
        assert_non_null(found.path);
    }
    assert_int_equal(path_preflight().access, ACCESS_OPEN);
}

static void what_is_not_served_is_refused_with_a_remedy(void **state)
{
    (void)state;
    static const struct {
        const char *method, *target, *code, *says;
        const char *allow; /* "": not one of ours */
    } rows[] = {
        {"GET", "/v1/chat/completions", "method_not_allowed",
         "/v1/chat/completions takes POST", "allow: POST\r\n"},
        {"POST", "/health", "method_not_allowed", "/health takes GET",
         "allow: GET, HEAD\r\n"},
        {"DELETE", "/v1/models/a", "method_not_allowed", "takes GET",
         "allow: GET, HEAD\r\n"},
        {"POST", "/V1/Chat/Completions", "unknown_path", "write '/v1/chat/completions'",
         ""},
        {"POST", "//v1///chat//completions", "unknown_path",
         "write '/v1/chat/completions'", ""},
        {"POST", "/v1/%63hat/completion%73", "unknown_path",
         "write '/v1/chat/completions'", ""},
        {"POST", "/v1/%4dodels/a", "unknown_path", "write '/v1/models/{model}'", ""},
        {"GET", "/Health//", "unknown_path", "write '/health'", ""},
        {"POST", "/v1/chat/completion%7", "unknown_path", "it serves /v1/", ""},
        {"POST", "/v1/chat/completion%zz", "unknown_path", "it serves /v1/", ""},
        {"POST", "/v1/chat/completionsx", "unknown_path", "it serves /v1/", ""},
        {"POST", "/", "method_not_allowed", "/ takes GET", "allow: GET, HEAD\r\n"},
        {"GET", "", "unknown_path", "weir has no ''; it serves", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct path_found found = {0};
        struct err err = {0};
        struct buf b;
        struct http_head head = head_of(rows[i].method, rows[i].target);
        buf_init(&b, 1024);
        assert_int_equal(path_find(pages, &head, &found, &err), -1);
        assert_string_equal(err.code, rows[i].code);
        if (!strstr(err.msg, rows[i].says))
            fail_msg("%s: %s", rows[i].target, err.msg);
        assert_int_equal(err_http_status(err.kind),
                         strcmp(err.code, "unknown_path") == 0 ? 404 : 405);
        path_write_allow(pages, &head, &b);
        assert_string_equal_n(buf_view(&b), rows[i].allow);
        buf_release(&b);
    }
}

/* Clients of other APIs read in their first error what to change; the operator's page is
 * no answer to a stranger's question. */
static void other_apis_are_told_what_to_change(void **state)
{
    (void)state;
    size_t nadvised = 0;
    for (size_t d = 0; d < dialect_count; d++)
        for (size_t i = 0; i < dialect_table[d]->nprefixes; i++) {
            const struct dialect_prefix *p = &dialect_table[d]->prefixes[i];
            char target[256];
            struct path_found found = {0};
            struct err err = {0};
            snprintf(target, sizeof target, "%s%snothing-of-the-kind", p->prefix,
                     p->prefix[strlen(p->prefix) - 1] == '/' ? "" : "/");
            struct http_head head = head_of("POST", target);
            if (!p->advice || path_find(pages, &head, &found, &err) == 0)
                continue;
            nadvised++;
            assert_true(strlen(err.msg) > strlen(target) + 10);
            assert_null(strstr(err.msg, "/v1/label"));
            assert_non_null(path_dialect(&head));
        }
    assert_true(nadvised > 0);
}

static void names_are_unescaped_once(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"a%2Fb", "a/b"}, {"a%2fb%41", "a/bA"}, {"a%252F", "a%2F"}, {"a%", "a%"},
        {"a%2", "a%2"},   {"a%zz", "a%zz"},     {"%4", "%4"},       {"", ""},
    };
    struct arena a;
    arena_init(&a, 4096);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal_n(path_unescape(str_of(rows[i][0]), &a), rows[i][1]);
    a.ceiling_bytes = a.used_bytes;
    while (arena_alloc(&a, 16)) {
    }
    assert_string_equal_n(path_unescape(STR("a-name-of-some-length"), &a), "");
    arena_reset(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_path_has_its_page_and_its_access),
        cmocka_unit_test(what_is_not_served_is_refused_with_a_remedy),
        cmocka_unit_test(other_apis_are_told_what_to_change),
        cmocka_unit_test(names_are_unescaped_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
