/* net.h -- the trained reader of names: who in a window is a person.
 *
 * A convolution over pieces (pieces.h): the rows of a piece are added up, and layers that
 * see three pieces each, one and those 1, 2 or 4 places from it, are each added to what
 * they read; then each piece gets one class, chosen together by Viterbi.  All in whole
 * numbers, so every machine reads the same.  The weights are one block of bytes, made by
 * train/net_train.h, of which the program carries one (data/guard/names.bin) in its
 * read-only pages.
 *
 * What it finds are suspicions, as are the tagger's: NET_SCORE_MAX stays below what
 * forces a clinical text to be local. */
#ifndef WEIR_SCAN_NER_NET_H
#define WEIR_SCAN_NER_NET_H

#include "core/err.h"
#include "scan/ner/pieces.h"

enum {
    NET_WIDTH = 64,
    NET_LAYERS = 3,
    NET_SPAN = 3, /* pieces that a layer sees: one, and one on each side, so far away: */
    NET_FAR = 4,  /* 1, 2, 4 for one layer after the other; at most this */
    NET_AROUND = 7, /* all of these: pieces on each side that may change what one is */
    NET_IN = NET_SPAN * NET_WIDTH,
    NET_CLASSES = 9,
    NET_PASSAGE = 192, /* pieces read together, and NET_AROUND more on each side */
    NET_MIN_ROWS = PIECE_FIXED_ROWS + 64,
    NET_MAX_ROWS = 1 << 17
};
enum { NET_SCORE_WEAK = 40, NET_SCORE_MIN = 44, NET_SCORE_MAX = 70 };

/* Classes: nothing, then the first and the later pieces of a span. */
enum net_class {
    NET_NOTHING,
    NET_PERSON,
    NET_PERSON_IN,
    NET_PLACE,
    NET_PLACE_IN,
    NET_FIRM,
    NET_FIRM_IN,
    NET_OTHER,
    NET_OTHER_IN
};

/* Whole numbers for fractions: a table's byte is 1/64, a sum between layers 1/256, a
 * weight 1/2048. */
enum {
    NET_TABLE_ONE = 64,
    NET_SUM_ONE = 256,
    NET_WEIGHT_ONE = 2048,
    NET_WEAK = 400, /* how much less likely a weak person is at most */
    NET_SUM_MAX = 1 << 13,
    NET_WEIGHTS_MAX = 1 << 17 /* of one output, together: its sum fits 32 bits */
};

/* Where a passage has most of its words: a miss weighs more than an invention where there
 * are fewer texts to learn from. */
enum net_script {
    NET_LATIN,
    NET_CASED,   /* Greek, Cyrillic and others with capitals */
    NET_UNCASED, /* Arabic, Hindi, Chinese */
    NET_SCRIPTS  /* sentinel */
};

/* How far from a piece the neighbours are that a layer sees. */
static inline size_t net_far(size_t layer)
{
    return (size_t)1 << layer;
}

struct net {
    /* Pairs of inputs, then outputs.  Read faster where a line of the cache begins here.
     */
    int16_t layer[NET_LAYERS][NET_IN / 2][NET_WIDTH][2];
    const int8_t *row; /* nrows of NET_WIDTH, borrowed */
    uint32_t nrows;
    int32_t lean[NET_SCRIPTS]; /* added to what speaks for a person, in 1/256 */
    int32_t bias[NET_LAYERS][NET_WIDTH];
    int16_t out[NET_CLASSES][NET_WIDTH];
    int32_t out_bias[NET_CLASSES];
};

/* Borrows the bytes of the rows.  -1 for bytes that are not a whole net of this version;
 * `err` says what is wrong with them. */
int net_open(struct net *t, struct str bytes, struct err *err) NODISCARD;
/* The one built in, without the sum: a test does it. */
int net_open_builtin(struct net *t, struct err *err) NODISCARD;
struct str net_builtin(void);

struct named {
    uint32_t start, end; /* bytes of the normalised text */
    uint8_t score;
    bool is_weak; /* less likely than anything else, but not by much: consent, no more */
    int32_t margin; /* by how much a person is likelier than anything else, in 1/256 */
};

/* The persons of a window in order, in its arena.  False when memory is out. */
bool net_run(const struct net *t, const struct window *w, struct named **ret,
             size_t *ret_n);

/* May `to` follow `from`?  NET_NOTHING stands before the first piece. */
static inline bool net_may_follow(unsigned from, unsigned to)
{
    bool is_inner = to != NET_NOTHING && to % 2 == 0;
    return !is_inner || from == to || from + 1 == to;
}

/* The layout of the bytes: header, layers, biases, output, rows; little-endian. */
#define NET_MAGIC "weirnam2"
enum {
    NET_HEADER_BYTES = 64,
    NET_VERSION_AT = 8,
    NET_ROWS_AT = 12,
    NET_SUM_AT = 24,
    NET_LEAN_AT = 32, /* one for each script */
    NET_WEIGHT_BYTES = 2 * NET_LAYERS * NET_IN * NET_WIDTH + 4 * NET_LAYERS * NET_WIDTH +
                       2 * NET_CLASSES * NET_WIDTH + 4 * NET_CLASSES
};

#endif
