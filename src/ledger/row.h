/* row.h -- one request in the ledger: never the prompt, never the answer.
 *
 * Three record kinds are appended to the log: OPEN (admitted; before any byte goes to
 * an engine), ATTEMPT (this engine is about to be tried; before its first byte) and
 * SETTLE (self-contained: everything a row shows).  Exactly one SETTLE per OPEN; an
 * OPEN without one after a crash is settled by replay as "interrupted". */
#ifndef WEIR_LEDGER_ROW_H
#define WEIR_LEDGER_ROW_H

#include "config/kinds.h"
#include "core/str.h"
#include "dialect/chat.h"
#include "dialect/event.h"

enum outcome {
    OUTCOME_OK,
    OUTCOME_ERROR,       /* an engine or weir failed */
    OUTCOME_REFUSED,     /* weir said no: label, unknown model, bad body, no room */
    OUTCOME_CANCELLED,   /* the client left */
    OUTCOME_INTERRUPTED, /* weir died; written by replay */
    OUTCOME_COUNT
};
const char *outcome_name(enum outcome o);

struct ledger_open {
    uint64_t uid;          /* unique over all time on this state_dir */
    uint64_t ts_ms;        /* wall clock */
    struct str request_id; /* what x-weir-request-id says */
    struct str key;        /* the key's name, or empty */
    uint64_t session;      /* digest */
    enum dialect_id dialect;
    enum surface surface;
    struct str model_asked;
    const char *label;
};

struct ledger_attempt {
    uint64_t uid;
    uint32_t number; /* from 1 */
    struct str engine, model;
    enum side side;
    struct str policy, role, reasons_json; /* of the choice: for a row cut short */
};

enum { COST_UNKNOWN = -1, LEDGER_MAX_SPENT = 4 };

/* An attempt that failed and is not the one that answered: what it cost stands with the
 * engine that was paid, not with the one that the row names. */
struct ledger_spent {
    struct str engine, model;
    enum side side;
    int64_t cost_nanousd; /* COST_UNKNOWN: nobody knows; 0: it bills nothing */
};

struct ledger_row {
    struct ledger_open open;
    struct str session_name; /* x-weir-session, or empty */
    enum side side;
    bool has_engine; /* false: refused before a choice */
    struct str engine, model_used, policy, role;
    struct str reasons_json; /* array of {"rule","detail"} */
    int status;              /* HTTP status the client got; 0: none */
    enum outcome outcome;
    struct str error_code; /* weir's word, or empty */
    uint32_t attempts;
    struct usage usage;
    bool usage_is_reported; /* by the engine; else estimated */
    int64_t cost_nanousd;   /* of all attempts; COST_UNKNOWN when any of them is */
    /* Of `engine` alone; looked at when there are others (nspent > 0). */
    int64_t own_nanousd;
    struct ledger_spent spent[LEDGER_MAX_SPENT]; /* failed attempts, in their order */
    size_t nspent;
    bool was_at_cloud;     /* some cloud engine got bytes of the prompt */
    bool is_at_cloud_told; /* false: of an older weir, was_at_cloud is read off `side` */
    struct str price_date; /* "2026-07-01", or empty */
    int64_t ttft_ms;       /* -1: no content came */
    uint64_t total_ms;
    uint64_t request_bytes, answer_bytes;
    bool is_stream;
};

/* What the engine that the row names is owed by itself. */
int64_t ledger_own_cost(const struct ledger_row *r);
/* What all cloud engines together are owed; COST_UNKNOWN when any part is. */
int64_t ledger_cloud_cost(const struct ledger_row *r);
/* The prompt was at a cloud engine although the row's side is local. */
bool ledger_is_local_after_cloud(const struct ledger_row *r);

#endif
