/* erasing.c -- see erasing.h. */
#include "ledger/erasing.h"

#include "core/clock.h"
#include "core/log.h"
#include "ledger/log/segment.h"
#include "ledger/watch.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define DAY_MS UINT64_C(86400000)

enum { FIRST_LOOK_MS = 60 * 1000, VM_STEPS = 200000, DIGESTS_BYTES = 1 << 20 };

static uint64_t mono_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* -- the order's text ---------------------------------------------------------------- */

void erasing_write(const struct ledger_erase_order *o, struct buf *out)
{
    buf_printf(out, "%s %.*s\nwhy %.*s\n", o->key.n ? "key" : "session",
               STR_ARG(o->key.n ? o->key : o->session), STR_ARG(o->why));
}

/* 16 hexadecimal digits, as --json shows them, or "s-" before them. */
static bool parse_digest(struct str text, uint64_t *ret)
{
    uint64_t id = 0;
    if (str_starts(text, STR("s-")))
        text = str_sub(text, 2, text.n);
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
            return false;
        id = id << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    *ret = id;
    return text.n == 16;
}

void erasing_add_digest(void *erasing, uint64_t digest)
{
    struct erasing *x = erasing;
    buf_printf(&x->digests, "%s%lld", buf_len(&x->digests) ? "," : "",
               (long long)(int64_t)digest);
}

/* A session's name may be a person's: the record does not keep what goes.  What reads as
 * a digest may be a client's name too, so both are looked for. */
static void describe(struct erasing *x, struct str name)
{
    uint64_t digest;
    if (x->erase.kind == ERASE_KEY) {
        snprintf(x->what, sizeof x->what, "ledger rows of key %s", x->erase.word);
    } else if (parse_digest(name, &digest)) {
        erasing_add_digest(x, digest);
        snprintf(x->what, sizeof x->what, "ledger rows of session s-%016llx",
                 (unsigned long long)digest);
    } else {
        snprintf(x->what, sizeof x->what, "ledger rows of one session, by its name");
    }
}

int erasing_parse(struct erasing *x, struct str text, struct err *err)
{
    struct str line, why;
    bool ok = str_split(&text, '\n', &line) && str_split(&text, '\n', &why) &&
              str_starts(why, STR("why ")) && why.n > 4 && why.n - 4 <= LEDGER_WHY_BYTES;
    bool is_key = ok && str_starts(line, STR("key "));
    ok = ok && (is_key || str_starts(line, STR("session ")));
    struct str name = ok ? str_sub(line, is_key ? 4 : 8, line.n) : STR("");
    *x = (struct erasing){.order.fd = -1};
    buf_init(&x->digests, DIGESTS_BYTES);
    if (!ok || name.n == 0 || name.n >= ERASE_WORD)
        return err_set(err, ERR_BAD_REQUEST, "bad_order",
                       "an order names one key or session, and why");
    x->erase.kind = is_key ? ERASE_KEY : ERASE_SESSION;
    snprintf(x->erase.word, sizeof x->erase.word, "%.*s", STR_ARG(name));
    snprintf(x->why, sizeof x->why, "%.*s", STR_ARG(str_sub(why, 4, why.n)));
    describe(x, name);
    return 0;
}

void erasing_release(struct erasing *x)
{
    if (x->is_ordered)
        erase_order_close(&x->order);
    buf_release(&x->digests);
    *x = (struct erasing){.order.fd = -1};
}

/* -- beginning -------------------------------------------------------------------------
 */

int erasing_begin(struct erasing *x, struct index *ix, const struct erase_report *was,
                  ledger_erase_fn *tell, void *ctx, struct err *err)
{
    x->is_resumed = was->state == ERASE_BEGUN;
    x->erase.last_uid = was->last_uid;
    x->told = was->rows;
    x->rows = 0;
    buf_byte(&x->digests, '\0');
    if (x->digests.failed)
        return err_nomem(err);
    x->erase.digests = buf_view(&x->digests).p;
    int64_t n = erase_count(ix, &x->erase, err);
    if (n < 0 || (n == 0 && !x->is_resumed))
        return n < 0 ? -1 : 0;
    if (x->is_resumed && (uint64_t)n <= x->told)
        return 1; /* it is in the chain */
    if (!tell(ctx, x->what, (uint64_t)n, x->why))
        return err_set(err, ERR_INTERNAL, "not_erased",
                       "the audit chain cannot be written, and nothing is deleted "
                       "without a record");
    x->told = (uint64_t)n;
    if (x->is_ordered)
        (void)erase_order_note(&x->order, "begun %llu %llu", (unsigned long long)n,
                               (unsigned long long)x->erase.last_uid);
    return 1;
}

