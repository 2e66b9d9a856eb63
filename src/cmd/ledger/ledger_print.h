/* ledger_print.h -- the ledger for people: tables that fit 80 columns. */
#ifndef WEIR_CMD_LEDGER_LEDGER_PRINT_H
#define WEIR_CMD_LEDGER_LEDGER_PRINT_H

#include "ledger/index/sums.h"

#include <stdio.h>

/* Lines gathered for one table; words are copied. */
struct sums_table {
    const enum sums_by *by;
    size_t nby;
    struct arena words;
    struct ledger_sums *lines;
    size_t n, cap;
    struct ledger_sums total;
    bool failed; /* memory */
};
void sums_table_init(struct sums_table *t, const enum sums_by *by, size_t nby);
void sums_table_release(struct sums_table *t);
int sums_table_add(void *table, const struct ledger_sums *s); /* a ledger_sums_fn */

/* width: of the terminal, 0 for a pipe, where nothing is cut. */
void sums_table_print(const struct sums_table *t, size_t width, FILE *out);
void sums_print_notes(const struct ledger_sums *total, FILE *out);
void sums_print_json(const enum sums_by *by, size_t nby, const struct ledger_sums *s,
                     FILE *out);

void row_print(const struct ledger_row *r, size_t width, FILE *out);
void row_print_details(const struct ledger_row *r, FILE *out);

#endif
