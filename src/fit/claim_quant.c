/* claim_quant.c -- which quantisation is meant: one, or the range of those it may be. */
#include "fit/claim_lex.h"

#include <stdlib.h>

/* What people mean by bits: of the formats they use the one that reads least, and the one
 * that reads most. */
static const struct {
    enum quant least, most;
} by_bits[] = {
    [1] = {QUANT_IQ1_S, QUANT_IQ1_M},    [2] = {QUANT_IQ2_XXS, QUANT_Q2_K},
    [3] = {QUANT_IQ3_XXS, QUANT_Q3_K_L}, [4] = {QUANT_IQ4_XS, QUANT_Q4_1},
    [5] = {QUANT_Q5_K_S, QUANT_Q5_1},    [6] = {QUANT_MLX_6, QUANT_Q6_K},
    [8] = {QUANT_FP8, QUANT_Q8_0},       [16] = {QUANT_F16, QUANT_F16},
};

static bool of_bits(double bits, struct claim_quant *ret)
{
    size_t b = bits >= 16 ? 16 : (size_t)bits;
    if (b >= ARRAY_LEN(by_bits) || b < 1 ||
        (by_bits[b].least == 0 && by_bits[b].most == 0))
        return false;
    *ret = (struct claim_quant){by_bits[b].least, by_bits[b].most, true};
    return true;
}

struct claim_quant claim_quant_unsaid(const struct model *m)
{
    struct claim_quant q = {QUANT_IQ4_XS, QUANT_F16, true};
    if (m && quant_default(m) == QUANT_MXFP4)
        q = (struct claim_quant){QUANT_MXFP4, QUANT_F16, true};
    return q;
}

/* "4-bit", "4 bit", "int4", "4.0bpw". */
static size_t bits_at(struct str s, size_t at, struct claim_quant *ret)
{
    static const char *const behind[] = {"bit", "bits", "bpw"};
    static const char *const before[] = {"int", "w", "fp"};
    size_t which, n = claim_one_of(s, at, (const char *const[]){"w4a16"}, 1, &which);
    double bits;
    if (n)
        return of_bits(4, ret) ? n : 0;
    for (size_t i = 0; i < ARRAY_LEN(before); i++) {
        size_t head = strlen(before[i]);
        if (!str_starts_nocase(str_sub(s, at, s.n), str_of(before[i])))
            continue;
        n = claim_number(s, at + head, &bits);
        bool ends = at + head + n >= s.n || !claim_is_alnum(s.p[at + head + n]);
        bool known = bits == 4 || (bits == 8 && i == 0);
        if (n && ends && known && i != 1 && of_bits(bits, ret))
            return head + n;
    }
    n = claim_number(s, at, &bits);
    if (n == 0)
        return 0;
    if (at + n < s.n && (s.p[at + n] == '-' || s.p[at + n] == ' '))
        n++;
    size_t word = claim_one_of(s, at + n, behind, ARRAY_LEN(behind), &which);
    return word && of_bits(bits, ret) ? n + word : 0;
}

/* "Q4_K - Medium", as llama-bench prints it. */
static size_t size_word(struct str s, size_t at, size_t n, struct claim_quant *ret)
{
    static const char *const words[] = {"small", "medium", "large"};
    static const char ends[] = "SML";
    char name[12];
    size_t which, gap = 0;
    while (at + n + gap < s.n && (s.p[at + n + gap] == ' ' || s.p[at + n + gap] == '-'))
        gap++;
    size_t word = claim_one_of(s, at + n + gap, words, ARRAY_LEN(words), &which);
    if (word == 0 || n > 8 || gap == 0)
        return n;
    memcpy(name, s.p + at, n);
    name[n] = '_';
    name[n + 1] = ends[which];
    enum quant q;
    if (!quant_parse((struct str){name, n + 2}, &q))
        return n;
    *ret = (struct claim_quant){q, q, false};
    return n + gap + word;
}

/* Short names leave open which of several is meant. */
static void widen(struct str word, enum quant q, struct claim_quant *ret)
{
    static const struct {
        const char *word;
        enum quant least, most;
    } loose[] = {
        {"Q3", QUANT_Q3_K_S, QUANT_Q3_K_L}, {"Q3_K", QUANT_Q3_K_S, QUANT_Q3_K_L},
        {"Q4", QUANT_Q4_0, QUANT_Q4_K_M},   {"Q4_K", QUANT_Q4_K_S, QUANT_Q4_K_M},
        {"Q5", QUANT_Q5_K_S, QUANT_Q5_K_M}, {"Q5_K", QUANT_Q5_K_S, QUANT_Q5_K_M}};
    *ret = (struct claim_quant){q, q, false};
    for (size_t i = 0; i < ARRAY_LEN(loose); i++)
        if (str_eq_nocase(word, str_of(loose[i].word)))
            *ret = (struct claim_quant){loose[i].least, loose[i].most, true};
}

size_t claim_quant_at(struct str s, size_t at, struct claim_quant *ret)
{
    size_t n = bits_at(s, at, ret), end = at;
    if (n)
        return n;
    while (end < s.n && end < at + 24 &&
           (claim_is_alnum(s.p[end]) || s.p[end] == '_' || s.p[end] == '-'))
        end++;
    while (end > at) {
        enum quant q;
        struct str word = str_sub(s, at, end);
        bool bounded = end == s.n || !(claim_is_alnum(s.p[end]) || s.p[end] == '_');
        if (bounded && quant_parse(word, &q)) {
            widen(word, q, ret);
            return size_word(s, at, end - at, ret);
        }
        end--;
        while (end > at && s.p[end] != '-')
            end--;
    }
    return 0;
}
