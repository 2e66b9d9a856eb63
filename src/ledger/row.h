/* row.h -- one request in the ledger: never the prompt, never the answer.
 *
 * Four record kinds are appended to the log: OPEN (admitted; before any byte goes to an
 * engine), ATTEMPT (this engine is about to be tried; before its first byte), LEG (that
 * attempt is over: what became of it) and SETTLE (everything a row shows but its legs).
 * Exactly one LEG per ATTEMPT and one SETTLE per OPEN, which comes after all LEGs of its
 * request; what a crash left open, replay ends as "interrupted".  A fifth, FEEDBACK, says
 * what somebody thought of the answer; a request may have any number of them. */
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
    struct str request_id; /* the client's own; empty: what uid says */
    struct str key;        /* the key's name, or empty */
    uint64_t session;      /* digest */
    enum dialect_id dialect;
    enum surface surface;
    struct str model_asked;
    const char *label;
};

/* A leg is one attempt of a request with a purpose.  Several may be under way at once. */
enum leg_purpose {
    LEG_ANSWER,         /* the first */
    LEG_RETRY,          /* after a failure: another engine, or the same again */
    LEG_SECOND_OPINION, /* beside the answer, to compare */
    LEG_JUDGE,          /* says which of two answers is better */
    LEG_MIRROR,         /* the same request to another engine, whose answer nobody gets */
    LEG_ESCALATED,      /* a stronger model, as the local answer was judged too weak */
    LEG_PURPOSES        /* as a value: one that only a newer weir knows */
};
const char *leg_purpose_name(enum leg_purpose p);

struct ledger_attempt {
    uint64_t uid;
    uint32_t number; /* from 1 */
    enum leg_purpose purpose;
    struct str engine, model;
    enum side side;
    struct str policy, role, reasons_json; /* of the choice: for a row cut short */
};

enum { COST_UNKNOWN = -1, LEDGER_MAX_LEGS = 16 };

struct ledger_leg {
    uint64_t uid;
    uint32_t number; /* its ATTEMPT's */
    enum leg_purpose purpose;
    bool is_promised; /* the client was given its answer; at most one of a request */
    enum side side;
    struct str engine, model;
    int status; /* HTTP of the engine's answer; 0: none came */
    enum outcome outcome;
    struct str error_code;
    bool has_left; /* bytes of it went out, or may have */
    /* Of an older weir, or cut short, or its record is lost: engine, model, side,
     * purpose, outcome and cost are known, and nothing below but it. */
    bool is_bare;
    struct usage usage;
    bool usage_is_reported; /* by the engine; else estimated */
    int64_t cost_nanousd; /* of this leg alone; COST_UNKNOWN; 0 where nothing is billed */
    struct str price_date;             /* "2026-07-01", or empty */
    uint64_t started_ms;               /* after the request came */
    int64_t ttft_ms;                   /* after the leg began; -1: no content came */
    uint64_t total_ms;                 /* of the leg */
    uint64_t sent_bytes, answer_bytes; /* to and from the engine */
};

/* One more than a request may have: what lost records leave over stands as a leg too. */
struct ledger_legs {
    struct ledger_leg items[LEDGER_MAX_LEGS + 1];
    size_t n;
};

/* What was said of an answer. */
enum feedback {
    FEEDBACK_NONE,
    FEEDBACK_GOOD,
    FEEDBACK_BAD,
    FEEDBACK_EDITED,     /* it was used, but not as it was */
    FEEDBACK_REGENERATE, /* the user asked for another one, from the cloud */
    FEEDBACK_REASK,      /* seen by weir: soon after, the same was asked again */
    FEEDBACK_KINDS       /* as a value: one that only a newer weir knows */
};
const char *feedback_name(enum feedback f); /* "good"; NULL for FEEDBACK_NONE */

struct ledger_feedback {
    uint64_t uid;   /* of the request */
    uint64_t ts_ms; /* wall clock, when it was said */
    enum feedback said;
};

/* What weir knew when it chose. */
struct ledger_knew {
    uint64_t input_estimate; /* tokens */
    uint32_t output_limit;   /* 0: none was asked for */
    unsigned needs;          /* CAP_* */
    bool wants_quality, has_latency;
    uint32_t latency_ms;
    uint8_t deadline; /* the gateway's word for how soon an answer is wanted; 0: none */
    uint32_t deadline_s;
    struct str health; /* what routing saw: "gpu:idle openai:busy other:down" */
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
    struct str error_code;  /* weir's word, or empty */
    uint32_t attempts;      /* tries; legs beside the answer do not count */
    struct usage usage;     /* the promised leg's; when there is none, the last one's */
    bool usage_is_reported; /* by the engine; else estimated */
    int64_t cost_nanousd;   /* of all legs; COST_UNKNOWN when any of them is */
    bool was_at_cloud;      /* some cloud engine got bytes of the prompt */
    bool is_at_cloud_told;  /* false: of an older weir, was_at_cloud is read off `side` */
    struct str price_date;  /* "2026-07-01", or empty */
    int64_t ttft_ms; /* to the first content, also of a whole answer; -1: none came */
    uint64_t total_ms;
    uint64_t request_bytes, answer_bytes;
    bool is_stream;
    struct ledger_knew knew;
    /* What its score was made of, in hexadecimal digits (route/learned/noted.h), or
     * empty. Of a row that is read by ledger_read(): only where the query asks for it. */
    struct str noted;
    enum feedback feedback; /* the newest; of a row that is read */
    uint32_t nlegs_told;    /* how many LEG records there are */
    /* By their numbers; of a row that is read.  Appending a SETTLE does not look here. */
    const struct ledger_leg *legs;
    size_t nlegs;
};

/* Was its answer to be the client's? */
bool ledger_is_try(enum leg_purpose p);
/* The leg that the row tells of: the promised one; when none was, the last try, if it is
 * of the row's engine.  NULL: no leg of that engine began. */
const struct ledger_leg *ledger_own_leg(const struct ledger_row *r);
/* After how long the client had the first token; -1: it never had one, or had the whole
 * answer at once, and then there is none: `ttft_ms` is when all of it was there. */
int64_t ledger_first_token_ms(const struct ledger_row *r);
/* Another try than that, and it failed. */
bool ledger_leg_failed_beside(const struct ledger_row *r, const struct ledger_leg *l);
/* The row as the only leg of its request, as far as it says. */
struct ledger_leg ledger_leg_of_row(const struct ledger_row *r);
/* A + b; unknown when one of them is. */
int64_t ledger_cost_sum(int64_t a, int64_t b);
/* What the engine that the row names is owed by itself. */
int64_t ledger_own_cost(const struct ledger_row *r);
/* What all cloud engines together are owed; COST_UNKNOWN when any part is. */
int64_t ledger_cloud_cost(const struct ledger_row *r);
/* The prompt was at a cloud engine although the row's side is local. */
bool ledger_is_local_after_cloud(const struct ledger_row *r);

#endif
