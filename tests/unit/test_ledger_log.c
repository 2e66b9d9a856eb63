/* test_ledger_log.c -- records and segments: what is read back, and what damage costs.
 *
 * A small log is cut at every byte and flipped at every bit position; each time the
 * reader must keep every record it can, report the rest, and invent nothing. */
#include "ledger/reader.h"
#include "ledger/segment.h"
#include "ledger/uid.h"

#include "core/mem.h"
#include "ledger/ledger.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { LOG_RECORDS = 9, LOG_MAX = 1 << 20 };

static const struct ledger_row sample = {
    .open = {.uid = 77,
             .ts_ms = 1795000000123,
             .request_id = STR_INIT("wr-0123456789ABC"),
             .key = STR_INIT("laptop"),
             .session = 0xFEDCBA9876543210,
             .dialect = DIALECT_ANTHROPIC,
             .surface = SURFACE_COMPLETIONS,
             .model_asked = STR_INIT("auto"),
             .label = "internal"},
    .session_name = STR_INIT("s1"),
    .side = SIDE_CLOUD,
    .has_engine = true,
    .engine = STR_INIT("openai"),
    .model_used = STR_INIT("gpt-4o"),
    .policy = STR_INIT("local-first"),
    .role = STR_INIT("cloud_strong"),
    .reasons_json = STR_INIT("[{\"rule\":\"health\",\"detail\":\"no local engine\"}]"),
    .status = 502,
    .outcome = OUTCOME_ERROR,
    .error_code = STR_INIT("upstream_reset"),
    .attempts = 3,
    .usage = {.input_tokens = 1200,
              .cached_tokens = 1000,
              .cache_write_tokens = 7,
              .output_tokens = 300,
              .reasoning_tokens = 20,
              .is_known = true},
    .usage_is_reported = true,
    .cost_nanousd = COST_UNKNOWN,
    .price_date = STR_INIT("2026-07-01"),
    .ttft_ms = -1,
    .total_ms = 4321,
    .request_bytes = 946,
    .answer_bytes = 568,
    .is_stream = true,
};

static void assert_str(struct str got, struct str want)
{
    assert_int_equal(got.n, want.n);
    assert_memory_equal(got.p, want.p, want.n);
}

static void assert_open(const struct ledger_open *got, const struct ledger_open *want)
{
    assert_int_equal(got->uid, want->uid);
    assert_int_equal(got->ts_ms, want->ts_ms);
    assert_int_equal(got->session, want->session);
    assert_int_equal(got->dialect, want->dialect);
    assert_int_equal(got->surface, want->surface);
    assert_string_equal(got->label, want->label);
    assert_str(got->request_id, want->request_id);
    assert_str(got->key, want->key);
    assert_str(got->model_asked, want->model_asked);
}

static void a_settle_record_keeps_every_field(void **state)
{
    (void)state;
    struct buf b;
    struct record rec;
    struct ledger_row r;
    buf_init(&b, LOG_MAX);
    assert_true(record_put_settle(&b, &sample));
    assert_int_equal(record_parse(buf_view(&b), &rec), RECORD_WHOLE);
    assert_int_equal(rec.size, buf_len(&b));
    assert_true(record_get_settle(&rec, &r));
    assert_open(&r.open, &sample.open);
    assert_int_equal(r.side, sample.side);
    assert_true(r.has_engine && r.is_stream && r.usage_is_reported && r.usage.is_known);
    assert_str(r.session_name, sample.session_name);
    assert_str(r.engine, sample.engine);
    assert_str(r.model_used, sample.model_used);
    assert_str(r.policy, sample.policy);
    assert_str(r.role, sample.role);
    assert_str(r.reasons_json, sample.reasons_json);
    assert_str(r.error_code, sample.error_code);
    assert_str(r.price_date, sample.price_date);
    assert_int_equal(r.status, 502);
    assert_int_equal(r.outcome, OUTCOME_ERROR);
    assert_int_equal(r.attempts, 3);
    assert_int_equal(r.usage.input_tokens, 1200);
    assert_int_equal(r.usage.cached_tokens, 1000);
    assert_int_equal(r.usage.cache_write_tokens, 7);
    assert_int_equal(r.usage.output_tokens, 300);
    assert_int_equal(r.usage.reasoning_tokens, 20);
    assert_true(r.cost_nanousd == COST_UNKNOWN && r.ttft_ms == -1);
    assert_int_equal(r.total_ms, 4321);
    assert_int_equal(r.request_bytes, 946);
    assert_int_equal(r.answer_bytes, 568);
    buf_release(&b);
}

