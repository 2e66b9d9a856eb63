/* test_learned.c -- the learned router: what it reads, what it adds up, what it refuses.
 */
#include "core/mem.h"
#include "route/learned/envelope.h"
#include "route/learned/learned.h"
#include "route/learned/weights.h"

#include <ctype.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct router *builtin(void)
{
    static struct router r;
    struct err err = {0};
    assert_int_equal(router_open(&r, router_builtin(), &err), 0);
    return &r;
}

static void read_text(const char *text, struct prompt *p)
{
    prompt_read(&builtin()->words, builtin()->w.common, str_of(text), p);
}

/* -- a slow reference of terms and sums ------------------------------------------- */

static uint32_t slow_mix(uint32_t h)
{
    h = h ^ (h >> 16);
    h = (uint32_t)((uint64_t)h * 0x85ebca6bu);
    return h ^ (h >> 13);
}

struct slow {
    uint32_t term[PROMPT_MAX_TERMS];
    uint32_t n, previous;
    bool seen[8192];
};

static void slow_add(struct slow *s, uint32_t h)
{
    uint32_t m = slow_mix(h);
    if (s->seen[(m / 8) % 8192])
        return;
    s->seen[(m / 8) % 8192] = true;
    s->term[s->n++] = m;
}

static void slow_token(struct slow *s, uint32_t h)
{
    slow_add(s, h);
    if (s->previous)
        slow_add(s, (uint32_t)((uint64_t)s->previous * 0x9e3779b1u) ^ h);
    s->previous = h;
}

/* Words and numbers of a text without options, one after the other, copied out first. */
static void slow_read(struct slow *s, const char *t)
{
    char word[4096];
    memset(s, 0, sizeof *s);
    while (*t) {
        size_t n = 0, digits = 0;
        bool is_decimal = false;
        if (isalpha((unsigned char)*t) || (unsigned char)*t >= 0x80) {
            while (isalpha((unsigned char)*t) || (unsigned char)*t >= 0x80)
                word[n++] = (char)tolower((unsigned char)*t++);
            slow_token(s, cue_hash((struct str){word, n}));
        } else if (isdigit((unsigned char)*t)) {
            while (isdigit((unsigned char)*t) ||
                   ((*t == '.' || *t == ',') && isdigit((unsigned char)t[1]))) {
                digits += isdigit((unsigned char)*t) != 0;
                is_decimal = is_decimal || *t == '.';
                t++;
            }
            slow_token(s, is_decimal ? 9 : digits < 4 ? (uint32_t)digits : 4);
        } else {
            t++;
        }
    }
}

static float slow_gap(const struct slow *s, const struct prompt *p)
{
    const struct router *r = builtin();
    long total = 0;
    for (uint32_t i = 0; i < s->n; i++)
        total += r->table[(s->term[i] / 65536) * 2];
    double sum =
        (double)total * (double)r->w.unit[0] * (s->n ? 1 / sqrt((double)s->n) : 0);
    for (size_t i = 0; i < F_NFEATURES; i++)
        sum = sum + (double)p->f[i] * (double)r->w.figure[0][i];
    return (float)(sum + (double)r->w.bias[0]);
}

static const char *const prompts[] = {
    "",
    "x",
    "What is the capital of France?",
    "Tom has 3 apples and buys 2.5 kg more for $12, then sells half. How many are left?",
    "Write a short story about a lighthouse keeper who befriends a whale.",
    "Prove that $\\frac{a}{b} + \\frac{b}{a} \\ge 2$ for all positive $a, b$.",
    "def f(x):\n    return {k: v for k, v in x.items() if v == 1}\nassert f({}) == {}\n",
    "M\xc3\xbcller fragt: was kostet das? \xe9\x9d\x92\xe9\xb8\x9f 1,234 II III",
    "the the the the cat cat sat\n\n\n  on ___ mat.",
    "\xff\xfe\x01 broken \x80\x80 bytes 12.",
};

static void scores_are_those_of_a_slow_reference(void **state)
{
    (void)state;
    static struct slow s;
    struct prompt p;
    struct router_score got;
    for (size_t i = 0; i < ARRAY_LEN(prompts); i++) {
        slow_read(&s, prompts[i]);
        read_text(prompts[i], &p);
        assert_int_equal(p.nterms, s.n);
        assert_memory_equal(p.term, s.term, s.n * sizeof *s.term);
        router_read(builtin(), str_of(prompts[i]), &got);
        float want = slow_gap(&s, &p);
        assert_memory_equal(&got.gap, &want, sizeof want); /* to the last bit */
        assert_true(got.suffices >= 0 && got.suffices <= 1);
    }
}

