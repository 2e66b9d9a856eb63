/* audit_line.h -- one line of the chain; inside this room. */
#ifndef WEIR_LEDGER_AUDIT_AUDIT_LINE_H
#define WEIR_LEDGER_AUDIT_AUDIT_LINE_H

#include "ledger/audit/audit.h"

enum {
    AUDIT_HASH_DIGITS = AUDIT_HASH_TEXT - 1,
    AUDIT_LINE_BYTES = AUDIT_RECORD_BYTES + AUDIT_HASH_TEXT + 128,
    AUDIT_PATH = 4096
};

/* ret, filled.  state_dir has room for every name (state_dir_check()). */
const char *audit_path(const char *state_dir, const char *name, char ret[AUDIT_PATH]);

void audit_hash_zero(char ret[AUDIT_HASH_TEXT]);
void audit_hex(const unsigned char *bytes, size_t n, char *ret); /* ends in NUL */

/* The record's JSON without its opening {"seq":N, and with a line end. */
void audit_put_record(const struct audit_record *r, struct buf *out);
/* Appends a whole line; `rest` is one as above.  `hash` is the line before's, and
 * becomes this one's. */
void audit_put_line(uint64_t seq, uint64_t lost, struct str rest,
                    char hash[AUDIT_HASH_TEXT], struct buf *out);

/* Does this line (without its end) follow the line that has `hash`?  *ret_json is its
 * JSON.  Upper-case digits are no hash. */
bool audit_line_follows(struct str line, const char *hash, struct str *ret_json);
/* A member of a record's JSON by its name, as it was written by weir; false when it has
 * none.  A word must have no escapes: for hashes. */
bool audit_number(struct str json, const char *name, uint64_t *ret);
bool audit_word(struct str json, const char *name, struct str *ret);
/* It looks like a line at all. */
bool audit_line_split(struct str line, struct str *ret_hash, struct str *ret_json);

#endif
