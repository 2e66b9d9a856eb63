/* learned.h -- which prompts a local model answers as well as the cloud, learnt from
 * prompts that many models have answered.
 *
 * Two linear heads over features.h: how much better the cloud's answer is expected to be
 * (`gap`: the score that prompts are ordered by) and whether the local one suffices.  The
 * weights are one block of bytes, made by train/train.h; the program carries one
 * (data/router/weights.bin).  Reading a prompt takes no memory, no lock and no clock, and
 * gives the same figures every time.
 *
 * What it knows is kinds of questions, not your models: a score orders prompts, and a
 * threshold that fits one pair of models and one kind of traffic fits no other. */
#ifndef WEIR_ROUTE_LEARNED_LEARNED_H
#define WEIR_ROUTE_LEARNED_LEARNED_H

#include "core/err.h"
#include "route/learned/features.h"

enum { ROUTER_BUCKETS = 65536, ROUTER_KNOTS = 32, ROUTER_QUANTILES = 33, ROUTER_TOP = 3 };
enum router_head { HEAD_GAP, HEAD_SUFFICES, HEAD_COUNT };

/* A step function that rises: P at and above x of a knot, straight lines between. */
struct router_knot {
    float x, p;
};

/* Everything but the table of terms; as it stands in the file. */
struct router_weights {
    float figure[HEAD_COUNT][F_NFEATURES];
    float usual[F_NFEATURES]; /* the mean of each figure where it was learnt */
    float bias[HEAD_COUNT];
    float unit[HEAD_COUNT]; /* what 1 in the table is worth */
    uint32_t nknots;
    struct router_knot knots[ROUTER_KNOTS]; /* HEAD_SUFFICES -> P(local suffices) */
    /* HEAD_GAP of the prompts it was learnt from, lowest to highest: what stands for a
     * traffic that is not yet known. */
    float quantile[ROUTER_QUANTILES];
    uint8_t common[COMMON_BYTES];
};

struct router {
    struct router_weights w;
    const int8_t *table; /* ROUTER_BUCKETS times HEAD_COUNT; borrowed */
    struct cue_table words;
    uint32_t digest; /* of the bytes: scores of other weights are no longer comparable */
};

/* Borrows the bytes.  -1 and ERR_CONFIG for bytes that are not whole weights of this
 * version; the message says what is wrong and what helps. */
int router_open(struct router *r, struct str bytes, struct err *err) NODISCARD;
/* The weights that the program carries. */
struct str router_builtin(void);

struct router_cause {
    uint16_t feature; /* F_NFEATURES: the words of the prompt */
    float weight;     /* of the gap; above 0: for the cloud */
    bool is_high;     /* more of it than usual */
};

struct router_score {
    float gap;      /* expected gain by the cloud, as a share of a whole score */
    float suffices; /* P(the local answer is as good), 0..1 */
    enum prompt_kind kind;
    struct router_cause top[ROUTER_TOP]; /* what weighed most, largest first */
};

void router_read(const struct router *r, struct str text, struct router_score *ret);
/* The same for a prompt that has been read. */
void router_judge(const struct router *r, const struct prompt *p,
                  struct router_score *ret);

/* "a word problem: numbers above usual (cloud), its words (local)": at most n bytes with
 * the NUL.  Returns the length. */
size_t router_words(const struct router_score *s, char *out, size_t n);

/* The gap above which this share (0..1) of the training prompts lies. */
float router_quantile(const struct router *r, float share);

#endif
