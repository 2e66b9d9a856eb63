/* ledger_when.c -- see ledger_when.h. */
#include "cmd/ledger/ledger_when.h"

#include "facts/date.h"

enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS, DAY_MS = 24 * HOUR_MS };

static bool parse_ago(struct str text, uint64_t now_ms, uint64_t *ret_ms)
{
    static const struct {
        char unit;
        uint64_t ms;
    } units[] = {
        {'m', MINUTE_MS}, {'h', HOUR_MS}, {'d', DAY_MS}, {'w', UINT64_C(7) * DAY_MS}};
    uint64_t n;
    if (text.n < 2 || !str_to_u64(str_sub(text, 0, text.n - 1), &n))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (text.p[text.n - 1] != units[i].unit)
            continue;
        uint64_t most = now_ms / units[i].ms;
        *ret_ms = n > most ? 0 : now_ms - n * units[i].ms;
        return true;
    }
    return false;
}

static bool parse_pair(struct str *s, char sep, uint64_t most, uint64_t *ret)
{
    if (s->n < 2 || !str_to_u64(str_sub(*s, 0, 2), ret) || *ret > most)
        return false;
    *s = str_sub(*s, 2, s->n);
    if (sep == '\0')
        return true;
    if (s->n == 0 || s->p[0] != sep)
        return false;
    *s = str_sub(*s, 1, s->n);
    return true;
}

static bool parse_fraction(struct str *s, uint64_t *ret_ms)
{
    uint64_t unit = 100;
    *ret_ms = 0;
    if (s->n == 0 || s->p[0] != '.')
        return true;
    size_t i = 1;
    for (; i < s->n && s->p[i] >= '0' && s->p[i] <= '9'; i++, unit /= 10)
        *ret_ms += (uint64_t)(s->p[i] - '0') * unit;
    *s = str_sub(*s, i, s->n);
    return i > 1;
}

/* "Z", "+01:00" or "-05:30" */
static bool parse_zone(struct str s, int64_t *ret_ms)
{
    uint64_t hours, minutes;
    *ret_ms = 0;
    if (str_eqz(s, "Z") || str_eqz(s, "z"))
        return true;
    if (s.n != 6 || (s.p[0] != '+' && s.p[0] != '-'))
        return false;
    bool is_east = s.p[0] == '+';
    s = str_sub(s, 1, s.n);
    if (!parse_pair(&s, ':', 23, &hours) || !parse_pair(&s, '\0', 59, &minutes))
        return false;
    int64_t ms = (int64_t)(hours * HOUR_MS + minutes * MINUTE_MS);
    *ret_ms = is_east ? ms : -ms;
    return true;
}

static bool parse_time(struct str s, int64_t *ret_ms)
{
    uint64_t h, m, sec, fraction;
    int64_t zone;
    if (!parse_pair(&s, ':', 23, &h) || !parse_pair(&s, ':', 59, &m) ||
        !parse_pair(&s, '\0', 60, &sec) || !parse_fraction(&s, &fraction) ||
        !parse_zone(s, &zone))
        return false;
    *ret_ms = (int64_t)(h * HOUR_MS + m * MINUTE_MS + sec * 1000 + fraction) - zone;
    return true;
}

bool when_parse(struct str text, uint64_t now_ms, bool is_end, uint64_t *ret_ms)
{
    int64_t days, ms = is_end ? DAY_MS : 0;
    if (parse_ago(text, now_ms, ret_ms))
        return true;
    if (!date_parse(str_sub(text, 0, 10), &days) || days < 0)
        return false;
    if (text.n > 10 && ((text.p[10] != 'T' && text.p[10] != ' ') ||
                        !parse_time(str_sub(text, 11, text.n), &ms)))
        return false;
    int64_t all = days * DAY_MS + ms;
    if (all < 0)
        return false;
    *ret_ms = (uint64_t)all;
    return true;
}
