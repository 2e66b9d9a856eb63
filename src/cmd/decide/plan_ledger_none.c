/* plan_ledger_none.c -- for builds without the ledger's room. */
#include "cmd/decide/plan_ledger.h"

int plan_ledger_read(const struct plan_ledger_ask *ask, struct plan_input *in,
                     struct plan_ledger_seen *ret, struct err *err)
{
    (void)ask;
    (void)in;
    (void)ret;
    return err_set(err, ERR_CONFIG, "no_ledger",
                   "--from-ledger: this build has no ledger; describe the workload with "
                   "flags or --workload");
}
