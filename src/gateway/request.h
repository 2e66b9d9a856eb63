/* request.h -- the life of a request; nothing else knows all the rooms.
 *
 *   READ -> ADMIT -> LABEL -> ROUTE <-> ATTEMPT -> RELAY -> SETTLE -> DONE
 *     \       |        |        |          |                  ^
 *      \------+--------+--------+----------+---> REFUSE ------+
 *
 * READ     the head is accepted, the body comes in        (client.c, admit.c)
 * ADMIT    the body is read; the ledger's open record      (admit.c)
 * LABEL    scan, sensitivity, clearance, masked body       (label.c)
 * ROUTE    choose an engine, with reasons                  (attempt.c)
 * ATTEMPT  queue, encode, send, wait for content           (attempt.c)
 * RELAY    content has gone to the client                  (relay.c)
 * SETTLE   one ledger row, whatever happened               (settle.c)
 * REFUSE   an error answer, before any content             (refuse in request.c)
 *
 * request_enter() is the only thing that changes the state and asserts the edge.
 * Nothing is retried once RELAY has been entered.  Every request that got past READ
 * settles exactly once. */
#ifndef WEIR_GATEWAY_REQUEST_H
#define WEIR_GATEWAY_REQUEST_H

#include "dialect/dialect.h"
#include "engine/engine.h"
#include "gateway/client.h"
#include "guard/restore.h"
#include "guard/screen.h"
#include "loop/pool.h"

enum req_state {
    REQ_READ,
    REQ_ADMIT,
    REQ_LABEL,
    REQ_ROUTE,
    REQ_ATTEMPT,
    REQ_RELAY,
    REQ_SETTLE,
    REQ_REFUSE,
    REQ_DONE,
    REQ_NSTATES
};

enum { ATTEMPTS_MAX = 4 }; /* of one request, on all engines together */

struct request;
typedef void page_fn(struct request *r);

/* A plain request fits, and needs no heap. */
enum { DRAFT_FIRST_BYTES = 1024, DRAFT_BODY_BYTES = 1536, KEEP_FIRST_BYTES = 384 };

/* What the request is about while it may still be routed; dropped when RELAY begins,
 * so that a long stream holds little.  While the pool scans it, it is the pool's: a
 * client that leaves then leaves it behind (label.c). */
struct draft {
    struct arena arena;
    struct buf body;
    struct chat chat;
    struct session_of session;  /* where in its conversation the request stands */
    struct buf masked;          /* the body with tags, if anything was masked */
    uint64_t masked_bytes;      /* ... in the server's buffered_bytes */
    const struct chat *leaving; /* what cloud engines get: chat, or that of `masked` */
    const struct clearance *clearance; /* for `leaving`; NULL: it stays */
    struct screened *screened;         /* NULL: there is nowhere to leave for */
    struct reading *reading;           /* on a pool right now, to be read */
    struct screening *scan;            /* ... to be scanned */
    struct route_hints hints;
    struct route_choice choice;
    const struct config_model *tried[ROUTE_MAX_TRIED];
    size_t ntried;
    /* An engine has refused what weir added: it is asked again without, once, before
     * any other; NULL: no.  The ADAPT_* bits are this request's own, for that model. */
    const struct config_model *again;
    const struct config_model *adapted;
    unsigned adapt;
    uint64_t context_above; /* a context of so many tokens was too small; 0: none was */
    struct http_message message;
    struct engine_plan plan;
    struct err last_failure; /* of the newest attempt */
    uint32_t retry_after_s;
    struct str failed_body; /* the engine's own error answer, to pass on */
    struct str failed_type, failed_fields;
    int failed_status;
    uint64_t engine_wait_ms; /* how long that engine asks to be left alone; 0: unsaid */
    uint32_t nroutings;
    bool needs_fresh; /* the attempt goes again, on a new connection */
    /* The beginnings of the arena and of the body; not zeroed. */
    _Alignas(16) char first[DRAFT_FIRST_BYTES];
    char first_body[DRAFT_BODY_BYTES];
};

/* How the answer of the attempt is being taken. */
enum answer_mode {
    ANSWER_NONE,
    ANSWER_OPEN,    /* 2xx: how its body begins will say what it is */
    ANSWER_STREAM,  /* events to a client that streams */
    ANSWER_COLLECT, /* events joined into one answer */
    ANSWER_PLAIN,   /* held whole, or passed on once too large to hold */
    ANSWER_FAILURE  /* not 2xx: the body says why */
};

struct answer {
    enum answer_mode mode;
    int status;
    struct str content_type; /* in keep arena */
    struct str fields;       /* passed on by list; complete lines */
    int64_t content_length;
    struct buf held; /* plain body, failure body, or the start of a stream */
    struct engine_decoder *decoder;
    struct answer_encoder *encoder;
    struct engine_collector *collector;
    struct restorer *restorer; /* NULL: the engine saw no tags of this session */
    struct whole *whole;       /* on the pool right now, with the three above */
    struct usage usage;
    uint64_t content_bytes; /* visible, reasoning and tool text: for estimates */
    uint64_t sent_bytes;
    uint64_t taken_bytes;   /* of an answer that is held whole: what has come */
    uint64_t counted_bytes; /* what is held, in the budget */
    bool is_compressed;     /* by its head */
    bool was_at_work; /* the engine had the request for a while before it broke off */
    bool has_finish;
    bool has_passed_error; /* an error event went to the client */
    uint64_t wait_ms;      /* a refusal's head asks to be left alone so long; 0: no */
};

