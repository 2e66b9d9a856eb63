/* locks.c -- codes of doors and passwords that a sentence tells in its own way, and those
 * that answer the line above.
 *
 *     O código da porta passa a 0804      gate code has been changed to 5582
 *     大门密码已改为559201                    Jo: what's the wifi password / Al:
 * Tulip-field88
 *
 * Which words stand between a name and its value no list has.  What counts is that one
 * sentence has a word for a code, a word for what it opens, and a number as keypads have
 * them; or a word for a password, one for a change, and what looks like a password. */
#include "scan/find/plausible.h"
#include "scan/read/inside.h"
#include "scan/text/stems.h"

enum { ANSWER_WITHIN = 200, CODE_LEAST = 4, CODE_MOST = 8, LINE_MOST = 400 };

/* "Türcode", "dørkoden", "ovikoodi": a code of what stands before it in one word. */
static uint32_t role_of_compound(struct str s)
{
    static const char *const fronts[] = {
        "tur",  "tuer", "haust", "tor",   "garage", "schluss", "dor",  "port", "ovi",
        "ajto", "kapu", "deur",  "poort", "tresor", "safe",    "wifi", "wlan", "inngang"};
    static const char *const codes[] = {"cod", "kod", "kood"};
    for (size_t i = 0; s.n > 6 && i < ARRAY_LEN(fronts); i++)
        for (size_t k = 0; str_starts(s, str_of(fronts[i])) && k < ARRAY_LEN(codes); k++)
            if (str_find(s, str_of(codes[k])) >= 0)
                return STEM_CODE | STEM_LOCK;
    return 0;
}

static struct str bare(struct str s)
{
    while (s.n && s.p[0] > 0 && !is_alnum(s.p[0]))
        s = str_sub(s, 1, s.n);
    while (s.n && s.p[s.n - 1] > 0 && !is_alnum(s.p[s.n - 1]))
        s.n--;
    return s;
}

uint32_t spoken_roles(struct str word)
{
    char folded[STEM_FOLD_BYTES];
    struct str s = bare(word);
    if (s.n < 2)
        return 0;
    s = stem_fold(s, folded);
    uint32_t roles = stems_of(s);
    return roles ? roles : role_of_compound(s);
}

/* -- values ----------------------------------------------------------------------------
 */

/* Digits as a keypad has them, with # or * at an end, at the front of these bytes; its
 * end, or `from`. */
static size_t past_code(const struct reader *r, size_t from, size_t end)
{
    size_t i = from, digits = 0;
    i += i < end && (r->text.p[i] == '#' || r->text.p[i] == '*');
    for (; i < end && is_digit(r->text.p[i]); i++)
        digits++;
    if (digits < CODE_LEAST || digits > CODE_MOST)
        return from;
    i += i < end && (r->text.p[i] == '#' || r->text.p[i] == '*');
    char c = byte_at(r, i), then = byte_at(r, i + 1);
    bool goes_on = is_alnum(c) || c == '%' || c == '_' ||
                   (c && strchr(".,:-/", c) && is_digit(then));
    return goes_on ? from : i;
}

static bool is_year(struct str s)
{
    return s.n == 4 && (str_starts(s, STR("19")) || str_starts(s, STR("20")));
}

/* Letters and digits, and no path, host or name of a variable. */
static bool may_be_password(struct str s)
{
    size_t letters = 0, marks = 0, digits = count_digits(s);
    for (size_t i = 0; i < s.n; i++) {
        letters += is_alpha(s.p[i]) || s.p[i] < 0;
        marks += s.p[i] > 0 && !is_alnum(s.p[i]);
        if (strchr("/\\@:=(){}<>,", s.p[i]) && s.p[i])
            return false;
    }
    return s.n >= 7 && s.n <= 40 && letters >= 3 && digits >= 2 && marks <= 3;
}

static struct piece password_at(const struct reader *r, struct piece p)
{
    while (p.end > p.start && strchr(".,;)\"'`", r->text.p[p.end - 1]))
        p.end--;
    while (p.start < p.end && strchr("(\"'`", r->text.p[p.start]))
        p.start++;
    return p;
}