static void failed_attempts_are_kept_each_with_its_engine_and_cost(void **state)
{
    (void)state;
    struct buf b;
    struct record rec;
    struct ledger_row r, row = sample;
    buf_init(&b, LOG_MAX);
    row.side = SIDE_LOCAL;
    row.was_at_cloud = row.is_at_cloud_told = true;
    row.usage.audio_input_tokens = 11;
    row.usage.audio_output_tokens = 12;
    row.usage.tier = TIER_FLEX;
    row.own_nanousd = 5;
    row.nspent = 2;
    row.spent[0] = (struct ledger_spent){STR("sky"), STR("m"), SIDE_CLOUD, COST_UNKNOWN};
    row.spent[1] = (struct ledger_spent){STR("sea"), STR("n"), SIDE_CLOUD, 77};
    assert_true(record_put_settle(&b, &row));
    assert_int_equal(record_parse(buf_view(&b), &rec), RECORD_WHOLE);
    assert_int_equal(rec.version, RECORD_VERSION_2);
    assert_true(record_get_settle(&rec, &r));
    assert_true(r.was_at_cloud && r.is_at_cloud_told);
    assert_int_equal(r.usage.audio_input_tokens, 11);
    assert_int_equal(r.usage.audio_output_tokens, 12);
    assert_int_equal(r.usage.tier, TIER_FLEX);
    assert_int_equal(r.nspent, 2);
    assert_true(r.own_nanousd == 5 && r.spent[0].cost_nanousd == COST_UNKNOWN);
    assert_str(r.spent[1].engine, STR("sea"));
    assert_str(r.spent[1].model, STR("n"));
    assert_int_equal(r.spent[1].cost_nanousd, 77);
    assert_true(ledger_cloud_cost(&r) == COST_UNKNOWN);
    for (size_t n = 0; n < rec.payload.n; n++) {
        struct record cut = rec;
        cut.payload.n = n;
        assert_false(record_get_settle(&cut, &r));
    }
    buf_release(&b);
}

/* What 0.1.0 wrote: no bit that says whether the prompt was at the cloud. */
static void a_record_without_more_is_of_version_one_and_read_as_ever(void **state)
{
    (void)state;
    struct buf b;
    struct record rec;
    struct ledger_row r;
    buf_init(&b, LOG_MAX);
    assert_true(record_put_settle(&b, &sample));
    assert_int_equal(record_parse(buf_view(&b), &rec), RECORD_WHOLE);
    assert_int_equal(rec.version, RECORD_VERSION);
    assert_true(record_get_settle(&rec, &r));
    assert_true(r.was_at_cloud && !r.is_at_cloud_told);
    assert_int_equal(r.nspent, 0);
    buf_release(&b);
}

static void an_attempt_keeps_what_was_decided(void **state)
{
    (void)state;
    struct buf b;
    struct record rec;
    struct ledger_attempt a = {.uid = 7,
                               .number = 2,
                               .engine = STR("sky"),
                               .model = STR("m"),
                               .side = SIDE_CLOUD,
                               .policy = STR("local-first"),
                               .role = STR("cloud_strong"),
                               .reasons_json = sample.reasons_json};
    buf_init(&b, LOG_MAX);
    assert_true(record_put_attempt(&b, &a));
    assert_int_equal(record_parse(buf_view(&b), &rec), RECORD_WHOLE);
    assert_true(str_eq(record_bytes(&rec), buf_view(&b)));
    a = (struct ledger_attempt){0};
    assert_true(record_get_attempt(&rec, &a));
    assert_str(a.policy, STR("local-first"));
    assert_str(a.role, STR("cloud_strong"));
    assert_str(a.reasons_json, sample.reasons_json);
    buf_release(&b);
}

static void a_record_of_one_kind_is_not_read_as_another(void **state)
{
    (void)state;
    struct buf b;
    struct record rec;
    struct ledger_row r;
    struct ledger_attempt a;
    buf_init(&b, LOG_MAX);
    assert_true(record_put_open(&b, &sample.open));
    assert_int_equal(record_parse(buf_view(&b), &rec), RECORD_WHOLE);
    assert_false(record_get_settle(&rec, &r));
    assert_false(record_get_attempt(&rec, &a));
    rec.version++;
    assert_false(record_get_open(&rec, &r.open));
    rec.version--;
    rec.payload.n--;
    assert_false(record_get_open(&rec, &r.open));
    buf_release(&b);
}

