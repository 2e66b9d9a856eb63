/* test_wordlist.c -- whole words and nothing else, whatever stands around them. */
#include "scan/text/wordlist.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

struct hits {
    char text[512];
};

static void on_hit(void *ctx, size_t start, size_t end, uint16_t rule)
{
    struct hits *h = ctx;
    size_t n = strlen(h->text);
    snprintf(h->text + n, sizeof h->text - n, "%u:%zu-%zu ", rule, start, end);
}

static struct wordlist *make(const struct wordlist_entry *entries, size_t n)
{
    struct err err = {0};
    struct wordlist *l = wordlist_create(entries, n, &err);
    assert_non_null(l);
    return l;
}

static void whole_words_are_found(void **state)
{
    (void)state;
    static const struct wordlist_entry entries[] = {
        {STR_INIT("Bluebird"), 1, false},
        {STR_INIT("blue whale"), 2, true},
        {STR_INIT("src/acme/"), 3, false},
        {STR_INIT("(c) ACME"), 4, true},
        {STR_INIT("M\xc3\xbcller"), 5, false},
        {STR_INIT("\xe9\x9d\x92\xe9\xb8\x9f"), 6, false},
        {STR_INIT("--"), 7, false},
    };
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"Bluebird", "1:0-8 "},
        {"the Bluebird.", "1:4-12 "},
        {"Bluebirds, aBluebird, bluebird, Bluebird2", ""},
        {"Bluebird_x", "1:0-8 "},
        {"BLUE Whale and blue  whale", "2:0-10 2:15-26 "},
        {"a blue\nwhale", "2:2-12 "},
        {"> a blue\n> whale", "2:4-16 "},
        {"blue-whale, blue_whale", "2:0-10 2:12-22 "},
        {"blue\xC2\xA0whale", "2:0-11 "},
        {"**blue** whale", "2:2-14 "},
        {"blue\n\nwhale, blue, whale, bluewhale, blue--whale", ""},
        {"see src/acme/main.c", "3:4-13 "},
        {"mysrc/acme/x", ""},
        {"// (C) acme Ltd", "4:3-11 "},
        {"Herr M\xc3\xbcller, M\xc3\xbcllers", "5:5-12 "},
        {"\xe8\xaf\xb7\xe9\x97\xae\xe9\x9d\x92\xe9\xb8\x9f\xe9\xa1\xb9\xe7\x9b\xae",
         "6:6-12 "},
        {"-- -- --", ""},
        {"", ""},
    };
    struct wordlist *l = make(entries, ARRAY_LEN(entries));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct hits h = {""};
        wordlist_find(l, str_of(rows[i].text), on_hit, &h);
        assert_string_equal(h.text, rows[i].want);
    }
    wordlist_free(l);
}

/* -- against a search that tries every word at every place --------------------------- */

static uint64_t next_random(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    return *x ^= *x << 17;
}

static size_t random_text(uint64_t *x, char *out, size_t max)
{
    static const char alphabet[] = "aAb1 _.-";
    size_t n = next_random(x) % max + 1;
    for (size_t i = 0; i < n; i++)
        out[i] = alphabet[next_random(x) % (sizeof alphabet - 1)];
    return n;
}

static bool is_word(char c)
{
    return c == 'a' || c == 'A' || c == 'b' || c == '1';
}

static bool has_word(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (is_word(s.p[i]))
            return true;
    return false;
}

/* A blank between two words, which a text may write in other ways. */
static bool is_phrase(struct str s)
{
    for (size_t i = 1; i + 1 < s.n; i++)
        if (s.p[i] == ' ' && is_word(s.p[i - 1]) && is_word(s.p[i + 1]))
            return true;
    return false;
}

static size_t count_naively(const struct wordlist_entry *e, struct str text)
{
    size_t hits = 0;
    for (size_t at = 0; at + e->word.n <= text.n; at++) {
        struct str here = str_sub(text, at, at + e->word.n);
        bool is_same =
            e->ignores_case ? str_eq_nocase(here, e->word) : str_eq(here, e->word);
        bool joins = (at > 0 && is_word(text.p[at - 1]) && is_word(here.p[0])) ||
                     (at + here.n < text.n && is_word(text.p[at + here.n]) &&
                      is_word(here.p[here.n - 1]));
        hits += is_same && !joins && has_word(here);
    }
    return hits;
}

static void count_hit(void *ctx, size_t start, size_t end, uint16_t rule)
{
    size_t *counts = ctx;
    (void)start;
    (void)end;
    counts[rule]++;
}

static void it_agrees_with_a_naive_search(void **state)
{
    (void)state;
    enum { WORDS = 12 };
    size_t total = 0;
    for (uint64_t seed = 1; seed <= 500; seed++) {
        uint64_t x = seed * 0x9E3779B97F4A7C15u;
        char words[WORDS][4], text[200];
        struct wordlist_entry entries[WORDS];
        size_t counts[WORDS] = {0};
        for (uint16_t i = 0; i < WORDS; i++)
            entries[i] = (struct wordlist_entry){
                {words[i], random_text(&x, words[i], 4)}, i, next_random(&x) % 2};
        struct str all = {text, random_text(&x, text, sizeof text)};
        struct wordlist *l = make(entries, WORDS);
        wordlist_find(l, all, count_hit, counts);
        for (size_t i = 0; i < WORDS; i++) {
            size_t exact = count_naively(&entries[i], all);
            assert_true(is_phrase(entries[i].word) ? counts[i] >= exact
                                                   : counts[i] == exact);
            total += counts[i];
        }
        wordlist_free(l);
    }
    assert_true(total > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_words_are_found),
        cmocka_unit_test(it_agrees_with_a_naive_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
