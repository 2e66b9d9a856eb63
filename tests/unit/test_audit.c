/* test_audit.c -- the chain shows each way of altering it, survives kill -9, and takes
 * several writers.
 *
 * The tampering tests do to a real file what somebody with a reason to would: every
 * byte changed, every line removed, exchanged, repeated, the end cut. */
#include "ledger/audit/audit_check.h"

#include "core/clock.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder.h"

enum { RECORDS = 6, LIVES = 40, WRITERS = 4, EACH = 500, PATH = 512 };

struct place {
    char dir[64];
    char chain[PATH];
};

static int begin(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    snprintf(p->dir, sizeof p->dir, "/tmp/weir-audit-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    snprintf(p->chain, sizeof p->chain, "%s/audit/chain", p->dir);
    *state = p;
    return 0;
}

static int end(void **state)
{
    struct place *p = *state;
    folder_remove(p->dir);
    free(p);
    return 0;
}

static const struct audit_count counts[] = {{"PERSON", "mask", 2}, {"EMAIL", "mask", 1}};

static struct audit_record record_of(unsigned i)
{
    static const enum audit_decision decisions[] = {AUDIT_SENT, AUDIT_MASKED,
                                                    AUDIT_LOCAL};
    return (struct audit_record){.decision = decisions[i % 3],
                                 .ts_ms = UINT64_C(1795000000000) + i,
                                 .request = STR("wr-06XTJRF1R0000"),
                                 .key = STR("team \"a\"\n"),
                                 .label =
                                     i % 3 == 2 ? STR("confidential") : STR("public"),
                                 .engine = STR("openai"),
                                 .bytes = 1000 + i,
                                 .counts = counts,
                                 .ncounts = i % 3 == 1 ? 2 : 0};
}

static void write_records(const char *dir, unsigned n)
{
    struct err err;
    struct audit *a = audit_open(dir, &err);
    assert_non_null(a);
    struct audit_log *log = audit_log_create(a);
    for (unsigned i = 0; i < n; i++) {
        struct audit_record r = record_of(i);
        assert_int_equal(audit_append(log, &r, &err), 0);
        if (i % 2)
            assert_int_equal(audit_flush(log, &err), 0);
    }
    assert_int_equal(audit_flush(log, &err), 0);
    audit_log_free(log);
    audit_close(a);
}

static struct str read_file(const char *path, struct buf *ret)
{
    buf_init(ret, 1 << 24);
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    for (ssize_t n;
         buf_reserve(ret, 65536) && (n = read(fd, ret->p + ret->n, 65536)) > 0;)
        ret->n += (size_t)n;
    close(fd);
    return buf_view(ret);
}

static void write_file(const char *path, struct str a, struct str b)
{
    int fd = open(path, O_WRONLY | O_TRUNC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, a.p, a.n), (ssize_t)a.n);
    assert_int_equal(write(fd, b.p, b.n), (ssize_t)b.n);
    close(fd);
}

static struct audit_chain check(const struct place *p)
{
    struct audit_chain chain;
    struct err err;
    assert_int_equal(audit_check(p->dir, 0, NULL, NULL, &chain, &err), 0);
    return chain;
}

struct tally {
    unsigned by[AUDIT_DECISIONS];
    uint64_t bytes, lost, last_ms;
    unsigned confidential;
};

static void tally(void *ctx, const struct audit_seen *s)
{
    struct tally *t = ctx;
    t->by[s->decision]++;
    t->bytes += s->bytes;
    t->lost += s->lost;
    t->last_ms = s->ts_ms;
    t->confidential += str_eqz(s->label, "confidential");
    assert_true(str_eqz(s->key, "team \"a\"\n"));
    if (s->decision == AUDIT_MASKED)
        assert_string_equal(s->types.n ? "some" : "", "some");
}

static void what_was_written_is_read_back(void **state)
{
    struct place *p = *state;
    struct tally t = {0};
    struct audit_chain chain;
    struct err err;
    write_records(p->dir, RECORDS);
    assert_int_equal(audit_check(p->dir, 0, tally, &t, &chain, &err), 0);
    assert_null(chain.broken);
    assert_int_equal(chain.count, RECORDS);
    assert_int_equal(t.by[AUDIT_SENT], 2);
    assert_int_equal(t.by[AUDIT_MASKED], 2);
    assert_int_equal(t.by[AUDIT_LOCAL], 2);
    assert_int_equal(t.confidential, 2);
    assert_int_equal(t.bytes, 6015);
    assert_int_equal(t.last_ms, UINT64_C(1795000000005));
}

