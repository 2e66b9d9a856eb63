/* figures.h -- what both verbs of `weir eval` say in the same words. */
#ifndef WEIR_CMD_DECIDE_FIGURES_H
#define WEIR_CMD_DECIDE_FIGURES_H

#include "core/buf.h"
#include "core/err.h"
#include "route/learned/learned.h"

enum { FIGURE_TEXT = 48 };

/* "12.5 %"; "unknown" for what is no number: such a figure does not exist, for example
 * where both sides are equally good.  (In JSON it is null: json_double.)  Returns
 * `room`. */
const char *figure_text(char room[FIGURE_TEXT], int decimals, double v, const char *unit);

/* Weights of the router: of `weir train router`, or the built-in ones when path is NULL.
 * *b is empty and holds them as long as *r is used.  -1: *err names the file. */
int figures_open_router(const char *path, struct buf *b, struct router *r,
                        struct err *err);

/* A clock in microseconds that only goes forward. */
double figures_now_us(void);

/* Prints the JSON, which is whole unless memory ran out, and releases it; returns the
 * exit code. */
int figures_print_json(struct buf *out);

/* Prints "weir VERB: what", VERB being "eval route"; returns the exit code. */
int figures_tell(const char *verb, const struct err *err);

#endif
