/* claim_text.h -- the small things in a sentence about speed: numbers and their units.
 *
 * For the reader of claims alone.  All functions read clean text (claim_clean()) at an
 * offset and return how many bytes they took, 0 for nothing. */
#ifndef WEIR_FIT_CLAIM_TEXT_H
#define WEIR_FIT_CLAIM_TEXT_H

#include "core/buf.h"

/* Printable text: control characters are blanks, escapes of terminals are gone, bytes
 * that are no UTF-8 are '?', and signs that mean the same are one (a dash, a times sign,
 * a plus-or-minus, full-width letters).  Lines stay lines. */
int claim_clean(struct str raw, struct buf *out);

bool claim_is_digit(char c);
bool claim_is_alnum(char c);
/* True where a word begins. */
bool claim_starts_word(struct str s, size_t at);

/* "1,250" and "1.250,5" and "1'250" have thousands, "4,4" and "1.250" a fraction: a comma
 * before exactly three digits parts thousands, a dot does so beside a comma only. */
size_t claim_number(struct str s, size_t at, double *ret);

/* "44 tok/s", "~40-50 t/s", "45 +- 3 tps", "21.3 ms per token", "45 tokens a second",
 * "between 40 and 50 tok/s" from "40" on.  Faster first when it is a time. */
struct claim_rate {
    double low, high;
    size_t from, to; /* of the number as it was written */
    bool is_time;    /* it was said as a time for a token */
    char adjective;  /* 'p' "prompt tokens a second", 'g' generated ones; 0 none */
    size_t slashed;  /* more numbers before this unit: "110/9 tok/s" has 1 */
    double other[3]; /* those, in the order of the text */
    size_t other_from[3], other_to[3];
};
size_t claim_rate(struct str s, size_t at, struct claim_rate *ret);
/* A number or a range without a unit. */
size_t claim_bare(struct str s, size_t at, struct claim_rate *ret);

/* "tok/s", "ms per token" and their many forms without a number before them. */
struct claim_scale {
    bool is_time;  /* milliseconds for a token, else tokens a second ... */
    double factor; /* ... in units of this */
};
size_t claim_unit(struct str s, size_t at, struct claim_scale *ret);
/* Where a unit of speed stands first: false, none does. */
bool claim_find_unit(struct str s, struct claim_scale *ret);
/* A bare number in that unit; false when it is no speed. */
bool claim_scaled(struct claim_rate *r, struct claim_scale in);

/* One of the words at `at`, as a whole word, case apart; its index in *ret. */
size_t claim_one_of(struct str s, size_t at, const char *const *words, size_t n,
                    size_t *ret);

#endif
