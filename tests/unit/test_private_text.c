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

static const struct row more_forms[] = {
    {"Hi Tom, my aunt Orla Vanterpool is at LE7 4QD now, please tell her brother", "LE7 4QD", ACTION_MASK},
    {"Hi Tom, my neighbour Orla Vanterpool told B.K. and me about it, please tell her", "B.K.", ACTION_MASK},
    {"my sister Orla Vanterpool asks about 4242 4242 4242 4242 on her bill", "4242 4242 4242 4242", ACTION_MASK},
};

/* Telephones of other countries, plates, streets, initials, names with endings. */
static const struct row other_countries[] = {
    {"Hi Tom, my neighbour Orla Vanterpool rang from 0121 496 27 83, please ring back", "0121 496 27 83", ACTION_MASK},
    {"Salut, ma voisine Nathalie Perrin (2 places) 01.58.33.72.90 part à huit heures", "01.58.33.72.90", ACTION_MASK},
    {"Olá Marta, a minha irmã Inês Brandão liga-te, ou liga tu para o 932 187 465", "932 187 465", ACTION_MASK},
    {"Hei, naboen min Solveig Moen tar kaka, si fra til henne på 938 27 164", "938 27 164", ACTION_MASK},
    {"Γεια σου Μαρία, η αδερφή μου Ελένη Παππά είναι στο 6947 218 305", "6947 218 305", ACTION_MASK},
    {"Hi Tom, my neighbour Orla Vanterpool parks her car NKF-2738 on our drive", "NKF-2738", ACTION_MASK},
    {"Živjo, moja sestra Maja Kranjc ima avto KR TP-582, prosim pokliči jo", "KR TP-582", ACTION_MASK},
    {"my aunt Orla Vanterpool lives at 17 Mulberry Park, please post it", "17 Mulberry Park", ACTION_MASK},
    {"Merhaba, teyzem Ayşe Yılmaz Lale Sok. No: 14/3 adresinde oturuyor, onu ara", "Lale Sok. No: 14/3", ACTION_MASK},
    {"Rafiki yangu Baraka Kimaro anaishi Mtaa wa Uhuru Na. 41, mpigie simu", "Mtaa wa Uhuru Na. 41", ACTION_MASK},
    {"Minutes: J. Arkwright, P. Oduya. Apologies: Mei Tan. Actions: JA to ring the bank, PO to write", "JA", ACTION_MASK},
    {"Pyydä Sirpalta avain, naapurini Jukka Virtanen soittaa numerosta 040 512 7738", "Sirpalta", ACTION_MASK},
    {"Kirsi: missä olet?\nOnni: bussissa, Kirsi Lahtinen soitti 040 512 7738\nKirsi: ok", "Onni", ACTION_MASK},
    {"Ticket: caller Fatima Lindqvist (flindqvist27), call back 020 7946 0812", "flindqvist27", ACTION_MASK},
    {"Employee Dana Whitcombe (ID B40718) asked for leave, her number is 0161 496 0223", "B40718", ACTION_MASK},
    {"Frau Gerda Lehner, SV 1237 010180, bittet um Rückruf unter 0664 1827364", "1237 010180", ACTION_MASK},
};

/* Numbers of Taiwan, Romania, Bulgaria, Czechia, Estonia, Russia, Sweden. */
static const struct row national[] = {
    {"Hi Tom, my neighbour Orla Vanterpool left I223286012 with us, please tell her", "I223286012", ACTION_LOCAL},
    {"Hi Tom, my neighbour Orla Vanterpool left 2790314126958 with us, please tell her", "2790314126958", ACTION_LOCAL},
    {"Hi Tom, my neighbour Orla Vanterpool left 8205176484 with us, please tell her", "8205176484", ACTION_LOCAL},
    {"Hi Tom, my neighbour Orla Vanterpool left 825517/0924 with us, please tell her", "825517/0924", ACTION_LOCAL},
    {"Hi Tom, my neighbour Orla Vanterpool left 48205178343 with us, please tell her", "48205178343", ACTION_LOCAL},
    {"Hi Tom, my neighbour Orla Vanterpool left 526-119-553 77 with us, please tell her", "526-119-553 77", ACTION_LOCAL},
    {"Hi Tom, my neighbour Orla Vanterpool left 198205178430 with us, please tell her", "198205178430", ACTION_LOCAL},
};

