/* ledger_rows.c -- how fast the ledger takes rows: bench_ledger STATE_DIR ROWS
 *
 * Appends what a gateway appends (open, attempt, leg, settle; one flush for eight
 * requests) as fast as the log takes it, and waits until the last row is indexed.  Prints
 * rows a second, from the first append to the last index entry. */
#include "core/log.h"
#include "ledger/ledger.h"
#include "wire.h"

#include <unistd.h>

enum { ROWS_A_FLUSH = 8, ENOUGH_WAITING = 1 << 18 };

static void append(struct ledger_log *log, uint64_t n, uint64_t now_ms)
{
    static const char *const models[] = {"qwen2.5-7b", "llama-3.1-8b", "gpt-4o-mini"};
    struct ledger_row row = {
        .open = {.uid = ledger_new_uid(log),
                 .ts_ms = now_ms,
                 .key = STR("bench"),
                 .session = n / 16,
                 .model_asked = STR("auto"),
                 .label = "public"},
        .side = n % 3 == 2 ? SIDE_CLOUD : SIDE_LOCAL,
        .has_engine = true,
        .engine = n % 3 == 2 ? STR("openai") : STR("local"),
        .model_used = str_of(models[n % 3]),
        .policy = STR("local-first"),
        .role = STR("local"),
        .reasons_json = STR("[{\"rule\":\"local-first\",\"detail\":\"m on local\"}]"),
        .status = 200,
        .attempts = 1,
        .usage = {.input_tokens = 210, .output_tokens = 80, .is_known = true},
        .usage_is_reported = true,
        .ttft_ms = 12,
        .total_ms = 40,
        .request_bytes = 946,
        .answer_bytes = 568,
    };
    struct ledger_attempt attempt = {.uid = row.open.uid,
                                     .number = 1,
                                     .engine = row.engine,
                                     .model = row.model_used,
                                     .side = row.side};
    ledger_append_open(log, &row.open);
    struct ledger_leg leg = ledger_leg_of_row(&row);
    row.nlegs_told = 1;
    ledger_append_attempt(log, &attempt);
    ledger_append_leg(log, &leg);
    ledger_append_settle(log, &row);
}

static int run(struct ledger *l, uint64_t rows)
{
    struct ledger_log *log = ledger_log_of(l, 0);
    uint64_t now_ms = (uint64_t)time(NULL) * 1000, began = mono_us();
    for (uint64_t n = 0; n < rows; n++) {
        append(log, n, now_ms - (rows - n)); /* a row a millisecond, up to now */
        if (n % ROWS_A_FLUSH == 0 && ledger_log_flush(log) < 0)
            return 1;
        while (n % 1024 == 0 && n - ledger_counts(l).rows_indexed > ENOUGH_WAITING)
            usleep(1000); /* the log must not grow without bound */
    }
    if (ledger_log_flush(log) < 0)
        return 1;
    while (ledger_counts(l).rows_indexed < rows)
        usleep(1000);
    printf("%.0f\n", (double)rows / ((double)(mono_us() - began) / 1e6));
    return 0;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    if (argc != 3) {
        fputs("usage: bench_ledger STATE_DIR ROWS\n", stderr);
        return 2;
    }
    struct ledger *l = ledger_open(str_of(argv[1]), 1, ACCESS_LOG_OFF, &err);
    for (int i = 0; l && !ledger_counts(l).is_writable && i < 100; i++)
        usleep(10000);
    int failed = l ? run(l, strtoull(argv[2], NULL, 10)) : 1;
    if (failed)
        fprintf(stderr, "bench_ledger: %s\n", err.msg);
    ledger_close(l);
    return failed;
}
