/* test_ledger_trouble.c -- whatever memory or the disk refuse once, at any moment: what
 * is read is the truth or an error, and afterwards every row is there once, with sums
 * that equal their rows.
 *
 * Long because each operation of the ledger goes through the same troubles. */
#include "ledger/index/backup.h"
#include "ledger/index/sums.h"
#include "ledger/log/log.h"
#include "ledger/refresh.h"
#include "ledger/spend.h"

#include "core/buf.h"

#include "ledger_fixture.h"
#include "trouble.h"

#include <unistd.h>

enum { PATH = 512, TEXT_BYTES = 1 << 20, NROWS = 14 };

/* -- folders ---------------------------------------------------------------------------
 */

static bool is_there(const char *dir, const char *name)
{
    char path[2 * PATH];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return access(path, F_OK) == 0;
}

static void drop_file(const char *dir, const char *name)
{
    char path[2 * PATH];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    (void)unlink(path);
}

/* -- a ledger with something of everything ---------------------------------------------
 */

static struct ledger_leg leg_of(uint64_t uid, uint32_t n, const char *engine,
                                int64_t cost)
{
    return (struct ledger_leg){.uid = uid,
                               .number = n,
                               .purpose = n > 1 ? LEG_RETRY : LEG_ANSWER,
                               .side = cost ? SIDE_CLOUD : SIDE_LOCAL,
                               .engine = str_of(engine),
                               .model = STR("m"),
                               .outcome = OUTCOME_ERROR,
                               .error_code = STR("upstream_error"),
                               .has_left = true,
                               .cost_nanousd = cost,
                               .ttft_ms = -1};
}

static int64_t cost_of(unsigned i)
{
    return i % 7 ? 500 + (int64_t)i : COST_UNKNOWN;
}

static void add_one(struct ledger_log *log, unsigned i)
{
    struct ledger_row r = row_of(ledger_new_uid(log), start_ms + i * 700000);
    struct ledger_leg legs[3];
    char request[32];
    snprintf(request, sizeof request, "own-%u", i);
    r.open.key = i % 3 ? STR("laptop") : STR("phone");
    r.session_name = i % 4 ? STR("") : STR("diary");
    r.open.session = i % 4;
    if (i % 5 == 0)
        r.open.request_id = str_of(request);
    if (i % 2) {
        r.attempts = 3;
        legs[0] = leg_of(r.open.uid, 1, "sky", cost_of(i));
        legs[1] = leg_of(r.open.uid, 2, "shed", 0);
        legs[2] = ledger_leg_of_row(&r);
        legs[2].number = 3;
        legs[2].purpose = LEG_RETRY;
        r.legs = legs;
        r.nlegs = 3;
        r.cost_nanousd = cost_of(i);
        r.was_at_cloud = true;
        r.price_date = STR("2026-11-01");
    }
    append_all(log, &r);
}

static void leave_open(struct ledger_log *log, unsigned i)
{
    struct ledger_row r = row_of(ledger_new_uid(log), start_ms + i * 700000);
    struct ledger_attempt a = {.uid = r.open.uid,
                               .number = 1,
                               .engine = STR("sky"),
                               .model = STR("m"),
                               .side = SIDE_CLOUD};
    struct ledger_leg l = leg_of(r.open.uid, 1, "sky", 40);
    ledger_append_open(log, &r.open);
    ledger_append_attempt(log, &a);
    ledger_append_leg(log, &l);
    a.number = 2;
    ledger_append_attempt(log, &a);
}

/* NROWS rows, two of them of requests that were open when weir died. */
static void live(const char *dir)
{
    struct ledger *l = open_or_fail(dir, 2);
    for (unsigned i = 0; i < NROWS - 2; i++)
        add_one(ledger_log_of(l, i & 1), i);
    leave_open(ledger_log_of(l, 0), NROWS - 2);
    leave_open(ledger_log_of(l, 1), NROWS - 1);
    ledger_close(l);
}

/* -- what it tells
 * ----------------------------------------------------------------------- */

static int put_row(void *ctx, const struct ledger_row *row)
{
    ledger_row_json(row, ctx);
    buf_byte(ctx, '\n');
    return 0;
}

static int put_sums(void *ctx, const struct ledger_sums *s)
{
    buf_printf(ctx, "%.*s %llu %lld %llu %llu %llu\n", STR_ARG(s->words[0]),
               (unsigned long long)s->requests, (long long)s->cost_nanousd,
               (unsigned long long)s->cost_unknown, (unsigned long long)s->input_tokens,
               (unsigned long long)s->failed_attempts);
    return 0;
}

