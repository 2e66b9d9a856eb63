/* eval_route.h -- `weir eval route`: what each policy is worth on prompts with scores. */
#ifndef WEIR_CMD_DECIDE_EVAL_ROUTE_H
#define WEIR_CMD_DECIDE_EVAL_ROUTE_H

#include "cmd/lib/command.h"

extern const struct command cmd_eval_route;

#endif
