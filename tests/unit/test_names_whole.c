/* test_names_whole.c -- a name of which a part is seen is taken whole, and nothing else.
 */
#include "rows.h"

struct name {
    const char *text, *want;
};

static void expect_all(void **state, const struct name *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        expect(state, v[i].text, TYPE_PERSON, v[i].want);
}

static void a_cell_of_a_table_is_one_name(void **state)
{
    static const struct name names[] = {
        {"id;name;mail\n4;Van Houten;vh@mail.example\n5;Marta "
         "Kettering;mk@mail.example\n",
         "Van Houten"},
        {"INSERT INTO p VALUES (7, 'Evaristo Maldonado Gil', 'eg@mail.example');",
         "Evaristo Maldonado Gil"},
        {"08:00  van den Heuvel, Sanne   01/01/1950  (540) 503-7765",
         "van den Heuvel, Sanne"},
        {"Nama: Siti Aminah binti Rahman / No. KP: 760120-14-1958",
         "Siti Aminah binti Rahman"},
    };
    expect_all(state, names, ARRAY_LEN(names));
}

static void the_name_that_sorts_stands_before_the_comma(void **state)
{
    static const struct row names[] = {
        {"Period 3\n1 Winterbourne, Olive   /  /  L\n2 Eriksen, Lena   /  L  /\n",
         "Winterbourne, Olive", ACTION_MASK},
        {"Period 3\n1 Winterbourne, Olive   /  /  L\n2 Eriksen, Lena   /  L  /\n",
         "Eriksen, Lena", ACTION_MASK},
    };
    CHECK_ROWS(names);
    expect(state, "Thanks, Olive", TYPE_PERSON, "Olive");
}

static void words_and_letters_that_join_belong_to_it(void **state)
{
    static const struct name names[] = {
        {"The doctor is Dr. Cau\xC3\xA3 do Nascimento, ask him",
         "Cau\xC3\xA3 do Nascimento"},
        {"This is Ingrid, spelt B-E-R-G-S-T-R-O-M, calling", "Ingrid"},
    };
    expect_all(state, names, ARRAY_LEN(names));
}

static void letters_with_blanks_between_make_a_name(void **state)
{
    static const struct name names[] = {
        {"Yours faithfully\nM A R G A R E T  V A N T E R P O O L\nSecretary\n",
         "M A R G A R E T  V A N T E R P O O L"},
        {"X Y Z  A B C\n", ""},
        {"O P T I O N A L  T E X T\n", ""},
        {"grades:\nA B C D E F\nA A B C D F\n", ""},
    };
    expect_all(state, names, ARRAY_LEN(names));
}

/* A token of these scripts is a run of words: the name in it stays what it is. */
static void a_run_of_han_or_thai_is_no_name(void **state)
{
    static const char *const texts[] = {
        "\xE5\xA4\x8F\xE7\x9B\xAE\xE6\xBC\xB1\xE7\x9F\xB3\xE3\x81\xAE\xE4\xBB\xA3\xE8\xA1"
        "\xA8"
        "\xE4\xBD\x9C\xE3\x82\x92\xE4\xB8\x89\xE3\x81\xA4",
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct span_list l = scan(state, texts[i]);
        for (size_t k = 0; k < l.n; k++)
            assert_true(l.v[k].end - l.v[k].start < strlen(texts[i]));
        span_list_release(&l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cell_of_a_table_is_one_name),
        cmocka_unit_test(the_name_that_sorts_stands_before_the_comma),
        cmocka_unit_test(words_and_letters_that_join_belong_to_it),
        cmocka_unit_test(letters_with_blanks_between_make_a_name),
        cmocka_unit_test(a_run_of_han_or_thai_is_no_name),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
