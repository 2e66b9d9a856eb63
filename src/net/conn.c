/* conn.c -- a stream socket on the loop: interest, kept bytes, life.
 *
 * Facts that shape it.  uv_poll is level-triggered and every change of interest costs
 * two system calls, so READ stays on for life and WRITE is asked for only while the
 * kernel refuses bytes.  A level that nobody reads away spins the loop: after EOF or
 * a failure READ is dropped here, whatever the owner wants.  OpenSSL may hold bytes
 * that epoll cannot see; they are delivered by a deferred task.  How bytes move is in
 * stream.c. */
#include "net/conn.h"

#include "net/stream.h"

#include <unistd.h>

#include <openssl/ssl.h>

static void update_interest(struct conn *c)
{
    unsigned want = 0;
    bool reads = c->wants_read && !c->is_read_over;
    if (reads)
        want |= LOOP_READ;
    if (reads && c->ssl_wants_write)
        want |= LOOP_WRITE;
    if ((conn_has_unsent(c) || c->wants_write) && !c->is_write_over)
        want |= LOOP_WRITE;
    loop_io_want(&c->io, want);
}

static void queue_again(struct conn *c)
{
    if (!c->ssl_has_more || !c->wants_read || c->is_read_over || c->is_again_queued)
        return;
    c->is_again_queued = true;
    loop_defer(c->loop, &c->again);
}

static void deliver(struct conn *c)
{
    if (!c->wants_read || c->is_read_over)
        return;
    c->events->readable(c);
    if (!c->is_closed)
        queue_again(c);
}

static void run_again(void *arg)
{
    struct conn *c = arg;
    c->is_again_queued = false;
    deliver(c);
    if (!c->is_closed)
        update_interest(c);
}

static enum conn_result flush_out(struct conn *c)
{
    struct iovec iov = iovec_of(buf_view(&c->out));
    size_t sent = 0;
    enum conn_result r = conn_writev(c, &iov, 1, &sent);
    if (r == CONN_OK)
        buf_consume(&c->out, sent);
    return r;
}

static void write_on(struct conn *c)
{
    if (!conn_has_unsent(c)) {
        if (c->wants_write && c->events->writable)
            c->events->writable(c);
        return;
    }
    enum conn_result r = flush_out(c);
    if (r == CONN_FAIL) {
        buf_release(&c->out);
        if (c->events->broken)
            c->events->broken(c);
    } else if (!conn_has_unsent(c)) {
        buf_release(&c->out); /* an idle connection holds no buffer */
        if (c->events->drained)
            c->events->drained(c);
    }
}

/* Reading comes first: a refused upload is answered before the writes break. */
static void on_ready(struct loop_io *io, unsigned ready)
{
    struct conn *c = CONTAINER_OF(io, struct conn, io);
    if ((ready & LOOP_READ) || ((ready & LOOP_WRITE) && c->ssl_wants_write))
        deliver(c);
    if (!c->is_closed && (ready & LOOP_WRITE))
        write_on(c);
    if (!c->is_closed)
        update_interest(c);
}

void conn_discard(int fd, struct ssl_st *ssl)
{
    if (ssl) {
        /* Said or not, this end is over in order: else OpenSSL would mark the
         * session as one that must not be resumed. */
        if (SSL_is_init_finished(ssl))
            SSL_shutdown(ssl);
        SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        SSL_free(ssl);
    }
    close(fd);
}

int conn_open(struct conn *c, struct loop *l, int fd, struct ssl_st *ssl,
              const struct conn_events *events, size_t max_out_bytes, struct err *err)
{
    *c = (struct conn){.loop = l,
                       .events = events,
                       .ops = ssl ? &conn_tls_ops : &conn_plain_ops,
                       .ssl = ssl,
                       .fd = fd,
                       .ssl_has_more = ssl && SSL_has_pending(ssl)};
    c->again = (struct loop_task){.fn = run_again, .arg = c};
    buf_init(&c->out, max_out_bytes);
    if (loop_io_open(l, &c->io, fd, on_ready, err) == 0)
        return 0;
    conn_discard(fd, ssl);
    c->fd = -1;
    c->is_closed = true;
    return -1;
}

static void on_released(struct loop_io *io)
{
    struct conn *c = CONTAINER_OF(io, struct conn, io);
    if (c->events->released)
        c->events->released(c);
}

void conn_close(struct conn *c)
{
    if (c->is_closed)
        return;
    c->is_closed = true;
    c->wants_read = c->wants_write = false;
    if (c->is_again_queued)
        loop_undefer(c->loop, &c->again);
    loop_io_close(&c->io, on_released);
    conn_discard(c->fd, c->ssl);
    c->ssl = NULL;
    c->fd = -1;
    buf_release(&c->out);
}

void conn_want_read(struct conn *c, bool wanted)
{
    if (c->is_closed || c->wants_read == wanted)
        return;
    c->wants_read = wanted;
    queue_again(c);
    update_interest(c);
}

void conn_want_write(struct conn *c, bool wanted)
{
    if (c->is_closed || c->wants_write == wanted)
        return;
    c->wants_write = wanted;
    update_interest(c);
}

enum conn_result conn_read(struct conn *c, void *p, size_t size, size_t *ret_n)
{
    enum conn_result r = c->ops->read(c, p, size, ret_n);
    if (UNLIKELY(r == CONN_EOF || r == CONN_FAIL))
        c->is_read_over = true;
    return r;
}

enum conn_result conn_writev(struct conn *c, const struct iovec *iov, int n,
                             size_t *ret_n)
{
    enum conn_result r = c->ops->writev(c, iov, n, ret_n);
    if (UNLIKELY(r == CONN_FAIL))
        c->is_write_over = true;
    return r;
}

bool conn_has_input(struct conn *c)
{
    return c->ops->has_input(c);
}

static int keep(struct conn *c, const struct iovec *iov, int n, size_t skip)
{
    for (int i = 0; i < n; i++) {
        size_t past = skip < iov[i].iov_len ? skip : iov[i].iov_len;
        skip -= past;
        buf_append(&c->out, (struct str){(const char *)iov[i].iov_base + past,
                                         iov[i].iov_len - past});
    }
    if (c->out.failed)
        return -1;
    update_interest(c);
    return 0;
}

int conn_send(struct conn *c, const struct iovec *iov, int n)
{
    size_t sent = 0, total = 0;
    if (c->is_closed || c->is_write_over)
        return -1;
    for (int i = 0; i < n; i++)
        total += iov[i].iov_len;
    if (total == 0)
        return 0;
    if (!conn_has_unsent(c)) {
        enum conn_result r = conn_writev(c, iov, n, &sent);
        if (r == CONN_FAIL)
            return -1;
        if (LIKELY(sent == total))
            return 0;
    }
    return keep(c, iov, n, sent);
}

int conn_send_taking(struct conn *c, struct iovec head, struct buf *body)
{
    size_t sent = 0, max = c->out.max_bytes;
    struct iovec iov[2] = {head, {body->p + body->off, buf_len(body)}};
    if (conn_has_unsent(c) || c->is_closed || c->is_write_over || buf_len(body) > max)
        return conn_send(c, iov, 2);
    if (conn_writev(c, iov, 2, &sent) == CONN_FAIL)
        return -1;
    if (sent < head.iov_len)
        return keep(c, iov, 2, sent);
    if (sent == head.iov_len + buf_len(body))
        return 0;
    buf_consume(body, sent - head.iov_len);
    buf_release(&c->out);
    c->out = *body;
    c->out.max_bytes = max;
    buf_init(body, 0);
    update_interest(c);
    return 0;
}
