/* test_private_text.c -- what is somebody's in a text about private people, and what
 * illness makes of it. */
#include "rows.h"

/* clang-format off */
static const struct row numbers[] = {
    {"Hi Tom, my neighbour Orla Vanterpool left FHR61JWTO8SQ with us, please tell her", "FHR61JWTO8SQ", ACTION_MASK},
    {"Hi Tom, my neighbour Orla Vanterpool drives the red one, YK69 LCN, please tell her", "YK69 LCN", ACTION_MASK},
    {"Señora Vanterpool, mi vecina Marta López aparca su moto 7618 BCD en mi plaza, dile algo", "7618 BCD", ACTION_MASK},
    {"Dobrý den, paní Benešová, moje sestra Jana Nováková má auto 5A7 7610, vyzvedne ho Petr", "5A7 7610", ACTION_MASK},
};

static const struct row addresses[] = {
    {"Ciao Marta, mia sorella Elena Ferri abita in largo Augusto 2, Bari. Portale il libro.", "largo Augusto 2, Bari", ACTION_MASK},
    {"Bună Ioana, sora mea Maria Popescu stă pe str. Florilor 3, ap. 7, Sibiu. Te rog sun-o.", "str. Florilor 3, ap. 7, Sibiu", ACTION_MASK},
    {"Cześć, moja siostra Anna Kowalska mieszka Mickiewicza 3/2, Żory. Zadzwoń do niej.", "Mickiewicza 3/2, Żory", ACTION_MASK},
    {"Hi Tom, my aunt Orla Vanterpool moved to 6 The Ropewalk, Hastings last week", "6 The Ropewalk, Hastings", ACTION_MASK},
};

static const struct row accounts[] = {
    {"Hi Tom, my brother Mark Kettering is mkettering on there, please unban him", "mkettering", ACTION_MASK},
    {"Hi Tom, my aunt Orla Vanterpool, 14.03.1962, needs a lift on Friday", "14.03.1962", ACTION_MASK},
};

static const struct row patients[] = {
    {"Orla Vanterpool takes quetiapine and melatonin, her carer Tom Bell rings tomorrow", "Orla Vanterpool", ACTION_LOCAL},
    {"Пациентка Анна Кириленко, шизофрения, лечение прежнее, жалоб нет", "Анна Кириленко", ACTION_LOCAL},
};
/* The names of papers and accounts in more languages. */
static const struct row papers[] = {
    {"Mimi Neema Odhiambo, kitambulisho 38970190, simu baadaye", "38970190", ACTION_LOCAL},
    {"Karo nimelipa kwa akaunti ya benki 0375179150970 jana", "0375179150970", ACTION_LOCAL},
    {"số căn cước công dân: 079203012345", "079203012345", ACTION_LOCAL},
    {"رقم الهوية الوطنية: 1098765432", "1098765432", ACTION_LOCAL},
    {"Kenncode: 168310", "168310", ACTION_LOCAL},
};

/* The same forms where nobody private is spoken of. */
static const char *const clear[] = {
    "Order ABC123XYZ45 has 3 items; part FHR61JWTO8SQ is out of stock.",
    "Compare the Boeing 737, the A320 and the MD80 by range.",
    "Set up CI for build 20261129 and tag R2D2C3PO.",
    "Which side effects do quetiapine and melatonin have together?",
};
/* clang-format on */

static void numbers_in_private_texts_are_masked(void **state)
{
    CHECK_ROWS(numbers);
}

static void addresses_in_private_texts_are_masked(void **state)
{
    CHECK_ROWS(addresses);
}

static void accounts_and_birthdays_in_private_texts_are_masked(void **state)
{
    CHECK_ROWS(accounts);
}

static void people_with_an_illness_stay(void **state)
{
    CHECK_ROWS(patients);
}

static void papers_are_told_in_more_languages(void **state)
{
    CHECK_ROWS(papers);
}

static void other_texts_stay_clear(void **state)
{
    CHECK_CLEAR(clear);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_in_private_texts_are_masked),
        cmocka_unit_test(addresses_in_private_texts_are_masked),
        cmocka_unit_test(accounts_and_birthdays_in_private_texts_are_masked),
        cmocka_unit_test(people_with_an_illness_stay),
        cmocka_unit_test(papers_are_told_in_more_languages),
        cmocka_unit_test(other_texts_stay_clear),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
