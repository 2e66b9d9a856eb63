/* test_persons.c -- who is a person to the scanner, and who is none; and the net that
 * says so: its pieces, its bytes, its training. */
#include "scanning.h"

#include "scan/ner/latinise.h"
#include "scan/ner/train/net_train.h"
#include "scan/scanner.h"
#include "scan/text/buckets.h"
#include "scan/text/facts.h"
#include "scan/text/letters.h"
#include "scan/text/usage.h"

#include <stdlib.h>

/* -- whole texts --------------------------------------------------------------------- */

/* German writes each noun with a capital, and no English list has them. */
static void a_capital_word_alone_is_no_person(void **state)
{
    static const char *const texts[] = {
        "Dieses Paket enthält Werkzeuge",
        "Fenster auswählen",
        "Seitenleiste der Dateiverwaltung",
        "Diese Bibliothek unterstützt Dateiformate",
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        expect(state, texts[i], TYPE_PERSON, "");
}

static void titles_cues_and_lists_need_no_consent(void **state)
{
    expect(state, "Mr. Varnoldi called", TYPE_PERSON, "Varnoldi");
    expect(state, "Dear Timothy Garcia, welcome", TYPE_PERSON, "Timothy Garcia");
    expect(state, "{\"last_name\":\"Varnoldi\"}", TYPE_PERSON, "Varnoldi");
}

/* As a tool prints a file for an agent. */
static void numbers_of_lines_are_no_addresses(void **state)
{
    expect(state,
           "    77\t        *seen = hash;\n"
           "    78\t        return 0;\n"
           "    79\t    }\n",
           TYPE_ADDRESS, "");
    expect(state,
           "    53\t    const struct config_guard_rule *rules;\n"
           "    54\t    size_t nrules;\n"
           "    55\t};\n",
           TYPE_ADDRESS, "");
    static const char *const lines[] = {
        "   271\t    b.WriteRune(c)\n   272\t\tb.WriteString(name)\n",
        "    33\t\tTagNumericString   = 18\n    34\t\tTagPrintableString = 19\n",
        "  1101\t\t\tA RawValue\n  1102\t\t\tB RawValue\n",
        "   90|    namedString string\n   91|    NamedString string\n",
        "     7\xE2\x86\x92    A RawValue\n     8\xE2\x86\x92    B RawValue\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        expect(state, lines[i], TYPE_ADDRESS, "");
    expect(state, "He lives at 12 Mill Road, Ely", TYPE_ADDRESS, "12 Mill Road, Ely");
}

/* -- letters and facts --------------------------------------------------------------- */

static void letters_of_all_scripts_have_their_kind(void **state)
{
    static const struct {
        uint32_t cp;
        enum letter_kind kind;
    } rows[] = {
        {'a', LETTER_WORD},     {'7', LETTER_DIGIT},     {'-', LETTER_SIGN},
        {' ', LETTER_BLANK},    {0xA0, LETTER_BLANK},    {0xE9, LETTER_WORD},
        {0xD7, LETTER_SIGN},    {0x301, LETTER_JOINS},   {0x416, LETTER_WORD},
        {0x5D0, LETTER_WORD},   {0x60C, LETTER_SIGN},    {0x645, LETTER_WORD},
        {0x64E, LETTER_JOINS},  {0x663, LETTER_DIGIT},   {0x930, LETTER_WORD},
        {0x964, LETTER_SIGN},   {0xE01, LETTER_ALONE},   {0x2019, LETTER_SIGN},
        {0x3001, LETTER_SIGN},  {0x3042, LETTER_ALONE},  {0x30FB, LETTER_SIGN},
        {0x5F20, LETTER_ALONE}, {0xAE40, LETTER_ALONE},  {0xFF11, LETTER_DIGIT},
        {0x1F600, LETTER_SIGN}, {0x20000, LETTER_ALONE}, {0x10FFFF, LETTER_SIGN},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (letter_kind(rows[i].cp) != rows[i].kind)
            fail_msg("U+%04X", rows[i].cp);
}

static void capitals_have_a_lower_case(void **state)
{
    static const uint32_t rows[][2] = {
        {'A', 'a'},     {'a', 'a'},     {0xC9, 0xE9},     {0xD7, 0xD7},
        {0x160, 0x161}, {0x141, 0x142}, {0x178, 0xFF},    {0x391, 0x3B1},
        {0x386, 0x3AC}, {0x38F, 0x3CE}, {0x416, 0x436},   {0x404, 0x454},
        {0x490, 0x491}, {0x531, 0x561}, {0x1EA4, 0x1EA5}, {0x5F20, 0x5F20},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (letter_lower(rows[i][0]) != rows[i][1])
            fail_msg("U+%04X", rows[i][0]);
}

static uint16_t facts_of(const char *folded)
{
    return facts_find(word_hash(folded, strlen(folded)));
}

static void lists_say_what_a_word_can_be(void **state)
{
    (void)state;
    assert_true(facts_of("maria") & FACT_FIRST);
    assert_true(facts_of("maria") & FACT_MANY);
    assert_true(facts_of("garcia") & FACT_LAST);
    assert_true(facts_of("bloom") & FACT_EPONYM);
    assert_true(facts_of("filter") & FACT_TERM);
    assert_true(facts_of("filter") & FACT_ENGLISH);
    assert_true(facts_of("gmbh") & FACT_FIRM);
    assert_true(facts_of("иван") & FACT_FIRST);
    assert_true(facts_of("김") & FACT_LAST);
    assert_true(facts_of("田中") & FACT_LAST);
    assert_true((facts_of("der") & FACT_FREQUENCY) >
                (facts_of("fenster") & FACT_FREQUENCY));
    assert_int_equal(facts_of("varnoldikesk"), 0);
    assert_int_equal(facts_builtin().n % BUCKET_BYTES, 0);
}

static struct usage usage_of(const char *folded, bool has_capital)
{
    return usage_find(word_hash(folded, strlen(folded)), has_capital);
}

static unsigned near(const char *folded, bool has_capital)
{
    return usage_of(folded, has_capital).cluster >> USAGE_NEAR;
}

/* Words that stand in the same places lie near to one another, names beside names. */
static void raw_text_says_how_a_word_is_used(void **state)
{
    (void)state;
    assert_int_equal(usage_builtin().n % BUCKET_BYTES, 0);
    assert_true(near("monday", true) == near("tuesday", true));
    assert_true(near("february", true) != near("said", false));
    assert_true(usage_of("emily", true).share > usage_of("walker", false).share);
    assert_int_equal(usage_of("the", false).share, 1);
    assert_int_not_equal(usage_of("mark", true).cluster, usage_of("mark", false).cluster);
    /* Written as no list has it, it is used as the other way. */
    assert_int_equal(usage_of("emily", false).cluster, usage_of("emily", true).cluster);
    assert_int_equal(usage_of("varnoldikesk", true).cluster, 0);
}

/* -- pieces -------------------------------------------------------------------------- */

static void open_pieces(void **state, struct arena *a, const char *text, struct window *w,
                        struct pieces *p)
{
    *w = (struct window){.sc = *state, .a = a};
    arena_init(a, WINDOW_ARENA_BYTES);
    assert_true(window_normalise(w, str_of(text)));
    assert_true(window_tokenise(w));
    find_pairs(w);
    assert_true(pieces_read(w, p));
}

/* Its pieces with a bar between each. */
static void expect_pieces(void **state, const char *text, const char *want)
{
    struct arena a;
    struct window w;
    struct pieces p;
    char seen[256] = "";
    open_pieces(state, &a, text, &w, &p);
    for (size_t i = 0; i < p.n; i++)
        snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%s%.*s", i ? "|" : "",
                 (int)(p.v[i].end - p.v[i].start), w.p + p.v[i].start);
    assert_string_equal(seen, want);
    arena_reset(&a);
}

static void scripts_are_cut_as_they_are_written(void **state)
{
    expect_pieces(state, "Ask O'Brien, 42!", "Ask|O'Brien|,|42|!");
    expect_pieces(state, "l'homme he's", "l'homme|he|'|s");
    expect_pieces(state, "Иван Петров", "Иван|Петров");
    expect_pieces(state, "田中さん", "田|中|さ|ん");
    expect_pieces(state, "김민준은", "김|민|준|은");
    expect_pieces(state, "قال محمد،", "قال|محمد|،");
    expect_pieces(state, "राम ने कहा।", "राम|ने|कहा|।");
    expect_pieces(state, "#AnaDiaz and AnaDiaz #OK #aB_cD",
                  "#|Ana|Diaz|and|AnaDiaz|#|OK|#|a|B|_|c|D");
    expect_pieces(state, "", "");
}

/* "uThandi" is Thandi with what Zulu glues to it. */
static void a_name_is_known_behind_what_is_glued_to_it(void **state)
{
    struct arena a;
    struct window w;
    struct pieces p;
    open_pieces(state, &a, "wathi uMaria noMaria getThandi xThqwz", &w, &p);
    assert_int_equal(p.n, 5);
    assert_true(p.v[1].stem & STEM_FIRST);
    assert_true(p.v[2].stem & STEM_FIRST);
    assert_int_equal(p.v[4].stem, 0);
    arena_reset(&a);
}

static void a_listed_name_marks_its_letters(void **state)
{
    struct arena a;
    struct window w;
    struct pieces p;
    open_pieces(state, &a, "私は田中です", &w, &p);
    assert_int_equal(p.n, 6);
    assert_true(p.v[2].inside & FACT_LAST);
    assert_true(p.v[3].inside & FACT_LAST);
    assert_int_not_equal(p.v[2].place, p.v[3].place);
    assert_int_equal(p.v[0].place, 0);
    arena_reset(&a);
}

static uint8_t stem_at(void **state, const char *text, size_t i)
{
    struct arena a;
    struct window w;
    struct pieces p;
    open_pieces(state, &a, text, &w, &p);
    assert_true(i < p.n);
    uint8_t stem = p.v[i].stem;
    arena_reset(&a);
    return stem;
}

/* In another case, in other letters, or behind what Arabic glues to its front. */
static void a_name_is_known_by_its_stem(void **state)
{
    assert_true(stem_at(state, "er las Luthers Briefe", 2) & STEM_LAST);
    assert_true(stem_at(state, "бачила Вероніку", 1) & STEM_FIRST);
    assert_true(stem_at(state, "με τον Σεμπάστιαν", 2) & STEM_FIRST);
    assert_true(stem_at(state, "وأسامة", 0) & STEM_FIRST);
    assert_int_equal(stem_at(state, "ask Maria", 1), 0); /* listed as it is */
    assert_int_equal(stem_at(state, "ask vqaxnoldxi", 1), 0);
}

static void greek_and_cyrillic_are_written_in_latin(void **state)
{
    char word[] = "mpoyntaigk";
    (void)state;
    assert_string_equal(latinise_letter(0x448), "sh");
    assert_string_equal(latinise_letter(0x44C), "");
    assert_string_equal(latinise_letter(0x3C8), "ps");
    assert_null(latinise_letter('a'));
    assert_null(latinise_letter(0x645));
    size_t n = latinise_greek(word, sizeof word - 1);
    assert_int_equal(n, 6);
    assert_memory_equal(word, "bunteg", n);
}

/* What the whole window says: words in lower case elsewhere, code, no capitals. */
static void pieces_know_their_window(void **state)
{
    struct arena a;
    struct window w;
    struct pieces p;
    open_pieces(state, &a, "Walker goes to a walker", &w, &p);
    assert_true(p.v[0].is_seen);
    assert_false(p.v[4].is_seen || p.v[0].is_plain);
    assert_int_equal(p.v[0].code, 0);
    arena_reset(&a);
    open_pieces(state, &a, "for (i = 0; i < n; i++) { put(v[i]); }", &w, &p);
    assert_int_equal(p.v[0].code, 3);
    assert_true(p.v[0].is_plain);
    arena_reset(&a);
}

static void only_lines_with_a_possible_name_are_read(void **state)
{
    struct arena a;
    struct window w;
    struct pieces p;
    struct passage s;
    open_pieces(state, &a, "it was not in this list\nAsk Varnoldi about it\n", &w, &p);
    assert_true(passage_next(&p, 0, NET_PASSAGE, &s));
    assert_int_equal(s.first, 6);
    assert_int_equal(s.end, p.n);
    assert_false(passage_next(&p, s.end, NET_PASSAGE, &s));
    arena_reset(&a);
    open_pieces(state, &a, "it was not in this list", &w, &p);
    assert_false(passage_next(&p, 0, NET_PASSAGE, &s));
    arena_reset(&a);
}

static void a_long_line_is_read_in_passages_without_a_gap(void **state)
{
    struct arena a;
    struct window w;
    struct pieces p;
    struct passage s;
    char *text = malloc(20001);
    for (size_t i = 0; i < 20000; i += 10)
        memcpy(text + i, "Varnoldi, ", 10);
    text[20000] = '\0';
    open_pieces(state, &a, text, &w, &p);
    size_t at = 0;
    while (passage_next(&p, at, NET_PASSAGE, &s)) {
        assert_int_equal(s.first, at);
        assert_in_range(s.end - s.first, 1, NET_PASSAGE);
        at = s.end;
    }
    assert_int_equal(at, p.n);
    arena_reset(&a);
    free(text);
}

static size_t rows_of(void **state, const char *text, size_t i, unsigned hide,
                      uint32_t ret[PIECE_ROWS])
{
    struct arena a;
    struct window w;
    struct pieces p;
    open_pieces(state, &a, text, &w, &p);
    size_t n = piece_rows(&p, i, NET_MIN_ROWS, hide, ret);
    assert_in_range(n, 1, PIECE_ROWS);
    for (size_t k = 0; k < n; k++)
        assert_in_range(ret[k], 0, NET_MIN_ROWS - 1);
    arena_reset(&a);
    return n;
}

/* A word that no list holds is known by its letters alone. */
static void unlisted_words_have_no_row_of_their_own(void **state)
{
    uint32_t a[PIECE_ROWS], b[PIECE_ROWS];
    size_t n = rows_of(state, "ask Vqaxnoldxi", 1, 0, a);
    assert_int_equal(rows_of(state, "ask Vqaxzzoldxi", 1, 0, b), n);
    assert_memory_equal(a, b, n * sizeof *a);
    n = rows_of(state, "ask Maria", 1, 0, a);
    assert_true(rows_of(state, "ask Maria", 1, HIDE_WORD, b) < n);
}

/* As of a language that was not learnt, two words differ by their lists alone. */
static void hidden_letters_say_nothing(void **state)
{
    uint32_t a[PIECE_ROWS], b[PIECE_ROWS];
    unsigned hide = HIDE_WORD | HIDE_LETTERS | HIDE_CASE | HIDE_COMMON;
    size_t n = rows_of(state, "ask Vqaxnoldxi", 1, hide, a);
    assert_int_equal(rows_of(state, "ask Xkqqrstuvw", 1, hide, b), n);
    assert_memory_equal(a, b, n * sizeof *a);
    assert_true(rows_of(state, "ask Vqaxnoldxi", 1, 0, b) > n);
}

/* -- the bytes ----------------------------------------------------------------------- */

static void refused(char *bytes, size_t n, size_t at, int by)
{
    struct err err = {0};
    struct net *net = malloc(sizeof *net);
    bytes[at] = (char)(bytes[at] + by);
    assert_int_equal(net_open(net, (struct str){bytes, n}, &err), -1);
    assert_string_equal(err.code, "names_weights");
    bytes[at] = (char)(bytes[at] - by);
    free(net);
}

static void damaged_weights_are_refused(void **state)
{
    struct str s = net_builtin();
    struct err err = {0};
    struct net *net = malloc(sizeof *net);
    char *copy = malloc(s.n);
    (void)state;
    memcpy(copy, s.p, s.n);
    assert_int_equal(net_open(net, (struct str){copy, s.n}, &err), 0);
    assert_int_equal(net_open_builtin(net, &err), 0);
    assert_int_equal(net_open(net, (struct str){copy, s.n - 1}, &err), -1);
    assert_int_equal(net_open(net, (struct str){copy, 7}, &err), -1);
    assert_int_equal(net_open(net, (struct str){copy, 0}, &err), -1);
    refused(copy, s.n, 0, 1);
    refused(copy, s.n, NET_VERSION_AT, 1);
    refused(copy, s.n, NET_ROWS_AT, 1);
    refused(copy, s.n, NET_ROWS_AT + 3, 1);
    refused(copy, s.n, NET_LEAN_AT + 3, 0x40);
    refused(copy, s.n, NET_SUM_AT, 1);
    refused(copy, s.n, NET_HEADER_BYTES + 1, 1);
    refused(copy, s.n, s.n - 1, 1);
    free(copy);
    free(net);
}

/* Weights whose sums would not fit 32 bits. */
static void weights_past_their_sum_are_refused(void **state)
{
    struct str s = net_builtin();
    struct err err = {0};
    struct net *net = malloc(sizeof *net);
    char *copy = malloc(s.n);
    (void)state;
    memcpy(copy, s.p, s.n);
    memset(copy + NET_HEADER_BYTES, 0x7F, 2 * NET_IN * NET_WIDTH);
    uint64_t sum =
        tagger_sum((struct str){copy + NET_HEADER_BYTES, s.n - NET_HEADER_BYTES});
    for (size_t i = 0; i < 8; i++)
        copy[NET_SUM_AT + i] = (char)(sum >> 8 * i);
    assert_int_equal(net_open(net, (struct str){copy, s.n}, &err), -1);
    assert_non_null(strstr(err.msg, "out of range"));
    free(copy);
    free(net);
}

static void inner_classes_follow_their_own(void **state)
{
    (void)state;
    assert_true(net_may_follow(NET_NOTHING, NET_PERSON));
    assert_true(net_may_follow(NET_PERSON, NET_PERSON_IN));
    assert_true(net_may_follow(NET_PERSON_IN, NET_PERSON_IN));
    assert_false(net_may_follow(NET_NOTHING, NET_PERSON_IN));
    assert_false(net_may_follow(NET_PLACE, NET_PERSON_IN));
    assert_false(net_may_follow(NET_PERSON, NET_FIRM_IN));
    assert_true(net_may_follow(NET_PERSON, NET_FIRM));
}

/* -- training ------------------------------------------------------------------------ */

enum { TEXTS = 300, TEXT_BYTES = 160 };

struct lines {
    char text[TEXTS][TEXT_BYTES];
    struct train_span span[TEXTS];
    struct train_text v[TEXTS];
};

static void coin(char out[16], unsigned i)
{
    static const char *const head[] = {"Var", "Kes", "Ilm", "Tov", "Zan", "Brix", "Quor"};
    static const char *const mid[] = {"nol", "ter", "and", "ick", "olu"};
    static const char *const tail[] = {"di", "len", "ska", "us", "ov", "ette"};
    snprintf(out, 16, "%s%s%s", head[i % 7], mid[i / 7 % 5], tail[i / 35 % 6]);
}

/* "Please call NAME tomorrow" is a person; "We all use NAME daily" is none. */
static struct lines *make_lines(void)
{
    struct lines *c = calloc(1, sizeof *c);
    for (unsigned i = 0; i < TEXTS; i++) {
        char name[16];
        coin(name, i);
        bool person = i % 2 == 0;
        int at = snprintf(c->text[i], TEXT_BYTES, "%s ",
                          person ? "Please call" : "We all use");
        snprintf(c->text[i] + at, TEXT_BYTES - (size_t)at, "%s %s", name,
                 person ? "tomorrow" : "daily");
        c->span[i] = (struct train_span){
            (uint32_t)at, (uint32_t)((size_t)at + strlen(name)), TYPE_PERSON};
        c->v[i] = (struct train_text){.text = str_of(c->text[i]),
                                      .span = &c->span[i],
                                      .nspan = person,
                                      .group = i,
                                      .people_only = i % 3 == 0};
    }
    return c;
}

static const struct net_train_options options = {
    .seed = 3, .epochs = 6, .rows = 8192, .weight = 20, .rate = 5000};

static struct buf learn(void **state, const struct lines *c)
{
    struct net_train_report rep = {0};
    struct err err = {0};
    struct buf out;
    buf_init(&out, 1 << 22);
    assert_int_equal(net_train(*state, c->v, TEXTS, &options, &out, &rep, &err), 0);
    assert_true(rep.loss[options.epochs - 1] < rep.loss[0] / 2);
    return out;
}

static void what_stands_around_a_name_is_learnt(void **state)
{
    static const char seen[] = "Please call Ostramendi tomorrow";
    struct lines *c = make_lines();
    struct buf out = learn(state, c), again = learn(state, c);
    struct span_list l = {0};
    struct err err = {0};
    assert_int_equal(buf_len(&out), buf_len(&again)); /* the same lines, the same bytes */
    assert_memory_equal(buf_view(&out).p, buf_view(&again).p, buf_len(&out));
    struct scanner *sc = scanner_create(&err);
    assert_non_null(sc);
    assert_int_equal(scanner_use_weights(sc, buf_view(&out), &err), 0);
    assert_int_equal(guard_scan_names(sc, str_of(seen), &l, &err), 0);
    assert_int_equal(l.n, 1);
    assert_int_equal(l.v[0].start, 12);
    assert_int_equal(l.v[0].end, 22);
    assert_int_equal(l.v[0].type, TYPE_PERSON);
    assert_in_range(l.v[0].score, NET_SCORE_MIN, NET_SCORE_MAX);
    span_list_release(&l);
    assert_int_equal(guard_scan_names(sc, STR("We all use Ostramendi daily"), &l, &err),
                     0);
    assert_int_equal(l.n, 0);
    span_list_release(&l);
    scanner_free(sc);
    buf_release(&out);
    buf_release(&again);
    free(c);
}

static void lines_that_cannot_be_learnt_from_are_refused(void **state)
{
    struct train_span outside = {4, 99, TYPE_PERSON};
    struct train_text bad = {.text = STR("Ask Ana"), .span = &outside, .nspan = 1};
    struct net_train_options few = options;
    struct net_train_report rep = {0};
    struct err err = {0};
    struct buf out;
    buf_init(&out, 1 << 22);
    assert_int_equal(net_train(*state, &bad, 1, &options, &out, &rep, &err), -1);
    assert_string_equal(err.code, "train_span");
    few.rows = 10;
    assert_int_equal(net_train(*state, &bad, 0, &few, &out, &rep, &err), -1);
    assert_string_equal(err.code, "train_options");
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_capital_word_alone_is_no_person),
        cmocka_unit_test(titles_cues_and_lists_need_no_consent),
        cmocka_unit_test(numbers_of_lines_are_no_addresses),
        cmocka_unit_test(letters_of_all_scripts_have_their_kind),
        cmocka_unit_test(capitals_have_a_lower_case),
        cmocka_unit_test(lists_say_what_a_word_can_be),
        cmocka_unit_test(raw_text_says_how_a_word_is_used),
        cmocka_unit_test(scripts_are_cut_as_they_are_written),
        cmocka_unit_test(a_name_is_known_behind_what_is_glued_to_it),
        cmocka_unit_test(a_listed_name_marks_its_letters),
        cmocka_unit_test(a_name_is_known_by_its_stem),
        cmocka_unit_test(greek_and_cyrillic_are_written_in_latin),
        cmocka_unit_test(pieces_know_their_window),
        cmocka_unit_test(only_lines_with_a_possible_name_are_read),
        cmocka_unit_test(a_long_line_is_read_in_passages_without_a_gap),
        cmocka_unit_test(unlisted_words_have_no_row_of_their_own),
        cmocka_unit_test(hidden_letters_say_nothing),
        cmocka_unit_test(damaged_weights_are_refused),
        cmocka_unit_test(weights_past_their_sum_are_refused),
        cmocka_unit_test(inner_classes_follow_their_own),
        cmocka_unit_test(what_stands_around_a_name_is_learnt),
        cmocka_unit_test(lines_that_cannot_be_learnt_from_are_refused),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