/* What the words heard so far make of this one. */
static void give_code(struct reader *r, struct piece p, uint32_t heard, uint32_t last)
{
    while (p.start < p.end && r->text.p[p.start] < 0) /* a particle: "\xD7\x9C-4471" */
        p.start++;
    p.start += p.start < p.end && r->text.p[p.start] == '-';
    size_t end = past_code(r, p.start, p.end);
    struct piece v = {p.start, end, 0};
    bool is_of_lock = ((heard & STEM_LOCK) && (heard & (STEM_CODE | STEM_PASS))) ||
                      ((heard & STEM_CARD) && (heard & STEM_PASS));
    bool is_changed = (heard & STEM_PASS) && (heard & STEM_CHANGE);
    if (end > p.start) {
        bool is_sure = is_of_lock && !(last == STEM_LOCK && !(heard & STEM_CHANGE));
        if (is_sure || (is_changed && !is_year(piece_str(r, v))))
            emit_told(r, v, NOTE_FORM, TELLS_PIN);
        return;
    }
    v = password_at(r, p);
    if ((heard & STEM_PASS) && (heard & (STEM_LOCK | STEM_CHANGE)) &&
        may_be_password(piece_str(r, v)))
        emit_told(r, v, NOTE_LINE, TELLS_PASSWORD);
}

/* The first word of a line that follows a question for a code or password. */
static void give_answer(struct reader *r, struct piece p, uint32_t above)
{
    size_t end = past_code(r, p.start, p.end);
    struct piece v = {p.start, end, 0};
    if (end > p.start) {
        emit_told(r, v, NOTE_FORM, TELLS_PIN);
        return;
    }
    v = password_at(r, p);
    if ((above & (STEM_PASS | STEM_LOCK)) && may_be_password(piece_str(r, v)))
        emit_told(r, v, NOTE_LINE, TELLS_PASSWORD);
}

/* The words of a line that asked, maybe: what they speak of. */
static uint32_t heard_in(const struct reader *r, struct line l, bool *ret_asks)
{
    uint32_t roles = 0;
    for (size_t i = l.body; i < l.end;) {
        size_t from = skip_blanks(r, i, l.end), to = from;
        while (to < l.end && (unsigned char)r->text.p[to] > ' ')
            to++;
        if (to == from)
            break;
        struct str s = {r->text.p + from, to - from};
        if (count_digits(s) > 1)
            return 0;
        *ret_asks |= s.p[s.n - 1] == '?' || str_ends(s, STR("\xEF\xBC\x9F"));
        roles |= spoken_roles(s);
        i = to;
    }
    *ret_asks |= (roles & STEM_ASK) != 0;
    return roles;
}

/* What the line above, or the one above that, asked for: STEM_*, 0: nothing. */
static uint32_t asked_above(struct reader *r, const struct line *l)
{
    for (size_t k = 0; k < ARRAY_LEN(r->heard.above); k++) {
        const struct line *above = &r->heard.above[k];
        bool asks = false;
        if (above->end == 0 || above->end - above->start > LINE_MOST ||
            l->start > above->end + ANSWER_WITHIN ||
            !may_read(r, above->end - above->start))
            return 0;
        uint32_t roles = heard_in(r, *above, &asks);
        bool is_wanted =
            (roles & STEM_PASS) || ((roles & STEM_CODE) && (roles & STEM_LOCK));
        if (asks && is_wanted)
            return roles;
    }
    return 0;
}

void hear_word(struct reader *r, const struct line *l, struct piece p, size_t nth,
               uint32_t roles)
{
    struct heard *h = &r->heard;
    struct str s = piece_str(r, p);
    if (l->end - l->start > LINE_MOST || s.n == 0)
        return;
    bool may_be_value = count_digits(s) >= 2, is_first = nth == 0;
    if (nth == 0)
        h->sentence = h->last = h->has_label = 0;
    is_first |= nth == 1 && h->has_label;
    h->has_label = nth == 0 && s.p[s.n - 1] == ':';
    if (may_be_value) {
        uint32_t above = is_first ? asked_above(r, l) : 0;
        if (above)
            give_answer(r, p, above);
        give_code(r, p, h->sentence, h->last);
        return;
    }
    h->last = roles;
    h->sentence |= roles;
    if (strchr(".!;", s.p[s.n - 1]) && s.n > 3)
        h->sentence = 0;
}

void hear_line(struct reader *r, const struct line *l)
{
    if (l->end > l->body) {
        r->heard.above[1] = r->heard.above[0];
        r->heard.above[0] = *l;
    }
}
