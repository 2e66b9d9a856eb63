/* audit.h -- the chain: every decision on whether something leaves, in files that show
 * when they were altered.
 *
 *   state_dir/audit/chain    one line a record: 64 hexadecimal digits, a space, JSON
 *   state_dir/audit/key      32 random bytes, for digests; 0600
 *
 * The digits are SHA-256 of (those of the line before, a space, this line's JSON); the
 * first line has 64 zeros before it.  chain.h says how files follow each other, and
 * docs/proof.md is the contract.
 *
 * A worker appends to a log of its own and flushes it once a turn, before anything
 * goes to the cloud: audit_flush() returns 0 when its records are in the file, by
 * write(2), so that kill -9 loses none of them.  When it cannot, nothing of that batch
 * is in the file and what it was about must not leave.
 *
 * A thread looks at the file each second.  It syncs what was written, so a power cut
 * loses a second at most; when the disk says that it could not, or when the file was
 * removed, moved or changed by somebody else, nothing is written any more until a new
 * file stands on the disk, whose first record says what became of the old one.  A file
 * that is full or old is followed by a new one, and those past `keep` are deleted, with
 * a record.
 *
 * Records hold names, counts and keyed digests; never a value. */
#ifndef WEIR_LEDGER_AUDIT_AUDIT_H
#define WEIR_LEDGER_AUDIT_AUDIT_H

#include "core/buf.h"
#include "core/err.h"

enum { AUDIT_HASH_TEXT = 65, AUDIT_RECORD_BYTES = 16 * 1024, AUDIT_WORD_BYTES = 256 };

enum audit_decision {
    AUDIT_START,   /* weir began: what follows was decided under these digests */
    AUDIT_SENT,    /* left as it was */
    AUDIT_MASKED,  /* left with tags in the place of values */
    AUDIT_LOCAL,   /* kept: a local engine answered, or is to */
    AUDIT_REFUSED, /* kept: nobody answered */
    AUDIT_LOWERED, /* a person lowered a session's label */
    AUDIT_ALLOWED, /* a person said of a value that it was nothing */
    AUDIT_PAUSED,  /* a person paused the cloud for everybody */
    AUDIT_RESUMED, /* ... and opened it again */
    AUDIT_STOPPED, /* a person stopped an engine that weir runs */
    AUDIT_STARTED, /* ... and started it again */
    /* What came of a SENT or MASKED before it, which is named in `of`: */
    AUDIT_NOT_SENT, /* not one byte of it left */
    AUDIT_UNKNOWN,  /* nobody can know whether it left */
    /* About the record itself: */
    AUDIT_CONTINUED, /* the first record of a file that is not the first */
    AUDIT_DELETED,   /* rows of the ledger, or old files of the chain */
    AUDIT_DECISIONS
};
const char *audit_decision_name(enum audit_decision d);
bool audit_has_left(enum audit_decision d); /* SENT or MASKED */

struct audit_count {
    const char *type;   /* "PERSON" */
    const char *action; /* "mask" */
    uint32_t n;
};

/* Everything but the decision may be empty.  Words longer than AUDIT_WORD_BYTES are
 * cut; what is not UTF-8 is replaced. */
struct audit_record {
    enum audit_decision decision;
    uint64_t ts_ms;           /* 0: now */
    struct str request, key;  /* ids and names, never a secret */
    struct str session;       /* a digest or a name */
    struct str label, source; /* "confidential", "scan" */
    struct str reason;        /* weir's word; for LOWERED, PAUSED ... the person's */
    struct str engine, model;
    struct str of;            /* "sent" or "masked": what is taken back */
    uint32_t attempt;         /* of the request, from 1; 0: none was made */
    uint64_t bytes;           /* of the body that goes out, or would have */
    struct str rules, policy; /* digests of the rule set and of the configuration */
    struct str digest;        /* of the body: audit_digest() */
    struct str would;         /* shadow mode: the decision that was not enforced */
    const struct audit_count *counts;
    size_t ncounts;
    /* CONTINUED: what it follows from, the newest time before it, and whether some of
     * what was before it may be gone. */
    struct str head;
    uint64_t before, newest_ms;
    bool is_gap;
    /* DELETED: what, and how many rows, or the last record that is gone. */
    struct str what;
    uint64_t rows, through;
};

struct audit;
struct audit_log;

/* Creates what is missing, cuts a last record that was never finished, and takes a
 * lock.  Never NULL for the disk's sake: when *err is set (ERR_INTERNAL "audit_locked",
 * "audit_broken": a chain that does not end in a good record is left alone for weir
 * prove to look at, or "audit_unwritable") nothing can be flushed, and it is tried again
 * each second.  NULL: memory is out. */
struct audit *audit_create(const char *state_dir, struct err *err);
/* The same; NULL when it cannot be written now. */
struct audit *audit_open(const char *state_dir, struct err *err);
void audit_close(struct audit *a); /* after all its logs; syncs; NULL is fine */

/* When a file is full, and how long full files are kept.  Any thread. */
struct audit_limits {
    uint64_t file_bytes; /* 0: as delivered, 64 MiB */
    uint64_t keep_ms;    /* 0: for ever */
};
void audit_set_limits(struct audit *a, const struct audit_limits *limits);

/* Writes a START record, and again in each file that is begun later.  -1: it is not in
 * the chain yet, but will be the first thing there. */
int audit_start(struct audit *a, const struct audit_record *r, struct err *err);

/* One a worker; used by one thread at a time.  NULL when memory is out. */
struct audit_log *audit_log_create(struct audit *a);
void audit_log_free(struct audit_log *log); /* drops what was not flushed */

/* Takes the record into the batch.  -1: no room, ERR_OVERLOAD "audit_full". */
int audit_append(struct audit_log *log, const struct audit_record *r, struct err *err);
/* Writes the batch.  -1: ERR_OVERLOAD "audit_unwritable"; the batch is then dropped
 * and counted, and the next record that is written says how many there were. */
int audit_flush(struct audit_log *log, struct err *err);

struct audit_head {
    char hash[AUDIT_HASH_TEXT]; /* of the last record; zeros before the first */
    uint64_t count;
    uint64_t lost; /* not yet told in a record */
};
struct audit_head audit_head(struct audit *a);

/* For /ready and /metrics; never waits for the disk. */
struct audit_health {
    bool is_writable;
    uint64_t lost;          /* decisions that could not be written, since the start */
    uint64_t sync_failures; /* times that the disk did not take what was written */
    uint64_t gaps;          /* new files begun because of somebody else, or of the disk */
};
struct audit_health audit_health(const struct audit *a); /* NULL: not writable */

/* HMAC-SHA-256 of the bytes under the chain's own key, as 64 hexadecimal digits: tells
 * that two bodies are one, to whoever has the key.  False: there is no key yet. */
bool audit_digest(const struct audit *a, struct str bytes, char ret[AUDIT_HASH_TEXT]);

#endif
