/* row_read.h -- a row of the store as a struct ledger_row; inside this room. */
#ifndef WEIR_LEDGER_ROW_READ_H
#define WEIR_LEDGER_ROW_READ_H

#include "ledger/refresh.h"
#include "ledger/row.h"
#include "ledger/uid.h"

/* What row_read() wants selected from `rows`, in this order. */
#define ROW_COLUMNS                                                                      \
    "uid, ts, bits, request_id, key, session, session_name, engine, model_asked,"        \
    " model_used, policy, role, reasons, status, error_code, attempts, input, cached,"   \
    " cache_write, output, reasoning, cost_nanousd, price_date, ttft_ms, total_ms,"      \
    " request_bytes, answer_bytes, audio_input, audio_output, tier, own_nanousd"
#define ROW_SPENT_SQL                                                                    \
    "SELECT engine, model, side, cost_nanousd FROM spent WHERE uid=? ORDER BY n"

/* Strings live as those of words_of().  own: room for the id of a request that came
 * without one. */
void row_read(sqlite3_stmt *s, struct words *w, char own[UID_TEXT], struct ledger_row *r);
/* The legs of r, which `row` holds, from a statement of ROW_SPENT_SQL. */
void row_read_legs(sqlite3_stmt *row, sqlite3_stmt *s, struct words *w,
                   struct ledger_row *r, struct ledger_legs *legs);

#endif
