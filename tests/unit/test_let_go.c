/* test_let_go.c -- nobody may say of a value with right check digits that it is nothing:
 * of no kind that has them, and in no writing that the scanner reads. */
#include "scanning.h"

struct kind {
    const char *right, *wrong; /* but for a check digit */
};

/* Drawn at random, and accepted by python-stdnum. */
static const struct kind kinds[] = {
    {"NHS number: 4857773414", "NHS number: 4857773415"},
    {"PESEL: 79041212343", "PESEL: 79041212344"},
    {"BSN: 182736416", "BSN: 182736417"},
    {"DNI: 47182936T", "DNI: 47182936R"},
    {"CPF: 47182936429", "CPF: 47182936421"},
    {"\u8eab\u4efd\u8bc1\u53f7: 110105199003072338",
     "\u8eab\u4efd\u8bc1\u53f7: 110105199003072339"},
    {"Steuer-ID: 47182936058", "Steuer-ID: 47182936057"},
    {"Rentenversicherungsnummer: 65120479H007",
     "Rentenversicherungsnummer: 65120479H006"},
    {"codice fiscale: HLMGRT79D52Z110T", "codice fiscale: HLMGRT79D52Z110K"},
    {"Aadhaar: 471829360513", "Aadhaar: 471829360514"},
    {"personnummer: 7904121238", "personnummer: 7904121237"},
    {"henkil\u00f6tunnus: 120479-123A", "henkil\u00f6tunnus: 120479-123B"},
    {"SIN: 471829366", "SIN: 471829367"},
    {"rijksregisternummer: 79041212340", "rijksregisternummer: 79041212341"},
    {"num\u00e9ro de s\u00e9curit\u00e9 sociale: 284057511604217",
     "num\u00e9ro de s\u00e9curit\u00e9 sociale: 284057511604218"},
    {"{\"nhs_number\": \"4857773414\"}", "{\"nhs_number\": \"4857773415\"}"},
    {"pesel,name\n79041212343,Renske de Vos\n",
     "pesel,name\n79041212344,Renske de Vos\n"},
    /* A number whose kind is not said. */
    {"tax id: 47182936058", "tax id: 47182936053"},
    /* A card that is taken for a password. */
    {"password: 4219 0883 7215 6095", "password: 4219 0883 7215 6096"},
    /* Spelled, and with digits of which only the count is known. */
    {"card number four two one nine zero eight eight three seven two one five six zero "
     "nine five",
     "card number four two one nine zero eight eight three seven two one five six zero "
     "nine six"},
    {"card number forty-two nineteen zero eight eighty-three seventy-two fifteen sixty "
     "ninety-five",
     NULL},
    /* "my card is 4219088372156095" in base64 and in hexadecimal digits. */
    {"see bXkgY2FyZCBpcyA0MjE5MDg4MzcyMTU2MDk1", NULL},
    {"see 6d7920636172642069732034323139303838333732313536303935", NULL},
    {"my card is \\u0034\\u0032\\u0031\\u0039 0883 7215 6095", NULL},
    {"my card is &#52;219 0883 7215 6095", NULL},
};

static bool must_stay(const struct span *s)
{
    enum guard_group g = guard_type_group((enum guard_type)s->type);
    return g == GROUP_SECRET || g == GROUP_HEALTH_ID || g == GROUP_CREDIT_CARD ||
           g == GROUP_NATIONAL_ID || g == GROUP_GOV_DOC || g == GROUP_BANK;
}

/* How many values of a text hold it, and how many of them may be let go. */
static size_t count(void **state, const char *text, size_t *ret_may)
{
    struct span_list l = scan(state, text);
    size_t n = 0;
    *ret_may = 0;
    for (size_t i = 0; i < l.n; i++)
        if (must_stay(&l.v[i])) {
            n++;
            *ret_may += guard_may_let_go(&l.v[i]);
        }
    span_list_release(&l);
    return n;
}

static void right_check_digits_are_never_let_go(void **state)
{
    size_t may;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (count(state, kinds[i].right, &may) == 0)
            fail_msg("nothing is found in \"%s\"", kinds[i].right);
        if (may)
            fail_msg("what is in \"%s\" may be let go", kinds[i].right);
    }
}

/* Of these many are not found; those that are may be let go. */
static void wrong_check_digits_may_be_let_go(void **state)
{
    size_t may, found = 0;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        size_t n = kinds[i].wrong ? count(state, kinds[i].wrong, &may) : 0;
        if (n && !may)
            fail_msg("what is in \"%s\" may not be let go", kinds[i].wrong);
        found += n;
    }
    assert_true(found > 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_check_digits_are_never_let_go),
        cmocka_unit_test(wrong_check_digits_may_be_let_go),
    };
    return cmocka_run_group_tests_name("let go", tests, open_scanner, close_scanner);
}
