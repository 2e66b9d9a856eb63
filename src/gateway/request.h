/* request.h -- the life of a request; nothing else knows all the rooms.
 *
 *   READ -> ADMIT -> LABEL -> ROUTE <-> ATTEMPT [-> JUDGE] -> RELAY -> SETTLE -> DONE
 *     \       |        |        |          |          |                 ^
 *      \------+--------+--------+----------+----------+---> REFUSE -----+
 *
 * READ     the head is accepted, the body comes in        (client.c, admit.c)
 * ADMIT    the body is read; the ledger's open record      (admit.c)
 * LABEL    scan, sensitivity, clearance, masked body       (label.c)
 * ROUTE    choose an engine, with reasons                  (choose.c)
 * ATTEMPT  queue, encode, send, wait for content           (attempt.c, leg.c)
 * JUDGE    is a local answer good enough?  Where asked for  (escalate.c)
 * RELAY    content has gone to the client                  (relay.c)
 * SETTLE   one ledger row, whatever happened               (settle.c)
 * REFUSE   an error answer, before any content             (refuse in request.c)
 *
 * request_enter() is the only thing that changes the state and asserts the edge.
 * Nothing is retried once RELAY has been entered.  Every request that got past READ
 * settles exactly once. */
#ifndef WEIR_GATEWAY_REQUEST_H
#define WEIR_GATEWAY_REQUEST_H

#include "gateway/client.h"
#include "gateway/forecast.h"
#include "gateway/leg.h"
#include "gateway/reask.h"
#include "guard/screen.h"
#include "loop/pool.h"

enum req_state {
    REQ_READ,
    REQ_ADMIT,
    REQ_LABEL,
    REQ_ROUTE,
    REQ_ATTEMPT,
    REQ_JUDGE,
    REQ_RELAY,
    REQ_SETTLE,
    REQ_REFUSE,
    REQ_DONE,
    REQ_NSTATES
};

enum { TRIES_MAX = 4 }; /* to answer one request, on all engines together */

struct request;
struct escalation;
struct pairing;

/* A plain request fits, and needs no heap. */
enum { DRAFT_FIRST_BYTES = 1024, DRAFT_BODY_BYTES = 1536, KEEP_FIRST_BYTES = 384 };

/* What the request is about while it may still be routed; dropped when RELAY begins,
 * so that a long stream holds little.  While the pool scans it, it is the pool's: a
 * client that leaves then leaves it behind (label.c). */
struct draft {
    struct arena arena;
    struct buf body;
    size_t expected_bytes; /* of it, as announced; 0: not */
    struct chat chat;
    struct buf echo;            /* the request's, until it is read */
    struct session_of session;  /* where in its conversation the request stands */
    uint64_t opening;           /* ... and that conversation's id, as it is shown */
    uint64_t newest_sum;        /* of the user's newest words; 0: not known (reask.h) */
    struct reask_mark mark;     /* what its user asks */
    struct buf masked;          /* the body with tags, if anything was masked */
    uint64_t masked_bytes;      /* ... in the server's buffered_bytes */
    const struct chat *leaving; /* what cloud engines get: chat, or that of `masked` */
    const struct clearance *clearance; /* for `leaving`; NULL: it stays */
    struct screened
        *screened; /* NULL: nothing can leave, as no cloud engine is configured */
    struct reading *reading; /* on a pool right now, to be read */
    struct screening *scan;  /* ... to be scanned */
    struct route_hints hints;
    struct str passed; /* fields that an engine of its dialect gets, too (dialect.h) */
    struct str via; /* marks of the weirs it came through, and this one's; empty: none */
    struct route_choice choice;
    struct route_learned *learned; /* of policy learned; NULL: not asked yet */
    uint32_t calm_turns;           /* of an agent's loop on the strong side (sides.h) */
    const struct config_model *tried[ROUTE_MAX_TRIED];
    size_t ntried;
    /* An engine has refused what weir added: it is asked again without, once, before
     * any other; NULL: no.  The ADAPT_* bits are this request's own, for that model. */
    const struct config_model *again;
    const struct config_model *adapted;
    unsigned adapt;
    uint64_t context_above; /* a context of so many tokens was too small; 0: none was */
    uint32_t retry_after_s;
    struct str failed_body; /* the engine's own error answer, to pass on */
    struct str failed_type, failed_fields;
    int failed_status;
    uint64_t engine_wait_ms; /* how long that engine asks to be left alone; 0: unsaid */
    uint32_t nroutings;
    uint32_t nasides;       /* legs beside the answer that are still to be sent from it */
    uint64_t counted_bytes; /* in the budget, once the request has left it to them */
    /* From here on nothing is zeroed. */
    struct err last_failure; /* of the newest leg */
    struct leg_outgoing out; /* of the promised leg, once it is prepared */
    /* The beginnings of the arena and of the body. */
    _Alignas(16) char first[DRAFT_FIRST_BYTES];
    char first_body[DRAFT_BODY_BYTES];
};

