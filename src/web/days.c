/* days.c -- see days.h. */
#include "web/days.h"

#include "core/clock.h"
#include "facts/date.h"

#include <time.h>

uint64_t web_days_begin(const struct web_days *d, int i)
{
    struct tm at = {.tm_year = d->year - 1900,
                    .tm_mon = d->month - 1,
                    .tm_mday = d->day + i,
                    .tm_isdst = -1};
    time_t t = mktime(&at);
    return t > 0 ? (uint64_t)t * 1000 : 0;
}

void web_days_key(const struct web_days *d, struct json_writer *w, const char *key, int i)
{
    char text[DATE_TEXT];
    date_format(d->number + i, text);
    web_key_str(w, key, str_of(text));
}

static int days_fault(struct err *err)
{
    return err_set(err, ERR_BAD_REQUEST, "invalid_days",
                   "write month=2026-11, or since=2026-11-01&until=2026-11-07 with at "
                   "most %d days, none of them before 1971 or after 2199",
                   WEB_DAYS_MOST);
}

/* "2026-11-01" */
static bool read_day(struct str text, struct web_days *ret)
{
    uint64_t year, month, day;
    if (!date_parse(text, &ret->number) || !str_to_u64(str_sub(text, 0, 4), &year) ||
        !str_to_u64(str_sub(text, 5, 7), &month) ||
        !str_to_u64(str_sub(text, 8, 10), &day) || year < 1971 || year > 2199)
        return false;
    ret->year = (int)year;
    ret->month = (int)month;
    ret->day = (int)day;
    return true;
}

static bool read_month(struct str text, struct later *l, struct web_days *ret)
{
    char next[DATE_TEXT + 16];
    int64_t after;
    if (text.n != 7 || !read_day(arena_printf(&l->arena, "%.*s-01", STR_ARG(text)), ret))
        return false;
    bool is_last = ret->month == 12;
    snprintf(next, sizeof next, "%04d-%02d-01", ret->year + is_last,
             is_last ? 1 : ret->month + 1);
    if (!date_parse(str_of(next), &after))
        return false;
    ret->ndays = (int)(after - ret->number);
    ret->is_month = true;
    return true;
}

int web_days_read(struct later *l, struct web_days *ret, struct err *err)
{
    struct str month = web_parameter(l->query, "month", &l->arena);
    struct str since = web_parameter(l->query, "since", &l->arena);
    struct str until = web_parameter(l->query, "until", &l->arena);
    struct web_days last;
    *ret = (struct web_days){.now_ms = clock_wall_ms()};
    if (since.p || until.p) {
        if (month.p || !since.p || !until.p || !read_day(until, &last) ||
            !read_day(since, ret) || last.number < ret->number ||
            last.number - ret->number >= WEB_DAYS_MOST)
            return days_fault(err);
        ret->ndays = (int)(last.number - ret->number) + 1;
    } else if (!month.p) {
        time_t now = (time_t)(ret->now_ms / 1000);
        struct tm at;
        if (!localtime_r(&now, &at))
            return days_fault(err);
        month = arena_printf(&l->arena, "%04d-%02d", at.tm_year + 1900, at.tm_mon + 1);
    }
    if (month.p && !read_month(month, l, ret))
        return days_fault(err);
    ret->since_ms = web_days_begin(ret, 0);
    ret->until_ms = web_days_begin(ret, ret->ndays);
    return 0;
}

bool web_days_have(const struct web_days *d, uint64_t at_ms)
{
    return at_ms >= d->since_ms && at_ms < d->until_ms;
}

void web_days_write(const struct web_days *d, struct json_writer *w)
{
    web_key_u64(w, "now_ms", d->now_ms);
    web_key_i64(w, "utc_offset_min", web_utc_offset_min(d->now_ms));
    web_key_u64(w, "since_ms", d->since_ms);
    web_key_u64(w, "until_ms", d->until_ms);
    web_days_key(d, w, "first", 0);
    web_days_key(d, w, "last", d->ndays - 1);
    web_key_u64(w, "days", (uint64_t)d->ndays);
    web_key_bool(w, "is_month", d->is_month);
}

struct ledger_sums_query web_days_query(const struct web_days *d, const struct server *s)
{
    return (struct ledger_sums_query){.state_dir = str_of(s->state_dir),
                                      .since_ms = d->since_ms,
                                      .until_ms = d->until_ms,
                                      .is_glance = true};
}
