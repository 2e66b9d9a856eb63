/* fields.h -- the payload of a record of version 3: fields without an order that matters.
 *
 * A key is a number << 1, and 1 more before bytes.  Behind it stands a varint (7 bits a
 * byte, the lowest first, the top bit says that more follow), or the varint of a length
 * and that many bytes.  What is zero or empty is left out.  "signed" is a number folded
 * so that small ones of both signs are short: 0, -1, 1, -2, ...
 *
 * A number keeps its meaning for ever; a new field gets a new one.  All below 64 have a
 * key of one byte. */
#ifndef WEIR_LEDGER_LOG_FIELDS_H
#define WEIR_LEDGER_LOG_FIELDS_H

#include "core/str.h"

enum field {
    FIELD_UID = 1, /* 8 bytes; always the first (record.h says why) */
    /* OPEN and SETTLE */
    FIELD_TS = 2,      /* ms, signed, from the uid's time */
    FIELD_SESSION = 3, /* 8 bytes */
    FIELD_DIALECT = 4,
    FIELD_SURFACE = 5,
    FIELD_LABEL = 6, /* 1 unlabelled, 2 public, ...; 0: none */
    FIELD_REQUEST_ID = 7,
    FIELD_KEY = 8,
    FIELD_MODEL_ASKED = 9,
    /* ATTEMPT, LEG and SETTLE */
    FIELD_NUMBER = 10,
    FIELD_PURPOSE = 11,
    FIELD_SIDE = 12,
    FIELD_ENGINE = 13,
    FIELD_MODEL = 14,
    FIELD_POLICY = 15,
    FIELD_ROLE = 16,
    FIELD_REASONS = 17,
    /* LEG and SETTLE */
    FIELD_STATUS = 18,
    FIELD_OUTCOME = 19,
    FIELD_ERROR_CODE = 20,
    FIELD_FLAGS = 21,
    FIELD_INPUT = 22,
    FIELD_CACHED = 23,
    FIELD_CACHE_WRITE = 24,
    FIELD_OUTPUT = 25,
    FIELD_REASONING = 26,
    FIELD_AUDIO_INPUT = 27,
    FIELD_AUDIO_OUTPUT = 28,
    FIELD_TIER = 29,
    FIELD_COST = 30, /* nano-dollars, signed; -1 unknown */
    FIELD_PRICE_DATE = 31,
    FIELD_STARTED = 32, /* ms after the request came */
    FIELD_TTFT = 33,    /* ms and 1; 0: no content came */
    FIELD_TOTAL = 34,
    FIELD_SENT_BYTES = 35, /* LEG: to the engine; SETTLE: the request's */
    FIELD_ANSWER_BYTES = 36,
    /* SETTLE */
    FIELD_SESSION_NAME = 37,
    FIELD_ATTEMPTS = 38,
    FIELD_LEGS = 39,
    FIELD_KNEW_INPUT = 40,
    FIELD_KNEW_OUTPUT_LIMIT = 41,
    FIELD_KNEW_NEEDS = 42,
    FIELD_KNEW_FLAGS = 43,
    FIELD_KNEW_LATENCY = 44,
    FIELD_KNEW_DEADLINE = 45,
    FIELD_KNEW_DEADLINE_S = 46,
    FIELD_KNEW_HEALTH = 47,
    /* FEEDBACK, which has FIELD_TS too */
    FIELD_FEEDBACK = 48,
    /* SETTLE */
    FIELD_NOTED = 49,
    FIELD_COUNT
};

#define FIELD_BIT(f) (UINT64_C(1) << (f))
#define FIELDS_OF_BYTES                                                                  \
    (FIELD_BIT(FIELD_UID) | FIELD_BIT(FIELD_SESSION) | FIELD_BIT(FIELD_REQUEST_ID) |     \
     FIELD_BIT(FIELD_KEY) | FIELD_BIT(FIELD_MODEL_ASKED) | FIELD_BIT(FIELD_ENGINE) |     \
     FIELD_BIT(FIELD_MODEL) | FIELD_BIT(FIELD_POLICY) | FIELD_BIT(FIELD_ROLE) |          \
     FIELD_BIT(FIELD_REASONS) | FIELD_BIT(FIELD_ERROR_CODE) |                            \
     FIELD_BIT(FIELD_PRICE_DATE) | FIELD_BIT(FIELD_SESSION_NAME) |                       \
     FIELD_BIT(FIELD_KNEW_HEALTH) | FIELD_BIT(FIELD_NOTED))

/* FIELD_FLAGS of a SETTLE, and of a LEG. */
enum {
    ROW_ENGINE = 1,
    ROW_USAGE = 2,
    ROW_REPORTED = 4,
    ROW_STREAM = 8,
    ROW_AT_CLOUD = 16,
    LEG_FLAG_PROMISED = 1,
    LEG_FLAG_USAGE = 2,
    LEG_FLAG_REPORTED = 4,
    LEG_FLAG_LEFT = 8,
    LEG_FLAG_BARE = 16,
    KNEW_QUALITY = 1,
    KNEW_LATENCY = 2
};

#endif
