/* test_scan_written.c -- values written in ways of programs: as codes, as numbers with a
 * point, in columns without blanks. */
#include "scanning.h"

/* Whoever reads the text undoes them: all of a value may be written so. */
static void values_written_as_codes_are_read(void **state)
{
    static const char *const codes[] = {
        "SSN %35%33%36%2d%32%32%2d8726",       "SSN \\x35\\x33\\x36-22-8726",
        "SSN \\065\\063\\066-22-8726",         "SSN \\u{35}\\u{33}\\u{36}-22-8726",
        "SSN \\U00000035\\U000000336-22-8726", "SSN &#53&#51&#54-22-8726",
        "SSN &#0000000053;&#x000033;6-22-8726"};
    static const char *const none[] = {"printf(\"%20d%35s\", 36)",
                                       "C:\\x64\\x86 \\101 \\u{} \\u{110000} \\Uabc",
                                       "&#; &#x; &#99999999;"};
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        struct span_list l = scan(state, codes[i]);
        bool found = false;
        for (size_t k = 0; k < l.n; k++)
            found |= l.v[k].type == TYPE_US_SSN && l.v[k].start == 4 &&
                     l.v[k].end == strlen(codes[i]);
        if (!found)
            fail_msg("not seen whole: %s", codes[i]);
        span_list_release(&l);
    }
    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        struct span_list l = scan(state, none[i]);
        assert_int_equal(l.n, 0);
        span_list_release(&l);
    }
}

/* Mail as it goes over the wire: codes, and lines that are one. */
static void quoted_printable_is_undone(void **state)
{
    static const char head[] = "Content-Transfer-Encoding: quoted-printable\n\n";
    char text[512];
    snprintf(text, sizeof text, "%smy ssn is 536-2=\n2-8726 ok=20=\n", head);
    expect(state, text, TYPE_US_SSN, "536-2=\n2-8726");
    snprintf(text, sizeof text, "%smy ssn is =35=33=36-22-8726", head);
    expect(state, text, TYPE_US_SSN, "=35=33=36-22-8726");
    snprintf(text, sizeof text, "%spassword=3D Tulip=38=38basin=\r\n77", head);
    expect(state, text, TYPE_PASSWORD, "Tulip=38=38basin=\r\n77");
    expect(state, "x =\n  5\nssn 536-2=\n2-8726", TYPE_US_SSN, "");
    expect(state,
           "the card that she gave me for the deposit on Monday =E2=80=93 is 41111=\n"
           "11111111111 =E2=80=93 ok",
           TYPE_CREDIT_CARD, "41111=\n11111111111");
}

/* A number in the column before, with no blank between, hides nothing; a number in
 * thousands is one number. */
static void the_column_behind_a_number_is_read(void **state)
{
    expect(state, "SSN: 536-\n22-8726", TYPE_US_SSN, "536-\n22-8726");
    expect(state, "ssn 536-22-\n   8726 of", TYPE_US_SSN, "536-22-\n   8726");
    expect(state, "id,ssn\n1,536-22-8726\n", TYPE_US_SSN, "536-22-8726");
    expect(state, "7,536-22-8726,x", TYPE_US_SSN, "536-22-8726");
    expect(state, "2,536228726,ssn", TYPE_US_SSN, "536228726");
    expect(state, "12,4111111111111111,2025", TYPE_CREDIT_CARD, "4111111111111111");
    expect(state, "{\"a\":[10,4111111111111111]}", TYPE_CREDIT_CARD, "4111111111111111");
    expect(state, "VALUES (3,4111111111111111)", TYPE_CREDIT_CARD, "4111111111111111");
    expect(state, "1,DE89370400440532013000", TYPE_IBAN, "DE89370400440532013000");
    expect(state, "1,+49 170 1234567", TYPE_PHONE, "+49 170 1234567");
    expect(state, "3,212-736-5000,tel", TYPE_PHONE, "212-736-5000");
    expect(state, "3,(212) 736-5000", TYPE_PHONE, "(212) 736-5000");
    expect(state, "1,234,567,890,123 of 8,336,817", TYPE_PHONE, "");
    expect(state, "ssn 1,536 22 times, 1,536.22", TYPE_US_SSN, "");
    expect(state, "1.4111111111111111", TYPE_CREDIT_CARD, "");
}

