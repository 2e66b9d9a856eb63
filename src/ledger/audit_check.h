/* audit_check.h -- reading the chain and saying whether it is whole. */
#ifndef WEIR_LEDGER_AUDIT_CHECK_H
#define WEIR_LEDGER_AUDIT_CHECK_H

#include "ledger/audit.h"

/* One good record; strings live until the callback returns. */
struct audit_seen {
    uint64_t seq, ts_ms, bytes, lost;
    enum audit_decision decision;
    bool is_of_masked; /* NOT_SENT, UNKNOWN: about one that was MASKED */
    uint64_t attempt;
    struct str request, key, label, engine, reason; /* empty when absent */
    struct str types;                               /* raw JSON list */
    struct str json, hash;
};
typedef void audit_visit(void *ctx, const struct audit_seen *s);

struct audit_chain {
    uint64_t count; /* good records, from the first on */
    char head[AUDIT_HASH_TEXT];
    uint64_t torn_bytes; /* a last record that was never finished */
    const char *broken;  /* why the chain is not whole, or NULL */
    uint64_t bad_record; /* its place from 1, and its first byte in the file */
    uint64_t bad_byte;
};

/* Calls visit (may be NULL) for each good record up to the first bad one.  A broken
 * chain is not an error of this function.  -1: ERR_NOT_FOUND "audit_missing", or the
 * file cannot be read. */
int audit_check(const char *state_dir, audit_visit *visit, void *ctx,
                struct audit_chain *ret, struct err *err);

#endif
