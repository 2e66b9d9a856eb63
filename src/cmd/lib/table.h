/* table.h -- every verb in the order people read them; main.c, the manual and the shell
 * completions are made from it. */
#ifndef WEIR_CMD_LIB_TABLE_H
#define WEIR_CMD_LIB_TABLE_H

#include "cmd/lib/command.h"

#include <stdio.h>

enum { GROUP_COMMANDS = 12 };

struct command_group {
    const char *heading;
    const struct command *commands[GROUP_COMMANDS + 1]; /* NULL ends it */
};

extern const struct command_group command_groups[];
extern const size_t command_ngroups;

/* NULL when there is no such verb. */
const struct command *command_find(const char *name);

/* manual.c: a man(7) page of one verb, or of weir with all of them (NULL). */
void manual_print(const struct command *c, FILE *out);
/* completions.c: for "bash", "zsh" or "fish"; false for any other. */
bool completions_print(const char *shell, FILE *out);

#endif
