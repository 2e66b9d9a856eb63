/* shown.c -- see shown.h.
 *
 * What a terminal or a reader in C does not show may cut a value in two for a detector:
 * `grep --color` puts its sequences into the middle of a number that it has found. */
#include "scan/text/shown.h"

#include "scan/detect.h"

enum { ESCAPE = 0x1B, BELL = 0x07, MAX_BACKSLASHES = 8 };

static bool is_control(unsigned c)
{
    return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
}

/* Behind the BEL or ESC \ that ends a string for the terminal: a title, a link. */
static const char *skip_string(const char *p, const char *end)
{
    const char *q = p + 2;
    while (q < end && *q != BELL && *q != ESCAPE && *q != '\n')
        q++;
    if (q < end && *q == BELL)
        return q + 1;
    return end - q >= 2 && *q == ESCAPE && q[1] == '\\' ? q + 2 : p + 1;
}

/* Behind ESC [ ... letter, ESC ( letter, or a string; p stands at the ESC. */
static const char *skip_sequence(const char *p, const char *end)
{
    const char *q = p + 2;
    if (end - p < 3)
        return p + 1;
    if (p[1] == ']' || p[1] == 'P' || p[1] == '_' || p[1] == '^')
        return skip_string(p, end);
    if (p[1] == '(' || p[1] == ')')
        return q + 1;
    if (p[1] != '[')
        return p + 1;
    while (q < end && *q >= 0x20 && *q < 0x40)
        q++;
    return q < end && *q >= 0x40 && *q < 0x7F ? q + 1 : p + 1;
}

/* Behind a control character written as \u00XX, with any number of backslashes; p itself
 * when it is none. */
static const char *skip_written(const char *p, const char *end)
{
    const char *q = p;
    while (q < end && *q == '\\' && q - p < MAX_BACKSLASHES)
        q++;
    if (end - q < 5 || *q != 'u' || q[1] != '0' || q[2] != '0' || !is_hex(q[3]) ||
        !is_hex(q[4]))
        return p;
    unsigned high = is_digit(q[3]) ? (unsigned)(q[3] - '0') : 16;
    unsigned low =
        is_digit(q[4]) ? (unsigned)(q[4] - '0') : (unsigned)(to_lower(q[4]) - 'a' + 10);
    return is_control(high * 16 + low) ? q + 5 : p;
}

size_t shown_only(struct str text, char *out)
{
    const char *p = text.p, *end = p + text.n;
    size_t n = 0;
    while (p < end) {
        const char *next = p;
        if (*p == ESCAPE)
            next = skip_sequence(p, end);
        else if (is_control((unsigned char)*p))
            next = p + 1;
        else if (*p == '\\')
            next = skip_written(p, end);
        if (next == p)
            out[n++] = *p++;
        else
            p = next;
    }
    return n;
}
