/* tagger.h -- the trained reader of people, places, firms and addresses.
 *
 * A linear-chain model: each token of a stretch (features.h) gets one state, chosen
 * together with its neighbours' by Viterbi over sums of small integers.  No floating
 * point, so every machine reads the same.  The weights are one block of bytes, made by
 * train.h, of which the program carries one (data/guard/tagger.bin) in its read-only
 * pages.
 *
 * What it finds are suspicions: TAGGER_SCORE_MAX stays below what forces a clinical text
 * to be local.  suspects.c weighs them against the rules. */
#ifndef WEIR_SCAN_NER_TAGGER_H
#define WEIR_SCAN_NER_TAGGER_H

#include "core/err.h"
#include "scan/ner/features.h"

/* What a token may be to the spans around it: the first of a person, a later one of an
 * address, nothing (STATE_O). */
enum state {
    STATE_O,
    STATE_PERSON,
    STATE_PERSON_IN,
    STATE_ADDRESS,
    STATE_ADDRESS_IN,
    STATE_LOCATION,
    STATE_LOCATION_IN,
    STATE_ORG,
    STATE_ORG_IN,
    STATE_NRP,
    STATE_TITLE,
    STATE_SPARE,
    STATE_COUNT /* sentinel */
};

enum { STATE_WIDTH = 16 }; /* states, padded to a register */
enum { TAGGER_SCORE_MIN = 40, TAGGER_SCORE_MAX = 70 };

/* Never follows: an inner state after anything but its own kind.  The bounds keep a
 * step of Viterbi within 16 bits. */
enum { STATE_NEVER = -12000, STATE_NEXT_MAX = 4000 };

struct tagger {
    const int8_t *row; /* the buckets, borrowed */
    uint32_t nrows;
    int32_t sure; /* a margin per token that stands for TAGGER_SCORE_MAX */
    int16_t next[STATE_WIDTH][STATE_WIDTH]; /* from, to */
};

/* Borrows the bytes.  -1 for bytes that are not a whole set of weights of this version;
 * `err` says what is wrong with them. */
int tagger_open(struct tagger *t, struct str bytes, struct err *err) NODISCARD;
/* The one built in, without the sum: that would read two megabytes at every start, and
 * a test does it. */
int tagger_open_builtin(struct tagger *t, struct err *err) NODISCARD;
struct str tagger_builtin(void);

struct tagged {
    uint32_t first, end; /* tokens, end exclusive */
    uint16_t type;       /* enum guard_type */
    uint8_t score;
    int32_t margin; /* how much more its states say than that there is nothing */
};

/* The spans of a window in order, in its arena.  False when memory is out. */
bool tagger_run(const struct tagger *t, const struct window *w, struct tagged **ret,
                size_t *ret_n);

/* TYPE_* of a state; GUARD_NTYPES for STATE_O. */
enum guard_type state_type(unsigned state);
/* The state of the first (or a later) token of a span of this type; STATE_O when the
 * tagger does not know the type. */
unsigned state_of_type(enum guard_type t, bool is_first);
/* May `to` follow `from`?  STATE_O stands before the first token. */
bool state_may_follow(unsigned from, unsigned to);

/* The layout of the bytes: header, next[] as int16, buckets; little-endian.  A bucket
 * is a line of cache: four rows with a weight for each state, then their four marks.
 * A feature may lie in any row of its bucket. */
enum {
    TAGGER_SURE_AT = 20,
    TAGGER_HEADER_BYTES = 32,
    TAGGER_NEXT_BYTES = 2 * STATE_COUNT * STATE_COUNT,
    TAGGER_BUCKET_ROWS = 4,
    TAGGER_ROW_BYTES = STATE_COUNT,
    TAGGER_MARKS_AT = TAGGER_BUCKET_ROWS * TAGGER_ROW_BYTES,
    TAGGER_BUCKET_BYTES = 64,
    TAGGER_MIN_ROWS = 1 << 10,
    TAGGER_MAX_ROWS = 1 << 17
};
#define TAGGER_MAGIC "weirtag3"
/* Of everything behind the header. */
uint64_t tagger_sum(struct str s);

static inline uint32_t tagger_bucket(uint32_t hash, uint32_t nrows)
{
    return (uint32_t)((uint64_t)hash * (nrows / TAGGER_BUCKET_ROWS) >> 32);
}

/* 0 marks an empty row. */
static inline uint32_t tagger_mark(uint32_t hash)
{
    return hash ? hash : 1;
}

#endif
