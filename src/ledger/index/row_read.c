/* row_read.c -- see row_read.h.  Columns are counted in the order of ROW_COLUMNS. */
#include "ledger/index/row_read.h"

#include "ledger/ledger.h"

enum {
    COLUMN_BITS = 2,
    COLUMN_STARTED = 30,
    COLUMN_SENT,
    COLUMN_RECEIVED,
    COLUMN_TOLD = 40
};

static uint64_t number(sqlite3_stmt *s, int column)
{
    return (uint64_t)sqlite3_column_int64(s, column);
}

int64_t row_number(sqlite3_stmt *s, int column, int64_t absent)
{
    return sqlite3_column_type(s, column) == SQLITE_NULL
               ? absent
               : sqlite3_column_int64(s, column);
}

static enum service_tier tier(sqlite3_stmt *s, int column)
{
    uint64_t v = number(s, column);
    return v < TIER_COUNT ? (enum service_tier)v : TIER_OTHER;
}

void row_read(sqlite3_stmt *s, struct words *w, char own[UID_TEXT], struct ledger_row *r)
{
    *r = (struct ledger_row){0};
    words_begin(w);
    bits_to(sqlite3_column_int64(s, 2), r);
    r->open.uid = number(s, 0);
    r->open.ts_ms = number(s, 1);
    r->open.request_id = words_of(w, s, 3);
    if (r->open.request_id.n == 0) {
        ledger_format_uid(r->open.uid, own);
        r->open.request_id = str_of(own);
    }
    r->open.key = words_of(w, s, 4);
    r->open.session = number(s, 5);
    r->session_name = words_of(w, s, 6);
    r->engine = words_of(w, s, 7);
    r->open.model_asked = words_of(w, s, 8);
    r->model_used = words_of(w, s, 9);
    r->policy = words_of(w, s, 10);
    r->role = words_of(w, s, 11);
    r->reasons_json = words_of(w, s, 12);
    r->status = sqlite3_column_int(s, 13);
    r->error_code = words_of(w, s, 14);
    r->attempts = (uint32_t)number(s, 15);
    r->usage.input_tokens = number(s, 16);
    r->usage.cached_tokens = number(s, 17);
    r->usage.cache_write_tokens = number(s, 18);
    r->usage.output_tokens = number(s, 19);
    r->usage.reasoning_tokens = number(s, 20);
    r->cost_nanousd = row_number(s, 21, COST_UNKNOWN);
    r->price_date = words_of(w, s, 22);
    r->ttft_ms = row_number(s, 23, -1);
    r->total_ms = number(s, 24);
    r->request_bytes = number(s, 25);
    r->answer_bytes = number(s, 26);
    r->usage.audio_input_tokens = number(s, 27);
    r->usage.audio_output_tokens = number(s, 28);
    r->usage.tier = tier(s, 29);
    r->knew.input_estimate = number(s, 33);
    r->knew.output_limit = (uint32_t)number(s, 34);
    r->knew.needs = (unsigned)number(s, 35);
    r->knew.latency_ms = (uint32_t)number(s, 36);
    r->knew.deadline = (uint8_t)number(s, 37);
    r->knew.deadline_s = (uint32_t)number(s, 38);
    r->knew.health = words_of(w, s, 39);
    if (!r->is_at_cloud_told)
        r->was_at_cloud = r->has_engine && r->side == SIDE_CLOUD && r->attempts;
}

/* Its words are ids, so what words_of() gives lives on. */
static struct ledger_leg read_leg(sqlite3_stmt *s, struct words *w)
{
    struct ledger_leg l = {
        .uid = number(s, LEG_UID),
        .number = (uint32_t)number(s, LEG_N),
        .engine = words_of(w, s, LEG_ENGINE),
        .model = words_of(w, s, LEG_MODEL),
        .status = sqlite3_column_int(s, LEG_STATUS),
        .error_code = words_of(w, s, LEG_ERROR_CODE),
        .usage = {.input_tokens = number(s, LEG_INPUT),
                  .cached_tokens = number(s, LEG_CACHED),
                  .cache_write_tokens = number(s, LEG_CACHE_WRITE),
                  .output_tokens = number(s, LEG_OUTPUT),
                  .reasoning_tokens = number(s, LEG_REASONING),
                  .audio_input_tokens = number(s, LEG_AUDIO_INPUT),
                  .audio_output_tokens = number(s, LEG_AUDIO_OUTPUT),
                  .tier = tier(s, LEG_TIER)},
        .cost_nanousd = row_number(s, LEG_COST, COST_UNKNOWN),
        .price_date = words_of(w, s, LEG_PRICE_DATE),
        .started_ms = number(s, LEG_STARTED),
        .ttft_ms = row_number(s, LEG_TTFT, -1),
        .total_ms = number(s, LEG_TOTAL),
        .sent_bytes = number(s, LEG_SENT_BYTES),
        .answer_bytes = number(s, LEG_ANSWER_BYTES),
    };
    leg_bits_to(sqlite3_column_int64(s, LEG_BITS), &l);
    return l;
}

static struct ledger_leg only_leg(sqlite3_stmt *row, const struct ledger_row *r)
{
    int64_t bits = sqlite3_column_int64(row, COLUMN_BITS);
    struct ledger_leg l = ledger_leg_of_row(r);
    bits_to_leg(bits, &l);
    if (!bits_tell_leg(bits))
        return l;
    l.started_ms = number(row, COLUMN_STARTED);
    l.sent_bytes = number(row, COLUMN_SENT);
    l.answer_bytes = number(row, COLUMN_RECEIVED);
    l.total_ms -= l.started_ms;
    if (l.ttft_ms >= 0)
        l.ttft_ms -= (int64_t)l.started_ms;
    return l;
}

void row_read_legs(sqlite3_stmt *row, sqlite3_stmt *legs_of, struct words *w,
                   struct ledger_row *r, struct ledger_legs *legs)
{
    legs->n = 0;
    if (UNLIKELY(bits_have_legs(sqlite3_column_int64(row, COLUMN_BITS)))) {
        sqlite3_bind_int64(legs_of, 1, (int64_t)r->open.uid);
        int rc = SQLITE_DONE;
        while (legs->n < ARRAY_LEN(legs->items) &&
               (rc = sqlite3_step(legs_of)) == SQLITE_ROW)
            legs->items[legs->n++] = read_leg(legs_of, w);
        if (rc != SQLITE_ROW && rc != SQLITE_DONE)
            w->failed = rc;
        sqlite3_reset(legs_of);
    } else if (r->has_engine && (r->attempts || r->cost_nanousd)) {
        legs->items[legs->n++] = only_leg(row, r);
    }
    r->legs = legs->items;
    r->nlegs = legs->n;
    r->nlegs_told = (uint32_t)row_number(row, COLUMN_TOLD, (int64_t)legs->n);
}
