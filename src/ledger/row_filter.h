/* row_filter.h -- which rows: words that must all hold, as `weir top`, the page and
 * `weir ledger --rows` take them.
 *
 *   local, cloud    its side        errors   it was not answered
 *   left            bytes of it went to the cloud
 *   held            it stayed because of its label: a local engine answered, or nobody
 *   masked          values of it were masked
 *   side:W label:W outcome:W key:W engine:W model:W   exactly that; model: asked or used
 *   anything else   stands in one of these, in its id, its error or its reasons, as the
 *                   ledger has them ("PERSON 1", not "name of a person")
 *   -WORD           does not hold
 *
 * Capitals or not are the same, but in W. */
#ifndef WEIR_LEDGER_ROW_FILTER_H
#define WEIR_LEDGER_ROW_FILTER_H

#include "core/err.h"
#include "ledger/row.h"

enum { ROW_FILTER_BYTES = 200 };

/* What words are held against; empty: the row has none. */
struct row_facts {
    struct str id, key, asked, model, engine, side, label, outcome, error;
    struct str reasons; /* array of {"rule","detail"} */
    bool was_at_cloud;
};
/* id holds what ledger_format_uid() writes; what it points into is the row's. */
struct row_facts row_facts_of(const struct ledger_row *row, char id[17]);

/* "invalid_filter": it is too long, or has a side, a label, an outcome or a field that
 * there is not. */
int row_filter_check(struct str filter, struct err *err);
bool row_filter_has(struct str filter, const struct row_facts *row);
/* A rule "mask" is among its reasons. */
bool row_was_masked(struct str reasons);

#endif
