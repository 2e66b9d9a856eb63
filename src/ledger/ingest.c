/* ingest.c -- see ingest.h. */
#include "ledger/ingest.h"

#include "core/log.h"
#include "ledger/log/legs.h"
#include "ledger/log/log.h"
#include "ledger/log/segment.h"

static void on_damage(void *ctx, const struct damage *d)
{
    struct ingest *g = ctx;
    g->ndamaged++;
    log_warn("ledger: %s: byte %llu: %s, %llu bytes skipped", d->file,
             (unsigned long long)d->at, d->what, (unsigned long long)d->skipped);
}

void ingest_init(struct ingest *g, const char *log_dir)
{
    memset(g, 0, sizeof *g);
    g->log_dir = log_dir;
    for (uint32_t w = 0; w < LEDGER_MAX_WORKERS; w++)
        reader_init(&g->readers[w], log_dir, w, on_damage, g);
}

void ingest_release(struct ingest *g)
{
    for (uint32_t w = 0; w < LEDGER_MAX_WORKERS; w++)
        reader_release(&g->readers[w]);
    ingest_drop_index(g);
}

void ingest_set_index(struct ingest *g, struct index *ix)
{
    g->index = ix;
    for (uint32_t w = 0; w < LEDGER_MAX_WORKERS; w++)
        reader_seek(&g->readers[w], ix->positions[w].segment, ix->positions[w].offset);
}

void ingest_drop_index(struct ingest *g)
{
    index_close(g->index);
    g->index = NULL;
}

/* True once for each place of the log. */
static bool is_unprinted(struct ingest *g, const struct reader *r)
{
    struct index_position *p = &g->printed[r->worker];
    if (r->segment < p->segment || (r->segment == p->segment && r->offset <= p->offset))
        return false;
    *p = (struct index_position){r->segment, r->offset, false};
    return true;
}

static int take_settle(struct ingest *g, const struct reader *r, struct ledger_row *row,
                       struct ledger_legs *legs, struct err *err)
{
    bool is_known;
    struct pending_item *held =
        g->index ? pending_find(&g->index->pending, row->open.uid) : NULL;
    if (!row->nlegs) /* those of versions 1 and 2 brought theirs */
        legs_attach(row, held ? pending_more(held) : STR(""), legs);
    if (g->access && is_unprinted(g, r)) {
        ledger_row_fn *on_row = atomic_load_explicit(&g->on_row, memory_order_acquire);
        access_add(g->access, row);
        if (on_row)
            (void)on_row(g->on_row_ctx, row);
        g->has_told = true;
    }
    if (!g->index)
        return 0;
    int added = index_add_row(g->index, row, err); /* its legs stand in what is held */
    if (added >= 0 && pending_settle(&g->index->pending, row->open.uid, &is_known) &&
        index_forget_open(g->index, row->open.uid, err) < 0)
        return -1;
    return added < 0 ? -1 : 0;
}

static int take_open(struct ingest *g, const struct ledger_open *o, struct str record,
                     struct err *err)
{
    if (!g->index)
        return 0;
    if (o->uid > g->index->newest_uid)
        g->index->newest_uid = o->uid;
    if (o->uid && !pending_open(&g->index->pending, o->uid, record))
        return err_nomem(err);
    return 0;
}

static int hold(struct ingest *g, uint64_t uid, struct str record, struct err *err)
{
    if (g->index && !pending_add(&g->index->pending, uid, record))
        return err_nomem(err);
    return 0;
}

/* Its row may come later, from another worker's log. */
static int take_feedback(struct ingest *g, const struct ledger_feedback *f,
                         struct err *err)
{
    return g->index ? index_add_feedback(g->index, f, err) : 0;
}

