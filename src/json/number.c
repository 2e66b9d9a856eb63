/* number.c -- integers that are not written as such: 100.0, 1e3, 4.1e1.
 *
 * All in decimal digits, so that nothing is rounded: value = digits * 10^scale. */
#include "json/scan.h"

#include <limits.h>

enum { MAX_EXPONENT = 10000 }; /* larger ones count as this: no room holds them */

/* Past it neighbours are one to readers that take numbers with a point as doubles. */
#define EXACT_AS_DOUBLE ((int64_t)1 << 53)

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int read_exponent(struct str s)
{
    bool is_negative = s.n && s.p[0] == '-';
    int v = 0;
    for (size_t i = 0; i < s.n; i++)
        if (is_digit(s.p[i]) && v < MAX_EXPONENT)
            v = v * 10 + (s.p[i] - '0');
    return is_negative ? -v : v;
}

struct str json_plain_integer(struct str number, char *room, size_t cap)
{
    const struct str none = {NULL, 0};
    size_t i = 0, n = 0, first, zeros = 0; /* that wait for another digit */
    int scale = 0;
    bool is_behind_point = false;
    if (number.n && number.p[0] == '-' && cap > 0)
        room[n++] = number.p[i++];
    first = n;
    for (; i < number.n && (is_digit(number.p[i]) || number.p[i] == '.'); i++) {
        if (number.p[i] == '.') {
            is_behind_point = true;
            continue;
        }
        scale -= is_behind_point;
        if (number.p[i] == '0') {
            zeros += n > first; /* no leading ones */
            continue;
        }
        if (cap - n <= zeros)
            return none;
        memset(room + n, '0', zeros);
        n += zeros;
        zeros = 0;
        room[n++] = number.p[i];
    }
    if (i < number.n)
        scale += read_exponent(str_sub(number, i + 1, number.n));
    scale += (int)(zeros < INT_MAX / 2 ? zeros : INT_MAX / 2);
    if (n == first)
        return cap > 0 ? (room[0] = '0', (struct str){room, 1}) : none;
    if (scale < 0 || (size_t)scale > cap - n)
        return none;
    memset(room + n, '0', (size_t)scale);
    return (struct str){room, n + (size_t)scale};
}

bool json_is_plain_integer(struct str number)
{
    for (size_t i = 0; i < number.n; i++)
        if (!is_digit(number.p[i]) && number.p[i] != '-')
            return false;
    return true;
}

bool json_to_i64(struct str number, int64_t *ret)
{
    char room[32];
    if (json_is_plain_integer(number))
        return str_to_i64(number, ret);
    return str_to_i64(json_plain_integer(number, room, sizeof room), ret) &&
           *ret <= EXACT_AS_DOUBLE && *ret >= -EXACT_AS_DOUBLE;
}