static int tell_rows(const char *dir, struct buf *out, struct err *err)
{
    struct ledger_query q = {.state_dir = str_of(dir)};
    buf_clear(out);
    return ledger_read(&q, put_row, out, err);
}

static int tell_sums(const char *dir, struct buf *out, struct err *err)
{
    struct ledger_sums_query q = {.state_dir = str_of(dir), .nby = 1};
    buf_clear(out);
    static const enum sums_by bys[] = {SUMS_BY_ENGINE, SUMS_BY_PURPOSE, SUMS_BY_KEY};
    for (size_t i = 0; i < ARRAY_LEN(bys); i++) {
        q.by[0] = bys[i];
        if (ledger_sum(&q, put_sums, out, err) < 0)
            return -1;
    }
    return 0;
}

/* Broken hours at both ends: these are added row by row. */
static int tell_span(const char *dir, struct buf *out, struct err *err)
{
    struct ledger_sums_query q = {.state_dir = str_of(dir),
                                  .since_ms = start_ms + 1000,
                                  .until_ms = start_ms + 6 * 700000 + 1,
                                  .by = {SUMS_BY_ENGINE},
                                  .nby = 1};
    buf_clear(out);
    return ledger_sum(&q, put_sums, out, err);
}

static int tell_newest(const char *dir, struct buf *out, struct err *err)
{
    struct ledger_query q = {.state_dir = str_of(dir),
                             .since_ms = start_ms + 700000,
                             .until_ms = start_ms + 700000 * 9,
                             .limit = 5};
    buf_clear(out);
    return ledger_read(&q, put_row, out, err);
}

static int tell_one(const char *dir, struct buf *out, struct err *err)
{
    struct ledger_query q = {.state_dir = str_of(dir), .id = STR("own-5")};
    buf_clear(out);
    return ledger_read(&q, put_row, out, err);
}

static int tell_spend(const char *dir, struct buf *out, struct err *err)
{
    int64_t sum = -1;
    int failed = spend_this_month(str_of(dir), start_ms, &sum, err);
    buf_clear(out);
    buf_printf(out, "%lld\n", (long long)sum);
    return failed;
}

typedef int teller(const char *dir, struct buf *out, struct err *err);

static void tell_or_fail(teller *fn, const char *dir, struct buf *out)
{
    struct err err = {0};
    if (fn(dir, out, &err) < 0)
        fail_msg("%s: %s", dir, err.msg);
    assert_false(out->failed);
}

struct total {
    uint64_t n, unknown;
    int64_t nanousd;
};

static int add_row(void *ctx, const struct ledger_row *r)
{
    struct total *t = ctx;
    t->n++;
    for (size_t i = 0; i < r->nlegs; i++) {
        t->unknown += r->legs[i].cost_nanousd < 0;
        t->nanousd += r->legs[i].cost_nanousd < 0 ? 0 : r->legs[i].cost_nanousd;
    }
    return 0;
}

static int compare_total(void *ctx, const struct ledger_sums *s)
{
    struct total *t = ctx;
    assert_int_equal(s->requests, t->n);
    assert_int_equal(s->cost_nanousd, t->nanousd);
    assert_int_equal(s->cost_unknown, t->unknown);
    t->n = UINT64_MAX; /* seen */
    return 0;
}

static void expect_sums_of_rows(const char *dir)
{
    struct err err = {0};
    struct total t = {0};
    struct ledger_query rows = {.state_dir = str_of(dir)};
    struct ledger_sums_query sums = {.state_dir = str_of(dir)};
    assert_int_equal(ledger_read(&rows, add_row, &t, &err), 0);
    bool has_rows = t.n > 0;
    assert_int_equal(ledger_sum(&sums, compare_total, &t, &err), 0);
    assert_true(!has_rows || t.n == UINT64_MAX);
}

/* -- each trouble
 * ------------------------------------------------------------------------ */

struct scene {
    char root[64], from[PATH], dir[PATH]; /* from: a state_dir; dir: a copy of it */
    struct buf want, got, now;
};

