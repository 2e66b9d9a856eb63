/* test_whole_address.c -- an address is hidden down to its country, however its parts are
 * laid out; and what only stands below one stays. */
#include "rows.h"

/* clang-format off */
static const struct row whole[] = {
    {"Ship to: Ann Bell\n 71 Via Franscini\n Suite 838\n Tujetsch\n nan\n 7188", "71 Via Franscini\n Suite 838\n Tujetsch\n nan\n 7188", ACTION_MASK},
    {"Ann Bell\n\n140 Kvaløyveien\n Suite 763\n Vikran\n\n Mexico 52199", "Vikran\n\n Mexico 52199", ACTION_MASK},
    {"Please return to 12 Hill Road\nAnafi, nan 57132 in case of an issue.", "12 Hill Road\nAnafi, nan 57132", ACTION_MASK},
    {"send it to 12 Hill Road, Apt. 581, ΠΑΦΟΣ, Cyprus (Greek) 13475", "12 Hill Road, Apt. 581, ΠΑΦΟΣ, Cyprus (Greek) 13475", ACTION_MASK},
    {"Address: 12 Main St Suite 442\n Mill Village\n NS\n B0J 2H0", "12 Main St Suite 442\n Mill Village\n NS\n B0J 2H0", ACTION_MASK},
    {"ann bell\n70 reykjarveg street\n suite 770\n vik\n nauru 25389", "70 reykjarveg street\n suite 770\n vik\n nauru 25389", ACTION_MASK},
    {"I live at 9 Queen's Road\nSpringvale\nPeople's Republic of China 57006", "Springvale\nPeople's Republic of China 57006", ACTION_MASK},
    {"The goods go to 12 Hill Road, Kingstown, Saint Vincent and the Grenadines.", "Kingstown, Saint Vincent and the Grenadines", ACTION_MASK},
    {"Ann wrote:\n> my address:\n> 116 Mount Alexander Rd\n> Travancore\n> VIC 3032\n", "116 Mount Alexander Rd\n> Travancore\n> VIC 3032", ACTION_MASK},
    {"<p>Ann Bell<br>\n Bağdat Cad. No: 312/7<br>\n 34728 Kadıköy İstanbul<br>\n Türkiye</p>", "34728 Kadıköy İstanbul<br>\n Türkiye", ACTION_MASK},
    {"Anna Lis\nos. Przyjaźni 9 m. 31\n61-684 Poznań\nPolska", "Przyjaźni 9 m. 31\n61-684 Poznań\nPolska", ACTION_MASK},
    {"Bitte an Vesterbrogade 117, 3. tv., 1620 København V. Danke", "Vesterbrogade 117, 3. tv., 1620 København V", ACTION_MASK},
    {"Meet me at 15 Millicent Drive\nMuel\n, Z\n 16518", "15 Millicent Drive\nMuel\n, Z\n 16518", ACTION_MASK},
    {"Meet me at 69 Hill Road\nNatal\n, RN\n El Salvador 08220", "Natal\n, RN\n El Salvador 08220", ACTION_MASK},
    {"He lives at 12 Hill Road\nKilkenny\nÍsland", "12 Hill Road\nKilkenny\nÍsland", ACTION_MASK},
};

/* Streets that no word tells: a postcode, a country or a flat behind them does. */
static const struct row told_by_the_rest[] = {
    {"send the keys to vesturbraut 15, 230 keflavík, ísland please", "vesturbraut 15, 230 keflavík, ísland", ACTION_MASK},
    {"Anna Lis\n9, montée du Fort\nL-1343 Luxembourg\n", "9, montée du Fort\nL-1343 Luxembourg", ACTION_MASK},
    {"52 58 Machiton Agonos\nChania\n, nan\n Greece 73100", "52 58 Machiton Agonos\nChania\n, nan\n Greece 73100", ACTION_MASK},
    {"my new address is duna rkp. 3., 6720 szeged", "duna rkp. 3., 6720 szeged", ACTION_MASK},
    {"my home: bulevar arteaga 1322, 11300 montevideo, uruguay", "bulevar arteaga 1322, 11300 montevideo, uruguay", ACTION_MASK},
    {"bitte an вул. садова 22\n01001 київ\nукраїна", "садова 22\n01001 київ\nукраїна", ACTION_MASK},
    {"for ann, jl. kebon jeruk no. 19, jakarta 10340, indonesia", "kebon jeruk no. 19, jakarta 10340, indonesia", ACTION_MASK},
    {"65 Alt Tegel 86\nCandeias\n, BA\n People's Republic of China 57006", "65 Alt Tegel 86\nCandeias", ACTION_MASK},
};

static const struct row corners[] = {
    {"My new address is the corner of 159 Eleftheriou Road and Rennie Mews", "the corner of 159 Eleftheriou Road and Rennie Mews", ACTION_MASK},
    {"I live on the corner of Juniper Lane and Old Mill Road.", "the corner of Juniper Lane and Old Mill Road", ACTION_MASK},
    {"pick me up at the corner of storgata 5 and kirkeveien.", "the corner of storgata 5 and kirkeveien", ACTION_MASK},
    {"Please return to Leon and Eyrarholt 66 in case of an issue.", "Leon and Eyrarholt 66", ACTION_MASK},
    {"I'd like to call a taxi to Katla and Rua Papoula 46.", "Katla and Rua Papoula 46", ACTION_MASK},
    {"take a taxi to Ivan and Českého odboje 1735. Please", "Ivan and Českého odboje 1735", ACTION_MASK},
    {"Billing address: Paseo del Prado 40 and Calle Moral", "Paseo del Prado 40 and Calle Moral", ACTION_MASK},
};

