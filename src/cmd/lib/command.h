/* command.h -- the contract of one verb of the command line.
 *
 * One verb, one file in cmd/, one `const struct command cmd_VERB`.  cmd/lib/table.c is a
 * table of pointers to them; --help and the man page are printed from the same struct, so
 * what a command says about itself cannot drift from what it reads.
 *
 * A verb may have parts, each a command of its own ("eval route") with its own options,
 * help and run: what belongs to another part is a fault that names it.
 *
 * All strings are static.  run() gets argv[0] = the verb (or the part) and returns the
 * exit code: EXIT_YES when the answer is yes or the work is done, EXIT_NO when it ran and
 * the answer is no (or the work failed), EXIT_USAGE when the words or the configuration
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
    const char *name;    /* the verb; of a part "VERB PART" */
    const char *summary; /* one line */
    const char *usage;   /* what follows "weir NAME " */
    const char *details; /* paragraphs for --help and the man page, with examples */
    const struct command_option *options;
    size_t noptions;
    int (*run)(int argc, char **argv);  /* NULL: the verb alone says too little */
    const struct command *of;           /* of a part: the verb */
    const struct command *const *parts; /* of a verb: a list that NULL ends, or NULL */
};

/* The last word of its name: "route" of "eval route". */
const char *command_word(const struct command *c);
/* The part with this word, or NULL. */
const struct command *command_part(const struct command *c, const char *word);
/* Runs the part that argv[1] names, or else the verb itself. */
int command_run(const struct command *c, int argc, char **argv);

#endif