/* What programs write for integers in a column of floats, and what they write for floats.
 */
static void decimals_are_no_cards_and_integers_with_a_point_are(void **state)
{
    static const char *const decimals[] = {
        "[0.1, 5.800000000000001, 6.1]", "5.428571428571429, 6.571428571428571",
        "x = 52.68725078511894;",        "{\"v\":[4.050000000000001]}",
        "4111111111111111.05",           "4111111111111111.0.1"};
    expect(state, "id,card\n1,4111111111111111.0\n", TYPE_CREDIT_CARD,
           "4111111111111111");
    expect(state, "[4111111111111111.0, 2]", TYPE_CREDIT_CARD, "4111111111111111");
    expect(state, "4111.1111.1111.1111", TYPE_CREDIT_CARD, "4111.1111.1111.1111");
    expect(state, "ssn 536228726.0", TYPE_US_SSN, "536228726");
    for (size_t i = 0; i < ARRAY_LEN(decimals); i++)
        expect(state, decimals[i], TYPE_CREDIT_CARD, "");
}

static void numbers_with_exponents_are_read_by_their_digits(void **state)
{
    static const char *const cards[] = {
        "4.111111111111111e15",
        "4.111111111111111E15",
        "4.111111111111111e+15",
        "4.111111111111111e015",
        "41111111111111110e-1",
        "41111111111111110.0E-01",
        "0.4111111111111111e16",
        "4111111111111111e0",
        "411111111.1111111e7",
        "4.111111111111111 x 10^15",
        "4.111111111111111*10**15",
        "4.111111111111111 \xC3\x97 10^15",
        "3.78282246310005e14",
        ".4111111111111111e16",
        "4.111111111111111d15",
        "4.111111111111111e+0000000015",
        "0004.111111111111111e15",
        "4111111111111111.00000000000000000000000000000000000000000000000000e0"};
    static const char *const around[][2] = {{"", ""},
                                            {"card ", ", please"},
                                            {"{\"card\":", "}"},
                                            {"[1.5e3,", ",2e9]"},
                                            {"id;card\n7;", ";\n"},
                                            {"id,card\n7,", "\n"},
                                            {"x=", ";"},
                                            {"-", ""}};
    static const char *const none[] = {"4.111111111111112e15",
                                       "4.111111111111111e14",
                                       "4.2e15",
                                       "6.02214076e23",
                                       "4.111111111111111e15.2",
                                       "4.111111111111111e15x",
                                       "v4.111111111111111e15",
                                       "1.4.111111111111111e15",
                                       "4.111111111111111e-15",
                                       "4.111111111111111e9999",
                                       "4.5500000000e15",
                                       "4.111111111111111ee15",
                                       "9.109383713928e-31",
                                       "2.998e8 m/s"};
    char text[128];
    for (size_t i = 0; i < ARRAY_LEN(cards); i++)
        for (size_t k = 0; k < ARRAY_LEN(around); k++) {
            snprintf(text, sizeof text, "%s%s%s", around[k][0], cards[i], around[k][1]);
            expect(state, text, TYPE_CREDIT_CARD, cards[i]);
        }
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        expect(state, none[i], TYPE_CREDIT_CARD, "");
    expect(state, "ssn 5.36228726e8", TYPE_US_SSN, "5.36228726e8");
    expect(state, "{\"ssn\": 5.36228726E+8}", TYPE_US_SSN, "5.36228726E+8");
    expect(state, "5.36228726e8", TYPE_US_SSN, "");
    expect(state, "ssn 5.362287261e9", TYPE_US_SSN, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(quoted_printable_is_undone, open_scanner,
                                        close_scanner),
        cmocka_unit_test_setup_teardown(values_written_as_codes_are_read, open_scanner,
                                        close_scanner),
        cmocka_unit_test_setup_teardown(the_column_behind_a_number_is_read, open_scanner,
                                        close_scanner),
        cmocka_unit_test_setup_teardown(numbers_with_exponents_are_read_by_their_digits,
                                        open_scanner, close_scanner),
        cmocka_unit_test_setup_teardown(
            decimals_are_no_cards_and_integers_with_a_point_are, open_scanner,
            close_scanner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
