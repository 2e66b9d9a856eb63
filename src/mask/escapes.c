/* escapes.c -- see escapes.h. */
#include "mask/escapes.h"

#include <stdio.h>

enum { DIGITS_MAX = 7, NAME_MAX_BYTES = 8, MARKS_MAX = 6, LABEL_MAX = 40 };
enum { LAYERS_MAX = 7 }; /* bytes of an escape before its last layer */

static const struct {
    const char *name;
    uint32_t code;
} names[] = {
    {"commat", '@'},  {"period", '.'},  {"plus", '+'},   {"colon", ':'},
    {"lowbar", '_'},  {"nbsp", 0xA0},   {"shy", 0xAD},   {"hyphen", 0x2010},
    {"dash", 0x2010}, {"zwnj", 0x200C}, {"zwj", 0x200D}, {"NoBreak", 0x2060},
};

static int hex_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char low = (char)(c | 0x20);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/* n hexadecimal digits at text[at]: true; too few because the text ends: *is_cut. */
static bool read_hex(struct str text, size_t at, size_t n, struct escape *e,
                     uint32_t *ret, bool *is_cut)
{
    *ret = 0;
    for (size_t i = at; i < at + n; i++) {
        if (i >= text.n) {
            *is_cut = true;
            return false;
        }
        int digit = hex_of(text.p[i]);
        if (digit < 0)
            return false;
        e->is_lower |= text.p[i] >= 'a';
        *ret = *ret * 16 + (uint32_t)digit;
    }
    return true;
}

/* %40, %2540, %252540 and =40 */
static int read_byte(struct str text, struct escape *e, uint32_t *ret)
{
    bool is_cut = false;
    if (!read_hex(text, 1, 2, e, ret, &is_cut))
        return is_cut ? -1 : 0;
    size_t at = 3;
    for (; *ret == '%' && e->kind == ESCAPE_PERCENT && at <= LAYERS_MAX; at += 2) {
        if (!read_hex(text, at, 2, e, ret, &is_cut))
            return is_cut ? -1 : 0;
        e->is_twice = true;
    }
    return (int)at;
}

/* "{40}" of \u{40} */
static int read_braced(struct str text, size_t at, struct escape *e, uint32_t *ret)
{
    size_t end = at + 1;
    bool is_cut = false;
    while (end < text.n && end <= at + DIGITS_MAX && hex_of(text.p[end]) >= 0)
        end++;
    if (end == text.n)
        return -1;
    return text.p[end] == '}' && read_hex(text, at + 1, end - at - 1, e, ret, &is_cut)
               ? (int)end + 1
               : 0;
}

/* \100: three octal digits. */
static int read_octal(struct str text, size_t at, uint32_t *ret)
{
    *ret = 0;
    for (size_t i = at; i < at + 3; i++) {
        if (i >= text.n)
            return -1;
        if (text.p[i] < '0' || text.p[i] > '7')
            return 0;
        *ret = *ret * 8 + (uint32_t)(text.p[i] - '0');
    }
    return (int)at + 3;
}

/* \u0040, \x40, \u{40}, \U00000040, \100, with more backslashes the deeper it stands in
 * strings. */
static int read_u(struct str text, struct escape *e, uint32_t *ret)
{
    bool is_cut = false;
    size_t at = 1;
    while (at < text.n && at < 8 && text.p[at] == '\\')
        at++;
    if (at == text.n)
        return -1;
    char kind = text.p[at];
    if (kind >= '0' && kind <= '1')
        return read_octal(text, at, ret);
    if (kind != 'u' && kind != 'x' && kind != 'U')
        return 0;
    if (kind == 'u' && at + 1 < text.n && text.p[at + 1] == '{')
        return read_braced(text, at + 1, e, ret);
    size_t digits = kind == 'u' ? 4 : kind == 'x' ? 2 : 8;
    if (!read_hex(text, at + 1, digits, e, ret, &is_cut))
        return is_cut ? -1 : 0;
    return (int)(at + 1 + digits);
}

static int read_number(struct str text, size_t at, struct escape *e, uint32_t *ret)
{
    size_t first;
    e->base = 10;
    if (at < text.n && (text.p[at] | 0x20) == 'x') {
        e->base = 16;
        at++;
    }
    *ret = 0;
    for (first = at; at < text.n && at < first + DIGITS_MAX; at++) {
        int digit = hex_of(text.p[at]);
        if (digit < 0 || digit >= e->base)
            break;
        e->is_lower |= text.p[at] >= 'a';
        *ret = *ret * e->base + (uint32_t)digit;
    }
    if (at == text.n)
        return -1;
    if (at == first)
        return 0;
    return text.p[at] == ';' ? (int)at + 1 : (int)at; /* browsers ask for no ; */
}

