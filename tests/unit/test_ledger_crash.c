/* test_ledger_crash.c -- kill -9, again and again, on one state_dir.
 *
 * A child settles requests as fast as it can and tells its parent, through a pipe,
 * each flush that said yes.  The parent kills it at a random moment, and in the end
 * every request that was told of must be there, once, and as it was last told. */
#include "ledger/index/sums.h"
#include "ledger/ledger.h"

#include "core/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder.h"

enum { LIVES = 60, TOLD_MAX = 1 << 21, MOST_MS = 120 };

enum told_state { TOLD_OPEN = 1, TOLD_SETTLED = 2 };

struct told {
    uint64_t uid;
    uint32_t worker;
    uint32_t state;
    bool has_feedback;
};

static bool tell(int fd, const struct told *t)
{
    return write(fd, t, sizeof *t) == (ssize_t)sizeof *t;
}

/* In the other worker's log, so that it is often read before its row. */
static bool say_bad(struct ledger_log *log, uint64_t uid)
{
    const struct ledger_feedback f = {uid, 1795000000000, FEEDBACK_BAD};
    ledger_append_feedback(log, &f);
    return ledger_log_flush(log) == 0;
}

static void live(const char *dir, int fd)
{
    struct err err;
    struct ledger *l = ledger_open(str_of(dir), 2, ACCESS_LOG_OFF, &err);
    if (!l)
        _exit(1);
    for (uint32_t i = 0;; i++) {
        struct ledger_log *log = ledger_log_of(l, i % 2);
        struct told t = {ledger_new_uid(log), i % 2, TOLD_OPEN, false};
        /* Two legs: the first one failed and cost 2; the second costs 5 when it ends. */
        struct ledger_row r = {.has_engine = true,
                               .engine = STR("e"),
                               .model_used = STR("m"),
                               .attempts = 2,
                               .nlegs_told = 2,
                               .cost_nanousd = 7,
                               .open = {.uid = t.uid,
                                        .ts_ms = 1795000000000 + i,
                                        .model_asked = STR("auto"),
                                        .label = "public"},
                               .outcome = OUTCOME_OK,
                               .status = 200,
                               .usage = {.input_tokens = 3, .is_known = true},
                               .ttft_ms = -1};
        struct ledger_attempt a = {
            .uid = t.uid, .number = 1, .engine = STR("e"), .model = STR("m")};
        struct ledger_leg failed = {.uid = t.uid,
                                    .number = 1,
                                    .engine = STR("f"),
                                    .model = STR("m"),
                                    .outcome = OUTCOME_ERROR,
                                    .cost_nanousd = 2,
                                    .ttft_ms = -1};
        ledger_append_open(log, &r.open);
        ledger_append_attempt(log, &a);
        ledger_append_leg(log, &failed);
        a.number = 2;
        a.side = SIDE_CLOUD;
        ledger_append_attempt(log, &a);
        if (ledger_log_flush(log) < 0 || !tell(fd, &t))
            _exit(2);
        if (i % 5 == 4)
            continue; /* stays open until weir dies */
        struct ledger_leg leg = ledger_leg_of_row(&r);
        leg.cost_nanousd = 5;
        ledger_append_leg(log, &leg);
        if (i % 3 == 0 && ledger_log_flush(log) < 0)
            _exit(2); /* it may die between the leg and the end */
        ledger_append_settle(log, &r);
        t.state = TOLD_SETTLED;
        t.has_feedback = i % 4 == 0;
        if (t.has_feedback && !say_bad(ledger_log_of(l, (i + 1) % 2), t.uid))
            _exit(2);
        if (ledger_log_flush(log) < 0 || !tell(fd, &t))
            _exit(2);
    }
}

static size_t hear(int fd, struct told *told, size_t n)
{
    struct told t;
    while (n < TOLD_MAX && read(fd, &t, sizeof t) == (ssize_t)sizeof t)
        told[n++] = t;
    return n;
}

/* Lives for a random while, dies, and leaves what it told at the end of `told`. */
static size_t one_life(const char *dir, struct told *told, size_t n)
{
    int pipes[2], status = 0;
    assert_int_equal(pipe(pipes), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(pipes[0]);
        live(dir, pipes[1]);
    }
    close(pipes[1]);
    (void)fcntl(pipes[0], F_SETFL, O_NONBLOCK);
    long until_us = rand() % (MOST_MS * 1000);
    for (long waited = 0; waited < until_us; waited += 500) {
        nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
        n = hear(pipes[0], told, n);
    }
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status)); /* it did not stop by itself */
    n = hear(pipes[0], told, n);
    close(pipes[0]);
    return n;
}

static int by_uid(const void *a, const void *b)
{
    const struct told *x = a, *y = b;
    if (x->uid != y->uid)
        return x->uid < y->uid ? -1 : 1;
    return (x->state < y->state) - (x->state > y->state); /* settled first */
}

/* Sorted, one entry a request, the furthest it was told to have come. */
static size_t merge(struct told *told, size_t n)
{
    size_t kept = 0;
    qsort(told, n, sizeof *told, by_uid);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || told[kept - 1].uid != told[i].uid)
            told[kept++] = told[i];
    return kept;
}