/* -- in the running weir --------------------------------------------------------------
 */

static void end_order(struct ledger *l)
{
    struct erasing *x = &l->erasing;
    if (x->is_ordered)
        erase_order_remove(l->state_dir, &x->order);
    erasing_release(x);
}

static void answer_rows(struct ledger *l, uint64_t rows)
{
    if (l->erasing.is_ordered)
        (void)erase_order_note(&l->erasing.order, "ok %llu", (unsigned long long)rows);
    end_order(l);
}

/* Nothing has gone yet. */
static void refuse(struct ledger *l, const char *why)
{
    log_warn("ledger: no rows are deleted: %s", why);
    if (l->erasing.is_ordered)
        (void)erase_order_note(&l->erasing.order, "error %s", why);
    end_order(l);
}

/* It has begun: the order stays, and goes on when the store does. */
static void put_off(struct ledger *l, const char *why)
{
    struct erasing *x = &l->erasing;
    if (!x->is_ordered) {
        log_warn("ledger: not all rows older than keep are deleted: %s; it goes on "
                 "tomorrow or with the next start",
                 why);
        end_order(l);
    } else if (!x->has_waited) {
        log_warn("ledger: not all rows are deleted yet: %s; it is tried again", why);
        (void)erase_order_note(&x->order, "waits %s", why);
        x->has_waited = true;
    }
}

static void begin(struct ledger *l, const struct erase_report *was)
{
    struct erasing *x = &l->erasing;
    struct err err = {0};
    int rc = erasing_begin(x, l->ingest.index, was, atomic_load(&l->on_erase),
                           l->on_erase_ctx, &err);
    x->is_active = rc > 0;
    if (rc == 0)
        answer_rows(l, 0);
    else if (rc < 0 && !x->is_resumed)
        refuse(l, err.msg);
    else if (rc < 0)
        erasing_release(x); /* the order stays, and is begun again in a second */
}

static bool take_order(struct ledger *l)
{
    char bytes[ERASE_ORDER_BYTES];
    struct erase_order order;
    struct erase_report was;
    struct str text;
    struct err err = {0};
    if (!erase_order_next(l->state_dir, &order, bytes, &text, &was))
        return false;
    int failed = erasing_parse(&l->erasing, text, &err);
    l->erasing.is_ordered = true;
    l->erasing.order = order;
    if (!failed && l->erasing.erase.kind == ERASE_SESSION && l->on_session)
        l->on_session(l->on_session_ctx, str_of(l->erasing.erase.word),
                      erasing_add_digest, &l->erasing);
    if (failed)
        refuse(l, err.msg);
    else
        begin(l, &was);
    return true;
}

static void take_old(struct ledger *l)
{
    const struct erase_report fresh = {.state = ERASE_WAITING};
    uint64_t keep = atomic_load(&l->keep_ms), now = mono_ms(), wall = clock_wall_ms();
    if (!l->keep_due_ms)
        l->keep_due_ms = now + FIRST_LOOK_MS;
    if (!keep || now < l->keep_due_ms || keep >= wall)
        return;
    l->keep_due_ms = now + DAY_MS;
    l->erasing = (struct erasing){.erase = {.kind = ERASE_OLD, .before_ms = wall - keep}};
    buf_init(&l->erasing.digests, DIGESTS_BYTES);
    snprintf(l->erasing.what, sizeof l->erasing.what, "ledger rows older than keep");
    snprintf(l->erasing.why, sizeof l->erasing.why, "older than keep");
    begin(l, &fresh);
}

void erasing_look(struct ledger *l)
{
    if (!l->ingest.index || l->erasing.is_active || !atomic_load(&l->on_erase))
        return;
    if (!take_order(l))
        take_old(l);
}

/* Reading all words of a large store takes seconds, in which logs are still synced. */
static int while_it_takes(void *ctx)
{
    struct ledger *l = ctx;
    uint64_t now = mono_ms();
    if (now - l->second_at_ms >= 1000) {
        l->second_at_ms = now;
        watch_sync(l);
    }
    return 0;
}

