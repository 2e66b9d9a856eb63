/* train_router.h -- `weir train router`: the weights of policy learned, learnt. */
#ifndef WEIR_CMD_DECIDE_TRAIN_ROUTER_H
#define WEIR_CMD_DECIDE_TRAIN_ROUTER_H

#include "cmd/lib/command.h"

extern const struct command cmd_train_router;

#endif
