/* test_ledger_log.c -- records and segments: what is read back, and what damage costs.
 *
 * A small log is cut at every byte and flipped at every bit position; each time the
 * reader must keep every record it can, report the rest, and invent nothing. */
#include "ledger/log/reader.h"
#include "ledger/log/segment.h"
#include "ledger/log/uid.h"

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
    struct ledger_legs legs;
    buf_init(&b, LOG_MAX);
    assert_true(record_put_settle(&b, &sample));
    assert_int_equal(record_parse(buf_view(&b), &rec), RECORD_WHOLE);
    assert_int_equal(rec.size, buf_len(&b));
    assert_true(record_get_settle(&rec, &r, &legs));
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

static void what_weir_knew_is_kept(void **state)
{
    (void)state;
    struct buf b;
    struct record rec;
    struct ledger_row r, row = sample;
    struct ledger_legs legs;
    buf_init(&b, LOG_MAX);
    row.was_at_cloud = row.is_at_cloud_told = true;
    row.usage.audio_input_tokens = 11;
    row.usage.audio_output_tokens = 12;
    row.usage.tier = TIER_FLEX;
    row.nlegs_told = 3;
    row.knew = (struct ledger_knew){.input_estimate = 1234,
                                    .output_limit = 4096,
                                    .needs = CAP_TOOLS | CAP_VISION,
                                    .wants_quality = true,
                                    .has_latency = true,
                                    .latency_ms = 700,
                                    .deadline = 2,
                                    .deadline_s = 86400,
                                    .health = STR("gpu:idle sky:down")};
    assert_true(record_put_settle(&b, &row));
    assert_int_equal(record_parse(buf_view(&b), &rec), RECORD_WHOLE);
    assert_int_equal(rec.version, RECORD_VERSION);
    assert_true(record_get_settle(&rec, &r, &legs));
    assert_true(r.was_at_cloud && r.is_at_cloud_told);
    assert_int_equal(r.usage.audio_input_tokens, 11);
    assert_int_equal(r.usage.audio_output_tokens, 12);
    assert_int_equal(r.usage.tier, TIER_FLEX);
    assert_int_equal(r.nlegs_told, 3);
    assert_int_equal(r.knew.input_estimate, 1234);
    assert_int_equal(r.knew.output_limit, 4096);
    assert_int_equal(r.knew.needs, CAP_TOOLS | CAP_VISION);
    assert_true(r.knew.wants_quality && r.knew.has_latency);
    assert_int_equal(r.knew.latency_ms, 700);
    assert_int_equal(r.knew.deadline, 2);
    assert_int_equal(r.knew.deadline_s, 86400);
    assert_str(r.knew.health, STR("gpu:idle sky:down"));
    buf_release(&b);
}

static const struct ledger_leg sample_leg = {
    .uid = 77,
    .number = 2,
    .purpose = LEG_SECOND_OPINION,
    .is_promised = true,
    .side = SIDE_CLOUD,
    .engine = STR_INIT("sky"),
    .model = STR_INIT("m"),
    .status = 429,
    .outcome = OUTCOME_ERROR,
    .error_code = STR_INIT("rate_limited"),
    .has_left = true,
    .usage = {.input_tokens = 5,
              .cached_tokens = 4,
              .cache_write_tokens = 3,
              .output_tokens = 2,
              .reasoning_tokens = 1,
              .audio_input_tokens = 6,
              .audio_output_tokens = 7,
              .tier = TIER_BATCH,
              .is_known = true},
    .usage_is_reported = true,
    .cost_nanousd = INT64_C(123456789012),
    .price_date = STR_INIT("2026-07-01"),
    .started_ms = 17,
    .ttft_ms = 0,
    .total_ms = 99,
    .sent_bytes = 1000,
    .answer_bytes = 300,
};

