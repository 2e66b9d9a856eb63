/* test_tagger.c -- the tagger's features, weights and training. */
#include "scan/ner/train/train.h"
#include "scan/scanner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ROWS = 4096, TEXTS = 400, TEXT_BYTES = 160 };

static struct scanner *scanner(void)
{
    struct err err = {0};
    struct scanner *s = scanner_create(&err);
    assert_non_null(s);
    return s;
}

static void open_window(const struct scanner *sc, struct arena *a, struct str text,
                        struct window *w)
{
    *w = (struct window){.sc = sc, .a = a};
    arena_init(a, 192 * (size_t)WINDOW_BYTES);
    assert_true(window_normalise(w, text));
    assert_true(window_tokenise(w));
    find_pairs(w);
}

static struct str token_text(const struct window *w, size_t i)
{
    return (struct str){w->p + w->tok[i].start, w->tok[i].end - w->tok[i].start};
}

static bool is_looked_at(const struct window *w, const char *word)
{
    struct stretches it = {.w = w};
    struct stretch s;
    while (stretches_next(&it, &s))
        for (size_t i = s.first; i < s.end; i++)
            if (str_eqz(token_text(w, i), word))
                return true;
    return false;
}

static void only_what_may_be_a_name_is_looked_at(void **state)
{
    static const struct {
        const char *text, *word;
        bool want;
    } rows[] = {
        {"please ask Varnoldi about it", "Varnoldi", true},
        {"Please ask Varnoldi about it", "ask", false},
        {"the quick brown fox jumps over the lazy dog", "quick", false},
        {"my name is varnoldi", "varnoldi", true},
        {"My dog varnoldised the lawn", "varnoldised", false},
        {"send it to 12 mill lane", "12", true},
        {"send it to ul. Polna 9", "ul", true},
        {"x = my_module.Varnoldi.run", "Varnoldi", false},
    };
    (void)state;
    struct scanner *sc = scanner();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena a;
        struct window w;
        open_window(sc, &a, str_of(rows[i].text), &w);
        if (is_looked_at(&w, rows[i].word) != rows[i].want)
            fail_msg("%s: %s", rows[i].text, rows[i].word);
        arena_reset(&a);
    }
    scanner_free(sc);
}

static size_t features(const struct scanner *sc, const char *text, const char *word,
                       bool forget, uint32_t ret[FEATURES_MAX])
{
    struct arena a;
    struct window w;
    struct look look[64];
    size_t n = 0;
    open_window(sc, &a, str_of(text), &w);
    assert_in_range(w.ntok, 1, 64 - 2 * FEATURES_SIDE);
    struct line line = {0};
    features_look(&w, (struct stretch){0, w.ntok}, &line, look);
    for (size_t i = 0; i < w.ntok; i++)
        if (str_eqz(token_text(&w, i), word))
            n = features_of(&look[i + FEATURES_SIDE], forget, ret);
    arena_reset(&a);
    assert_in_range(n, 1, FEATURES_MAX);
    return n;
}

static void features_are_of_the_word_and_what_stands_around_it(void **state)
{
    uint32_t a[FEATURES_MAX], b[FEATURES_MAX];
    (void)state;
    struct scanner *sc = scanner();
    size_t n = features(sc, "please ask Varnoldi about it", "Varnoldi", false, a);
    assert_int_equal(features(sc, "please ask Varnoldi about it", "Varnoldi", false, b),
                     n);
    assert_memory_equal(a, b, n * sizeof *a);
    /* Forgotten, another word in the same place looks much the same. */
    size_t f = features(sc, "please ask Varnoldi about it", "Varnoldi", true, a);
    size_t g = features(sc, "please ask Kesterlen about it", "Kesterlen", true, b);
    assert_true(f < n);
    assert_int_equal(f, g);
    assert_memory_equal(a, b, f * sizeof *a);
    /* Another neighbour does not. */
    size_t other = 0;
    features(sc, "please buy Varnoldi about it", "Varnoldi", true, b);
    for (size_t i = 0; i < f; i++)
        other += a[i] != b[i];
    assert_in_range(other, 5, f - 5);
    scanner_free(sc);
}

/* -- training ----------------------------------------------------------------------- */

struct corpus {
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
static void make_corpus(struct corpus *c)
{
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
        c->v[i] = (struct train_text){
            .text = str_of(c->text[i]), .span = &c->span[i], .nspan = person, .group = i};
    }
}

static int train(struct scanner *sc, const struct train_text *v, size_t n, uint64_t seed,
                 unsigned epochs, struct buf *out, struct train_report *rep,
                 struct err *err)
{
    struct train_options o = {.seed = seed, .epochs = epochs, .rows = ROWS};
    buf_init(out, 1 << 20);
    return tagger_train(sc, v, n, &o, out, rep, err);
}

