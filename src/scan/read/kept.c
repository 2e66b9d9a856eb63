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

bool give_kept(struct reader *r, const struct line *l, struct piece p, uint64_t all,
               uint64_t near)
{
    struct heard *h = &r->heard;
    struct piece v = password_at(r, p), earlier = h->earlier;
    struct str s = piece_str(r, v);
    if (give_rescue(r, l, v, all))
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
    if (is_new)
        emit_told(r, earlier, NOTE_LINE, TELLS_PASSWORD);
    if (is_key || is_hinted || is_new)
        emit_told(r, v, NOTE_LINE, TELLS_PASSWORD);
    return is_key || is_hinted || is_new;
}