static void a_leg_keeps_every_field(void **state)
{
    (void)state;
    struct buf b;
    struct record rec;
    struct ledger_leg l;
    buf_init(&b, LOG_MAX);
    assert_true(record_put_leg(&b, &sample_leg));
    assert_int_equal(record_parse(buf_view(&b), &rec), RECORD_WHOLE);
    assert_true(record_get_leg(&rec, &l));
    assert_true(l.uid == 77 && l.number == 2 && l.purpose == LEG_SECOND_OPINION);
    assert_true(l.is_promised && l.has_left && l.usage_is_reported && l.usage.is_known);
    assert_true(l.side == SIDE_CLOUD && l.status == 429 && l.outcome == OUTCOME_ERROR);
    assert_str(l.engine, sample_leg.engine);
    assert_str(l.model, sample_leg.model);
    assert_str(l.error_code, sample_leg.error_code);
    assert_str(l.price_date, sample_leg.price_date);
    assert_true(l.cost_nanousd == sample_leg.cost_nanousd && l.ttft_ms == 0);
    assert_true(l.started_ms == 17 && l.total_ms == 99);
    assert_true(l.sent_bytes == 1000 && l.answer_bytes == 300);
    const uint64_t tokens[] = {l.usage.input_tokens,       l.usage.cached_tokens,
                               l.usage.cache_write_tokens, l.usage.output_tokens,
                               l.usage.reasoning_tokens,   l.usage.audio_input_tokens,
                               l.usage.audio_output_tokens};
    static const uint64_t want[] = {5, 4, 3, 2, 1, 6, 7};
    assert_memory_equal(tokens, want, sizeof want);
    assert_int_equal(l.usage.tier, TIER_BATCH);
    buf_release(&b);
}

/* A record with `payload`, whole and with a good checksum. */
static struct record framed(unsigned type, struct str payload)
{
    return (struct record){type, RECORD_VERSION, payload, 0};
}

#define PAYLOAD(text) ((struct str){text, sizeof text - 1})
#define UID_77        "\x03\x08\x4D\0\0\0\0\0\0\0"

static void a_field_that_only_a_newer_weir_knows_is_stepped_over(void **state)
{
    (void)state;
    struct ledger_leg l;
    /* A number 63, bytes 62, a number 1000, and then what is known. */
    struct record rec = framed(
        RECORD_LEG, PAYLOAD(UID_77 "\x7E\x05\x7D\x02xy\xD0\x0F\x01\x1B\x03sky\x14\x02"));
    assert_true(record_get_leg(&rec, &l));
    assert_str(l.engine, STR("sky"));
    assert_true(l.uid == 77 && l.number == 2 && l.ttft_ms == -1 && l.cost_nanousd == 0);
}

static void a_word_that_only_a_newer_weir_knows_is_no_harm(void **state)
{
    (void)state;
    struct ledger_leg l;
    struct record rec = framed(
        RECORD_LEG,
        PAYLOAD(UID_77
                "\x16\x63\x18\x63\x26\x63\x3A\x63")); /* purpose, side, outcome, tier */
    assert_true(record_get_leg(&rec, &l));
    assert_int_equal(l.purpose, LEG_PURPOSES);
    assert_string_equal(leg_purpose_name(l.purpose), "other");
    assert_int_equal(l.side, SIDE_CLOUD);
    assert_int_equal(l.outcome, OUTCOME_ERROR);
    assert_int_equal(l.usage.tier, TIER_OTHER);
}

static void fields_that_do_not_add_up_are_rejected(void **state)
{
    (void)state;
    static const struct str bad[] = {
        STR_INIT(""),                        /* no uid */
        STR_INIT("\x14\x02"),                /* no uid */
        STR_INIT("\x03\x04\x4D\1\1\1"),      /* a uid of four bytes */
        STR_INIT(UID_77 "\x14"),             /* a key alone */
        STR_INIT(UID_77 "\x14\x82"),         /* a number that goes on */
        STR_INIT(UID_77 "\x1B\x04sky"),      /* fewer bytes than it says */
        STR_INIT(UID_77 "\x1A\x04"),         /* a word as a number */
        STR_INIT(UID_77 "\x15\x01x"),        /* a number as a word */
        STR_INIT(UID_77 "\x14\x02\x14\x02"), /* twice */
        STR_INIT(UID_77 UID_77),
        STR_INIT(UID_77 "\x01\x01x"), /* field 0 */
        STR_INIT(UID_77 "\x3C\x03"),  /* a cost of -2 */
        STR_INIT(UID_77 "\x14\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02"), /* 65 bits */
        STR_INIT(UID_77 "\x2C\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"), /* 64 bits */
        STR_INIT(UID_77 "\x14\x80\x80\x80\x80\x10"), /* a leg of number 2^32 */
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct ledger_leg l;
        struct record rec = framed(RECORD_LEG, bad[i]);
        if (record_get_leg(&rec, &l))
            fail_msg("%zu is taken", i);
    }
}