/* A client's words cannot hold a record: the magic's first byte is taken out. */
static void strings_cannot_forge_a_record(void **state)
{
    (void)state;
    struct buf inner, outer;
    struct record rec;
    buf_init(&inner, LOG_MAX);
    buf_init(&outer, LOG_MAX);
    assert_true(record_put_open(&inner, &sample.open));
    struct ledger_open o = sample.open;
    o.model_asked = buf_view(&inner);
    assert_true(record_put_open(&outer, &o));
    struct str all = buf_view(&outer);
    for (size_t i = 1; i < all.n; i++)
        assert_int_not_equal(record_parse(str_sub(all, i, all.n), &rec), RECORD_WHOLE);
    assert_int_equal(record_parse(all, &rec), RECORD_WHOLE);
    assert_true(record_get_open(&rec, &o));
    assert_int_equal(o.model_asked.p[0], '?');
    buf_release(&inner);
    buf_release(&outer);
}

static void long_words_are_cut_between_characters_and_long_reasons_replaced(void **state)
{
    (void)state;
    struct buf b;
    struct record rec;
    struct ledger_row r = sample, got;
    char *longer = mem_zalloc(40000);
    assert_non_null(longer);
    memset(longer, 'a', 40000);
    memcpy(longer + RECORD_WORD_BYTES - 1, "\xC3\xA9", 2); /* é across the ceiling */
    r.open.model_asked = (struct str){longer, 40000};
    r.reasons_json = (struct str){longer, 40000};
    buf_init(&b, LOG_MAX);
    assert_true(record_put_settle(&b, &r));
    assert_int_equal(record_parse(buf_view(&b), &rec), RECORD_WHOLE);
    assert_true(record_get_settle(&rec, &got));
    assert_int_equal(got.open.model_asked.n, RECORD_WORD_BYTES - 1);
    assert_true(got.reasons_json.n < 100 && got.reasons_json.p[0] == '[');
    buf_release(&b);
    mem_free(longer);
}

static void a_full_buffer_takes_a_record_whole_or_not_at_all(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    int n = 0;
    while (record_put_open(&b, &sample.open))
        n++;
    assert_in_range(n, 5, 20);
    assert_false(b.failed);
    struct str all = buf_view(&b);
    for (int i = 0; i < n; i++) {
        struct record rec;
        assert_int_equal(record_parse(all, &rec), RECORD_WHOLE);
        all = str_sub(all, rec.size, all.n);
    }
    assert_int_equal(all.n, 0);
    buf_release(&b);
}

static void ids_rise_whatever_the_clock_does(void **state)
{
    (void)state;
    uint64_t last = 0, before = 0, floor = 0;
    static const int64_t steps[] = {0, 0, 5, -3600000, 0, 1, -1, 100, -86400000, 7};
    uint64_t now = 1795000000000;
    for (int i = 0; i < 1000; i++) {
        now = (uint64_t)((int64_t)now + steps[(size_t)i % ARRAY_LEN(steps)]);
        uint64_t uid = uid_next(now, 3, floor, &last);
        assert_true(uid > before);
        assert_int_equal(uid & 63, 3);
        before = uid;
    }
    /* Another life with a clock an hour behind starts above the newest id seen. */
    uint64_t other = 0;
    assert_true(uid_next(now - 3600000, 0, uid_sequence(before), &other) > before);
}

static void ids_read_back_from_their_text(void **state)
{
    (void)state;
    static const uint64_t uids[] = {
        0, 1, 63, UINT64_C(1) << 63, UINT64_MAX, UINT64_C(0x0123456789ABCDEF)};
    for (size_t i = 0; i < ARRAY_LEN(uids); i++) {
        char text[UID_TEXT];
        uint64_t back = 42;
        ledger_format_uid(uids[i], text);
        assert_int_equal(strlen(text), 16);
        assert_true(uid_parse(str_of(text), &back));
        assert_true(back == uids[i]);
    }
    uint64_t back;
    assert_false(uid_parse(STR("wr-ZZZZZZZZZZZZZ"), &back)); /* past 64 bits */
    assert_false(uid_parse(STR("wr-0123456789ABU"), &back)); /* no U */
    assert_false(uid_parse(STR("wr-0123456789AB"), &back));
    assert_false(uid_parse(STR("xx-0123456789ABC"), &back));
}

/* -- a log on disk ---------------------------------------------------------- */

