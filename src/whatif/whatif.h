/* whatif.h -- the requests of the past under other circumstances: what would they have
 * cost, where would they have gone, how long would they have taken?
 *
 * Rows are shown twice, oldest first: whatif_measure() learns from them how fast each
 * model was here, whatif_replay() plays them (kept.h: the store need not be read twice).
 * Whatever a change does not touch keeps what the ledger says of it, to the nano-dollar:
 * without a change the sums are the bill.
 *
 * A request that another model would have answered is priced with the tokens that it had:
 * that another model says as much is an assumption, and the caller has to tell it.  What
 * of its prompt came from a provider's cache is taken to be cached there as well, or not
 * at all: the two are the ends of an interval.  Its other legs (retries, opinions) fall
 * away.
 *
 * A request that goes to a local engine waits for one of its places, and takes as long as
 * its tokens do at the speed that was measured here, or that is given.  Sessions,
 * escalation and breakers are not played. */
#ifndef WEIR_WHATIF_WHATIF_H
#define WEIR_WHATIF_WHATIF_H

#include "config/config.h"
#include "eval/sample.h"
#include "facts/prices.h"
#include "ledger/ledger.h"
#include "ledger/period.h"
#include "route/route.h"

enum { WHATIF_SWAPS = 16, WHATIF_MODELS = 64 };

/* Requests that `was` answered are answered by `now`. */
struct whatif_swap {
    struct str was, now;
    bool is_local; /* `now` costs nothing: it runs here */
};

struct whatif_change {
    const struct prices *prices;
    const struct config *config;           /* NULL: no policy is played */
    const struct route_measured *measured; /* config->nmodels; NULL: nothing is known */
    bool has_policy;
    enum policy policy;
    struct whatif_swap swaps[WHATIF_SWAPS];
    size_t nswaps;
    int64_t date_days; /* list prices of this day for everything; 0: each leg's own */
    bool reprices;     /* every leg is priced anew, at the list price of its day */
    uint32_t slots;    /* of local engines; 0: as configured, else 1 */
    double prompt_per_s, output_per_s; /* speed of local models; 0: as measured */
};

/* How fast a model was here. */
struct whatif_speed {
    struct str engine, model;
    enum side side;
    /* Sums over streamed answers whose counts the engine told. */
    double first_ms, prompt_tokens; /* until the first token; of what was not cached */
    double made_ms, output_tokens;  /* behind it */
};

struct whatif_sums {
    uint64_t local, cloud, refused; /* requests by who answered */
    int64_t nanousd;                /* known costs */
    int64_t nanousd_uncached;       /* ... if no provider's cache had helped what moved */
    uint64_t unknown;               /* requests whose cost nobody knows */
    struct sample total_ms, wait_ms; /* of answers; of what waited at a local engine */
};

/* The results, and what is whatif.c's own: speeds, lanes, arenas. */
struct lanes;
struct whatif {
    struct whatif_change change;
    struct arena words, scratch;
    struct {
        struct str model;
        struct price_series series;
    } prices[WHATIF_MODELS]; /* those that were asked for: looking one up takes long */
    size_t nprices;
    struct whatif_speed speeds[WHATIF_MODELS];
    size_t nspeeds;
    struct lanes *lanes; /* of each engine of the configuration, or one for all */
    size_t nlanes;
    uint64_t requests, moved_home, moved_out, moved_model;
    uint64_t unplayable; /* the policy would have read the text, which no ledger has */
    uint64_t unmeasured; /* local answers whose model was never measured */
    struct ledger_period period; /* of the rows */
    /* Requests arrive by a clock that only goes on: the wall clock's steps, but for those
     * back, which say nothing of the time between two requests. */
    uint64_t clock_ms, before_ms;
    struct whatif_sums was, now;
};

/* -1: ERR_BAD_REQUEST "whatif_policy": the policy reads texts; "whatif_price": no price
 * is known of a model of the change; or no memory. */
int whatif_init(struct whatif *w, const struct whatif_change *change, struct err *err);
void whatif_release(struct whatif *w);
int whatif_measure(struct whatif *w, const struct ledger_row *row, struct err *err);
int whatif_replay(struct whatif *w, const struct ledger_row *row, struct err *err);

/* Does this policy decide without the text of a request? */
bool whatif_can_play(enum policy p);
/* How busy local engines would have been: 1 is every place, all of the time.  More than
 * about that much cannot be served: the queue grows without end. */
double whatif_load(const struct whatif *w);

#endif
