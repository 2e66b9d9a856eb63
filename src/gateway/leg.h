/* leg.h -- one attempt of a request: a model, a place at its engine, an exchange, an
 * answer, and what all that cost.
 *
 * A request owns several legs at once.  One of them, `request.leg`, is promised to the
 * client: it is begun anew for each retry, as the one before it has then ended.  The
 * others run aside (aside.h): their answers are for weir itself.
 *
 *     leg_begin -> [a slot of the engine] -> leg_prepare -> [the turn's flush]
 *               -> leg_launch -> ... exchange ... -> leg_end
 *
 * leg_prepare() appends the ATTEMPT record, and no byte leaves before the turn's flush
 * has written it; leg_end() appends the LEG record.  Every leg that has the one has the
 * other, once, whatever died.  A leg to a cloud engine takes the clearance of its
 * request, and has its own record in the audit chain. */
#ifndef WEIR_GATEWAY_LEG_H
#define WEIR_GATEWAY_LEG_H

#include "dialect/dialect.h"
#include "engine/engine.h"
#include "gateway/client.h"
#include "mask/restore.h"

struct draft;
struct leg;
struct whole;

/* How the answer of a leg is being taken. */
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
    struct buf held;   /* plain body, failure body, or the start of a stream */
    struct buf judged; /* of a whole answer, in weir's form: for who judges it */
    struct engine_decoder *decoder;
    event_sink *sink; /* where its events end (stages.h) */
    struct err *sink_err;
    struct answer_encoder *encoder;
    struct engine_collector *collector;
    struct restorer *restorer; /* NULL: the engine saw no tags of this session */
    struct whole *whole;       /* a pool works on it and on the three fields above */
    struct usage usage;
    uint64_t content_bytes; /* visible, reasoning and tool text: for estimates */
    uint64_t sent_bytes;
    uint64_t taken_bytes;   /* of an answer that is held whole: what has come */
    uint64_t counted_bytes; /* what is held, in the budget */
    bool is_compressed;     /* by its head */
    bool is_cut;            /* only its end is held */
    bool was_at_work; /* the engine had the request for a while before it broke off, or
                       * before weir had to stop */
    bool has_finish;
    bool has_opened;       /* a stream: its first opening chunk has come */
    bool has_passed_error; /* an error event went to the client */
    uint64_t wait_ms;      /* a refusal's head asks to be left alone so long; 0: no */
};

/* What goes out.  The bytes live in the draft that it was made of. */
struct leg_outgoing {
    struct http_message message;
    struct engine_plan plan;
};

/* What the promised leg and those aside do differently. */
struct leg_kind {
    enum leg_purpose purpose;
    const struct exchange_events *events; /* ctx: the leg */
    /* It could not be sent; err says why. */
    void (*unsent)(struct leg *l, const struct err *err);
};

struct leg {
    struct request *request;
    const struct leg_kind *kind;
    struct link link;   /* request->asides; in no list when promised */
    struct link launch; /* worker->launches */
    struct gate_ticket ticket;
    struct exchange *exchange;
    struct draft *draft; /* the request's, while this leg may still be sent */
    struct leg_outgoing *out;
    const struct config_model *model;
    struct answer answer;
    uint64_t started_ms; /* loop clock; when its slot was asked for */
    int64_t ttft_ms;     /* after that; -1: no content yet */
    enum leg_purpose purpose;
    uint32_t number;      /* in the request, from 1; 0: it has no ATTEMPT record */
    int64_t cost_nanousd; /* once it is settled; COST_UNKNOWN */
    uint64_t body_bytes;  /* of what it sends */
    struct str names;     /* engine_plan.names; in the request's keep arena */
    const char *end_code; /* why weir ended it, in a word; NULL: it did not */
    bool is_cloud;
    bool asks_stream;  /* of its engine */
    bool passes_own;   /* its engine's bytes go to the client, who speaks its dialect */
    bool is_masked;    /* tags stand in what it sends */
    bool needs_fresh;  /* on a new connection, not a pooled one */
    bool is_open;      /* has an ATTEMPT record and no LEG record yet */
    bool is_witnessed; /* the chain says of it that it leaves */
    bool is_launched;  /* bytes of it have gone to its engine */
    bool keeps_events; /* a leg aside: of a stream `then` gets events_kept.h's bytes */
    bool has_failed;   /* a leg aside: its engine was asked, and gave no answer */
};

/* A zeroed leg that may be dropped, settled and released, and does nothing. */
void leg_init(struct leg *l, struct request *r);
/* A new attempt of r, on this model, with what the draft d says: r's own or another;
 * nothing is recorded or sent yet. */
void leg_begin(struct leg *l, struct request *r, const struct leg_kind *kind,
               const struct config_model *model, struct draft *d);
/* A place at its engine; `granted` and `refused` as in gate.h. */
enum gate_answer leg_enter_gate(struct leg *l, void (*granted)(struct gate_ticket *t),
                                void (*refused)(struct gate_ticket *t));
/* A slot that is free now, and given back (`yield`) when somebody waits for one. */
bool leg_borrow_slot(struct leg *l, void (*yield)(struct gate_ticket *t));
/* What the translation of its answer is told. */
struct engine_naming leg_naming(const struct leg *l);
/* Encodes into *out what the leg sends, made of r's draft, and announces it. */
int leg_prepare(struct leg *l, struct leg_outgoing *out, struct err *err);
/* Appends the ATTEMPT record (and that of the chain); sent after the turn's flush. */
void leg_announce(struct leg *l);
/* The pooled connection had ended before the engine could begin: the same goes to the
 * same engine again, on a connection of its own and with records of its own. */
void leg_again(struct leg *l, const struct err *err);
/* After the flush: sends it, or lets it fail when it must not go without the record that
 * is missing. */
enum missing_record { MISSING_NONE, MISSING_LEDGER, MISSING_CHAIN };
void leg_launch(struct leg *l, enum missing_record missing);
/* Bytes of it have gone out, as its exchange (not NULL) says or an answer shows: from
 * here on it may cost. */
void leg_note_sent(struct leg *l, bool has_answer);
/* Content has come, now or before. */
void leg_note_content(struct leg *l);
/* Stops it and gives its slot back; what it has of an answer stays. */
void leg_drop(struct leg *l);
/* Its engine had the request and did not answer it: it broke, was late, or the prompt was
 * too long for it; and not: it had no room, knows no such key or model, or found fault
 * with the client, or weir itself fell short. */
static inline bool leg_is_answerless(const struct err *err)
{
    bool is_broken = err->kind == ERR_UPSTREAM || err->kind == ERR_TIMEOUT;
    return (is_broken && engine_is_ill(err)) || engine_is_overflow(err);
}
/* Frees what is held of its answer. */
void leg_release_answer(struct leg *l);
/* ... but keeps what its record needs. */
void leg_release_work(struct leg *l);
/* It is over: usage and cost are settled, its LEG record is appended, its part of the
 * meters and of r's sums is counted.  Once; nothing when it was never announced.  err:
 * why it failed; NULL: as the request's outcome says. */
void leg_settle(struct leg *l, enum outcome outcome, const struct err *err);

/* The setup's gate of its engine. */
struct gate *leg_gate(const struct leg *l);

#endif
