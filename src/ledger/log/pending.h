/* pending.h -- requests that are open: admitted, not yet settled.
 *
 * The index saves at each commit those that are still open and forgets them when they
 * settle, so a row that opens and settles between two commits costs SQLite nothing. */
#ifndef WEIR_LEDGER_LOG_PENDING_H
#define WEIR_LEDGER_LOG_PENDING_H

#include "core/str.h"

struct pending_item {
    uint64_t uid; /* 0: free slot */
    bool is_saved, is_listed;
    char *bytes; /* the OPEN record, then its ATTEMPTs and LEGs, whole */
    uint32_t open_bytes, more_bytes, cap;
};

struct pending {
    struct pending_item *slots; /* open addressing, power of two */
    size_t nslots, n;
    uint64_t *unsaved; /* uids to look at in the next commit */
    size_t nunsaved, unsaved_cap;
};

void pending_init(struct pending *p);
void pending_release(struct pending *p); /* empties; usable again */

/* False when memory is out: the request then lives in the log alone. */
bool pending_open(struct pending *p, uint64_t uid, struct str record);
/* An ATTEMPT or a LEG.  Unknown uids are ignored.  `record` is the whole record: the next
 * one follows it. */
bool pending_add(struct pending *p, uint64_t uid, struct str record);
/* True when it was saved, so that the saved copy must go; *ret_known: it was here. */
bool pending_settle(struct pending *p, uint64_t uid, bool *ret_known);

struct pending_item *pending_find(const struct pending *p, uint64_t uid);
void pending_mark_saved(struct pending_item *item);
struct str pending_opened(const struct pending_item *i); /* one record */
/* Records without gaps, oldest first. */
struct str pending_more(const struct pending_item *i);

#endif
