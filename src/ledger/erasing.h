/* erasing.h -- an order to delete rows, from its coming to its end.
 *
 *   state_dir/erase.order    what `weir ledger delete` wants of the running weir
 *   state_dir/erase.answer   what became of it: "ok ROWS" or "error WHY"
 *
 * Whoever may write in the state directory is the operator.  An order that weir did not
 * finish before it died is begun again at the next start. */
#ifndef WEIR_LEDGER_ERASING_H
#define WEIR_LEDGER_ERASING_H

#include "ledger/index/erase.h"
#include "ledger/ledger.h"

struct erasing {
    bool is_active, is_ordered; /* ordered: somebody waits for the answer */
    struct erase erase;
    char what[64 + ERASE_WORD], why[LEDGER_WHY_BYTES + 1];
    uint64_t rows;
};

struct ledger;

/* Fills erase, what and why from an order's text; -1: it is not understood. */
int erasing_parse(struct erasing *x, struct str text, struct err *err);
void erasing_write(const struct ledger_erase_order *o, struct buf *out);

/* Each second: is there an order, or something older than is kept? */
void erasing_look(struct ledger *l);
/* One step of what is under way; false when nothing is. */
bool erasing_step(struct ledger *l);

#endif