static int read_name(struct str text, size_t at, struct escape *e, uint32_t *ret)
{
    size_t end = at;
    while (end < text.n && end < at + NAME_MAX_BYTES && text.p[end] != ';')
        end++;
    e->base = 0;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct str name = str_of(names[i].name), seen = str_sub(text, at, end);
        if (end == text.n && str_starts(name, seen))
            return -1;
        if (end < text.n && str_eq(name, seen)) {
            *ret = names[i].code;
            return (int)end + 1;
        }
    }
    return 0;
}

static int read_html(struct str text, struct escape *e, uint32_t *ret)
{
    size_t at = 1;
    if (str_starts(STR("amp;"), str_sub(text, 1, text.n)))
        return -1;
    if (str_starts(text, STR("&amp;"))) {
        e->is_twice = true;
        at = 5;
    }
    if (at == text.n)
        return -1;
    return text.p[at] == '#' ? read_number(text, at + 1, e, ret)
                             : read_name(text, at, e, ret);
}

int escape_read(struct str text, struct escape *ret, uint32_t *ret_code)
{
    *ret = (struct escape){.kind = ESCAPE_NONE};
    if (text.n == 0)
        return 0;
    switch (text.p[0]) {
    case '%':
        ret->kind = ESCAPE_PERCENT;
        return read_byte(text, ret, ret_code);
    case '=':
        ret->kind = ESCAPE_QUOTED;
        return read_byte(text, ret, ret_code);
    case '\\':
        ret->kind = ESCAPE_U;
        return read_u(text, ret, ret_code);
    case '&':
        ret->kind = ESCAPE_HTML;
        return read_html(text, ret, ret_code);
    default:
        return 0;
    }
}

/* -- spelt out ------------------------------------------------------------------------
 */

static bool is_letter_or_digit(char c)
{
    return hex_of(c) >= 0 || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static size_t skip_marks(struct str text, size_t at)
{
    size_t end = at;
    while (end < text.n && end < at + MARKS_MAX && !is_letter_or_digit(text.p[end]))
        end++;
    return end;
}

/* 1: the word stands there; 0: it does not; -1: the text ends inside of it. */
static int has_word(struct str text, size_t at, struct str word)
{
    struct str there = str_sub(text, at, at + word.n);
    if (there.n < word.n && str_starts_nocase(word, there))
        return -1;
    return str_eq_nocase(there, word);
}

/* Marks with the word among them, "[at]", or a sign of another script: how many bytes. */
static int read_sign(struct str text, size_t from, struct str word, const char *sign)
{
    size_t end = skip_marks(text, from);
    bool has_sign = str_find(str_sub(text, from, end), str_of(sign)) >= 0;
    int said = has_word(text, end, word);
    if (said == 1) {
        end = skip_marks(text, end + word.n);
        has_sign = end > from + word.n;
    }
    if (said < 0 || end == text.n)
        return -1;
    return has_sign ? (int)(end - from) : 0;
}

int escape_read_spelt(struct str text, struct escape *ret)
{
    int at = read_sign(text, 0, STR("at"), "\xEF\xBC\xA0");
    int said = at > 0 ? has_word(text, (size_t)at, STR("example")) : at;
    if (said <= 0)
        return said;
    size_t from = (size_t)at + strlen("example");
    int dot = read_sign(text, from, STR("dot"), ".");
    said = dot > 0 ? has_word(text, from + (size_t)dot, STR("com")) : dot;
    if (said <= 0)
        return said;
    *ret = (struct escape){.kind = ESCAPE_SPELT,
                           .at = str_sub(text, 0, (size_t)at),
                           .dot = str_sub(text, from, from + (size_t)dot)};
    return (int)from + dot + 3;
}

/* A dot inside of a name, or one that is spelt out: its bytes, 0, -1 as above. */
static int read_dot(struct str text, size_t from)
{
    if (from < text.n && text.p[from] == '.')
        return from + 1 == text.n ? -1 : is_letter_or_digit(text.p[from + 1]);
    return read_sign(text, from, STR("dot"), "\xFF");
}

int escape_read_spelt_domain(struct str text)
{
    int sign = read_sign(text, 0, STR("at"), "\xEF\xBC\xA0");
    if (sign <= 0)
        return sign;
    size_t end = (size_t)sign;
    while (end < text.n && end < (size_t)sign + LABEL_MAX &&
           (is_letter_or_digit(text.p[end]) || text.p[end] == '-'))
        end++;
    if (end == text.n)
        return -1;
    int dot = end > (size_t)sign ? read_dot(text, end) : 0;
    return dot > 0 ? 1 : dot;
}

/* -- writing ------------------------------------------------------------------------ */

static void put_text(const struct quoting_pen *pen, const char *text, struct buf *out)
{
    for (; *text; text++)
        quoting_write(pen, *text, out);
}

static bool is_unreserved(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c == '-' || c == '.' || c == '_' || c == '~';
}

static void put_byte(const struct escape *e, char c, const struct quoting_pen *pen,
                     struct buf *out)
{
    const char *hex = e->is_lower ? "0123456789abcdef" : "0123456789ABCDEF";
    unsigned char byte = (unsigned char)c;
    put_text(pen, e->kind == ESCAPE_QUOTED ? "=" : e->is_twice ? "%25" : "%", out);
    quoting_write(pen, hex[byte >> 4], out);
    quoting_write(pen, hex[byte & 15], out);
}

static bool must_be_byte(const struct escape *e, char c)
{
    if (e->is_all)
        return true;
    if (e->kind == ESCAPE_PERCENT)
        return !is_unreserved(c);
    return c == '=' || c == '@' || (unsigned char)c >= 0x7F ||
           ((unsigned char)c < 0x20 && !strchr("\t\r\n", c));
}

/* The character at the front of the value; its bytes. */
static size_t code_at(struct str value, uint32_t *ret)
{
    unsigned char first = (unsigned char)value.p[0];
    size_t n = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (n > value.n)
        n = 1;
    *ret = n == 1 ? first : first & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++)
        *ret = *ret << 6 | ((unsigned char)value.p[i] & 0x3F);
    return n;
}

