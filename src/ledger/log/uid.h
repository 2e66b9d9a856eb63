/* uid.h -- request ids: 64 bits that sort by time and never repeat on a state_dir.
 *
 *   bits 63..22  milliseconds since 2025-01-01 UTC (enough until 2164)
 *   bits 21..14  counter within the millisecond and worker; what has no room in it takes
 *                numbers of the next one
 *   bits 13..6   node: weirs whose ledgers will be put together have different ones
 *   bits  5..0   worker
 *
 * Weirs until 0.1.1 had no node, and counted in bits 21..6; ids go on above theirs.
 * SQLite's rowids are signed, so the index is good until 2094. */
#ifndef WEIR_LEDGER_LOG_UID_H
#define WEIR_LEDGER_LOG_UID_H

#include "core/str.h"

enum { UID_WORKER_BITS = 6, UID_NODE_BITS = 8, UID_COUNTER_BITS = 8, UID_TEXT = 17 };
enum { LEDGER_MAX_WORKERS = 1 << UID_WORKER_BITS, LEDGER_MAX_NODES = 1 << UID_NODE_BITS };

#define UID_EPOCH_MS UINT64_C(1735689600000)

/* The next id of a worker of a node: not before the clock says, after everything given
 * out.  *last is time and counter alone. */
uint64_t uid_next(uint64_t wall_ms, uint32_t node, uint32_t worker, uint64_t floor,
                  uint64_t *last);
uint64_t uid_at(uint64_t wall_ms);               /* the smallest id of that millisecond */
uint64_t uid_sequence(uint64_t uid);             /* time and counter: for `floor` */
uint32_t uid_node(uint64_t uid);                 /* of one that has a node */
static inline uint64_t uid_time_ms(uint64_t uid) /* since 1970 */
{
    return (uid >> (UID_WORKER_BITS + UID_NODE_BITS + UID_COUNTER_BITS)) + UID_EPOCH_MS;
}
bool uid_parse(struct str text, uint64_t *ret); /* "wr-" and 13 characters */

#endif
