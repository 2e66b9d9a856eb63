/* escalation.h -- what judging local answers cost and what it saved. */
#ifndef WEIR_LEDGER_ESCALATION_H
#define WEIR_LEDGER_ESCALATION_H

#include "facts/prices.h"
#include "ledger/ledger.h"

/* Sums over the rows whose local answer was held to be judged. */
struct escalation_sums {
    uint64_t kept;       /* the local answer was good enough */
    uint64_t unsure;     /* kept, as nobody could say more, or nothing spoke against it */
    uint64_t escalated;  /* a stronger model's answer was given instead */
    uint64_t given_back; /* too weak, and no stronger model answered */
    uint64_t not_judged; /* held too long, too long, or no room */
    uint64_t cancelled;  /* the client left, or it ended in an error */
    uint64_t nopinions, njudges;
    int64_t stronger_nanousd; /* of the stronger models, also of failed ones */
    int64_t aside_nanousd;    /* of second opinions and judges; COST_UNKNOWN as ever */
    uint64_t local_ms; /* in which local engines made what nobody got: discarded answers,
                        * second opinions, judges */
    struct token_counts kept_tokens; /* of the kept answers */
};

/* Adds what the row tells; of one that was not judged, nothing. */
void escalation_sums_add(struct escalation_sums *s, const struct ledger_row *row);
/* Those that were to be judged. */
uint64_t escalation_sums_total(const struct escalation_sums *s);
/* What the kept answers would have cost at this price, without surcharges for long
 * contexts: those depend on each request.  -1: a price is unknown. */
int escalation_kept_cost(const struct escalation_sums *s, const struct price *price,
                         int64_t *ret_nanousd, struct err *err);

#endif