/* What is cut is rejected, or its front is a record that says less; never more. */
static void a_payload_that_is_cut_or_flipped_never_reads_past_its_end(void **state)
{
    (void)state;
    struct buf b;
    struct record rec;
    struct ledger_row r;
    struct ledger_legs legs;
    buf_init(&b, LOG_MAX);
    assert_true(record_put_settle(&b, &sample));
    assert_int_equal(record_parse(buf_view(&b), &rec), RECORD_WHOLE);
    for (size_t n = 0; n < rec.payload.n; n++) {
        char *copy = mem_strndup(rec.payload.p, n); /* ASan watches its end */
        struct record cut = framed(RECORD_SETTLE, (struct str){copy, n});
        (void)record_get_settle(&cut, &r, &legs);
        mem_free(copy);
    }
    for (size_t bit = 0; bit < rec.payload.n * 8; bit++) {
        char *copy = mem_strndup(rec.payload.p, rec.payload.n);
        copy[bit / 8] ^= (char)(1 << bit % 8);
        struct record bad = framed(RECORD_SETTLE, (struct str){copy, rec.payload.n});
        (void)record_get_settle(&bad, &r, &legs);
        mem_free(copy);
    }
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
    struct ledger_leg l;
    struct ledger_legs legs;
    buf_init(&b, LOG_MAX);
    assert_true(record_put_open(&b, &sample.open));
    assert_int_equal(record_parse(buf_view(&b), &rec), RECORD_WHOLE);
    assert_false(record_get_settle(&rec, &r, &legs));
    assert_false(record_get_attempt(&rec, &a));
    assert_false(record_get_leg(&rec, &l));
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
    struct ledger_legs legs;
    char *longer = mem_zalloc(40000);
    assert_non_null(longer);
    memset(longer, 'a', 40000);
    memcpy(longer + RECORD_WORD_BYTES - 1, "\xC3\xA9", 2); /* é across the ceiling */
    r.open.model_asked = (struct str){longer, 40000};
    r.reasons_json = (struct str){longer, 40000};
    buf_init(&b, LOG_MAX);
    assert_true(record_put_settle(&b, &r));
    assert_int_equal(record_parse(buf_view(&b), &rec), RECORD_WHOLE);
    assert_true(record_get_settle(&rec, &got, &legs));
    assert_int_equal(got.open.model_asked.n, RECORD_WORD_BYTES - 1);
    assert_true(got.reasons_json.n < 100 && got.reasons_json.p[0] == '[');
    buf_release(&b);
    mem_free(longer);
}

static void a_full_buffer_takes_a_record_whole_or_not_at_all(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 3000);
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

static const uint64_t start_wall_ms = 1795000000000;

static void ids_rise_whatever_the_clock_does(void **state)
{
    (void)state;
    uint64_t last = 0, before = 0, floor = 0;
    static const int64_t steps[] = {0, 0, 5, -3600000, 0, 1, -1, 100, -86400000, 7};
    uint64_t now = 1795000000000;
    for (int i = 0; i < 1000; i++) {
        now = (uint64_t)((int64_t)now + steps[(size_t)i % ARRAY_LEN(steps)]);
        uint64_t uid = uid_next(now, 200, 3, floor, &last);
        assert_true(uid > before);
        assert_int_equal(uid & 63, 3);
        assert_int_equal(uid_node(uid), 200);
        before = uid;
    }
    /* Another life with a clock an hour behind starts above the newest id seen. */
    uint64_t other = 0;
    assert_true(uid_next(now - 3600000, 0, 0, uid_sequence(before), &other) > before);
}

