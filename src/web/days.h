/* days.h -- the days a view is about: they begin in weir's own time zone.
 *
 *   ?month=2026-11                       a month; without words this one
 *   ?since=2026-11-01&until=2026-11-07   days, the last one included */
#ifndef WEIR_WEB_DAYS_H
#define WEIR_WEB_DAYS_H

#include "web/later.h"

enum { WEB_DAYS_MOST = 366 };

struct web_days {
    uint64_t now_ms;
    int year, month, day; /* the first day; month from 1 */
    int64_t number;       /* ... since 1970 */
    int ndays;
    uint64_t since_ms, until_ms; /* [since, until) */
    bool is_month;               /* a whole one */
};

/* Of the query of l.  -1: ERR_BAD_REQUEST "invalid_days". */
int web_days_read(struct later *l, struct web_days *ret, struct err *err);
/* Where its day i begins; i == ndays: where the last one ends. */
uint64_t web_days_begin(const struct web_days *d, int i);
/* A member: day i as "2026-11-01". */
void web_days_key(const struct web_days *d, struct json_writer *w, const char *key,
                  int i);
bool web_days_have(const struct web_days *d, uint64_t at_ms);
/* Members: now_ms, utc_offset_min, since_ms, until_ms, first, last, days, is_month. */
void web_days_write(const struct web_days *d, struct json_writer *w);
/* The sums of that time. */
struct ledger_sums_query web_days_query(const struct web_days *d, const struct server *s);

#endif