struct request {
    enum req_state state;
    struct worker *worker;
    struct client *client; /* NULL once it has left */
    struct setup *setup;
    struct arena keep; /* what the ledger row needs */
    struct draft *draft;
    struct leg leg;     /* the one promised to the client; begun anew for a retry */
    struct link asides; /* the legs beside it (aside.h) */
    struct link dead;   /* worker->dead */

    struct loop_timer quiet;  /* quiet.h */
    uint64_t said_ms;         /* when its client was last told anything */
    struct loop_timer linger; /* set while the row waits for them */
    uint64_t ended_ms;        /* when its answer ended; the row may wait for legs aside */
    uint64_t uid, started_ms,
        started_wall_ms; /* ms of the loop's clock: turns are short */
    page_fn *page;       /* not NULL: weir answers by itself, nothing below matters */
    const struct page_head *head;  /* of a page for browsers, else NULL */
    struct page_hold *hold;        /* ... that is answered later; NULL: at once */
    const struct dialect *dialect; /* of its path: it is read and answered in it */
    const struct dialect_path *path;
    struct buf echo;             /* what its dialect's answers repeat of it */
    struct engine_issuer issuer; /* of what its engine seals, for its dialect */
    struct str lost;             /* what its engine was not told, by name; or empty */
    struct str id, client_id, session_name, model_asked, reasons_json, reason_line,
        masked_words;
    enum policy policy;
    uint64_t session; /* as it is shown; SESSION_NONE: it belongs to none */
    uint64_t
        label_session; /* the one whose label it has, or that got its label from it */
    const struct config_key *key; /* in the setup's config */
    struct str origin;            /* allowed, to be echoed */
    const struct config_model *model;
    struct label label;
    struct vault *vault;           /* of the session: for the answers of cloud engines */
    struct escalation *escalation; /* NULL: its answer is given as it comes */
    struct pairing *pairing;       /* NULL: it is in no pilot */
    struct restore_counts restored;
    enum sensitivity declared;
    enum role role;
    enum surface surface;
    enum escalate_said escalate;
    const char
        *unjudged; /* why an answer that was to be judged was not; static, or NULL */
    double score;  /* of policy learned; NAN: it has not looked at it */
    struct noted *noted;     /* what its row keeps of that score; NULL: nothing */
    uint32_t nholds;         /* its row waits for so many things beside its legs */
    uint32_t nlegs;          /* that have records */
    uint32_t ntries;         /* ... of them, those promised to the client */
    struct ledger_knew knew; /* when the newest choice was made */
    /* Of the legs that have ended: see leg_settle(). */
    struct usage usage;
    int64_t cost_nanousd, other_nanousd; /* of all legs; of the legs aside */
    struct str price_date;
    uint32_t nfailed_paid, naside_paid;
    uint32_t nchoices; /* asked for */
    uint64_t request_bytes, input_estimate;
    uint64_t
        input_floor; /* an engine that counts fewer prompt tokens has not counted all */
    uint64_t counted_bytes; /* the draft's, in the budget */
    uint64_t echo_bytes;    /* ... and the echo's */
    int status;
    enum outcome outcome;
    const char *error_code;
    bool is_policy_forbidden; /* the header asks out of local-only */
    bool is_stream, wants_usage, is_cloud;
    bool is_low_quality;    /* answered locally because of its label alone */
    bool is_masked;         /* tags stood in what a cloud engine got */
    bool usage_is_reported; /* by the engine */
    bool was_at_cloud;      /* a cloud engine has bytes of it, or may have */
    bool is_opened; /* the head of a stream went out before its answer was chosen */
    bool can_lower; /* once label_session is lowered, it may leave masked */
    _Alignas(16) char first[KEEP_FIRST_BYTES]; /* of keep; not zeroed */
};