struct disk {
    char dir[64];
    char file[SEGMENT_PATH];
    char bytes[4096];
    size_t n;
    size_t ends[LOG_RECORDS]; /* of each record */
};

struct seen {
    int ndamages;
    uint64_t skipped;
    char last[200];
};

static void note_damage(void *ctx, const struct damage *d)
{
    struct seen *s = ctx;
    s->ndamages++;
    s->skipped += d->skipped;
    snprintf(s->last, sizeof s->last, "%s: byte %llu: %s, %llu bytes skipped", d->file,
             (unsigned long long)d->at, d->what, (unsigned long long)d->skipped);
}

static void write_file(const char *path, const char *bytes, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), (ssize_t)n);
    close(fd);
}

/* Records 0..8: OPEN, ATTEMPT, SETTLE of the uids 1, 2 and 3. */
static int make_disk(void **state)
{
    struct disk *d = mem_new(struct disk);
    struct buf b;
    snprintf(d->dir, sizeof d->dir, "/tmp/weir-test-log-XXXXXX");
    assert_non_null(mkdtemp(d->dir));
    int fd = segment_create(d->dir, 0, 1);
    assert_true(fd >= 0);
    buf_init(&b, LOG_MAX);
    for (size_t i = 0; i < LOG_RECORDS; i++) {
        struct ledger_row r = sample;
        r.open.uid = i / 3 + 1;
        struct ledger_attempt a = {.uid = r.open.uid,
                                   .number = 1,
                                   .engine = r.engine,
                                   .model = r.model_used,
                                   .side = r.side,
                                   .policy = r.policy,
                                   .role = r.role,
                                   .reasons_json = r.reasons_json};
        assert_true(i % 3 == 0   ? record_put_open(&b, &r.open)
                    : i % 3 == 1 ? record_put_attempt(&b, &a)
                                 : record_put_settle(&b, &r));
        d->ends[i] = SEGMENT_HEAD_BYTES + buf_len(&b);
    }
    assert_int_equal(write(fd, b.p, b.n), (ssize_t)b.n);
    close(fd);
    buf_release(&b);
    assert_true(segment_path(d->dir, 0, 1, d->file));
    fd = open(d->file, O_RDONLY);
    d->n = (size_t)read(fd, d->bytes, sizeof d->bytes);
    close(fd);
    assert_int_equal(d->n, d->ends[LOG_RECORDS - 1]);
    *state = d;
    return 0;
}

static int drop_disk(void **state)
{
    struct disk *d = *state;
    unlink(d->file);
    rmdir(d->dir);
    mem_free(d);
    return 0;
}

/* Which of the records came out, as bits; anything else than those fails. */
static unsigned read_all(const struct disk *d, struct seen *ret)
{
    struct reader r;
    struct record rec;
    struct err err;
    unsigned found = 0;
    *ret = (struct seen){0};
    reader_init(&r, d->dir, 0, note_damage, ret);
    reader_seek(&r, 1, 0);
    uint64_t limit = reader_size(&r);
    int rc;
    while ((rc = reader_next(&r, limit, &rec, &err)) > 0) {
        size_t i = 0;
        while (i < LOG_RECORDS && d->ends[i] != r.offset)
            i++;
        assert_in_range(i, 0, LOG_RECORDS - 1);
        size_t at = i ? d->ends[i - 1] : SEGMENT_HEAD_BYTES;
        assert_int_equal(rec.size, d->ends[i] - at);
        assert_memory_equal(rec.payload.p, d->bytes + at + RECORD_HEAD_BYTES,
                            rec.payload.n);
        assert_false(found & 1U << i);
        found |= 1U << i;
    }
    assert_int_equal(rc, 0);
    assert_int_equal(r.offset, limit);
    reader_release(&r);
    return found;
}

enum { ALL = (1 << LOG_RECORDS) - 1 };

static void a_healthy_log_is_read_without_complaint(void **state)
{
    struct seen seen;
    assert_int_equal(read_all(*state, &seen), ALL);
    assert_int_equal(seen.ndamages, 0);
}

static void a_log_cut_anywhere_keeps_what_is_whole(void **state)
{
    struct disk *d = *state;
    for (size_t n = 0; n <= d->n; n++) {
        struct seen seen;
        unsigned want = 0;
        size_t good = n < SEGMENT_HEAD_BYTES ? 0 : SEGMENT_HEAD_BYTES;
        for (size_t i = 0; i < LOG_RECORDS && d->ends[i] <= n; i++) {
            want |= 1U << i;
            good = d->ends[i];
        }
        write_file(d->file, d->bytes, n);
        assert_int_equal(read_all(d, &seen), want);
        assert_int_equal(seen.skipped, n - good);
        assert_int_equal(seen.ndamages, n != good);
    }
}

