/* stream.h -- how conn.c moves bytes: one table for plain sockets, one for TLS.
 *
 * Both write as much as the kernel takes and read once; neither keeps anything. */
#ifndef WEIR_NET_STREAM_H
#define WEIR_NET_STREAM_H

#include "net/conn.h"

struct conn_ops {
    enum conn_result (*read)(struct conn *c, void *p, size_t size, size_t *ret_n);
    enum conn_result (*writev)(struct conn *c, const struct iovec *iov, int n,
                               size_t *ret_n);
    bool (*has_input)(struct conn *c);
};

extern const struct conn_ops conn_plain_ops, conn_tls_ops;

#endif