static int take(struct ingest *g, const struct reader *r, const struct record *rec,
                struct err *err)
{
    union {
        struct ledger_row row;
        struct ledger_open open;
        struct ledger_attempt attempt;
        struct ledger_leg leg;
        struct ledger_feedback feedback;
    } u;
    struct ledger_legs legs;
    if (rec->type == RECORD_SETTLE && record_get_settle(rec, &u.row, &legs))
        return take_settle(g, r, &u.row, &legs, err);
    if (rec->type == RECORD_OPEN && record_get_open(rec, &u.open))
        return take_open(g, &u.open, record_bytes(rec), err);
    if (rec->type == RECORD_ATTEMPT && record_get_attempt(rec, &u.attempt))
        return hold(g, u.attempt.uid, record_bytes(rec), err);
    if (rec->type == RECORD_LEG && record_get_leg(rec, &u.leg))
        return hold(g, u.leg.uid, record_bytes(rec), err);
    if (rec->type == RECORD_FEEDBACK && record_get_feedback(rec, &u.feedback))
        return take_feedback(g, &u.feedback, err);
    g->nforeign++;
    return 0;
}

static void note_position(struct ingest *g, const struct reader *r)
{
    struct index_position *p = g->index ? &g->index->positions[r->worker] : NULL;
    if (p && (p->segment != r->segment || p->offset != r->offset))
        *p = (struct index_position){r->segment, r->offset, true};
}

/* Steps over to the next file of the worker; false when there is none yet. */
static bool next_segment(struct ingest *g, struct reader *r, uint32_t highest)
{
    struct segment_list list;
    if (r->segment >= highest || segment_list(g->log_dir, &list, NULL) < 0)
        return false;
    uint32_t next = segment_after(&list, r->worker, r->segment);
    segment_list_release(&list);
    if (next == 0 || next > highest)
        return false;
    reader_seek(r, next, 0);
    return true;
}

int ingest_worker(struct ingest *g, uint32_t worker, uint64_t tip, int max,
                  struct err *err)
{
    struct reader *r = &g->readers[worker];
    uint32_t highest = tip == INGEST_ALL ? UINT32_MAX : log_tip_segment(tip);
    int n = 0;
    while (n < max) {
        struct record rec;
        bool is_live = r->segment == highest && tip != INGEST_ALL;
        uint64_t limit = is_live ? log_tip_end(tip) : r->segment ? reader_size(r) : 0;
        int found = 0;
        (void)reader_step_over_gone(r, limit);
        if (r->offset < limit && g->index && index_begin(g->index, err) < 0)
            return -1;
        while (n < max && (found = reader_next(r, limit, &rec, err)) > 0) {
            if (take(g, r, &rec, err) < 0)
                return -1;
            n++;
        }
        if (found < 0)
            return -1;
        note_position(g, r);
        if (n < max && !next_segment(g, r, highest))
            break;
    }
    return n;
}

/* Also when the index could not take them: whoever waits for that hears nothing. */
static void tell_end(struct ingest *g)
{
    ledger_row_fn *on_row = atomic_load_explicit(&g->on_row, memory_order_acquire);
    if (g->has_told && on_row)
        (void)on_row(g->on_row_ctx, NULL);
    g->has_told = false;
}

int ingest_commit(struct ingest *g, struct err *err)
{
    if (g->access)
        access_flush(g->access);
    int rc = g->index ? index_commit(g->index, err) : 0;
    tell_end(g);
    if (!g->index || rc < 0)
        return rc;
    g->nrows += g->index->nrows;
    g->index->nrows = 0;
    return 0;
}

int ingest_everything(struct ingest *g, const uint64_t *tips, uint32_t nlive,
                      struct err *err)
{
    for (uint32_t w = 0; w < LEDGER_MAX_WORKERS; w++) {
        uint64_t tip = w < nlive ? tips[w] : INGEST_ALL;
        int n = tip ? INGEST_BATCH : 0;
        while (n == INGEST_BATCH) {
            n = ingest_worker(g, w, tip, INGEST_BATCH, err);
            if (n < 0 || ingest_commit(g, err) < 0)
                return -1;
        }
    }
    return 0;
}