/* What its answer is told of it; what it points to lives as long as r. */
struct answer_about request_about(const struct request *r);

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
 * answered.  IS_OVER. */
enum fate request_cut(struct request *r);
/* The client's socket took what it had refused. */
void request_unchoke(struct request *r);
/* The error as r's client may read it: with its own values where an engine that knows
 * only tags has quoted it.  *scratch lives as long as what is returned. */
const struct err *request_tell(struct request *r, const struct err *err,
                               struct err *scratch);
/* Error answer (if the client is there), then settle. */
void request_refuse(struct request *r, const struct err *err);
/* weir stops, and the time for requests under way is over: an error, or an error event.
 * What is on a pool is left to it, as when the client leaves. */
void request_stop(struct request *r);
/* Weir begins to drain: what would never end by itself ends. */
void request_drain(struct request *r);

void request_enter(struct request *r, enum req_state to);
const char *req_state_name(enum req_state s);

/* What its OPEN record and its row begin with. */
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
/* r->session, if a header names it; x-weir-session may be any printable text of 1 to 128
 * bytes, which the row keeps. */
void request_name_session(struct request *r, const struct http_head *head);
/* ... else from the decoded body: d's session and opening.  It reads the body's texts
 * once more, on the thread that has read it, while the request may be gone.  -1: no
 * memory. */
struct session_ask {
    struct siphash_key secret; /* the server's */
    uint64_t named;            /* by a header, or SESSION_NONE */
    bool is_nobodys, has_key;
    unsigned char key_hash[CONFIG_KEY_HASH_BYTES];
};
struct session_ask request_session_ask(const struct request *r);
/* Each id that a session of this name may have, whichever header or member gave the name,
 * for the client's key of this SHA-256, or NULL for none. */
void session_each_digest(struct siphash_key secret, const unsigned char *key_hash,
                         struct str name, void (*each)(void *ctx, uint64_t digest),
                         void *ctx);
int draft_find_session(struct draft *d, const struct session_ask *ask, struct err *err);
/* Whose turn it is in an engine's queue, and what it asks there. */
uint64_t request_fairness_key(const struct request *r);
struct gate_who request_gate_who(const struct request *r);
/* What a cloud engine would get of it has tags in it. */
bool request_leaves_masked(const struct draft *d);
/* Fills worker->health from the gates. */
void request_look_at_engines(struct request *r);
/* What the router is to know of r; its draft is decoded and labelled. */
struct route_query request_query(struct request *r);
/* Frees what only an attempt needs, or leaves it to the legs that still do. */
void request_drop_draft(struct request *r);
/* A leg aside of r needs it no longer. */
void request_leave_draft(struct draft *d, struct request *r);
/* A leg aside of r has ended: when r itself has, and it was the last one, r settles. */
void request_leg_over(struct request *r);
/* What r->nholds counts is over: the same. */
void request_unhold(struct request *r);
/* ... of a request that is gone; *counted_bytes of the memory budget come back. */
void request_free_draft(struct draft *d, struct worker *w, uint64_t *counted_bytes);
/* Turn end: frees the requests that ended in this turn. */
void request_free_dead(struct worker *w);
/* A body of n bytes is announced: -1 when it exceeds the request's ceiling. */
int request_expect_body(struct request *r, size_t n, struct err *err);

