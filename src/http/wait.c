/* wait.c -- Retry-After and its relatives. */
#include "http/wait.h"

#include "http/ratelimit.h"

#include <stdio.h>
#include <time.h>

enum { DAY_S = 86400 };
/* Numbers from here on are moments since 1970: in seconds, in milliseconds. */
#define FIRST_MOMENT_S  1000000000.0
#define FIRST_MOMENT_MS 1000000000000.0

static uint64_t clamp_ms(double ms)
{
    const double most = DAY_S * 1000.0;
    return ms <= 0 ? 0 : ms > most ? (uint64_t)most : (uint64_t)(ms + 0.999);
}

static void skip_blanks(struct str *s)
{
    while (s->n && s->p[0] == ' ')
        *s = str_sub(*s, 1, s->n);
}

static size_t letters_in_front(struct str s)
{
    size_t n = 0;
    while (n < s.n && ((s.p[n] | 0x20) >= 'a' && (s.p[n] | 0x20) <= 'z'))
        n++;
    return n;
}

/* The milliseconds of a unit, by its letters; 0: it is none. */
static double unit_ms(struct str word)
{
    static const struct {
        const char *unit;
        double ms;
    } units[] = {{"ms", 1},          {"s", 1e3},        {"m", 60e3},
                 {"h", 3600e3},      {"d", 86400e3},    {"sec", 1e3},
                 {"min", 60e3},      {"hr", 3600e3},    {"second", 1e3},
                 {"minute", 60e3},   {"hour", 3600e3},  {"day", 86400e3},
                 {"millisecond", 1}, {"week", 604800e3}};
    if (word.n > 2 && (word.p[word.n - 1] | 0x20) == 's')
        word.n--; /* seconds */
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (str_eq_nocase(word, str_of(units[i].unit)))
            return units[i].ms;
    return 0;
}

/* One "12.5m" or "12.5 minutes" off the front of *s. */
static bool take_span(struct str *s, double *sum_ms)
{
    size_t n = 0;
    double value;
    while (n < s->n && ((s->p[n] >= '0' && s->p[n] <= '9') || s->p[n] == '.'))
        n++;
    if (!str_to_double(str_sub(*s, 0, n), &value))
        return false;
    *s = str_sub(*s, n, s->n);
    skip_blanks(s);
    n = letters_in_front(*s);
    double ms = n ? unit_ms(str_sub(*s, 0, n)) : s->n ? 0 : 1e3;
    *sum_ms += value * ms;
    *s = str_sub(*s, n, s->n);
    skip_blanks(s);
    return ms > 0;
}

/* P1DT2H30M10.5S without its P: the letter behind a number is its unit, and an M before
 * the T would be months, which nobody waits for. */
static bool iso_span_ms(struct str s, uint64_t *ret_ms)
{
    double sum = 0, value;
    bool is_time = false;
    while (s.n) {
        size_t n = 0;
        if (!is_time && (s.p[0] | 0x20) == 't') {
            is_time = true;
            s = str_sub(s, 1, s.n);
            continue;
        }
        while (n < s.n && letters_in_front(str_sub(s, n, n + 1)) == 0)
            n++;
        struct str unit = str_sub(s, n, n + 1);
        bool is_unit = unit.n && strchr(is_time ? "hms" : "wd", unit.p[0] | 0x20);
        if (!is_unit || !str_to_double(str_sub(s, 0, n), &value) || value < 0)
            return false;
        sum +=
            value * ((unit.p[0] | 0x20) == 'w' ? 7 * unit_ms(STR("d")) : unit_ms(unit));
        s = str_sub(s, n + 1, s.n);
        if (s.n == 0) {
            *ret_ms = clamp_ms(sum);
            return true;
        }
    }
    return false;
}

bool http_span_ms(struct str s, uint64_t *ret_ms)
{
    double sum = 0;
    if (s.n == 0)
        return false;
    if (UNLIKELY((s.p[0] | 0x20) == 'p'))
        return iso_span_ms(str_sub(s, 1, s.n), ret_ms);
    while (s.n)
        if (!take_span(&s, &sum))
            return false;
    *ret_ms = clamp_ms(sum);
    return true;
}

/* "GMT", "Z", "+02:00", ...: seconds east of Greenwich. */
static bool parse_zone(struct str s, double *ret_s)
{
    uint64_t hours, minutes;
    s = str_trim(s);
    *ret_s = 0;
    if (s.n && s.p[0] == '.') /* a fraction of the second */
        for (s = str_sub(s, 1, s.n); s.n && s.p[0] >= '0' && s.p[0] <= '9';)
            s = str_sub(s, 1, s.n);
    if (s.n == 0 || str_eq_nocase(s, STR("GMT")) || str_eq_nocase(s, STR("UTC")) ||
        str_eq_nocase(s, STR("Z")))
        return true;
    struct str m = str_sub(s, s.n > 2 ? s.n - 2 : s.n, s.n);
    if ((s.p[0] != '+' && s.p[0] != '-') || (s.n != 5 && s.n != 6) ||
        !str_to_u64(str_sub(s, 1, 3), &hours) || !str_to_u64(m, &minutes))
        return false;
    *ret_s = (s.p[0] == '-' ? -60.0 : 60.0) * (double)(hours * 60 + minutes);
    return true;
}

/* The three forms of HTTP, and that of RFC 3339. */
static bool parse_date(struct str s, double *ret_s)
{
    static const char *const forms[] = {"%a, %d %b %Y %H:%M:%S", "%A, %d-%b-%y %H:%M:%S",
                                        "%a %b %d %H:%M:%S %Y", "%Y-%m-%dT%H:%M:%S",
                                        "%Y-%m-%d %H:%M:%S"};
    char text[64];
    double east_s;
    if (s.n == 0 || s.n >= sizeof text)
        return false;
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        struct tm tm = {0};
        const char *end = strptime(text, forms[i], &tm);
        if (!end || !parse_zone(str_of(end), &east_s))
            continue;
        *ret_s = (double)timegm(&tm) - east_s;
        return true;
    }
    return false;
}

