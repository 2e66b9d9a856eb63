/* replay.c -- see replay.h.
 *
 * A request that was open when weir died gets a LEG record for each attempt that has
 * none, and a SETTLE with what its last ATTEMPT said.  They go to a new segment of worker
 * 0 and are synced before they are indexed: were the index lost tomorrow, the same logs
 * would give the same rows. */
#include "ledger/replay.h"

#include "core/log.h"
#include "core/mem.h"
#include "ledger/index/newer.h"
#include "ledger/index/store.h"
#include "ledger/log/legs.h"
#include "ledger/log/log.h"
#include "ledger/log/segment.h"
#include "ledger/log/sync.h"

#include <stdio.h>
#include <unistd.h>

enum { FLUSH_EVERY = 1000 };

static void find_next_segments(const struct ingest *g, struct replay_report *ret)
{
    struct segment_list list;
    for (uint32_t w = 0; w < LEDGER_MAX_WORKERS; w++)
        ret->next_segment[w] = g->index ? g->index->positions[w].segment + 1 : 1;
    if (segment_list(g->log_dir, &list, NULL) < 0)
        return;
    for (size_t i = 0; i < list.n; i++)
        if (list.items[i].segment >= ret->next_segment[list.items[i].worker])
            ret->next_segment[list.items[i].worker] = list.items[i].segment + 1;
    segment_list_release(&list);
}

/* The next of the records held; false after the last. */
static bool next_record(struct str *records, struct record *ret)
{
    if (record_parse(*records, ret) != RECORD_WHOLE)
        return false;
    *records = str_sub(*records, ret->size, records->n);
    return true;
}

/* The newest try gives the row its engine. */
static void take_try(struct ledger_row *r, const struct ledger_attempt *a)
{
    r->has_engine = true;
    r->side = a->side;
    r->engine = a->engine;
    r->model_used = a->model;
    r->policy = a->policy;
    r->role = a->role;
    r->reasons_json = a->reasons_json;
}

/* What a cloud engine charged before weir died is not known, nor whether it had it. */
static struct ledger_leg cut_leg(const struct ledger_attempt *a)
{
    bool is_cloud = a->side == SIDE_CLOUD;
    return (struct ledger_leg){.uid = a->uid,
                               .number = a->number,
                               .purpose = a->purpose,
                               .side = a->side,
                               .engine = a->engine,
                               .model = a->model,
                               .outcome = OUTCOME_INTERRUPTED,
                               .error_code = STR("interrupted"),
                               .has_left = true,
                               .is_bare = true,
                               .cost_nanousd = is_cloud ? COST_UNKNOWN : 0,
                               .ttft_ms = -1};
}

static void take_records(struct ledger_row *row, struct str records,
                         struct ledger_legs *legs)
{
    struct str rest = records;
    struct record rec;
    struct ledger_attempt a;
    struct ledger_leg l;
    uint32_t highest = 0,
             naside = 0;             /* of older weirs the newest ATTEMPT alone is here */
    while (next_record(&rest, &rec)) /* those that are over keep what they are */
        if (record_get_leg(&rec, &l))
            (void)legs_add(legs, &l);
    while (next_record(&records, &rec)) {
        if (!record_get_attempt(&rec, &a))
            continue;
        highest = a.number > highest ? a.number : highest;
        naside += !ledger_is_try(a.purpose);
        if (ledger_is_try(a.purpose))
            take_try(row, &a);
        row->was_at_cloud |= a.side == SIDE_CLOUD;
        l = cut_leg(&a);
        (void)legs_add(legs, &l);
    }
    row->attempts = highest - naside;
}

/* Of a request that had its answer, and died waiting for a leg beside it, the row is that
 * of the answer. */
static void take_own(struct ledger_row *r, const struct ledger_leg *own)
{
    r->usage = own->usage;
    r->usage_is_reported = own->usage_is_reported;
    r->price_date = own->price_date;
    if (!own->is_promised)
        return;
    r->outcome = own->outcome;
    r->error_code = own->error_code;
    r->status = own->status;
    r->ttft_ms = own->ttft_ms < 0 ? -1 : own->ttft_ms + (int64_t)own->started_ms;
    r->total_ms = own->started_ms + own->total_ms;
    r->request_bytes = own->sent_bytes;
    r->answer_bytes = own->answer_bytes;
}

static bool describe(const struct pending_item *item, struct ledger_row *ret,
                     struct ledger_legs *legs)
{
    struct record open;
    *ret = (struct ledger_row){.outcome = OUTCOME_INTERRUPTED,
                               .error_code = STR("interrupted"),
                               .ttft_ms = -1,
                               .is_at_cloud_told = true};
    legs->n = 0;
    if (record_parse(pending_opened(item), &open) != RECORD_WHOLE ||
        !record_get_open(&open, &ret->open))
        return false;
    take_records(ret, pending_more(item), legs);
    ret->legs = legs->items;
    ret->nlegs = legs->n;
    ret->nlegs_told = (uint32_t)legs->n;
    const struct ledger_leg *own = ledger_own_leg(ret);
    if (own)
        take_own(ret, own);
    for (size_t i = 0; i < legs->n; i++)
        ret->cost_nanousd =
            ledger_cost_sum(ret->cost_nanousd, legs->items[i].cost_nanousd);
    return true;
}

