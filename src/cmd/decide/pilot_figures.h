/* pilot_figures.h -- what `weir pilot report` works out of a pilot's pairs and of the
 * ledger.  What nobody knows is NAN, or unknown; never 0. */
#ifndef WEIR_CMD_DECIDE_PILOT_FIGURES_H
#define WEIR_CMD_DECIDE_PILOT_FIGURES_H

#include "cmd/decide/pilot_place.h"
#include "eval/sample.h"

struct pilot_side {
    int64_t nanousd;       /* of the answers whose cost is known */
    size_t npriced;        /* so many */
    struct sample ttft_ms; /* of those streamed on both sides */
};

/* The ledger's last 30 days, scaled to 30: what the other side answered. */
struct pilot_month {
    bool is_known;
    double days;       /* of which it tells */
    uint64_t requests; /* a month */
    double usd;        /* what they cost, or would cost, at the cloud */
    uint64_t unknown;  /* of these requests, those whose cost nobody knows */
};

struct pilot_figures {
    size_t npairs, nwaiting; /* for people, so that what comes after cannot count */
    size_t of_check[PILOT_CHECKS];
    size_t of_task[PILOT_TASKS];
    struct pilot_side local, other;
    size_t nchecked, nright; /* labels of judged pairs; the judge said the same */
    double days;             /* it has run */
    double days_left;        /* until it decides, at this pace; NAN: unknown */
    struct pilot_month month;
};

/* -1: no memory. */
int pilot_figures_of(const struct pilot_place *p, uint64_t now_ms,
                     struct pilot_figures *ret, struct err *err);
void pilot_figures_release(struct pilot_figures *f);

#endif
