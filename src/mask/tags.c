/* tags.c -- see tags.h.
 *
 * Numbers alone are matched with a border on both sides: the spaces of phone numbers
 * and years are small, and 000-12-3456 inside a longer number is not one of ours. */
#include "mask/tags.h"

#include "mask/mailbox.h"

#include <stdio.h>

static const char letters[] = "ABCDEFGHJKMNPQRSTVWXYZ"; /* Crockford's, without digits */
static const char hex_digits[] = "0123456789abcdef";

enum { MARKUP_MAX = 12, GAP_MAX = 3, NLETTERS = sizeof letters - 1 };

static const struct tag_kind kinds[] = {
    {"PERSON", "Person", TAG_WORD, false},
    {"ADDRESS", "Address", TAG_WORD, false},
    {"EMAIL", "Mail", TAG_EMAIL, false},
    {"PHONE", "Phone", TAG_PHONE, false},
    {"DOB", "Birth", TAG_DATE, false},
    {"DATE_TIME", "Date", TAG_DATE, false},
    {"CREDIT_CARD", "Card", TAG_CARD, false},
    {"IBAN", "Iban", TAG_IBAN, false},
    {"SWIFT_BIC", "Bank", TAG_WORD, false},
    {"US_ABA_ROUTING", "Routing", TAG_WORD, false},
    {"US_BANK_ACCOUNT", "Account", TAG_WORD, false},
    {"BANK_ACCOUNT", "Account", TAG_WORD, false},
    {"CRYPTO", "Wallet", TAG_WORD, false},
    {"IP", "Ipaddr", TAG_IPV4, false},
    {"MAC", "Mac", TAG_MAC, false},
    {"HOSTNAME", "Host", TAG_WORD, false},
    {"CLASSIFICATION", "Marking", TAG_WORD, false},
    {"USERNAME", "User", TAG_WORD, false},
    {"DEVICE_ID", "Device", TAG_WORD, false},
    {"GEO", "Geo", TAG_WORD, false},
    {"VIN", "Vehicle", TAG_WORD, false},
    {"LICENSE_PLATE", "Plate", TAG_WORD, false},
    {"EMPLOYEE_ID", "Staff", TAG_WORD, false},
    {"MRN", "Patient", TAG_WORD, false},
    {"US_SSN", "Ssn", TAG_SSN, false},
    {"PASSPORT", "Passport", TAG_WORD, false},
    {"US_PASSPORT", "Passport", TAG_WORD, false},
    {"DRIVER_LICENSE", "Licence", TAG_WORD, false},
    {"US_DRIVER_LICENSE", "Licence", TAG_WORD, false},
    {"LOCATION", "Location", TAG_WORD, false},
    {"ORG", "Company", TAG_WORD, false},
    {"URL", "Url", TAG_WORD, false},
    {"SOURCE_CODE", "Code", TAG_WORD, false},
    {"CUSTOM", "Term", TAG_WORD, false},
    {"SECRET", "Secret", TAG_WORD, true},
    {"API_KEY", "Secret", TAG_WORD, true},
    {"PRIVATE_KEY", "Secret", TAG_WORD, true},
    {"JWT", "Secret", TAG_WORD, true},
    {"CONN_STRING", "Secret", TAG_WORD, true},
    {"PASSWORD", "Secret", TAG_WORD, true},
};
static const struct tag_kind other_kind = {"OTHER", "Ident", TAG_WORD, false};

/* In shapes L, D and X stand for the classes; no shape has them as themselves. */
static const char *const shapes[TAG_FORMS] = {
    [TAG_PHONE] = "+1-DDD-555-01DD",
    [TAG_IPV4] = "198.18.1DD.1DD",
    [TAG_IPV6] = "2001:db8:XXXX:XXXX::1",
    [TAG_MAC] = "02:00:5e:XX:XX:XX",
    [TAG_CARD] = "9999DDDDDDDDDDDD",
    [TAG_IBAN] = "ZZ00DDDDDDDDDDDDDDDD",
    [TAG_SSN] = "000-DD-DDDD",
    [TAG_DATE] = "18DD-DD-DD",
    [TAG_UUID] = "5eedf00d-XXXX-8XXX-8XXX-XXXXXXXXXXXX",
};

const struct tag_kind *tag_kind_of(const char *type)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (strcmp(kinds[i].type, type) == 0)
            return &kinds[i];
    return &other_kind;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

static bool is_hex(char c)
{
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}

