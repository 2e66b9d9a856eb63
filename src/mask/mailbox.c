/* mailbox.c -- see mailbox.h. */
#include "mask/mailbox.h"

enum { MARKS_BEFORE_SIGN = 3 };

/* One character, written as it is or as an escape; past ASCII: its first byte, but for
 * the signs of other widths, which are an @.  0: the text ends here, -1: inside of it. */
static int read_code(struct str text, uint32_t *ret, struct escape *ret_escape)
{
    static const struct str wide[] = {STR_INIT("\xEF\xBC\xA0"), STR_INIT("\xEF\xB9\xAB")};
    int n = escape_read(text, ret_escape, ret);
    if (n != 0 || text.n == 0)
        return n;
    *ret = (unsigned char)text.p[0];
    for (size_t i = 0; *ret == 0xEF && i < ARRAY_LEN(wide); i++) {
        if (str_starts(wide[i], text) && text.n < wide[i].n)
            return -1;
        if (str_starts(text, wide[i])) {
            *ret = '@';
            return (int)wide[i].n;
        }
    }
    return 1;
}

static bool is_alnum(uint32_t c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z' && c < 0x80);
}

static bool is_of_name(uint32_t c)
{
    return is_alnum(c) || c >= 0x80 || (c && strchr(".+-_\\%!#$*^=", (int)c));
}

enum mailbox mailbox_behind(struct str text, bool is_end)
{
    struct escape e;
    uint32_t code, next;
    int n = read_code(text, &code, &e);
    if (n <= 0)
        return is_end ? MAILBOX_WHOLE : MAILBOX_OPEN;
    if (is_alnum(code) || code == '@')
        return MAILBOX_OTHER;
    if (code != '.')
        return MAILBOX_WHOLE;
    int more = read_code(str_sub(text, (size_t)n, text.n), &next, &e);
    if (more <= 0)
        return is_end ? MAILBOX_WHOLE : MAILBOX_OPEN;
    /* "...com.au", but "...com.The next sentence" */
    bool is_label = next >= 'a' && next <= 'z';
    if (next >= 'A' && next <= 'Z') {
        int last = read_code(str_sub(text, (size_t)n + (size_t)more, text.n), &code, &e);
        if (last <= 0 && !is_end)
            return MAILBOX_OPEN;
        is_label = last > 0 && code >= 'A' && code <= 'Z';
    }
    return is_label ? MAILBOX_OTHER : MAILBOX_WHOLE;
}

/* "@example.com" and no more of a domain, at the front of the text. */
static enum mailbox read_domain(struct str text, bool is_end, struct mailbox_plus *ret)
{
    size_t at = 0;
    for (const char *want = "@example.com"; *want; want++) {
        struct escape e;
        uint32_t code;
        int n = read_code(str_sub(text, at, text.n), &code, &e);
        if (n <= 0)
            return is_end ? MAILBOX_OTHER : MAILBOX_OPEN;
        if ((is_alnum(code) ? code | 0x20 : code) != (unsigned char)*want)
            return MAILBOX_OTHER;
        if (*want == '@' && e.kind != ESCAPE_NONE && e.kind != ESCAPE_U)
            ret->escape = e;
        at += (size_t)n;
    }
    ret->bytes = at;
    enum mailbox behind = mailbox_behind(str_sub(text, at, text.n), is_end);
    return behind == MAILBOX_WHOLE ? MAILBOX_PLUS : behind;
}

/* What the name goes on with, up to a sign that no name has. */
struct rest {
    size_t bytes;
    bool has_sign;        /* @ ends it */
    bool is_plus;         /* it begins with a plus sign, and there is more of it */
    bool is_glued;        /* it begins with a letter or digit */
    bool is_cut;          /* the text ends before it does */
    struct escape escape; /* of the plus sign */
};

static size_t skip_element(struct str text)
{
    ptrdiff_t close = text.n && text.p[0] == '<' ? str_index(text, '>') : -1;
    return close < 0 ? 0 : (size_t)close + 1;
}

static struct rest read_rest(struct str text, size_t room)
{
    struct rest r = {.is_cut = true};
    struct str near = str_sub(text, 0, room);
    for (size_t count = 0; r.bytes < near.n; count++) {
        struct escape e;
        uint32_t code;
        struct str here = str_sub(near, r.bytes, near.n);
        int n = read_code(here, &code, &e);
        if (n <= 0)
            return r;
        size_t element = skip_element(here);
        if (element) {
            r.bytes += element;
            continue;
        }
        r.has_sign = code == '@';
        r.is_cut = code == '<' && near.n == text.n && near.n < room;
        if (r.has_sign || !is_of_name(code))
            return r;
        r.is_glued |= count == 0 && is_alnum(code);
        if (count == 0 && code == '+') {
            r.is_plus = true;
            r.escape = e;
        }
        r.is_cut = true;
        r.bytes += (size_t)n;
    }
    r.is_cut = near.n == text.n && near.n < room;
    return r;
}

/* An @ behind a few marks: "name"@..., name (@...) */
static enum mailbox find_sign(struct str text, bool is_end)
{
    size_t at = 0;
    for (int marks = 0; marks <= MARKS_BEFORE_SIGN; marks++) {
        struct escape e;
        uint32_t code;
        int n = read_code(str_sub(text, at, text.n), &code, &e);
        if (n <= 0)
            return is_end ? MAILBOX_WHOLE : MAILBOX_OPEN;
        if (code == '@')
            return MAILBOX_OTHER;
        if (is_alnum(code))
            break;
        at += (size_t)n;
    }
    return MAILBOX_WHOLE;
}

static enum mailbox find_spelt(struct str text, bool is_end)
{
    int n = escape_read_spelt_domain(text);
    if (n < 0)
        return is_end ? MAILBOX_WHOLE : MAILBOX_OPEN;
    return n ? MAILBOX_OTHER : MAILBOX_WHOLE;
}

enum mailbox mailbox_behind_name(struct str text, size_t room, bool is_end,
                                 struct mailbox_plus *ret)
{
    struct rest r =
        read_rest(text, room < MAILBOX_NAME_BYTES ? room : MAILBOX_NAME_BYTES);
    struct str behind = str_sub(text, r.bytes, text.n);
    *ret = (struct mailbox_plus){.part = str_sub(text, 0, r.bytes), .escape = r.escape};
    if (r.escape.kind == ESCAPE_U)
        ret->escape = (struct escape){.kind = ESCAPE_NONE};
    if (r.is_glued)
        return MAILBOX_OTHER;
    if (r.is_cut && !is_end)
        return MAILBOX_OPEN;
    if (r.has_sign) {
        enum mailbox m = r.is_plus ? read_domain(behind, is_end, ret) : MAILBOX_OTHER;
        ret->bytes += r.bytes;
        return m;
    }
    enum mailbox m = find_spelt(behind, is_end);
    return m == MAILBOX_WHOLE ? find_sign(behind, is_end) : m;
}

/* The n-th byte from the end, 1 the last; 0 past the front. */
static unsigned char from_end(struct str text, size_t n)
{
    return n <= text.n ? (unsigned char)text.p[text.n - n] : 0;
}

bool mailbox_begins_before(struct str text)
{
    unsigned char last = from_end(text, 1), other = from_end(text, 2);
    if (is_alnum(last)) /* \n in a string of JSON is no letter */
        return !(other == '\\' && strchr("nrtbf", last));
    if (!last || !strchr(".+-_@", last))
        return false;
    if (other == '\\' && last != '@')
        other = from_end(text, 3);
    return is_alnum(other) && !(from_end(text, 3) == '\\' && strchr("nrtbf", other));
}
