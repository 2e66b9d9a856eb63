/* floats.c -- see floats.h. */
#include "scan/find/floats.h"

#include "json/scan.h"

enum {
    MANTISSA_BYTES = 96,
    EXPONENT_DIGITS = 16,
    NUMBER_BYTES = MANTISSA_BYTES + EXPONENT_DIGITS + 2
};

static bool is_digit_at(struct str s, size_t i)
{
    return i < s.n && s.p[i] >= '0' && s.p[i] <= '9';
}

static bool is_at(struct str s, size_t i, const char *marks)
{
    return i < s.n && s.p[i] && strchr(marks, s.p[i]);
}

/* Digits with one point among them: their end. */
static size_t read_mantissa(struct str s)
{
    bool has_point = false;
    size_t i = 0;
    while (i < MANTISSA_BYTES && (is_digit_at(s, i) || (!has_point && is_at(s, i, ".") &&
                                                        is_digit_at(s, i + 1)))) {
        has_point |= !is_digit_at(s, i);
        i++;
    }
    return i;
}

static size_t skip_blank(struct str s, size_t i)
{
    return i + is_at(s, i, " ");
}

/* Where the sign or the digits of the exponent begin; 0: there is none. */
static size_t read_mark(struct str s, size_t i)
{
    if (is_at(s, i, "eEdD"))
        return i + 1;
    i = skip_blank(s, i);
    struct str rest = str_sub(s, i, s.n);
    size_t times = str_starts(rest, STR("\xC3\x97")) ? 2 : is_at(s, i, "xX*");
    if (times == 0)
        return 0;
    i = skip_blank(s, i + times);
    rest = str_sub(s, i, s.n);
    if (str_starts(rest, STR("10**")))
        return i + 4;
    return str_starts(rest, STR("10^")) ? i + 3 : 0;
}

/* As JSON has it; its bytes in the text, 0 when it is none. */
static size_t read_number(struct str s, char room[NUMBER_BYTES], size_t *ret_n)
{
    size_t mantissa = read_mantissa(s), n = 0;
    size_t at = mantissa ? read_mark(s, mantissa) : 0;
    if (at == 0)
        return 0;
    for (; n < mantissa; n++)
        room[n] = s.p[n];
    room[n++] = 'e';
    if (is_at(s, at, "+-"))
        room[n++] = s.p[at++];
    size_t first = at;
    while (is_digit_at(s, at) && at - first < EXPONENT_DIGITS)
        room[n++] = s.p[at++];
    *ret_n = n;
    return at > first && !is_digit_at(s, at) ? at : 0;
}

bool float_read(struct str text, struct float_seen *ret)
{
    char room[NUMBER_BYTES];
    size_t n = 0;
    ret->bytes = read_number(text, room, &n);
    if (ret->bytes == 0)
        return false;
    struct str digits =
        json_plain_integer((struct str){room, n}, ret->digits, sizeof ret->digits);
    if (!digits.p)
        return false;
    ret->n = ret->nsignificant = digits.n;
    while (ret->nsignificant > 1 && ret->digits[ret->nsignificant - 1] == '0')
        ret->nsignificant--;
    return true;
}