static int begin(void **state)
{
    struct scene *s = mem_new(struct scene);
    snprintf(s->root, sizeof s->root, "/tmp/weir-test-trouble-XXXXXX");
    *state = s;
    if (!mkdtemp(s->root))
        return -1;
    snprintf(s->from, sizeof s->from, "%s/from", s->root);
    snprintf(s->dir, sizeof s->dir, "%s/state", s->root);
    buf_init(&s->want, TEXT_BYTES);
    buf_init(&s->got, TEXT_BYTES);
    buf_init(&s->now, TEXT_BYTES);
    return 0;
}

static int end(void **state)
{
    struct scene *s = *state;
    int failed = folder_remove(s->root);
    buf_release(&s->want);
    buf_release(&s->got);
    buf_release(&s->now);
    mem_free(s);
    return failed;
}

static void fresh_copy(struct scene *s)
{
    if (access(s->dir, F_OK) == 0)
        assert_int_equal(folder_remove(s->dir), 0);
    assert_int_equal(folder_copy(s->from, s->dir), 0);
}

static bool is_same(const struct buf *a, const struct buf *b)
{
    return str_eq(buf_view(a), buf_view(b));
}

/* Their first lines that differ are told. */
static void expect_same(const struct buf *got, const struct buf *want, const char *when,
                        enum trouble_kind kind, long n)
{
    struct str a = buf_view(got), b = buf_view(want), x = a, y = b;
    if (is_same(got, want))
        return;
    while (a.n && b.n && str_eq(x = a, y = b) == false && str_split(&a, '\n', &x) &&
           str_split(&b, '\n', &y) && str_eq(x, y))
        ;
    fprintf(stderr, "%.*s\ninstead of\n%.*s\n", STR_ARG(x), STR_ARG(y));
    fail_msg("%s, %s failed, the %ld-th", when, trouble_name(kind), n);
}

/* Rows that are told are true, though some may be missing. */
static void expect_some_of(const struct buf *got, const struct buf *want,
                           enum trouble_kind kind, long n)
{
    struct str rest = buf_view(got), line;
    while (rest.n && str_split(&rest, '\n', &line))
        if (line.n && str_find(buf_view(want), line) < 0)
            fail_msg("%s failed, the %ld-th; got\n%.*s\nwhich is not in\n%.*s",
                     trouble_name(kind), n, STR_ARG(line), STR_ARG(buf_view(want)));
}

struct reading {
    teller *tell;
    bool may_miss; /* a reader that may not replay tells what is in the store */
};

static void read_once(struct scene *s, struct reading r, enum trouble_kind kind, long n,
                      int rc, const struct err *err, bool had_trouble)
{
    if (rc < 0 && (!had_trouble || !err->code))
        fail_msg("%s, the %ld-th: %s", trouble_name(kind), n, err->msg);
    if (rc == 0 && r.may_miss && had_trouble)
        expect_some_of(&s->got, &s->want, kind, n);
    else if (rc == 0)
        expect_same(&s->got, &s->want, "read", kind, n);
    if (is_there(s->dir, "ledger.sqlite.aside-1"))
        fail_msg("%s failed, the %ld-th: a good store is put aside", trouble_name(kind),
                 n);
}

static void read_with_each_trouble(struct scene *s, struct reading r)
{
    fresh_copy(s);
    tell_or_fail(r.tell, s->dir, &s->want);
    for (enum trouble_kind kind = 0; kind < TROUBLE_KINDS; kind++) {
        for (long n = 1;; n = trouble_next(n)) {
            struct err err = {0};
            if (r.may_miss) /* else nothing changes */
                fresh_copy(s);
            if (!trouble_begin(kind, n))
                break;
            int rc = r.tell(s->dir, &s->got, &err);
            read_once(s, r, kind, n, rc, &err, trouble_end());
            if (!r.may_miss)
                continue;
            tell_or_fail(r.tell, s->dir, &s->now);
            expect_same(&s->now, &s->want, "read afterwards", kind, n);
        }
    }
}

static void a_reader_tells_the_truth_or_an_error(void **state)
{
    static const struct reading readings[] = {{tell_rows, false}, {tell_sums, false},
                                              {tell_span, false}, {tell_newest, false},
                                              {tell_one, false},  {tell_spend, false}};
    struct scene *s = *state;
    live(s->from);
    tell_or_fail(tell_rows, s->from, &s->got); /* settles what is open */
    for (size_t i = 0; i < ARRAY_LEN(readings); i++)
        read_with_each_trouble(s, readings[i]);
}

static void what_waits_in_the_logs_is_read_once(void **state)
{
    struct scene *s = *state;
    live(s->from);
    drop_file(s->from, "ledger.sqlite");
    drop_file(s->from, "ledger.backup");
    read_with_each_trouble(s, (struct reading){tell_rows, true});
    expect_sums_of_rows(s->dir);
}

