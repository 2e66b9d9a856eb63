/* erasing.h -- rows that are being deleted: by an order (erase_order.h), or because they
 * are older than the operator keeps.
 *
 * What was begun is done to its end: through trouble with the store, and by the next weir
 * when this one dies. */
#ifndef WEIR_LEDGER_ERASING_H
#define WEIR_LEDGER_ERASING_H

#include "ledger/erase_order.h"
#include "ledger/index/erase.h"
#include "ledger/ledger.h"

struct erasing {
    bool is_active, is_ordered;
    bool is_resumed; /* begun by another life of weir, or by a command that was killed */
    bool has_waited;
    struct erase_order order; /* only if is_ordered */
    struct erase erase;
    struct buf digests; /* what erase.digests is */
    char what[64 + ERASE_WORD], why[LEDGER_WHY_BYTES + 1];
    uint64_t told, rows; /* recorded; deleted */
};

struct ingest;
struct ledger;

/* Fills erase, what and why from an order's text; -1: it is not understood.  To be
 * released in any case. */
int erasing_parse(struct erasing *x, struct str text, struct err *err);
void erasing_write(const struct ledger_erase_order *o, struct buf *out);
/* For the digests that sessions of this name have. */
void erasing_add_digest(void *erasing, uint64_t digest);
/* Counts the rows, records them where that was not done yet, and notes it in the order.
 * 1: rows go now; 0: there are none; -1: none may go. */
int erasing_begin(struct erasing *x, struct index *ix, const struct erase_report *was,
                  ledger_erase_fn *tell, void *ctx, struct err *err);
void erasing_release(struct erasing *x);
/* A worker's log was read to its end and is not written any more: the store is told that
 * the next segment is the first it needs, which lets this one go. */
void erasing_leave_segment(struct ingest *g, uint32_t worker, uint32_t *purge);
void erasing_drop_backup(const char *state_dir);
/* A weir starts, its logs are read: where an earlier life did not come to the end of
 * cleaning them, it is begun again.  next_segment: the first of this life, a worker. */
void erasing_go_on_cleaning(struct ledger *l, const uint32_t *next_segment);

/* -- in the running weir, on the writer's thread ---------------------------------------
 */

/* Each second: is there an order, or something older than is kept? */
void erasing_look(struct ledger *l);
/* One step of what is under way; false when nothing is. */
bool erasing_step(struct ledger *l);

#endif
