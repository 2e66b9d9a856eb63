/* ledger_rows.c -- how fast the ledger takes rows: bench_ledger STATE_DIR ROWS [DAYS]
 *
 * Appends what a gateway appends (open, attempt, leg, settle; one flush for eight
 * requests) as fast as the log takes it, and waits until the last row is indexed.  A row
 * is a millisecond behind the one before it, and the last is of now; with DAYS they are
 * spread over so many days, and each 33rd failed with the local engine first.  Prints
 * rows a second, from the first append to the last index entry. */
#include "core/log.h"
#include "ledger/ledger.h"
#include "ledger/log/uid.h"
#include "wire.h"

#include <unistd.h>

enum { ROWS_A_FLUSH = 8, ENOUGH_WAITING = 1 << 18, FAILS_EACH = 33 };
static const uint64_t DAY_MS = 86400000;

static void append_failed_try(struct ledger_log *log, struct ledger_row *row)
{
    struct ledger_attempt attempt = {.uid = row->open.uid,
                                     .number = 1,
                                     .engine = STR("local"),
                                     .model = STR("qwen2.5-7b"),
                                     .side = SIDE_LOCAL};
    struct ledger_leg leg = {.uid = row->open.uid,
                             .number = 1,
                             .side = SIDE_LOCAL,
                             .engine = attempt.engine,
                             .model = attempt.model,
                             .status = 503,
                             .outcome = OUTCOME_ERROR,
                             .error_code = STR("upstream_reset"),
                             .ttft_ms = -1,
                             .total_ms = 3,
                             .sent_bytes = row->request_bytes};
    ledger_append_attempt(log, &attempt);
    ledger_append_leg(log, &leg);
    row->attempts++;
    row->nlegs_told++;
}

static void append(struct ledger_log *log, uint64_t n, uint64_t now_ms, bool is_past,
                   bool fails_first)
{
    static const char *const models[] = {"qwen2.5-7b", "llama-3.1-8b", "gpt-4o-mini"};
    struct ledger_row row = {
        .open = {.uid = is_past ? uid_at(now_ms) : ledger_new_uid(log),
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
        .nlegs_told = 1,
        .was_at_cloud = n % 3 == 2,
        .is_at_cloud_told = true,
        .usage = {.input_tokens = 210, .output_tokens = 80, .is_known = true},
        .usage_is_reported = true,
        .ttft_ms = 12,
        .total_ms = 40,
        .request_bytes = 946,
        .answer_bytes = 568,
    };
    ledger_append_open(log, &row.open);
    if (fails_first)
        append_failed_try(log, &row);
    struct ledger_attempt attempt = {.uid = row.open.uid,
                                     .number = row.attempts,
                                     .engine = row.engine,
                                     .model = row.model_used,
                                     .side = row.side};
    struct ledger_leg leg = ledger_leg_of_row(&row);
    ledger_append_attempt(log, &attempt);
    ledger_append_leg(log, &leg);
    ledger_append_settle(log, &row);
}

static int run(struct ledger *l, uint64_t rows, uint64_t days)
{
    struct ledger_log *log = ledger_log_of(l, 0);
    uint64_t now_ms = (uint64_t)time(NULL) * 1000, began = mono_us();
    for (uint64_t n = 0; n < rows; n++) {
        uint64_t ago_ms =
            days ? (uint64_t)((double)(rows - n) / (double)rows * (double)(days * DAY_MS))
                 : rows - n;
        append(log, n, now_ms - ago_ms, days > 0, days && n % FAILS_EACH == 0);
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
    if (argc != 3 && argc != 4) {
        fputs("usage: bench_ledger STATE_DIR ROWS [DAYS]\n", stderr);
        return 2;
    }
    struct ledger *l = ledger_open(str_of(argv[1]), 1, ACCESS_LOG_OFF, &err);
    for (int i = 0; l && !ledger_counts(l).is_writable && i < 100; i++)
        usleep(10000);
    int failed = l ? run(l, strtoull(argv[2], NULL, 10),
                         argc == 4 ? strtoull(argv[3], NULL, 10) : 0)
                   : 1;
    if (failed)
        fprintf(stderr, "bench_ledger: %s\n", err.msg);
    ledger_close(l);
    return failed;
}