/* -- changes
 * ----------------------------------------------------------------------------- */

struct change {
    int (*run)(struct scene *s, struct err *err);
    bool (*is_allowed)(struct scene *s); /* what is told after it had failed, in s->now */
};

static int read_all(struct scene *s, struct err *err)
{
    return tell_rows(s->dir, &s->got, err);
}

/* The change under each trouble; done again without one it gives what it gives at once.
 */
static void change_with_each_trouble(struct scene *s, struct change c)
{
    struct err err = {0};
    fresh_copy(s);
    assert_int_equal(c.run(s, &err), 0);
    tell_or_fail(tell_rows, s->dir, &s->want);
    for (enum trouble_kind kind = 0; kind < TROUBLE_KINDS; kind++) {
        for (long n = 1;; n = trouble_next(n)) {
            err = (struct err){0};
            fresh_copy(s);
            if (!trouble_begin(kind, n))
                break;
            int rc = c.run(s, &err);
            bool had_trouble = trouble_end();
            if (rc < 0 && (!had_trouble || !err.code))
                fail_msg("%s, the %ld-th: %s", trouble_name(kind), n, err.msg);
            if (c.run == read_all && rc == 0)
                expect_some_of(&s->got, &s->want, kind, n);
            tell_or_fail(tell_rows, s->dir, &s->now);
            if (rc == 0)
                expect_same(&s->now, &s->want, "done", kind, n);
            else if (c.is_allowed && !c.is_allowed(s))
                fail_msg("%s failed, the %ld-th (%s); left is\n%.*s", trouble_name(kind),
                         n, err.msg, STR_ARG(buf_view(&s->now)));
            expect_sums_of_rows(s->dir);
            if (rc == 0)
                continue;
            if (c.run(s, &err) < 0)
                fail_msg("again after the %ld-th of %s: %s", n, trouble_name(kind),
                         err.msg);
            tell_or_fail(tell_rows, s->dir, &s->now);
            expect_same(&s->now, &s->want, "done again", kind, n);
        }
    }
}

static bool note_it(void *ctx, const char *what, uint64_t rows, const char *why)
{
    *(uint64_t *)ctx += rows;
    assert_true(what[0] && why[0]);
    return true;
}

static int erase_phone(struct scene *s, struct err *err)
{
    const struct ledger_erase_order order = {.key = STR("phone"), .why = STR("asked")};
    uint64_t told = 0, rows = 0;
    int failed = ledger_erase(str_of(s->dir), &order, note_it, &told, &rows, err);
    assert_true(rows <= told); /* nothing goes without a record */
    return failed;
}

static size_t count_lines(const struct buf *b, const char *with)
{
    struct str rest = buf_view(b), line;
    size_t n = 0;
    while (rest.n && str_split(&rest, '\n', &line))
        n += str_find(line, str_of(with)) >= 0;
    return n;
}

/* Every row of another key is there, and some of this one. */
static bool only_phone_goes(struct scene *s)
{
    return count_lines(&s->now, "\"laptop\"") == count_lines(&s->want, "\"laptop\"") &&
           count_lines(&s->now, "\"key\":null") == count_lines(&s->want, "\"key\":null");
}

static void what_is_deleted_goes_whole_and_nothing_else(void **state)
{
    struct scene *s = *state;
    live(s->from);
    tell_or_fail(tell_rows, s->from, &s->got);
    change_with_each_trouble(s, (struct change){erase_phone, only_phone_goes});
    assert_int_equal(count_lines(&s->want, "\"phone\""), 0);
    assert_true(count_lines(&s->want, "\"laptop\"") > 0);
}

static int rebuild(struct scene *s, struct err *err)
{
    return ledger_rebuild(str_of(s->dir), err);
}

static bool nothing_goes(struct scene *s)
{
    return is_same(&s->now, &s->want);
}

/* The backup has rows that no log has any more. */
static void keep_in_backup_alone(struct scene *s)
{
    struct err err = {0};
    struct index *ix;
    struct backup b;
    char path[2 * PATH];
    live(s->from);
    tell_or_fail(tell_rows, s->from, &s->got);
    snprintf(path, sizeof path, "%s/ledger.sqlite", s->from);
    assert_int_equal(index_open(path, &ix, &err), 0);
    backup_init(&b, s->from);
    assert_int_equal(backup_begin(&b, ix, &err), 0);
    while (b.copy)
        assert_true(backup_step(&b, ix, &err) >= 0);
    index_close(ix);
    for (unsigned w = 0; w < 2; w++) {
        for (unsigned i = 1; i < 4; i++) {
            char name[64];
            snprintf(name, sizeof name, "log/w%u-%08u.log", w, i);
            drop_file(s->from, name);
        }
    }
}

