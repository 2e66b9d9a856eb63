/* command.h -- the contract of one verb of the command line.
 *
 * One verb, one file in cmd/, one `const struct command cmd_VERB`.  cmd/lib/table.c is a
 * table of pointers to them; --help and the man page are printed from the same struct, so
 * what a command says about itself cannot drift from what it reads.
 *
 * All strings are static.  run() gets argv[0] = the verb and returns the exit code:
 * EXIT_YES when the answer is yes or the work is done, EXIT_NO when it ran and the
 * answer is no (or the work failed), EXIT_USAGE when the words or the configuration
 * are at fault.  A fault is printed on stderr and names the field and the remedy. */
#ifndef WEIR_CMD_LIB_COMMAND_H
#define WEIR_CMD_LIB_COMMAND_H

#include "core/compiler.h"

enum command_exit { EXIT_YES = 0, EXIT_NO = 1, EXIT_USAGE = 2 };

struct command_option {
    const char *name; /* "--json" */
    const char *arg;  /* "FILE", or NULL for a switch */
    const char *help;
};

struct command {
    const char *name;    /* the verb */
    const char *summary; /* one line */
    const char *usage;   /* what follows "weir NAME " */
    const char *details; /* paragraphs for --help and the man page, with examples */
    const struct command_option *options;
    size_t noptions;
    int (*run)(int argc, char **argv);
};

#endif
