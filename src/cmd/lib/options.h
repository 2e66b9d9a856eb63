/* options.h -- reads long options against the table of a command.
 *
 * `--name VALUE`, `--name=VALUE`, switches, and `--` before words that begin with a
 * dash.  `--help` (and -h) is understood by every command and printed from the table.
 * An unknown option is a fault that names the nearest known one, or the part of the verb
 * that has it.  Options may be
 * repeated; what is returned borrows from argv. */
#ifndef WEIR_CMD_LIB_OPTIONS_H
#define WEIR_CMD_LIB_OPTIONS_H

#include "cmd/lib/command.h"

#include <stdio.h>

enum { OPTIONS_MAX = 128 }; /* options and words on one line; more is a fault */

struct options {
    const struct command *command;
    struct {
        const struct command_option *option;
        const char *value; /* "" for a switch */
    } seen[OPTIONS_MAX];
    size_t nseen;
    const char *words[OPTIONS_MAX]; /* what is not an option, in order */
    size_t nwords;
};

/* True when the command should go on.  False when it should return *ret_exit: help
 * was printed on stdout, or a fault on stderr. */
bool options_read(struct options *o, const struct command *c, int argc, char **argv,
                  int *ret_exit) NODISCARD;

/* The last value given, or NULL.  For a switch: "" or NULL.  `name` must be in the
 * command's table. */
const char *options_get(const struct options *o, const char *name);
bool options_has(const struct options *o, const char *name);

/* The i-th value given for a repeated option, or NULL past the last. */
const char *options_nth(const struct options *o, const char *name, size_t i);

/* Prints "weir VERB: message" and a pointer to --help on stderr; returns EXIT_USAGE. */
int options_fault(const struct command *c, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* What --help prints: of a verb with parts all of them, one after the other. */
void command_print_help(const struct command *c, FILE *out);

#endif