static void a_store_that_is_built_anew_loses_nothing(void **state)
{
    struct scene *s = *state;
    keep_in_backup_alone(s);
    change_with_each_trouble(s, (struct change){rebuild, nothing_goes});
}

static void a_store_comes_back_from_its_backup_or_waits(void **state)
{
    struct scene *s = *state;
    keep_in_backup_alone(s);
    drop_file(s->from, "ledger.sqlite");
    change_with_each_trouble(s, (struct change){read_all, nothing_goes});
    assert_int_equal(count_lines(&s->want, "\n") + count_lines(&s->want, "id"), NROWS);
}

static void older_formats_are_brought_to_this_one_whole(void **state)
{
    static const char *const versions[] = {"0.1.0", "0.1.1"};
    const char *here = __FILE__, *slash = strrchr(here, '/');
    struct scene *s = *state;
    for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
        char path[PATH];
        snprintf(path, sizeof path, "%.*s/../fixtures/ledger/%s/state",
                 (int)(slash - here), here, versions[i]);
        if (i)
            assert_int_equal(folder_remove(s->from), 0);
        assert_int_equal(folder_copy(path, s->from), 0);
        change_with_each_trouble(s, (struct change){read_all, nothing_goes});
    }
}

/* -- a whole life
 * -------------------------------------------------------------------------- */

struct kept {
    uint64_t uids[4];
    unsigned n, seen[4];
};

/* Opens, writes rows and closes, as far as it comes: what flush() said yes to is kept. */
static void try_to_live(const char *dir, struct kept *k)
{
    struct err err = {0};
    struct ledger *l = ledger_open(str_of(dir), 1, ACCESS_LOG_OFF, &err);
    k->n = 0;
    for (unsigned i = 0; l && i < 3; i++) {
        struct ledger_log *log = ledger_log_of(l, 0);
        struct ledger_row r = row_of(ledger_new_uid(log), start_ms);
        append_all(log, &r);
        if (ledger_log_flush(log) == 0)
            k->uids[k->n++] = r.open.uid;
    }
    assert_true(l || err.code);
    ledger_close(l);
}

static int see_kept(void *ctx, const struct ledger_row *row)
{
    struct kept *k = ctx;
    for (unsigned i = 0; i < k->n; i++)
        k->seen[i] += k->uids[i] == row->open.uid;
    return 0;
}

static void what_a_flush_said_yes_to_is_there_once(void **state)
{
    struct scene *s = *state;
    live(s->from);
    for (enum trouble_kind kind = 0; kind < TROUBLE_KINDS; kind++) {
        for (long n = 1;; n = trouble_next(n)) {
            struct kept k = {.n = 0};
            struct ledger_query q = {.state_dir = str_of(s->dir)};
            struct err err = {0};
            fresh_copy(s);
            if (!trouble_begin(kind, n))
                break;
            try_to_live(s->dir, &k);
            bool had_trouble = trouble_end();
            assert_true(had_trouble || k.n == 3);
            assert_int_equal(ledger_read(&q, see_kept, &k, &err), 0);
            for (unsigned i = 0; i < k.n; i++)
                if (k.seen[i] != 1)
                    fail_msg("row %u is there %u times; %s failed, the %ld-th", i,
                             k.seen[i], trouble_name(kind), n);
            expect_sums_of_rows(s->dir);
        }
    }
}

/* -- trouble that comes late
 * --------------------------------------------------------------- */

static enum trouble_kind late_kind;
static long late_n;
static bool has_begun;

static bool note_and_fail(void *ctx, const char *what, uint64_t rows, const char *why)
{
    has_begun = trouble_begin(late_kind, late_n);
    return note_it(ctx, what, rows, why);
}

static int erase_with(struct scene *s, struct str session, ledger_erase_fn *tell,
                      struct err *err)
{
    const struct ledger_erase_order order = {.key = session.n ? STR("") : STR("phone"),
                                             .session = session,
                                             .why = STR("asked")};
    uint64_t told = 0, rows = 0;
    has_begun = false;
    int failed = ledger_erase(str_of(s->dir), &order, tell, &told, &rows, err);
    assert_true(rows <= told);
    return failed;
}

