/* message.h -- an outgoing request as pieces: a head we write and body bytes we
 * mostly borrow.
 *
 * A same-dialect request is the client's own bytes with a few spans replaced, so its
 * body is a short list of pieces rather than a copy.  Nothing here is owned: the
 * pieces live in the request's arena and body buffer until the exchange has ended or
 * its answer has begun. */
#ifndef WEIR_HTTP_MESSAGE_H
#define WEIR_HTTP_MESSAGE_H

#include "core/str.h"

enum { HTTP_MAX_PIECES = 24 };

struct http_message {
    struct str method; /* "POST" */
    struct str target; /* "/v1/chat/completions": with the engine's path prefix */
    /* Field lines "name: value\r\n" without Host, Content-Length and Connection,
     * which the transport writes. */
    struct str fields;
    struct str body[HTTP_MAX_PIECES];
    size_t npieces;
    size_t body_bytes; /* sum of the pieces */
};

#endif
