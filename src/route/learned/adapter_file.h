/* adapter_file.h -- an adapter as a file: what `weir train router --ledger` writes and
 * `learned: {adapter: FILE}` names.
 *
 * "WEIRADPT", version, number of weights, the digest of the router's weights that it goes
 * with, the adapter's weights as floats, and a CRC-32C of all that stands before it.
 * Little-endian. */
#ifndef WEIR_ROUTE_LEARNED_ADAPTER_FILE_H
#define WEIR_ROUTE_LEARNED_ADAPTER_FILE_H

#include "core/buf.h"
#include "route/learned/adapter.h"

enum { ADAPTER_VERSION = 1, ADAPTER_FILE_BYTES = 8 + 3 * 4 + 4 * ADAPTER_SIZE + 4 };

void adapter_write(const struct adapter *a, uint32_t weights, struct buf *out);
/* -1 and ERR_CONFIG for bytes that are no whole adapter of this version, or one that was
 * fitted to other weights; the message says what helps. */
int adapter_open(struct adapter *a, uint32_t weights, struct str bytes,
                 struct err *err) NODISCARD;

#endif
