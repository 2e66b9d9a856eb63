/* plan_ledger_none.c -- for builds without the ledger's room. */
#include "cmd/decide/plan_ledger.h"

int plan_ledger_read(const char *state_dir, struct plan_input *in, uint64_t *ret_days,
                     struct err *err)
{
    (void)state_dir;
    (void)in;
    (void)ret_days;
    return err_set(err, ERR_CONFIG, "no_ledger",
                   "--from-ledger: this build has no ledger; describe the workload with "
                   "flags or --workload");
}
