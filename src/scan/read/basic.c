/* basic.c -- see basic.h: RFC 7617, base64 of "user:password". */
#include "scan/read/basic.h"

#include "scan/read/inside.h"
#include "scan/read/no_value.h"

enum { MOST = 240, LEAST = 8 };

static int six_bits(char c)
{
    return is_upper(c)   ? c - 'A'
           : is_lower(c) ? c - 'a' + 26
           : is_digit(c) ? c - '0' + 52
           : c == '+'    ? 62
           : c == '/'    ? 63
                         : -1;
}

/* The bytes behind the base64 in ret[MOST]: how many, 0 when it is none or no text. */
static size_t decode(struct str s, char *ret)
{
    size_t n = 0;
    uint32_t bits = 0;
    while (s.n && s.p[s.n - 1] == '=')
        s.n--;
    if (s.n < LEAST || s.n > MOST || s.n % 4 == 1)
        return 0;
    for (size_t i = 0; i < s.n; i++) {
        int six = six_bits(s.p[i]);
        if (six < 0)
            return 0;
        bits = bits << 6 | (uint32_t)six;
        unsigned spare = i % 4 == 1 ? 4 : i % 4 == 2 ? 2 : 0;
        if (i % 4)
            ret[n++] = (char)(bits >> spare & 255);
        if (i % 4 && (unsigned char)ret[n - 1] < ' ')
            return 0;
    }
    return n;
}

enum basic basic_of(struct str header)
{
    const struct str scheme = STR("basic ");
    char bytes[MOST];
    header = str_trim(header);
    if (!str_starts_nocase(header, scheme))
        return BASIC_NONE;
    size_t n = decode(str_trim(str_sub(header, scheme.n, header.n)), bytes);
    ptrdiff_t colon = n ? str_index((struct str){bytes, n}, ':') : -1;
    if (colon < 0)
        return BASIC_NONE;
    const struct given password = {
        .value = str_sub((struct str){bytes, n}, (size_t)colon + 1, n),
        .what = TELLS_PASSWORD,
        .note = NOTE_DATA,
        .is_quoted = true,
        .is_said = true};
    return password.value.n == 0 || is_no_value(&password, password.value) ? BASIC_EMPTY
                                                                           : BASIC_GIVEN;
}
