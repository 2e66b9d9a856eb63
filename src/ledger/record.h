/* record.h -- one record of the log: how it is laid out and how far it is trusted.
 *
 *   0  magic    F7 B1
 *   2  type     1 OPEN, 2 ATTEMPT, 3 SETTLE
 *   3  version  1, or 2 where the record says more than version 1 could
 *   4  length   u32 of the payload
 *   8  crc32c   u32 over bytes 2..7 and the payload
 *  12  payload
 *
 * All integers are little-endian.  F7 is no byte of UTF-8 and is replaced in every
 * string that is stored, so nothing a client sends can look like a record when a
 * reader searches for the next one after damage.  docs/ledger.md lists the payloads. */
#ifndef WEIR_LEDGER_RECORD_H
#define WEIR_LEDGER_RECORD_H

#include "core/buf.h"
#include "ledger/row.h"

enum record_type { RECORD_OPEN = 1, RECORD_ATTEMPT = 2, RECORD_SETTLE = 3 };

enum {
    RECORD_MAGIC_0 = 0xF7,
    RECORD_MAGIC_1 = 0xB1,
    RECORD_VERSION = 1,   /* of OPEN, and of a SETTLE that needs no more */
    RECORD_VERSION_2 = 2, /* of ATTEMPT, and of a SETTLE after failed attempts */
    RECORD_HEAD_BYTES = 12,
    RECORD_WORD_BYTES = 512, /* ceiling of a name; longer ones are cut */
    RECORD_REASONS_BYTES = 16 * 1024,
    RECORD_PAYLOAD_BYTES = 32 * 1024 /* ceiling a reader accepts */
};

/* Append one record whole, or nothing: false when the buffer is at its maximum. */
bool record_put_open(struct buf *b, const struct ledger_open *o);
bool record_put_attempt(struct buf *b, const struct ledger_attempt *a);
bool record_put_settle(struct buf *b, const struct ledger_row *r);

struct record {
    unsigned type, version;
    struct str payload; /* points into what was parsed */
    size_t size;        /* head and payload */
};

enum record_state {
    RECORD_WHOLE,
    RECORD_CUT,     /* begins like a record, ends past the bytes given */
    RECORD_FOREIGN, /* does not begin like a record */
    RECORD_DAMAGED  /* bad checksum */
};
/* Looks at the front of `bytes`; *ret is set for RECORD_WHOLE. */
enum record_state record_parse(struct str bytes, struct record *ret);
const char *record_state_name(enum record_state s);

/* Strings point into the payload.  False when it is not of this type and version or
 * its fields do not add up; nothing outside the payload is ever read. */
bool record_get_open(const struct record *r, struct ledger_open *ret);
bool record_get_attempt(const struct record *r, struct ledger_attempt *ret);
/* The record whole, as it stands in the log. */
struct str record_bytes(const struct record *r);
bool record_get_settle(const struct record *r, struct ledger_row *ret);

#endif
