/* commands.h -- every verb there is; cmd/lib/table.c puts them in order. */
#ifndef WEIR_CMD_LIB_COMMANDS_H
#define WEIR_CMD_LIB_COMMANDS_H

#include "cmd/lib/command.h"

extern const struct command cmd_up, cmd_serve, cmd_check, cmd_key, cmd_ledger, cmd_sim,
    cmd_route, cmd_scan, cmd_train, cmd_label, cmd_prove, cmd_completions, cmd_page,
    cmd_cloud, cmd_top, cmd_engine;
extern const struct command cmd_plan, cmd_advise, cmd_fit, cmd_claim, cmd_eval, cmd_facts,
    cmd_bench, cmd_compare, cmd_pilot, cmd_whatif;

#endif
