/* spend.c -- published thresholds of a monthly bill, beside the ledger's own sum. */
#include "ledger/spend.h"

#include "core/log.h"
#include "facts/money.h"
#include "ledger/index/sums.h"

#include <stdio.h>
#include <time.h>

enum { LOOK_EVERY_MS = 60 * 1000 };

#define USD(n) ((n)*INT64_C(1000000000))

static const struct spend_rule rules[] = {
    {USD(30), "a note of 2026-05-16",
     "from $30 a month local hardware is said to pay back in years"},
    {USD(200), "\"When to Run Locally\", 2026",
     "from $200 a month a 30-day pilot of a local engine is said to be worth it"},
    {USD(500), "\"When to Run Locally\", 2026",
     "above $500 a month local inference is said to be worth a look"},
};

const struct spend_rule *spend_rule_for(int64_t month_nanousd)
{
    const struct spend_rule *reached = NULL;
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if (month_nanousd >= rules[i].from_nanousd)
            reached = &rules[i];
    return reached;
}

static int64_t month_of(uint64_t now_ms, uint64_t *ret_began_ms)
{
    time_t s = (time_t)(now_ms / 1000);
    struct tm tm;
    gmtime_r(&s, &tm);
    int64_t month = (int64_t)(tm.tm_year - 70) * 12 + tm.tm_mon;
    tm.tm_mday = 1;
    tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
    *ret_began_ms = (uint64_t)timegm(&tm) * 1000;
    return month;
}

static int add_cost(void *ctx, const struct ledger_sums *s)
{
    if (str_eqz(s->words[0], side_name(SIDE_CLOUD)))
        *(int64_t *)ctx += s->cost_nanousd;
    return 0;
}

int spend_this_month(struct str state_dir, uint64_t now_ms, int64_t *ret_nanousd,
                     struct err *err)
{
    struct ledger_sums_query q = {.state_dir = state_dir, .by = {SUMS_BY_SIDE}, .nby = 1};
    int64_t sum = 0;
    month_of(now_ms, &q.since_ms);
    if (ledger_sum(&q, add_cost, &sum, err) < 0)
        return -1;
    *ret_nanousd = sum;
    return 0;
}

void spend_text(int64_t month_nanousd, const struct spend_rule *rule, char *out,
                size_t size)
{
    char money[MONEY_TEXT];
    money_format(month_nanousd, 2, money);
    snprintf(
        out, size,
        "this month's cloud bill is %s: %s (rule of thumb of %s); for your own figure: "
        "weir plan --from-ledger",
        money, rule->says, rule->source);
}

void spend_look(struct spend_watch *w, struct str state_dir, uint64_t now_ms)
{
    char text[400];
    uint64_t began_ms = 0;
    int64_t sum = 0;
    struct err ignored;
    if (now_ms < w->next_look_ms)
        return;
    w->next_look_ms = now_ms + LOOK_EVERY_MS;
    int64_t month = month_of(now_ms, &began_ms);
    if (month != w->month)
        w->told = NULL;
    w->month = month;
    if (spend_this_month(state_dir, now_ms, &sum, &ignored) < 0)
        return; /* the ledger itself says when it cannot be read */
    const struct spend_rule *rule = spend_rule_for(sum);
    if (!rule || rule == w->told)
        return;
    w->told = rule;
    spend_text(sum, rule, text, sizeof text);
    log_warn("%s", text);
}
