/* conn.h -- one stream socket, plain or TLS, non-blocking.
 *
 * Both ends of weir use it: accepted clients and dialled upstreams.  Reads are pulled
 * by the owner into the loop's scratch buffer; writes go out at once and only what
 * the kernel refuses is kept (bounded).  An idle connection holds no buffer.
 *
 * Life: conn_open() -> events -> conn_close().  After conn_close() no callback comes;
 * the struct's memory may go when `released` has run (end of the turn).
 * With TLS the process must ignore SIGPIPE: OpenSSL writes with write(2).
 * TCP_NODELAY is set on every socket: a gateway that waits to fill segments adds
 * 40 ms to each streamed token. */
#ifndef WEIR_NET_CONN_H
#define WEIR_NET_CONN_H

#include "core/buf.h"
#include "loop/loop.h"

#include <sys/uio.h>

struct ssl_st; /* OpenSSL's SSL */
struct conn;

/* Bytes to be written: struct iovec has no const, but nobody writes through it. */
static inline struct iovec iovec_of(struct str s)
{
    union {
        const char *from;
        void *to;
    } at = {.from = s.p};
    return (struct iovec){at.to, s.n};
}

enum conn_result {
    CONN_OK,    /* *ret_n bytes moved, at least one */
    CONN_AGAIN, /* nothing now; an event will come  */
    CONN_EOF,   /* the peer ended its side in order */
    CONN_FAIL   /* see conn->err                    */
};

struct conn_events {
    /* Bytes, EOF or an error wait: call conn_read() until AGAIN (or stop early; it
     * is level-triggered and comes again).  Only while reading is wanted. */
    void (*readable)(struct conn *c);
    /* Everything conn_send() had kept has gone out.  May be NULL. */
    void (*drained)(struct conn *c);
    /* The kernel takes bytes again; only while conn_want_write() asks.  May be NULL. */
    void (*writable)(struct conn *c);
    /* A kept write failed: the peer is gone.  May be NULL (then reading tells). */
    void (*broken)(struct conn *c);
    /* After conn_close(): the memory is the owner's again.  May be NULL. */
    void (*released)(struct conn *c);
};

struct conn {
    struct loop_io io;
    struct loop *loop;
    const struct conn_events *events;
    const struct conn_ops *ops; /* conn.c: plain or TLS */
    struct ssl_st *ssl;         /* NULL when plain; owned */
    struct buf out;             /* refused by the kernel; empty most of the time */
    struct loop_task again;     /* TLS holds decrypted bytes that epoll cannot see */
    int fd;                     /* owned; -1 after close */
    int sys_err;                /* errno of the failure, or 0 */
    bool wants_read, wants_write;
    bool is_closed;
    bool is_read_over;    /* EOF or failure was read: readiness means nothing more */
    bool is_write_over;   /* a write failed */
    bool is_again_queued; /* `again` is deferred */
    bool ssl_has_more;    /* the last read left bytes inside OpenSSL */
    bool ssl_wants_write; /* TLS must write before it can read */
};

/* Takes fd (and ssl, if any).  On failure both are closed and -1 is returned.
 * `max_out_bytes` bounds what conn_send() may keep. */
int conn_open(struct conn *c, struct loop *l, int fd, struct ssl_st *ssl,
              const struct conn_events *events, size_t max_out_bytes, struct err *err);
void conn_close(struct conn *c); /* idempotent; drops what is unsent */
/* Ends and frees what conn_open() would have taken. */
void conn_discard(int fd, struct ssl_st *ssl);

/* Start or stop asking for `readable`: stopping is how backpressure reaches the
 * peer.  (With TLS, bytes already decrypted are delivered after resuming.)  After
 * conn_read() gave EOF or FAIL no `readable` comes, wanted or not. */
void conn_want_read(struct conn *c, bool wanted);

enum conn_result conn_read(struct conn *c, void *p, size_t size, size_t *ret_n);

/* True when anything waits to be read: bytes, the peer's end, an error, and with TLS
 * records that carry no data too.  One system call; nothing is taken. */
bool conn_has_input(struct conn *c);

enum { CONN_PIECES = 4 }; /* before a body in conn_send_buf() */

/* Writes all of iov[0..n): at once as far as the kernel takes it, the rest later.
 * 0, or -1 when the connection is broken or the rest exceeds max_out_bytes. */
int conn_send(struct conn *c, const struct iovec *iov, int n);
/* The same for a head and a large body: what is left of the body stays in its buffer,
 * which is the connection's then; *body is empty. */
int conn_send_taking(struct conn *c, struct iovec head, struct buf *body);
/* For large bodies that stay where they are: writes what the kernel takes now and
 * keeps nothing.  OK with *ret_n below the total, or AGAIN: ask with
 * conn_want_write() and, when `writable` comes, offer the same bytes again from where
 * the count says (TLS insists on the same bytes).  Not while conn_has_unsent(). */
enum conn_result conn_writev(struct conn *c, const struct iovec *iov, int n,
                             size_t *ret_n);
void conn_want_write(struct conn *c, bool wanted);

static inline bool conn_has_unsent(const struct conn *c)
{
    return buf_len(&c->out) > 0;
}

#endif
