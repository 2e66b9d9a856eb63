/* faults.h -- collecting every fault of a file, each with its place. */
#ifndef WEIR_CONFIG_FAULTS_H
#define WEIR_CONFIG_FAULTS_H

#include "config/config.h"

struct ynode;

/* At a node, or at the file as a whole when n is NULL. */
void fault_at(struct config_faults *f, const struct ynode *n, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
void warn_at(struct config_faults *f, const struct ynode *n, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
void fault_at_line(struct config_faults *f, unsigned line, unsigned column,
                   const char *fmt, ...) PRINTF_LIKE(4, 5);

/* By line and column, as they are printed. */
void faults_sort(struct config_faults *f);

#endif
