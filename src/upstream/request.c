/* request.c -- laying a message out for sendmsg().  When to send is in exchange.c. */
#include "upstream/request.h"

#include "net/conn.h"

static void add(struct request_wire *w, struct str s, size_t *skip)
{
    if (s.n <= *skip) {
        *skip -= s.n;
        return;
    }
    w->iov[w->n++] = iovec_of(str_sub(s, *skip, s.n));
    w->bytes += s.n - *skip;
    *skip = 0;
}

/* A body-less GET states no length; a body-less POST must (RFC 9110, 8.6). */
static struct str length_field(struct request_wire *w, const struct http_message *msg)
{
    static const char name[] = "Content-Length: ";
    if (msg->body_bytes == 0 &&
        (str_eqz(msg->method, "GET") || str_eqz(msg->method, "HEAD")))
        return STR("\r\n");
    char *end = w->content_length + sizeof w->content_length, *p = end - 4;
    memcpy(p, "\r\n\r\n", 4);
    for (size_t v = msg->body_bytes, first = 1; v || first; v /= 10, first = 0)
        *--p = (char)('0' + v % 10);
    p -= sizeof name - 1;
    memcpy(p, name, sizeof name - 1);
    return (struct str){p, (size_t)(end - p)};
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
