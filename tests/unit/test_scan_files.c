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
    "see RFC 7230-7235 and\tCNS 11643-1993, too",
    "driver license: GPL-2.0",
    "[fallbacks]: Router::fallback",
    "[v1.2]: crate::Router::fallback2",
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

static const char *const numbers[] = {
    "set(VERSIONS 3.12 3.11 3.10 3.9 3.8 3.7 3.6 3.5 3.4 3.3 3.2 3.1 3.0)",
    "device = 0x10002,\n  driver = 0x10003",
    "KEY_NAV_CHART                  0x280",
    "Zeitnet driver: uPD98402.c was not compiled",
    "https://www.w3.org/Consortium/Patent-Policy-20040205/",
    "CMAKE_Swift_CPPCHECK\nSwift 5.9 COMPILER\nif(CMAKE_Swift_LANGUAGE_VERSION)",
    "use sentence case for X509 error codes",
};
static const struct row numbers_told[] = {
    {"card 4539 1204 7758 8121", "4539 1204 7758 8121", ACTION_LOCAL},
    {"card 4539.1204.7758.8121", "4539.1204.7758.8121", ACTION_LOCAL},
    {"SWIFT: DEUTDEFF500", "DEUTDEFF500", ACTION_LOCAL},
    {"driver no. 44719203", "44719203", ACTION_LOCAL},
    {"health insurance policy number 20040205", "20040205", ACTION_LOCAL},
};

static void numbers_of_programs_are_nobodys(void **state)
{
    CHECK_CLEAR(numbers);
    CHECK_ROWS(numbers_told);
}

static const char *const spoken[] = {
    "Token = namedtuple(\"Token\", \"kind text line column\")",
    "TokenInfo = collections.namedtuple('TokenInfo', 'type string start end line')",
    "The --username and --password options are passed to svn",
    ":param password: Unicode password.",
    "  * Don't pass \"-Zbzip2 -z9\" to dpkg-deb",
    "my @proxy_user_vars = qw/proxy_user proxy_pass/;",
    "{\"scripts\": {\"test:node20\": \"node --test test\"}}",
    "- session: avoid printing misleading debug messages",
    "AddressSanitizerPass(const AddressSanitizerOptions &Options)",
    "std::vector<Pass *> ImmutablePasses; std::map<int, int> m;",
    "must be assigned a number (e.g. `DEP0012`)",
    "=item B<pass>\n\n=item B<fail>\n",
};
static const struct row spoken_told[] = {
    {"mysql --user and1 --password Brg7Kx92mQ", "Brg7Kx92mQ", ACTION_LOCAL},
    {"svn co --password korallenriff url", "korallenriff", ACTION_LOCAL},
    {"pass: -Zbzip2z9Q", "-Zbzip2z9Q", ACTION_LOCAL},
    {"admin:Brg7Kx92mQ", "Brg7Kx92mQ", ACTION_LOCAL},
    {"login(\"mara\", \"Brg7Kx92mQ\")", "Brg7Kx92mQ", ACTION_LOCAL},
    {"x<password>Brg7Kx92mQ</password>", "Brg7Kx92mQ", ACTION_LOCAL},
    {"secret: walnut copper basin velvet", "walnut copper basin velvet", ACTION_LOCAL},
};

static void sentences_and_types_give_no_password(void **state)
{
    CHECK_CLEAR(spoken);
    CHECK_ROWS(spoken_told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_programs_are_no_tables),
        cmocka_unit_test(forms_that_say_what_they_are_hide_nothing),
        cmocka_unit_test(numbers_of_programs_are_nobodys),
        cmocka_unit_test(sentences_and_types_give_no_password),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
