/* audit_check.h -- reading the chain and saying whether it is whole. */
#ifndef WEIR_LEDGER_AUDIT_AUDIT_CHECK_H
#define WEIR_LEDGER_AUDIT_AUDIT_CHECK_H

#include "ledger/audit/audit.h"

/* One good record; strings live until the callback returns. */
struct audit_seen {
    uint64_t seq, ts_ms, bytes, lost;
    enum audit_decision decision;
    bool is_of_masked; /* NOT_SENT, UNKNOWN: about one that was MASKED */
    uint64_t attempt;
    struct str request, key, label, engine, reason; /* empty when absent */
    struct str types;                               /* raw JSON list */
    /* CONTINUED and DELETED: see audit.h. */
    struct str head, what;
    uint64_t before, newest_ms, rows, through;
    bool is_gap;
    struct str json, hash;
};
typedef void audit_visit(void *ctx, const struct audit_seen *s);

/* Records that should be before a file's first and are not: the file says that
 * something was lost there, and why. */
struct audit_gap {
    uint64_t from, to, ts_ms; /* from 0: how many there were is not known */
    char why[AUDIT_WORD_BYTES + 1];
};

struct audit_chain {
    uint64_t first;         /* number of the first record that was read; 1: all of them */
    uint64_t first_file_ms; /* when that file was begun; 0 when first is 1 */
    uint64_t count;         /* number of the last good record */
    uint64_t deleted_through; /* weir deleted old files up to this record */
    char head[AUDIT_HASH_TEXT];
    char before[AUDIT_HASH_TEXT]; /* what the first record read follows from */
    uint64_t torn_bytes;          /* a last record that was never finished */
    uint64_t ngaps;
    struct audit_gap gap; /* the newest one */
    bool is_partial;      /* older files are there and were left out */
    const char *broken;   /* why the chain is not whole, or NULL; perhaps in `why` */
    char why[128];
    uint64_t bad_record; /* its number, and its first byte in its file */
    uint64_t bad_byte;
    char bad_file[64]; /* "audit/chain" */
};

/* Calls visit (may be NULL) for each good record up to the first bad one.  Files that
 * hold nothing as new as since_ms are left out (0: none is; UINT64_MAX: all but the
 * last).  A broken chain is not an error of this function.  -1: ERR_NOT_FOUND
 * "audit_missing", or a file cannot be read. */
int audit_check(const char *state_dir, uint64_t since_ms, audit_visit *visit, void *ctx,
                struct audit_chain *ret, struct err *err);

/* Bytes of all files that audit_check() would read; 0 where there is none, or nobody can
 * say. */
uint64_t audit_size(const char *state_dir);

#endif