static double now_s(const struct http_head *h, uint64_t wall_ms)
{
    double date;
    return parse_date(http_head_get(h, STR("date")), &date) ? date
                                                            : (double)wall_ms / 1e3;
}

static bool read_value(const struct http_head *h, struct str value, uint64_t wall_ms,
                       uint64_t *ret_ms)
{
    double n;
    if (parse_date(value, &n)) {
        *ret_ms = clamp_ms((n - now_s(h, wall_ms)) * 1e3);
        return true;
    }
    if (str_to_double(value, &n) && n >= FIRST_MOMENT_S) {
        double moment_s = n >= FIRST_MOMENT_MS ? n / 1e3 : n;
        *ret_ms = clamp_ms(moment_s * 1e3 - (double)wall_ms);
        return true;
    }
    return http_span_ms(value, ret_ms);
}

/* Of "x-ratelimit-reset-tokens": is "x-ratelimit-remaining-tokens" 0? */
static bool is_used_up(const struct http_head *h, struct str name, size_t reset_at)
{
    char other[128];
    int n = snprintf(other, sizeof other, "%.*sremaining%.*s", (int)reset_at, name.p,
                     (int)(name.n - reset_at - 5), name.p + reset_at + 5);
    if (n < 0 || (size_t)n >= sizeof other)
        return false;
    return str_eqz(http_head_get(h, str_of(other)), "0");
}

/* Where "reset" stands in the name of a limit's field, or -1. */
static ptrdiff_t reset_at(struct str name)
{
    bool is_limit = str_starts_nocase(name, STR("x-ratelimit-")) ||
                    str_starts_nocase(name, STR("x-rate-limit-")) ||
                    str_starts_nocase(name, STR("ratelimit-")) ||
                    str_starts_nocase(name, STR("anthropic-ratelimit-"));
    for (size_t i = 0; is_limit && i + 5 <= name.n; i++)
        if (str_eq_nocase(str_sub(name, i, i + 5), STR("reset")))
            return (ptrdiff_t)i;
    return -1;
}

/* What the limits say so far. */
struct resets {
    bool is_found, has_used_up;
    uint64_t ms;
};

static void take_reset(struct resets *r, uint64_t ms, bool used_up)
{
    if (r->has_used_up && !used_up)
        return;
    bool is_better = used_up ? !r->has_used_up || ms > r->ms : ms < r->ms;
    if (!r->is_found || is_better)
        r->ms = ms;
    r->is_found = true;
    r->has_used_up |= used_up;
}

static void take_limits(struct resets *r, struct str value)
{
    struct ratelimit limit;
    while (ratelimit_next(&value, &limit))
        if (limit.has_reset)
            take_reset(r, clamp_ms(limit.reset_s * 1e3), limit.is_used_up);
}

static bool read_resets(const struct http_head *h, uint64_t wall_ms, uint64_t *ret_ms)
{
    struct resets r = {.is_found = false};
    for (size_t i = 0; i < h->nfields; i++) {
        struct str name = h->fields[i].name;
        ptrdiff_t at = reset_at(name);
        uint64_t ms;
        if (str_eq_nocase(name, STR("ratelimit")) ||
            str_eq_nocase(name, STR("x-ratelimit")))
            take_limits(&r, h->fields[i].value);
        else if (at >= 0 && read_value(h, h->fields[i].value, wall_ms, &ms))
            take_reset(&r, ms, is_used_up(h, name, (size_t)at));
    }
    *ret_ms = r.is_found ? r.ms : *ret_ms;
    return r.is_found;
}

static bool read_ms(const struct http_head *h, struct str name, uint64_t *ret_ms)
{
    double ms;
    struct str value = http_head_get(h, name);
    if (str_ends(value, STR("ms")))
        value = str_trim(str_sub(value, 0, value.n - 2));
    if (!str_to_double(value, &ms) || ms < 0)
        return false;
    *ret_ms = clamp_ms(ms);
    return true;
}

static bool read_after(const struct http_head *h, struct str name, uint64_t wall_ms,
                       uint64_t *ret_ms)
{
    struct str after = http_head_get(h, name);
    ptrdiff_t comma = str_find(after, STR(",")); /* two fields that a proxy has joined */
    return after.n &&
           (read_value(h, after, wall_ms, ret_ms) ||
            (comma > 0 &&
             read_value(h, str_trim(str_sub(after, 0, (size_t)comma)), wall_ms, ret_ms)));
}

bool http_wait_ms(const struct http_head *h, uint64_t wall_ms, uint64_t *ret_ms)
{
    static const struct str in_ms[] = {STR_INIT("retry-after-ms"),
                                       STR_INIT("x-ms-retry-after-ms"),
                                       STR_INIT("x-retry-after-ms")};
    static const struct str after[] = {STR_INIT("retry-after"), STR_INIT("x-retry-after"),
                                       STR_INIT("x-ratelimit-retry-after"),
                                       STR_INIT("x-rate-limit-retry-after"),
                                       STR_INIT("ratelimit-retry-after")};
    for (size_t i = 0; i < ARRAY_LEN(in_ms); i++)
        if (read_ms(h, in_ms[i], ret_ms))
            return true;
    for (size_t i = 0; i < ARRAY_LEN(after); i++)
        if (read_after(h, after[i], wall_ms, ret_ms))
            return true;
    return read_resets(h, wall_ms, ret_ms);
}
