/* client.h -- one accepted connection: reads requests, writes answers, in turn.
 *
 * HTTP/1.1 keep-alive, one request at a time; bytes of the next one are kept (bounded)
 * until the answer is out.  A client that goes away takes its request with it at once.
 * Answers are written through the functions here, so that framing, backpressure and
 * connection persistence are decided in one place. */
#ifndef WEIR_GATEWAY_CLIENT_H
#define WEIR_GATEWAY_CLIENT_H

#include "gateway/worker.h"
#include "http/read.h"
#include "net/conn.h"

struct request;
struct refusal;

/* What became of a request, or of its leg, in a call that may end it. */
enum fate {
    GOES_ON,
    IS_OVER /* ended, or begun anew; the memory lives until the end of the turn */
};

enum client_state {
    CLIENT_IDLE,   /* between requests */
    CLIENT_HEAD,   /* part of a head has come */
    CLIENT_BODY,   /* head accepted, body coming */
    CLIENT_ANSWER, /* a request is being served */
    CLIENT_LINGER, /* refused with body unread: answer sent, discarding what comes */
    CLIENT_CLOSED
};

struct client {
    struct conn conn;
    struct worker *worker;
    struct link link;  /* worker->clients */
    struct link shelf; /* worker->shelves */
    uint64_t shelved_ms;
    struct http_reader *reader;
    struct request *request; /* BODY and ANSWER */
    struct loop_timer timer;
    struct loop_task resume; /* go on with kept bytes after an answer */
    struct buf kept;         /* pipelined bytes */
    struct buf head;         /* of an answer in pieces: is sent with its first piece */
    struct refusal
        *refusal; /* why the head was refused; answered once the (small) body is read */
    const struct config_key *key; /* the newest found, NULL: none; see find_key */
    uint64_t key_digest, key_setup;
    size_t unsent_bytes;    /* when the timer was set: what it then took is progress */
    uint64_t taken_ms;      /* when it last took anything of what waits for it */
    uint64_t much_taken_ms; /* ... and when as much as a reader takes */
    uint64_t counted_bytes; /* in the budget */
    enum client_state state;
    unsigned dialects;    /* bits 1 << enum dialect_id: what its address offers */
    bool must_close;      /* after this answer */
    bool is_http10;       /* no chunked answers */
    bool is_head;         /* the request under way wants no body */
    bool is_chunked;      /* the answer under way */
    bool is_resuming;     /* the resume task is queued: it holds the memory */
    bool is_released;     /* closed, and only the resume task still holds the memory */
    bool is_complete;     /* the request under way has been read whole */
    bool is_head_shelved; /* on a shelf for heads, where it keeps its place */
    bool is_turned_away;  /* its newest request was answered with 401 or 403 */
};

/* `dialects`: bits 1 << enum dialect_id, what is spoken where it came in. */
void client_accept(struct worker *w, unsigned dialects, int fd);
void client_close(struct client *c);
/* Descriptors run out: closes the connection that loses least by it (enum client_shelf),
 * of those the one that has stood still longest.  What stands for less than two seconds
 * goes only when nothing else can.  False: none may be closed. */
bool client_make_room(struct worker *w);
/* The answer under way is a page's, which comes again by itself: when descriptors run out
 * its connection is closed before any of somebody with a key. */
void client_yield(struct client *c);
void client_drain(struct client *c); /* closes it unless it has something to say */
/* There is no time left for the request under way: its client is told so, if that can be
 * done at once. */
void client_stop(struct client *c);

/* -- answers ------------------------------------------------------------------ */
/* A whole answer: `fields` are complete lines.  After it the next request may come. */
void client_answer(struct client *c, int status, struct str content_type,
                   struct str fields, struct str body);
/* The same; what the socket does not take at once of a large body stays in its buffer,
 * which is the connection's then. */
void client_answer_taking(struct client *c, int status, struct str content_type,
                          struct str fields, struct buf *body);
/* The head of an answer that is sent in pieces; length < 0: unknown. */
void client_answer_head(struct client *c, int status, struct str content_type,
                        struct str fields, int64_t content_length);
/* A piece.  IS_OVER: the client has gone, and took its request with it. */
enum fate client_answer_piece(struct client *c, struct str piece);
/* The last piece, in one write with the end of the answer; client_answer_end() follows.
 */
enum fate client_answer_last(struct client *c, struct str piece);
void client_answer_end(struct client *c);
/* The answer cannot be completed.  When nothing of it has gone out, an error is answered;
 * else the connection closes, so that the client sees it was cut. */
void client_answer_abort(struct client *c);
static inline bool client_is_choked(const struct client *c)
{
    return conn_has_unsent(&c->conn);
}

#endif
