/* net_train.h -- annotated texts in, the bytes of net.h out.
 *
 * Batches of passages, cross-entropy, Adam; in floats whose sums have one order on every
 * machine, so the same texts and options give the same bytes.  A text that is marked
 * people_only has no places, firms or other names marked: there "nothing" means "no
 * person".  Words are forgotten at random, so that the weights lean on letters, lists and
 * what stands around. */
#ifndef WEIR_SCAN_NER_TRAIN_NET_TRAIN_H
#define WEIR_SCAN_NER_TRAIN_NET_TRAIN_H

#include "scan/ner/net.h"
#include "scan/ner/train/train.h"

struct net_train_options {
    uint64_t seed;
    unsigned epochs;
    uint32_t rows;
    int32_t lean[NET_SCRIPTS]; /* of net.h */
    unsigned weight;           /* of a piece of a person against others, in tenths */
    unsigned rate;             /* of learning, in millionths */
    void (*progress)(void *ctx, unsigned epoch, size_t done, size_t of);
    void *ctx;
};

struct net_train_report {
    size_t texts, held_out;
    uint64_t pieces;               /* of an epoch */
    double loss[TRAIN_MAX_EPOCHS]; /* of a piece, while learning */
    struct train_count seen, held; /* persons told exactly */
};

int net_train(const struct scanner *sc, const struct train_text *texts, size_t n,
              const struct net_train_options *o, struct buf *ret,
              struct net_train_report *report, struct err *err) NODISCARD;

#endif
