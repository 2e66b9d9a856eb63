/* ledger_format.c -- see ledger_format.h. */
#include "cmd/ledger/ledger_format.h"

#include "facts/money.h"

#include <stdio.h>

void ledger_format_count(uint64_t v, char out[NUMBER_TEXT])
{
    static const char units[] = "kMGTPE";
    uint64_t unit = 1;
    int at = -1;
    while (at + 2 < (int)sizeof units && v >= 1000 * unit - unit / 2) {
        unit *= 1000;
        at++;
    }
    if (at < 0) {
        snprintf(out, NUMBER_TEXT, "%llu", (unsigned long long)v);
        return;
    }
    uint64_t tenths = (v / (unit / 20) + 1) / 2;
    if (tenths < 1000)
        snprintf(out, NUMBER_TEXT, "%llu.%llu%c", (unsigned long long)(tenths / 10),
                 (unsigned long long)(tenths % 10), units[at]);
    else
        snprintf(out, NUMBER_TEXT, "%llu%c",
                 (unsigned long long)((v / (unit / 2) + 1) / 2), units[at]);
}

void ledger_format_whole(uint64_t v, char out[NUMBER_TEXT])
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)v);
    size_t to = 0;
    for (int i = 0; i < n; i++) {
        out[to++] = digits[i];
        if ((n - i) % 3 == 1 && i + 1 < n)
            out[to++] = ',';
    }
    out[to] = '\0';
}

void ledger_format_cost(int64_t nanousd, uint64_t unknown, uint64_t requests,
                        char out[NUMBER_TEXT])
{
    char usd[MONEY_TEXT];
    if (unknown && nanousd == 0 && unknown >= requests) {
        snprintf(out, NUMBER_TEXT, "unknown");
        return;
    }
    if (nanousd == 0)
        snprintf(usd, sizeof usd, "$0");
    else
        money_format(nanousd, nanousd < NANOUSD_PER_USD ? 4 : 2, usd);
    /* Rounding must not turn a cost into none. */
    if (nanousd > 0 && nanousd < 50000)
        snprintf(usd, sizeof usd, "<$0.0001");
    snprintf(out, NUMBER_TEXT, "%s%s", usd, unknown ? "+?" : "");
}

void ledger_format_ms(uint64_t sum, uint64_t count, char out[NUMBER_TEXT])
{
    uint64_t mean = count ? (sum + count / 2) / count : 0;
    if (count == 0)
        snprintf(out, NUMBER_TEXT, "-");
    else if (mean < 10000)
        snprintf(out, NUMBER_TEXT, "%llums", (unsigned long long)mean);
    else
        snprintf(out, NUMBER_TEXT, "%llu.%llus", (unsigned long long)((mean + 50) / 1000),
                 (unsigned long long)((mean + 50) % 1000 / 100));
}