static void a_second_life_goes_on_where_the_first_ended(void **state)
{
    struct place *p = *state;
    struct err err;
    for (unsigned i = 1; i <= 5; i++) {
        write_records(p->dir, i);
        struct audit_chain chain = check(p);
        assert_null(chain.broken);
        assert_int_equal(chain.count, i * (i + 1) / 2);
        struct audit *a = audit_open(p->dir, &err);
        assert_string_equal(audit_head(a).hash, chain.head);
        assert_int_equal(audit_head(a).count, chain.count);
        assert_null(audit_open(p->dir, &err)); /* one writer's process at a time */
        assert_string_equal(err.code, "audit_locked");
        audit_close(a);
    }
}

static void every_changed_byte_is_seen(void **state)
{
    struct place *p = *state;
    struct buf file;
    write_records(p->dir, RECORDS);
    struct str was = read_file(p->chain, &file);
    for (size_t i = 0; i < was.n; i++) {
        char kept = file.p[i];
        /* A digit's other case is another byte too. */
        char with[] = {(char)(kept ^ 1), (char)(kept ^ 0x20), '\n', 'x'};
        for (size_t k = 0; k < sizeof with; k++) {
            if (with[k] == kept)
                continue;
            file.p[i] = with[k];
            write_file(p->chain, was, STR(""));
            struct audit_chain chain = check(p);
            assert_non_null(chain.broken);
            assert_true(chain.bad_byte <= i && chain.bad_record <= RECORDS);
        }
        file.p[i] = kept;
    }
    buf_release(&file);
}

/* Where line i begins; the end for i past the last. */
static size_t line_at(struct str s, size_t i)
{
    size_t at = 0;
    for (; i && at < s.n; i--)
        at += (size_t)str_index(str_sub(s, at, s.n), '\n') + 1;
    return at;
}

static void removed_repeated_and_exchanged_records_are_seen(void **state)
{
    struct place *p = *state;
    struct buf file;
    write_records(p->dir, RECORDS);
    struct str was = read_file(p->chain, &file);
    for (size_t i = 0; i + 1 < RECORDS; i++) {
        size_t from = line_at(was, i), to = line_at(was, i + 1),
               next = line_at(was, i + 2);
        write_file(p->chain, str_sub(was, 0, from), str_sub(was, to, was.n));
        assert_int_equal(check(p).bad_record, i + 1); /* removed */
        write_file(p->chain, str_sub(was, 0, to), str_sub(was, from, was.n));
        assert_int_equal(check(p).bad_record, i + 2); /* twice */
        struct buf swapped;
        buf_init(&swapped, 1 << 20);
        buf_append(&swapped, str_sub(was, 0, from));
        buf_append(&swapped, str_sub(was, to, next));
        buf_append(&swapped, str_sub(was, from, to));
        write_file(p->chain, buf_view(&swapped), str_sub(was, next, was.n));
        assert_int_equal(check(p).bad_record, i + 1);
        buf_release(&swapped);
    }
    buf_release(&file);
}

/* A cut end leaves a good chain: only the head that was kept elsewhere tells. */
static void a_cut_end_is_told_by_the_head_alone(void **state)
{
    struct place *p = *state;
    struct buf file;
    write_records(p->dir, RECORDS);
    char head[AUDIT_HASH_TEXT];
    memcpy(head, check(p).head, sizeof head);
    struct str was = read_file(p->chain, &file);
    for (size_t n = 0; n < was.n; n++) {
        write_file(p->chain, str_sub(was, 0, n), STR(""));
        struct audit_chain chain = check(p);
        assert_string_not_equal(chain.head, head);
        bool is_whole_but_for_its_end = n + 1 == was.n || was.p[n] == '\n';
        assert_int_equal(chain.broken != NULL, is_whole_but_for_its_end);
    }
    buf_release(&file);
}

