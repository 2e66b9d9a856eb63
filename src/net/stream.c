/* stream.c -- bytes in and out of a socket, plain or through OpenSSL.
 *
 * Facts that shape it.  A TLS record costs a header, a tag and a pass of the cipher,
 * so small pieces are gathered into one record of up to 16 KB.  Without TLS a few
 * small pieces are gathered too: the kernel looks at each, which costs more than to
 * copy them.  After SSL_write()
 * said "later" OpenSSL has already sealed that record: it insists on being offered
 * at least as many bytes again, which holds because a stream is only ever offered
 * from its first unsent byte.  A TLS stream that ends without close_notify may have
 * been cut by somebody else: that is a failure and not an end. */
#include "net/stream.h"

#include <errno.h>
#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

enum { RECORD_BYTES = 16 * 1024, GATHER_BYTES = 4096 };

static enum conn_result failed(struct conn *c, int sys_err)
{
    c->sys_err = sys_err;
    return CONN_FAIL;
}

/* -- plain ------------------------------------------------------------------ */

static enum conn_result plain_read(struct conn *c, void *p, size_t size, size_t *ret_n)
{
    for (;;) {
        ssize_t n = recv(c->fd, p, size, 0);
        if (LIKELY(n > 0)) {
            *ret_n = (size_t)n;
            return CONN_OK;
        }
        if (n == 0)
            return CONN_EOF;
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            return CONN_AGAIN;
        if (errno != EINTR)
            return failed(c, errno);
    }
}

static bool plain_has_input(struct conn *c)
{
    char byte;
    ssize_t n;
    do
        n = recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    return n >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

/* Bytes gathered, 0 when they are too many. */
static size_t gather(char *to, const struct iovec *iov, int n)
{
    size_t at = 0;
    for (int i = 0; i < n; i++) {
        if (iov[i].iov_len > GATHER_BYTES - at)
            return 0;
        if (iov[i].iov_len)
            memcpy(to + at, iov[i].iov_base, iov[i].iov_len);
        at += iov[i].iov_len;
    }
    return at;
}

static enum conn_result plain_writev(struct conn *c, const struct iovec *iov, int n,
                                     size_t *ret_n)
{
    union {
        const struct iovec *from;
        struct iovec *to;
    } pieces = {.from = iov}; /* sendmsg() writes nothing there */
    struct msghdr msg = {.msg_iov = pieces.to, .msg_iovlen = (size_t)n};
    char together[GATHER_BYTES];
    size_t ntogether = gather(together, iov, n);
    for (;;) {
        ssize_t sent = ntogether ? send(c->fd, together, ntogether, MSG_NOSIGNAL)
                                 : sendmsg(c->fd, &msg, MSG_NOSIGNAL);
        if (LIKELY(sent >= 0)) {
            *ret_n = (size_t)sent;
            return CONN_OK;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            return CONN_AGAIN;
        if (errno != EINTR)
            return failed(c, errno);
    }
}

const struct conn_ops conn_plain_ops = {
    .read = plain_read, .writev = plain_writev, .has_input = plain_has_input};

/* -- TLS -------------------------------------------------------------------- */

/* SSL_get_error() also looks into the thread's queue of errors: it must be empty before
 * a call.  It nearly always is, and to see that costs a tenth of clearing it. */
static inline void begin_call(void)
{
    if (UNLIKELY(ERR_peek_error()))
        ERR_clear_error();
    errno = 0;
}

static enum conn_result tls_result(struct conn *c, int rc, int sys)
{
    switch (SSL_get_error(c->ssl, rc)) {
    case SSL_ERROR_WANT_READ:
        return CONN_AGAIN;
    case SSL_ERROR_WANT_WRITE:
        c->ssl_wants_write = true;
        return CONN_AGAIN;
    case SSL_ERROR_ZERO_RETURN:
        return CONN_EOF;
    case SSL_ERROR_SYSCALL:
        return failed(c, sys ? sys : ECONNRESET);
    default:
        if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
            return failed(c, ECONNRESET);
        return failed(c, EPROTO);
    }
}

static enum conn_result tls_read(struct conn *c, void *p, size_t size, size_t *ret_n)
{
    size_t done = 0;
    c->ssl_wants_write = c->ssl_has_more = false;
    do {
        size_t n = 0;
        begin_call();
        int rc = SSL_read_ex(c->ssl, (char *)p + done, size - done, &n);
        if (rc <= 0) {
            enum conn_result r = done ? CONN_OK : tls_result(c, rc, errno);
            /* What ended the batch is met again by the next read. */
            c->ssl_has_more = done && SSL_get_error(c->ssl, rc) != SSL_ERROR_WANT_READ;
            *ret_n = done;
            return r;
        }
        done += n;
    } while (done < size && SSL_has_pending(c->ssl));
    c->ssl_has_more = SSL_has_pending(c->ssl);
    *ret_n = done;
    return CONN_OK;
}

/* The bytes from `skip` on, as one run: where they lie when a piece is large or the
 * last, else gathered into `record`. */
static struct str next_run(const struct iovec *iov, int n, size_t skip, char *record)
{
    int i = 0;
    for (; i < n && skip >= iov[i].iov_len; i++)
        skip -= iov[i].iov_len;
    if (i == n)
        return (struct str){record, 0};
    const char *first = (const char *)iov[i].iov_base + skip;
    size_t have = iov[i].iov_len - skip;
    if (have >= RECORD_BYTES || i + 1 == n)
        return (struct str){first, have};
    size_t len = 0;
    for (; i < n && len < RECORD_BYTES; i++, skip = 0) {
        size_t take = iov[i].iov_len - skip;
        if (take > RECORD_BYTES - len)
            take = RECORD_BYTES - len;
        if (take)
            memcpy(record + len, (const char *)iov[i].iov_base + skip, take);
        len += take;
    }
    return (struct str){record, len};
}

static enum conn_result tls_writev(struct conn *c, const struct iovec *iov, int n,
                                   size_t *ret_n)
{
    char record[RECORD_BYTES];
    size_t done = 0;
    for (;;) {
        struct str run = next_run(iov, n, done, record);
        if (run.n == 0)
            break;
        size_t sent = 0;
        begin_call();
        int rc = SSL_write_ex(c->ssl, run.p, run.n, &sent);
        if (rc <= 0) {
            int sys = errno;
            int why = SSL_get_error(c->ssl, rc);
            if (why == SSL_ERROR_WANT_WRITE || why == SSL_ERROR_WANT_READ)
                break;
            return failed(c, why == SSL_ERROR_SYSCALL && sys ? sys : EPROTO);
        }
        done += sent;
    }
    *ret_n = done;
    return done ? CONN_OK : CONN_AGAIN;
}

/* OpenSSL reads ahead, so bytes may wait in it as well as in the socket. */
static bool tls_has_input(struct conn *c)
{
    return SSL_has_pending(c->ssl) || plain_has_input(c);
}

const struct conn_ops conn_tls_ops = {
    .read = tls_read, .writev = tls_writev, .has_input = tls_has_input};
