/* money.c -- reading and writing decimal money without a double in sight. */
#include "facts/money.h"

#include <stdio.h>

static int bad(struct str text, const char *field, const char *why, struct err *err)
{
    return err_set(err, ERR_CONFIG, "bad_money",
                   "%s: \"%.*s\" %s; write a plain decimal such as 0.15", field,
                   (int)(text.n > 40 ? 40 : text.n), text.p, why);
}

static bool push_digit(int64_t *v, char c)
{
    if (c < '0' || c > '9')
        return false;
    return !__builtin_mul_overflow(*v, INT64_C(10), v) &&
           !__builtin_add_overflow(*v, (int64_t)(c - '0'), v);
}

int money_parse(struct str text, unsigned decimals, const char *field, int64_t *ret,
                struct err *err)
{
    int64_t v = 0;
    unsigned places = 0;
    bool point = false;
    size_t digits = 0;

    if (text.n && text.p[0] == '-')
        return bad(text, field, "is negative", err);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '.' && !point) {
            point = true;
            continue;
        }
        if (!push_digit(&v, text.p[i]))
            return bad(text, field, "is not an amount of money", err);
        digits++;
        if (point && ++places > decimals)
            return bad(text, field, "has too many decimals", err);
    }
    if (digits == 0)
        return bad(text, field, "is not an amount of money", err);
    for (; places < decimals; places++)
        if (!push_digit(&v, '0'))
            return bad(text, field, "is too large", err);
    *ret = v;
    return 0;
}

int money_parse_per_million(struct str text, const char *field, int64_t *ret_pico,
                            struct err *err)
{
    return money_parse(text, 6, field, ret_pico, err);
}

int money_parse_usd(struct str text, const char *field, int64_t *ret_nanousd,
                    struct err *err)
{
    return money_parse(text, 9, field, ret_nanousd, err);
}

int money_round(money_wide wide, int64_t divisor, const char *field, int64_t *ret,
                struct err *err)
{
    bool negative = wide < 0;
    money_wide magnitude = negative ? -wide : wide;
    money_wide v = (magnitude + divisor / 2) / divisor;
    if (v > INT64_MAX)
        return err_set(err, ERR_CONFIG, "bad_money",
                       "%s: the sum passes 9.2 billion dollars; check the volume", field);
    *ret = negative ? -(int64_t)v : (int64_t)v;
    return 0;
}

static void group_thousands(uint64_t v, char out[32])
{
    char plain[24];
    int n = snprintf(plain, sizeof plain, "%llu", (unsigned long long)v);
    size_t k = 0;
    for (int i = 0; i < n; i++) {
        out[k++] = plain[i];
        if ((n - i - 1) % 3 == 0 && i + 1 < n)
            out[k++] = ',';
    }
    out[k] = '\0';
}

void money_format(int64_t nanousd, unsigned places, char out[MONEY_TEXT])
{
    uint64_t magnitude = nanousd < 0 ? 0 - (uint64_t)nanousd : (uint64_t)nanousd;
    uint64_t unit = 1;
    char whole[32];
    for (unsigned i = places; i < 9; i++)
        unit *= 10;
    uint64_t per_dollar = (uint64_t)NANOUSD_PER_USD / unit;
    uint64_t units = (magnitude + unit / 2) / unit;
    group_thousands(units / per_dollar, whole);
    const char *sign = nanousd < 0 && units ? "-" : "";
    if (places == 0)
        snprintf(out, MONEY_TEXT, "%s$%s", sign, whole);
    else
        snprintf(out, MONEY_TEXT, "%s$%s.%0*llu", sign, whole, (int)places,
                 (unsigned long long)(units % per_dollar));
}

static void decimal(int64_t v, unsigned decimals, char out[MONEY_TEXT])
{
    uint64_t magnitude = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    uint64_t unit = 1;
    for (unsigned i = 0; i < decimals; i++)
        unit *= 10;
    int n = snprintf(out, MONEY_TEXT, "%s%llu.%0*llu", v < 0 ? "-" : "",
                     (unsigned long long)(magnitude / unit), (int)decimals,
                     (unsigned long long)(magnitude % unit));
    while (n > 0 && out[n - 1] == '0')
        out[--n] = '\0';
    if (n > 0 && out[n - 1] == '.')
        out[n - 1] = '\0';
}

void money_decimal(int64_t nanousd, char out[MONEY_TEXT])
{
    decimal(nanousd, 9, out);
}

void money_decimal_per_million(int64_t pico_per_token, char out[MONEY_TEXT])
{
    decimal(pico_per_token, 6, out);
}
