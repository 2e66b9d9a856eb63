/* rollup.h -- sums by the hour, kept beside the rows so that ten million of them add
 * up in well under a second.
 *
 * A group is an hour and the words an operator asks by; all of them come from
 * configuration, so groups stay few.  Sums gather in memory during a batch and are
 * added to the table inside its transaction. */
#ifndef WEIR_LEDGER_ROLLUP_H
#define WEIR_LEDGER_ROLLUP_H

#include "ledger/row.h"

#include <sqlite3.h>

enum { ROLLUP_SLOTS = 1024, HOUR_MS = 3600 * 1000 };

struct rollup_group {
    int64_t hour;                       /* since 1970 */
    int64_t key, engine, model, policy; /* ids in strings; 0: none */
    int64_t bits; /* of bits_of(): side, label, outcome, has_engine */
};

struct rollup_sums {
    int64_t requests, estimated; /* usage not reported by the engine */
    int64_t input, cached, cache_write, output, reasoning;
    int64_t cost_nanousd,
        cost_unknown; /* spent here: sum of the known; attempts without */
    int64_t request_bytes, answer_bytes;
    int64_t ttft_ms, ttft_count, total_ms;
    int64_t failed_attempts;   /* made here, for requests that another attempt ended */
    int64_t local_after_cloud; /* requests: ended on the local side, were at the cloud */
};

struct rollup_entry {
    bool is_used;
    struct rollup_group group;
    struct rollup_sums sums;
};

struct rollup {
    struct rollup_entry slots[ROLLUP_SLOTS];
    size_t n, last; /* last: the slot used last, most rows hit it again */
};

/* The row with what its own engine is owed; its failed attempts are for
 * rollup_sums_add_spent(), each in its own engine's group. */
void rollup_sums_add_row(struct rollup_sums *s, const struct ledger_row *r);
void rollup_sums_add_spent(struct rollup_sums *s, const struct ledger_leg *x);
void rollup_clear(struct rollup *r);
/* The sums of a group.  NULL when full: write it out, clear, try again. */
struct rollup_sums *rollup_of(struct rollup *r, const struct rollup_group *g);
/* Adds all groups to the table with the prepared upsert; -1: SQLite failed. */
int rollup_write(const struct rollup *r, sqlite3_stmt *upsert);

/* The closed sets of a row in one integer:
 *   0 side, 1 has_engine, 2-4 outcome, 5-7 label, 8-11 dialect, 12-14 surface,
 *   15 stream, 16 usage known, 17 usage reported by the engine, 18 the prompt was at a
 *   cloud engine, 19 bit 18 means something (0.1.0 did not write it), 20 rows in `spent`.
 */
int64_t bits_of(const struct ledger_row *r);
void bits_to(int64_t bits, struct ledger_row *r);
bool bits_have_spent(int64_t bits);
/* The group's bits of an attempt, from those of its row. */
int64_t bits_of_spent(int64_t row_bits, const struct ledger_leg *x);
#define ROLLUP_BITS INT64_C(0xFF) /* side, has_engine, outcome, label */

#endif
