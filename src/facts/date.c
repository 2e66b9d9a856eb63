/* date.c -- days from and to the civil calendar. */
#include "facts/date.h"

#include "core/clock.h"

#include <stdio.h>

static int64_t days_from_civil(int64_t y, unsigned m, unsigned d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    unsigned yoe = (unsigned)(y - era * 400);
    unsigned doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
    unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + (int64_t)doe - 719468;
}

void date_format(int64_t days, char out[DATE_TEXT])
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    unsigned doe = (unsigned)(z - era * 146097);
    unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    unsigned mp = (5 * doy + 2) / 153;
    unsigned d = doy - (153 * mp + 2) / 5 + 1;
    unsigned m = mp < 10 ? mp + 3 : mp - 9;
    int64_t y = (int64_t)yoe + era * 400 + (m <= 2);
    snprintf(out, DATE_TEXT, "%04d-%02u-%02u", (int)(y % 10000), m % 100, d % 100);
}

bool date_parse(struct str text, int64_t *ret_days)
{
    uint64_t y;
    uint64_t m;
    uint64_t d;
    char back[DATE_TEXT];
    if (text.n != 10 || text.p[4] != '-' || text.p[7] != '-' ||
        !str_to_u64(str_sub(text, 0, 4), &y) || !str_to_u64(str_sub(text, 5, 7), &m) ||
        !str_to_u64(str_sub(text, 8, 10), &d) || m < 1 || m > 12 || d < 1 || d > 31)
        return false;
    int64_t days = days_from_civil((int64_t)y, (unsigned)m, (unsigned)d);
    date_format(days, back);
    if (!str_eqz(text, back))
        return false;
    *ret_days = days;
    return true;
}

int64_t date_today(void)
{
    return (int64_t)(clock_wall_ms() / 86400000);
}
