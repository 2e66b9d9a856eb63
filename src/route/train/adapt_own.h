/* adapt_own.h -- an adapter from the outcomes that a ledger has, believed only when it
 * predicts those that it has not seen better than what there is.
 *
 * The outcomes are cut into five parts by conversation, so that no part knows how the
 * questions of a conversation in another part went.  Each part is predicted by what the
 * other four say, with several strengths (adapt.h).  The best strength counts, and the
 * gain must be above two standard errors, which are of conversations and not of rows:
 * rows of one conversation are not independent. */
#ifndef WEIR_ROUTE_TRAIN_ADAPT_OWN_H
#define WEIR_ROUTE_TRAIN_ADAPT_OWN_H

#include "core/err.h"
#include "route/train/adapt.h"

enum { ADAPT_OWN_LEAST = 100 }; /* outcomes; fewer replace nothing */

struct adapt_own_row {
    struct adapt_row row;
    uint64_t conversation; /* any number that only its rows have */
};

struct adapt_own {
    size_t n, nconversations;
    double loss_before, loss_after; /* mean log loss by weight, held out */
    double error;                   /* standard error of their difference */
    double strength;
    bool is_better; /* then *ret is the adapter, fitted to all rows */
};

/* Sorts v by conversation; the same rows in any order of conversations give the same
 * figures to rounding.  -1: no memory. */
int adapt_own(struct adapt_own_row *v, size_t n, const struct adapter *was,
              struct adapter *ret, struct adapt_own *report, struct err *err);

#endif