static bool is_person(struct scanner *sc, const char *text, const char *name)
{
    struct arena a;
    struct window w;
    struct tagged *v;
    size_t n, found = 0;
    open_window(sc, &a, str_of(text), &w);
    assert_true(tagger_run(&sc->tagger, &w, &v, &n));
    for (size_t i = 0; i < n; i++) {
        assert_in_range(v[i].score, TAGGER_SCORE_MIN, TAGGER_SCORE_MAX);
        found += v[i].type == TYPE_PERSON && str_eqz(token_text(&w, v[i].first), name);
    }
    arena_reset(&a);
    return found > 0;
}

static void a_small_corpus_teaches_its_pattern(void **state)
{
    struct corpus *c = malloc(sizeof *c);
    struct train_report rep;
    struct err err = {0};
    struct buf out;
    (void)state;
    assert_non_null(c);
    struct scanner *sc = scanner();
    make_corpus(c);
    assert_int_equal(train(sc, c->v, TEXTS, 1, 5, &out, &rep, &err), 0);
    assert_int_equal(rep.texts, TEXTS);
    assert_in_range(rep.held_out, 1, TEXTS / 2);
    assert_true(rep.held[TYPE_PERSON].gold > 0);
    assert_int_equal(rep.held[TYPE_PERSON].right, rep.held[TYPE_PERSON].gold);
    assert_int_equal(rep.held[TYPE_PERSON].told, rep.held[TYPE_PERSON].gold);
    assert_true(rep.wrong[4] < rep.wrong[0]);
    assert_int_equal(scanner_use_weights(sc, buf_view(&out), &err), 0);
    assert_true(is_person(sc, "Please call Wunderbeck tomorrow", "Wunderbeck"));
    assert_false(is_person(sc, "We all use Wunderbeck daily", "Wunderbeck"));
    buf_release(&out);
    scanner_free(sc);
    free(c);
}

static void the_same_texts_give_the_same_bytes(void **state)
{
    struct corpus *c = malloc(sizeof *c);
    struct train_report rep;
    struct err err = {0};
    struct buf a, b, other;
    (void)state;
    assert_non_null(c);
    struct scanner *sc = scanner();
    make_corpus(c);
    assert_int_equal(train(sc, c->v, TEXTS, 1, 3, &a, &rep, &err), 0);
    assert_int_equal(train(sc, c->v, TEXTS, 1, 3, &b, &rep, &err), 0);
    assert_int_equal(train(sc, c->v, TEXTS, 2, 3, &other, &rep, &err), 0);
    assert_true(str_eq(buf_view(&a), buf_view(&b)));
    assert_int_equal(buf_len(&a), buf_len(&other));
    assert_false(str_eq(buf_view(&a), buf_view(&other)));
    buf_release(&a);
    buf_release(&b);
    buf_release(&other);
    scanner_free(sc);
    free(c);
}

static void what_cannot_be_learnt_from_is_refused(void **state)
{
    struct train_span outside = {3, 99, TYPE_PERSON}, empty = {3, 3, TYPE_PERSON};
    struct train_span twice[] = {{4, 8, TYPE_PERSON}, {6, 9, TYPE_PERSON}};
    struct train_span no_type = {0, 2, GUARD_NTYPES};
    const struct train_text bad[] = {
        {STR("a short text"), &outside, 1, 0, false},
        {STR("a short text"), &empty, 1, 0, false},
        {STR("a short text"), twice, 2, 0, false},
        {STR("a short text"), &no_type, 1, 0, false},
    };
    struct train_report rep;
    struct buf out;
    (void)state;
    struct scanner *sc = scanner();
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct err err = {0};
        assert_int_equal(train(sc, &bad[i], 1, 1, 1, &out, &rep, &err), -1);
        assert_string_equal(err.code, "train_span");
        buf_release(&out);
    }
    struct err err = {0};
    assert_int_equal(train(sc, bad, 0, 1, 0, &out, &rep, &err), -1);
    assert_string_equal(err.code, "train_options");
    buf_release(&out);
    char *big = calloc(1, TRAIN_MAX_TEXT_BYTES + 2);
    assert_non_null(big);
    struct train_text long_text = {{big, TRAIN_MAX_TEXT_BYTES + 1}, NULL, 0, 0, false};
    assert_int_equal(train(sc, &long_text, 1, 1, 1, &out, &rep, &err), -1);
    assert_string_equal(err.code, "train_text");
    buf_release(&out);
    free(big);
    scanner_free(sc);
}

/* -- weights ------------------------------------------------------------------------ */

