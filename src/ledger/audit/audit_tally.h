/* audit_tally.h -- what left and what was held, counted from the chain as it grows: by
 * label, and by type of value.
 *
 * One that is sent and then taken back (not one byte of it left) counts in not_sent
 * alone.  Values are counted in each record that has them: one that left with three
 * requests counts three times. Not thread safe; no I/O but in audit_tally_read(). */
#ifndef WEIR_LEDGER_AUDIT_AUDIT_TALLY_H
#define WEIR_LEDGER_AUDIT_AUDIT_TALLY_H

#include "ledger/audit/audit_tail.h"

enum {
    AUDIT_TALLY_LABELS = 8,
    AUDIT_TALLY_TYPES = 96, /* what has no room is counted as "other" */
    AUDIT_TALLY_WORD = 40
};

struct audit_by_label {
    char label[AUDIT_TALLY_WORD];
    int64_t sent, masked, local, refused, not_sent, unknown; /* records, by decision */
};
struct audit_by_type {
    char type[AUDIT_TALLY_WORD];
    uint64_t masked, held; /* values: tags left in their place; or all of it stayed */
};

struct audit_span {
    uint64_t since_ms;
    struct audit_by_label labels[AUDIT_TALLY_LABELS];
    size_t nlabels;
    struct audit_by_type types[AUDIT_TALLY_TYPES];
    size_t ntypes;
};

enum { AUDIT_TALLY_SPANS = 2 };
struct audit_tally {
    struct audit_reach reach;
    struct audit_span spans[AUDIT_TALLY_SPANS];
    uint64_t bytes; /* read so far, about */
};

/* Brings it up to date: what is new, and so many bytes more of what is old, until all
 * spans are covered or `most` bytes were read.  When a span begins elsewhere than before,
 * all is counted anew.  What is older than t->reach.oldest_ms is not counted (0: no
 * record was found); *ret_is_done: nor will it be, because nothing older is there, or
 * needed. */
struct audit_tally_order {
    const char *state_dir;
    uint64_t since_ms[AUDIT_TALLY_SPANS];
    uint64_t bytes, most;
};
int audit_tally_read(struct audit_tally *t, const struct audit_tally_order *order,
                     bool *ret_is_done, struct err *err);

#endif