static void an_unfinished_record_is_cut_and_the_chain_goes_on(void **state)
{
    struct place *p = *state;
    struct buf file;
    write_records(p->dir, RECORDS);
    struct str was = read_file(p->chain, &file);
    size_t last = line_at(was, RECORDS - 1);
    for (size_t n = last + 1; n + 2 < was.n; n += 7) {
        write_file(p->chain, str_sub(was, 0, n), STR(""));
        assert_int_equal(check(p).torn_bytes, n - last);
        write_records(p->dir, 1);
        struct audit_chain chain = check(p);
        assert_null(chain.broken);
        assert_int_equal(chain.torn_bytes, 0);
        assert_int_equal(chain.count, RECORDS);
    }
    buf_release(&file);
}

static void a_chain_that_ends_badly_is_left_alone(void **state)
{
    struct place *p = *state;
    struct buf file;
    struct err err;
    write_records(p->dir, RECORDS);
    struct str was = read_file(p->chain, &file);
    file.p[was.n - 10] ^= 1;
    write_file(p->chain, was, STR(""));
    assert_null(audit_open(p->dir, &err));
    assert_string_equal(err.code, "audit_broken");
    struct buf now;
    assert_true(str_eq(read_file(p->chain, &now), was));
    buf_release(&now);
    buf_release(&file);
}