/* `as` has d for a digit, x for a hexadecimal one, all else for itself. */
static bool is_written_as(struct str value, const char *as)
{
    if (value.n != strlen(as))
        return false;
    for (size_t i = 0; i < value.n; i++) {
        bool fits = as[i] == 'd'   ? is_digit(value.p[i])
                    : as[i] == 'x' ? is_hex(value.p[i])
                                   : value.p[i] == as[i];
        if (!fits)
            return false;
    }
    return true;
}

enum tag_form tag_form_of(const struct tag_kind *k, struct str value, bool is_number)
{
    if (is_number)
        return TAG_NUMBER;
    if (is_written_as(value, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"))
        return TAG_UUID;
    if (k->form == TAG_DATE)
        return is_written_as(value, "dddd-dd-dd") ? TAG_DATE : TAG_WORD;
    if (k->form == TAG_IPV4 && str_index(value, ':') >= 0)
        return TAG_IPV6;
    if (k->form == TAG_EMAIL && str_index(value, '@') < 0)
        return TAG_WORD;
    return k->form;
}

static void put(struct tag_shape *s, const char *text)
{
    for (; *text && s->n < TAG_BYTES; text++) {
        char c = *text == 'L'   ? TAG_LETTER
                 : *text == 'D' ? TAG_DIGIT
                 : *text == 'X' ? TAG_HEX
                                : *text;
        s->text[s->n++] = c;
    }
}

static void put_word(struct tag_shape *s, const char *word)
{
    /* As itself: Licence begins with an L that is no class. */
    for (; *word && s->n < TAG_BYTES; word++)
        s->text[s->n++] = *word;
    put(s, "LDLDL");
}

void tag_shape_of(const struct tag_kind *k, enum tag_form form, size_t digits,
                  struct tag_shape *ret)
{
    *ret = (struct tag_shape){.form = (uint8_t)form};
    if (form == TAG_WORD || form == TAG_EMAIL) {
        put_word(ret, k->word);
        if (form == TAG_EMAIL)
            put(ret, "@example.com");
    } else if (form == TAG_NUMBER) {
        size_t n = digits < TAG_NUMBER_MIN   ? TAG_NUMBER_MIN
                   : digits > TAG_NUMBER_MAX ? TAG_NUMBER_MAX
                                             : digits;
        put(ret, "9900");
        while (ret->n < n)
            put(ret, "D");
    } else {
        put(ret, shapes[form]);
    }
}

size_t tag_shape_writings(const struct tag_shape *s, struct tag_shape ret[TAG_WRITINGS])
{
    static const struct {
        const char *text, *lead;
    } of_phones[TAG_WRITINGS] = {
        {"1-DDD-555-01DD", "+"}, {"DDD-555-01DD", "+1"}, {"(DDD)-555-01DD", "+1"}};
    if (s->form != TAG_PHONE)
        return 0;
    for (size_t i = 0; i < TAG_WRITINGS; i++) {
        ret[i] = (struct tag_shape){.form = s->form};
        snprintf(ret[i].lead, sizeof ret[i].lead, "%s", of_phones[i].lead);
        for (const char *p = of_phones[i].text; *p; p++)
            ret[i].text[ret[i].n++] = *p == 'D' ? TAG_DIGIT : *p;
    }
    return TAG_WRITINGS;
}

void tag_shape_first(const struct tag_shape *s, unsigned char ret[2])
{
    ret[0] = (unsigned char)lower(s->text[0]);
    ret[1] = (unsigned char)upper(s->text[0]);
}

/* -- making ------------------------------------------------------------------ */

static void two_digits(char *p, unsigned v)
{
    p[0] = (char)('0' + v / 10 % 10);
    p[1] = (char)('0' + v % 10);
}

static bool is_luhn(const char *p, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned d = (unsigned)(p[n - 1 - i] - '0') * (i % 2 ? 2 : 1);
        sum += d > 9 ? d - 9 : d;
    }
    return sum % 10 == 0;
}

/* What the classes alone do not say. */
static void make_plausible(enum tag_form form, const unsigned char *digest, char *t)
{
    if (form == TAG_PHONE) {
        t[3] = (char)('2' + digest[30] % 8); /* NXX: 2-9, 0-8, and no N11 */
        t[4] = (char)('0' + digest[29] % 9);
        if (t[4] == '1' && t[5] == '1')
            t[5] = '7';
    } else if (form == TAG_IPV4) {
        t[5] = (char)('8' + digest[31] % 2);
    } else if (form == TAG_IPV6) {
        t[9] = hex_digits[1 + digest[30] % 15]; /* leading zeros get lost */
        t[14] = hex_digits[1 + digest[31] % 15];
    } else if (form == TAG_DATE) {
        two_digits(t + 5, 1 + digest[30] % 12);
        two_digits(t + 8, 1 + digest[31] % 28);
    } else if (form == TAG_CARD && is_luhn(t, 16)) {
        t[15] = (char)('0' + (t[15] - '0' + 1) % 10);
    }
}

void tag_make(const struct tag_shape *s, const unsigned char digest[TAG_DIGEST_BYTES],
              unsigned char spelling, struct tag *ret)
{
    size_t used = 0, last = 0;
    *ret = (struct tag){.n = s->n};
    for (size_t i = 0; i < s->n; i++) {
        unsigned byte = digest[used % TAG_DIGEST_BYTES];
        switch (s->text[i]) {
        case TAG_LETTER:
            ret->text[i] = letters[byte % NLETTERS];
            last = i;
            break;
        case TAG_DIGIT:
            ret->text[i] = (char)('0' + byte % 10);
            break;
        case TAG_HEX:
            ret->text[i] = hex_digits[byte % 16];
            break;
        default:
            ret->text[i] = s->text[i];
            continue;
        }
        used++;
    }
    if (s->form == TAG_WORD || s->form == TAG_EMAIL)
        ret->text[last] = letters[spelling % NLETTERS];
    if (s->form == TAG_EMAIL)
        for (size_t i = 0; i < s->n; i++)
            ret->text[i] = lower(ret->text[i]);
    make_plausible(s->form, digest, ret->text);
}

size_t tag_stem(const struct tag_shape *s)
{
    if (s->form == TAG_WORD)
        return s->n - 1u;
    if (s->form == TAG_EMAIL)
        return s->n - sizeof "@example.com";
    return 0;
}

size_t tag_name_bytes(const struct tag_shape *s)
{
    return s->form == TAG_EMAIL ? s->n + 1 - sizeof "@example.com" : 0;
}

/* -- matching ---------------------------------------------------------------- */

static bool is_number_form(unsigned form)
{
    return form != TAG_WORD && form != TAG_EMAIL;
}

/* Symbols of the shape that an answer may drop or replace. */
static bool is_soft(const struct tag_shape *s, char symbol)
{
    return symbol == '-' && s->form != TAG_DATE;
}

/* "<b>", "</span>", "<wbr/>": a tag of HTML without attributes. */
static int markup_at(const char *p, size_t n)
{
    size_t i = 1;
    while (i < n && i < MARKUP_MAX && (p[i] == '/' || upper(p[i]) != lower(p[i])))
        i++;
    if (i == n)
        return -1;
    return p[i] == '>' && i > 1 ? (int)i + 1 : 0;
}

/* The bytes of the character at p that may stand between two symbols; 0 when it may
 * not, -1 when the text ends inside it. */
static int gap_at(const struct tag_shape *s, const char *p, size_t n)
{
    static const char wide[][4] = {"\xC2\xAD",     "\xC2\xA0",     "\xE2\x80\x8B",
                                   "\xE2\x80\x8C", "\xE2\x80\x8D", "\xE2\x80\x91",
                                   "\xE2\x81\xA0", "\xEF\xBB\xBF", "\xE2\x80\x92",
                                   "\xE2\x80\x93", "\xE2\x88\x92"};
    if (*p == '=') /* the end of a line of quoted-printable text */
        return n < 2          ? -1
               : p[1] == '\n' ? 2
               : p[1] != '\r' ? 0
               : n < 3        ? -1
               : p[2] == '\n' ? 3
                              : 0;
    if (*p == '<')
        return s->form == TAG_NUMBER ? 0 : markup_at(p, n);
    if ((unsigned char)*p < 0x80) {
        if (s->form == TAG_NUMBER || !*p)
            return 0;
        if (strchr(" *`-_~\\", *p))
            return 1;
        return s->form == TAG_PHONE && strchr("().+", *p) ? 1 : 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(wide); i++) {
        size_t len = strlen(wide[i]);
        if (memcmp(p, wide[i], n < len ? n : len) == 0)
            return n < len ? -1 : (int)len;
    }
    return 0;
}

static bool fits(char symbol, char c)
{
    switch (symbol) {
    case TAG_LETTER:
        return c && strchr(letters, upper(c)) != NULL;
    case TAG_DIGIT:
        return is_digit(c);
    case TAG_HEX:
        return is_hex(c);
    default:
        return lower(c) == lower(symbol);
    }
}

/* 1866/05/02 and 1866.05.02 are the date, too. */
static bool is_date_mark(const struct tag_shape *s, size_t i, char c)
{
    return s->form == TAG_DATE && s->text[i] == '-' && (c == '/' || c == '.');
}

/* IPv4 of both halves of 198.18/15 have one shape. */
static bool fits_at(const struct tag_shape *s, size_t i, char c)
{
    if (s->form == TAG_IPV4 && i == 5)
        return c == '8' || c == '9';
    return fits(s->text[i], c);
}

void tag_fold(const struct tag_shape *s, struct str tag, struct tag *ret)
{
    *ret = (struct tag){0};
    for (size_t i = 0; i < tag.n && i < s->n; i++)
        if (!is_soft(s, s->text[i]))
            ret->text[ret->n++] = lower(tag.p[i]);
}

static enum tag_match check_end(const struct tag_shape *s, struct str text, size_t end,
                                bool is_end)
{
    if (!is_number_form(s->form))
        return TAG_FULL;
    if (end == text.n)
        return is_end ? TAG_FULL : TAG_PART;
    char c = text.p[end];
    bool has_hex = s->form == TAG_IPV6 || s->form == TAG_MAC || s->form == TAG_UUID;
    bool goes_on = is_digit(c) || (has_hex && is_hex(c));
    return goes_on ? TAG_NO : TAG_FULL;
}

/* The same for an escape's meaning. */
static bool is_gap_code(const struct tag_shape *s, uint32_t code)
{
    static const uint32_t wide[] = {0xAD,   0xA0,   0x200B, 0x200C, 0x200D,
                                    0x2010, 0x2011, 0x2060, 0xFEFF};
    if (code == 0 || s->form == TAG_NUMBER)
        return false;
    if (code < 0x80)
        return strchr(" *`-_~\\", (int)code) ||
               (s->form == TAG_PHONE && strchr("().+", (int)code));
    for (size_t i = 0; i < ARRAY_LEN(wide); i++)
        if (code == wide[i])
            return true;
    return false;
}

/* A tag while it is read. */
struct reading {
    const struct tag_shape *shape;
    struct str text;
    size_t at, nescaped;
    struct tag_seen *seen;
};

static void note_escape(struct reading *r, const struct escape *e)
{
    bool was_lower = r->seen->escape.is_lower;
    r->nescaped++;
    if (e->kind == ESCAPE_U)
        return;
    r->seen->escape = *e;
    r->seen->escape.is_lower |= was_lower;
}

/* The brackets of a telephone are none of the tag's. */
static void take(struct reading *r, char c)
{
    if (c != '(' && c != ')')
        r->seen->folded.text[r->seen->folded.n++] = lower(c);
}

/* Marks that open or close something are kept, beside the value. */
static void note_gap(struct reading *r, struct str gap)
{
    struct str *mark = &r->seen->mark;
    bool is_kept = gap.p[0] == '<' ? !str_starts_nocase(gap, STR("<wbr"))
                                   : gap.p[0] && strchr("*`~", gap.p[0]) != NULL;
    if (mark->n && mark->p + mark->n == gap.p && mark->p[0] == gap.p[0])
        mark->n += gap.n;
    else if (is_kept && !mark->n)
        *mark = gap;
}

/* It closes what began before the tag, or opens what ends behind it; one alone may be
 * neither, and is left out. */
static void place_mark(struct tag_seen *seen, char before)
{
    struct str *mark = &seen->mark;
    if (!mark->n)
        return;
    seen->is_mark_after = mark->p[0] == '<' ? mark->p[1] == '/' : mark->p[0] == before;
    if (mark->n == 1)
        mark->n = 0;
}

/* Takes the i-th symbol, behind what was inserted before it. */
static enum tag_match take_symbol(struct reading *r, size_t i)
{
    for (int gaps = 0;; gaps++) {
        struct escape e;
        uint32_t code;
        if (r->at >= r->text.n)
            return TAG_PART;
        if (fits_at(r->shape, i, r->text.p[r->at])) {
            take(r, r->text.p[r->at++]);
            return TAG_FULL;
        }
        if (is_date_mark(r->shape, i, r->text.p[r->at])) {
            r->at++;
            take(r, '-');
            return TAG_FULL;
        }
        struct str rest = str_sub(r->text, r->at, r->text.n);
        int bytes = escape_read(rest, &e, &code);
        if (bytes < 0)
            return TAG_PART;
        if (bytes > 0 && code < 0x80 && fits_at(r->shape, i, (char)code)) {
            note_escape(r, &e);
            take(r, (char)code);
            r->at += (size_t)bytes;
            return TAG_FULL;
        }
        if (i == 0 || gaps == GAP_MAX)
            return TAG_NO;
        if (bytes == 0 || !is_gap_code(r->shape, code))
            bytes = gap_at(r->shape, rest.p, rest.n);
        if (bytes <= 0)
            return bytes ? TAG_PART : TAG_NO;
        note_gap(r, str_sub(rest, 0, (size_t)bytes));
        r->at += (size_t)bytes;
    }
}

/* Behind the whole tag of an e-mail address. */
static enum tag_match match_mailbox(struct reading *r, bool is_end)
{
    enum mailbox m = mailbox_behind(str_sub(r->text, r->at, r->text.n), is_end);
    r->seen->is_altered = m == MAILBOX_OTHER;
    return m == MAILBOX_OPEN ? TAG_PART : TAG_FULL;
}

static enum tag_match match_addition(struct reading *r, size_t room, bool is_end)
{
    struct mailbox_plus plus;
    struct str behind = str_sub(r->text, r->at, r->text.n);
    enum mailbox m = mailbox_behind_name(behind, room, is_end, &plus);
    if (m == MAILBOX_OPEN)
        return TAG_PART;
    r->seen->is_altered = m == MAILBOX_OTHER;
    if (m == MAILBOX_PLUS) {
        r->seen->plus = plus.part;
        if (plus.escape.kind != ESCAPE_NONE)
            note_escape(r, &plus.escape);
        r->at += plus.bytes;
    }
    return TAG_FULL;
}

/* Behind the name of an e-mail tag stands no @example.com: perhaps it is spelt out, or
 * more was added to the name; else the name stands alone. */
static enum tag_match match_name(struct reading *r, size_t room, bool is_end)
{
    struct tag_seen *seen = r->seen;
    struct escape spelt;
    int bytes = escape_read_spelt(str_sub(r->text, r->at, r->text.n), &spelt);
    if (bytes < 0 && !is_end)
        return TAG_PART;
    seen->is_name = true;
    seen->folded.n = (uint8_t)tag_name_bytes(r->shape);
    if (bytes <= 0)
        return match_addition(r, room, is_end);
    seen->escape = spelt;
    seen->is_spelt = true;
    r->at += (size_t)bytes;
    return match_mailbox(r, is_end);
}

static bool is_all_digits(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_digit(s.p[i]))
            return false;
    return true;
}