static void a_flip_anywhere_costs_one_record_and_is_reported(void **state)
{
    struct disk *d = *state;
    char bytes[sizeof d->bytes];
    for (size_t at = 0; at < d->n; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            struct seen seen;
            unsigned want = ALL;
            size_t i = 0;
            while (d->ends[i] <= at)
                i++;
            if (at >= SEGMENT_HEAD_BYTES)
                want &= ~(1U << i);
            memcpy(bytes, d->bytes, d->n);
            bytes[at] = (char)(bytes[at] ^ (1 << bit));
            write_file(d->file, bytes, d->n);
            assert_int_equal(read_all(d, &seen), want);
            assert_int_equal(seen.ndamages, 1);
        }
    }
}

static void the_report_names_file_byte_reason_and_length(void **state)
{
    struct disk *d = *state;
    struct seen seen;
    char bytes[sizeof d->bytes], want[200];
    memcpy(bytes, d->bytes, d->n);
    bytes[d->ends[2] + 20] ^= 1;
    write_file(d->file, bytes, d->n);
    (void)read_all(d, &seen);
    snprintf(want, sizeof want,
             "w0-00000001.log: byte %zu: bad checksum, %zu bytes skipped", d->ends[2],
             d->ends[3] - d->ends[2]);
    assert_string_equal(seen.last, want);
}

/* Garbage longer than the reader's block, then a record. */
static void a_record_is_found_behind_a_megabyte_of_garbage(void **state)
{
    struct disk *d = *state;
    struct seen seen = {0};
    struct reader r;
    struct record rec;
    struct err err;
    size_t junk = 1 << 20, total = SEGMENT_HEAD_BYTES + junk + 500;
    char *bytes = mem_zalloc(total);
    memcpy(bytes, d->bytes, SEGMENT_HEAD_BYTES);
    for (size_t i = 0; i < junk; i++)
        bytes[SEGMENT_HEAD_BYTES + i] = (char)(i * 2654435761U >> 13);
    size_t n = d->ends[0] - SEGMENT_HEAD_BYTES;
    memcpy(bytes + SEGMENT_HEAD_BYTES + junk, d->bytes + SEGMENT_HEAD_BYTES, n);
    write_file(d->file, bytes, SEGMENT_HEAD_BYTES + junk + n);
    mem_free(bytes);
    reader_init(&r, d->dir, 0, note_damage, &seen);
    reader_seek(&r, 1, 0);
    assert_int_equal(reader_next(&r, reader_size(&r), &rec, &err), 1);
    assert_int_equal(rec.type, RECORD_OPEN);
    assert_int_equal(seen.ndamages, 1);
    assert_int_equal(seen.skipped, junk);
    reader_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_settle_record_keeps_every_field),
        cmocka_unit_test(failed_attempts_are_kept_each_with_its_engine_and_cost),
        cmocka_unit_test(a_record_without_more_is_of_version_one_and_read_as_ever),
        cmocka_unit_test(an_attempt_keeps_what_was_decided),
        cmocka_unit_test(a_record_of_one_kind_is_not_read_as_another),
        cmocka_unit_test(strings_cannot_forge_a_record),
        cmocka_unit_test(long_words_are_cut_between_characters_and_long_reasons_replaced),
        cmocka_unit_test(a_full_buffer_takes_a_record_whole_or_not_at_all),
        cmocka_unit_test(ids_rise_whatever_the_clock_does),
        cmocka_unit_test(ids_read_back_from_their_text),
        cmocka_unit_test_setup_teardown(a_healthy_log_is_read_without_complaint,
                                        make_disk, drop_disk),
        cmocka_unit_test_setup_teardown(a_log_cut_anywhere_keeps_what_is_whole, make_disk,
                                        drop_disk),
        cmocka_unit_test_setup_teardown(a_flip_anywhere_costs_one_record_and_is_reported,
                                        make_disk, drop_disk),
        cmocka_unit_test_setup_teardown(the_report_names_file_byte_reason_and_length,
                                        make_disk, drop_disk),
        cmocka_unit_test_setup_teardown(a_record_is_found_behind_a_megabyte_of_garbage,
                                        make_disk, drop_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
