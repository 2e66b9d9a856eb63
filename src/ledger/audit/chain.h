/* chain.h -- the files of the audit chain; inside this room.
 *
 *   state_dir/audit/chain               the file that is written
 *   state_dir/audit/chain-000000001001  one that is full: it begins with record 1001
 *   state_dir/audit/chain.aside-1       one that somebody else changed
 *   state_dir/audit/chain.new           one that is just being begun
 *   state_dir/audit/key                 32 random bytes
 *
 * Joined in the order of their names, with `chain` last, the files are one chain: a new
 * file's first record follows from the last of the file before it.  That first record
 * (AUDIT_CONTINUED) also has the hash that it follows from, so the files from any one on
 * can be checked without those before it. */
#ifndef WEIR_LEDGER_AUDIT_CHAIN_H
#define WEIR_LEDGER_AUDIT_CHAIN_H

#include "ledger/audit/audit_line.h"

#include <sys/types.h>

enum { CHAIN_KEY_BYTES = 32, CHAIN_NAME = 48 };

struct chain {
    const char *state_dir; /* borrowed */
    unsigned char key[CHAIN_KEY_BYTES];
    bool has_key;
    int fd;                     /* -1: none; locked */
    uint64_t end;               /* its length in bytes, as we left it */
    uint64_t count;             /* number of the last record */
    uint64_t first;             /* number of this file's first one */
    uint64_t first_ms;          /* its time; 0: the file is empty */
    uint64_t newest_ms;         /* of all records up to now; UINT64_MAX: not known */
    char hash[AUDIT_HASH_TEXT]; /* of the last record */
    bool is_new;                /* opened without a record in it */
    const char *missing; /* why the file that was opened is not the one that should be */
};

void chain_init(struct chain *c, const char *state_dir);
void chain_release(struct chain *c);
/* Creates what is missing and finds the end; codes as audit_open().  c->missing is set
 * when a chain was here once and its end is gone. */
int chain_open(struct chain *c, struct err *err);

/* NULL, or why the file is no longer the one we left: removed, changed, renamed.  The
 * quick one looks at the open file alone. */
const char *chain_trouble_quick(const struct chain *c);
const char *chain_trouble(const struct chain *c);

/* Begins a new file whose first record is `head`, a CONTINUED one; what it follows from
 * is filled in.  The file that was there becomes one of the full ones, or is put aside
 * when it is not as we left it; the name it got is in ret_old, "" when there was none.
 * -1: all is as it was. */
int chain_begin(struct chain *c, struct audit_record *head, uint64_t lost,
                char ret_old[CHAIN_NAME], struct err *err);

/* chain_end.c: count, hash and times from what the file holds. */
int chain_find_end(struct chain *c, struct err *err);

/* The numbers of the full files, in order. */
struct chain_list {
    uint64_t *first;
    size_t n;
};
int chain_list(const char *state_dir, struct chain_list *ret, struct err *err);
void chain_list_release(struct chain_list *l);
/* The first whole line of a file, at most `size` bytes; 0, or -1 when it has none. */
int chain_first_line(int fd, char *out, size_t size, struct str *ret);
/* "/chain-000000001001" */
void chain_name(uint64_t first, char ret[CHAIN_NAME]);

#endif