static void put_html(const struct escape *e, uint32_t code, const struct quoting_pen *pen,
                     struct buf *out)
{
    const char *amp = e->is_twice ? "amp;" : "";
    char text[24];
    if (code == '@' && e->base == 0)
        snprintf(text, sizeof text, "&%scommat;", amp);
    else if (e->base != 16)
        snprintf(text, sizeof text, "&%s#%u;", amp, code);
    else if (e->is_lower)
        snprintf(text, sizeof text, "&%s#x%x;", amp, code);
    else
        snprintf(text, sizeof text, "&%s#x%X;", amp, code);
    put_text(pen, text, out);
}

static void write_html(const struct escape *e, struct str value,
                       const struct quoting_pen *pen, struct buf *out)
{
    uint32_t code;
    for (size_t at = 0, n; at < value.n; at += n) {
        n = code_at(str_sub(value, at, value.n), &code);
        if (e->is_all || (code < 0x80 && code && strchr("@&<>\"'", (int)code)))
            put_html(e, code, pen, out);
        else
            for (size_t i = 0; i < n; i++)
                quoting_write(pen, value.p[at + i], out);
    }
}

static void put_str(const struct quoting_pen *pen, struct str text, struct buf *out)
{
    for (size_t i = 0; i < text.n; i++)
        quoting_write(pen, text.p[i], out);
}

static void write_spelt(const struct escape *e, struct str value,
                        const struct quoting_pen *pen, struct buf *out)
{
    ptrdiff_t at = str_index(value, '@');
    for (size_t i = 0; i < value.n; i++)
        if ((ptrdiff_t)i == at)
            put_str(pen, e->at, out);
        else if (value.p[i] == '.' && at >= 0 && (ptrdiff_t)i > at)
            put_str(pen, e->dot, out);
        else
            quoting_write(pen, value.p[i], out);
}

void escape_write(const struct escape *e, struct str value, const struct quoting_pen *pen,
                  struct buf *out)
{
    if (e->kind == ESCAPE_HTML) {
        write_html(e, value, pen, out);
        return;
    }
    if (e->kind == ESCAPE_SPELT) {
        write_spelt(e, value, pen, out);
        return;
    }
    bool is_bytes = e->kind == ESCAPE_PERCENT || e->kind == ESCAPE_QUOTED;
    for (size_t i = 0; i < value.n; i++)
        if (is_bytes && must_be_byte(e, value.p[i]))
            put_byte(e, value.p[i], pen, out);
        else
            quoting_write(pen, value.p[i], out);
}
