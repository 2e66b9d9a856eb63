/* test_gateway_operator.c -- the operator's file and token, and the one order there is.
 */
#include "gateway/operator.h"

#include "gateway_world.h"

#include <unistd.h>

static struct world world;

static int open_world(void **state)
{
    (void)state;
    world_open(&world, world_yaml);
    world.server.port = 4141;
    return 0;
}

static int close_world(void **state)
{
    (void)state;
    world_close(&world);
    return 0;
}

static void path_of(char path[256])
{
    snprintf(path, 256, "%s/operator", (const char *)world.dir);
}

/* The file's two lines; false: there is no file. */
static bool read_file(char address[128], char token[128])
{
    char path[256];
    path_of(path);
    FILE *f = fopen(path, "r");
    if (!f)
        return false;
    bool ok = fscanf(f, "%127s %127s", address, token) == 2;
    fclose(f);
    return ok;
}

static void open_or_fail_operator(void)
{
    struct err err = {0};
    if (operator_open(&world.server, &err) < 0)
        fail_msg("%s", err.msg);
}

/* Where this machine reaches a weir that listens there. */
static void the_file_says_where_weir_is_reached(void **state)
{
    (void)state;
    static const struct {
        const char *listen, *address;
    } rows[] = {
        {"127.0.0.1:4141", "127.0.0.1:4141"}, {"0.0.0.0:4141", "127.0.0.1:4141"},
        {"[::]:4141", "[::1]:4141"},          {"[::1]:4141", "[::1]:4141"},
        {"10.0.0.7:0", "10.0.0.7:4141"},      {":4141", "127.0.0.1:4141"},
        {"4141", "127.0.0.1:4141"},
    };
    char address[128], token[128];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        snprintf(world.server.addresses[0].text, sizeof world.server.addresses[0].text,
                 "%s", rows[i].listen);
        open_or_fail_operator();
        assert_true(read_file(address, token));
        assert_string_equal(address, rows[i].address);
        assert_string_equal(token, world.server.operator_token);
        assert_int_equal(strlen(token), 64);
        operator_close(&world.server);
    }
    snprintf(world.server.addresses[0].text, sizeof world.server.addresses[0].text,
             "127.0.0.1:4141");
}

static void the_file_is_for_its_owner_and_comes_back(void **state)
{
    (void)state;
    char path[256], address[128], token[128], first[128];
    struct stat st;
    path_of(path);
    open_or_fail_operator();
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_true(read_file(address, first));
    /* One that somebody else left in its place is not written into. */
    unlink(path);
    assert_int_equal(symlink("/nonexistent/elsewhere", path), 0);
    operator_tend(&world.server);
    assert_true(read_file(address, token));
    assert_string_equal(token, first);
    assert_int_equal(lstat(path, &st), 0);
    assert_true(S_ISREG(st.st_mode));
    unlink(path);
    operator_tend(&world.server);
    assert_true(read_file(address, token));
    operator_close(&world.server);
    assert_false(read_file(address, token));
    /* Another start has another token. */
    open_or_fail_operator();
    assert_true(read_file(address, token));
    assert_string_not_equal(token, first);
    operator_close(&world.server);
}

static void a_folder_that_cannot_be_written_is_an_error(void **state)
{
    (void)state;
    struct server s = {.setup = world.server.setup, .port = 1};
    struct err err = {0};
    snprintf(s.state_dir, sizeof s.state_dir, "/nonexistent/weir");
    operator_tend(&s); /* no token was drawn: there is nothing to tend */
    operator_close(&s);
    assert_int_equal(operator_open(&s, &err), -1);
    assert_string_equal(err.code, "operator_file");
    assert_non_null(strstr(err.msg, "/nonexistent/weir/operator"));
    operator_tend(&s);
    operator_close(&s);
    memset(s.state_dir, 'a', sizeof s.state_dir - 1);
    assert_int_equal(operator_open(&s, &err), -1);
    assert_string_equal(err.code, "operator_file");
}

static void only_the_token_itself_opens(void **state)
{
    (void)state;
    struct server *s = &world.server;
    char given[256];
    struct err err = {0};
    memset(s->operator_token, 'a', 64);
    static const struct {
        const char *before, *after;
        size_t n; /* of the token's digits */
        bool ok;
    } rows[] = {
        {"Bearer ", "", 64, true},    {"bearer ", "", 64, true},
        {"Bearer   ", " ", 64, true}, {"Bearer ", "", 63, false},
        {"Bearer ", "a", 64, false},  {"Bearer b", "", 63, false},
        {"Basic ", "", 64, false},    {"", "", 64, false},
        {"Bearer", "", 64, false},    {"Bearer ", "", 0, false},
        {"", "", 0, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        snprintf(given, sizeof given, "%s%.*s%s", rows[i].before, (int)rows[i].n,
                 s->operator_token, rows[i].after);
        int rc = operator_check(s, str_of(given), &err);
        if ((rc == 0) != rows[i].ok)
            fail_msg("%s", given);
    }
    assert_string_equal(err.code, "operator_only");
    assert_int_equal(err_http_status(err.kind), 401);
    /* Before a token is drawn nobody is the operator. */
    memset(s->operator_token, 0, sizeof s->operator_token);
    assert_int_equal(operator_check(s, STR("Bearer "), &err), -1);
    assert_int_equal(operator_check(s, STR(""), &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_says_where_weir_is_reached),
        cmocka_unit_test(the_file_is_for_its_owner_and_comes_back),
        cmocka_unit_test(a_folder_that_cannot_be_written_is_an_error),
        cmocka_unit_test(only_the_token_itself_opens),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
