/* prior_train.h -- labelled texts in, the table of prior.h out.
 *
 * A name that the scan finds and that is marked as a person in its text is a private
 * one; every name found in a text without marked persons is none.  What is found beside
 * the marks of a text that has some teaches nothing.  The same texts and options give the
 * same bytes on every machine. */
#ifndef WEIR_SCAN_NAMES_PRIOR_TRAIN_H
#define WEIR_SCAN_NAMES_PRIOR_TRAIN_H

#include "scan/names/prior.h"
#include "scan/ner/train/train.h"

enum { PRIOR_CUTS = 17 };

struct prior_options {
    uint64_t seed;
    unsigned epochs;
    unsigned weight; /* of a private name against others, in tenths */
};

/* What texts that were not learnt from would become of, at each cut. */
struct prior_curve {
    size_t names, texts;         /* private names; texts without any */
    size_t names_now, texts_now; /* masked by the evidence alone */
    int cut[PRIOR_CUTS];         /* in 1/PRIOR_ONE */
    size_t kept[PRIOR_CUTS];     /* private names masked */
    size_t needless[PRIOR_CUTS]; /* texts without any in which something is masked */
};

struct prior_report {
    size_t texts, names, privates;
    struct prior_curve seen, held;
};

/* `held` may be empty. */
int prior_train(const struct scanner *sc, const struct train_text *texts, size_t n,
                const struct train_text *held, size_t nheld,
                const struct prior_options *o, struct buf *ret,
                struct prior_report *report, struct err *err) NODISCARD;

#endif