static void expect_gone(struct scene *s, struct str session, const char *word,
                        size_t stay)
{
    struct err err = {0};
    if (erase_with(s, session, note_it, &err) < 0)
        fail_msg("%s", err.msg);
    tell_or_fail(tell_rows, s->dir, &s->now);
    assert_int_equal(count_lines(&s->now, word), 0);
    assert_int_equal(count_lines(&s->now, "\"id\""), stay);
    expect_sums_of_rows(s->dir);
}

/* From the record of the deletion on; by a key, a session's name and its digest. */
static void a_deletion_that_is_cut_short_keeps_sums_and_can_be_done_again(void **state)
{
    static const struct {
        struct str session;
        const char *word;
    } orders[] = {{{"", 0}, "\"phone\""},
                  {{"diary", 5}, "\"diary\""},
                  {{"s-0000000000000003", 18}, "\"0000000000000003\""}};
    struct scene *s = *state;
    live(s->from);
    tell_or_fail(tell_rows, s->from, &s->want);
    for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
        size_t stay = NROWS - count_lines(&s->want, orders[i].word);
        assert_true(stay < NROWS);
        for (late_kind = 0; late_kind < TROUBLE_KINDS; late_kind++) {
            for (late_n = 1;; late_n = trouble_next(late_n)) {
                struct err err = {0};
                fresh_copy(s);
                int rc = erase_with(s, orders[i].session, note_and_fail, &err);
                bool had_trouble = has_begun && trouble_end();
                assert_true(rc == 0 || (had_trouble && err.code));
                expect_sums_of_rows(s->dir);
                if (!had_trouble)
                    break;
                expect_gone(s, orders[i].session, orders[i].word, stay);
            }
        }
    }
}

/* Two rows and their legs in one transaction. */
static int add_two(struct index *ix, struct err *err)
{
    struct ledger_leg legs[2];
    struct ledger_row r = row_of(uid_at(start_ms) + 7, start_ms);
    if (index_begin(ix, err) < 0 || index_add_row(ix, &r, err) < 0)
        return -1;
    r.open.uid++;
    legs[0] = leg_of(r.open.uid, 1, "new", 77);
    legs[1] = leg_of(r.open.uid, 2, "newer", 78);
    r.legs = legs;
    r.nlegs = 2;
    r.attempts = 2;
    r.cost_nanousd = 155;
    return index_add_row(ix, &r, err) < 0 || index_commit(ix, err) < 0 ? -1 : 0;
}

static void rows_are_added_with_their_sums_or_not_at_all(void **state)
{
    struct scene *s = *state;
    live(s->from);
    tell_or_fail(tell_rows, s->from, &s->want);
    for (enum trouble_kind kind = TROUBLE_STORE_MEMORY; kind < TROUBLE_KINDS; kind++) {
        for (long n = 1;; n = trouble_next(n)) {
            struct err err = {0};
            struct index *ix;
            char path[2 * PATH];
            fresh_copy(s);
            snprintf(path, sizeof path, "%s/ledger.sqlite", s->dir);
            assert_int_equal(index_open(path, &ix, &err), 0);
            bool goes_on = trouble_begin(kind, n);
            int rc = goes_on ? add_two(ix, &err) : 0;
            bool had_trouble = goes_on && trouble_end();
            index_close(ix);
            if (!goes_on)
                break;
            assert_true(rc == 0 || (had_trouble && err.code));
            tell_or_fail(tell_rows, s->dir, &s->now);
            assert_int_equal(count_lines(&s->now, "\"id\""), NROWS + (rc ? 0 : 2));
            expect_sums_of_rows(s->dir);
        }
    }
}

int main(void)
{
    trouble_init();
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_reader_tells_the_truth_or_an_error),
        TEST(what_waits_in_the_logs_is_read_once),
        TEST(what_is_deleted_goes_whole_and_nothing_else),
        TEST(a_store_that_is_built_anew_loses_nothing),
        TEST(a_store_comes_back_from_its_backup_or_waits),
        TEST(older_formats_are_brought_to_this_one_whole),
        TEST(what_a_flush_said_yes_to_is_there_once),
        TEST(a_deletion_that_is_cut_short_keeps_sums_and_can_be_done_again),
        TEST(rows_are_added_with_their_sums_or_not_at_all),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
