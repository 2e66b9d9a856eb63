/* claim_table.h -- rows of a table as claims: what a column is says its head.
 *
 * For the reader of claims alone. */
#ifndef WEIR_FIT_CLAIM_TABLE_H
#define WEIR_FIT_CLAIM_TABLE_H

#include "fit/claim_group.h"

enum { CLAIM_CELLS = 64 };

struct claim_table {
    struct str heads[CLAIM_CELLS];
    size_t nheads;
    struct claim_around lent; /* by headings and captions */
    bool has_scale;           /* a caption says the unit of bare numbers */
    struct claim_scale scale;
};

/* True when a row tells what stands below it, and no speed of its own. */
bool claim_is_head(const struct facts *f, const struct str *cells, size_t n);
/* Whether such a head speaks of speeds. */
bool claim_heads_speed(struct str head);

/* Reports the speeds of a row. */
void claim_row(const struct facts *f, const struct claim_table *t,
               const struct str *cells, size_t n, size_t line, struct str row,
               claim_found_fn *found, void *arg);

#endif