enum tag_match tag_match_at(const struct tag_shape *s, struct str text, size_t at,
                            char before, bool is_end, struct tag_seen *ret)
{
    struct reading r = {.shape = s, .text = text, .at = at, .seen = ret};
    size_t name = tag_name_bytes(s), name_end = 0;
    enum tag_match result = TAG_NO;
    ret->folded.n = 0;
    ret->escape = (struct escape){.kind = ESCAPE_NONE};
    ret->is_name = ret->is_spelt = ret->is_altered = false;
    ret->plus = ret->mark = (struct str){0};
    ret->is_mark_after = false;
    if (is_number_form(s->form) && is_digit(before))
        return TAG_NO;
    if (s->lead[0] && before && strchr("-.+", before))
        return TAG_NO; /* the end of another number */
    for (const char *p = s->lead; *p; p++)
        take(&r, *p);
    for (size_t i = 0; i < s->n; i++) {
        if (is_soft(s, s->text[i]))
            continue;
        enum tag_match m = take_symbol(&r, i);
        if (r.at - at > TAG_SPREAD - 4)
            m = TAG_NO;
        if (m == TAG_PART && !is_end)
            return m;
        if (m != TAG_FULL && name_end == 0)
            return TAG_NO;
        if (m != TAG_FULL) {
            r.at = name_end;
            if (ret->mark.p >= text.p + name_end)
                ret->mark.n = 0;
            result = match_name(&r, TAG_SPREAD - (name_end - at), is_end);
            break;
        }
        if (i + 1 == name)
            name_end = r.at;
    }
    if (result == TAG_NO)
        result = s->form == TAG_EMAIL ? match_mailbox(&r, is_end)
                                      : check_end(s, text, r.at, is_end);
    ret->bytes = r.at - at;
    place_mark(ret, before);
    ret->escape.is_all = r.nescaped + strlen(s->lead) == ret->folded.n;
    ret->is_digits = s->lead[0] && is_all_digits(str_sub(text, at, r.at));
    return result;
}
