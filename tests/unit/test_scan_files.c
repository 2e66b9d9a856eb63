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

static const char *const forms[] = {
    "#include <pwd.h>\n#include <grp.h>\n",
    "{\"tan\": \"#d2b48c\", \"teal\": \"#008080\"}",
    "$tan: #d2b48c;",
    "fixes a number of defects in OpenSSL: CVE-2016-6304, CVE-2021-44228",
    "see RFC 7230-7235 and CNS 11643-1993",
    "driver license: GPL-2.0",
    "sid: S-1-5-21-3623811015-3361044348-30300820-1013",
    "fastcgi_pass 127.0.0.1:9000;",
    "PASS: gdb.arch/amd64-break-on-asm-line.exp: continue",
    "'iso-8859-6-i': 'iso-8859-6',",
    "The :prop_tgt:`WIN32_EXECUTABLE` property",
    ":type passphrase: :py:data:`bytes`",
    "  * src/chpasswd.c: Create a shadow entry for the account",
    "typedef struct sec_PKCS12SecretBag sec_PKCS12SecretBag;",
    "6E3A 732B 92CF 6634 6773 7AD7",
    "passphrase= password= scmVersion=\nx",
    "const confirmed = await readUserInfo.password('   Again:  ')",
    "  * Fix gpasswd passwd leak (Closes: #1051062, #1051063)",
};
static const struct row forms_told[] = {
    {"PIN: 48264", "48264", ACTION_LOCAL},
    {"TAN: 483920", "483920", ACTION_LOCAL},
    {"password: #d2b48cX9", "#d2b48cX9", ACTION_LOCAL},
    {"RFC: VECJ880326XK4", "VECJ880326XK4", ACTION_LOCAL},
    {"sid=9f3kQ2m7Lx0Ta8Wc41Zb6Rn5", "9f3kQ2m7Lx0Ta8Wc41Zb6Rn5", ACTION_LOCAL},
    {"proxy_pass = Brg7Kx92mQ", "Brg7Kx92mQ", ACTION_LOCAL},
    {"password= Brg7Kx92mQ=", "Brg7Kx92mQ=", ACTION_LOCAL},
    {"password: #1051062x", "#1051062x", ACTION_LOCAL},
    {"driver's license number F4471920", "F4471920", ACTION_LOCAL},
};

static void forms_that_say_what_they_are_hide_nothing(void **state)
{
    CHECK_CLEAR(forms);
    CHECK_ROWS(forms_told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_programs_are_no_tables),
        cmocka_unit_test(forms_that_say_what_they_are_hide_nothing),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
