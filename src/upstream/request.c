/* request.c -- laying a message out for sendmsg().  When to send is in exchange.c. */
#include "upstream/request.h"

#include <stdio.h>

static void add(struct request_wire *w, struct str s, size_t *skip)
{
    if (s.n <= *skip) {
        *skip -= s.n;
        return;
    }
    union {
        const char *from;
        void *to;
    } at = {.from = s.p + *skip}; /* iovec has no const: nothing writes there */
    w->iov[w->n++] = (struct iovec){at.to, s.n - *skip};
    w->bytes += s.n - *skip;
    *skip = 0;
}

/* A body-less GET states no length; a body-less POST must (RFC 9110, 8.6). */
static struct str length_field(struct request_wire *w, const struct http_message *msg)
{
    if (msg->body_bytes == 0 &&
        (str_eqz(msg->method, "GET") || str_eqz(msg->method, "HEAD")))
        return STR("\r\n");
    int n = snprintf(w->content_length, sizeof w->content_length,
                     "Content-Length: %zu\r\n\r\n", msg->body_bytes);
    return (struct str){w->content_length, (size_t)n};
}

void request_wire_fill(struct request_wire *w, const struct http_message *msg,
                       struct str host_line, size_t sent)
{
    size_t skip = sent;
    w->n = 0;
    w->bytes = 0;
    add(w, msg->method, &skip);
    add(w, STR(" "), &skip);
    add(w, msg->target, &skip);
    add(w, host_line, &skip);
    add(w, msg->fields, &skip);
    add(w, length_field(w, msg), &skip);
    for (size_t i = 0; i < msg->npieces; i++)
        add(w, msg->body[i], &skip);
}
