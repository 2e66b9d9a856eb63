/* peer.h -- one connection to the simulator and the request that is on it.
 *
 * READ -> (WAIT for a slot) -> PAUSE until the answer is due -> SEND -> READ again, or
 * the end of the connection.  Bytes that arrive meanwhile are kept for later; an end
 * of file that arrives meanwhile is a client that has left. */
#ifndef WEIR_SIM_PEER_H
#define WEIR_SIM_PEER_H

#include "http/read.h"
#include "net/conn.h"
#include "sim/ask.h"
#include "sim/check.h"
#include "sim/chunk.h"
#include "sim/state.h"
#include "sim/trouble.h"

enum peer_state { PEER_READ, PEER_WAIT, PEER_PAUSE, PEER_SEND, PEER_CLOSED };

/* What happens to the connection once everything has gone out. */
enum peer_end {
    PEER_NEXT,  /* the next request, or the end when the client asked for it */
    PEER_CLOSE, /* FIN */
    PEER_RESET, /* RST */
    PEER_HOLD   /* nothing more, ever: until the client leaves */
};

struct peer;
struct sim_route {
    const char *path;
    const char *method;
    enum sim_surface surface; /* where run is peer_generate */
    void (*run)(struct peer *p);
};

enum { TARGET_BYTES = 512 };

struct peer {
    struct conn conn;
    struct sim *sim;
    struct link link;    /* in sim->peers */
    struct link waiting; /* in sim->queue, or alone */
    struct http_reader *reader;
    struct arena arena; /* of the request under way */
    struct buf body, pending, head_text;
    struct loop_timer due;  /* the next step of the answer */
    struct loop_timer slow; /* the next write of a slow fault */
    enum peer_state state;
    enum peer_end end;
    bool is_ending; /* `end` is to happen when all is out */
    bool is_feeding, holds_slot, is_streaming, has_request, is_eof_seen;

    /* what of the head outlives it */
    const struct sim_route *route; /* NULL: no such path */
    struct sim_address address;    /* whose dialect is spoken; its path, if it has one */
    const struct dialect *dialect; /* ... that of the address */
    char name[TARGET_BYTES];       /* ... what stands for a name in the path */
    bool is_method_wrong, keeps_alive, is_authorised;
    bool has_authorization, has_cookie, is_refused;
    bool is_head_asked; /* the method is HEAD */
    char version[16];   /* of the header anthropic-version, or "" */
    char target[64];
    struct sim_directives asked, header_asked;
    struct err fault_err; /* kind set: the fault header was not understood */

    /* the answer */
    struct sim_request request;
    struct sim_asking asking;
    struct sim_turn turn;
    struct sim_dress dress;
    struct sim_answer answer;
    struct sim_stream stream;
    bool is_head_sent;
    uint64_t first_ms; /* when the first token was due */
    struct buf held;   /* kept back by dribble and slow-head */
    bool is_holding;
};

/* Takes fd.  Out of memory closes it. */
void peer_open(struct sim *s, int fd);
void peer_close(struct peer *p);
/* sim->admit: gives free slots to those that wait. */
void peer_admit(void *sim);

/* -- for the files that answer ---------------------------------------------- */
extern const struct sim_route sim_routes[];
extern const size_t sim_nroutes;

/* Sends, or keeps back as the fault wants; a broken connection is noticed later. */
void peer_send(struct peer *p, const struct iovec *iov, int n);
bool peer_has_unsent(const struct peer *p);
/* The answer is complete as far as it goes. */
void peer_finish(struct peer *p, enum peer_end end);

/* whole.c: a request for an answer has been read; it has a slot; its time has come. */
void peer_generate(struct peer *p);
void peer_start(struct peer *p);
void peer_begin(struct peer *p);
/* An error in the form of the dialect; `type` is OpenAI's word. */
void peer_fail(struct peer *p, int status, const char *type, const char *message);
void peer_refuse_key(struct peer *p);
void peer_trouble(struct peer *p, const struct sim_trouble *t);
/* extra_fields are whole lines or empty. */
void peer_send_whole(struct peer *p, int status, struct str type, struct str body,
                     struct str extra_fields);
/* fail.c: true when the fault was the whole answer. */
bool peer_fails_outright(struct peer *p);
/* page.c: a path of a dialect that no model answers. */
void peer_tell(struct peer *p);
/* The response head up to its blank line, into sim->head; length < 0: chunked. */
void peer_write_head(struct peer *p, int status, struct str content_type,
                     int64_t content_length, struct str extra_fields);

/* stream.c */
void stream_begin(struct peer *p);
void stream_pump(struct peer *p); /* whatever is due now, as far as the peer reads */

#endif
