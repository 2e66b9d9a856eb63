/* row_read.h -- a row of the store as a struct ledger_row; inside this room. */
#ifndef WEIR_LEDGER_INDEX_ROW_READ_H
#define WEIR_LEDGER_INDEX_ROW_READ_H

#include "ledger/index/index.h"
#include "ledger/log/uid.h"
#include "ledger/refresh.h"
#include "ledger/row.h"

/* What row_read() wants selected from `rows`, in this order. */
#define ROW_COLUMNS                                                                      \
    "uid, ts, bits, request_id, key, session, session_name, engine, model_asked,"        \
    " model_used, policy, role, reasons, status, error_code, attempts, input, cached,"   \
    " cache_write, output, reasoning, cost_nanousd, price_date, ttft_ms, total_ms,"      \
    " request_bytes, answer_bytes, audio_input, audio_output, tier" INDEX_COLUMNS_OF_3
/* The legs of a request that stand by themselves, in the order of enum leg_column. */
#define LEGS_SQL "SELECT * FROM more_legs WHERE uid=? ORDER BY n"

/* A column of `more_legs`; one more is the place of its parameter. */
enum leg_column {
    LEG_UID,
    LEG_N,
    LEG_BITS,
    LEG_ENGINE,
    LEG_MODEL,
    LEG_STATUS,
    LEG_ERROR_CODE,
    LEG_INPUT,
    LEG_CACHED,
    LEG_CACHE_WRITE,
    LEG_OUTPUT,
    LEG_REASONING,
    LEG_AUDIO_INPUT,
    LEG_AUDIO_OUTPUT,
    LEG_TIER,
    LEG_COST,
    LEG_PRICE_DATE,
    LEG_STARTED,
    LEG_TTFT,
    LEG_TOTAL,
    LEG_SENT_BYTES,
    LEG_ANSWER_BYTES
};

/* Strings live as those of words_of().  own: room for the id of a request that came
 * without one. */
void row_read(sqlite3_stmt *s, struct words *w, char own[UID_TEXT], struct ledger_row *r);
/* The legs of r, which `row` holds; `legs_of` is a statement of LEGS_SQL. */
void row_read_legs(sqlite3_stmt *row, sqlite3_stmt *legs_of, struct words *w,
                   struct ledger_row *r, struct ledger_legs *legs);
/* What a column holds; `absent` for NULL. */
int64_t row_number(sqlite3_stmt *s, int column, int64_t absent);

#endif