static const char *const no_corners[] = {
    "Find the intersection of line 4 and line 7",
    "the corner of the table measures 90 degrees and 2 cm",
    "Please return to page 3 and page 7",
};

/* Streets by a word before or behind them, boxes and offices of the army. */
static const struct row streets_and_boxes[] = {
    {"Збір біля вул. Замкова, 6 о 6:30.", "Замкова, 6", ACTION_MASK},
    {"wohnt λεωφόρος Σοφίας 189", "λεωφόρος Σοφίας 189", ACTION_MASK},
    {"He lives on the north side of Juan Zorrilla 2906.", "Juan Zorrilla 2906", ACTION_MASK},
    {"Ann lives at 38 C/ Nueva Curas 88, Motril", "38 C/ Nueva Curas 88", ACTION_MASK},
    {"send it to 2914 184th Street please", "2914 184th Street", ACTION_MASK},
    {"it is ul. zielona 92 now", "zielona 92", ACTION_MASK},
    {"It refers to Árpád fejedelem útja 3. street in Budapest", "Árpád fejedelem útja 3", ACTION_MASK},
    {"we meet at 80 p.o. box 15, Nuuk", "80 p.o. box 15", ACTION_MASK},
    {"po box 88, springfield", "po box 88", ACTION_MASK},
    {"ann bell\nunit 1009 box 0219\ndpo ap 51065", "unit 1009 box 0219\ndpo ap 51065", ACTION_MASK},
    {"send it to psc 41, box 5510, apo ae 09464", "psc 41, box 5510, apo ae 09464", ACTION_MASK},
};

static const char *const no_boxes[] = {
    "PO box rental costs 40 dollars per year",
    "box 242 of the test plan",
    "the cat lives in Room 12.",
    "we gave 3 1st Place ribbons",
    "It lives on in Windows 11.",
    "unit 5 box 3 on the shelf",
    "we go via Python 3 and place Foo 12 there",
};

static const char *const lists[] = {
    "Leeds beat Derby 2 to 1 in 1998",
    "exports by country\nNorway 134\nSerbia 240\nMexico 521\n",
    "rice 200, beans 150, salt 20",
    "La recette : 200 g de farine, 150 g de sucre, 4 oeufs",
    "Kernel 6 ran 12 hours, Oslo was warm",
    "Released in version 4, Germany and Spain got it first",
    "Windows 11, build 22631 fixes it",
    "chapter 12, 20 pages of notes",
    "in group 4, 20144 rows",
};

/* A line below an address that is none of its parts. */
static const struct {
    const char *text, *left;
} beside[] = {
    {"12 Hill Road, Springfield, IL 62701\n\nWe sold 48213 of them", "We sold 48213"},
    {"I live at 12 Hill Road\n\nGermany has 83 million people", "Germany has"},
    {"Please come to 12 Hill Road, ring twice", "ring twice"},
    {"12 Hill Road, Springfield, IL 62701\nWhat is the price of 10115 items?", "10115"},
};
/* clang-format on */

static void an_address_is_hidden_down_to_its_country(void **state)
{
    CHECK_ROWS(whole);
}

static void a_street_is_told_by_what_follows_it(void **state)
{
    CHECK_ROWS(told_by_the_rest);
    CHECK_CLEAR(lists);
}

static void two_streets_make_a_corner(void **state)
{
    CHECK_ROWS(corners);
    CHECK_CLEAR(no_corners);
}

static void streets_and_boxes_are_seen_in_small_letters_too(void **state)
{
    CHECK_ROWS(streets_and_boxes);
    CHECK_CLEAR(no_boxes);
}

static void what_stands_below_an_address_stays(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(beside); i++) {
        struct span_list l = scan(state, beside[i].text);
        struct act_rules rules;
        act_rules_init(&rules);
        ptrdiff_t at = str_find(str_of(beside[i].text), str_of(beside[i].left));
        assert_true(at >= 0 && l.n > 0);
        for (size_t k = 0; k < l.n; k++)
            if (guard_act_span(&rules, &l.v[k]) > ACTION_CLEAR &&
                l.v[k].start < (size_t)at + strlen(beside[i].left) &&
                l.v[k].end > (size_t)at)
                fail_msg("\"%s\" of \"%s\" is hidden", beside[i].left, beside[i].text);
        span_list_release(&l);
    }
}

/* Towns of a block that stands alone are hidden as places, its code as an address. */
static void parts_of_a_block_keep_their_kind(void **state)
{
    const char *text =
        "Ann Bell\n\n12 Hill Road\n Apt. 609\n Villa Darwin\n\n Estonia 23998\n";
    struct span_list l = scan(state, text);
    bool has_town = false, has_code = false;
    for (size_t i = 0; i < l.n; i++) {
        struct str s = {text + l.v[i].start, l.v[i].end - l.v[i].start};
        has_town |=
            str_eqz(s, "Villa Darwin") && l.v[i].type == TYPE_LOCATION && l.v[i].is_part;
        has_code |= str_eqz(s, "23998") && l.v[i].type == TYPE_ADDRESS;
    }
    assert_true(has_town && has_code);
    span_list_release(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_hidden_down_to_its_country),
        cmocka_unit_test(a_street_is_told_by_what_follows_it),
        cmocka_unit_test(two_streets_make_a_corner),
        cmocka_unit_test(streets_and_boxes_are_seen_in_small_letters_too),
        cmocka_unit_test(what_stands_below_an_address_stays),
        cmocka_unit_test(parts_of_a_block_keep_their_kind),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