/* As weirs until 0.1.1 made them. */
static uint64_t old_uid_next(uint64_t wall_ms, uint32_t worker, uint64_t floor,
                             uint64_t *last)
{
    uint64_t seq = (wall_ms - UID_EPOCH_MS) << 16;
    uint64_t used = *last > floor ? *last : floor;
    if (seq <= used)
        seq = used + 1;
    *last = seq;
    return seq << 6 | worker;
}

static uint64_t id_random = 88172645463325252;

static uint64_t id_below(uint64_t n)
{
    id_random ^= id_random << 13;
    id_random ^= id_random >> 7;
    id_random ^= id_random << 17;
    return id_random % n;
}

static int by_value(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Two nodes of 64 workers, each after a life of an older weir, while the clocks jump: no
 * id comes twice, and each worker's rise. */
static void ids_of_old_and_new_weirs_and_of_nodes_never_meet(void **state)
{
    (void)state;
    enum {
        NODES = 2,
        WORKERS = 64,
        OLD = 60,
        NEW = 120,
        ALL_IDS = WORKERS * (OLD + NODES * NEW)
    };
    static uint64_t ids[ALL_IDS];
    uint64_t now = start_wall_ms, newest = 0;
    uint64_t last[NODES + 1][WORKERS] = {{0}};
    size_t n = 0;
    for (int i = 0; i < OLD * WORKERS; i++) {
        uint64_t w = id_below(WORKERS);
        now = now + id_below(3) - (id_below(500) ? 0 : id_below(5000));
        ids[n] = old_uid_next(now, (uint32_t)w, 0, &last[NODES][w]);
        newest = ids[n] > newest ? ids[n] : newest;
        n++;
    }
    uint64_t floor = uid_sequence(newest);
    for (int i = 0; i < NODES * NEW * WORKERS; i++) {
        uint64_t w = id_below(WORKERS), node = id_below(NODES), before = last[node][w];
        now = now + id_below(2) - (id_below(500) ? 0 : id_below(5000));
        ids[n] = uid_next(now, (uint32_t)node, (uint32_t)w, floor, &last[node][w]);
        assert_true(ids[n] > newest && last[node][w] > before);
        assert_int_equal(uid_node(ids[n]), node);
        n++;
    }
    qsort(ids, n, sizeof *ids, by_value);
    for (size_t i = 1; i < n; i++)
        assert_true(ids[i] != ids[i - 1]);
}

static void more_ids_than_a_millisecond_holds_go_on_in_the_next(void **state)
{
    (void)state;
    uint64_t last = 0, first = uid_next(start_wall_ms, 7, 1, 0, &last), id = first;
    for (int i = 0; i < 1000; i++) {
        uint64_t next = uid_next(start_wall_ms, 7, 1, 0, &last);
        assert_true(next > id);
        id = next;
    }
    assert_int_equal(uid_time_ms(first), start_wall_ms);
    assert_int_equal(uid_time_ms(id), start_wall_ms + 1000 / 256);
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
    segment_path(d->dir, 0, 1, d->file);
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
        cmocka_unit_test(what_weir_knew_is_kept),
        cmocka_unit_test(a_leg_keeps_every_field),
        cmocka_unit_test(a_field_that_only_a_newer_weir_knows_is_stepped_over),
        cmocka_unit_test(a_word_that_only_a_newer_weir_knows_is_no_harm),
        cmocka_unit_test(fields_that_do_not_add_up_are_rejected),
        cmocka_unit_test(a_payload_that_is_cut_or_flipped_never_reads_past_its_end),
        cmocka_unit_test(an_attempt_keeps_what_was_decided),
        cmocka_unit_test(a_record_of_one_kind_is_not_read_as_another),
        cmocka_unit_test(strings_cannot_forge_a_record),
        cmocka_unit_test(long_words_are_cut_between_characters_and_long_reasons_replaced),
        cmocka_unit_test(a_full_buffer_takes_a_record_whole_or_not_at_all),
        cmocka_unit_test(ids_rise_whatever_the_clock_does),
        cmocka_unit_test(ids_of_old_and_new_weirs_and_of_nodes_never_meet),
        cmocka_unit_test(more_ids_than_a_millisecond_holds_go_on_in_the_next),
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
