/* request.h -- inside upstream/: a request's bytes on the wire, without a copy.
 *
 * The head is a handful of borrowed runs and the body is the message's pieces, so a
 * request needs no buffer: what the kernel refuses is built again from the message
 * and the count of bytes already sent. */
#ifndef WEIR_UPSTREAM_REQUEST_H
#define WEIR_UPSTREAM_REQUEST_H

#include "http/message.h"

#include <sys/uio.h>

enum { REQUEST_MAX_IOV = HTTP_MAX_PIECES + 6 };

struct request_wire {
    struct iovec iov[REQUEST_MAX_IOV];
    int n;
    size_t bytes;            /* of all runs */
    char content_length[48]; /* one of the runs */
};

/* Fills w with what follows the first `sent` bytes.  host_line is the rest of the
 * request line and the Host field: " HTTP/1.1\r\nHost: x\r\n". */
void request_wire_fill(struct request_wire *w, const struct http_message *msg,
                       struct str host_line, size_t sent);

#endif