/* The chain may grow by that much and then the disk is full, as far as it knows. */
static void limit_files(const struct place *p, rlim_t more)
{
    struct stat st;
    struct rlimit limit;
    assert_int_equal(stat(p->chain, &st), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = (rlim_t)st.st_size + more;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* What could not be written is counted, and told when it can be again. */
static void a_full_disk_refuses_and_is_told_of_later(void **state)
{
    struct place *p = *state;
    struct err err;
    struct tally t = {0};
    struct audit_chain chain;
    struct audit *a = audit_open(p->dir, &err);
    struct audit_log *log = audit_log_create(a);
    struct audit_record r = record_of(0);
    assert_int_equal(audit_append(log, &r, &err), 0);
    assert_int_equal(audit_flush(log, &err), 0);
    limit_files(p, 100);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(audit_append(log, &r, &err), 0);
        assert_int_equal(audit_flush(log, &err), -1);
        assert_string_equal(err.code, "audit_unwritable");
    }
    limit_files(p, 1 << 20);
    assert_int_equal(audit_append(log, &r, &err), 0);
    assert_int_equal(audit_flush(log, &err), 0);
    assert_int_equal(audit_check(p->dir, 0, tally, &t, &chain, &err), 0);
    assert_null(chain.broken);
    assert_int_equal(chain.count, 2);
    assert_int_equal(t.lost, 3);
    audit_log_free(log);
    audit_close(a);
    limit_files(p, 1 << 30);
}

static void bodies_have_keyed_digests(void **state)
{
    struct place *p = *state;
    struct err err;
    char x[AUDIT_HASH_TEXT], y[AUDIT_HASH_TEXT], z[AUDIT_HASH_TEXT];
    struct stat st;
    char key[PATH];
    struct audit *a = audit_open(p->dir, &err);
    assert_true(audit_digest(a, STR("body"), x) && audit_digest(a, STR("bodY"), y));
    assert_string_not_equal(x, y);
    audit_close(a);
    a = audit_open(p->dir, &err);
    assert_true(audit_digest(a, STR("body"), z));
    assert_string_equal(x, z);
    audit_close(a);
    snprintf(key, sizeof key, "%s/audit/key", p->dir);
    assert_int_equal(stat(key, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    /* The plain SHA-256 of "body" would let anybody try values. */
    assert_string_not_equal(
        x, "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5");
}

/* -- several writers ----------------------------------------------------------------- */

static void *write_many(void *arg)
{
    struct audit_log *log = audit_log_create(arg);
    struct err err;
    for (unsigned i = 0; i < EACH; i++) {
        struct audit_record r = record_of(i);
        if (audit_append(log, &r, &err) < 0 || (i % 3 == 2 && audit_flush(log, &err) < 0))
            return NULL;
    }
    bool is_done = audit_flush(log, &err) == 0;
    audit_log_free(log);
    return is_done ? arg : NULL;
}

static void several_writers_make_one_chain(void **state)
{
    struct place *p = *state;
    pthread_t threads[WRITERS];
    struct err err;
    struct audit *a = audit_open(p->dir, &err);
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_many, a), 0);
    for (int i = 0; i < WRITERS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        assert_ptr_equal(result, a);
    }
    struct audit_head head = audit_head(a);
    audit_close(a);
    struct audit_chain chain = check(p);
    assert_null(chain.broken);
    assert_int_equal(chain.count, WRITERS * EACH);
    assert_string_equal(chain.head, head.hash);
}

/* -- kill -9 ---------------------------------------------------------------------------
 */

static void live(const char *dir, int fd)
{
    struct err err;
    struct audit *a = audit_open(dir, &err);
    struct audit_log *log = a ? audit_log_create(a) : NULL;
    for (unsigned i = 0; log; i++) {
        struct audit_record r = record_of(i);
        if (audit_append(log, &r, &err) < 0 || audit_flush(log, &err) < 0)
            break;
        uint64_t count = audit_head(a).count;
        if (write(fd, &count, sizeof count) != (ssize_t)sizeof count)
            break;
    }
    _exit(1);
}

static void what_was_flushed_survives_kill_9(void **state)
{
    struct place *p = *state;
    uint64_t told = 0;
    srand(7);
    for (int i = 0; i < LIVES; i++) {
        int pipes[2], status;
        assert_int_equal(pipe(pipes), 0);
        pid_t pid = fork();
        if (pid == 0) {
            close(pipes[0]);
            live(p->dir, pipes[1]);
        }
        close(pipes[1]);
        uint64_t count;
        unsigned reads = 1 + (unsigned)rand() % 200;
        for (unsigned k = 0; k < reads; k++)
            if (read(pipes[0], &count, sizeof count) == (ssize_t)sizeof count)
                told = count;
        kill(pid, SIGKILL);
        while (read(pipes[0], &count, sizeof count) == (ssize_t)sizeof count)
            told = count;
        waitpid(pid, &status, 0);
        assert_true(WIFSIGNALED(status));
        close(pipes[0]);
        struct audit_chain chain = check(p);
        assert_null(chain.broken);
        assert_true(chain.count >= told && chain.count <= told + 1);
    }
    assert_true(told > LIVES);
}

static void a_record_costs_little(void **state)
{
    struct place *p = *state;
    enum { BATCHES = 2000, A_TURN = 8 };
    struct err err;
    struct audit *a = audit_open(p->dir, &err);
    struct audit_log *log = audit_log_create(a);
    struct audit_record r = record_of(1);
    uint64_t start = clock_mono_us();
    for (int i = 0; i < BATCHES; i++) {
        for (int k = 0; k < A_TURN; k++)
            assert_int_equal(audit_append(log, &r, &err), 0);
        assert_int_equal(audit_flush(log, &err), 0);
    }
    uint64_t us = clock_mono_us() - start;
    audit_log_free(log);
    audit_close(a);
    start = clock_mono_us();
    assert_int_equal(check(p).count, BATCHES * A_TURN);
    uint64_t read_us = clock_mono_us() - start;
    printf("%.2f us a record in batches of %d; %.2f us to check one\n",
           (double)us / (BATCHES * A_TURN), A_TURN, (double)read_us / (BATCHES * A_TURN));
}

int main(void)
{
#define IN_A_PLACE(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        IN_A_PLACE(what_was_written_is_read_back),
        IN_A_PLACE(a_second_life_goes_on_where_the_first_ended),
        IN_A_PLACE(every_changed_byte_is_seen),
        IN_A_PLACE(removed_repeated_and_exchanged_records_are_seen),
        IN_A_PLACE(a_cut_end_is_told_by_the_head_alone),
        IN_A_PLACE(an_unfinished_record_is_cut_and_the_chain_goes_on),
        IN_A_PLACE(a_chain_that_ends_badly_is_left_alone),
        IN_A_PLACE(a_full_disk_refuses_and_is_told_of_later),
        IN_A_PLACE(bodies_have_keyed_digests),
        IN_A_PLACE(several_writers_make_one_chain),
        IN_A_PLACE(what_was_flushed_survives_kill_9),
        IN_A_PLACE(a_record_costs_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
