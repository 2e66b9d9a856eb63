/* kept.c -- passwords and codes that people keep for themselves and others, in notes and
 * sentences that have no name right before the value.
 *
 *     backup codes: 5520-1183, 9047-6612       network Mimosa, key pissenlit47
 *     (the password) was Kiesel77 once, now it is Kiesel78
 *     hint for the password: the dog and the year, so Waldi1987 */
#include "scan/find/plausible.h"
#include "scan/read/inside.h"
#include "scan/text/stems.h"

enum { RESCUE_WITHIN = 160, GROUP_LEAST = 4, GROUP_MOST = 6, SAME_LEAST = 4 };

/* "5520-1183", "77KD-92PX", "a1b2c-d3e4f", "48201193": groups of one length, digits in
 * them. */
static bool is_backup_code(struct str s)
{
    size_t groups = 0, width = 0, digits = count_digits(s), upper = 0, lower = 0;
    for (size_t i = 0; i < s.n; groups++) {
        size_t to = i;
        while (to < s.n && is_alnum(s.p[to])) {
            upper += is_upper(s.p[to]);
            lower += is_lower(s.p[to]);
            to++;
        }
        width = groups ? width : to - i;
        if (to - i != width || (to < s.n && (s.p[to] != '-' || to + 1 == s.n)))
            return false;
        i = to + 1;
    }
    if (upper && lower)
        return false;
    return groups == 1
               ? digits == s.n && s.n >= 8 && s.n <= 12
               : digits >= 2 && width >= GROUP_LEAST && width <= GROUP_MOST && s.n <= 24;
}

/* Whether one of the last two lines speaks of such. */
static bool is_above(const struct reader *r, const struct line *l, uint64_t one,
                     uint64_t other)
{
    for (size_t k = 0; k < ARRAY_LEN(r->heard.above); k++) {
        const struct line *above = &r->heard.above[k];
        bool asks = false;
        if (above->end == 0 || l->start > above->end + RESCUE_WITHIN ||
            above->end - above->start > RESCUE_WITHIN)
            return false;
        uint64_t roles = heard_in(r, *above, &asks);
        if ((roles & one) && (roles & other))
            return true;
    }
    return false;
}

static bool give_rescue(struct reader *r, const struct line *l, struct piece v,
                        uint64_t all)
{
    struct heard *h = &r->heard;
    const uint64_t codes = STEM_CODE | STEM_PASS;
    if (!is_backup_code(piece_str(r, v)))
        return false;
    bool is_told = ((all & STEM_RESCUE) && (all & codes)) ||
                   (h->rescue_end && l->start <= h->rescue_end) ||
                   (may_read(r, RESCUE_WITHIN) && is_above(r, l, STEM_RESCUE, codes));
    if (!is_told)
        return false;
    h->rescue_end = l->end + RESCUE_WITHIN / 4;
    emit_told(r, v, NOTE_FORM, TELLS_PIN);
    return true;
}

/* Same letters at the front, other digits behind: Kiesel77, Kiesel78. */
static bool is_turned(struct str a, struct str b)
{
    size_t i = 0;
    while (i < a.n && i < b.n && a.p[i] == b.p[i] && !is_digit(a.p[i]))
        i++;
    return i >= SAME_LEAST && i < a.n && i < b.n && is_digit(a.p[i]) &&
           is_digit(b.p[i]) && !str_eq(a, b);
}

static bool speaks_of_passwords(struct reader *r, const struct line *l)
{
    const uint64_t names = STEM_PASS | STEM_NET;
    return (r->heard.line & names) ||
           (may_read(r, RESCUE_WITHIN) && is_above(r, l, names, names));
}

/* "…, alarm 8566. …": what nothing but a code opens, and digits, are an item of their
 * own; "gate 2206, garage 1187": so are two doors with digits.  */
static bool give_listed(struct reader *r, const struct line *l, struct piece p)
{
    struct heard *h = &r->heard;
    const struct piece name = h->last;
    uint64_t opened = h->recent[0] & (STEM_LOCK | STEM_KEYPAD);
    size_t end = p.start;
    while (end < p.end && is_digit(r->text.p[end]))
        end++;
    size_t digits = end - p.start;
    end += end < p.end && (r->text.p[end] == '#' || r->text.p[end] == '*');
    bool ends =
        end == l->end || (end < p.end && strchr(".,;)", r->text.p[end])) || end == p.end;
    if (!opened || (h->recent[0] & STEM_OTHER_WORD) || digits < 4 || digits > 6 ||
        !ends || name.end <= name.start || is_alnum(byte_at(r, end)) ||
        (end < p.end && end + 1 < p.end) ||
        (end == p.end && end < l->end && byte_at(r, end) != '\n'))
        return false;
    size_t before = skip_blanks_back(r, name.start, l->start);
    char mark = before > l->start ? r->text.p[before - 1] : '\n';
    bool begins = strchr(",;.:-\n", mark) != NULL;
    bool is_small = is_lower(r->text.p[name.start]) || r->text.p[name.start] < 0;
    struct piece v = {p.start, end, 0}, first = h->listed;
    if (!begins || !is_small)
        return false;
    if (h->recent[0] & STEM_KEYPAD) {
        emit_told(r, v, NOTE_FORM, TELLS_PIN);
        return true;
    }
    h->listed = v;
    if (first.end <= first.start || first.start < l->start)
        return false;
    emit_told(r, first, NOTE_FORM, TELLS_PIN);
    emit_told(r, v, NOTE_FORM, TELLS_PIN);
    return true;
}

bool give_kept(struct reader *r, const struct line *l, struct piece p, uint64_t all,
               uint64_t near)
{
    struct heard *h = &r->heard;
    struct piece v = password_at(r, p), earlier = h->earlier;
    struct str s = piece_str(r, v);
    if (give_rescue(r, l, v, all) || give_listed(r, l, p))
        return true;
    if (!is_password_like(s))
        return false;
    h->earlier = v;
    bool is_key = !memchr(s.p, '_', s.n) && (all & (STEM_NET | STEM_WEB)) &&
                  (near & STEM_KEYNAME) &&
                  (h->is_linked || (h->recent[0] & STEM_KEYNAME));
    bool is_hinted = (h->line & STEM_HINT) && speaks_of_passwords(r, l);
    bool is_new = earlier.end && (h->line & (STEM_TURN | STEM_CHANGE)) &&
                  is_turned(piece_str(r, earlier), s) && speaks_of_passwords(r, l);
    bool is_same = ((h->line | all) & STEM_PASS) && (near & STEM_STILL);
    if (is_new)
        emit_told(r, earlier, NOTE_LINE, TELLS_PASSWORD);
    bool is_told = is_key || is_hinted || is_new || is_same;
    if (is_told)
        emit_told(r, v, NOTE_LINE, TELLS_PASSWORD);
    return is_told;
}

static bool has_digits_in_row(const struct reader *r, const struct line *l)
{
    for (size_t i = l->body + 1; i < l->end; i += 2) { /* one of two in a row is met */
        char c = r->text.p[i], before = r->text.p[i - 1];
        char behind = i + 1 < l->end ? r->text.p[i + 1] : ' ';
        if ((is_digit(c) && (is_digit(before) || is_digit(behind))) ||
            (c == '-' && is_digit(before) && is_digit(behind)))
            return true;
    }
    return false;
}

bool may_hear_value(const struct reader *r, const struct line *l)
{
    enum { SHORT = 64, DIGITS = 2 };
    struct str s = str_sub(r->text, l->body, l->end);
    return has_digits_in_row(r, l) || (s.n <= SHORT && count_digits(s) >= DIGITS);
}
