/* spend.h -- this month's cloud bill against published rules of thumb.
 *
 * The rules contradict each other and none of them knows your hardware: each is shown
 * with its source, as a reason to compute (weir plan --from-ledger), never as an
 * answer. */
#ifndef WEIR_LEDGER_SPEND_H
#define WEIR_LEDGER_SPEND_H

#include "core/err.h"
#include "core/str.h"

struct spend_rule {
    int64_t from_nanousd; /* a calendar month's cloud cost, UTC */
    const char *source;   /* of the rule */
    const char *says;
};

/* The highest rule whose threshold is reached, or NULL. */
const struct spend_rule *spend_rule_for(int64_t month_nanousd);

/* What cloud engines charged since the month of now_ms began, failed attempts too.
 * Unknown costs are not in it, nor what a local model's `price:` makes it worth. */
int spend_this_month(struct str state_dir, uint64_t now_ms, int64_t *ret_nanousd,
                     struct err *err);

/* "This month's cloud bill is $212.40. ..." into out. */
void spend_text(int64_t month_nanousd, const struct spend_rule *rule, char *out,
                size_t size);

/* For a process that runs: looks once a minute, and warns once a rule and month. */
struct spend_watch {
    uint64_t next_look_ms;
    int64_t month; /* months since 1970 */
    const struct spend_rule *told;
};
void spend_look(struct spend_watch *w, struct str state_dir, uint64_t now_ms);

#endif