struct request {
    enum req_state state;
    struct worker *worker;
    struct client *client; /* NULL once it has left */
    struct setup *setup;
    struct arena keep; /* what the ledger row needs */
    struct draft *draft;
    struct exchange *exchange;
    struct gate_ticket ticket;
    struct link launch; /* worker->launches, later worker->dead */
    struct answer answer;

    uint64_t uid, started_ms,
        started_wall_ms; /* ms of the loop's clock: turns are short */
    int64_t ttft_ms;     /* -1: none yet */
    page_fn *page;       /* not NULL: weir answers by itself, nothing below matters */
    struct str id, client_id, session_name, model_asked, reasons_json, reason_line,
        masked_words;
    enum policy policy;
    uint64_t session;       /* as it is shown; SESSION_NONE: it belongs to none */
    uint64_t label_session; /* whose label it has, or that has it from this request */
    const struct config_key *key; /* in the setup's config */
    struct str origin;            /* allowed, to be echoed */
    const struct config_model *model;
    struct label label;
    struct vault *vault; /* of the session: for the answers of cloud engines */
    struct restore_counts restored;
    enum sensitivity declared;
    enum role role;
    enum surface surface;
    uint32_t attempts;
    uint32_t nlegs;        /* of the attempts, those whose LEG is recorded */
    uint32_t nowed;        /* of these, those that failed and cost something */
    int64_t owed_nanousd;  /* for them; COST_UNKNOWN when any is */
    uint64_t leg_began_ms; /* the last attempt, on the loop's clock */
    struct str price_date; /* of the first of them that had a price */
    uint32_t nchoices;     /* asked for */
    uint64_t request_bytes, input_estimate;
    uint64_t input_floor;   /* fewer prompt tokens than this cannot be all of it */
    uint64_t counted_bytes; /* the draft's, in the budget */
    int status;
    enum outcome outcome;
    const char *error_code;
    bool is_policy_forbidden; /* the header asks out of local-only */
    bool is_stream, wants_usage, is_cloud;
    bool is_low_quality; /* answered locally because of its label alone */
    bool is_masked;      /* tags stood in what a cloud engine got */
    bool is_witnessed;   /* the chain says of this attempt that it leaves */
    bool is_launched;    /* bytes of this attempt have gone to its engine */
    bool was_at_cloud;   /* ... of this or an earlier one, to a cloud engine */
    bool can_lower;      /* once label_session is lowered, it may leave masked */
    _Alignas(16) char first[KEEP_FIRST_BYTES]; /* of keep; not zeroed */
};

/* READ begins: the head is whole.  NULL with *err: refused; nothing was made. */
struct request *request_begin(struct client *c, const struct http_head *head,
                              struct err *err);
/* Body bytes; -1 when a ceiling is passed: the request is refused. */
int request_body(struct request *r, struct str piece, struct err *err);
/* The body is complete. */
void request_go(struct request *r);
/* The client has left: cancel, settle, free. */
void request_abandon(struct request *r);
/* Part of an answer that has begun is lost for want of memory: its connection is cut, so
 * that the client cannot take it for whole; when nothing of it has gone out, an error is
 * answered.  Returns false, as r is gone. */
bool request_cut(struct request *r);
/* The client's socket took what it had refused. */
void request_unchoke(struct request *r);
/* The error as r's client may read it: with its own values where an engine that knows
 * only tags has quoted it.  *scratch lives as long as what is returned. */
const struct err *request_tell(struct request *r, const struct err *err,
                               struct err *scratch);
/* Error answer (if the client is there), then settle. */
void request_refuse(struct request *r, const struct err *err);
/* weir stops, and the time for requests under way is over: an error, or an error event,
 * for a request that an engine was to answer.  What is on a pool stays untouched. */
void request_stop(struct request *r);

void request_enter(struct request *r, enum req_state to);
const char *req_state_name(enum req_state s);

/* How its rows begin. */
struct ledger_open request_open(const struct request *r);
/* Before ADMIT: drops it without a row or an answer. */
void request_discard(struct request *r);
/* Settles and ends; the memory lives until the end of the loop's turn, so a caller may
 * still look at r->state. */
void request_end(struct request *r);
/* Whose work this is, for a fair order: one number for each key, or without keys for each
 * connection. */
uint64_t request_owner(const struct request *r);
/* What clients may choose as the name of a request or session: 1 to 128 plain bytes. */
bool request_is_plain_name(struct str s);
/* r->session, if a header names it. */
void request_name_session(struct request *r, const struct http_head *head);
/* ... else from the decoded body; and where in its conversation r stands.  -1: no memory
 */
