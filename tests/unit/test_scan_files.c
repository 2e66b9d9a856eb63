/* test_scan_files.c -- whole files of programs, configuration and documentation: what has
 * the form of a secret there and is none, and beside each kind what is one. */
#include "rows.h"

static const char *const tables[] = {
    "class ReadError(TarError, OSError): pass\n"
    "class StreamError(TarError, OSError): pass\n",
    "passwd:         files systemd\ngroup:          files systemd\n",
    "#define LN_challengePassword    \"challengePassword\"\n"
    "#define NID_challengePassword   54\n",
};
static const struct row tables_told[] = {
    {"user (old, new),password\nmara,Brg7Kx92mQ\n", "Brg7Kx92mQ", ACTION_LOCAL},
    {"user:  password:\nmara   Brg7Kx92mQ\n", "Brg7Kx92mQ", ACTION_LOCAL},
};

/* Half a bracket is cut out of a program, and a column's head is no label of its row. */
static void lines_of_programs_are_no_tables(void **state)
{
    CHECK_CLEAR(tables);
    CHECK_ROWS(tables_told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_programs_are_no_tables),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
