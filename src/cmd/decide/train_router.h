/* train_router.h -- `weir train router`. */
#ifndef WEIR_CMD_DECIDE_TRAIN_ROUTER_H
#define WEIR_CMD_DECIDE_TRAIN_ROUTER_H

#include "cmd/lib/options.h"

/* Exit code. */
int train_router_run(const struct options *o);

#endif
