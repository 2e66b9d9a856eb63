/* table.c -- the table of verbs. */
#include "cmd/lib/table.h"

#include "cmd/lib/commands.h"

#include <string.h>

const struct command_group command_groups[] = {
    {"Serve",
     {&cmd_up, &cmd_serve, &cmd_route, &cmd_ledger, &cmd_page, &cmd_top, &cmd_engine,
      &cmd_check, &cmd_key, &cmd_sim, &cmd_completions}},
    {"Guard", {&cmd_scan, &cmd_label, &cmd_cloud, &cmd_prove, &cmd_train}},
    {"Decide",
     {&cmd_plan, &cmd_advise, &cmd_fit, &cmd_claim, &cmd_bench, &cmd_compare, &cmd_pilot,
      &cmd_whatif, &cmd_eval, &cmd_facts}},
};

const size_t command_ngroups = ARRAY_LEN(command_groups);

const struct command *command_find(const char *name)
{
    for (size_t g = 0; g < command_ngroups; g++)
        for (size_t i = 0; command_groups[g].commands[i]; i++)
            if (strcmp(command_groups[g].commands[i]->name, name) == 0)
                return command_groups[g].commands[i];
    return NULL;
}