static float ln1(double n)
{
    return logf(1.0f + (float)n);
}

static void figures_count_what_they_say(void **state)
{
    (void)state;
    struct prompt p;
    read_text(
        "Tom has 3 apples. He buys 1,250 more for $2.50 in 1999. How many are left?", &p);
    assert_true(p.f[F_NUMBERS] == ln1(4));
    assert_true(p.f[F_LARGE_NUMBERS] == ln1(3)); /* 1,250 and 2.50 and 1999 */
    assert_true(p.f[F_DECIMALS] == ln1(1));
    assert_true(p.f[F_YEARS] == ln1(1));
    assert_true(p.f[F_CURRENCY] == ln1(1));
    assert_true(p.f[F_SENTENCES] == ln1(3));
    assert_true(p.f[F_QUESTIONS] == ln1(1));
    assert_true(p.f[F_NO_QUESTION] == 0.0f);
    assert_true(p.f[F_CLASS + CUE_MANY] == ln1(1));
    assert_int_equal(p.kind, KIND_WORD_PROBLEM);
    assert_true(p.f[F_STEPS] > 0);
    read_text("Which one?\nA. red fox\nB. red dog\nC. 12", &p);
    assert_true(p.f[F_OPTIONS] == ln1(3));
    assert_true(p.f[F_OPTION_NUMBERS] == 1.0f / 5.0f);
    assert_true(p.f[F_OPTION_SAME] == 1.0f / 5.0f); /* "red" came before */
    assert_true(p.f[F_WORDS] == ln1(2));            /* options are counted apart */
    assert_int_equal(p.kind, KIND_CHOICE);
}

static void a_prompt_has_a_kind(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum prompt_kind kind;
    } rows[] = {
        {"What is the capital of France?", KIND_FACT},
        {"Write a haiku about rain", KIND_OPEN},
        {"Explain how tides work", KIND_OPEN},
        {"Write a function that sorts a list", KIND_CODE},
        {"Find $x$ if $x^2 = 9$.", KIND_FORMAL},
        {"Which?\n(A) one\n(B) two\n(C) three\n(D) four", KIND_CHOICE},
        {"B. no option\nC. nor this", KIND_OTHER},
    };
    struct prompt p;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        read_text(rows[i].text, &p);
        assert_int_equal(p.kind, rows[i].kind);
    }
}

static void notes_of_agents_are_not_read(void **state)
{
    (void)state;
    struct router_score bare, wrapped;
    router_read(builtin(), STR("Rename the class Foo to Bar."), &bare);
    static const char *const rows[] = {
        "<system-reminder>\nToday is Monday. 12 files.\n</system-reminder>\n"
        "Rename the class Foo to Bar.",
        "Rename the class Foo to Bar.<environment_context><cwd>x</cwd>"
        "</environment_context>",
        "<user_info os=\"linux\">x</user_info><rules>y</rules>Rename the class Foo to "
        "Bar.",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str v[ENVELOPE_PIECES];
        size_t n = envelope_strip(str_of(rows[i]), v);
        assert_int_equal(n, 1);
        assert_true(str_eqz(str_trim(v[0]), "Rename the class Foo to Bar.") || i == 0);
        router_read(builtin(), str_of(rows[i]), &wrapped);
        assert_true(fabsf(wrapped.gap - bare.gap) < 0.005f); /* a line end more */
    }
    /* One that does not end, an unknown element, or nothing else: read as it is. */
    static const char *const kept[] = {"<system-reminder> no end", "<b>bold</b> text",
                                       "<rules>only this</rules>", "a < b and b > c"};
    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        struct str v[ENVELOPE_PIECES];
        assert_int_equal(envelope_strip(str_of(kept[i]), v), 1);
        assert_true(str_eqz(v[0], kept[i]));
    }
}

static void of_a_long_prompt_both_ends_are_read(void **state)
{
    (void)state;
    enum { N = 100000 };
    static char text[N + 1];
    struct prompt p, middle;
    memset(text, ' ', N);
    memcpy(text, "Alpha", 5);
    memcpy(text + N - 5, "omega", 5);
    read_text(text, &p);
    assert_int_equal(p.nterms, 3); /* two words and the pair */
    assert_true(p.f[F_LENGTH] == ln1(N));
    memcpy(text + N / 2, "middle", 6);
    read_text(text, &middle);
    assert_int_equal(middle.nterms, 3);
}

