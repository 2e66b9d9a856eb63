/* eval_escalate.h -- `weir eval escalate`: what judging the local answer is worth. */
#ifndef WEIR_CMD_DECIDE_EVAL_ESCALATE_H
#define WEIR_CMD_DECIDE_EVAL_ESCALATE_H

#include "cmd/lib/command.h"

extern const struct command cmd_eval_escalate;

#endif
