/* rollup.h -- sums by the hour, kept beside the rows so that ten million of them add
 * up in well under a second.
 *
 * A group is an hour and the words an operator asks by; all of them come from
 * configuration, so groups stay few.  A request counts once, where the engine of its row
 * stands; the cost and the tokens of each of its legs count where that leg's engine
 * stands. Sums gather in memory during a batch and are added to the table inside its
 * transaction. */
#ifndef WEIR_LEDGER_INDEX_ROLLUP_H
#define WEIR_LEDGER_INDEX_ROLLUP_H

#include "ledger/row.h"

#include <sqlite3.h>

enum { ROLLUP_SLOTS = 1024, HOUR_MS = 3600 * 1000 };

struct rollup_group {
    int64_t hour;                       /* since 1970 */
    int64_t key, engine, model, policy; /* ids in strings; 0: none */
    int64_t bits;                       /* of group_bits() */
};

struct rollup_sums {
    int64_t requests, estimated; /* usage not reported by the engine */
    int64_t input, cached, cache_write, output, reasoning;
    int64_t cost_nanousd, cost_unknown; /* spent here: sum of the known; legs without */
    int64_t request_bytes, answer_bytes;
    int64_t ttft_ms, ttft_count, total_ms;
    int64_t failed_attempts;   /* legs made here, of requests that another leg ended */
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

/* The request, once; also what it cost when no leg stands for it.  */
void rollup_sums_add_row(struct rollup_sums *s, const struct ledger_row *r);
/* A leg's tokens and cost, into the sums of its own group. */
void rollup_sums_add_leg(struct rollup_sums *s, const struct ledger_row *r,
                         const struct ledger_leg *l);
void rollup_clear(struct rollup *r);
void rollup_negate(struct rollup *r);
/* The sums of a group.  NULL when full: write it out, clear, try again. */
struct rollup_sums *rollup_of(struct rollup *r, const struct rollup_group *g);
/* Adds all groups to the table with the prepared upsert; -1: SQLite failed. */
int rollup_write(const struct rollup *r, sqlite3_stmt *upsert);

/* The closed sets of a row in one integer:
 *   0 side, 1 has_engine, 2-4 outcome, 5-7 label, 8-11 dialect, 12-14 surface,
 *   15 stream, 16 usage known, 17 usage reported by the engine, 18 the prompt was at a
 *   cloud engine, 19 bit 18 means something (0.1.0 did not write it), 20 its legs stand
 * in `more_legs`, 21 bits 22 to 24 mean something (weirs until 0.1.1 did not write them),
 *   22 its own leg was promised, 23 ... had left, 24-26 purpose of its own leg,
 *   27 wants quality, 28 a latency was asked for. */
int64_t bits_of(const struct ledger_row *r);
void bits_to(int64_t bits, struct ledger_row *r);
bool bits_have_legs(int64_t bits);
bool bits_tell_leg(int64_t bits); /* bit 21 */
/* The only leg of a row of these bits, as far as they say; *l has what the row says. */
void bits_to_leg(int64_t bits, struct ledger_leg *l);
/* The closed sets of a leg: 0 side, 1 promised, 2-4 outcome, 5 had left, 6 usage known,
 * 7 usage reported, 8-10 purpose, 11 it is the one that its row tells of, 12 bare. */
int64_t leg_bits_of(const struct ledger_leg *l, bool is_own);
void leg_bits_to(int64_t bits, struct ledger_leg *l);
/* The row tells all of its only leg, so that it needs no row of its own. */
bool row_tells_its_leg(const struct ledger_row *r);

/* The part of a row's bits that sums are kept by: 0-7 as they are, 8-10 purpose. */
int64_t group_bits(int64_t row_bits);
/* The group of a leg, whose words have these ids, from that of its row. */
struct rollup_group group_of_leg(const struct rollup_group *of_row,
                                 const struct ledger_leg *l, int64_t engine,
                                 int64_t model);

#endif
