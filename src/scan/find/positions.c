/* positions.c -- where something is on the earth.
 *
 *     -33.50595, -96.97637      lat="47.138909" lon="5.215412"
 *     51 54.1 N 002 12.5 W      51 deg 12' 41.20" N, 2 deg 38' 50.11" W      N 47° 8.334'
 */
#include "scan/detect.h"

/* -33.50595, -96.97637: a pair in range with three decimals at least. */
static void try_pair(struct window *w, size_t i)
{
    size_t start = w->tok[i].start, at = start;
    double v[2];
    if (start && w->p[start - 1] == '-')
        start = at = start - 1;
    if (start && (is_alnum(w->p[start - 1]) || w->p[start - 1] == '.'))
        return;
    for (int k = 0; k < 2; k++) {
        double sign = 1, value = 0, scale = 1;
        size_t decimals = 0, whole = 0;
        if (at < w->n && (w->p[at] == '-' || w->p[at] == '+'))
            sign = w->p[at++] == '-' ? -1 : 1;
        for (; at < w->n && is_digit(w->p[at]) && whole < 4; whole++)
            value = value * 10 + (w->p[at++] - '0');
        if (whole == 0 || whole > 3 || at >= w->n || w->p[at++] != '.')
            return;
        for (; at < w->n && is_digit(w->p[at]); decimals++) {
            scale /= 10;
            value += (w->p[at++] - '0') * scale;
        }
        if (decimals < 4 || decimals > 9)
            return;
        v[k] = sign * value;
        if (k == 0) {
            if (at >= w->n || w->p[at] != ',')
                return;
            at++;
            at += at < w->n && w->p[at] == ' ';
        }
    }
    if (v[0] >= -90 && v[0] <= 90 && v[1] >= -180 && v[1] <= 180)
        propose(w, start, at, TYPE_GEO, 85, SAW_SHAPE);
}

/* lat="47.138909": one number with five decimals and more (a metre) under its name. */
static void try_named(struct window *w, size_t i)
{
    enum { DECIMALS_LEAST = 5, DECIMALS_MOST = 12, NAME_NEAR = 6 };
    const struct token *t = &w->tok[i];
    size_t start = t->start, end = t->end + 1, decimals = 0;
    if (t->end - t->start > 3 || (start && is_alnum(w->p[start - 1])))
        return;
    for (; is_digit(w->p[end]); end++)
        decimals++;
    if (decimals < DECIMALS_LEAST || decimals > DECIMALS_MOST || w->p[end] == '.' ||
        is_alpha(w->p[end]))
        return;
    start -= start && w->p[start - 1] == '-';
    int d = caption_distance(w, start, end, CLS_GEO);
    if (d >= 0 && d <= NAME_NEAR)
        propose(w, start, end, TYPE_GEO, 80, SAW_WORD);
}

/* -- degrees ------------------------------------------------------------------------- */

static size_t skip_one_of(const struct window *w, size_t i, const char *const *marks,
                          size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (str_starts((struct str){w->p + i, w->n - i}, str_of(marks[k])))
            return i + strlen(marks[k]);
    return i;
}

static size_t past_blank(const struct window *w, size_t i)
{
    return i + (w->p[i] == ' ');
}

static size_t past_number(const struct window *w, size_t i, size_t most)
{
    size_t from = i;
    while (is_digit(w->p[i]) && i - from < most)
        i++;
    if (i > from && w->p[i] == '.' && is_digit(w->p[i + 1]))
        for (i++; is_digit(w->p[i]);)
            i++;
    return i;
}

static bool is_direction(char c)
{
    return c == 'N' || c == 'S' || c == 'E' || c == 'W' || c == 'O';
}

/* Degrees, then maybe minutes and seconds, each with its mark or a blank, and a direction
 * before or behind.  Its end, or `i`. */
static size_t past_angle(const struct window *w, size_t i)
{
    static const char *const degrees[] = {"\xC2\xB0", " deg", "deg", "\xC2\xBA",
                                          "d",        "-",    " "};
    static const char *const minutes[] = {"\xE2\x80\xB2", "'", "\xE2\x80\x99", "m"};
    static const char *const seconds[] = {"\xE2\x80\xB3", "\"", "\xE2\x80\x9D", "''",
                                          "s"};
    size_t at = i, parts = 1;
    bool has_direction = is_direction(w->p[at]) && !is_alpha(w->p[at + 1]);
    at = has_direction ? past_blank(w, at + 1) : at;
    size_t end = past_number(w, at, 3);
    if (end == at)
        return i;
    size_t mark = skip_one_of(w, end, degrees, ARRAY_LEN(degrees));
    bool has_mark = mark > end && w->p[end] != ' ' && w->p[end] != '-';
    at = past_blank(w, mark);
    size_t next = past_number(w, at, 2);
    if (mark > end && next > at) {
        parts++;
        end = skip_one_of(w, next, minutes, ARRAY_LEN(minutes));
        at = past_blank(w, end);
        next = past_number(w, at, 2);
        if (next > at && end > at - 1 - (at > end) && w->p[end] != ' ') {
            parts++;
            end = skip_one_of(w, next, seconds, ARRAY_LEN(seconds));
        } else if (next > at &&
                   skip_one_of(w, next, seconds, ARRAY_LEN(seconds)) > next) {
            parts++;
            end = skip_one_of(w, next, seconds, ARRAY_LEN(seconds));
        }
    } else {
        end = has_mark ? mark : end;
    }
    at = past_blank(w, end);
    if (!has_direction && is_direction(w->p[at]) && !is_alnum(w->p[at + 1])) {
        has_direction = true;
        end = at + 1;
    }
    return has_direction && (parts > 1 || has_mark) ? end : i;
}

/* Two angles: a latitude and a longitude. */
static size_t try_angles(struct window *w, size_t i)
{
    size_t start = w->tok[i].start, before = start;
    before -= before && w->p[before - 1] == ' ';
    if (before && is_direction(w->p[before - 1]) &&
        (before < 2 || !is_alnum(w->p[before - 2])))
        start = before - 1;
    else if (start && (is_alnum(w->p[start - 1]) || w->p[start - 1] == '.'))
        return i;
    size_t first = past_angle(w, start), at = first;
    while (first > start && at < first + 3 && w->p[at] && strchr(" ,;/", w->p[at]))
        at++;
    size_t end = first > start ? past_angle(w, at) : at;
    if (first == start || end == at)
        return i;
    propose(w, start, end, TYPE_GEO, 85, SAW_SHAPE);
    while (i + 1 < w->ntok && w->tok[i + 1].start < end)
        i++;
    return i;
}

void find_positions(struct window *w)
{
    for (size_t i = next_anchor(w, 0, AT_NUMBER); i < w->ntok;
         i = next_anchor(w, i + 1, AT_NUMBER)) {
        const struct token *t = &w->tok[i];
        char next = w->p[t->end];
        if (t->end - t->start > 3)
            continue;
        if (next == '.' && is_digit(w->p[t->end + 1])) {
            try_pair(w, i);
            try_named(w, i);
        }
        if (next == ' ' || next == '\xC2' || next == '-' || next == 'd' || next == '.')
            i = try_angles(w, i);
    }
}
