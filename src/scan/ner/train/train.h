/* train.h -- annotated texts in, the bytes of tagger.h out.
 *
 * A structured perceptron whose weights are averaged over all its steps, in integers:
 * the same texts, seed and epochs give the same bytes on every machine.  One group of
 * texts in ten is held out (a group is what must not be split: texts of one template),
 * so the figures are of texts the weights have not seen. */
#ifndef WEIR_SCAN_NER_TRAIN_TRAIN_H
#define WEIR_SCAN_NER_TRAIN_TRAIN_H

#include "core/buf.h"
#include "scan/scan.h"

struct train_span {
    uint32_t start, end; /* bytes of the text */
    uint16_t type;       /* enum guard_type; types the tagger does not know are skipped */
};

struct train_text {
    struct str text;               /* borrowed */
    const struct train_span *span; /* sorted, without overlaps */
    size_t nspan;
    uint64_t group;
    bool people_only; /* places, firms and other names are not marked in it */
};

enum { TRAIN_MAX_TEXT_BYTES = 32 * 1024, TRAIN_MAX_EPOCHS = 100, TRAIN_HELD_OUT = 10 };

struct train_options {
    uint64_t seed;
    unsigned epochs;
    uint32_t rows;
    /* Called after each thousand texts or so; may be NULL. */
    void (*progress)(void *ctx, unsigned epoch, size_t done, size_t of);
    void *ctx;
};

/* Spans told exactly, as counts. */
struct train_count {
    uint64_t gold, told, right;
};

struct train_report {
    size_t texts, held_out, tokens;   /* tokens looked at in one epoch */
    size_t features;                  /* seen often enough to be learnt from */
    uint64_t wrong[TRAIN_MAX_EPOCHS]; /* tokens, by epoch, while learning */
    struct train_count seen[GUARD_NTYPES], held[GUARD_NTYPES];
};

/* Limits, and spans that lie inside their text, in order. */
int train_check_texts(const struct train_text *x, size_t n, struct err *err) NODISCARD;

/* Appends the weights to *ret.  Fails for texts past the limits, for spans outside
 * their text, and when memory is out. */
int tagger_train(const struct scanner *sc, const struct train_text *texts, size_t n,
                 const struct train_options *o, struct buf *ret,
                 struct train_report *report, struct err *err) NODISCARD;

#endif
