/* audit_tail.h -- the newest part of the chain, for whoever looks at it: a file at a
 * time, from its end backwards, and then what is added.  Nothing is checked here:
 * audit_check.h does.
 *
 * Needs no lock and holds no file open between two calls: files may be followed by
 * others, put aside and deleted meanwhile. */
#ifndef WEIR_LEDGER_AUDIT_AUDIT_TAIL_H
#define WEIR_LEDGER_AUDIT_AUDIT_TAIL_H

#include "ledger/audit/audit_line.h"

/* What has been read: all records from one place on, up to another.  Zeroed: nothing. */
struct audit_reach {
    bool is_begun;
    bool is_whole; /* no older file is there */
    uint64_t from_file,
        from_at; /* the number of a file's first record, and a byte in it */
    uint64_t to_file, to_at;
    uint64_t oldest_ms; /* of the oldest record that was read; 0: none was */
};
/* A record that looks like one; strings live until it returns. */
typedef void audit_tail_fn(void *ctx, struct str hash, struct str json);

/* Goes back by about so many bytes, at least a record; records of a piece come oldest
 * first. Of a reach that is not begun it begins at the end.  *reach is set back to
 * nothing when the files are no longer those that were read: whoever keeps sums begins
 * anew.  0 also where there is no chain at all (is_whole then).  -1: it cannot be read.
 */
int audit_tail_back(const char *state_dir, uint64_t bytes, struct audit_reach *reach,
                    audit_tail_fn *fn, void *ctx, struct err *err);
/* What was added behind the reach.  When that is more than so many bytes, *reach is set
 * back to nothing. */
int audit_tail_on(const char *state_dir, uint64_t bytes, struct audit_reach *reach,
                  audit_tail_fn *fn, void *ctx, struct err *err);

/* The records of one request among the newest `bytes` of the chain, oldest first within a
 * piece. *ret_since_ms: nothing older was looked at, or is there; 0: there is no
 * record. */
int audit_find(const char *state_dir, struct str request, uint64_t bytes,
               audit_tail_fn *fn, void *ctx, uint64_t *ret_since_ms, struct err *err);

#endif