struct check {
    const struct told *told;
    size_t n, at;
    uint64_t rows, last_uid, untold, cut, interrupted, unknown, failed, input, feedback;
    int64_t cost;
};

/* What the sums are to come to. */
static void add_legs(struct check *c, const struct ledger_row *r)
{
    for (size_t i = 0; i < r->nlegs; i++) {
        const struct ledger_leg *l = &r->legs[i];
        c->failed += ledger_leg_failed_beside(r, l);
        c->cost += l->cost_nanousd == COST_UNKNOWN ? 0 : l->cost_nanousd;
        c->input += l->usage.input_tokens;
    }
    c->unknown += r->cost_nanousd == COST_UNKNOWN;
}

/* Two, whatever happened; what the second cost is known if it ended.  Of a request that
 * was never told of, death may have cut the records short in the middle of their write.
 */
static void check_legs(struct check *c, const struct ledger_row *r, bool is_told)
{
    if (!is_told && r->nlegs < 2) {
        assert_int_equal(r->outcome, OUTCOME_INTERRUPTED);
        c->cut++;
        return;
    }
    assert_int_equal(r->nlegs, 2);
    const struct ledger_leg *l = r->legs;
    assert_true(l[0].number == 1 && l[0].cost_nanousd == 2);
    assert_true(str_eqz(l[0].engine, "f"));
    assert_true(l[1].number == 2 && str_eqz(l[1].engine, "e"));
    if (r->outcome == OUTCOME_OK || l[1].outcome == OUTCOME_OK)
        assert_true(l[1].cost_nanousd == 5 && r->cost_nanousd == 7);
    else
        assert_true(l[1].cost_nanousd == COST_UNKNOWN && r->cost_nanousd == COST_UNKNOWN);
}

/* Rows come by rising uid, as `told` is sorted. */
static int check_row(void *ctx, const struct ledger_row *r)
{
    struct check *c = ctx;
    assert_true(r->open.uid > c->last_uid); /* never twice */
    c->last_uid = r->open.uid;
    c->rows++;
    bool is_told = c->at < c->n && c->told[c->at].uid == r->open.uid;
    if (is_told) {
        if (c->told[c->at].state == TOLD_SETTLED)
            assert_int_equal(r->outcome, OUTCOME_OK);
        if (c->told[c->at].has_feedback)
            assert_int_equal(r->feedback, FEEDBACK_BAD);
        c->feedback += c->told[c->at].has_feedback;
        c->at++;
    } else {
        c->untold++; /* died between its flush and its telling */
    }
    c->interrupted += r->outcome == OUTCOME_INTERRUPTED;
    add_legs(c, r);
    check_legs(c, r, is_told);
    assert_true(r->outcome == OUTCOME_OK || r->outcome == OUTCOME_INTERRUPTED);
    return 0;
}

static int add_total(void *ctx, const struct ledger_sums *s)
{
    ledger_sums_add(ctx, s);
    return 0;
}

static void sixty_kills_lose_nothing_and_count_nothing_twice(void **state)
{
    (void)state;
    char dir[] = "/tmp/weir-test-crash-XXXXXX";
    assert_non_null(mkdtemp(dir));
    struct told *told = mem_alloc(TOLD_MAX * sizeof *told);
    size_t n = 0;
    srand(7);
    for (int i = 0; i < LIVES; i++) {
        size_t before = n;
        n = one_life(dir, told, n);
        if (i % 3 == 2) /* sometimes a reader replays between two lives */
            before = n;
        else
            continue;
        struct ledger_query q = {.state_dir = str_of(dir), .limit = 1};
        struct err err;
        struct check c = {0};
        assert_int_equal(ledger_read(&q, check_row, &c, &err), 0);
        assert_true(before == 0 || c.rows == 1);
    }
    n = merge(told, n);
    struct check c = {.told = told, .n = n};
    struct ledger_query q = {.state_dir = str_of(dir)};
    struct err err;
    assert_int_equal(ledger_read(&q, check_row, &c, &err), 0);
    assert_int_equal(c.at, n); /* nothing that was told is missing */
    struct ledger_sums total = {0};
    struct ledger_sums_query sums = {.state_dir = str_of(dir)};
    assert_int_equal(ledger_sum(&sums, add_total, &total, &err), 0);
    assert_int_equal(total.requests, c.rows);
    assert_int_equal(total.outcomes[OUTCOME_INTERRUPTED], c.interrupted);
    assert_int_equal(total.cost_unknown, c.unknown);
    assert_int_equal(total.failed_attempts, c.failed);
    assert_in_range(c.failed, c.rows - c.cut, c.rows);
    assert_true(total.cost_nanousd == c.cost);
    assert_int_equal(total.input_tokens, c.input);
    assert_true(n > LIVES && c.feedback > 0);
    print_message("%d kills, %zu requests told of, %llu rows, %llu of them interrupted, "
                  "%llu never told, %llu of these cut in their write\n",
                  LIVES, n, (unsigned long long)c.rows, (unsigned long long)c.interrupted,
                  (unsigned long long)c.untold, (unsigned long long)c.cut);
    mem_free(told);
    assert_int_equal(folder_remove(dir), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sixty_kills_lose_nothing_and_count_nothing_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
