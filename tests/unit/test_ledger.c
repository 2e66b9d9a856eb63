/* test_ledger.c -- the ledger's promises, through its header: rows come back as they
 * were settled, one weir at a time, sums equal their rows, and disks may misbehave. */
#include "ledger/index/index.h"
#include "ledger/index/sums.h"
#include "ledger/log/lock.h"
#include "ledger/log/log.h"
#include "ledger/log/segment.h"

#include "core/clock.h"
#include "core/mem.h"

#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "ledger_fixture.h"

enum { ROWS = 200 * 1000, WORKERS = 4 };

static void nap_ms(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static void what_is_settled_is_read_back(void **state)
{
    struct ledger *l = open_or_fail(*state, 1);
    struct ledger_log *log = ledger_log_of(l, 0);
    struct ledger_row r = row_of(ledger_new_uid(log), start_ms);
    r.open.request_id = STR("client-chose-this");
    r.session_name = STR("s-1");
    r.cost_nanousd = COST_UNKNOWN;
    r.side = SIDE_CLOUD;
    r.usage.cached_tokens = 5;
    r.usage.cache_write_tokens = 6;
    r.usage.reasoning_tokens = 7;
    r.request_bytes = 946;
    r.answer_bytes = 568;
    assert_true(ledger_log_is_empty(log));
    append_all(log, &r);
    assert_false(ledger_log_is_empty(log));
    assert_int_equal(ledger_log_flush(log), 0);
    assert_true(ledger_log_is_empty(log));

    struct collected *c = read_rows(*state); /* while weir runs */
    assert_int_equal(c->n, 1);
    const struct ledger_row *got = &c->rows[0];
    assert_true(str_eqz(got->open.request_id, "client-chose-this"));
    assert_true(str_eqz(got->session_name, "s-1"));
    assert_true(str_eqz(got->engine, "ollama"));
    assert_true(str_eqz(got->reasons_json, "[{\"rule\":\"pin\",\"detail\":\"auto\"}]"));
    assert_int_equal(got->side, SIDE_CLOUD);
    assert_int_equal(got->usage.input_tokens, 12);
    assert_int_equal(got->usage.cached_tokens, 5);
    assert_int_equal(got->usage.cache_write_tokens, 6);
    assert_int_equal(got->usage.output_tokens, 24);
    assert_int_equal(got->usage.reasoning_tokens, 7);
    assert_int_equal(got->total_ms, 812);
    assert_int_equal(got->request_bytes, 946);
    assert_int_equal(got->answer_bytes, 568);
    assert_true(got->cost_nanousd == COST_UNKNOWN);
    assert_int_equal(got->ttft_ms, 51);
    assert_string_equal(got->open.label, "public");
    drop_rows(c);

    /* The row can be read a moment before it is counted. */
    while (ledger_counts(l).rows_indexed == 0)
        nap_ms(1);
    struct ledger_counts n = ledger_counts(l);
    assert_int_equal(n.records, 4);
    assert_int_equal(n.rows_indexed, 1);
    assert_int_equal(n.records_lost, 0);
    assert_true(n.is_writable);
    ledger_close(l);
}

static void a_request_is_found_by_either_id_and_by_time(void **state)
{
    struct ledger *l = open_or_fail(*state, 1);
    struct ledger_log *log = ledger_log_of(l, 0);
    char own[17];
    for (unsigned i = 0; i < 10; i++) {
        struct ledger_row r = row_of(ledger_new_uid(log), start_ms + i * 1000);
        if (i == 3)
            r.open.request_id = STR("mine");
        if (i == 5)
            ledger_format_uid(r.open.uid, own);
        append_all(log, &r);
    }
    assert_int_equal(ledger_log_flush(log), 0);
    ledger_close(l);

    struct ledger_query q = {.state_dir = str_of(*state), .id = STR("mine")};
    struct collected *c = read_with(q);
    assert_int_equal(c->n, 1);
    assert_int_equal(c->rows[0].open.ts_ms, start_ms + 3000);
    drop_rows(c);
    q.id = str_of(own);
    c = read_with(q);
    assert_int_equal(c->n, 1);
    assert_int_equal(c->rows[0].open.ts_ms, start_ms + 5000);
    assert_true(str_eqz(c->rows[0].open.request_id, own));
    drop_rows(c);
    c = read_with((struct ledger_query){.state_dir = str_of(*state),
                                        .since_ms = start_ms + 2000,
                                        .until_ms = start_ms + 7000,
                                        .limit = 3});
    assert_int_equal(c->n, 3); /* the newest three of 2..6, oldest first */
    assert_int_equal(c->rows[0].open.ts_ms, start_ms + 4000);
    assert_int_equal(c->rows[2].open.ts_ms, start_ms + 6000);
    drop_rows(c);
}

static void what_was_open_is_settled_as_interrupted_once(void **state)
{
    struct ledger *l = open_or_fail(*state, 2);
    struct ledger_log *log = ledger_log_of(l, 1);
    struct ledger_row r = row_of(ledger_new_uid(log), start_ms);
    struct ledger_attempt a = {.uid = r.open.uid,
                               .number = 2,
                               .engine = STR("openai"),
                               .model = STR("gpt-4o"),
                               .side = SIDE_CLOUD};
    ledger_append_open(log, &r.open);
    ledger_append_attempt(log, &a);
    struct ledger_row other = row_of(ledger_new_uid(log), start_ms);
    ledger_append_open(log, &other.open);
    assert_int_equal(ledger_log_flush(log), 0);
    ledger_close(l);
    for (int life = 0; life < 3; life++) {
        struct collected *c = read_rows(*state);
        assert_int_equal(c->n, 2);
        assert_int_equal(c->rows[0].outcome, OUTCOME_INTERRUPTED);
        assert_true(c->rows[0].has_engine);
        assert_true(str_eqz(c->rows[0].engine, "openai"));
        assert_true(str_eqz(c->rows[0].model_used, "gpt-4o"));
        assert_int_equal(c->rows[0].side, SIDE_CLOUD);
        assert_int_equal(c->rows[0].attempts, 2);
        assert_true(c->rows[0].cost_nanousd == COST_UNKNOWN);
        assert_false(c->rows[1].has_engine);
        assert_true(str_eqz(c->rows[1].error_code, "interrupted"));
        drop_rows(c);
        ledger_close(open_or_fail(*state, 2));
    }
}

static void a_second_weir_is_refused_and_told_whose_the_place_is(void **state)
{
    struct ledger *l = open_or_fail(*state, 1);
    struct err err;
    char pid[32];
    assert_null(ledger_open(str_of(*state), 1, ACCESS_LOG_OFF, &err));
    assert_string_equal(err.code, "ledger_locked");
    snprintf(pid, sizeof pid, "(pid %ld)", (long)getpid());
    assert_non_null(strstr(err.msg, pid));
    assert_non_null(strstr(err.msg, *state));
    ledger_close(l);
    ledger_close(open_or_fail(*state, 1));
}

static void reading_says_when_nothing_is_there(void **state)
{
    struct err err;
    char path[128];
    snprintf(path, sizeof path, "%s/absent", (char *)*state);
    struct ledger_query q = {.state_dir = str_of(path)};
    assert_int_equal(ledger_read(&q, collect, NULL, &err), -1);
    assert_string_equal(err.code, "ledger_missing");
    struct collected *c = read_rows(*state); /* there, but empty */
    assert_int_equal(c->n, 0);
    drop_rows(c);
}

/* -- bad disks -------------------------------------------------------------- */

static void limit_file_size(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The limit makes write(2) short first and then fail, as a full disk does. */
static void a_full_disk_loses_nothing_it_said_yes_to(void **state)
{
    struct ledger *l = open_or_fail(*state, 1);
    struct ledger_log *log = ledger_log_of(l, 0);
    uint64_t refused = 0, accepted = 0;
    limit_file_size(2000);
    for (int i = 0; i < 40; i++) {
        struct ledger_row r = row_of(ledger_new_uid(log), start_ms + (unsigned)i);
        append_all(log, &r);
        if (ledger_log_flush(log) == 0)
            accepted++;
        else
            refused++;
    }
    assert_true(accepted > 0 && refused > 0);
    assert_false(ledger_counts(l).is_writable);
    limit_file_size(RLIM_INFINITY);
    nap_ms(LOG_RETRY_MS + 50);
    assert_int_equal(ledger_log_flush(log), 0);
    assert_true(ledger_counts(l).is_writable);
    assert_int_equal(ledger_counts(l).records, 160);
    assert_int_equal(ledger_counts(l).records_lost, 0);
    ledger_close(l);
    struct collected *c = read_rows(*state);
    assert_int_equal(c->n, 40);
    drop_rows(c);
}

static void what_must_be_dropped_is_counted(void **state)
{
    struct ledger *l = open_or_fail(*state, 1);
    struct ledger_log *log = ledger_log_of(l, 0);
    uint64_t appended = 0;
    limit_file_size(100);
    while (ledger_counts(l).records_lost < 10) {
        struct ledger_row r = row_of(ledger_new_uid(log), start_ms);
        ledger_append_settle(log, &r);
        assert_int_equal(ledger_log_flush(log), -1);
        appended++;
        assert_true(appended < 100000);
    }
    limit_file_size(RLIM_INFINITY);
    nap_ms(LOG_RETRY_MS + 50);
    /* The kept ones are written, but not every one appended is: so still "no". */
    assert_int_equal(ledger_log_flush(log), -1);
    assert_int_equal(ledger_counts(l).records, appended - 10);
    struct ledger_row r = row_of(ledger_new_uid(log), start_ms);
    ledger_append_settle(log, &r);
    assert_int_equal(ledger_log_flush(log), 0);
    ledger_close(l);
}

static void a_record_without_room_is_told_also_when_no_other_waits(void **state)
{
    struct ledger *l = open_or_fail(*state, 1);
    struct ledger_log *log = ledger_log_of(l, 0);
    struct ledger_attempt a = {.uid = ledger_new_uid(log), .number = 1};
    assert_int_equal(ledger_log_flush(log), 0);
    size_t room = log->batch.max_bytes;
    log->batch.max_bytes = 0; /* as when memory is out */
    ledger_append_attempt(log, &a);
    log->batch.max_bytes = room;
    assert_true(ledger_log_is_empty(log));
    assert_int_equal(ledger_log_flush(log), -1);
    assert_int_equal(ledger_log_flush(log), 0);
    ledger_close(l);
}

static void a_directory_that_cannot_be_made_is_no_error_and_is_tried_again(void **state)
{
    char file[128], dir[160];
    snprintf(file, sizeof file, "%s/file", (char *)*state);
    snprintf(dir, sizeof dir, "%s/state", file);
    close(open(file, O_CREAT | O_WRONLY, 0600));
    struct ledger *l = open_or_fail(dir, 1);
    struct ledger_log *log = ledger_log_of(l, 0);
    assert_false(ledger_counts(l).is_writable);
    struct ledger_row r = row_of(ledger_new_uid(log), start_ms);
    append_all(log, &r);
    assert_int_equal(ledger_log_flush(log), -1);
    assert_int_equal(unlink(file), 0); /* "the disk is back" */
    bool is_written = false;
    for (int i = 0; i < 100 && !is_written; i++) {
        nap_ms(50);
        is_written = ledger_log_flush(log) == 0;
    }
    assert_true(is_written);
    ledger_close(l);
    struct collected *c = read_rows(dir);
    assert_int_equal(c->n, 1);
    drop_rows(c);
}

static void a_ruined_index_is_built_anew_from_the_logs(void **state)
{
    static const char *const ruins[] = {"this is no database at all, and long enough",
                                        ""};
    char path[128];
    snprintf(path, sizeof path, "%s/ledger.sqlite", (char *)*state);
    struct ledger *l = open_or_fail(*state, 1);
    struct ledger_row r = row_of(ledger_new_uid(ledger_log_of(l, 0)), start_ms);
    append_all(ledger_log_of(l, 0), &r);
    ledger_close(l);
    for (size_t i = 0; i < ARRAY_LEN(ruins); i++) {
        int fd = open(path, O_WRONLY | O_TRUNC);
        assert_int_equal(write(fd, ruins[i], strlen(ruins[i])),
                         (ssize_t)strlen(ruins[i]));
        close(fd);
        struct collected *c = read_rows(*state);
        assert_int_equal(c->n, 1);
        drop_rows(c);
    }
}

/* -- many rows -------------------------------------------------------------- */

static int add_total(void *ctx, const struct ledger_sums *s)
{
    ledger_sums_add(ctx, s);
    return 0;
}

static void two_hundred_thousand_rows_are_indexed_and_summed(void **state)
{
    struct ledger *l = open_or_fail(*state, 1);
    struct ledger_log *log = ledger_log_of(l, 0);
    uint64_t t0 = clock_mono_us();
    for (unsigned i = 0; i < ROWS; i++) {
        struct ledger_row r = row_of(ledger_new_uid(log), start_ms + i * 10);
        append_all(log, &r);
        if (i % 64 == 63 || i == ROWS - 1)
            assert_int_equal(ledger_log_flush(log), 0);
    }
    ledger_close(l);
    uint64_t t1 = clock_mono_us();
    struct ledger_sums total = {0};
    struct ledger_sums_query q = {.state_dir = str_of(*state)};
    struct err err;
    assert_int_equal(ledger_sum(&q, add_total, &total, &err), 0);
    uint64_t t2 = clock_mono_us();
    assert_int_equal(total.requests, ROWS);
    assert_int_equal(total.input_tokens, ROWS * 12);
    assert_int_equal(total.outcomes[OUTCOME_OK], ROWS);
    print_message("%d rows written and indexed in %llu ms, summed in %llu ms\n", ROWS,
                  (unsigned long long)(t1 - t0) / 1000,
                  (unsigned long long)(t2 - t1) / 1000);
}

static uint64_t random_state = 88172645463325252;

static uint64_t below(uint64_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % n;
}

static const char *const words[] = {"a", "b", "c", "d-long-name"};

static struct ledger_leg random_leg(uint64_t uid)
{
    return (struct ledger_leg){.uid = uid,
                               .engine = str_of(words[below(4)]),
                               .model = str_of(words[below(4)]),
                               .purpose = (enum leg_purpose)below(LEG_PURPOSES),
                               .outcome = (enum outcome)below(OUTCOME_COUNT),
                               .error_code = below(2) ? STR("broken") : STR(""),
                               .side = (enum side)below(SIDE_COUNT),
                               .status = (int)below(600),
                               .has_left = below(2),
                               .usage = {.input_tokens = below(500),
                                         .cached_tokens = below(50),
                                         .output_tokens = below(50),
                                         .tier = (enum service_tier)below(TIER_COUNT),
                                         .is_known = true},
                               .ttft_ms = below(2) ? (int64_t)below(100) : -1,
                               .started_ms = below(1000),
                               .total_ms = below(1000),
                               .sent_bytes = below(1000),
                               .answer_bytes = below(1000),
                               .cost_nanousd =
                                   below(4) ? (int64_t)below(1000) : COST_UNKNOWN};
}

/* Its own leg, and now and then some before it, or around it when it was promised. */
static void add_random_legs(struct ledger_row *r, struct arena *arena)
{
    size_t n = below(4) == 0 ? 2 + below(LEDGER_MAX_LEGS - 1) : 1;
    struct ledger_leg *legs = arena_array(arena, struct ledger_leg, n);
    bool is_promised = r->outcome == OUTCOME_OK || r->ttft_ms >= 0;
    const struct ledger_leg only = ledger_leg_of_row(r);
    size_t own = is_promised ? below(n) : n - 1;
    for (size_t i = 0; i < n; i++) {
        legs[i] = i == own ? only : random_leg(r->open.uid);
        legs[i].number = (uint32_t)i + 1;
        if (i == own)
            legs[i].purpose = i ? LEG_RETRY : LEG_ANSWER;
        r->was_at_cloud |= legs[i].side == SIDE_CLOUD;
        if (i != own)
            r->cost_nanousd = ledger_cost_sum(r->cost_nanousd, legs[i].cost_nanousd);
    }
    r->legs = legs;
    r->nlegs = n;
    r->attempts = (uint32_t)n;
}

static struct ledger_row random_row(struct ledger_log *log, struct arena *arena)
{
    static const char *const labels[] = {"unlabelled", "public", "internal",
                                         "confidential"};
    /* Three days, clock jumps included. */
    struct ledger_row r =
        row_of(ledger_new_uid(log), start_ms + below(UINT64_C(72) * 3600 * 1000));
    r.open.key = str_of(words[below(3)]);
    r.engine = str_of(words[below(4)]);
    r.model_used = str_of(words[below(4)]);
    r.open.label = labels[below(4)];
    r.side = (enum side)below(SIDE_COUNT);
    r.outcome = (enum outcome)below(OUTCOME_COUNT);
    r.has_engine = below(5) != 0;
    r.cost_nanousd = below(4) ? (int64_t)below(1000000) : COST_UNKNOWN;
    r.ttft_ms = below(4) ? (int64_t)below(1000) : -1;
    r.usage.input_tokens = below(10000);
    r.usage.cached_tokens = below(100);
    r.usage.cache_write_tokens = below(50);
    r.usage.output_tokens = below(1000);
    r.usage_is_reported = below(2);
    r.request_bytes = below(100000);
    r.answer_bytes = below(100000);
    if (!r.has_engine)
        r.cost_nanousd = 0;
    r.is_at_cloud_told = true;
    r.was_at_cloud = r.has_engine && r.side == SIDE_CLOUD;
    if (r.has_engine)
        add_random_legs(&r, arena);
    if (r.side == SIDE_CLOUD && below(4) == 0)
        r.was_at_cloud = false; /* no connection came about */
    return r;
}

struct expected {
    struct ledger_row *rows;
    size_t n;
    uint64_t since_ms, until_ms;
    const enum sums_by *by;
    size_t nby;
    struct ledger_sums total;
    size_t nlines;
};

/* Of a row: that of its own leg. */
static struct str purpose_of(const struct ledger_row *r)
{
    const struct ledger_leg *own = r->nlegs == 1 ? r->legs : ledger_own_leg(r);
    return own ? str_of(leg_purpose_name(own->purpose)) : STR("");
}

static bool matches(const struct expected *e, const struct ledger_sums *line,
                    const struct ledger_row *r)
{
    if (r->open.ts_ms < e->since_ms || (e->until_ms && r->open.ts_ms >= e->until_ms))
        return false;
    for (size_t i = 0; i < e->nby; i++) {
        char day[25];
        clock_format_utc(r->open.ts_ms, day);
        memcpy(day + 13, ":00Z", 5);
        struct str word = e->by[i] == SUMS_BY_DAY       ? (struct str){day, 10}
                          : e->by[i] == SUMS_BY_HOUR    ? str_of(day)
                          : e->by[i] == SUMS_BY_ENGINE  ? r->engine
                          : e->by[i] == SUMS_BY_MODEL   ? r->model_used
                          : e->by[i] == SUMS_BY_KEY     ? r->open.key
                          : e->by[i] == SUMS_BY_LABEL   ? str_of(r->open.label)
                          : e->by[i] == SUMS_BY_PURPOSE ? purpose_of(r)
                          : r->has_engine               ? str_of(side_name(r->side))
                                                        : STR("");
        if (!str_eq(word, line->words[i]))
            return false;
    }
    return true;
}

/* A leg stands in the line of its own engine, model, side and purpose. */
static void expect_legs(const struct expected *e, const struct ledger_sums *line,
                        const struct ledger_row *r, struct ledger_sums *want)
{
    for (size_t i = 0; i < r->nlegs; i++) {
        struct ledger_row as = *r;
        as.has_engine = true;
        as.side = r->legs[i].side;
        as.engine = r->legs[i].engine;
        as.model_used = r->legs[i].model;
        as.legs = &r->legs[i];
        as.nlegs = 1;
        if (!matches(e, line, &as))
            continue;
        int64_t cost = r->legs[i].cost_nanousd;
        want->failed_attempts += ledger_leg_failed_beside(r, &r->legs[i]);
        want->input_tokens += r->legs[i].usage.input_tokens;
        want->cached_tokens += r->legs[i].usage.cached_tokens;
        want->cache_write_tokens += r->legs[i].usage.cache_write_tokens;
        want->output_tokens += r->legs[i].usage.output_tokens;
        want->cost_nanousd += cost >= 0 ? cost : 0;
        want->cost_unknown += cost < 0;
    }
}

static int check_line(void *ctx, const struct ledger_sums *got)
{
    struct expected *e = ctx;
    struct ledger_sums want = {0};
    for (size_t i = 0; i < e->n; i++) {
        const struct ledger_row *r = &e->rows[i];
        expect_legs(e, got, r, &want);
        if (!matches(e, got, r))
            continue;
        want.requests++;
        want.outcomes[r->outcome]++;
        want.local_ok += r->has_engine && r->side == SIDE_LOCAL &&
                         r->outcome == OUTCOME_OK && !r->was_at_cloud;
        if (r->nlegs == 0) {
            want.input_tokens += r->usage.input_tokens;
            want.cached_tokens += r->usage.cached_tokens;
            want.cache_write_tokens += r->usage.cache_write_tokens;
            want.output_tokens += r->usage.output_tokens;
        }
        want.estimated += r->has_engine && !r->usage_is_reported;
        want.local_after_cloud += r->was_at_cloud && r->side == SIDE_LOCAL;
        want.cloud_unreached +=
            r->has_engine && r->side == SIDE_CLOUD && !r->was_at_cloud;
        want.request_bytes += r->request_bytes;
        want.answer_bytes += r->answer_bytes;
        bool has_first = r->is_stream && r->ttft_ms >= 0; /* a whole answer has none */
        want.ttft_ms += has_first ? (uint64_t)r->ttft_ms : 0;
        want.ttft_count += has_first;
        want.total_ms += r->total_ms;
    }
    memcpy(want.words, got->words, sizeof want.words);
    assert_memory_equal(&want, got, sizeof want);
    ledger_sums_add(&e->total, got);
    e->nlines++;
    return 0;
}

/* What went beside the answers that rows tell of. */
static void check_beside(const struct expected *e, const struct ledger_sums_query *q)
{
    struct ledger_sums got;
    uint64_t input = 0, output = 0;
    struct err err;
    for (size_t i = 0; i < e->n; i++) {
        const struct ledger_row *r = &e->rows[i];
        if (r->open.ts_ms < q->since_ms || (q->until_ms && r->open.ts_ms >= q->until_ms))
            continue;
        for (size_t k = 0; k < r->nlegs; k++) {
            if (&r->legs[k] == ledger_own_leg(r))
                continue;
            input += r->legs[k].usage.input_tokens;
            output += r->legs[k].usage.output_tokens;
        }
    }
    assert_int_equal(ledger_sum_beside(q, &got, &err), 0);
    assert_int_equal(got.input_tokens, input);
    assert_int_equal(got.output_tokens, output);
}

static void check_sums(void **state, struct expected *e, int rounds)
{
    for (int round = 0; round < rounds; round++) {
        enum sums_by by[2] = {(enum sums_by)below(SUMS_BY_COUNT), SUMS_BY_DAY};
        struct err err;
        struct ledger_sums_query q = {.state_dir = str_of(*state),
                                      .nby = by[0] == SUMS_BY_DAY ? 1 : below(3)};
        if (round % 4) {
            q.since_ms = start_ms + below(UINT64_C(80) * 3600 * 1000);
            q.until_ms = q.since_ms + below(round % 2 ? UINT64_C(7200) * 1000
                                                      : UINT64_C(180000) * 1000);
        }
        if (by[0] == SUMS_BY_POLICY)
            by[0] = SUMS_BY_PURPOSE;
        memcpy(q.by, by, sizeof by);
        e->since_ms = q.since_ms;
        e->until_ms = q.until_ms;
        e->by = by;
        e->nby = q.nby;
        e->total = (struct ledger_sums){0};
        assert_int_equal(ledger_sum(&q, check_line, e, &err), 0);
        uint64_t want = 0;
        for (size_t i = 0; i < e->n; i++)
            want += e->rows[i].open.ts_ms >= q.since_ms &&
                    (!q.until_ms || e->rows[i].open.ts_ms < q.until_ms);
        assert_int_equal(e->total.requests, want);
        check_beside(e, &q);
    }
}

static int check_legs_of(void *ctx, const struct ledger_row *got)
{
    struct expected *e = ctx;
    const struct ledger_row *want = &e->rows[e->nlines++];
    assert_true(got->open.uid == want->open.uid && got->nlegs == want->nlegs);
    assert_true(got->cost_nanousd == want->cost_nanousd);
    for (size_t i = 0; i < got->nlegs; i++) {
        const struct ledger_leg *g = &got->legs[i], *w = &want->legs[i];
        assert_true(g->uid == w->uid && g->number == w->number);
        assert_true(g->purpose == w->purpose && g->is_promised == w->is_promised);
        assert_true(g->side == w->side && g->outcome == w->outcome);
        assert_true(g->status == w->status && g->has_left == w->has_left);
        assert_true(str_eq(g->engine, w->engine) && str_eq(g->model, w->model));
        assert_true(str_eq(g->error_code, w->error_code));
        assert_true(g->usage.input_tokens == w->usage.input_tokens);
        assert_true(g->usage.output_tokens == w->usage.output_tokens);
        assert_true(g->usage.tier == w->usage.tier);
        assert_true(g->usage_is_reported == w->usage_is_reported);
        assert_true(g->cost_nanousd == w->cost_nanousd && g->ttft_ms == w->ttft_ms);
        assert_true(g->started_ms == w->started_ms && g->total_ms == w->total_ms);
        assert_true(g->sent_bytes == w->sent_bytes);
        assert_true(g->answer_bytes == w->answer_bytes);
    }
    return 0;
}

/* Every leg comes back as it was appended. */
static void check_legs(void **state, struct expected *e)
{
    struct err err;
    const struct ledger_query q = {.state_dir = str_of(*state)};
    e->nlines = 0;
    assert_int_equal(ledger_read(&q, check_legs_of, e, &err), 0);
    assert_int_equal(e->nlines, e->n);
    e->nlines = 0;
}

static bool note_deletion(void *ctx, const char *what, uint64_t rows, const char *why)
{
    assert_non_null(strstr(what, "key"));
    assert_string_equal(why, "asked");
    *(uint64_t *)ctx += rows;
    return true;
}

/* One key's rows go; what is expected loses them too. */
static void delete_key(void **state, struct expected *e, struct str key)
{
    const struct ledger_erase_order order = {.key = key, .why = STR("asked")};
    uint64_t told = 0, rows = 0;
    size_t n = 0;
    struct err err;
    assert_int_equal(
        ledger_erase(str_of(*state), &order, note_deletion, &told, &rows, &err), 0);
    for (size_t i = 0; i < e->n; i++)
        if (!str_eq(e->rows[i].open.key, key))
            e->rows[n++] = e->rows[i];
    assert_int_equal(rows, e->n - n);
    assert_int_equal(told, rows);
    assert_true(rows > 0);
    e->n = n;
}

static void sums_equal_their_rows_for_any_span_and_grouping(void **state)
{
    enum { N = 3000, ROUNDS = 60 };
    struct ledger *l = open_or_fail(*state, 1);
    struct ledger_log *log = ledger_log_of(l, 0);
    struct expected e = {.rows = mem_zalloc(N * sizeof *e.rows), .n = N};
    struct arena arena;
    arena_init(&arena, 16 << 20);
    for (size_t i = 0; i < N; i++) {
        e.rows[i] = random_row(log, &arena);
        append_all(log, &e.rows[i]);
        if (below(20) == 0)
            assert_int_equal(ledger_log_flush(log), 0);
        if (below(1000) == 0) { /* a new life now and then */
            ledger_close(l);
            l = open_or_fail(*state, 1);
            log = ledger_log_of(l, 0);
        }
    }
    ledger_close(l);
    check_legs(state, &e);
    check_sums(state, &e, ROUNDS);
    assert_true(e.nlines > ROUNDS);
    delete_key(state, &e, e.rows[N / 2].open.key);
    check_sums(state, &e, ROUNDS);
    delete_key(state, &e, e.rows[0].open.key);
    check_sums(state, &e, ROUNDS / 4);
    arena_reset(&arena);
    mem_free(e.rows);
}

/* -- threads ---------------------------------------------------------------- */

struct work {
    struct ledger *ledger;
    uint32_t worker;
    unsigned nrows;
};

static void *work(void *arg)
{
    const struct work *w = arg;
    struct ledger_log *log = ledger_log_of(w->ledger, w->worker);
    for (unsigned i = 0; i < w->nrows; i++) {
        struct ledger_row r = row_of(ledger_new_uid(log), start_ms + i);
        append_all(log, &r);
        if (i % 7 == 0 || i + 1 == w->nrows)
            (void)ledger_log_flush(log);
        if (i % 500 == 0)
            nap_ms(60); /* lets the writer fall asleep, and wakes it */
    }
    return NULL;
}

static void four_workers_write_while_rows_are_read(void **state)
{
    struct ledger *l = open_or_fail(*state, WORKERS);
    pthread_t threads[WORKERS];
    struct work works[WORKERS];
    for (uint32_t w = 0; w < WORKERS; w++) {
        works[w] = (struct work){l, w, 2000};
        assert_int_equal(pthread_create(&threads[w], NULL, work, &works[w]), 0);
    }
    struct ledger_sums total;
    struct ledger_sums_query q = {.state_dir = str_of(*state)};
    struct err err;
    for (int i = 0; i < 5; i++) {
        total = (struct ledger_sums){0};
        assert_int_equal(ledger_sum(&q, add_total, &total, &err), 0);
        (void)ledger_counts(l);
        nap_ms(20);
    }
    for (uint32_t w = 0; w < WORKERS; w++)
        pthread_join(threads[w], NULL);
    /* The reader waits until the running weir has caught up. */
    total = (struct ledger_sums){0};
    assert_int_equal(ledger_sum(&q, add_total, &total, &err), 0);
    assert_int_equal(total.requests, WORKERS * 2000);
    ledger_close(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_dir, drop_dir)
        TEST(what_is_settled_is_read_back),
        TEST(a_request_is_found_by_either_id_and_by_time),
        TEST(what_was_open_is_settled_as_interrupted_once),
        TEST(a_second_weir_is_refused_and_told_whose_the_place_is),
        TEST(reading_says_when_nothing_is_there),
        TEST(a_full_disk_loses_nothing_it_said_yes_to),
        TEST(what_must_be_dropped_is_counted),
        TEST(a_record_without_room_is_told_also_when_no_other_waits),
        TEST(a_directory_that_cannot_be_made_is_no_error_and_is_tried_again),
        TEST(a_ruined_index_is_built_anew_from_the_logs),
        TEST(two_hundred_thousand_rows_are_indexed_and_summed),
        TEST(sums_equal_their_rows_for_any_span_and_grouping),
        TEST(four_workers_write_while_rows_are_read),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