/* All of it, for the log it is written to may be read before the one it began in; a
 * request without one of its legs would not be what it was, so it stays open then. */
static int append(struct ledger_log *log, const struct ledger_row *row, struct err *err)
{
    ledger_append_open(log, &row->open);
    for (size_t i = 0; i < row->nlegs; i++)
        ledger_append_leg(log, &row->legs[i]);
    if (!log->has_dropped)
        ledger_append_settle(log, row);
    return log->has_dropped ? err_nomem(err) : 0;
}

static void tell_interrupted(struct ingest *g, const struct ledger_row *row)
{
    for (size_t i = 0; g->on_interrupted && i < row->nlegs; i++)
        if (row->legs[i].is_bare && row->legs[i].side == SIDE_CLOUD)
            g->on_interrupted(g->interrupted_ctx, row, &row->legs[i]);
}

/* Ends every open request; the number, or -1 when not all are in the
 * file. */
static int64_t settle_open(struct ingest *g, struct ledger_log *log, struct err *err)
{
    const struct pending *p = &g->index->pending;
    int64_t n = 0;
    for (size_t i = 0; i < p->nslots; i++) {
        struct ledger_row row;
        struct ledger_legs legs;
        int has_row = 0;
        if (p->slots[i].uid == 0)
            continue;
        if ((has_row = index_has_row(g->index, p->slots[i].uid, err)) < 0)
            return -1;
        /* Settled by an earlier replay: the record below is met again and ignored,
         * but takes the request off the list. */
        if (describe(&p->slots[i], &row, &legs)) {
            if (append(log, &row, err) < 0)
                return -1;
            n += !has_row;
            if (!has_row)
                tell_interrupted(g, &row);
        }
        if ((i + 1) % FLUSH_EVERY == 0 && ledger_log_flush(log) < 0)
            break;
    }
    if (ledger_log_flush(log) < 0 || !ledger_log_is_empty(log))
        return err_set(err, ERR_INTERNAL, "ledger_unwritable",
                       "cannot settle open requests in %s", g->log_dir);
    return n;
}

static int settle_interrupted(struct ingest *g, struct replay_report *ret,
                              struct err *err)
{
    struct ledger_log *log;
    struct log_shared *shared = mem_new(struct log_shared);
    if (!shared || !(log = mem_new(struct ledger_log))) {
        mem_free(shared);
        return err_nomem(err);
    }
    char dir[SEGMENT_PATH];
    snprintf(dir, sizeof dir, "%s", g->log_dir);
    shared->log_dir = dir;
    atomic_store(&shared->is_ready, true);
    log_init(log, shared, 0);
    log->segment = ret->next_segment[0];
    int64_t n = settle_open(g, log, err);
    if (log->fd >= 0) {
        if (n >= 0 && sync_file(log->fd) < 0)
            n = err_sys(err, ERR_INTERNAL, "ledger_unwritable",
                        "the disk did not take what was written to %s", g->log_dir);
        ret->next_segment[0] = log->segment + 1;
    }
    log_release(log);
    mem_free(log);
    mem_free(shared);
    if (n < 0)
        return -1;
    ret->interrupted = (uint64_t)n;
    return ingest_everything(g, NULL, 0, err);
}

int replay_run(struct ingest *g, const char *state_dir, struct replay_report *ret,
               struct err *err)
{
    struct index *ix;
    *ret = (struct replay_report){0};
    find_next_segments(g, ret);
    if (newer_check(state_dir, err) < 0 || store_open(state_dir, &ix, err) < 0)
        return -1;
    ingest_set_index(g, ix);
    find_next_segments(g, ret);
    if (ingest_everything(g, NULL, 0, err) < 0)
        return -1;
    return g->index->pending.n ? settle_interrupted(g, ret, err) : 0;
}

/* How many of the worker's segments are newer than list->items[i]. */
static size_t newer_than(const struct segment_list *list, size_t i)
{
    size_t n = 0;
    while (i + n + 1 < list->n && list->items[i + n + 1].worker == list->items[i].worker)
        n++;
    return n;
}

void replay_prune(struct ingest *g, const struct index_position *covered,
                  const uint32_t *purge)
{
    struct segment_list list;
    char path[SEGMENT_PATH];
    bool is_safe = false;
    if (!g->index || segment_list(g->log_dir, &list, NULL) < 0)
        return;
    for (size_t i = 0; i < list.n; i++) {
        struct segment_id id = list.items[i];
        if (id.segment >= g->index->positions[id.worker].segment ||
            id.segment >= covered[id.worker].segment ||
            (newer_than(&list, i) < 2 && id.segment >= purge[id.worker]))
            continue;
        if (!is_safe && index_checkpoint(g->index) < 0)
            break;
        is_safe = true;
        (void)unlink(segment_path(g->log_dir, id.worker, id.segment, path));
    }
    segment_list_release(&list);
}

bool replay_is_purged(const char *log_dir, const uint32_t *purge)
{
    struct segment_list list;
    bool is_left = false;
    if (segment_list(log_dir, &list, NULL) < 0)
        return false;
    for (size_t i = 0; i < list.n; i++)
        is_left |= list.items[i].segment < purge[list.items[i].worker];
    segment_list_release(&list);
    return !is_left;
}