static void damaged_weights_are_refused(void **state)
{
    struct str good = tagger_builtin();
    struct tagger t, before;
    struct err err = {0};
    (void)state;
    assert_int_equal(tagger_open(&t, good, &err), 0);
    char *copy = malloc(good.n + 1);
    assert_non_null(copy);
    static const size_t at[] = {0, 7, 8, 12, 15, 16, 24, 31, 32, 400, 100000};
    for (size_t i = 0; i < ARRAY_LEN(at); i++) {
        memcpy(copy, good.p, good.n);
        copy[at[i]] = (char)(copy[at[i]] ^ 0x40);
        memset(&before, 0x5A, sizeof before);
        t = before;
        assert_int_equal(tagger_open(&t, (struct str){copy, good.n}, &err), -1);
        assert_string_equal(err.code, "tagger_weights");
        assert_memory_equal(&t, &before, sizeof t);
    }
    static const size_t cut[] = {0, 8, 31, 32, 319, 320, 70000};
    for (size_t i = 0; i < ARRAY_LEN(cut); i++)
        assert_int_equal(tagger_open(&t, str_sub(good, 0, cut[i]), &err), -1);
    memcpy(copy, good.p, good.n);
    copy[good.n] = 0;
    assert_int_equal(tagger_open(&t, (struct str){copy, good.n + 1}, &err), -1);
    free(copy);
}

static void the_built_in_weights_find_unlisted_names(void **state)
{
    static const char *const texts[][2] = {
        {"My name is Torvaldine Quistgaarden and I need help.", "Torvaldine"},
        {"Dear Mrs Brixolute,\n\nthank you for your letter.", "Brixolute"},
        {"Wunderbeck said that Ilmandska had left.", "Ilmandska"},
    };
    (void)state;
    struct scanner *sc = scanner();
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (!is_person(sc, texts[i][0], texts[i][1]))
            fail_msg("%s", texts[i][0]);
    assert_false(is_person(sc, "Install the package and restart the server.", "Install"));
    scanner_free(sc);
}

/* Any bytes, in any pieces: stretches go forward and stay inside, spans too. */
static void hostile_bytes_are_only_bytes(void **state)
{
    uint64_t rng = 88172645463325252u;
    char text[700];
    (void)state;
    struct scanner *sc = scanner();
    for (int round = 0; round < 300; round++) {
        static const char letters[] = "Aa Bb.\n\xC3\xA9\xE2\x80\x8B\xFF\x00,9-'/{\"Z";
        for (size_t i = 0; i < sizeof text; i++) {
            rng ^= rng << 13, rng ^= rng >> 7, rng ^= rng << 17;
            text[i] = round % 3 ? letters[rng % (sizeof letters - 1)] : (char)rng;
        }
        struct arena a;
        struct window w;
        struct tagged *v;
        size_t n, at = 0;
        open_window(sc, &a, (struct str){text, rng % sizeof text}, &w);
        struct stretches it = {.w = &w};
        for (struct stretch s; stretches_next(&it, &s); at = s.end) {
            assert_true(s.first >= at && s.first < s.end && s.end <= w.ntok);
            assert_true(s.end - s.first <= STRETCH_MAX);
        }
        assert_true(tagger_run(&sc->tagger, &w, &v, &n));
        for (size_t i = 0; i < n; i++)
            assert_true(v[i].first < v[i].end && v[i].end <= w.ntok);
        arena_reset(&a);
    }
    scanner_free(sc);
}

static void a_lone_tagged_name_does_not_force_a_clinical_text(void **state)
{
    struct span_list l = {0};
    struct act_rules rules;
    struct findings f = {0};
    struct err err = {0};
    (void)state;
    struct scanner *sc = scanner();
    struct str text = STR("The patient was diagnosed with pneumonia; symptoms and "
                          "treatment: Brixolute 20 mg, dosage unchanged.");
    assert_int_equal(guard_scan_text(sc, text, &l, &err), 0);
    assert_true(l.is_clinical);
    findings_add(&f, &l);
    act_rules_init(&rules);
    assert_true(f.score[TYPE_PERSON] < rules.min_score[GROUP_CLINICAL]);
    assert_int_not_equal(guard_act(&f, &rules).action, ACTION_LOCAL);
    span_list_release(&l);
    scanner_free(sc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_may_be_a_name_is_looked_at),
        cmocka_unit_test(features_are_of_the_word_and_what_stands_around_it),
        cmocka_unit_test(a_small_corpus_teaches_its_pattern),
        cmocka_unit_test(the_same_texts_give_the_same_bytes),
        cmocka_unit_test(what_cannot_be_learnt_from_is_refused),
        cmocka_unit_test(damaged_weights_are_refused),
        cmocka_unit_test(the_built_in_weights_find_unlisted_names),
        cmocka_unit_test(hostile_bytes_are_only_bytes),
        cmocka_unit_test(a_lone_tagged_name_does_not_force_a_clinical_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