/* One digit is another: no number of anybody. */
static const struct row miscounted[] = {
    {"Hi Tom, my neighbour Orla Vanterpool left 825517/0925 with us, please tell her", "Orla", ACTION_MASK},
};

/* One line, and no way to reach anybody. */
static const struct row short_ones[] = {
    {"tell Brenna the boots are by the back door", "Brenna", ACTION_MASK},
    {"cover for Aminata until two, then lunch", "Aminata", ACTION_MASK},
    {"// Maarten says the queue is never empty here", "Maarten", ACTION_MASK},
    {"pregunta a Leocadia si abre ella", "Leocadia", ACTION_MASK},
    {"спроси Глафиру про ключи", "Глафиру", ACTION_MASK},
};

/* Taken for names and nobody's. */
static const char *const nobodys[] = {
    "Do Ralph Lauren shirts shrink in the first wash?",
    "Write a limerick about invoices for a colleague unnamed, 12 years in accounts.",
    "add_user(\"Jane Roe\", \"jroe@example.org\") fails, why?",
    "Fill the form with Erika Mustermann and show me the PDF.",
    "What rhymes with Wednesday in a sonnet about tax?",
};

/* The same forms where nobody private is spoken of. */
static const char *const clear[] = {
    "Order ABC123XYZ45 has 3 items; part FHR61JWTO8SQ is out of stock.",
    "Compare the Boeing 737, the A320 and the MD80 by range.",
    "Set up CI for build 20261129 and tag R2D2C3PO.",
    "Which Stripe test card fails? I know 4242 4242 4242 4242 succeeds.",
    "What does 169.254.169.254 do, and what are ff02::1 and ff02::2?",
    "Is DE89 3704 0044 0532 0130 00 the sample from the encyclopedia? Show the check sum.",
    "The total of 1 250 000 kr for 2 000 000 parts was paid in 2024.",
    "Rewrite the minutes: JA agreed, PO objected, and IT will follow up.",
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

static void postcodes_and_initials_in_private_texts_are_masked(void **state)
{
    CHECK_ROWS(more_forms);
}

static void values_of_other_countries_are_masked(void **state)
{
    CHECK_ROWS(other_countries);
}

/* Whoever asks how a number is checked is answered; the number stays masked. */
static void a_question_about_a_check_is_not_held(void **state)
{
    struct span_list l = scan(state, "is the check digit of 536904200 right, by Luhn?");
    assert_true(verdict_of(&l) < ACTION_LOCAL);
    span_list_release(&l);
    l = scan(
        state,
        "Orla Vanterpool, orla@fernhill.example.net, check digit of ssn 536-22-8726");
    assert_int_equal(verdict_of(&l), ACTION_LOCAL);
    span_list_release(&l);
}

static void numbers_with_a_check_stay_without_a_caption(void **state)
{
    CHECK_ROWS(national);
    struct span_list l = scan(state, miscounted[0].text);
    assert_int_equal(verdict_of(&l), ACTION_MASK);
    span_list_release(&l);
}

static void names_in_a_line_are_masked(void **state)
{
    CHECK_ROWS(short_ones);
}

static void nobodys_names_stay_clear(void **state)
{
    CHECK_CLEAR(nobodys);
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
        cmocka_unit_test(postcodes_and_initials_in_private_texts_are_masked),
        cmocka_unit_test(values_of_other_countries_are_masked),
        cmocka_unit_test(a_question_about_a_check_is_not_held),
        cmocka_unit_test(numbers_with_a_check_stay_without_a_caption),
        cmocka_unit_test(names_in_a_line_are_masked),
        cmocka_unit_test(nobodys_names_stay_clear),
        cmocka_unit_test(other_texts_stay_clear),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
