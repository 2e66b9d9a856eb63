/* values.h -- numbers from the command line, exact and with a named fault.
 *
 * Every quantity is read as a decimal and kept as an integer of 10^-decimals, so that
 * "0.1" is a tenth.  Negative numbers, NaN, units and thousands separators are faults
 * that name the option and say what to write. */
#ifndef WEIR_CMD_LIB_VALUES_H
#define WEIR_CMD_LIB_VALUES_H

#include "cmd/lib/options.h"
#include "core/err.h"

/* When the option is absent *ret stays as it was and 0 is returned. */
int value_fixed(const struct options *o, const char *name, unsigned decimals,
                int64_t *ret, struct err *err);
int value_u64(const struct options *o, const char *name, uint64_t *ret, struct err *err);
/* "40" or "40%" -> parts per million; at most 100 %.  What is less than 1 is asked about
 * when its sign does not stand beside it: 0.8 is meant for 80 more often than for 0.8%.
 */
int value_percent(const struct options *o, const char *name, uint64_t *ret_ppm,
                  struct err *err);
int value_double(const struct options *o, const char *name, double *ret, struct err *err);
/* yes|no|true|false; *ret_given tells absence. */
int value_bool(const struct options *o, const char *name, bool *ret, bool *ret_given,
               struct err *err);

/* Prints err as options_fault() does; returns EXIT_USAGE. */
int value_fault(const struct options *o, const struct err *err);

/* Reads a flat YAML mapping whose keys are the option names without dashes; options
 * given on the command line win.  Strings live in `room`. */
struct arena;
int values_from_yaml(struct options *o, const char *path, struct arena *room,
                     struct err *err);

#endif