static void any_bytes_give_a_finite_score(void **state)
{
    (void)state;
    static char text[9000];
    struct router_score s;
    uint64_t x = 1;
    for (int round = 0; round < 300; round++) {
        size_t n = 0;
        for (; n < (size_t)(round * 30); n++) {
            x = x * 6364136223846793005u + 1442695040888963407u;
            text[n] = round % 3 ? (char)(x >> 56) : "A. \n<$9(_"[(x >> 60) % 9];
        }
        router_read(builtin(), (struct str){text, n}, &s);
        assert_true(isfinite(s.gap));
        assert_true(s.suffices >= 0 && s.suffices <= 1);
    }
}

static void damaged_weights_are_refused(void **state)
{
    (void)state;
    struct str good = router_builtin();
    struct router r;
    struct err err = {0};
    char *copy = mem_strndup(good.p, good.n);
    assert_non_null(copy);
    static const struct {
        size_t at, n;
        const char *why;
    } rows[] = {
        {0, 0, "begin"}, {8, 0, "another version"}, {5000, 0, "damaged"},
        {0, 7, "begin"}, {0, 99, "cut off"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str s = {copy, rows[i].n ? rows[i].n : good.n};
        if (!rows[i].n)
            copy[rows[i].at] ^= 1;
        err = (struct err){0};
        assert_int_equal(router_open(&r, s, &err), -1);
        assert_non_null(strstr(err.msg, rows[i].why));
        assert_non_null(strstr(err.msg, "weir train router"));
        if (!rows[i].n)
            copy[rows[i].at] ^= 1;
    }
    assert_int_equal(router_open(&r, (struct str){copy, good.n}, &err), 0);
    mem_free(copy);
}

static void an_explanation_names_what_weighed_most(void **state)
{
    (void)state;
    struct router_score s;
    char words[400], cut[12];
    router_read(builtin(), str_of(prompts[3]), &s);
    size_t n = router_words(&s, words, sizeof words);
    assert_int_equal(n, strlen(words));
    assert_true(strncmp(words, "a word problem: ", 16) == 0);
    assert_true(fabsf(s.top[0].weight) >= fabsf(s.top[1].weight));
    assert_true(fabsf(s.top[1].weight) >= fabsf(s.top[2].weight));
    assert_int_equal(router_words(&s, cut, sizeof cut), sizeof cut - 1);
    for (unsigned f = 0; f < F_NFEATURES; f++)
        assert_non_null(feature_name(f));
}

static void shares_have_their_quantile(void **state)
{
    (void)state;
    const struct router *r = builtin();
    assert_true(router_quantile(r, 0) == r->w.quantile[ROUTER_QUANTILES - 1]);
    assert_true(router_quantile(r, 1) == r->w.quantile[0]);
    for (int i = 1; i <= 100; i++)
        assert_true(router_quantile(r, (float)i / 100) <=
                    router_quantile(r, (float)(i - 1) / 100));
}

/* A short question and a chat stay; a proof goes. */
static void hard_prompts_score_higher(void **state)
{
    (void)state;
    struct router_score easy, chat, proof, steps;
    router_read(builtin(), STR("What is the capital of France?"), &easy);
    router_read(builtin(), STR("Write a friendly birthday poem for my sister."), &chat);
    router_read(builtin(), str_of(prompts[5]), &proof);
    router_read(builtin(), str_of(prompts[3]), &steps);
    assert_true(easy.gap < proof.gap && easy.gap < steps.gap);
    assert_true(chat.gap < proof.gap && chat.gap < steps.gap);
    assert_true(easy.suffices > proof.suffices);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_those_of_a_slow_reference),
        cmocka_unit_test(figures_count_what_they_say),
        cmocka_unit_test(a_prompt_has_a_kind),
        cmocka_unit_test(notes_of_agents_are_not_read),
        cmocka_unit_test(of_a_long_prompt_both_ends_are_read),
        cmocka_unit_test(any_bytes_give_a_finite_score),
        cmocka_unit_test(damaged_weights_are_refused),
        cmocka_unit_test(an_explanation_names_what_weighed_most),
        cmocka_unit_test(shares_have_their_quantile),
        cmocka_unit_test(hard_prompts_score_higher),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
