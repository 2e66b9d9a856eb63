/* decision.h -- the verbs of the decision side. */
#ifndef WEIR_CMD_DECISION_H
#define WEIR_CMD_DECISION_H

#include "cmd/command.h"

extern const struct command cmd_plan, cmd_advise, cmd_fit, cmd_claim, cmd_facts;

#endif
