/* test_text_diff.c -- where two texts part, by words. */
#include "cmd/decide/text_diff.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ARENA_BYTES = 64 << 20, TEXT_BYTES = 1 << 20, ROUNDS = 2000 };

static void shows_what_differs(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b, *wanted;
        double common;
    } rows[] = {
        {"the answer is 391", "the answer is 400", "the answer is [-391-] {+400+}", .75},
        {"a b c", "a b c", "a b c", 1},
        {"a   b\tc", "a b c", "a b c", 1},
        {"", "", "", 1},
        {"", "x y", "{+x y+}", 0},
        {"x y", "", "[-x y-]", 0},
        {"one\ntwo\nthree", "one\nthree", "one\n[-two\n-]three", .75},
        {"a b c d", "x a b d y", "{+x+} a b [-c-] d {+y+}", 2. / 3},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena scratch;
        struct buf out;
        arena_init(&scratch, ARENA_BYTES);
        buf_init(&out, TEXT_BYTES);
        double common = text_diff(str_of(rows[i].a), str_of(rows[i].b), &scratch, &out);
        assert_true(fabs(common - rows[i].common) < 1e-9);
        buf_byte(&out, '\0');
        assert_string_equal(out.p, rows[i].wanted);
        buf_release(&out);
        arena_reset(&scratch);
    }
}

/* What is written, without what is marked as new, is a; without what is gone, b. */
static void keep(const char *marked, const char *drop, const char *undrop, char *out)
{
    bool dropping = false;
    for (const char *p = marked; *p; p++) {
        if (strncmp(p, drop, 2) == 0 || strncmp(p, undrop, 2) == 0) {
            dropping = strncmp(p, drop, 2) == 0;
            p++;
        } else if (strncmp(p, "[-", 2) == 0 || strncmp(p, "-]", 2) == 0 ||
                   strncmp(p, "{+", 2) == 0 || strncmp(p, "+}", 2) == 0) {
            p++;
        } else if (!dropping && *p != ' ') {
            *out++ = *p;
        }
    }
    *out = '\0';
}

static void both_texts_can_be_read_back(void **state)
{
    (void)state;
    srand(7);
    for (int round = 0; round < ROUNDS; round++) {
        char texts[2][128], kept[256], plain[128];
        struct arena scratch;
        struct buf out;
        for (int t = 0; t < 2; t++) {
            int n = rand() % 40;
            for (int i = 0; i < n; i++)
                texts[t][i] = "abc \n"[rand() % 5];
            texts[t][n] = '\0';
        }
        arena_init(&scratch, ARENA_BYTES);
        buf_init(&out, TEXT_BYTES);
        assert_true(text_diff(str_of(texts[0]), str_of(texts[1]), &scratch, &out) >= 0);
        buf_byte(&out, '\0');
        for (int t = 0; t < 2; t++) {
            char *to = plain;
            for (const char *p = texts[t]; *p; p++)
                if (*p != ' ')
                    *to++ = *p;
            *to = '\0';
            keep(out.p, t ? "[-" : "{+", t ? "-]" : "+}", kept);
            assert_string_equal(kept, plain);
        }
        buf_release(&out);
        arena_reset(&scratch);
    }
}

static void what_has_little_in_common_is_given_up(void **state)
{
    (void)state;
    struct buf a, b, out;
    struct arena scratch;
    buf_init(&a, TEXT_BYTES);
    buf_init(&b, TEXT_BYTES);
    buf_init(&out, TEXT_BYTES);
    arena_init(&scratch, ARENA_BYTES);
    for (int i = 0; i < TEXT_DIFF_EDITS; i++) {
        buf_printf(&a, "a%d ", i);
        buf_printf(&b, "b%d ", i);
    }
    assert_true(text_diff(buf_view(&a), buf_view(&b), &scratch, &out) < 0);
    assert_int_equal(buf_len(&out), 0);
    arena_reset(&scratch);
    buf_release(&a);
    buf_release(&b);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_what_differs),
        cmocka_unit_test(both_texts_can_be_read_back),
        cmocka_unit_test(what_has_little_in_common_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