int request_find_session(struct request *r, struct err *err);
/* Fills worker->health from the gates. */
void request_look_at_engines(struct request *r);
/* What the router is to know of r; its draft is decoded and labelled. */
struct route_query request_query(struct request *r);
/* Frees what only an attempt needs. */
void request_drop_draft(struct request *r);
/* ... of a request that is gone; *counted_bytes of the memory budget come back. */
void request_free_draft(struct draft *d, struct worker *w, uint64_t *counted_bytes);
/* Turn end: frees the requests that ended in this turn. */
void request_free_dead(struct worker *w);
/* A body of n bytes is announced: -1 when it exceeds the request's ceiling. */
int request_expect_body(struct request *r, size_t n, struct err *err);

/* -- between the files of this room --------------------------------------------- */
void admit_enter(struct request *r); /* admit.c */
/* Reads the body of r as one of `surface` into its draft's chat and calls `then`, at once
 * or later: with NULL, or with what is wrong with it. */
typedef void read_then(struct request *r, const struct err *err);
void request_read(struct request *r, enum surface surface, read_then *then);
/* The client leaves while its body is read: the draft stays behind. */
void reading_abandon(struct request *r);
void label_enter(struct request *r); /* label.c */
/* From header, key and configuration alone. */
struct label label_declared(const struct request *r);
/* Screens the body of r, whose draft is decoded, and calls `then`, at once or later.
 * What a page asks about raises no session's label. */
typedef void label_then(struct request *r);
void label_screen(struct request *r, label_then *then);
/* The client leaves while a scan is under way: the draft stays with it. */
void label_abandon(struct request *r);
/* ", or ..." what would let a held request leave masked; empty when nothing would. */
struct str label_offer(const struct request *r, struct arena *a);
/* Which request its session has its label from; empty when it is this one. */
struct str label_origin(const struct request *r, struct arena *a);
void route_enter(struct request *r);   /* attempt.c */
void attempt_enter(struct request *r); /* attempt.c */
/* After the flush: send the attempt, or refuse what may not go unrecorded. */
enum missing_record { MISSING_NONE, MISSING_LEDGER, MISSING_CHAIN };
void attempt_launch(struct request *r, enum missing_record missing);
/* The pooled connection had ended before the engine could begin: the same request goes
 * to the same engine again, with records of its own. */
void attempt_resend(struct request *r);
/* The attempt failed before any content reached the client. */
void attempt_failed(struct request *r, const struct err *err);
/* What the failure says of the engine, to its breaker. */
void attempt_report(struct request *r, const struct err *err);
void attempt_drop(struct request *r); /* stop it, release its slot */
/* Bytes of this attempt have gone out, as its exchange (not NULL) says or an answer
 * shows: from here on it may cost. */
void attempt_note_sent(struct request *r, bool has_answer);
/* An engine refused what weir had added to the body: once more without. */
void attempt_adapt(struct request *r, unsigned adapt, const struct err *err);
/* The answer has begun: what the attempt left out stays left out for this engine. */
void attempt_worked(struct request *r);
/* Its engine asked to be left alone for so long: it is, while another can answer. */
void attempt_hold(struct request *r, const struct err *err, uint64_t ms);
extern const struct exchange_events relay_events; /* relay.c */
void relay_release(struct request *r);
/* In RELAY: the client is told inside the stream that it cannot go on. */
void relay_stop(struct request *r, const struct err *err);
/* The head of an answer: what of it a client may learn, and what it says of the body. */
void relay_keep_head(struct request *r, const struct http_head *head); /* relay_head.c */
/* What a client is told that it gets, for JSON: some read nothing that is called
 * otherwise. */
struct str relay_json_type(struct str given);
enum { RELAY_FAILURE_BYTES = 64 << 10 }; /* of an engine's error answer */
/* The engine's refusal is whole, in answer.held. */
void relay_end_failure(struct request *r); /* relay_failure.c */
/* An answer that was held whole, or collected, becomes what the client gets (whole.c), at
 * once or later: `then` may take the buffer, and finds usage and content_bytes set.  err
 * not NULL: why it is no answer.  Until then r's engine slot is already free. */
enum { WHOLE_MAX_BYTES = 32 << 20 }; /* of what must be held whole */
typedef void whole_then(struct request *r, struct buf *answer, const struct err *err);
void whole_make(struct request *r, whole_then *then);
/* The client leaves meanwhile: the answer's bytes stay with the pool. */
void whole_abandon(struct request *r);
void settle_enter(struct request *r); /* settle.c */
/* An attempt has failed and another may follow: what it cost must not be forgotten. */
void settle_attempt(struct request *r, const struct err *err);
/* It did not reach an engine that lives, and is made again. */
void settle_stale_attempt(struct request *r);
/* What a refused head's answer carries beside its error: for a page that may ask, that
 * it may read this (else a browser hides the reason), and what methods a path takes. */
void request_refusal_fields(const struct config *cfg, const struct http_head *head,
                            const struct err *err, struct buf *b); /* admit.c */
/* For a page of this origin, which is allowed. */
void request_write_origin(struct buf *b, struct str origin);
/* The lines every answer carries: x-weir-*, CORS, and those passed on. */
struct str request_answer_fields(struct request *r, struct str passed, struct arena *a);

#endif