/* A draft with nothing in it; NULL: no memory. */
struct draft *request_take_draft(struct worker *w, const struct config *c);
/* What a scan of the body of d, r's draft, is given. */
struct screen_input label_input(const struct request *r, const struct draft *d);

/* -- between the files of this room --------------------------------------------- */
void admit_enter(struct request *r); /* admit.c */
/* Reads the body of r, as its path says, into its draft's chat and calls `then`, at once
 * or later: with NULL, or with what is wrong with it.  r->session is set. */
typedef void read_then(struct request *r, const struct err *err);
void request_read(struct request *r, read_then *then);
/* -1, with *err: when it is the ceiling of d's arena that was too low, it was for the
 * form that the client gave its request, and *err says so. */
int draft_fail(const struct draft *d, struct err *err);
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
/* {"kind","reason","member","line","column","value","resolve"} of the value that made the
 * request stay; p NULL: none did, or the draft is gone. */
struct str label_found_json(const struct request *r, struct arena *a);
struct str label_origin(const struct request *r, struct arena *a);
void route_enter(struct request *r);   /* choose.c */
void attempt_enter(struct request *r); /* attempt.c */
/* The cloud is paused: a leg that waits for a slot there is routed again. */
void attempt_recall(struct request *r);
/* The promised leg failed before any content reached the client. */
void attempt_failed(struct request *r, const struct err *err);
/* What the failure says of the engine, to its breaker. */
void attempt_report(const struct leg *l, const struct err *err);
/* An engine refused what weir had added to the body: once more without. */
void attempt_adapt(struct request *r, unsigned adapt, const struct err *err);
/* The answer has begun: what the attempt left out stays left out for this engine. */
void attempt_worked(struct request *r);
/* Its engine asked to be left alone for so long: it is, while another can answer. */
void attempt_hold(const struct leg *l, const struct err *err, uint64_t ms);
/* A stream whose answer is not chosen yet: its head goes out, and a comment (opened.c).
 */
void opened_begin(struct request *r);
/* ... the comment that says who answers, into the worker's buffer. */
void opened_tell(struct request *r);
/* ... the rest of it; takes the body. */
void opened_answer(struct leg *l, struct buf *body);
/* ... for which there will be no answer: an error event, and its end. */
void opened_fail(struct request *r, const struct err *err);
/* An answer that was held whole, or collected, becomes what the client gets (whole.c), at
 * once or later: `then` may take the buffer, and finds usage and content_bytes set.  err
 * not NULL: why it is no answer.  Until then the leg's slot is already free. */
enum { WHOLE_MAX_BYTES = 32 << 20 }; /* of what must be held whole */
typedef void whole_then(struct leg *l, struct buf *answer, const struct err *err);
/* `judged` is the answer in weir's form, when it is held to be judged; `then` may take
 * it. */
void whole_make(struct leg *l, whole_then *then);
/* The client leaves meanwhile: the answer's bytes stay with the pool. */
void whole_abandon(struct leg *l);
void settle_enter(struct request *r); /* settle.c: its answer has ended */
void settle_row(struct request *r);   /* ... and so have all its legs */
/* What a refused head's answer carries beside its error: for a page that may ask, that
 * it may read this (else a browser hides the reason), and what methods a path takes. */
void request_refusal_fields(const struct worker *w, const struct http_head *head,
                            const struct err *err, struct buf *b); /* admit.c */
/* For a page of this origin, which is allowed. */
void request_write_origin(struct buf *b, struct str origin);
/* The lines every answer carries: x-weir-*, CORS, and those passed on. */
struct str request_answer_fields(struct request *r, struct str passed, struct arena *a);

#endif