void erasing_leave_segment(struct ingest *g, uint32_t worker, uint32_t *purge)
{
    struct index_position *p = &g->index->positions[worker];
    *purge = UINT32_MAX;
    if (!p->segment)
        return;
    *p = (struct index_position){p->segment + 1, 0, true};
    reader_seek(&g->readers[worker], p->segment, 0);
}

void erasing_drop_backup(const char *state_dir)
{
    char path[BACKUP_PATH];
    snprintf(path, sizeof path, "%s/ledger.backup", state_dir);
    (void)unlink(path);
}

/* The rows are still in the backup and in the logs: these go as well. */
static void clean_copies(struct ledger *l)
{
    struct index *ix = l->ingest.index;
    struct err ignored = {0};
    if (!ix)
        return;
    sqlite3_wal_checkpoint_v2(ix->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    backup_drop(&l->backup);
    l->backup.is_wanted = true;
    if (!l->erasing.is_ordered)
        return; /* what is merely old may wait for the next backup */
    erase_mark_set(l->state_dir);
    l->is_cleaning = true;
    erasing_drop_backup(l->state_dir);
    watch_move_on(l);
    for (uint32_t w = 0; w < l->nlogs; w++)
        l->purge[w] = l->handed[w];
    if (index_begin(ix, &ignored) < 0)
        return;
    for (uint32_t w = l->nlogs; w < LEDGER_MAX_WORKERS; w++)
        erasing_leave_segment(&l->ingest, w, &l->purge[w]);
    (void)index_commit(ix, &ignored);
}

void erasing_go_on_cleaning(struct ledger *l, const uint32_t *next_segment)
{
    struct err err = {0};
    if (!erase_mark_is_set(l->state_dir))
        return;
    erasing_drop_backup(l->state_dir); /* it may be of before the deletion */
    backup_init(&l->backup, l->state_dir);
    int failed = index_begin(l->ingest.index, &err);
    for (uint32_t w = 0; !failed && w < LEDGER_MAX_WORKERS; w++) {
        erasing_leave_segment(&l->ingest, w, &l->purge[w]);
        if (w < l->nlogs)
            l->purge[w] = next_segment[w];
    }
    if (failed || index_commit(l->ingest.index, &err) < 0)
        ledger_index_failed(l, &err);
    else
        l->is_cleaning = true;
}

static void finish(struct ledger *l)
{
    struct erasing *x = &l->erasing;
    struct err err = {0};
    sqlite3_progress_handler(l->ingest.index->db, VM_STEPS, while_it_takes, l);
    int failed = erase_words(l->ingest.index, &err);
    if (l->ingest.index)
        sqlite3_progress_handler(l->ingest.index->db, 0, NULL, NULL);
    if (failed) {
        ledger_index_failed(l, &err);
        put_off(l, err.msg);
        return;
    }
    clean_copies(l);
    uint64_t rows = x->is_resumed ? x->told : x->rows;
    log_info("ledger: %llu rows are deleted: %s", (unsigned long long)rows, x->what);
    answer_rows(l, rows);
}

bool erasing_step(struct ledger *l)
{
    struct erasing *x = &l->erasing;
    struct err err = {0};
    if (x->is_active && !l->ingest.index)
        x->erase.cursor = 0; /* what comes back may hold rows that were deleted */
    if (!x->is_active || !l->ingest.index || l->ingest.index->is_in_transaction)
        return x->is_active;
    int64_t n = erase_step(l->ingest.index, &x->erase, &err);
    if (n < 0) {
        ledger_index_failed(l, &err);
        put_off(l, err.msg);
        return x->is_active;
    }
    x->rows += (uint64_t)n;
    if (n < ERASE_STEP)
        finish(l);
    if (!x->is_active)
        erasing_look(l); /* those who wait in line need no second each */
    return x->is_active;
}

void ledger_on_erase(struct ledger *l, ledger_erase_fn *fn, void *ctx)
{
    l->on_erase_ctx = ctx;
    atomic_store(&l->on_erase, fn);
}

void ledger_set_keep(struct ledger *l, uint64_t keep_ms)
{
    atomic_store(&l->keep_ms, keep_ms);
}

void ledger_on_session(struct ledger *l, ledger_session_fn *fn, void *ctx)
{
    l->on_session_ctx = ctx;
    l->on_session = fn;
}
