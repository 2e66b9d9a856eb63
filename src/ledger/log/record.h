/* record.h -- one record of the log: how it is laid out and how far it is trusted.
 *
 *   0  magic    F7 B1
 *   2  type     1 OPEN, 2 ATTEMPT, 3 SETTLE, 4 LEG, 5 FEEDBACK
 *   3  version  3; 1 and 2 are of weirs until 0.1.1, and are read
 *   4  length   u32 of the payload
 *   8  crc32c   u32 over bytes 2..7 and the payload
 *  12  payload
 *
 * Integers of the head are little-endian.  The payload of version 3 is fields, each
 * behind its key (fields.h); a reader steps over fields that it does not know.
 *
 * Nothing a client sends can look like a record when a reader searches for the next one
 * after damage.  F7 is no byte of UTF-8 and is replaced in every string that is stored. A
 * number may hold F7 B1 and the type, but behind a number comes a key or the next record,
 * and no key that may come there is one of the versions that there are: uid, whose key is
 * 3, is always the first.  docs/ledger.md lists the fields. */
#ifndef WEIR_LEDGER_LOG_RECORD_H
#define WEIR_LEDGER_LOG_RECORD_H

#include "core/buf.h"
#include "ledger/row.h"

enum record_type {
    RECORD_OPEN = 1,
    RECORD_ATTEMPT = 2,
    RECORD_SETTLE = 3,
    RECORD_LEG = 4,
    RECORD_FEEDBACK = 5
};

enum {
    RECORD_MAGIC_0 = 0xF7,
    RECORD_MAGIC_1 = 0xB1,
    RECORD_VERSION_1 = 1,
    RECORD_VERSION_2 = 2,
    RECORD_VERSION = 3,
    RECORD_HEAD_BYTES = 12,
    RECORD_WORD_BYTES = 512, /* ceiling of a name; longer ones are cut */
    RECORD_REASONS_BYTES = 16 * 1024,
    RECORD_PAYLOAD_BYTES = 32 * 1024 /* ceiling a reader accepts */
};

/* Append one record whole, or nothing: false when the buffer has no room for the longest
 * that there may be. */
bool record_put_open(struct buf *b, const struct ledger_open *o);
bool record_put_attempt(struct buf *b, const struct ledger_attempt *a);
bool record_put_leg(struct buf *b, const struct ledger_leg *l);
bool record_put_settle(struct buf *b, const struct ledger_row *r);
bool record_put_feedback(struct buf *b, const struct ledger_feedback *f);

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
/* The size that its head tells; 0 when there is no such record in front. */
size_t record_size(struct str bytes);
const char *record_state_name(enum record_state s);

/* The record whole, as it stands in the log. */
struct str record_bytes(const struct record *r);

/* Strings point into the payload.  False when it is not of this type, or of no version
 * that there is, or when its fields do not add up; nothing outside the payload is ever
 * read.  A word of a closed set that only a newer weir knows is read as the nearest. */
bool record_get_open(const struct record *r, struct ledger_open *ret);
bool record_get_attempt(const struct record *r, struct ledger_attempt *ret);
bool record_get_leg(const struct record *r, struct ledger_leg *ret);
bool record_get_feedback(const struct record *r, struct ledger_feedback *ret);
/* Versions 1 and 2 have the legs in the same record: they are put in *legs, and so into
 * the row.  Else *legs is empty. */
bool record_get_settle(const struct record *r, struct ledger_row *ret,
                       struct ledger_legs *legs);

#endif
